"""Dates as feeds write them, and how far they are believed.

feedparser reads the standard forms and a few local ones. The forms here are read before
it, because it reads them wrongly ("2020/1/10" as 1 November) or not at all (no zone, a
zone glued to the time, month names of other languages).
"""

from __future__ import annotations

import re
import time
import unicodedata
from datetime import UTC, datetime, timedelta

OLDEST = timedelta(days=5 * 365 + 1)
"""Before it was first seen, no entry is taken to be older."""

AHEAD = timedelta(hours=1)
"""After it was first seen, no entry is taken to be newer; clocks of publishers run ahead."""

_TIME = r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?"
_FORMS = tuple(
    re.compile(rf"{form}(?:(?:,?\s+(?:at\s+)?|T){_TIME})?(?P<rest>.*)$", re.IGNORECASE)
    for form in (
        # 2020-01-10, 2020/1/10, 2020年1月10日
        r"(?P<year>\d{4})\s*[-/.年]\s*(?P<month>\d{1,2})\s*[-/.月]\s*(?P<day>\d{1,2})日?(?!\d)",
        # Wed, 26 Oct 2016
        r"\D{0,20}?(?P<day>\d{1,2})[\s-]+(?P<name>[^\W\d]{3,})\.?,?[\s-]+(?P<year>\d{4}|\d\d)(?!\d)",
        # January 10, 2020
        r"(?:[^\W\d]+,\s*)?(?P<name>[^\W\d]{3,})\.?\s+(?P<day>\d{1,2}),?\s+(?P<year>\d{4})(?!\d)",
        # 07.02.2025: with points the day is first everywhere; with strokes nobody can tell
        r"(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>\d{4})(?!\d)",
    )
)

_MONTH_NAMES = (
    # The first three letters, without accents: English, then what German, French, Spanish,
    # Portuguese, Italian, Dutch and the Scandinavian languages write otherwise.
    ("jan", "ene", "gen"),
    ("feb", "fev"),
    ("mar", "mrt"),
    ("apr", "abr", "avr"),
    ("may", "mai", "mei", "mag", "maj"),
    ("jun", "giu"),
    ("jul", "lug"),
    ("aug", "ago", "aou"),
    ("sep", "set"),
    ("oct", "okt", "out", "ott"),
    ("nov",),
    ("dec", "dez", "dic", "des"),
)
_MONTHS = {name: month for month, names in enumerate(_MONTH_NAMES, 1) for name in names}
_MONTHS_BY_FOUR = {"juin": 6, "juil": 7}

_RFC_3339 = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})"
    r"(?:Z|([+-])([0-9]{2}):([0-9]{2}))"
)
_RFC_5322 = re.compile(
    r"(?:[A-Z][a-z]{2}, )?([0-9]{1,2}) ([A-Z][a-z]{2}) ([0-9]{4}) "
    r"([0-9]{2}):([0-9]{2}):([0-9]{2}) (?:GMT|([+-])([0-9]{2})([0-9]{2}))"
)

_OFFSET = re.compile(r"(?:^|[^\d])([+-])(\d{1,2}):?(\d{2})?(?!\d)")
_ZONE_NAMES: dict[float, tuple[str, ...]] = {
    # The zones of RFC 5322 §4.3 and those that news feeds name, by hours ahead of UTC. ET and
    # its like are taken as summer time, which they are for eight months of the year.
    -10: ("hst",),
    -9: ("akst",),
    -8: ("pst", "akdt"),
    -7: ("mst", "pdt", "pt"),
    -6: ("cst", "mdt", "mt"),
    -5: ("est", "cdt", "ct"),
    -4: ("ast", "edt", "et"),
    -3: ("adt", "art", "brt"),
    0: ("gmt", "ut", "utc", "wet", "z"),
    1: ("bst", "cet", "met", "west"),
    2: ("cest", "eet", "mest", "sast"),
    3: ("eest", "msk", "trt"),
    5: ("pkt",),
    5.5: ("ist",),
    7: ("ict", "wib"),
    8: ("awst", "hkt", "pht", "sgt"),
    9: ("jst", "kst"),
    10: ("aest",),
    11: ("aedt",),
    12: ("nzst",),
    13: ("nzdt",),
}
_ZONE_HOURS = {name: hours for hours, names in _ZONE_NAMES.items() for name in names}
_CHINA_HOURS = 8


def has_own_form(written: str) -> bool:
    """Whether ``read_date`` reads ``written`` by a form of ours, and by nothing else."""
    if _RFC_5322.fullmatch(written) or _RFC_3339.fullmatch(written):
        return True
    text = _trim(written)
    return any(form.match(text) for form in _FORMS)


def read_date(
    written: str, *, is_chinese: bool = False, otherwise: time.struct_time | None = None
) -> datetime | None:
    """The time ``written`` means, in UTC; None if it cannot be read.

    Args:
        written: as published; without a zone it is UTC.
        is_chinese: the feed is, so that CST is China's time and not Chicago's.
        otherwise: feedparser's reading in UTC, for forms that are not ours.
    """
    if usual := _read_usual_or_none(written):
        return usual
    text = _trim(written)
    for form in _FORMS:
        if found := form.match(text):
            return _assemble(found, is_chinese=is_chinese)
    if otherwise is None:
        return None
    try:
        return datetime(*otherwise[:5], min(otherwise[5], 59), tzinfo=UTC)
    except ValueError:
        return None


def _read_usual_or_none(written: str) -> datetime | None:
    """A date as nearly all feeds write it; the forms above would give the same, later."""
    if found := _RFC_5322.fullmatch(written):
        day, name, year, *time_of_day, sign, hours, minutes = found.groups()
        month = _MONTHS.get(name.lower(), 0)
    elif found := _RFC_3339.fullmatch(written):
        year, number, day, *time_of_day, sign, hours, minutes = found.groups()
        month = int(number)
    else:
        return None
    hour, minute, second = map(int, time_of_day)
    try:
        local = datetime(int(year), month, int(day), hour, minute, second, tzinfo=UTC)
        if not sign:
            return local
        ahead = timedelta(hours=int(hours), minutes=int(minutes))
        return local + ahead if sign == "-" else local - ahead
    except (ValueError, OverflowError):  # a leap second among others, which the forms read
        return None


def _trim(written: str) -> str:
    return " ".join(written.split())[:100]


def clamp_published(published: datetime | None, *, seen_at: datetime) -> datetime:
    """``published`` as far as it is believable for an entry first seen at ``seen_at``.

    Years 1 and 9999 occur, and planned items carry dates of next month: the answer lies
    between five years before and one hour after ``seen_at``; None gives ``seen_at``.
    """
    if published is None:
        return seen_at
    return min(max(published, seen_at - OLDEST), seen_at + AHEAD)


def _assemble(found: re.Match[str], *, is_chinese: bool) -> datetime | None:
    parts = found.groupdict()
    month = _find_month(parts["name"]) if parts.get("name") else int(parts["month"])
    year = int(parts["year"])
    if len(parts["year"]) == 2:  # RFC 5322 §4.3
        year += 2000 if year < 50 else 1900
    rest = parts["rest"].strip().casefold()
    hour = _on_24_hours(int(parts["hour"] or 0), rest)
    second = min(int(parts["second"] or 0), 59)  # 60 is a leap second
    try:
        local = datetime(
            year, month, int(parts["day"]), hour, int(parts["minute"] or 0), second, tzinfo=UTC
        )
        return local - _find_offset(rest, is_chinese=is_chinese)
    except (ValueError, OverflowError):
        return None


def _find_month(name: str) -> int:
    """1 to 12; 0, which is no month, for a name we do not know."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    letters = "".join(c for c in plain if not unicodedata.combining(c))
    return _MONTHS_BY_FOUR.get(letters[:4]) or _MONTHS.get(letters[:3], 0)


def _on_24_hours(hour: int, rest: str) -> int:
    marker = rest[:4].replace(".", "")[:2]
    if marker == "pm" and hour < 12:
        return hour + 12
    return 0 if marker == "am" and hour == 12 else hour


def _find_offset(rest: str, *, is_chinese: bool) -> timedelta:
    """How far the local time is ahead of UTC, from what follows the time of day."""
    if found := _OFFSET.search(rest):
        sign, hours, minutes = found.groups()
        ahead = timedelta(hours=int(hours), minutes=int(minutes or 0))
        return -ahead if sign == "-" else ahead
    for word in re.findall(r"[a-z]+", rest):
        if word == "cst" and is_chinese:
            return timedelta(hours=_CHINA_HOURS)
        if word in _ZONE_HOURS:
            return timedelta(hours=_ZONE_HOURS[word])
    return timedelta(0)
