"""Text in, verdict out: which companies it names, whether it is ours, and why.

Order of work: fold and scan the names (nearly every entry ends here, with none);
find the words of our subject; settle the names; then pairs, relevance and event.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Self

from bot.matching.context import Candidate, Place, settle
from bot.matching.events import EventReader
from bot.matching.folding import fold
from bot.matching.naming import Naming
from bot.matching.pairs import best_pair_or_none
from bot.matching.passages import BODY, SUMMARY, TITLE, Passage, group_words
from bot.matching.reasons import give_reasons
from bot.matching.relevance import Topic
from bot.matching.scanner import Found, Scanner, longest_only, make_glance, scanned
from bot.matching.senses import Sense, make_name, make_sense
from bot.matching.watches import guard_names
from bot.model import (
    Catalogue,
    Company,
    Match,
    Mention,
    Pair,
    Prominence,
    Rejection,
    Role,
)

MAX_TEXT = 20_000
"""Characters of a field that are read: past that come comments and other articles."""

MAX_FOUND = 5_000
"""Names, and words beside names, that are read in a field; it has about 4,000 words."""

_DECOY = "means something else"

_NOTHING = Match()

_BY_PROMINENCE = {prominence: place for place, prominence in enumerate(Prominence)}


class Matcher:
    """Flags entries; built once, then used for every entry.

    Args:
        catalogue: the companies and words of ``config/*.toml``.
        watched: companies that somebody watches besides; one with the id of a company in
            the catalogue takes its place.
        plain: a matcher of the same catalogue for which nobody watches anything, if there is
            one: what is news to everybody is its verdict.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        *,
        watched: Iterable[Company] = (),
        plain: Matcher | None = None,
    ) -> None:
        self._catalogue = catalogue
        guarded = guard_names(watched, catalogue)
        self._watched = frozenset(company.id for company in guarded)
        self._companies = {**catalogue.companies, **{c.id: c for c in guarded}}
        is_asked = any(alias.is_word for company in guarded for alias in company.aliases)
        naming = Naming(catalogue.name_words) if is_asked else None
        senses: dict[str, list[Sense]] = defaultdict(list)
        self._decoys: dict[str, list[str]] = defaultdict(list)
        for company in self._companies.values():
            for alias in company.aliases:
                senses[scanned(alias.text)].append(make_sense(company, alias, naming))
            for decoy in company.decoys:
                self._decoys[scanned(decoy)].append(company.id)
        self._known = {form: make_name(meant) for form, meant in senses.items()}
        self._names = Scanner([*self._known, *self._decoys])
        self._glance = make_glance([*self._known, *self._decoys])
        near = (sense.near_words for meant in senses.values() for sense in meant)
        names = naming.near_words if naming else frozenset()
        self._topic = Topic(catalogue)
        self._words = Scanner(self._topic.words.union(names, *near))
        if plain is None and self._watched:
            plain = Matcher(catalogue)
        self._plain = plain

    @cached_property
    def events(self) -> EventReader:
        """Tells what kind of news it is; the dearest part, and the same for all of a catalogue."""
        if self._plain is not None:
            return self._plain.events
        return EventReader(self._catalogue.event_rules, self._catalogue.event_signs)

    def prepare(self) -> Self:
        """Make now what the first verdict would wait for: most of what a matcher costs.

        Only verdicts need it: whoever is asked for none, or only who is named, never pays.
        """
        _ = self.events
        return self

    def match(
        self,
        title: str,
        summary: str = "",
        body: str = "",
        *,
        lang: str = "",
        outlet_country: str = "",
        explained: bool = True,
    ) -> Match:
        """The verdict on one entry; plain text in, any string will do.

        Args:
            title: as published, without the outlet's name.
            summary: the description, or "".
            body: the full article where the feed carries it, or "".
            lang: BCP 47 language of the text, or "" where unknown.
            outlet_country: ISO 3166 country of the outlet, or "".
            explained: False leaves the reasons out, a tenth of the work.
        """
        passages = self._read(title, summary, body)
        if not passages:
            return _NOTHING
        mentions, rejections = self._settle(passages, Place(lang, outlet_country))
        verdict = self._conclude([p for p, _ in passages], mentions, rejections, lang)
        if explained:
            verdict = self._explained(verdict)
        if self._plain is None or not self._has_watched(verdict):
            return verdict
        public = self._plain.match(
            title, summary, body, lang=lang, outlet_country=outlet_country, explained=explained
        )
        return _with_public(verdict, public)

    def name(self, title: str, text: str = "") -> Match:
        """Who is named and nothing else, half the work of a verdict: a Match of mentions."""
        passages = self._read(title, text, "")
        mentions, rejections = self._settle(passages, Place("", "")) if passages else ((), ())
        return Match(mentions=mentions, rejections=rejections)

    @property
    def catalogue(self) -> Catalogue:
        """The companies and words it was built from, without those that are watched."""
        return self._catalogue

    def watching(self, watched: Iterable[Company]) -> Matcher:
        """A matcher over the same catalogue that looks for ``watched`` instead."""
        return Matcher(self._catalogue, watched=watched, plain=self._plain or self)

    def name_of(self, company: str) -> str:
        """The name people know, of companies of the catalogue and of those watched besides."""
        known = self._companies.get(company)
        return known.name if known else company

    def _read(self, title: str, summary: str, body: str) -> list[tuple[Passage, tuple[Found, ...]]]:
        """The fields that have text, each with the names in it; none where no name is."""
        fields = [
            (where, text[:MAX_TEXT])
            for where, text in ((TITLE, title), (SUMMARY, summary), (BODY, body))
            if text
        ]
        if not any(self._glance.may_hold(text) for _, text in fields):
            return []
        read = [(where, text, fold(text)) for where, text in fields]
        names = [self._names.find_all(folded, at_most=MAX_FOUND) for _, _, folded in read]
        if not any(names):
            return []
        passages = (
            Passage(
                where, text, folded, group_words(self._words.find_all(folded, at_most=MAX_FOUND))
            )
            for where, text, folded in read
        )
        return list(zip(passages, names, strict=True))

    def _settle(
        self, found: Sequence[tuple[Passage, tuple[Found, ...]]], place: Place
    ) -> tuple[tuple[Mention, ...], tuple[Rejection, ...]]:
        """Which of the names mean a company, and which do not."""
        candidates, decoyed = self._sort(found)
        mentions, rejections = settle(candidates, [passage for passage, _ in found], place)
        return mentions, (*decoyed, *rejections)

    def _sort(
        self, found: Iterable[tuple[Passage, tuple[Found, ...]]]
    ) -> tuple[list[Candidate], list[Rejection]]:
        """Names apart from phrases that only hold a name."""
        candidates: list[Candidate] = []
        rejections: list[Rejection] = []
        for passage, hits in found:
            for hit in self._choose(hits, passage):
                if name := self._known.get(hit.phrase):
                    candidates.append(Candidate(passage, hit, name))
                for company in self._decoys.get(hit.phrase, ()):
                    start, end = passage.folded.span(hit.start, hit.end)
                    text = passage.text[start:end]
                    rejections.append(Rejection(company, text, passage.where, _DECOY, start, end))
        return candidates, rejections

    def _choose(self, hits: Iterable[Found], passage: Passage) -> Iterable[Found]:
        """The longest of overlapping names, those first that are written as they must be.

        "at T-Mobile" holds no "ATT" that could hide the carrier.
        """
        right: list[Found] = []
        wrong: list[Found] = []
        for hit in hits:
            (right if self._is_as_written(hit, passage) else wrong).append(hit)
        kept = longest_only(right)
        if not wrong:
            return kept
        ends = [hit.end for hit in kept]
        free = (hit for hit in wrong if not _overlaps(hit, kept, ends))
        return sorted((*kept, *longest_only(free)), key=lambda hit: hit.start)

    def _is_as_written(self, hit: Found, passage: Passage) -> bool:
        if hit.phrase in self._decoys:
            return True
        name = self._known[hit.phrase]
        return name.is_plain or any(s.is_as_written(hit, passage) for s in name.senses)

    def _conclude(
        self,
        passages: Sequence[Passage],
        mentions: tuple[Mention, ...],
        rejections: tuple[Rejection, ...],
        lang: str,
    ) -> Match:
        """The verdict, once the names are settled."""
        if not mentions:
            return Match(rejections=rejections)
        texts = {passage.where: passage.text for passage in passages}
        pair = best_pair_or_none(mentions, texts)
        relevant, relevance = self._judge(mentions, passages, pair)
        happened = self.events.read(passages, mentions, lang=lang)
        ranked = sorted(mentions, key=lambda m: _BY_PROMINENCE[m.prominence])
        by_role = {
            role: tuple(dict.fromkeys(m.company for m in ranked if m.role is role)) for role in Role
        }
        return Match(
            makers=by_role[Role.MAKER],
            carriers=by_role[Role.CARRIER],
            others=by_role[Role.OTHER],
            relevant=relevant,
            relevance=relevance,
            is_pair=pair is not None and not pair.is_passing,
            pair=pair,
            event=happened.event,
            event_cue=happened.cue,
            event_reason=happened.reason,
            watched=tuple(c for c in _up_front(mentions) if c in self._watched),
            relevant_to_all=relevant,
            pair_to_all=pair is not None and not pair.is_passing,
            mentions=mentions,
            rejections=rejections,
        )

    def _judge(
        self, mentions: Sequence[Mention], passages: Sequence[Passage], pair: Pair | None
    ) -> tuple[bool, str]:
        """A pair up front is ours; a company only in the body, or late in the summary, passes by.

        A pair of which both names stand further down leaves the word to the headline.
        """
        if pair and {pair.maker.prominence, pair.carrier.prominence} != {Prominence.PASSING}:
            return True, "relevant: a maker and a carrier close together"
        companies = [self._companies[c] for c in _up_front(mentions)]
        is_in_title = any(m.where == TITLE for m in mentions)
        return self._topic.judge(companies, passages, is_in_title=is_in_title)

    def _has_watched(self, verdict: Match) -> bool:
        """Whether a watched name was seen, and so may have had a say in anything."""
        seen = {one.company for one in verdict.mentions}
        seen.update(one.company for one in verdict.rejections)
        return not seen.isdisjoint(self._watched)

    def _explained(self, verdict: Match) -> Match:
        return replace(verdict, reasons=give_reasons(verdict, self.name_of).lines)


def _with_public(verdict: Match, public: Match) -> Match:
    """``verdict`` with what it would be if nobody watched a company besides.

    A watched name may stand over one of the catalogue ("Huawei Mate" over "Huawei"), and may
    settle another; neither may change what everybody gets.
    """
    hidden = set(public.companies).difference(verdict.companies)
    lines = (line for line in public.reasons if hidden and line not in verdict.reasons)
    return replace(
        verdict,
        makers=tuple(dict.fromkeys(verdict.makers + public.makers)),
        carriers=tuple(dict.fromkeys(verdict.carriers + public.carriers)),
        mentions=verdict.mentions + tuple(m for m in public.mentions if m.company in hidden),
        relevant=verdict.relevant or public.relevant,
        relevance=verdict.relevance if verdict.relevant else public.relevance or verdict.relevance,
        is_pair=verdict.is_pair or public.is_pair,
        pair=verdict.pair if verdict.is_pair else public.pair or verdict.pair,
        relevant_to_all=public.relevant,
        pair_to_all=public.is_pair,
        reasons=(*verdict.reasons, *lines),
    )


def _up_front(mentions: Iterable[Mention]) -> tuple[str, ...]:
    """The companies that are not just mentioned in passing, in order of appearance."""
    named = (
        m.company for m in mentions if m.where != BODY and m.prominence is not Prominence.PASSING
    )
    return tuple(dict.fromkeys(named))


def _overlaps(hit: Found, kept: Sequence[Found], ends: Sequence[int]) -> bool:
    """Whether any of ``kept`` (in order, apart) shares a character with ``hit``."""
    after = bisect_right(ends, hit.start)
    return after < len(kept) and kept[after].start < hit.end
