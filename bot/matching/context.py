"""Settles whether a name that was found means the company.

"Sprint" is a carrier beside "merger" and a race beside "Olympic". What a name needs,
and what speaks against it, is said per alias in ``config/makers.toml`` and
``config/carriers.toml``; this file only weighs it. The order: what speaks against
the name, then what speaks for it; a name with nothing for it is not taken.
"""

from __future__ import annotations

from bisect import insort
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from bot.matching.naming import Naming
from bot.matching.passages import Neighbourhood, Neighbours, Passage
from bot.matching.scanner import Found
from bot.matching.senses import Name, Sense
from bot.model import Cue, Mention, Rejection, Role

_MOST_WEIGHED = 600
"""Names of one field that are weighed; no article of 20,000 characters comes near it."""

_LACKING = "needs a word beside it, and has none"
_ABROAD = 'in "'


@dataclass(frozen=True, slots=True)
class Candidate:
    """A name found in a passage, with everything it may mean."""

    passage: Passage
    hit: Found
    name: Name

    @property
    def senses(self) -> tuple[Sense, ...]:
        """What the name may mean."""
        return self.name.senses


@dataclass(frozen=True, slots=True)
class Place:
    """Where the entry comes from; a name may be somebody else's there."""

    lang: str = ""
    outlet_country: str = ""

    def is_among(self, codes: Sequence[str]) -> str:
        """The language or country that is among ``codes``, or ""."""
        lang = self.lang.lower().split("-")[0]
        return next((c for c in (lang, self.outlet_country.lower()) if c and c in codes), "")


Verdict = Mention | Rejection


def settle(
    candidates: Sequence[Candidate], passages: Sequence[Passage], place: Place
) -> tuple[tuple[Mention, ...], tuple[Rejection, ...]]:
    """Take or reject every candidate.

    Names that stand alone, or that a word settles, are taken first; then they themselves
    settle names that need another company; at last everyday names that stand joined
    ("Mint or Visible") vouch for one another.
    """
    candidates = _bounded(candidates)
    text = _Text(passages, Neighbourhood(passages), place)
    verdicts: list[list[Verdict]] = [[]] * len(candidates)
    for stands_alone in (True, False):
        chosen = [i for i, c in enumerate(candidates) if c.name.stands_alone is stands_alone]
        for index in chosen:
            verdicts[index] = _hear(candidates[index], text)
        for index in chosen:
            text.add(verdicts[index], candidates[index].hit)
    if text.names:
        verdicts = [
            _hear_again(candidate, heard, text) if _may_change(candidate, heard) else heard
            for candidate, heard in zip(candidates, verdicts, strict=True)
        ]
    _vouch(candidates, verdicts)
    mentions: list[Mention] = []
    rejections: dict[Rejection, None] = {}
    for heard in verdicts:
        taken, refused = _by_company(heard)
        mentions += taken
        rejections |= dict.fromkeys(refused)
    return tuple(mentions), tuple(rejections)


def _bounded(candidates: Sequence[Candidate]) -> Sequence[Candidate]:
    """Without the endless repeats of names that must be weighed."""
    if len(candidates) <= _MOST_WEIGHED:
        return candidates
    weighed: Counter[str] = Counter()
    kept = []
    for candidate in candidates:
        if not candidate.name.is_plain:
            weighed[candidate.passage.where] += 1
        if candidate.name.is_plain or weighed[candidate.passage.where] <= _MOST_WEIGHED:
            kept.append(candidate)
    return kept


@dataclass(slots=True)
class _Text:
    """What is known of the text: its words, its place, and the names taken so far.

    Attributes:
        names: the first taken form of each company, by its id.
        standing: where the names taken stand, by role and field, in reading order.
    """

    passages: Sequence[Passage]
    words: Neighbourhood
    place: Place
    names: dict[str, str] = field(default_factory=dict)
    standing: dict[Role, dict[str, list[Found]]] = field(default_factory=dict)

    def add(self, heard: Iterable[Verdict], hit: Found) -> None:
        """Note what is taken of the verdicts on the name found at ``hit``."""
        for verdict in heard:
            if isinstance(verdict, Mention):
                self.names.setdefault(verdict.company, verdict.text)
                fields = self.standing.setdefault(verdict.role, {})
                insort(fields.setdefault(verdict.where, []), hit, key=_start)


def _hear(candidate: Candidate, text: _Text) -> list[Verdict]:
    """The verdict on each sense of ``candidate``."""
    if candidate.name.is_plain:
        return [_take(candidate, sense, "") for sense in candidate.senses]
    beside = Neighbours(candidate.passage.folded.text, candidate.hit)
    return [_Hearing(candidate, sense, text, beside).decide() for sense in candidate.senses]


def _hear_again(candidate: Candidate, heard: Sequence[Verdict], text: _Text) -> list[Verdict]:
    """The verdicts with ``text`` known; a company that was taken keeps what settled it."""
    taken = {verdict.company for verdict in heard if isinstance(verdict, Mention)}
    again = _hear(candidate, text)
    return [old if old.company in taken else new for old, new in zip(heard, again, strict=True)]


def _may_change(candidate: Candidate, heard: Iterable[Verdict]) -> bool:
    """Whether a company named elsewhere in the text may still settle the name."""
    return any(
        isinstance(verdict, Rejection)
        and (verdict.reason == _LACKING or verdict.reason.startswith(_ABROAD) or sense.naming)
        for sense, verdict in zip(candidate.senses, heard, strict=True)
    )


def _by_company(heard: Iterable[Verdict]) -> tuple[list[Mention], list[Rejection]]:
    """Per company one taken sense is enough, else the first refusal stands."""
    taken: dict[str, Mention] = {}
    refused: dict[str, Rejection] = {}
    for verdict in heard:
        if isinstance(verdict, Mention):
            taken.setdefault(verdict.company, verdict)
        else:
            refused.setdefault(verdict.company, verdict)
    return list(taken.values()), [r for company, r in refused.items() if company not in taken]


def _vouch(candidates: Sequence[Candidate], verdicts: Sequence[list[Verdict]]) -> None:
    """Take names that lack only a word where they stand joined to one of the same role."""
    for group in _joined(candidates):
        known: dict[Role, dict[str, str]] = defaultdict(dict)
        unsettled: list[tuple[int, int, Sense]] = []
        for index in group:
            candidate = candidates[index]
            for number, (sense, verdict) in enumerate(
                zip(candidate.senses, verdicts[index], strict=True)
            ):
                is_open = _is_open(sense, verdict)
                if is_open:
                    unsettled.append((index, number, sense))
                if is_open or isinstance(verdict, Mention):
                    names = known[sense.company.role]
                    names.setdefault(sense.company.id, candidate.passage.written(candidate.hit))
        for index, number, sense in unsettled:
            names = known[sense.company.role]
            peer = next(
                (text for company, text in names.items() if company != sense.company.id), ""
            )
            if peer:
                verdicts[index][number] = _take(candidates[index], sense, peer)


def _is_open(sense: Sense, verdict: Verdict) -> bool:
    is_lacking = isinstance(verdict, Rejection) and verdict.reason == _LACKING
    return is_lacking and Cue.PEER in sense.cues


def _joined(candidates: Sequence[Candidate]) -> Iterator[Sequence[int]]:
    """Runs of two or more candidates joined by "and", "or", "vs" or a comma."""
    first = 0
    for index in range(1, len(candidates) + 1):
        if index < len(candidates):
            one, other = candidates[index - 1], candidates[index]
            if one.passage is other.passage and one.passage.joins(one.hit, other.hit):
                continue
        if index - first > 1:
            yield range(first, index)
        first = index


@dataclass(frozen=True, slots=True)
class _Hearing:
    """One sense of one candidate, weighed."""

    candidate: Candidate
    sense: Sense
    text: _Text
    beside: Neighbours

    def decide(self) -> Verdict:
        """Take it or not."""
        if self.sense.is_plain:
            return _take(self.candidate, self.sense, "")
        strong = self._product() or self.beside.find_before(self.sense.preceded_by)
        if against := self._against(is_settled=bool(strong)):
            return _reject(self.candidate, self.sense, against)
        if self.sense.alias.stands_alone:
            return _take(self.candidate, self.sense, "")
        if self.sense.naming is not None:
            return self._decide_as_name(self.sense.naming)
        if cue := self._own_name() or strong or self._acts() or self._need():
            return _take(self.candidate, self.sense, cue)
        return _reject(self.candidate, self.sense, _LACKING)

    def _decide_as_name(self, naming: Naming) -> Verdict:
        """For a name that is a word as well: the sentence decides."""
        heard = naming.hear(
            self.sense.alias.text,
            self.candidate.hit,
            self.candidate.passage,
            self.text.passages,
            named=[name for c, name in self.text.names.items() if c != self.sense.company.id],
            lang=self.text.place.lang,
        )
        settle_it = _take if heard.is_name else _reject
        return settle_it(self.candidate, self.sense, heard.why)

    def _against(self, *, is_settled: bool) -> str:
        """What speaks against it, or ""; ``is_settled``: its neighbours speak for it."""
        sense, hit, alias = self.sense, self.candidate.hit, self.sense.alias
        if not sense.is_as_written(hit, self.candidate.passage):
            return f'the company writes itself "{alias.text}"'
        if hit.is_plural and not alias.stands_alone:
            return "a plural of the everyday word"
        if not is_settled and (neighbour := self._wrong_neighbour()):
            return neighbour
        if word := self._near(sense.unless):
            return f'"{word}" shows another meaning'
        code = self.text.place.is_among(alias.abroad)
        if code and not (
            self._own_name()
            or self._near(sense.abroad_needs)
            or self._companion(frozenset({sense.company.role}))
        ):
            return f"{_ABROAD}{code}\" the name is somebody else's"
        return ""

    def _wrong_neighbour(self) -> str:
        """Why the word right before or after shows another meaning, or ""."""
        if word := self.beside.find_before(self.sense.not_after):
            return f'another word after "{word}"'
        if word := self.beside.find_after(self.sense.not_before):
            return f'another word before "{word}"'
        return ""

    def _product(self) -> str:
        """The product or model number right after it, or ""."""
        sense, hit, passage = self.sense, self.candidate.hit, self.candidate.passage
        if word := self.beside.find_after(sense.products):
            return word
        if Cue.MODEL in sense.cues and (model := passage.model_after(hit)):
            return model
        if Cue.LATIN in sense.cues and (product := passage.product_after(hit)):
            return product
        return "'s" if Cue.POSSESSIVE in sense.cues and passage.is_possessive(hit) else ""

    def _acts(self) -> str:
        """The word right after it that makes it somebody who acts, or ""."""
        if word := self.beside.find_after(self.sense.followed_by):
            return word
        opens = self.sense.at_start and self.candidate.passage.is_at_start(self.candidate.hit)
        return self.beside.find_after(self.sense.at_start) if opens else ""

    def _near(self, words: frozenset[str]) -> str:
        """The nearest of ``words``, as written, or ""."""
        return self.text.words.find_word(words, self.candidate.hit, self.candidate.passage.where)

    def _own_name(self) -> str:
        """The company under a settled name, wherever it stands; or ""."""
        return self.text.names.get(self.sense.company.id, "")

    def _need(self) -> str:
        """The word or the company nearby that it needs, or ""."""
        return self._near(self.sense.needs) or self._companion(self.sense.roles)

    def _companion(self, roles: frozenset[Role]) -> str:
        """The settled company of one of ``roles`` nearby, or ""."""
        hit, where = self.candidate.hit, self.candidate.passage.where
        standing = (names for role, names in self.text.standing.items() if role in roles)
        found = (self.text.words.find_name(names, hit, where) for names in standing)
        return next(filter(None, found), "")


def _start(found: Found) -> int:
    return found.start


def _take(candidate: Candidate, sense: Sense, cue: str) -> Mention:
    passage, hit, company = candidate.passage, candidate.hit, sense.company
    start, end = passage.folded.span(hit.start, hit.end)
    return Mention(
        company=company.id,
        role=company.role,
        start=start,
        end=end,
        text=passage.text[start:end],
        where=passage.where,
        cue=cue,
        prominence=passage.prominence_at(start),
    )


def _reject(candidate: Candidate, sense: Sense, reason: str) -> Rejection:
    passage, hit = candidate.passage, candidate.hit
    start, end = passage.folded.span(hit.start, hit.end)
    return Rejection(sense.company.id, passage.text[start:end], passage.where, reason, start, end)
