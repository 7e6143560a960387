"""What a workspace has, on one page: channels, companies, feeds, stories, changes, with buttons.

For platforms that have a page of the bot's own. It shows what whoever looks may see; what there
is more of is counted, and a command named that shows it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from bot.commands.answer import Answer, Choice, Choices, Facts, Heading, Hint, Line, Lines, Part
from bot.commands.answer import Stories as StoryList
from bot.commands.changes import Sees, find_changes, tell_change
from bot.commands.command import Call, Need
from bot.commands.recent import find_recent
from bot.commands.watchanswers import tell_rules, warn_of_removal
from bot.commands.watchforms import digest_of
from bot.commands.wording import channel_of, count, join, list_state, tell_muted, tell_wishes
from bot.matching import MAX_WATCHES, Watchers
from bot.model import AuditRecord, Catalogue, Destination, Rhythm, Subscription, Watch
from bot.model.timing import find_due

MAX_CHANNELS = 12
"""Channels with their buttons."""

MAX_WATCHED = 10
"""Companies with theirs, five in a row."""

MAX_STORIES = 5
MAX_CHANGES = 5

_IN_ROW = 5
_LABEL = 40  # characters on a button, see ``Choice``


async def make_home(
    call: Call,
    sees: Sees,
    *,
    managers: Line = "",
    name_of: Callable[[Destination], str] = lambda _: "",
) -> Answer:
    """The page for whoever makes the call; its buttons are what they may do.

    Args:
        sees: whether a channel is shown; of the others those are counted of which the call's
            person may know.
        name_of: the name of a channel that ``sees`` was asked about, or "".
        managers: who may change things here, in words, or "".
    """
    place, store = call.place, call.office.store
    watches = await store.find_watches()
    watchers = Watchers(call.office.catalogue, watches)
    catalogue = watchers.catalogue_of(place.platform, place.workspace)
    own = [one for one in watches if (one.platform, one.workspace) == _whose(place)]
    wanted = await store.find_subscriptions(place.platform, place.workspace)
    seen, counted = [], 0
    for one in wanted:
        if await sees(one.destination):
            seen.append(one)
        else:
            counted += await call.can_see(one.destination)
    has_changes = Need.CHANNELS in call.may
    changes = await find_changes(call, sees, limit=MAX_CHANGES) if has_changes else []
    parts: list[Part] = [
        *_list_channels(call, seen, counted, catalogue, name_of),
        *_list_companies(call, own),
        *await _tell_feeds(call),
        *await _list_stories(call),
        *_tell_managers(managers),
        *_list_changes(changes),
        Hint("/news help", "shows everything that I can do"),
    ]
    return Answer("What this workspace has", tuple(parts))


def _list_channels(
    call: Call,
    seen: list[Subscription],
    counted: int,
    catalogue: Catalogue,
    name_of: Callable[[Destination], str],
) -> Iterator[Part]:
    may = Need.CHANNELS in call.may
    yield Heading("Channels that get news")
    yield Lines((_count_channels(len(seen), counted),))
    for one in seen[:MAX_CHANNELS]:
        lines = (
            join(channel_of(one.destination), ": ", tell_wishes(one, catalogue)),
            *_list_state(call, one, catalogue),
        )
        yield Lines(lines)
        if may:
            yield Choices(tuple(_list_channel_choices(call, one, name_of(one.destination))))
    if len(seen) > MAX_CHANNELS:
        yield Hint("/alerts list", f"shows the other {len(seen) - MAX_CHANNELS} too")
    if may:
        yield Choices((Choice("form", "alerts.subscribe", "Subscribe a channel"),))


def _count_channels(seen: int, counted: int) -> str:
    if not seen + counted:
        return "None yet. Choose a channel, and I post each new story there once."
    if not counted:
        return f"{count(seen, 'channel')}."
    return f"{count(seen + counted, 'channel')}; {counted} of them you are not in."


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
        yield tell_muted(mutes)


def _list_channel_choices(call: Call, one: Subscription, name: str) -> Iterator[Choice]:
    place = one.destination
    subject = f"{place.channel}/{place.thread}" if place.thread else place.channel
    is_held = bool(one.parked) or (one.paused_until or call.now) > call.now
    yield Choice("form", f"alerts.settings.{subject}", "Settings")
    if is_held:
        yield Choice("alerts-resume", subject, "Resume")
    else:
        yield Choice("alerts-pause", subject, "Pause")
    called = f"#{name}" if name else "this channel"
    called = f"a thread in {called}" if place.thread else called
    warning = f"Unsubscribe {called}? Its settings and mutes are forgotten."
    yield Choice("alerts-end", subject, "Unsubscribe", is_risky=True, warning=warning)


def _list_companies(call: Call, own: list[Watch]) -> Iterator[Part]:
    if own:
        yield Heading(f"Companies watched here: {len(own)} of {MAX_WATCHES}")
        yield Facts(tuple((one.name, tell_rules(one)) for one in own[:MAX_WATCHED]))
    else:
        yield Heading("Companies watched here: those that everybody gets")
    more = len(own) - MAX_WATCHED
    if more > 0:
        yield Hint("/watch list", f"shows the other {more} too")
    if Need.SERVER not in call.may:  # they are everybody's, wherever they were added
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
    return Choice(
        "watch-remove",
        digest_of(watch.name),
        label,
        is_risky=True,
        warning=warn_of_removal(watch.name),
    )


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


def _list_changes(changes: list[AuditRecord]) -> Iterator[Part]:
    if changes:
        yield Heading("Latest changes")
        yield Lines(tuple(map(tell_change, changes)))
        yield Hint("/alerts list changes:yes", "shows more")


def _whose(place: Destination) -> tuple[object, str]:
    return place.platform, place.workspace
