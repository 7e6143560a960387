"""Which feeds are polled, and changing that."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from bot.commands.command import Call
from bot.commands.grammar import advise
from bot.errors import InputInvalid
from bot.model import Feed, FeedOrigin, FeedSpec, Platform
from bot.ports import FeedStore

_HOST_ENDS = re.compile(r"[/?#]")


@dataclass(frozen=True, slots=True)
class Added:
    """What adding feeds did: those that are new, and those polled already."""

    new: tuple[Feed, ...]
    known: tuple[Feed, ...]


async def add_feeds(
    store: FeedStore,
    specs: Iterable[FeedSpec],
    *,
    now: datetime,
    added_by: str = "",
    added_person: str = "",
) -> Added:
    """Have every one of ``specs`` polled from now on, until somebody removes it.

    Args:
        added_by: "platform/workspace" of the people who ask, "" for the operator.
        added_person: the platform's id of who asks, and will be told when a feed breaks.

    Raises:
        InputInvalid: an address cannot be a feed's; none of them is added then.
    """
    wanted = tuple(specs)
    for spec in wanted:
        check_address(spec.url)
    new: list[Feed] = []
    known: list[Feed] = []
    for spec in wanted:
        feed, is_new = await store.add_feed(
            spec,
            origin=FeedOrigin.ADDED,
            now=now,
            added_by=added_by,
            added_person=added_person,
        )
        (new if is_new else known).append(feed)
    return Added(tuple(new), tuple(known))


async def add_feeds_for(call: Call, specs: Iterable[FeedSpec]) -> Added:
    """The same for the people of a chat; who asked is told when one of them breaks.

    Raises:
        InputInvalid: as ``add_feeds``.
    """
    return await add_feeds(
        call.office.store,
        specs,
        now=call.now,
        added_by=owner_of(call),
        added_person=call.user if owner_of(call) else "",
    )


async def remove_feed(store: FeedStore, said: str) -> Feed | None:
    """Stop polling the feed that ``said`` names by "#12", "12" or address; what it brought is kept.

    Returns:
        The feed; None where the address is the one that it had before it moved.

    Raises:
        InputInvalid: no feed is polled there; the nearest address is suggested.
    """
    feeds = await store.find_feeds()
    number = said.removeprefix("#")  # to a shell "#12" is a comment, unless it is quoted
    feed = next((one for one in feeds if said == one.url or number == str(one.id)), None)
    if await store.remove_feed(feed.url if feed else said):
        return feed
    raise unknown_feed(said, feeds, platform=None)


def find_feed(said: str, feeds: Sequence[Feed], *, platform: Platform | None) -> Feed:
    """The feed that ``said`` names: by its number ("#12"), its address, or its title.

    Args:
        platform: where the question came from, for the advice.

    Raises:
        InputInvalid: none of ``feeds`` is meant; the nearest address is suggested.
    """
    wanted = said.strip().removeprefix("<").removesuffix(">").strip()
    number = wanted.removeprefix("#")
    by_number = [feed for feed in feeds if number.isdecimal() and number == str(feed.id)]
    by_address = [feed for feed in feeds if feed.url == wanted]
    by_title = [feed for feed in feeds if feed.spec.title.casefold() == wanted.casefold() != ""]
    found = by_number or by_address or by_title
    if len(found) == 1:
        return found[0]
    if found:
        numbers = " or ".join(f"#{feed.id}" for feed in found[:5])
        raise InputInvalid(f"{len(found)} feeds are called “{wanted}”; name one as {numbers}.")
    raise unknown_feed(wanted, feeds, platform=platform)


def unknown_feed(url: str, feeds: Iterable[Feed], *, platform: Platform | None) -> InputInvalid:
    """The error for an address that is not polled."""
    polled = {feed.url: feed for feed in feeds}
    near = difflib.get_close_matches(url, polled, n=1, cutoff=0.6)
    is_open = platform in {None, Platform.CONSOLE}
    meant = [url if is_open else f"#{polled[url].id} {shown_address(polled[url])}" for url in near]
    hint = f" Did you mean {meant[0]}?" if meant else ""
    return InputInvalid(f"No feed is polled at {url}.{hint} {advise(platform).feeds}")


def shown_address(feed: Feed, *, workspace: str | None = None) -> str:
    """The feed's address for people, without its query, which may be somebody's secret.

    Args:
        workspace: "platform/workspace" of who sees it; all of it is shown to those who added it.
    """
    address, mark, _ = feed.url.partition("?")
    return feed.url if not mark or feed.added_by == workspace else f"{address}?…"


def owner_of(call: Call) -> str:
    """The workspace of a call as ``Feed.added_by`` has it; "" at the operator's console."""
    if call.place.platform is Platform.CONSOLE:
        return ""
    return f"{call.place.platform}/{call.place.workspace}"


def check_address(url: str) -> None:
    """Refuse what can never be polled, before it is stored.

    Where the address leads is settled at each fetch by the address guard.

    Raises:
        InputInvalid: not http or https, no host, credentials or spaces in it.
    """
    if "@" in _HOST_ENDS.split(url.partition("//")[2], maxsplit=1)[0]:
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
