"""Until when somebody wants something: "2h", "until 9:00", "until Monday". Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta, tzinfo

from bot.commands.spans import WEEKDAYS
from bot.commands.wishes import MAX_SPAN, parse_clock, parse_span
from bot.errors import InputInvalid
from bot.model.timing import find_moment

_UNTIL = re.compile(r"(?:until|till?|bis|hasta|直到|到)\s*(?P<rest>.+)")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_DAYS = {
    **dict.fromkeys(("today", "heute", "hoy", "今天"), 0),
    **dict.fromkeys(("tomorrow", "morgen", "mañana", "明天"), 1),
}
_WEEKDAY_ZH = re.compile(r"^(?:周|星期|礼拜|週)")
_SMALL = frozenset({"at", "on", "um", "the"})
_EXAMPLES = "Write how long, as in 2h or 3d, or until when, as in until 9:00 or until Monday."


def parse_until(text: str, *, now: datetime, zone: tzinfo, option: str = "for") -> datetime:
    """When "2h", "until 9:00", "until tomorrow" or "until Monday 9am" is over, UTC.

    A clock without a day is the next time that it shows that, a day without a clock is its
    first moment, a weekday the next one that is not over.

    Args:
        now: aware UTC.
        zone: whose clocks and days are meant.

    Raises:
        InputInvalid: it is no such thing, is over already, or more than ``MAX_SPAN`` away.
    """
    said = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    found = _UNTIL.fullmatch(said)
    if not found and not _may_be_end(said):
        return now + parse_span(text, option=option)
    ends = list(_list_ends(found["rest"] if found else said, now.astimezone(zone).date()))
    shown = " ".join(text.split())[:60]
    if not ends:
        raise InputInvalid(f'{option}: I can\'t read "{shown}" as a time. {_EXAMPLES}')
    if not found:
        raise InputInvalid(f"{option}: did you mean “until {shown}”? {_EXAMPLES}")
    moments = (find_moment(day, clock, zone) for day, clock in ends)
    until = next((one for one in moments if one > now), None)
    if until is None:
        raise InputInvalid(f'{option}: "{shown}" is over already. {_EXAMPLES}')
    if until - now > MAX_SPAN:
        raise InputInvalid(f'{option}: "{shown}" is over a year away; leave it out for good.')
    return until


def _may_be_end(said: str) -> bool:
    """Whether "until" may have been left out before ``said``; a bare number may be a span."""
    is_clock = bool(re.search(r"[:点]|[ap]\.?m", said))
    return not _is_span(said) and (is_clock or bool(_split_day(said)[0]))


def _list_ends(said: str, today: date) -> Iterator[tuple[date, time]]:
    """The days and clocks that ``said`` may mean, the nearest first; none where it is neither."""
    day, rest = _split_day(said)
    clock = time() if day and not rest else _find_clock_or_none(rest)
    if clock is None:
        return
    if not day:
        days = [today, today + timedelta(days=1)]
    elif day in _DAYS:
        days = [today + timedelta(days=_DAYS[day])]
    elif day in WEEKDAYS:
        first = today + timedelta(days=(WEEKDAYS[day] - today.weekday()) % 7)
        days = [first, first + timedelta(days=7)]
    else:
        days = _find_date(day)
    for one in days:
        yield one, clock


def _split_day(said: str) -> tuple[str, str]:
    """The word of ``said`` that names a day, be it first or last, or "", and the rest."""
    words = said.replace(",", " ").split()
    for at in sorted({0, len(words) - 1}) if words else ():
        word = _WEEKDAY_ZH.sub("", words[at])
        is_weekday = word in WEEKDAYS and (len(word) > 1 or word != words[at])
        if word in _DAYS or is_weekday or _DATE.fullmatch(word):
            rest = words[:at] + words[at + 1 :]
            return word, " ".join(one for one in rest if one not in _SMALL)
    return "", said


def _find_date(said: str) -> list[date]:
    try:
        return [date.fromisoformat(said)]
    except ValueError:  # the 31st of February
        return []


def _find_clock_or_none(said: str) -> time | None:
    if _is_span(said) and not said.isdecimal():  # "2h" is two hours, and no clock
        return None
    try:
        return parse_clock(said)
    except InputInvalid:
        return None


def _is_span(said: str) -> bool:
    try:
        parse_span(said)
    except InputInvalid:
        return False
    return True
