"""HTML pages as news sites build them, written for these tests."""

from __future__ import annotations

import json
from html import escape

PARAGRAPHS = (
    (
        "Meridian Mobile has walked away from a plan to sell Huawei's next phone in its shops, "
        "two people who were told of the decision said on Monday."
    ),
    (
        "The carrier gave no reason. Huawei had meant to announce the deal at a trade fair in "
        "Las Vegas on the following day, the people said."
    ),
    (
        "Huawei is the third-largest maker of phones by shipments, but sells few of them in the "
        "United States, where most are bought from carriers."
    ),
)
ARTICLE = "\n\n".join(PARAGRAPHS)


def page(
    *paragraphs: str, head: str = "", before: str = "", after: str = "", title: str = "Plan dropped"
) -> str:
    """A page with menu, headline, teasers, comments and footer around its ``paragraphs``.

    ``before`` and ``after`` are HTML that stands inside the article around them.
    """
    told = "".join(f"<p>{escape(text)}</p>" for text in paragraphs or PARAGRAPHS)
    return f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{escape(title)} - Example Wire</title>{head}
</head><body>
<header><nav><ul><li><a href="/">Home</a></li><li><a href="/phones">Phones</a></li></ul></nav>
</header>
<main><article><h1>{escape(title)}</h1><p class="byline">By <a href="/jane">Jane Doe</a></p>
{before}{told}{after}
</article>
<aside class="related"><h3>Related</h3><ul><li><a href="/1">Ten phones under two hundred</a></li>
<li><a href="/2">How to choose a plan that fits you and all your family</a></li></ul></aside>
<section class="comments" id="comments"><h3>Comments</h3><p>I never liked that carrier.</p>
</section></main>
<footer>Copyright Example Wire. All rights reserved. <a href="/terms">Terms</a></footer>
</body></html>"""


def json_ld(**said: object) -> str:
    """A script that tells search engines what the page is."""
    text = json.dumps({"@context": "https://schema.org", **said})
    return f'<script type="application/ld+json">{text}</script>'
