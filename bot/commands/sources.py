"""``/feeds add`` and ``/feeds remove``: what is read, as far as the people of a chat decide it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from bot.commands.answer import Answer, Facts, Heading, Hint, Lines, Part, Tone, refuse
from bot.commands.command import Call
from bot.commands.feeds import add_feeds_for, find_feed, owner_of, shown_address
from bot.commands.troubles import tell_trouble
from bot.commands.wording import name_workspace
from bot.errors import AddressRefused, FeedError, InputInvalid
from bot.model import Feed, FeedOrigin, FeedSpec, Platform
from bot.ports import FoundFeed

MAX_ADDED = 500
"""Feeds that one workspace can have added."""

MAX_TITLE = 100
"""Characters of a title that people give."""

HISTORY = (
    "Its first reading is history: what it lists now can be searched and is not posted; "
    "what it brings from then on is."
)

TOLD = "If it breaks or falls silent, I tell you."

_ADDRESS = re.compile(r"https?://|^www\.", re.IGNORECASE)

_CLOSED = refuse(
    "Feeds cannot be changed from a chat here. Ask whoever runs the bot: the settings can allow "
    "it, and newsbot feeds add does the same at the console."
)


async def add(call: Call) -> Answer:
    """``/feeds add``: the feed at an address, or that of the page there.

    Raises:
        InputInvalid: it is no address, there is no feed, or the title is another address.
    """
    if closed := find_closed_or_none(call):
        return closed
    if _ADDRESS.search(call.text("title")):
        raise InputInvalid("title: that is an address. Add one feed at a time, or give it a name.")
    store, address = call.office.store, call.text("address").removeprefix("<").removesuffix(">")
    if known := [feed for feed in await store.find_feeds() if feed.url == address]:
        return _tell_known(call, known[0])
    await check_room(call, 1)
    found = await _look(call, address)
    if isinstance(found, Answer):
        return found
    if len(found) > 1:
        return _tell_several(found)
    (feed,) = found
    title = call.text("title")[:MAX_TITLE]
    spec = replace(feed.spec, title=title) if title else feed.spec
    added = await add_feeds_for(call, [spec])
    return _tell_added(added.new[0], feed) if added.new else _tell_known(call, added.known[0])


async def _look(call: Call, address: str) -> tuple[FoundFeed, ...] | Answer:
    """The feeds at ``address``, or the refusal where its server is at fault.

    Raises:
        InputInvalid: as ``add``.
    """
    if call.office.finder is None:
        return _CLOSED
    try:
        return await call.office.finder.find_feeds(address)
    except AddressRefused as error:
        return refuse(
            f"{_reason(error)}. I only read feeds at public addresses. Whoever runs the bot "
            "can add others."
        )
    except FeedError as error:
        return refuse(f"{_reason(error)}. Nothing was added; check the address and try again.")


async def remove(call: Call) -> Answer:
    """``/feeds remove``: a feed that the same workspace added.

    Raises:
        InputInvalid: no feed goes by that name.
    """
    if closed := find_closed_or_none(call):
        return closed
    store, platform = call.office.store, call.place.platform
    feed = find_feed(call.text("feed"), await store.find_feeds(), platform=platform)
    address = shown_address(feed, workspace=owner_of(call))
    is_operator = call.place.platform is Platform.CONSOLE
    if feed.added_by != owner_of(call) and not is_operator:
        there = name_workspace(call.place.platform)
        who = f"The people of another {there}" if feed.added_by else "Whoever runs the bot"
        them = "they" if feed.added_by else "that person"
        return refuse(
            f"{who} added {feed.spec.title or address}, and only {them} can remove it.",
            Hint("/alerts mute", "keeps the stories of an outlet out of a channel"),
        )
    await store.remove_feed(feed.url)
    said = ["The stories it brought are kept."]
    if feed.origin is FeedOrigin.CONFIGURED:
        said.append(
            "It came from the list that the bot was started with, and the next start with that "
            "list brings it back; take it out there as well."
        )
    return Answer(
        f"No longer read: {feed.spec.title or address}",
        (
            Lines(tuple(said)),
            Hint(f"/feeds add {address}", "brings it back"),
        ),
        tone=Tone.DONE,
    )


def find_closed_or_none(call: Call) -> Answer | None:
    """The refusal where feeds cannot be changed from a chat."""
    if call.office.is_feeds_open and call.office.finder is not None:
        return None
    return _CLOSED


async def check_room(call: Call, count: int) -> None:
    """Refuse what would be more than a workspace may have added.

    Raises:
        InputInvalid: there is no room for ``count`` more.
    """
    owner = owner_of(call)
    own = sum(feed.added_by == owner for feed in await call.office.store.find_feeds())
    if own + count > MAX_ADDED:
        raise InputInvalid(
            f"{own} feeds were added here, and {MAX_ADDED} is the most; /feeds remove makes room."
        )


def _tell_added(feed: Feed, found: FoundFeed) -> Answer:
    parts: list[Part] = [
        Facts(
            (
                ("Number", f"#{feed.id}"),
                ("Address", feed.url),
                ("Entries now", str(found.entries)),
            )
        )
    ]
    if found.titles:
        parts += [Heading("Newest"), Lines(found.titles)]
    parts += [Lines((HISTORY, TOLD)), Hint(f"/feeds health #{feed.id}", "shows how it is doing")]
    return Answer(f"Added: {feed.name}", tuple(parts), tone=Tone.DONE)


def _tell_several(found: Sequence[FoundFeed]) -> Answer:
    """The feeds of one page, to choose from."""
    parts: list[Part] = []
    for feed in found:
        entries = f"{feed.entries} {'entry' if feed.entries == 1 else 'entries'}"
        newest = f", newest: {feed.titles[0]}" if feed.titles else ""
        parts += [
            Heading(feed.spec.title or feed.spec.url),
            Lines((f"{entries}{newest}",)),
            Hint(f"/feeds add {feed.spec.url}", "adds this one"),
        ]
    return Answer(f"That page has {len(found)} feeds: which one?", tuple(parts))


def _tell_known(call: Call, feed: Feed) -> Answer:
    address = shown_address(feed, workspace=owner_of(call))
    state = f"It fails just now: {tell_trouble(feed)}." if feed.failures else "It is fine."
    return Answer(
        f"Read already: {feed.spec.title or address}",
        (Lines((state,)), Hint(f"/feeds health #{feed.id}", "shows how it is doing")),
        tone=Tone.CAUTION if feed.failures else Tone.PLAIN,
        changed_nothing=True,
    )


def find_refusal(call: Call, url: str) -> str:
    """Why ``add`` would refuse ``url`` without asking it, or ""."""
    if call.office.finder is None:
        return ""
    try:
        call.office.finder.check(url)
    except AddressRefused as error:
        return f"{_reason(error)}. I only read feeds at public addresses."
    return ""


def _reason(error: FeedError) -> str:
    """What went wrong; an error of a fetch says last that it is tried again, and this is not."""
    text = str(error)
    return (text.rpartition("; ")[0] or text).rstrip(".").replace(" (fetch.allow_addresses)", "")


def make_specs(specs: Sequence[FeedSpec]) -> tuple[FeedSpec, ...]:
    """Each with a title of at most ``MAX_TITLE`` characters, and no outlet of the operator's."""
    return tuple(FeedSpec(one.url, one.title[:MAX_TITLE], lang=one.lang) for one in specs)
