"""Stretches of time as people write them: "since Monday", "last 3 days", "im Januar", "这周".

Pure. Days begin at midnight UTC; a week begins on Monday. English and Chinese in full, of
German and Spanish what is said most.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

MAX_BACK = timedelta(days=3650)
"""Further back nobody looks; a longer span is cut to this."""

_DAY = timedelta(days=1)
_WEEK = timedelta(weeks=1)


@dataclass(frozen=True, slots=True)
class Span:
    """From ``since`` on, up to but without ``until``; None is now."""

    since: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class SaidSpan:
    """A span and where it was said, ``start:end`` of the text."""

    span: Span
    start: int
    end: int


def find_span_or_none(text: str, *, now: datetime) -> SaidSpan | None:
    """The first stretch of time that ``text`` names; what is said in most words goes first.

    Args:
        text: case-folded (``str.casefold``).
        now: aware UTC.
    """
    for pattern, make in _RULES:
        for found in pattern.finditer(text):
            try:
                span = make(found, now)
            except (ValueError, OverflowError):  # the 31st of February
                continue
            if span is not None:
                return SaidSpan(_within_reach(span, now), found.start(), found.end())
    return None


def tell_span(span: Span, *, now: datetime) -> str:
    """``span`` in words: "since 16 November", "in the last 7 days", "in January"."""
    since, until = span.since, span.until
    if until is None:
        return _tell_open(since, now)
    if _is_midnight(since) and until - since == _DAY:
        return f"on {since:%A}, {_day(since, now)}"
    if since.day == 1 and until == _next_month(since):
        return f"in {since:%B}" if since.year == now.year else f"in {since:%B %Y}"
    if _is_midnight(since) and _is_midnight(until):
        return f"from {_day(since, now)} to {_day(until - _DAY, now)}"
    return f"from {_moment(since, now)} to {_moment(until, now)}"


def _tell_open(since: datetime, now: datetime) -> str:
    if _is_midnight(since):
        return "today" if since.date() == now.date() else f"since {_day(since, now)}"
    gone = now - since
    for unit, length in (("day", _DAY), ("hour", _HOUR), ("minute", _MINUTE)):
        count, rest = divmod(gone, length)
        if count > 0 and not rest and (unit, count) != ("day", 1):
            return f"in the last {count} {unit}s" if count > 1 else f"in the last {unit}"
    return f"since {_moment(since, now)}"


def _day(moment: datetime, now: datetime) -> str:
    year = "" if moment.year == now.year else f" {moment.year}"
    return f"{moment.day} {moment:%B}{year}"


def _moment(moment: datetime, now: datetime) -> str:
    return _day(moment, now) if _is_midnight(moment) else f"{_day(moment, now)}, {moment:%H:%M} UTC"


def _is_midnight(moment: datetime) -> bool:
    return (moment.hour, moment.minute, moment.second, moment.microsecond) == (0, 0, 0, 0)


def _within_reach(span: Span, now: datetime) -> Span:
    earliest = now - MAX_BACK
    if span.since >= earliest:
        return span
    return Span(earliest, span.until if span.until and span.until > earliest else None)


def _midnight(now: datetime) -> datetime:
    return now.replace(hour=0, minute=0, second=0, microsecond=0)


def _next_month(first: datetime) -> datetime:
    return (first + 32 * _DAY).replace(day=1)


# What a number, a unit, a weekday and a month are called.

_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)
_NUMBERS = {
    word: number
    for number, words in {
        1: "a an one ein eine einem einer un una uno 一",
        2: "two couple zwei dos 两 二 兩",
        3: "three few drei tres 三 几 幾",
        4: "four vier cuatro 四",
        5: "five fünf cinco 五",
        6: "six sechs seis 六",
        7: "seven sieben siete 七",
        8: "eight acht ocho 八",
        9: "nine neun nueve 九",
        10: "ten zehn diez 十",
        12: "twelve zwölf doce",
    }.items()
    for word in words.split()
}
_UNITS = {
    word: length
    for length, words in {
        _MINUTE: "m min mins minute minutes minuten minuto minutos 分钟 分鐘",
        _HOUR: "h hr hrs hour hours std stunde stunden hora horas 小时 个小时 小時 個小時 钟头",
        _DAY: "d day days tag tage tagen día días dia dias 天 日",
        _WEEK: "w wk wks week weeks woche wochen semana semanas"
        " 周 星期 个星期 礼拜 个礼拜 週 個星期",
        30 * _DAY: "mo month months monat monate monaten mes meses 个月 個月",
        365 * _DAY: "y yr yrs year years jahr jahre jahren año años 年",
    }.items()
    for word in words.split()
}
WEEKDAYS = {
    word: number
    for number, words in enumerate(
        (
            "monday mon montag lunes 一",
            "tuesday tue tues dienstag martes 二",
            "wednesday wed mittwoch miércoles miercoles 三",
            "thursday thu thur thurs donnerstag jueves 四",
            "friday fri freitag viernes 五",
            "saturday sat samstag sábado sabado 六",
            "sunday sun sonntag domingo 日 天",
        )
    )
    for word in words.split()
}
_MONTHS = {
    word: number
    for number, words in enumerate(
        (
            "january jan januar enero",
            "february feb februar febrero",
            "march mar märz marzo",
            "april apr abril",
            "may mai mayo",
            "june jun juni junio",
            "july jul juli julio",
            "august aug agosto",
            "september sep sept septiembre",
            "october oct oktober okt octubre",
            "november nov noviembre",
            "december dec dezember dez diciembre",
        ),
        1,
    )
    for word in words.split()
}
_UNSURE_MONTHS = frozenset(_MONTHS) - frozenset(
    word for word in _MONTHS if len(word) > 3 and word not in {"march", "sept"}
)
"""Words that are a month only where something beside them says so."""


def _any(words: dict[str, int] | dict[str, timedelta], *, cjk: bool | None = None) -> str:
    """The words as an alternation, the longest first."""
    chosen = (word for word in words if cjk is None or (word[0] >= "\u2e80") is cjk)
    return "|".join(re.escape(word) for word in sorted(chosen, key=len, reverse=True))


_SINCE = (
    r"(?:(?P<since>\b(?:since|after|from|starting|seit|ab|desde)(?: dem| der| el| la| the)? |自从?)"
    r"|(?P<on>\b(?:on|in|during|im|am|en|of|for)(?: el| la| the)? )|)"
)
_SINCE_ZH = r"(?P<after>以来|以後|以后|起|至今)?"
_LAST = (
    r"(?:last|past|previous|latest|recent|letzte[nrs]?|vergangene[nrs]?|"
    r"últim[oa]s?|ultim[oa]s?|pasad[oa]s?)"
)
_COUNT = rf"(?P<count>\d{{1,5}}|(?:{_any(_NUMBERS, cjk=False)})\b)(?: of)?"
_UNIT = rf"(?P<unit>{_any(_UNITS, cjk=False)})\b"


def _back(found: re.Match[str], now: datetime) -> Span | None:
    said = found["count"]
    count = int(said) if said.isdecimal() else _NUMBERS.get(said, 1)
    length = _UNITS[found["unit"]]
    return Span(now - min(count, MAX_BACK // length) * length) if count else None


def _date(found: re.Match[str], now: datetime) -> Span:
    day = _midnight(now).replace(
        year=int(found["year"]), month=int(found["month"]), day=int(found["day"])
    )
    groups = found.groupdict()
    return Span(day, day + _DAY) if groups.get("on") else Span(day)


def _day_of_month(found: re.Match[str], now: datetime) -> Span:
    said = found["month"]
    month = _MONTHS[said] if said in _MONTHS else int(said)
    first = _latest(month, found["year"], now)
    day = first.replace(day=int(found["day"]))
    if day > now and not found["year"]:
        day = day.replace(year=day.year - 1)
    return Span(day) if _is_since(found) else Span(day, day + _DAY)


def _month(found: re.Match[str], now: datetime) -> Span | None:
    said = found["month"]
    groups = found.groupdict()
    is_plain = not (_is_since(found) or groups.get("on") or groups.get("last") or found["year"])
    if said in _UNSURE_MONTHS and is_plain:
        return None
    first = _latest(_MONTHS[said] if said in _MONTHS else int(said), found["year"], now)
    return Span(first) if _is_since(found) else Span(first, _next_month(first))


def _latest(month: int, year: str | None, now: datetime) -> datetime:
    """The first of the last such month that has begun."""
    first = _midnight(now).replace(day=1, month=month)
    if year:
        return first.replace(year=int(year))
    return first if first <= now else first.replace(year=now.year - 1)


def _weekday(found: re.Match[str], now: datetime) -> Span:
    today = _midnight(now)
    behind = (today.weekday() - WEEKDAYS[found["weekday"]]) % 7
    if behind == 0 and (_is_since(found) or found.groupdict().get("last")):
        behind = 7
    day = today - behind * _DAY
    if found.groupdict().get("week") == "上":
        day = today - (today.weekday() + 7 - WEEKDAYS[found["weekday"]]) * _DAY
    return Span(day) if _is_since(found) else Span(day, day + _DAY)


def _is_since(found: re.Match[str]) -> bool:
    groups = found.groupdict()
    return bool(groups.get("since") or groups.get("after"))


def _this(unit: str) -> Callable[[re.Match[str], datetime], Span]:
    def make(_: re.Match[str], now: datetime) -> Span:
        return Span(_first_of(unit, now))

    return make


def _this_week(_: re.Match[str], now: datetime) -> Span:
    """Seven whole days: on a Monday "this week" is more than the hours since midnight."""
    return Span(_midnight(now) - _WEEK)


def _before_this(unit: str) -> Callable[[re.Match[str], datetime], Span]:
    """The whole week, month or year before this one; from its start on after "since"."""

    def make(found: re.Match[str], now: datetime) -> Span:
        until = _first_of(unit, now)
        since = _first_of(unit, until - _DAY)
        return Span(since) if _is_since(found) else Span(since, until)

    return make


def _first_of(unit: str, now: datetime) -> datetime:
    today = _midnight(now)
    if unit == "week":
        return today - today.weekday() * _DAY
    return today.replace(day=1) if unit == "month" else today.replace(month=1, day=1)


def _days_ago(days: int) -> Callable[[re.Match[str], datetime], Span]:
    def make(found: re.Match[str], now: datetime) -> Span:
        day = _midnight(now) - days * _DAY
        return Span(day) if days == 0 or _is_since(found) else Span(day, day + _DAY)

    return make


def _weekend(_: re.Match[str], now: datetime) -> Span:
    today = _midnight(now)
    saturday = today - ((today.weekday() - 5) % 7) * _DAY
    return Span(saturday, saturday + 2 * _DAY)


def _list_rules() -> Iterator[tuple[str, Callable[[re.Match[str], datetime], Span | None]]]:
    """What is looked for, in this order: the more is said, the earlier."""
    year = r"(?P<year>(?:19|20)\d\d)"
    months = _any(_MONTHS)
    sure_zh = r"(?P<count>\d{1,5}|[一二三四五六七八九十两兩几幾])\s*"
    unit_zh = rf"(?P<unit>{_any(_UNITS, cjk=True)})"
    weekdays_zh = r"(?:周|星期|礼拜|週)(?P<weekday>[一二三四五六日天])"
    yield rf"{_SINCE}{year}-(?P<month>\d{{1,2}})-(?P<day>\d{{1,2}})(?!\d)", _date
    yield rf"(?P<since>自从?)?{year}年(?P<month>\d\d?)月(?P<day>\d\d?)[日号號]{_SINCE_ZH}", _date
    day = r"(?P<day>\d{1,2})(?:st|nd|rd|th|\.)?"
    yield rf"{_SINCE}{day}(?: of| de)? (?P<month>{months})\b(?:,? {year}\b)?", _day_of_month
    yield rf"{_SINCE}\b(?P<month>{months}) {day}(?!\d)\b(?:,? {year}\b)?", _day_of_month
    yield (
        rf"(?P<since>自从?)?(?:{year}年)?(?P<month>\d\d?)月(?P<day>\d\d?)[日号號]{_SINCE_ZH}",
        _day_of_month,
    )
    yield (
        (
            r"(?:\b(?:in|over|during|within|for|en|im) )?\b(?:(?:the|den|die|das|el|los|las) )?"
            rf"{_LAST} {_COUNT} ?{_UNIT}"
        ),
        _back,
    )
    yield rf"(?:\b(?:vor|hace|within|since) )?(?<!\w){_COUNT} ?{_UNIT}(?: ago)?", _sure_back
    yield rf"(?:最近|过去|過去|近|这|這|前)?{sure_zh}{unit_zh}(?:以?[来來内內前])?", _back
    yield rf"(?P<since>自从?)?(?P<week>上|这|本|這)?个?{weekdays_zh}{_SINCE_ZH}", _weekday
    yield (
        rf"{_SINCE}(?P<last>{_LAST} )?\b(?P<weekday>{_any(WEEKDAYS, cjk=False)})\b",
        _sure_weekday,
    )
    yield rf"{_SINCE}(?P<last>{_LAST} )?\b(?P<month>{months})\b(?: {year}\b)?", _month
    yield rf"(?P<since>自从?)?(?:{year}年)?(?P<month>1[0-2]|[1-9])月份?{_SINCE_ZH}", _month
    before = r"(?:last|previous|letzte[nrs]?|vorige[nrs]?)"
    yield rf"{_SINCE}(?:{before} (?:week|woche)|(?:la )?semana pasada)\b", _before_this("week")
    yield rf"{_SINCE}(?:{before} (?:month|monat)|(?:el )?mes pasado)\b", _before_this("month")
    yield rf"{_SINCE}(?:{before} (?:year|jahr)|(?:el )?año pasado)\b", _before_this("year")
    yield rf"\b(?:the )?{_LAST} (?P<unit>day|hour|week|month|year)\b", _past_one
    yield rf"(?P<since>自从?)?上(?:个)?(?:周|星期|礼拜|週){_SINCE_ZH}", _before_this("week")
    yield rf"(?P<since>自从?)?上(?:个|個)?月{_SINCE_ZH}", _before_this("month")
    yield rf"(?P<since>自从?)?去年{_SINCE_ZH}", _before_this("year")
    yield r"\b(?:this|the|last|am|el|este|fin de) (?:weekend|wochenende|semana finde)\b", _weekend
    yield r"\b(?:this|diese[rn]?|esta|current) (?:week|woche|semana)\b", _this_week
    yield r"(?:这|本|這)个?(?:周|星期|礼拜|週)", _this_week
    yield (
        r"\b(?:this|diese[mnr]?|este) (?:month|monat|mes)\b|(?:这|本|這)(?:个|個)?月",
        _this("month"),
    )
    yield r"\b(?:this|dieses|este) (?:year|jahr|año)\b|今年", _this("year")
    today = r"today|tonight|this (?:morning|afternoon|evening)|heute|hoy"
    yield rf"\b(?:{today})\b|今天|今日|今早|今晚", _days_ago(0)
    yield rf"{_SINCE}\b(?:yesterday|last night|gestern|ayer)\b", _days_ago(1)
    yield rf"(?P<since>自从?)?(?:昨天|昨日|昨晚){_SINCE_ZH}", _days_ago(1)
    yield rf"(?P<since>自从?)?前天{_SINCE_ZH}", _days_ago(2)


def _sure_back(found: re.Match[str], now: datetime) -> Span | None:
    """A bare number with a unit; "12 m" may be a model, and "a week" anything."""
    is_led = found[0].startswith(("vor ", "hace ", "within ", "since ")) or found[0].endswith("ago")
    is_short = found["unit"] in {"m", "y", "mo"}
    if not is_led and (is_short or not found["count"].isdecimal()):
        return None
    return _back(found, now)


def _sure_weekday(found: re.Match[str], now: datetime) -> Span | None:
    """A weekday; "sun" and "sat" are words of their own and need one before them."""
    is_led = found["since"] or found["on"] or found["last"]
    return _weekday(found, now) if is_led or len(found["weekday"]) > 4 else None


def _past_one(found: re.Match[str], now: datetime) -> Span:
    return Span(now - _UNITS[found["unit"]])


_RULES = tuple((re.compile(pattern), make) for pattern, make in _list_rules())
