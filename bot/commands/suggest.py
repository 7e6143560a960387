"""What fits what somebody has begun to type: companies, events, stories, feeds, time zones.

Asked on every key, so it reads little: what is watched here, and a page of stories at most.
"""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from zoneinfo import available_timezones

from bot.commands.channels import clean, find_channel
from bot.commands.command import Call, OptionKind
from bot.commands.eventwords import find_said_events
from bot.commands.feeds import owner_of, shown_address
from bot.commands.views import Asker
from bot.commands.wishes import parse_time_zone
from bot.commands.wording import name_mute
from bot.errors import InputInvalid
from bot.matching import Watchers, watch_key
from bot.model import Catalogue, Event, Message, MuteKind
from bot.ports import StoryQuery

MOST = 25
"""Suggestions that a platform shows (Discord: 25 choices)."""

LENGTH = 100
"""Characters of a label and of a value (Discord: 100 each)."""

RECENT = timedelta(days=30)
"""Stories of this age are suggested."""

SEARCHED = timedelta(days=14)
"""And of this age those that have certain words; every title of them is read for that."""

READ = 25
"""Recent stories that are read for the companies and outlets of the day."""

_COMMON_ZONES = (
    "UTC",
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Los_Angeles",
    "America/Sao_Paulo",
    "Europe/London",
    "Europe/Berlin",
    "Europe/Paris",
    "Europe/Madrid",
    "Asia/Shanghai",
    "Asia/Hong_Kong",
    "Asia/Taipei",
    "Asia/Singapore",
    "Asia/Tokyo",
    "Asia/Seoul",
    "Asia/Kolkata",
    "Asia/Dubai",
    "Australia/Sydney",
)
_LAST_PIECE = re.compile(r"(?P<kept>.*[,，、]\s*)?(?P<typed>[^,，、]*)", re.DOTALL)
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What is shown, and what is typed if it is chosen; at most ``LENGTH`` characters each."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class _Candidate:
    """Something to suggest.

    Attributes:
        words: by which it is found, whole or in part.
        further: other names; it is found by how they begin.
    """

    label: str
    value: str
    words: tuple[str, ...]
    further: tuple[str, ...] = ()


async def suggest(call: Call, kind: OptionKind, typed: str) -> tuple[Suggestion, ...]:
    """What fits ``typed``, the best first, at most ``MOST``; () for kinds without suggestions.

    What begins so goes before what has it inside, and that before what is only like it. With
    nothing typed, what people most likely want.
    """
    find = _FINDERS.get(kind)
    if find is None:
        return ()
    found = await find(call, typed[:LENGTH].strip() if kind not in _LISTS else typed[:300])
    return tuple(
        Suggestion(_cut(one.label), one.value)
        for one in found
        if one.label and 0 < len(one.value) <= LENGTH
    )[:MOST]


def rank(candidates: Iterable[_Candidate], typed: str) -> list[_Candidate]:
    """The candidates that fit ``typed``, in three ranks, each in the order given."""
    wanted = typed.strip().casefold()
    if not wanted:
        return list(candidates)
    begins: list[_Candidate] = []
    holds: list[_Candidate] = []
    others: dict[str, _Candidate] = {}
    for one in candidates:
        said = [word.casefold() for word in (*one.words, *one.further)]
        if any(word.startswith(wanted) for word in said):
            begins.append(one)
        elif any(wanted in word for word in said[: len(one.words)]):
            holds.append(one)
        else:
            others.update((word, one) for word in said)
    if begins or holds:
        return begins + holds
    near = difflib.get_close_matches(wanted, others, n=8, cutoff=0.75)
    return list({others[word].value: others[word] for word in near}.values())


async def _suggest_company(call: Call, typed: str) -> Sequence[_Candidate]:
    watchers, catalogue = await _know(call)
    return rank(_list_companies(catalogue, await _name_recent(call, watchers, typed)), typed)


async def _suggest_companies(call: Call, typed: str) -> Sequence[_Candidate]:
    kept, last = _split(typed)
    return _complete(kept, await _suggest_company(call, last))


async def _suggest_events(_: Call, typed: str) -> Sequence[_Candidate]:
    kept, last = _split(typed)
    events = [_Candidate(one.label, one.label, (one.label, *one.label.split())) for one in Event]
    said = [event.label for one in find_said_events(last.casefold()) for event in one.events]
    meant = [one for one in events if one.value in said]
    found = {one.value: one for one in [*meant, *rank(events, last)]}
    return _complete(kept, tuple(found.values()))


async def _suggest_story(call: Call, typed: str) -> Sequence[_Candidate]:
    if typed.startswith(("http://", "https://")):
        return ()
    if typed.startswith("#"):
        recent = await _find_recent(call, limit=READ)
        return rank(map(_make_story, recent), typed)
    words = tuple(dict.fromkeys(_WORD.findall(typed)))[:6]
    return [_make_story(one) for one in await _find_recent(call, words=words, limit=MOST)]


async def _suggest_subject(call: Call, typed: str) -> Sequence[_Candidate]:
    """Companies, outlets and stories; a few of each where nothing is typed."""
    _, catalogue = await _know(call)
    recent = await _find_recent(call, limit=READ)
    outlets = Counter(one.outlet for one in recent)
    companies = [
        _Candidate(f"{one.label} (company)", one.value, one.words, one.further)
        for one in _list_companies(catalogue, _count_names(recent))
    ]
    told = [_Candidate(f"{name} (outlet)", name, (name,)) for name, _ in outlets.most_common()]
    stories = [
        _Candidate(_cut(one.headline, LENGTH - 8) + " (story)", f"#{one.story_id}", _words_of(one))
        for one in recent
    ]
    if not typed:
        return [*companies[:10], *told[:5], *stories[:10]]
    return rank([*companies, *told, *stories], typed)


async def _suggest_muted(call: Call, typed: str) -> Sequence[_Candidate]:
    """What is muted in the channel that the call names, else where it was typed."""
    if call.is_direct:
        return ()
    channel = await find_channel(call)
    if channel.subscription is None:
        return ()
    found = []
    for mute in clean(channel.subscription, now=call.now).mutes:
        name = name_mute(mute, channel.catalogue)
        value, label = name, f"{name} ({mute.kind.value})"
        if mute.kind is MuteKind.STORY:
            story = await call.office.store.find_story_or_none(mute.subject)
            value = f"#{mute.subject}"
            label = f"{_cut(story.headline, LENGTH - 8)} (story)" if story else name
        found.append(_Candidate(label, value, (name, value, label)))
    return rank(found, typed)


async def _suggest_watch(call: Call, typed: str) -> Sequence[_Candidate]:
    place = (call.place.platform, call.place.workspace)
    watches = await call.office.store.find_watches()
    own = [one for one in watches if (one.platform, one.workspace) == place]
    names = sorted(own, key=lambda one: watch_key(one.name))
    return rank((_Candidate(w.name, w.name, (w.name,), w.aliases) for w in names), typed)


async def _suggest_feed(call: Call, typed: str) -> Sequence[_Candidate]:
    owner = owner_of(call)
    feeds = sorted(
        await call.office.store.find_feeds(),
        key=lambda feed: (feed.added_by != owner, not feed.failures, feed.name.casefold()),
    )
    found = []
    for feed in feeds:
        address = shown_address(feed, workspace=owner)
        number = f"#{feed.id}"
        is_whole = address == feed.url and len(address) <= LENGTH
        bare = address.partition("://")[2]
        title = feed.spec.title
        label = f"{title} · {bare}" if title else bare
        words = (title, bare, bare.removeprefix("www."), address, number)
        found.append(_Candidate(label, address if is_whole else number, words))
    return rank(found, typed)


async def _suggest_time_zone(_: Call, typed: str) -> Sequence[_Candidate]:
    zones = _list_zones()
    if not typed:
        return [_Candidate(zone, zone, (zone,)) for zone in _COMMON_ZONES]
    found = rank(zones.values(), typed.replace(" ", "_"))
    try:
        meant = zones.get(parse_time_zone(typed, zones))
    except InputInvalid:
        return found
    return [meant, *(one for one in found if one != meant)] if meant else found


_FINDERS: Mapping[OptionKind, Callable[[Call, str], Awaitable[Sequence[_Candidate]]]] = {
    OptionKind.COMPANY: _suggest_company,
    OptionKind.COMPANIES: _suggest_companies,
    OptionKind.EVENTS: _suggest_events,
    OptionKind.STORY: _suggest_story,
    OptionKind.SUBJECT: _suggest_subject,
    OptionKind.MUTED: _suggest_muted,
    OptionKind.WATCH: _suggest_watch,
    OptionKind.FEED: _suggest_feed,
    OptionKind.TIME_ZONE: _suggest_time_zone,
}
_LISTS = frozenset({OptionKind.COMPANIES, OptionKind.EVENTS})


def _split(typed: str) -> tuple[str, str]:
    """What is said already, up to its last comma, and what is being typed."""
    found = _LAST_PIECE.fullmatch(typed)
    if found is None:
        return "", typed.strip()
    return found["kept"] or "", found["typed"].strip()


def _complete(kept: str, found: Sequence[_Candidate]) -> Sequence[_Candidate]:
    """Each of ``found`` behind what is said already, without those that are said."""
    pieces = [piece.strip() for piece in re.split(r"[,，、]", kept) if piece.strip()]
    if not pieces:
        return found
    said = {piece.casefold() for piece in pieces}
    before = ", ".join(pieces)
    return [
        _Candidate(f"{before}, {one.label}", f"{before}, {one.value}", one.words)
        for one in found
        if one.value.casefold() not in said and len(before) + 2 + len(one.value) <= LENGTH
    ]


async def _know(call: Call) -> tuple[Watchers, Catalogue]:
    """Who watches what, and the catalogue as the call's place knows it."""
    watchers = Watchers(call.office.catalogue, await call.office.store.find_watches())
    return watchers, watchers.catalogue_of(call.place.platform, call.place.workspace)


async def _name_recent(call: Call, watchers: Watchers, typed: str) -> Counter[str]:
    """How often companies were named lately; only asked for where nothing is typed."""
    return Counter() if typed else _count_names(await _find_recent(call, watchers, limit=READ))


def _count_names(messages: Iterable[Message]) -> Counter[str]:
    return Counter(name for one in messages for name in (*one.makers, *one.carriers, *one.others))


def _list_companies(catalogue: Catalogue, named: Counter[str]) -> list[_Candidate]:
    """The companies, those named most first, then by name."""
    companies = sorted(
        catalogue.companies.values(), key=lambda one: (-named[one.name], one.name.casefold())
    )
    return [
        _Candidate(one.name, one.name, (one.name,), tuple(alias.text for alias in one.aliases))
        for one in companies
    ]


async def _find_recent(
    call: Call, watchers: Watchers | None = None, *, words: tuple[str, ...] = (), limit: int
) -> tuple[Message, ...]:
    """The newest stories that the call's place may see."""
    place = call.place
    watchers = watchers or (await _know(call))[0]
    query = StoryQuery(
        since=call.now - (SEARCHED if words else RECENT),
        words=words,
        limit=limit,
        watched=watchers.ids_of(place.platform, place.workspace),
    )
    asker = Asker(call.office.store, watchers, place.platform, place.workspace)
    return await asker.messages(await call.office.store.find_stories(query))


def _make_story(message: Message) -> _Candidate:
    return _Candidate(
        message.headline or f"#{message.story_id}", f"#{message.story_id}", _words_of(message)
    )


def _words_of(message: Message) -> tuple[str, ...]:
    return (message.headline, f"#{message.story_id}")


@lru_cache(maxsize=1)
def _list_zones() -> dict[str, _Candidate]:
    """The time zones of places people live in, the common ones first, then by name."""
    known = sorted(zone for zone in available_timezones() if "/" in zone or zone == "UTC")
    zones = [zone for zone in _COMMON_ZONES if zone in known]
    zones += [zone for zone in known if zone not in _COMMON_ZONES]
    return {
        zone: _Candidate(zone, zone, (zone.rpartition("/")[2], zone))
        for zone in zones
        if not zone.startswith(("Etc/", "SystemV/", "US/", "posix/", "right/"))
    }


def _cut(text: str, limit: int = LENGTH) -> str:
    """``text`` on one line of at most ``limit`` characters."""
    line = " ".join(text.split())
    return line if len(line) <= limit else f"{line[: limit - 1].rstrip()}…"
