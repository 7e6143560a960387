"""Looks for frames in a passage: one pass of the scanner, then the findings in order.

A frame is complete when its last part is found; only then are its earlier parts looked
for, backwards and no farther than the frame reaches. So the work grows with the text and
with what is found in it, not with the number of rules.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.matching.folding import Folded
from bot.matching.frames import SLOTS, Frame, FrameInvalid, parse_frame
from bot.matching.passages import BODY, TITLE, Passage
from bot.matching.scanner import Scanner
from bot.model import Mention, Role

Span = tuple[int, int]
Trace = tuple[Span, ...]
"""Where the parts of a frame stand in a folded text, in order."""

_LOOK_BACK = 8  # places of one part that are tried; a headline hardly has so many
_MOST_FINDINGS = 400  # in one passage; past that it is a list, not a sentence

_NO_OTHER = -1  # among the symbols of every sighting: what frames of one part ask for

_CARRIER = "<carrier>"
_SLOTS_OF = {
    Role.MAKER: ("<maker>", "<company>"),
    Role.CARRIER: (_CARRIER, "<company>"),
    Role.OTHER: ("<company>",),
}
_FIGURE = re.compile(r"\d[\d,.]*")
# What may follow a name and still belong to it: "Note 14 Pro+ 5G (2025)".
_MODEL = re.compile(
    r"(?: [a-z]{2,12} [0-9]{1,4}(?!\w))?"
    r"(?: \(?(?:\d[a-z\d.]*\+?|[a-z]{1,3}\d+[a-z]{0,2}|[a-z]|lite|max|mini|neo|note|plus|prime|pro"
    r"|se|turbo|ultra|edge|flip|fold|play|power|stylus|pad|tab|watch|band|buds|gt|xl)"
    r"(?:\+|(?!\w))\)?){0,6}"
)
_BEFORE_MONEY = re.compile(r"(?:[$€£¥₹]|\b(?:rs\.?|inr|usd|rmb|eur)) ?$")
_AFTER_MONEY = re.compile(r" ?(?:dollars|euros?|yuan|rupees|dolar|zł|pln|руб|[元円원€£$])")
_AFTER_SUM = re.compile(r" ?(?:bn|mn|b|m|billion|million|trillion|crore|lakh)\b")
_AFTER_PERCENT = re.compile(r" ?(?:%|percent\b|per cent\b|proc\.|prozent\b)")
_SENTENCE_END = re.compile(
    r"(?<=[\w'][\w'][\w'])(?<!inc)(?<!ltd)(?<!corp)[.!?]+[\"')\]”’]* |[。！？；;|]"
)
# In the original, where hyphens are still what they are.
_STARTS = re.compile(r"(?:^|[:|：｜]\s*|\s[-–—]\s+|[.!?]\s+)[\"'“‘(\[【「『«\s]*$")
_ENDS = re.compile(r"[\"'”’)\]】」』»]*(?:\s*$|\s*[:|：｜]|\s+[-–—]\s|[.!?…]+(?:\s|$))")


class Sighting:
    """What was found in a passage.

    Attributes:
        places: where each phrase and slot stands, in reading order.
        symbols: the sets of words of which one was found, by their numbers (0 and up).
    """

    def __init__(
        self, passage: Passage, text: str, places: Mapping[str, list[Span]], symbols: set[int]
    ) -> None:
        self.passage = passage
        self.places = places
        self.symbols = symbols
        self._text = text
        self._breaks: list[int] | None = None
        self._spans: dict[frozenset[str], list[Span]] = {}

    def find_spans(self, words: frozenset[str]) -> list[Span]:
        """Where any of ``words`` stands, in reading order."""
        known = self._spans.get(words)
        if known is None:
            known = [span for word, at in self.places.items() if word in words for span in at]
            known.sort()
            self._spans[words] = known
        return known

    def is_one_sentence(self, start: int, end: int) -> bool:
        """Whether no sentence ends between the two places."""
        if self._breaks is None:
            self._breaks = [match.start() for match in _SENTENCE_END.finditer(self._text)]
        place = bisect_left(self._breaks, start)
        return place == len(self._breaks) or self._breaks[place] >= end


@dataclass(frozen=True, slots=True)
class _Path:
    """A frame, the number of the rule it belongs to, and those of its parts but the last."""

    rule: int
    frame: Frame
    before: frozenset[int]


_Paths = tuple[frozenset[int], dict[int, list[_Path]]]
"""The paths that a word completes by the symbol of their rarest part, and these symbols."""


class Tracer:
    """Finds which rules' frames stand in a passage.

    Ask ``number`` for all that rules want to know besides, then ``close`` it; only then
    can it ``see``.

    Args:
        rules: the frames of each rule, as written; rules are known by their number.

    Raises:
        FrameInvalid: a frame is written wrongly.
    """

    def __init__(self, rules: Sequence[Sequence[str]]) -> None:
        self._numbers: dict[frozenset[str], int] = {}
        plain: dict[str, list[int]] = defaultdict(list)
        paths: dict[str, dict[int, list[_Path]]] = defaultdict(dict)
        for rule, written in enumerate(rules):
            for frame in map(parse_frame, written):
                if frame.is_plain:
                    for word in frame.parts[0].words:
                        plain[word].append(rule)
                else:
                    self._add(rule, frame, paths)
        self._plain = _share_numbers(plain)
        self._paths = _share_paths(paths)
        self._symbols: Mapping[str, tuple[int, ...]] = {}
        self._scanner = Scanner(())

    def _add(self, rule: int, frame: Frame, paths: dict[str, dict[int, list[_Path]]]) -> None:
        """Know the frame by the words that complete it, and by the rarest part before those."""
        sets = [part.words for part in frame.parts[:-1]]
        before = [self._number(words) for words in sets]
        rarest = self._number(min(sets, key=_commonness)) if sets else _NO_OTHER
        path = _Path(rule, frame, frozenset(before))
        for word in frame.parts[-1].words:
            paths[word].setdefault(rarest, []).append(path)

    def _number(self, words: frozenset[str]) -> int:
        return self._numbers.setdefault(words, len(self._numbers))

    def number(self, words: Iterable[str]) -> frozenset[int]:
        """What ``Sighting.symbols`` will say of each of ``words``, plain words and slots.

        Raises:
            FrameInvalid: one of them is more than one part.
        """
        frames = [(word, parse_frame(word)) for word in words]
        for word, frame in frames:
            if not frame.is_plain:
                raise FrameInvalid(
                    f'"{word}" is a frame; only plain words and slots can stand here'
                )
        return frozenset(self._number(frame.parts[0].words) for _, frame in frames)

    def close(self) -> None:
        """Make ready to see."""
        self._symbols = _invert(self._numbers)
        known = self._symbols.keys() | self._plain.keys() | self._paths.keys()
        self._scanner = Scanner(known - SLOTS)

    def find_slots(self, mentions: Iterable[Mention]) -> set[int]:
        """The numbers that stand for names outside the body, without a look at the text."""
        slots = {slot for m in mentions if m.where != BODY for slot in _SLOTS_OF[m.role]}
        return {number for slot in slots for number in self._symbols.get(slot, ())}

    def see(
        self, passage: Passage, mentions: Iterable[Mention] = (), *, limit: int | None = None
    ) -> Sighting:
        """What stands in ``passage``, in its first ``limit`` characters."""
        folded = passage.folded if limit is None else passage.folded.front(limit)
        slots = _find_slots(passage, folded, mentions)
        places = self._scanner.find_places(folded, _MOST_FINDINGS)
        if names := slots.get(_CARRIER):
            _drop_parts(names, places)
        places |= slots
        symbols = {_NO_OTHER}
        of_phrase = self._symbols
        for phrase in places:
            if phrase in of_phrase:
                symbols.update(of_phrase[phrase])
        return Sighting(passage, folded.text, places, symbols)

    def trace(self, sighting: Sighting) -> list[tuple[int, Trace]]:
        """Each rule that is met, with the places of its parts."""
        found: list[tuple[int, Trace]] = []
        symbols = sighting.symbols
        plain, paths_of = self._plain, self._paths
        for phrase, spans in sighting.places.items():
            if phrase in plain:
                for rule in plain[phrase]:
                    found += [(rule, (span,)) for span in spans[:_LOOK_BACK]]
            if phrase in paths_of:
                keys, paths = paths_of[phrase]
                for key in keys & symbols:
                    for path in paths[key]:
                        if path.before <= symbols:
                            found += _follow(path, sighting, spans)
        return found


def _commonness(words: frozenset[str]) -> tuple[bool, int]:
    """Names stand in every headline; of words, the more may do, the oftener one is there."""
    return (not words.isdisjoint(SLOTS), len(words))


def _find_slots(
    passage: Passage, folded: Folded, mentions: Iterable[Mention]
) -> dict[str, list[Span]]:
    """Names and figures by slot, each kind in reading order."""
    places: dict[str, list[Span]] = {}
    text = folded.text
    origin = folded.origin
    for mention in mentions:
        if mention.where != passage.where:
            continue
        start, end = mention.start, mention.end
        if not isinstance(origin, range):  # what was folded is not as long as the original
            start = bisect_left(origin, start)
            end = bisect_left(origin, end, start)
        span = (start, end)
        if span[1] > len(text):
            continue
        for slot in _SLOTS_OF[mention.role]:
            places.setdefault(slot, []).append(span)
        model = _MODEL.match(text, span[1])
        if model and model.end() > span[1]:
            places.setdefault("<model>", []).append((start, model.end()))
    for match in _FIGURE.finditer(text):
        start, end = match.span()
        if start and text[start - 1].isalpha() and text[start - 1].isascii():
            continue  # "x100" is a name
        for slot, span in _read_figure(text, start, end):
            places.setdefault(slot, []).append(span)
    return places


def _drop_parts(names: Sequence[Span], places: dict[str, list[Span]]) -> None:
    """Forget what is only part of a name: "Spectrum Mobile" speaks of no spectrum."""
    for first, last in names:
        parts = [
            (phrase, span)
            for phrase, spans in places.items()
            for span in spans
            if first <= span[0] and span[1] <= last
        ]
        for phrase, span in parts:
            places[phrase].remove(span)
            if not places[phrase]:
                del places[phrase]


def _read_figure(text: str, start: int, end: int) -> Iterator[tuple[str, Span]]:
    """What the figure at ``start:end`` counts, with its sign; a large sum is money as well."""
    if sign := _BEFORE_MONEY.search(text, max(0, start - 5), start):
        start = sign.start()
        if _AFTER_SUM.match(text, end):
            yield "<sum>", (start, end)
        yield "<money>", (start, end)
    elif sign := _AFTER_MONEY.match(text, end):
        yield "<money>", (start, sign.end())
    elif sign := _AFTER_PERCENT.match(text, end):
        yield "<percent>", (start, sign.end())
    else:
        yield "<number>", (start, end)


def _follow(path: _Path, sighting: Sighting, spans: Sequence[Span]) -> list[tuple[int, Trace]]:
    """The path, where it can be walked back from one of ``spans``, its last part."""
    frame = path.frame
    found: list[tuple[int, Trace]] = []
    for span in spans[:_LOOK_BACK]:
        if frame.at_end and not _stands_at(_ENDS, sighting.passage, span[1], before=False):
            continue
        if (trace := _walk_back(frame, sighting, len(frame.parts) - 1, span)) is not None:
            found.append((path.rule, trace))
    return found


def _walk_back(frame: Frame, sighting: Sighting, place: int, span: Span) -> Trace | None:
    if place == 0:
        if frame.at_start and not _stands_at(_STARTS, sighting.passage, span[0], before=True):
            return None
        return (span,)
    reach = frame.parts[place].reach
    earlier = sighting.find_spans(frame.parts[place - 1].words)
    # Spans are in reading order, so the nearest of them come last.
    first = bisect_left(earlier, span)
    for other in reversed(earlier[max(0, first - _LOOK_BACK) : first]):
        gap = span[0] - other[1]
        if gap < 0 or gap > reach or not sighting.is_one_sentence(other[1], span[0]):
            continue
        if (found := _walk_back(frame, sighting, place - 1, other)) is not None:
            return (*found, span)
    return None


def _stands_at(pattern: re.Pattern[str], passage: Passage, place: int, *, before: bool) -> bool:
    """Whether the original fits ``pattern`` right before or after a place; titles only."""
    if passage.where != TITLE:
        return False
    origin, text = passage.folded.origin, passage.text
    if before:
        return pattern.search(text, max(0, origin[place] - 12), origin[place]) is not None
    return pattern.match(text, origin[place - 1] + 1) is not None


def _invert(symbols: Mapping[frozenset[str], int]) -> dict[str, tuple[int, ...]]:
    """The symbols each phrase stands for."""
    found: dict[str, list[int]] = defaultdict(list)
    for words, symbol in symbols.items():
        for word in words:
            found[word].append(symbol)
    return _share_numbers(found)


def _share_numbers(found: Mapping[str, Iterable[int]]) -> dict[str, tuple[int, ...]]:
    """The numbers of each word; words with the same ones, as forms of a verb, share them."""
    known: dict[tuple[int, ...], tuple[int, ...]] = {}
    shared = {}
    for word, listed in found.items():
        numbers = tuple(listed)
        shared[word] = known.setdefault(numbers, numbers)
    return shared


def _share_paths(found: Mapping[str, dict[int, list[_Path]]]) -> dict[str, _Paths]:
    """The paths that each word completes; words that complete the same ones share them."""
    known: dict[tuple[tuple[int, ...], ...], _Paths] = {}
    shared = {}
    for word, by_symbol in found.items():
        same = tuple((symbol, *map(id, paths)) for symbol, paths in by_symbol.items())
        if same not in known:
            known[same] = (frozenset(by_symbol), by_symbol)
        shared[word] = known[same]
    return shared
