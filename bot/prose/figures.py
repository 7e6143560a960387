"""The numbers that a text names, whatever notation they stand in.

"37 million", "37M", "thirty-seven" and "3700万" are ways to write; whoever compares two
texts wants the number. Where a notation can be read in two ways ("1.350"), both are given.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from decimal import Decimal

Readings = frozenset[str]
"""What one figure can mean: numbers in their plainest form, places in a row ("#3" for third, Q3
and 第三), or the token of a name ("p20")."""

_NUMBERS = {
    word: value
    for value, words in {
        2: "two deux dos dois duas due zwei двa два две",
        3: "three trois tres três tre drei три",
        4: "four quatre cuatro quatro quattro vier четыре",
        5: "five cinq cinco cinque fünf пять",
        6: "six seis sei sechs шесть",
        7: "seven siete sete sette sieben семь",
        8: "eight huit ocho oito otto acht восемь",
        9: "nine neuf nueve nove neun девять",
        10: "ten dix diez dez dieci zehn десять",
        11: "eleven onze undici elf",
        12: "twelve douze doce doze dodici zwölf dozen docena dúzia",
        13: "thirteen treize trece tredici dreizehn",
        14: "fourteen quatorze catorce vierzehn",
        15: "fifteen quinze quince quindici fünfzehn",
        16: "sixteen seize sechzehn",
        17: "seventeen siebzehn",
        18: "eighteen dieciocho achtzehn",
        19: "nineteen neunzehn",
        20: "twenty vingt veinte vinte venti zwanzig",
        30: "thirty trente treinta trinta trenta dreißig",
        40: "forty quarante cuarenta quarenta quaranta vierzig",
        50: "fifty cinquante cincuenta cinquenta cinquanta fünfzig",
        60: "sixty soixante sesenta sessenta sessanta sechzig",
        70: "seventy setenta settanta siebzig",
        80: "eighty ochenta oitenta ottanta achtzig",
        90: "ninety noventa novanta neunzig",
    }.items()
    for word in words.split()
}
_POWERS = {
    word: power
    for power, words in {
        2: "hundred hundreds",
        3: "thousand thousands tausend mille mil тысяч тысячи тыс",
        6: "million millions millionen millones milhão milhões milioni millón mio mln mn миллион"
        " миллиона миллионов млн",
        9: "billion billions milliard milliards milliarde milliarden miliardi bilhão bilhões bn"
        " bln mrd миллиард миллиарда миллиардов млрд",
        12: "trillion trillions trn tn",
    }.items()
    for word in words.split()
}
_ORDINALS = {
    word: f"#{place}"
    for place, word in enumerate(
        ("second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"), 2
    )
}
_GLUED_POWERS = {"k": 3, "m": 6, "b": 9}  # right behind the figure: "37M"; a 14T is a phone
_WIDE_POWERS = {
    "十": 1, "百": 2, "千": 3, "万": 4, "萬": 4, "만": 4,
    "亿": 8, "億": 8, "억": 8, "兆": 12, "조": 12,
}  # fmt: skip
_WIDE_DIGITS = {digit: value for value, digit in enumerate("〇一二三四五六七八九")} | {
    "零": 0, "两": 2, "兩": 2,
}  # fmt: skip
_WIDE_COUNTERS = "个個家款名年月日天次台部件位人季倍成号號周週歳岁社本種种项項国國分时時点點"

_CJK = r"\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_LETTER = rf"[^\W\d_{_CJK}]"
_FIGURE = re.compile(
    rf"""
    (?<!{_LETTER})(?<!\d)(?<!\d[.,])
      (?P<number>\d{{1,3}}(?:[,.]\d{{3}})+(?:[.,]\d+)?|\d+(?:[.,]\d+)?)
      (?:(?P<glued>[kmb])(?!{_LETTER}|\d)
        |[\s-]?(?P<power>{"|".join(sorted(_POWERS, key=len, reverse=True))})(?!{_LETTER}|\d)
        |\s?(?P<wide_power>[十百千]?[万萬亿億兆만억조]{{1,3}}|[百千])
        |(?!{_LETTER}|\d)
      )
    | (?P<mixed>{_LETTER}*\d(?:{_LETTER}|\d)*)
    | (?P<word>{_LETTER}+)
    | (?P<place>第?)(?P<wide>[{"".join(_WIDE_DIGITS)}十百千]{{1,12}})
      (?:(?P<wide_word_power>[万萬亿億兆]{{1,3}})|(?=[{_WIDE_COUNTERS}]))
    """,
    re.VERBOSE,
)
_NEXT_WORD = re.compile(rf"[\s-]({_LETTER}+)")
_MEASURED = re.compile(
    r"(?P<number>\d+)(?:gb|tb|mb|kb|mah|mp|mm|cm|km|kg|in|w|hz|khz|mhz|ghz|nm|fps"
    r"|mbps|gbps|am|pm|h|x)"
)
_PLACE = re.compile(r"q(\d)|(\d+)(?:st|nd|rd|th)")
_SERIES = re.compile(r"[^\W\d_]{3,}(?P<number>\d+)")  # Mate60, as Chinese titles write it
_THIN_SPACE = re.compile(r"(?<=\d)[\u00a0\u2009\u202f'’](?=\d{3}(?!\d))")
_ONES = frozenset({"a", "an", "one", "un", "une", "uno", "una", "um", "uma", "ein", "eine", "один"})


def iter_figures(text: str) -> Iterator[Readings]:
    """Every number in ``text``, in reading order.

    Words count as numbers from two on: "one" and "a" are most often none. Model names stay
    whole: ``p20`` and ``11r`` are not 20 and 11.
    """
    plain = unicodedata.normalize("NFKC", _THIN_SPACE.sub(",", text)).lower()
    at = 0
    while found := _FIGURE.search(plain, at):
        at = found.end()
        if found["word"]:
            value, at = _read_words(plain, found)
            if value is not None:
                yield frozenset({_plain(value)})
            elif found["word"] in _ORDINALS:
                yield frozenset({_ORDINALS[found["word"]]})
        elif found["mixed"]:
            yield _read_mixed(found["mixed"])
        elif found["number"]:
            scale = _scale(found)
            yield frozenset(_plain(n * scale) for n in _read_number(found["number"]))
        else:
            value = _read_wide(found["wide"]) * _wide_scale(found["wide_word_power"] or "")
            if value != 1:
                yield _rank(_plain(value), is_place=bool(found["place"]), text=plain[at : at + 1])


def _read_number(written: str) -> tuple[Decimal, ...]:
    """The one or two numbers that digits with marks between them can mean."""
    marks = [mark for mark in written if mark in ",."]
    if not marks:
        return (Decimal(written),)
    last = marks[-1]
    head, _, tail = written.rpartition(last)
    as_fraction = Decimal(f"{re.sub('[,.]', '', head)}.{tail}")
    as_whole = Decimal(re.sub("[,.]", "", written))
    if len(tail) != 3 or len(set(marks)) > 1:
        return (as_fraction,)
    if len(marks) > 1 or last == ",":
        return (as_whole,) if len(marks) > 1 else (as_whole, as_fraction)
    return (as_fraction, as_whole)


def _scale(found: re.Match[str]) -> Decimal:
    if found["glued"]:
        return Decimal(10) ** _GLUED_POWERS[found["glued"]]
    if found["power"]:
        return Decimal(10) ** _POWERS[found["power"]]
    return _wide_scale(found["wide_power"] or "")


def _wide_scale(powers: str) -> Decimal:
    return Decimal(10) ** sum(_WIDE_POWERS[power] for power in powers)


def _read_words(text: str, found: re.Match[str]) -> tuple[Decimal | None, int]:
    """The number that the word at ``found`` begins, None for none; and where reading goes on."""
    word, at = found["word"], found.end()
    number = 1 if word in _ONES else _NUMBERS.get(word)
    if number is None:
        return None, at
    following = _NEXT_WORD.match(text, at)
    if following and number >= 20 and _NUMBERS.get(following[1], 10) < 10:
        number, at = number + _NUMBERS[following[1]], following.end()
        following = _NEXT_WORD.match(text, at)
    if following and following[1] in _POWERS:
        return number * Decimal(10) ** _POWERS[following[1]], following.end()
    return (None if number == 1 else Decimal(number)), at


def _rank(number: str, *, is_place: bool, text: str) -> Readings:
    """A Han numeral: behind 第 a place, before 季 as well, as quarters are counted by place."""
    if is_place:
        return frozenset({f"#{number}"})
    return frozenset({number, f"#{number}"} if text == "季" else {number})


def _read_mixed(token: str) -> Readings:
    """A name, a place, a measure or a name with its series number stuck to it."""
    if place := _PLACE.fullmatch(token):
        number = place[1] or place[2]
        return frozenset({token, f"#{number}"} | ({number} if place[2] else set()))
    counted = _MEASURED.fullmatch(token) or _SERIES.fullmatch(token)
    return frozenset({token, _plain(Decimal(counted["number"]))} if counted else {token})


def _read_wide(written: str) -> Decimal:
    """The value of Han numerals below ten thousand: 三十七, 两百, 二〇一八."""
    if not set(written) & set("十百千"):
        return Decimal("".join(str(_WIDE_DIGITS[digit]) for digit in written))
    total, digit = 0, 0
    for sign in written:
        if sign in _WIDE_DIGITS:
            digit = _WIDE_DIGITS[sign]
        else:
            total += (digit or 1) * 10 ** _WIDE_POWERS[sign]
            digit = 0
    return Decimal(total + digit)


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"
