"""The hub that an answer's ``Link`` fields name, and the address under which it knows the feed.

Pure. Source: W3C WebSub §4 Discovery; RFC 8288 for the field.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import httpx

from bot.fetching.guard import MAX_URL_CHARS, PORTS
from bot.fetching.wire import Fields

MAX_FIELD_CHARS: Final = 8_000
"""Of all ``Link`` fields together; longer ones are not read, and the document may name its hub."""

_WANTED: Final = frozenset({"hub", "self"})


@dataclass(frozen=True, slots=True)
class HubLinks:
    """Absolute http or https addresses, or ""; whether they may be asked is judged later."""

    hub: str = ""
    topic: str = ""


_NONE: Final = HubLinks()


def find_hub(url: httpx.URL, headers: Fields) -> HubLinks:
    """The links with ``rel=hub`` and ``rel=self`` of an answer from ``url``.

    Of several hubs it is the last: a subscriber may choose any (§4). An address of more than
    ``MAX_URL_CHARS`` is taken for none.
    """
    written = headers.get("link", "")
    if "hub" not in written.lower() or len(written) > MAX_FIELD_CHARS:
        return _NONE
    targets: dict[str, str] = {}
    # httpx reads the field as browsers do, and offers that on an answer of its own only
    for link in httpx.Response(200, headers={"Link": written}).links.values():
        rels = next((value for name, value in link.items() if name and name.lower() == "rel"), "")
        targets |= dict.fromkeys(_WANTED.intersection(rels.lower().split()), link.get("url", ""))
    # only now, and once each: a stranger may write as many links and words as fit the field
    found = {rel: _absolute(url, target) for rel, target in targets.items()}
    return HubLinks(hub=found.get("hub", ""), topic=found.get("self", ""))


def _absolute(url: httpx.URL, target: str) -> str:
    try:
        absolute = url.join(target)
    except (httpx.InvalidURL, ValueError):
        return ""
    if absolute.scheme not in PORTS or not absolute.host or absolute.userinfo:
        return ""
    text = str(absolute.copy_with(fragment=None))
    return text if len(text) <= MAX_URL_CHARS else ""
