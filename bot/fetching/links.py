"""The hub that an answer's ``Link`` fields name, and the address under which it knows the feed.

Pure. Source: W3C WebSub §4 Discovery; RFC 8288 for the field.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import httpx

from bot.fetching.guard import PORTS
from bot.fetching.wire import Fields

MAX_CHARS: Final = 2_000
"""Of an address; a longer one is taken for none."""


@dataclass(frozen=True, slots=True)
class HubLinks:
    """Absolute http or https addresses, or ""; whether they may be asked is judged later."""

    hub: str = ""
    topic: str = ""


_NONE: Final = HubLinks()


def find_hub(url: httpx.URL, headers: Fields) -> HubLinks:
    """The links with ``rel=hub`` and ``rel=self`` of an answer from ``url``.

    Of several hubs it is the last: a subscriber may choose any (§4).
    """
    written = headers.get("link", "")
    if "hub" not in written.lower():
        return _NONE
    found = {}
    # httpx reads the field as browsers do, and offers that on an answer of its own only
    for link in httpx.Response(200, headers={"Link": written}).links.values():
        rels = next((value for name, value in link.items() if name and name.lower() == "rel"), "")
        for rel in rels.lower().split():
            found[rel] = _absolute(url, link.get("url", ""))
    return HubLinks(hub=found.get("hub", ""), topic=found.get("self", ""))


def _absolute(url: httpx.URL, target: str) -> str:
    try:
        absolute = url.join(target)
    except (httpx.InvalidURL, ValueError):
        return ""
    if absolute.scheme not in PORTS or not absolute.host or absolute.userinfo:
        return ""
    text = str(absolute.copy_with(fragment=None))
    return text if len(text) <= MAX_CHARS else ""
