"""The pair rule: a story is ours when a handset maker and a carrier are named close together.

Pure: mentions in, the best pair out. Whether a name means the company is settled
earlier, in matching/context.py; who is told is settled later, in pipeline/routing.py.

A pair of which one name stands up front (in the headline, or in the opening of the
description or of the article) counts. Where both stand further down, it counts only if one
of the two companies is up front elsewhere and one sentence holds both: the article tells of
that company and ties the other to it. Every other pair down there is background, "last year
a carrier dropped a maker": it is passing, which is noted, and flags nothing.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot.model import Mention, Pair, Prominence, Role
from bot.prose import iter_spans

NEAR = 200
"""Characters of plain text between the two names: two sentences.

Measured: of 46 labelled pairs half are within 15 characters, all but one within 52, the
widest is 83; the rest is room for the longer sentences of articles.
"""

MAX_SENTENCE = 400
"""Characters of a sentence that are kept; a longer one is cut around the two names."""

_AROUND = 80  # characters kept on either side of the names where it is cut
_OTHER_SIDE = {Role.MAKER: Role.CARRIER, Role.CARRIER: Role.MAKER}
_UP_FRONT = {Prominence.HEADLINE: 0, Prominence.LEAD: 1}
_KNOWN, _UNKNOWN = 2, 3  # passing mentions: of a company that is up front elsewhere, or not
_LEVELS = (0, 1, _KNOWN, _UNKNOWN)


@dataclass(frozen=True, slots=True)
class _Placed:
    """A mention at ``start:end`` of the one text that all fields make; level 0 is the best."""

    mention: Mention
    level: int
    start: int
    end: int


_Rank = tuple[bool, int, int, int]
"""How good a pair is, the best first: passing, worse level, better level, gap."""


def best_pair_or_none(
    mentions: Iterable[Mention], texts: Mapping[str, str], *, near: int = NEAR
) -> Pair | None:
    """The best pair of names at most ``near`` characters apart, or None.

    One that counts goes before a passing one, then the more prominent, then the closer, then
    the first. One pass over the mentions, each held against the last ones of the other side:
    a long article names both a thousand times.

    Args:
        texts: title, summary and body by name, in reading order, as the mentions stand there.
    """
    if near < 0:
        raise ValueError(f"near is a distance in characters, 0 or more; got {near}")
    fields = _Fields(texts)
    best: tuple[_Rank, _Placed, _Placed] | None = None
    last: dict[tuple[Role, int], _Placed] = {}
    for second in fields.place(mentions):
        role = second.mention.role
        for level in _LEVELS:
            first = last.get((_OTHER_SIDE[role], level))
            if first is None or second.start - first.end > near:
                continue
            rank = _rank(first, second, fields)
            if best is None or rank < best[0]:
                best = rank, first, second
        before = last.get((role, second.level))
        if before is None or before.end <= second.end:
            last[role, second.level] = second
    return None if best is None else _make_pair(*best, fields)


def _rank(first: _Placed, second: _Placed, fields: _Fields) -> _Rank:
    better, worse = sorted((first.level, second.level))
    is_passing = better == _UNKNOWN or (
        better == _KNOWN and not fields.find_span(first.mention, second.mention)
    )
    return is_passing, worse, better, max(0, second.start - first.end)


def _make_pair(rank: _Rank, first: _Placed, second: _Placed, fields: _Fields) -> Pair:
    is_passing, _, _, gap = rank
    one, other = first.mention, second.mention
    span = fields.find_span(one, other)
    maker, carrier = (one, other) if one.role is Role.MAKER else (other, one)
    return Pair(
        maker=maker,
        carrier=carrier,
        gap=gap,
        sentence=fields.sentence(one, other, span) if span else fields.stretch(one, other),
        is_one_sentence=bool(span),
        is_passing=is_passing,
    )


class _Fields:
    """The fields of an entry, and the sentences in them."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = texts
        self._offsets: dict[str, int] = {}
        length = 0
        for where, text in texts.items():
            self._offsets[where] = length
            length += len(text) + 1
        self._spans: dict[str, list[tuple[int, int]]] = {}

    def place(self, mentions: Iterable[Mention]) -> list[_Placed]:
        """Makers and carriers in reading order; none where one side is missing."""
        sides = [m for m in mentions if m.role in _OTHER_SIDE]
        if len({m.role for m in sides}) < len(_OTHER_SIDE):
            return []
        known = {m.company for m in sides if m.prominence in _UP_FRONT}
        placed = []
        for m in sides:
            level = _UP_FRONT.get(m.prominence, _KNOWN if m.company in known else _UNKNOWN)
            offset = self._offsets[m.where]
            placed.append(_Placed(m, level, offset + m.start, offset + m.end))
        return sorted(placed, key=lambda one: one.start)

    def find_span(self, first: Mention, second: Mention) -> tuple[int, int] | None:
        """Where the sentence that holds both begins and ends; None where none does."""
        if first.where != second.where:
            return None
        if first.where not in self._spans:
            self._spans[first.where] = list(iter_spans(self._texts[first.where]))
        spans = self._spans[first.where]
        span = spans[bisect_right(spans, first.start, key=lambda one: one[0]) - 1]
        return span if second.start < span[1] else None

    def sentence(self, first: Mention, second: Mention, span: tuple[int, int]) -> str:
        """The sentence at ``span``; of a very long one what surrounds the two names."""
        text, (start, end) = self._texts[first.where], span
        if end - start <= MAX_SENTENCE:
            return _one_line(text[start:end])
        left, right = max(start, first.start - _AROUND), min(end, second.end + _AROUND)
        before, after = "… " if left > start else "", " …" if right < end else ""
        return before + _one_line(text[left:right]) + after

    def stretch(self, first: Mention, second: Mention) -> str:
        """What stands from the one to the other, both names included."""
        if first.where == second.where:
            return _one_line(self._texts[first.where][first.start : max(first.end, second.end)])
        names = list(self._texts)
        between = names[names.index(first.where) + 1 : names.index(second.where)]
        parts = (
            self._texts[first.where][first.start :],
            *(self._texts[where] for where in between),
            self._texts[second.where][: second.end],
        )
        return " / ".join(_one_line(part) for part in parts)


def _one_line(text: str) -> str:
    return " ".join(text.split())
