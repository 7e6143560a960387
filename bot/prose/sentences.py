"""Where a sentence ends.

Rules for the text of news feeds, in place of a general splitter: those cost more
than everything else we do with an entry, and still stop at "Co. Ltd." and "No. 2".
When in doubt nothing is cut: two sentences as one read well, half a sentence does not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.prose.abbreviations import (
    AFTER_ORDINALS,
    AFTER_THE_CLOCK,
    BEFORE_NUMBERS,
    LABELLED,
    OPENING_WORDS,
    SHORTENED,
    STATES,
    TITLES,
    UNITS,
)

_WIDE = "。！？｡।؟"  # end a sentence without a space behind them
_NARROW = ".!?…"
_CLOSERS = "\"'”’»)]）】」』"
_OPENERS = "\"'“‘«([（【《「『¿¡"
_BRACKETS = tuple(zip("「『《〈（【“«„(", "」』》〉）】”»“)", strict=True))
_QUOTED = re.compile(r"[「『《〈（【“«„(\"]")
_SAYS = re.escape(_CLOSERS)
_EAST = r"\u3040-\u30ff\u3400-\u9fff"  # kana and Han

# One character first, so that the search skips from one candidate to the next.
_END = re.compile(
    rf"[{_WIDE}{_NARROW}\n](?:"
    rf"(?<=[{_WIDE}])(?P<wide>[{_WIDE}{_NARROW}]*[{_SAYS}]*\s*)"
    rf"|(?<=[{_NARROW}])(?<![{_NARROW}]{{2}})(?P<narrow>[{_NARROW}]*[{_SAYS}]*)"
    rf"(?=\s|$|(?<=[{_EAST}][!?])[{_EAST}])"
    r"|(?<=\n)(?P<break>\s*\n\s*))"
)
_TO_TOKEN = re.compile(rf"^(?:.*[{_EAST}])?[{re.escape(_OPENERS)}]*")
_NEXT = re.compile(rf"\s*[{re.escape(_OPENERS)}]*(?P<word>[^\s{_SAYS}》,:;]*)")
_LONGEST_TOKEN = 40  # characters looked at before a full stop
_LONGEST_QUOTE = 250  # characters in which an open bracket or quotation must close
_LONGEST_LOOK = 1_000  # characters back at most, so that a text without an end takes linear time

_ABBREVIATED = TITLES | BEFORE_NUMBERS | SHORTENED | UNITS | {state.lower() for state in STATES}
_SHORTEST_WORD = 2  # characters, with the stop; one letter may be an initial

_STRAIGHT = re.compile(r'(?<!\S)"')
_LETTER = r"[^\W\d_]"
_INITIAL = re.compile(rf"{_LETTER}\.(?:-{_LETTER}\.)?")
_OF_THE_CLOCK = re.compile(r"[ap]\.m\.", re.IGNORECASE)
_DOTTED = re.compile(rf"(?:{_LETTER}{{1,2}}\.){{2,}}")  # U.S., F.C.C., p.m., i.e., Ph.D.
_MEASURED = re.compile(r"\d[\s-]?[^\W\d]+\.$")
_SPACED = re.compile(rf"(?:^|[\s(]){_LETTER}\.\s?$")  # the "z." of "z. B."
_LINKED = re.compile(r"[」』）】》]\s*$")
_KANA = re.compile(r"[\u3041-\u309f]")
_IN_A_NAME = re.compile(r"[A-Za-z][！？]$")  # Yahoo！ニュース
_NAME_GOES_ON = re.compile(r"[A-Za-z0-9\u30a0-\u30ff\u4e00-\u9fff]")


def iter_sentences(text: str) -> Iterator[str]:
    """``text`` cut after each sentence; white space at the seams is dropped, nothing else."""
    return (text[start:end] for start, end in iter_spans(text))


def iter_spans(text: str) -> Iterator[tuple[int, int]]:
    """Where each sentence of ``iter_sentences`` stands: start and end in code points."""
    start = 0
    for end in _END.finditer(text):
        kind = end.lastgroup
        if kind == "narrow" and not _is_end(text, start, end.start(), end.end()):
            continue
        if kind == "wide" and not _is_wide_end(text, start, end.end()):
            continue
        if kind != "break" and _is_quoted(text, start, end.end()):
            continue
        if sentence := _strip(text, start, end.end()):
            yield sentence
        start = end.end()
    if rest := _strip(text, start, len(text)):
        yield rest


def _strip(text: str, start: int, end: int) -> tuple[int, int] | None:
    """The span without white space at its ends; None where nothing else is in it."""
    piece = text[start:end]
    kept = piece.strip()
    if not kept:
        return None
    start += len(piece) - len(piece.lstrip())
    return start, start + len(kept)


def _is_wide_end(text: str, start: int, end: int) -> bool:
    """Whether a full-width mark is neither inside brackets nor part of a name."""
    following = text[end : end + 1]
    before = text[max(start, end - 2) : end]
    if following and _IN_A_NAME.search(before) and _NAME_GOES_ON.match(following):
        return False
    return not (_KANA.match(following) and _LINKED.search(before))  # 「終わった。」と言った。


def _is_quoted(text: str, start: int, end: int) -> bool:
    """Whether the sentence begun at ``start`` is at ``end`` inside quotes or brackets."""
    start = max(start, end - _LONGEST_LOOK)
    openers = _QUOTED.findall(text, start, end)
    if not openers:
        return False
    piece, following = text[start:end], text[end : end + _LONGEST_QUOTE].partition("\n\n")[0]
    for opener, closer in _BRACKETS:
        if opener in openers and piece.count(opener) > piece.count(closer):
            closes, opens_again = following.find(closer), following.find(opener)
            if closes >= 0 and not 0 <= opens_again < closes:
                return True
    opened = [one.end() for one in _STRAIGHT.finditer(piece)]
    return bool(opened) and '"' not in piece[opened[-1] :] and '"' in following


def _is_end(text: str, start: int, mark: int, end: int) -> bool:
    """Whether the stop, mark or ellipsis at ``mark:end`` ends the sentence begun at ``start``."""
    following = _NEXT.match(text, end)
    word = following["word"] if following else ""
    if not word:
        return True
    if not _can_open(word):
        return False
    before = text[max(start, mark - _LONGEST_TOKEN) : mark + 1]
    token = before.split()[-1]
    if not token[0].isalnum() or not token.isascii():
        token = _TO_TOKEN.sub("", token)
    if not _is_bound(token, before[: len(before) - len(token)], word):
        return True
    return _is_shortened(token, before) and _names_again(text, start, mark, end)


def _names_again(text: str, start: int, mark: int, end: int) -> bool:
    """Whether the words after ``end`` name what the sentence has named, as a new one does."""
    coming = text[end : end + _LONGEST_TOKEN].split()[:2]
    names = [word for word in coming if word[0].isupper() and "." not in word]
    if not names:
        return False
    named = text[max(start, mark - _LONGEST_LOOK) : mark].split()[:-1]
    return any(name in named for name in names)


def _is_bound(token: str, before: str, word: str) -> bool:
    """Whether the stop belongs to ``token`` alone, ``word`` going on with the sentence."""
    lower = token.lower()
    if len(token) > _SHORTEST_WORD and token[:-1].isalpha() and lower not in _ABBREVIATED:
        return False  # a plain word, as nearly always
    if lower in TITLES:
        bound = True
    elif _INITIAL.fullmatch(token) and (token[0].isupper() or lower not in BEFORE_NUMBERS):
        bound = _is_initial(token, before, word)
    elif lower in BEFORE_NUMBERS:
        bound = word[0].isdigit()
    elif _OF_THE_CLOCK.fullmatch(token):
        bound = word in AFTER_THE_CLOCK
    elif _is_shortened(token, before):
        bound = word not in OPENING_WORDS
    else:  # "1. Huawei leads", "am 3. März"
        bound = token[:-1].isdigit() and (not before.strip() or word in AFTER_ORDINALS)
    return bound


def _is_shortened(token: str, before: str) -> bool:
    lower = token.lower()
    if _DOTTED.fullmatch(token) or lower in SHORTENED or token in STATES:
        return True
    unit = lower.rpartition("-")[2]
    return unit in UNITS and _MEASURED.search(before + token) is not None  # 6.7-in.


def _is_initial(token: str, before: str, word: str) -> bool:
    """Whether one letter and its stop stand for a word: J. Smith, z. B., S. A."""
    if _INITIAL.fullmatch(word):
        return True
    if _SPACED.search(before):
        return word not in OPENING_WORDS
    label = before.split()[-1:]
    return token[0].isupper() and not (label and label[0] in LABELLED)


def _can_open(word: str) -> bool:
    """A capital, a figure, a sign, a script without capitals, or a name like iPhone."""
    first = word[0]
    return not first.islower() or any(char.isupper() for char in word[1:3])
