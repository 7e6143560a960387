"""How people write what they want to hear and when: events, clocks, spans, companies.

Every reader here takes what a person typed and gives a value, or raises InputInvalid with the
option, what was read, and an example.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import time, timedelta
from functools import lru_cache

from bot.commands.eventwords import find_said_events
from bot.commands.grammar import find_company_or_none, find_near_names
from bot.commands.wording import event_names
from bot.errors import InputInvalid
from bot.model import Catalogue, Event, QuietHours

MAX_SPAN = timedelta(days=366)
"""What is meant to last longer is meant for good."""

_SHOWN = 60  # characters of what was typed that an error repeats
_NOTHING = frozenset({"none", "no", "nothing", "nobody", "off", "clear", "-", "无", "没有"})
_EVERYTHING = frozenset({"all", "any", "every", "everything", "全部", "所有"})
_COMMAS = re.compile(r"[,;、\n]+")
_JOINED = re.compile(r"\s+(?:and|or)\s+|\s*[&+/]\s*")

_CITIES: Mapping[str, str] = {
    "utc": "UTC", "gmt": "UTC", "z": "UTC", "zulu": "UTC",
    "et": "America/New_York", "est": "America/New_York", "edt": "America/New_York",
    "eastern": "America/New_York", "nyc": "America/New_York", "boston": "America/New_York",
    "washington": "America/New_York", "washington dc": "America/New_York",
    "miami": "America/New_York", "atlanta": "America/New_York",
    "philadelphia": "America/New_York",
    "ct": "America/Chicago", "cdt": "America/Chicago", "central": "America/Chicago",
    "dallas": "America/Chicago", "houston": "America/Chicago", "austin": "America/Chicago",
    "mt": "America/Denver", "mst": "America/Denver", "mdt": "America/Denver",
    "mountain": "America/Denver",
    "pt": "America/Los_Angeles", "pst": "America/Los_Angeles", "pdt": "America/Los_Angeles",
    "pacific": "America/Los_Angeles", "la": "America/Los_Angeles",
    "san francisco": "America/Los_Angeles", "san jose": "America/Los_Angeles",
    "seattle": "America/Los_Angeles", "bellevue": "America/Los_Angeles",
    "san diego": "America/Los_Angeles", "las vegas": "America/Los_Angeles",
    "ottawa": "America/Toronto", "montreal": "America/Toronto",
    "rio": "America/Sao_Paulo", "rio de janeiro": "America/Sao_Paulo",
    "uk": "Europe/London", "bst": "Europe/London", "manchester": "Europe/London",
    "edinburgh": "Europe/London", "cest": "Europe/Berlin", "munich": "Europe/Berlin",
    "münchen": "Europe/Berlin", "frankfurt": "Europe/Berlin", "hamburg": "Europe/Berlin",
    "cologne": "Europe/Berlin", "barcelona": "Europe/Madrid", "milan": "Europe/Rome",
    "geneva": "Europe/Zurich", "kyiv": "Europe/Kyiv",
    "china": "Asia/Shanghai", "beijing": "Asia/Shanghai", "peking": "Asia/Shanghai",
    "shenzhen": "Asia/Shanghai", "guangzhou": "Asia/Shanghai", "hangzhou": "Asia/Shanghai",
    "chengdu": "Asia/Shanghai", "北京": "Asia/Shanghai", "上海": "Asia/Shanghai",
    "深圳": "Asia/Shanghai", "广州": "Asia/Shanghai", "香港": "Asia/Hong_Kong",
    "台北": "Asia/Taipei", "东京": "Asia/Tokyo", "首尔": "Asia/Seoul",
    "新加坡": "Asia/Singapore", "osaka": "Asia/Tokyo", "jst": "Asia/Tokyo",
    "kst": "Asia/Seoul", "ist": "Asia/Kolkata", "india": "Asia/Kolkata",
    "mumbai": "Asia/Kolkata", "delhi": "Asia/Kolkata", "new delhi": "Asia/Kolkata",
    "bangalore": "Asia/Kolkata", "bengaluru": "Asia/Kolkata", "hanoi": "Asia/Bangkok",
}  # fmt: skip

_CLOCK = re.compile(
    r"(?P<hour>\d{1,2})?(?:\s*[:.h点时]\s*(?P<minute>\d{2})?分?)?\s*(?P<half>[ap]\.?m\.?)?"
    r"\s*(?:o'?clock|uhr|h)?",
    re.ASCII,
)
_BARE_CLOCK = re.compile(r"(?P<hour>\d{2})(?P<minute>\d{2})()", re.ASCII)
_BARE_MINUTE = re.compile(r"(?:0{0,2}\s*[:.])?\s*(\d{1,2})", re.ASCII)
_CLOCK_WORDS = {"noon": time(12), "midday": time(12), "midnight": time(0)}
_BETWEEN = re.compile(r"\s*(?:-|–|—|−|~|至|到|\bto\b|\buntil\b|\btill\b|\band\b)\s*")
_SPAN = re.compile(r"([0-9]{1,5})\s*([^\W\d_]+)")
_SPANS = {
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), timedelta(minutes=1)),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), timedelta(hours=1)),
    **dict.fromkeys(("d", "day", "days"), timedelta(days=1)),
    **dict.fromkeys(("w", "wk", "wks", "week", "weeks"), timedelta(weeks=1)),
    **dict.fromkeys(("mo", "month", "months"), timedelta(days=30)),
}
_SPANS_ZH = {
    "分": "m", "分钟": "m", "小时": "h", "个小时": "h", "天": "d", "日": "d",
    "周": "w", "星期": "w", "个月": "mo",
}  # fmt: skip
_OFFSET = re.compile(r"(?:utc|gmt)?\s*([+-])\s*(\d{1,2})(?::?00)?", re.ASCII)
_PAIRS = frozenset({"pair", "pairs", "组合"})


@dataclass(frozen=True, slots=True)
class Calling:
    """For which stories a role is called, as ``Ping`` has it."""

    is_for_pairs: bool = False
    events: tuple[Event, ...] = ()


def is_nothing(text: str) -> bool:
    """Whether ``text`` says that there shall be none."""
    return _plain(text) in _NOTHING


def parse_events(text: str, *, option: str = "events") -> tuple[Event, ...]:
    """The events that "deals, bans" names, in order; () for "all" and "none".

    Raises:
        InputInvalid: one of them is none.
    """
    said = _plain(text)
    if said in _NOTHING | _EVERYTHING:
        return ()
    return _read_events(_list_pieces(said), option)


def parse_calling(text: str, *, option: str = "mention_for") -> Calling | None:
    """What "all", "pairs", "deals, bans" or "pairs, deals" say; None for "none".

    Raises:
        InputInvalid: one of them is neither "pairs" nor an event.
    """
    said = _plain(text)
    if said in _NOTHING:
        return None
    if said in _EVERYTHING:
        return Calling()
    pieces = _list_pieces(said)
    others = [piece for piece in pieces if piece not in _PAIRS]
    is_for_pairs = len(others) < len(pieces)
    events = _read_events(others, option) if others or not pieces else ()
    return Calling(is_for_pairs, events)


def parse_clock(text: str, *, option: str = "at") -> time:
    """The time of day that "9", "09:00", "9:30 pm", "0930" or "noon" means; ":15" is 00:15.

    Raises:
        InputInvalid: it is no time of day.
    """
    said = _plain(text)
    if said in _CLOCK_WORDS:
        return _CLOCK_WORDS[said]
    found = _BARE_CLOCK.fullmatch(said) or _CLOCK.fullmatch(said)
    hour, minute, half = found.groups() if found else (None, None, None)
    if hour is None and minute is None:
        raise _unread(option, text, "a time of day", "9:00 or 9am")
    hours, minutes = int(hour or 0), int(minute or 0)
    if half and 1 <= hours <= 12:
        hours = hours % 12 + (12 if half.startswith("p") else 0)
    elif half:
        hours = 99
    if (hours, minutes) == (24, 0):
        hours = 0
    if hours > 23 or minutes > 59:
        raise _unread(option, text, "a time of day", "9:00 or 9am")
    return time(hours, minutes)


def parse_minute(text: str, *, option: str = "at") -> time:
    """When an hourly post comes: "15", ":15" and "0:15" are all 00:15.

    A whole clock, as in "9:30", stays as it is; its minute counts.

    Raises:
        InputInvalid: it is no minute of an hour.
    """
    said = _plain(text)
    if bare := _BARE_MINUTE.fullmatch(said):
        if int(bare[1]) <= 59:
            return time(0, int(bare[1]))
    else:
        with suppress(InputInvalid):
            return parse_clock(text, option=option)
    raise InputInvalid(
        f"{option}: I can't read {_shown(text)} as a minute of the hour. "
        "Write a minute from 0 to 59, as in 15."
    )


def parse_quiet(text: str, *, option: str = "quiet_hours") -> QuietHours | None:
    """The hours that "22:00-07:00", "22-7" or "10pm to 7am" mean; None for "none".

    Raises:
        InputInvalid: it is no stretch of a day.
    """
    if is_nothing(text):
        return None
    ends = [end for end in _BETWEEN.split(_plain(text).removeprefix("from ")) if end]
    if len(ends) != 2:
        raise _unread(option, text, "a stretch of the day", "22:00-07:00, or none")
    try:
        start, end = (parse_clock(one) for one in ends)
    except InputInvalid:
        raise _unread(option, text, "a stretch of the day", "22:00-07:00, or none") from None
    if start == end:
        raise InputInvalid(
            f"{option}: {_shown(text)} is the whole day; /alerts pause holds all posts back."
        )
    return QuietHours(start, end)


def parse_span(text: str, *, option: str = "for") -> timedelta:
    """How long "90m", "2h", "3 days", "1d 12h" or "2 weeks" last.

    Raises:
        InputInvalid: it is no span, is nothing, or is longer than ``MAX_SPAN``.
    """
    said = _plain(text).removeprefix("for ")
    rest = _SPAN.sub("", said).replace("and", "").strip(" ,")
    total = timedelta()
    for count, unit in _SPAN.findall(said):
        one = _SPANS.get(_SPANS_ZH.get(unit, unit))
        if one is None or rest:
            raise _unread(option, text, "a span of time", "90m, 2h, 3d or 1w")
        total = min(total + int(count) * one, 2 * MAX_SPAN)
    if rest or not total:
        raise _unread(option, text, "a span of time", "90m, 2h, 3d or 1w")
    if total > MAX_SPAN:
        raise InputInvalid(f"{option}: {_shown(text)} is over a year; leave it out for good.")
    return total


def parse_time_zone(text: str, zones: Iterable[str], *, option: str = "time_zone") -> str:
    """The name in ``zones`` that "europe/berlin", "Berlin", "ET" or "UTC+8" means.

    Args:
        zones: the IANA names that are known.

    Raises:
        InputInvalid: it is none; the nearest names are suggested.
    """
    known = frozenset(zones)
    if meant := find_time_zone_or_none(text, known):
        return meant
    hint = _did_you_mean(find_near_time_zones(text, known, near=0.7))
    raise _unread(option, text, "a time zone", "Europe/Berlin or Berlin", hint)


def find_near_time_zones(text: str, zones: frozenset[str], *, near: float = 0.8) -> tuple[str, ...]:
    """The zones whose names, or those of their cities, are spelled nearly like ``text``.

    Args:
        near: how much of it is the same at least, 0 to 1.
    """
    names, places = _spell_zones(zones)
    said = _plain(text).replace("_", " ")
    keys = {**{place: name for place, name in places.items() if len(place) > 3}, **names}
    found = difflib.get_close_matches(said[:_SHOWN], [*keys, *_CITIES], n=3, cutoff=near)
    return tuple(dict.fromkeys(keys.get(one) or _CITIES[one] for one in found))


def find_time_zone_or_none(text: str, zones: frozenset[str]) -> str | None:
    """The zone that ``text`` means, see ``parse_time_zone``; None where it means none."""
    names, places = _spell_zones(zones)
    said = _plain(text).replace("_", " ")
    if offset := _OFFSET.fullmatch(said):
        sign = "-" if offset[1] == "+" else "+"  # IANA counts them westwards
        said = f"etc/gmt{sign}{int(offset[2])}" if int(offset[2]) else "utc"
    meant = _CITIES.get(said)
    return meant if meant in zones else names.get(said) or places.get(said)


@lru_cache(maxsize=4)
def _spell_zones(zones: frozenset[str]) -> tuple[dict[str, str], dict[str, str]]:
    """The zones by their names, and by those of their cities."""
    names = {name.casefold().replace("_", " "): name for name in sorted(zones)}
    return names, {key.rpartition("/")[2]: name for key, name in names.items() if "/" in key}


def are_events(text: str) -> bool:
    """Whether ``text`` names kinds of events and nothing else; "all" and "none" are none."""
    pieces = _list_pieces(_plain(text))
    return bool(pieces) and all(map(_event_of, pieces))


def parse_companies(
    text: str, catalogue: Catalogue, *, option: str = "companies"
) -> tuple[str, ...]:
    """Ids of the companies that "Huawei, AT&T" names, in order; () for "all" and "none".

    Raises:
        InputInvalid: one is not known; the nearest names are suggested.
    """
    if _plain(text) in _NOTHING | _EVERYTHING:
        return ()
    found: list[str] = []
    for said in parse_names(text):
        known = find_company_or_none(said, catalogue)
        if known is None:
            hint = _did_you_mean(find_near_names(said, catalogue))
            raise InputInvalid(
                f"{option}: I don't know {_shown(said)}. {hint}"
                "/watch add makes any company known here."
            )
        found.append(known)
    if not found:
        raise _unread(option, text, "names of companies", "Huawei, AT&T")
    return tuple(dict.fromkeys(found))


def parse_names(text: str) -> tuple[str, ...]:
    """What stands between commas, with single spaces, nothing twice; () for "none"."""
    if is_nothing(text):
        return ()
    pieces = (" ".join(piece.split()) for piece in _COMMAS.split(text.replace("，", ",")))
    return tuple(dict.fromkeys(piece for piece in pieces if piece))


def _list_pieces(said: str) -> list[str]:
    """What stands between commas, and between "and"s where that is no event's own "or"."""
    pieces: list[str] = []
    for piece in _COMMAS.split(said):
        plain = piece.strip().removeprefix("and ").removeprefix("or ").strip()
        pieces += [plain] if _event_of(plain) else _split_words(plain)
    return [piece.strip() for piece in pieces if piece.strip()]


def _split_words(said: str) -> list[str]:
    """The events of "deals bans" or "deals and bans", one each; else what joins them is cut out."""
    found = list(find_said_events(said))
    ends = [0, *(one.end for one in found)]
    starts = [*(one.start for one in found), len(said)]
    between = [said[end:start] for end, start in zip(ends, starts, strict=True)]
    if found and not any(_JOINED.sub(" ", f" {one} ").strip() for one in between):
        return [said[one.start : one.end] for one in found]
    return _JOINED.split(said)


def _read_events(pieces: Sequence[str], option: str) -> tuple[Event, ...]:
    """The events of ``pieces``, each once.

    Raises:
        InputInvalid: one of them is none, or there are none.
    """
    if not pieces:
        raise _unread(option, "", "a kind of event", "deals, bans")
    found: dict[Event, None] = {}
    for piece in pieces:
        events = _event_of(piece)
        if not events:
            near = difflib.get_close_matches(piece[:_SHOWN], event_names(), n=1, cutoff=0.7)
            kinds = ", ".join(event.label for event in Event)
            raise InputInvalid(
                f"{option}: I don't know {_shown(piece)}. {_did_you_mean(near)}"
                f"The kinds are {kinds}."
            )
        found |= dict.fromkeys(events)
    return tuple(found)


def _event_of(said: str) -> tuple[Event, ...]:
    """The events of one word: of its own name just that, else what questions mean by it."""
    plain = " ".join(said.replace("_", "-").split())
    if own := event_names().get(plain):
        return (own,)
    whole = (one.events for one in find_said_events(plain) if one.end - one.start == len(plain))
    return next(whole, ())


def _plain(text: str) -> str:
    """Lower case, single spaces, and full-width signs as the usual ones."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _did_you_mean(names: Iterable[str]) -> str:
    """The names as a question with a space behind it, or ""."""
    meant = list(dict.fromkeys(names))
    return f"Did you mean {' or '.join(meant)}? " if meant else ""


def _shown(text: str) -> str:
    plain = " ".join(text.split())
    return f'"{plain[:_SHOWN]}…"' if len(plain) > _SHOWN else f'"{plain}"'


def _unread(option: str, text: str, what: str, example: str, hint: str = "") -> InputInvalid:
    return InputInvalid(f"{option}: I can't read {_shown(text)} as {what}. {hint}Write {example}.")
