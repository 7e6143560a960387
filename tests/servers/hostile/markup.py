"""Text that would do something in a chat: mentions, links under false names, markup, invisibles."""

from __future__ import annotations

from html import escape

from tests.servers.hostile.case import CALM, Case, Expect, in_turn, rss

EVIL = "https://evil.example/"

SIGNS = (
    "@everyone @here",
    "<@1040000000000000002> <@!1> <@&1> <#1>",
    "</ban all:1> <t:1:R> <:a:1> <id:guide>",
    "<!channel> <!here|here> <!everyone>",
    "<@U01ABC> <#C01ABC|news> <!subteam^S01|desk>",
    "<!date^1^{date}^https://evil.example/|now>",
    f"[{EVIL}]({EVIL}) ](https://evil.example/)",
    f"<{EVIL}|https://wire.example/>",
    "https://evil.example discord.gg/evil evil@evil.example",
    "**b** __u__ ~~s~~ ||spoiler|| `code` ```fence```",
    "*b* _i_ ~s~ :wave: &amp;lt;!channel&amp;gt;",
    "&lt;!channel&gt; &amp;lt;@U01ABC&amp;gt;",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "<a href='javascript:alert(1)'>read</a>",
    "\u202egnp.exe\u2066 \u200b\u200c\u2060\ufeff",
    "Z\u0351\u036b\u0343\u036a\u0302\u036b\u033d\u034f\u0334\u0319\u0324\u031ealgo",
    "\U000e0041\U000e0042 \u3164 \x1b[31mred",
    "# one\n## two\n> three\n- four\n1. five\n-# six",
    "%3C!channel%3E \\<@1\\> \\u003c!here\\u003e",
)

LINKS = (
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    " \tjava\nscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "file:///etc/passwd",
    "slack://channel?id=C1",
    "https://evil.example/)**[x](https://evil.example",
    "https://evil.example/|https://wire.example/",
    "https://evil.example/><!channel>",
    "https://evil.example/\u202e\u200b",
    "https://user:secret@evil.example/",
    "//evil.example/x",
    "https://evil.example/" + "(" * 3000,
)


def _item(number: int, sign: str, link: str) -> str:
    """News with ``sign`` in every text of it."""
    said = escape(sign)
    names = f"Huawei and AT&amp;amp;T drop plan {number} {said} for phone P{number}{number}"
    return (
        f"<item><guid isPermaLink='false'>{number} {said}</guid><title>{names}</title>"
        f"<link>{escape(link)}</link><author>{said}</author><category>{said}</category>"
        f"<comments>{escape(link)}</comments><enclosure url='{escape(link)}' type='{said}'/>"
        f"<source url='https://outlet{number}.example/'>{said} Wire</source>"
        f"<dc:creator>{said}</dc:creator><description>{names}. {said}</description>"
        f"<content:encoded><![CDATA[<p>{said}</p><p><a href='{escape(link)}'>{said}</a></p>]]>"
        "</content:encoded></item>"
    ).translate({code: None for code in range(32) if code not in (9, 10, 13)})


def _document(*items: str) -> str:
    spaces = (
        "xmlns:dc='http://purl.org/dc/elements/1.1/' "
        "xmlns:content='http://purl.org/rss/1.0/modules/content/'"
    )
    whole = rss(*items, top=f"<description>{escape(SIGNS[0])}</description>")
    return whole.replace("<rss ", f"<rss {spaces} ").replace(
        "Hostile Wire", escape("".join(SIGNS[:6])), 1
    )


ALL = [
    *(_item(n, sign, "https://wire.example/1") for n, sign in enumerate(SIGNS)),
    *(_item(100 + n, "x", link) for n, link in enumerate(LINKS)),
]

CASES = (
    Case(
        name="markup",
        does="mentions, markup and invisible signs for Discord and Slack in every text",
        serve=in_turn(_document(CALM), _document(*ALL[: len(SIGNS)], CALM)),
        expect=Expect(entries=len(SIGNS) + 1, posts=len(SIGNS)),
        polls=2,
    ),
    Case(
        name="links",
        does="javascript:, data:, file: and forged links in every place for one",
        serve=in_turn(_document(CALM), _document(*ALL[len(SIGNS) :], CALM)),
        expect=Expect(entries=len(LINKS) + 1, posts=len(LINKS)),
        polls=2,
    ),
)
