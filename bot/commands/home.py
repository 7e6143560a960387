"""What a workspace has, on one page: channels, companies, feeds, stories, changes, with buttons.

For platforms that have a page of the bot's own. It shows what whoever looks may see; what there
is more of is counted, and a command named that shows it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator

from bot.commands.answer import Answer, Choice, Choices, Facts, Heading, Hint, Line, Lines, Part
from bot.commands.answer import Stories as StoryList
from bot.commands.changes import tell_change
from bot.commands.command import Call, Need
from bot.commands.recent import find_recent
from bot.commands.watchanswers import tell_rules
from bot.commands.watchforms import digest_of
from bot.commands.wording import channel_of, count, join, list_state, tell_wishes
from bot.matching import MAX_WATCHES, Watchers
from bot.model import AuditRecord, Catalogue, Destination, Rhythm, Subscription, Watch
from bot.model.timing import find_due

MAX_CHANNELS = 12
"""Channels with their buttons."""

MAX_WATCHED = 10
"""Companies with theirs, five in a row."""

MAX_STORIES = 5
MAX_CHANGES = 5

LOOKED_AT = 50
"""Changes that are looked through for those that whoever looks may see."""

Sees = Callable[[Destination], Awaitable[bool]]
"""Whether whoever looks may know of a place."""

_IN_ROW = 5
_LABEL = 40  # characters on a button, see ``Choice``


async def make_home(call: Call, sees: Sees, *, managers: Line = "") -> Answer:
    """The page for whoever makes the call; its buttons are what they may do.

    Args:
        managers: who may change things here, in words, or "".
    """
    place, store = call.place, call.office.store
    watches = await store.find_watches()
    watchers = Watchers(call.office.catalogue, watches)
    catalogue = watchers.catalogue_of(place.platform, place.workspace)
    own = [one for one in watches if (one.platform, one.workspace) == _whose(place)]
    wanted = await store.find_subscriptions(place.platform, place.workspace)
    seen = [one for one in wanted if await sees(one.destination)]
    parts: list[Part] = [
        *_list_channels(call, seen, len(wanted) - len(seen), catalogue),
        *_list_companies(call, own),
        *await _tell_feeds(call),
        *await _list_stories(call),
        *_tell_managers(managers),
        *_list_changes(await _find_changes(call, sees)),
        Hint("/news help", "shows everything that I can do"),
    ]
    return Answer("What this workspace has", tuple(parts))


def _list_channels(
    call: Call, seen: list[Subscription], hidden: int, catalogue: Catalogue
) -> Iterator[Part]:
    may = Need.CHANNELS in call.may
    yield Heading("Channels that get news")
    yield Lines((_count_channels(len(seen), hidden),))
    for one in seen[:MAX_CHANNELS]:
        lines = (
            join(channel_of(one.destination), ": ", tell_wishes(one, catalogue)),
            *_list_state(call, one, catalogue),
        )
        yield Lines(lines)
        if may:
            yield Choices(tuple(_list_channel_choices(call, one)))
    if len(seen) > MAX_CHANNELS:
        yield Hint("/alerts list", f"shows the other {len(seen) - MAX_CHANNELS} too")
    if may:
        yield Choices((Choice("form", "alerts.subscribe", "Subscribe a channel"),))


def _count_channels(seen: int, hidden: int) -> str:
    if not seen + hidden:
        return "None yet. Choose a channel, and I post each new story there once."
    if not hidden:
        return f"{count(seen, 'channel')}."
    return f"{count(seen + hidden, 'channel')}; {hidden} of them you are not in."


def _list_state(call: Call, one: Subscription, catalogue: Catalogue) -> Iterator[Line]:
    """What keeps posts away, mutes counted; else when the next gathered post comes."""
    state = [
        line
        for line in list_state(one, catalogue, call.now)
        if not str(line if isinstance(line, str) else line[0]).startswith("Muted")
    ]
    yield from state
    if not state and one.rhythm is not Rhythm.LIVE:
        yield ("Next post, if there is news: ", find_due(one, now=call.now).at)
    if mutes := sum(mute.holds(call.now) for mute in one.mutes):
        yield f"{count(mutes, 'mute')}; /alerts settings shows them."


def _list_channel_choices(call: Call, one: Subscription) -> Iterator[Choice]:
    place = one.destination
    subject = f"{place.channel}/{place.thread}" if place.thread else place.channel
    is_held = bool(one.parked) or (one.paused_until or call.now) > call.now
    yield Choice("form", f"alerts.settings.{subject}", "Settings")
    if is_held:
        yield Choice("alerts-resume", subject, "Resume")
    else:
        yield Choice("alerts-pause", subject, "Pause")
    yield Choice("alerts-end", subject, "Unsubscribe", is_risky=True)


def _list_companies(call: Call, own: list[Watch]) -> Iterator[Part]:
    if own:
        yield Heading(f"Companies watched here: {len(own)} of {MAX_WATCHES}")
        yield Facts(tuple((one.name, tell_rules(one)) for one in own[:MAX_WATCHED]))
    else:
        yield Heading("Companies watched here: those that everybody gets")
    more = len(own) - MAX_WATCHED
    if more > 0:
        yield Hint("/watch list", f"shows the other {more} too")
    if Need.CHANNELS not in call.may:
        return
    for start in range(0, min(len(own), MAX_WATCHED), _IN_ROW):
        row = own[start : min(start + _IN_ROW, MAX_WATCHED)]
        yield Choices(tuple(_offer_removal(one) for one in row))
    forms = [Choice("form", "watch.add", "Watch a company")]
    if own:
        forms.append(Choice("form", "watch.edit", "Change one"))
    if more > 0:
        forms.append(Choice("form", "watch.remove", "Remove another"))
    yield Choices(tuple(forms))


def _offer_removal(watch: Watch) -> Choice:
    label = f"Remove {watch.name}"
    label = label if len(label) <= _LABEL else f"{label[: _LABEL - 1]}…"
    return Choice("watch-remove", digest_of(watch.name), label, is_risky=True)


async def _tell_feeds(call: Call) -> list[Part]:
    feeds = await call.office.store.find_feeds()
    failing = sum(feed.failures > 0 for feed in feeds)
    said = f"{failing} of them cannot be read just now." if failing else "All of them are fine."
    parts: list[Part] = [Heading(f"Feeds that are read: {len(feeds)}")]
    parts.append(Lines((said if feeds else "No feed is read, so there can be no news.",)))
    if failing and Need.SERVER in call.may:
        parts.append(Hint("/feeds health", "says which and why"))
    if Need.SERVER in call.may and call.office.is_feeds_open and call.office.finder:
        parts.append(Choices((Choice("form", "feeds.add", "Add a feed"),)))
    return parts


async def _list_stories(call: Call) -> list[Part]:
    found = await find_recent(
        call.office.store,
        call.office.catalogue,
        limit=MAX_STORIES,
        platform=call.place.platform,
        workspace=call.place.workspace,
        now=call.now,
    )
    if not found.messages:
        return [Heading("No story in the last 7 days")]
    more = Hint("/news recent", "shows more")
    return [Heading("Recent stories"), StoryList(found.messages), more]


def _tell_managers(managers: Line) -> Iterator[Part]:
    if managers:
        yield Heading("Who may change all this")
        yield Lines((managers,))


async def _find_changes(call: Call, sees: Sees) -> list[AuditRecord]:
    """The latest changes that whoever looks may know of."""
    if Need.CHANNELS not in call.may:
        return []
    place = call.place
    found = await call.office.store.find_audit(place.platform, place.workspace, limit=LOOKED_AT)
    seen: list[AuditRecord] = []
    for one in found:
        if len(seen) < MAX_CHANGES and await _is_seen(one, sees):
            seen.append(one)
    return seen


async def _is_seen(record: AuditRecord, sees: Sees) -> bool:
    """Whether both where it was done and what it names may be known."""
    places = [record.place] if record.place.channel else []
    places += [_place_of(record, said) for said in _find_channels(record.said)]
    for place in places:
        if not await sees(place):
            return False
    return True


def _find_channels(said: str) -> Iterable[str]:
    return (word.removeprefix("channel:") for word in said.split() if word.startswith("channel:"))


def _place_of(record: AuditRecord, said: str) -> Destination:
    channel, _, thread = said.partition("/")
    place = record.place
    return Destination(place.platform, place.workspace, channel, thread)


def _list_changes(changes: list[AuditRecord]) -> Iterator[Part]:
    if changes:
        yield Heading("Latest changes")
        yield Lines(tuple(map(tell_change, changes)))
        yield Hint("/alerts list changes:yes", "shows more")


def _whose(place: Destination) -> tuple[object, str]:
    return place.platform, place.workspace
