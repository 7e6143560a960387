"""Which feeds are polled, and changing that."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from bot.errors import InputInvalid
from bot.model import Feed, FeedOrigin, FeedSpec
from bot.ports import FeedStore


@dataclass(frozen=True, slots=True)
class Added:
    """What adding feeds did: those that are new, and those polled already."""

    new: tuple[Feed, ...]
    known: tuple[Feed, ...]


async def add_feeds(store: FeedStore, specs: Iterable[FeedSpec], *, now: datetime) -> Added:
    """Have every one of ``specs`` polled from now on, until somebody removes it.

    Raises:
        InputInvalid: an address cannot be a feed's; none of them is added then.
    """
    wanted = tuple(specs)
    for spec in wanted:
        check_address(spec.url)
    new: list[Feed] = []
    known: list[Feed] = []
    for spec in wanted:
        feed, is_new = await store.add_feed(spec, origin=FeedOrigin.ADDED, now=now)
        (new if is_new else known).append(feed)
    return Added(tuple(new), tuple(known))


async def remove_feed(store: FeedStore, url: str) -> None:
    """Stop polling ``url``; what it brought so far is kept.

    Raises:
        InputInvalid: no feed is polled there; the nearest address is suggested.
    """
    if await store.remove_feed(url):
        return
    polled = [feed.url for feed in await store.find_feeds()]
    near = difflib.get_close_matches(url, polled, n=1, cutoff=0.6)
    hint = f" Did you mean {near[0]}?" if near else ""
    raise InputInvalid(f"No feed is polled at {url}.{hint} `newsbot feeds list` shows them all.")


def check_address(url: str) -> None:
    """Refuse what can never be polled, before it is stored.

    Where the address leads is settled at each fetch by the address guard.

    Raises:
        InputInvalid: not http or https, no host, credentials or spaces in it.
    """
    if "@" in url.partition("//")[2].partition("/")[0]:
        raise InputInvalid(
            "An address with a user name or password in it is refused, "
            "since addresses appear in lists and logs."
        )
    if any(sign.isspace() or not sign.isprintable() for sign in url):
        raise InputInvalid(f"{url!r} holds a space or a control character; an address has none")
    try:
        parts = urlsplit(url)
        host = parts.hostname
        _ = parts.port
    except ValueError as error:
        raise InputInvalid(f"{url}: not an address ({error})") from None
    if parts.scheme not in {"http", "https"} or not host:
        raise InputInvalid(f"{url}: a feed's address starts with http:// or https:// and a host")
