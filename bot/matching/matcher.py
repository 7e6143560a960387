"""Text in, verdict out: which companies it names, whether it is ours, and why.

Order of work: fold and scan the names (nearly every entry ends here, with none);
find the words of our subject; settle the names; then pairs, relevance and event.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from bot.matching.context import Candidate, Place, Sense, make_sense, settle
from bot.matching.events import EventReader
from bot.matching.folding import fold
from bot.matching.pairs import find_pairs
from bot.matching.passages import BODY, SUMMARY, TITLE, Passage, group_words
from bot.matching.relevance import Topic
from bot.matching.scanner import Found, Scanner, longest_only, scanned
from bot.matching.watches import guard_everyday
from bot.model import Catalogue, Company, Match, Mention, Rejection, Role

MAX_TEXT = 20_000
"""Characters of a field that are read: past that come comments and other articles."""

_LEAD = 280
"""Characters of a summary in which a company is what the news is about."""


class Matcher:
    """Flags entries; built once, then used for every entry.

    Args:
        catalogue: the companies and words of ``config/*.toml``.
        watched: companies that somebody watches besides; one with the id of a company in
            the catalogue takes its place.
    """

    def __init__(self, catalogue: Catalogue, *, watched: Iterable[Company] = ()) -> None:
        guarded = (guard_everyday(company, catalogue) for company in watched)
        self._companies = {**catalogue.companies, **{c.id: c for c in guarded}}
        self._senses: dict[str, list[Sense]] = defaultdict(list)
        self._decoys: dict[str, list[str]] = defaultdict(list)
        for company in self._companies.values():
            for alias in company.aliases:
                self._senses[scanned(alias.text)].append(make_sense(company, alias))
            for decoy in company.decoys:
                self._decoys[scanned(decoy)].append(company.id)
        self._names = Scanner([*self._senses, *self._decoys])
        business = frozenset(map(scanned, catalogue.business_words))
        off_topic = frozenset(map(scanned, catalogue.off_topic_words))
        near = (s.near_words for senses in self._senses.values() for s in senses)
        self._words = Scanner(business.union(off_topic, *near))
        self._topic = Topic(business, off_topic)
        self._events = EventReader(catalogue.event_rules)

    def match(
        self,
        title: str,
        summary: str = "",
        body: str = "",
        *,
        lang: str = "",
        outlet_country: str = "",
    ) -> Match:
        """The verdict on one entry; plain text in, any string will do.

        Args:
            title: as published, without the outlet's name.
            summary: the description, or "".
            body: the full article where the feed carries it, or "".
            lang: BCP 47 language of the text, or "" where unknown.
            outlet_country: ISO 3166 country of the outlet, or "".
        """
        fields = ((TITLE, title), (SUMMARY, summary), (BODY, body))
        read = [(where, text[:MAX_TEXT], fold(text[:MAX_TEXT])) for where, text in fields if text]
        names = [self._names.find_all(folded) for _, _, folded in read]
        if not any(names):
            return Match()
        passages = [
            Passage(where, text, folded, group_words(self._words.find_all(folded)))
            for where, text, folded in read
        ]
        found = zip(passages, names, strict=True)
        candidates, decoyed = self._sort(found)
        mentions, rejections = settle(candidates, passages, Place(lang, outlet_country))
        return self._conclude(passages, mentions, (*decoyed, *rejections))

    def _sort(
        self, found: Iterable[tuple[Passage, tuple[Found, ...]]]
    ) -> tuple[list[Candidate], list[Rejection]]:
        """Names apart from phrases that only hold a name."""
        candidates: list[Candidate] = []
        rejections: list[Rejection] = []
        for passage, hits in found:
            for hit in self._choose(hits, passage):
                if senses := self._senses.get(hit.phrase):
                    candidates.append(Candidate(passage, hit, tuple(senses)))
                rejections += (
                    Rejection(company, passage.written(hit), passage.where, "means something else")
                    for company in self._decoys.get(hit.phrase, ())
                )
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
        senses = self._senses.get(hit.phrase, ())
        return hit.phrase in self._decoys or any(s.is_as_written(hit, passage) for s in senses)

    def _conclude(
        self,
        passages: Sequence[Passage],
        mentions: tuple[Mention, ...],
        rejections: tuple[Rejection, ...],
    ) -> Match:
        """The verdict, once the names are settled."""
        if not mentions:
            return Match(rejections=rejections, reasons=tuple(self._reasons((), rejections)))
        by_role: dict[Role, tuple[str, ...]] = {
            role: tuple(dict.fromkeys(m.company for m in mentions if m.role is role))
            for role in Role
        }
        is_pair = bool(find_pairs(_in_one_text(mentions, passages)))
        relevant, why = self._judge(mentions, passages, is_pair=is_pair)
        names_both = bool(by_role[Role.MAKER] and by_role[Role.CARRIER])
        event, cue = self._events.read(passages, is_pair=names_both)
        return Match(
            makers=by_role[Role.MAKER],
            carriers=by_role[Role.CARRIER],
            others=by_role[Role.OTHER],
            relevant=relevant,
            is_pair=is_pair,
            event=event,
            event_cue=cue,
            mentions=mentions,
            rejections=rejections,
            reasons=(*self._reasons(mentions, rejections), why),
        )

    def _judge(
        self, mentions: Sequence[Mention], passages: Sequence[Passage], *, is_pair: bool
    ) -> tuple[bool, str]:
        """A company only in the body, or late in the summary, is passing by; a pair is not."""
        if is_pair:
            return True, "relevant: a maker and a carrier close together"
        up_front = dict.fromkeys(
            m.company
            for m in mentions
            if m.where == TITLE or (m.where == SUMMARY and m.start < _LEAD)
        )
        return self._topic.judge([self._companies[c] for c in up_front], passages)

    def _reasons(
        self, mentions: Iterable[Mention], rejections: Iterable[Rejection]
    ) -> Iterable[str]:
        """One line per company and field, then one per name not taken."""
        lines: dict[tuple[str, str], str] = {}
        for m in mentions:
            why = f'settled by "{m.cue}"' if m.cue else "the name itself"
            name = self._companies[m.company].name
            who = m.text if scanned(m.text) == scanned(name) else f"{m.text} ({name})"
            lines.setdefault((m.company, m.where), f"{who} in the {m.where}: {m.role}; {why}")
        refused = (f'"{r.text}" in the {r.where} rejected: {r.reason}' for r in rejections)
        return dict.fromkeys((*lines.values(), *refused))


def _overlaps(hit: Found, kept: Sequence[Found], ends: Sequence[int]) -> bool:
    """Whether any of ``kept`` (in order, apart) shares a character with ``hit``."""
    after = bisect_right(ends, hit.start)
    return after < len(kept) and kept[after].start < hit.end


def _in_one_text(mentions: Iterable[Mention], passages: Sequence[Passage]) -> list[Mention]:
    """Mentions placed as if title, summary and body stood in one text, a space between."""
    offset: dict[str, int] = {}
    length = 0
    for passage in passages:
        offset[passage.where] = length
        length += len(passage.text) + 1
    return [
        replace(m, start=m.start + offset[m.where], end=m.end + offset[m.where]) for m in mentions
    ]
