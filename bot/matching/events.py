"""What kind of thing happened: the event type that has the strongest words.

The rules are those of ``config/events*.toml``. The strongest rule decides; further ones
of the same type only lend it a little, so that many faint words do not outvote a plain
one. The title speaks before the summary, and the front of the title before its end.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import NamedTuple

from bot.matching.passages import BODY, TITLE, Passage
from bot.matching.sightings import Trace, Tracer
from bot.model import Event, EventRule, Mention

_LEAD = 300
"""Characters of a summary that are read: what happened is said first."""

_IN_SUMMARY = 0.45
"""What a word in the summary weighs, where 1 is one at the front of the title."""

_DECIDES = 5.5
"""Where a word in the title weighs more, the summary is not asked."""

_AT_END = 0.9
"""What a word at the very end of the title weighs."""

_SUPPORT, _MOST_SUPPORT = 0.1, 1.0
"""What further words of a type add: this share of their weight, and so much in all."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What happened, and why we think so.

    Attributes:
        cue: the words that decided, as written, "…" where others stand between them.
        where: the field they stand in.
        next_event, next_cue: the type that came second, if any.
    """

    event: Event = Event.OTHER
    cue: str = ""
    where: str = ""
    next_event: Event | None = None
    next_cue: str = ""

    @property
    def reason(self) -> str:
        """One line for people."""
        if not self.cue:
            return f"event {self.event.label}: no words that tell of another"
        line = f'event {self.event.label}: "{self.cue}" in the {self.where}'
        if self.next_event is None:
            return line
        return f'{line}; next {self.next_event.label}: "{self.next_cue}"'


class _Gate(NamedTuple):
    """What a rule asks for besides its words, as ``Sighting.symbols`` numbers it."""

    rule: EventRule
    rank: int  # of its type, 0 for the one that stands first
    needs: frozenset[int]
    unless: frozenset[int]
    signs: frozenset[int]


class _Voice(NamedTuple):
    """A rule that was met, how much it says there, and its words."""

    weight: float
    gate: _Gate
    trace: Trace
    passage: Passage


class EventReader:
    """Tells the event type of a text from its words.

    Args:
        rules: in order of importance; equal weights go to the type that stands first.
        signs: words by language (BCP 47, first part) that show a text to be in it.

    Raises:
        FrameInvalid: a rule's words are written wrongly.
    """

    def __init__(
        self, rules: Sequence[EventRule], signs: Mapping[str, Sequence[str]] | None = None
    ) -> None:
        self._events = tuple(dict.fromkeys(rule.event for rule in rules))
        self._tracer = Tracer([rule.words for rule in rules])
        ask = self._tracer.number
        self._gates = tuple(
            _Gate(
                rule,
                self._events.index(rule.event),
                ask(rule.needs),
                ask(rule.unless),
                ask((signs or {}).get(rule.lang, ())),
            )
            for rule in rules
        )
        self._tracer.close()

    def read(
        self, passages: Iterable[Passage], mentions: Iterable[Mention] = (), *, lang: str = ""
    ) -> Reading:
        """The type of the news; ``OTHER`` and no cue where no rule speaks.

        Args:
            passages: the fields of the entry; the body is not read.
            mentions: the settled companies in them.
            lang: BCP 47 language, or "" where unknown.
        """
        seen = self._tracer.find_slots(mentions)
        voices: list[_Voice] = []
        for passage in passages:
            if passage.where == BODY:
                continue
            is_title = passage.where == TITLE
            if not is_title and any(voice.weight > _DECIDES for voice in voices):
                break
            sighting = self._tracer.see(passage, mentions, limit=None if is_title else _LEAD)
            seen |= sighting.symbols
            for number, trace in self._tracer.trace(sighting):
                rule, _, needs, unless, signs = gate = self._gates[number]
                if (
                    (is_title or not rule.title_only)
                    and unless.isdisjoint(sighting.symbols)
                    and needs <= seen
                    and (not rule.lang or _is_home(rule.lang, signs, seen, lang))
                ):
                    weight = rule.weight * _share(passage, trace, is_title=is_title)
                    voices.append(_Voice(weight, gate, trace, passage))
        return self._decide(_without_hidden(voices))

    def _decide(self, voices: Iterable[_Voice]) -> Reading:
        """The type with the strongest voice, a little helped by its others."""
        by_rank: dict[int, list[_Voice]] = defaultdict(list)
        for voice in voices:
            by_rank[voice.gate.rank].append(voice)
        if not by_rank:
            return Reading()
        order = sorted((-_add_up(heard), rank) for rank, heard in by_rank.items())
        first = order[0][1]
        best = max(by_rank[first], key=_weight)
        if len(order) == 1:
            return Reading(self._events[first], _written(best), best.passage.where)
        second = order[1][1]
        runner_up = max(by_rank[second], key=_weight)
        return Reading(
            self._events[first],
            _written(best),
            best.passage.where,
            self._events[second],
            _written(runner_up),
        )


_weight = itemgetter(0)


def _is_home(lang: str, signs: frozenset[int], seen: set[int], given: str) -> bool:
    """Whether the text is in ``lang``: it is said to be, or a sign shows it."""
    return given.lower().split("-")[0] == lang or not signs.isdisjoint(seen)


def _share(passage: Passage, trace: Trace, *, is_title: bool) -> float:
    """How much of its weight a finding keeps at its place."""
    if not is_title:
        return _IN_SUMMARY
    return 1 - (1 - _AT_END) * trace[0][0] / max(1, len(passage.folded.text))


def _add_up(voices: Sequence[_Voice]) -> float:
    """The strongest in full, each other rule a little."""
    if len(voices) == 1:
        return voices[0].weight
    strongest: dict[int, float] = {}
    for voice in voices:
        key = id(voice.gate)
        strongest[key] = max(voice.weight, strongest.get(key, 0.0))
    top = max(strongest.values())
    return top + min(_MOST_SUPPORT, _SUPPORT * (sum(strongest.values()) - top))


def _without_hidden(voices: Sequence[_Voice]) -> list[_Voice]:
    """Those whose words are not all part of longer findings ("price" in "price war")."""
    if len(voices) < 2:
        return list(voices)
    sized = [(sum([end - start for start, end in voice.trace]), voice) for voice in voices]
    parts = [
        (size, start, end, voice.passage) for size, voice in sized for start, end in voice.trace
    ]
    parts.sort(key=_size, reverse=True)
    longest = parts[0][0]
    kept: list[_Voice] = []
    for size, voice in sized:
        if size < longest:
            for span in voice.trace:
                if not _is_hidden(span, size, voice.passage, parts):
                    break
            else:
                continue
        kept.append(voice)
    return kept


_size = itemgetter(0)


def _is_hidden(
    span: tuple[int, int],
    size: int,
    inside: Passage,
    parts: Iterable[tuple[int, int, int, Passage]],
) -> bool:
    """Whether a part of a finding longer than ``size`` holds ``span``; ``parts``: longest first."""
    start, end = span
    for longer, first, last, passage in parts:
        if longer <= size:
            return False
        if first <= start and end <= last and passage is inside:
            return True
    return False


def _written(voice: _Voice) -> str:
    """The words as they stand in the original."""
    text, folded = voice.passage.text, voice.passage.folded
    words: list[str] = []
    before = -1
    for start, end in voice.trace:
        first, last = folded.span(start, end)
        glue = "" if before < 0 else text[before:first] if start - before <= 1 else " … "
        words.append(glue + text[first:last])
        before = last
    return "".join(words)
