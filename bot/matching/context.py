"""Settles whether a name that was found means the company.

"Sprint" is a carrier beside "merger" and a race beside "Olympic". What a name needs,
and what speaks against it, is said per alias in ``config/makers.toml`` and
``config/carriers.toml``; this file only weighs it. The order: what speaks against
the name, then what speaks for it; a name with nothing for it is not taken.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.matching.folding import is_same_case
from bot.matching.passages import Passage, find_near
from bot.matching.scanner import Found, scanned
from bot.model import Alias, Company, Cue, Mention, Rejection, Role

_CUES = frozenset(Cue)
_ROLES = {
    Cue.MAKER: frozenset({Role.MAKER}),
    Cue.CARRIER: frozenset({Role.CARRIER}),
    Cue.COMPANY: frozenset({Role.MAKER, Role.CARRIER}),
}


@dataclass(frozen=True, slots=True)
class Sense:
    """An alias of a company, its words as the scanner reports them."""

    company: Company
    alias: Alias
    needs: frozenset[str]
    roles: frozenset[Role]
    unless: frozenset[str]
    followed_by: frozenset[str]
    takes_model: bool
    takes_possessive: bool
    not_after: frozenset[str]
    not_before: frozenset[str]
    abroad_needs: frozenset[str]

    @property
    def near_words(self) -> frozenset[str]:
        """Every word it wants looked for in the text."""
        return self.needs | self.unless | self.abroad_needs

    def is_as_written(self, hit: Found, passage: Passage) -> bool:
        """Whether ``hit`` is in the case the alias asks for."""
        return not self.alias.exact_case or is_same_case(passage.written(hit), self.alias.text)


def make_sense(company: Company, alias: Alias) -> Sense:
    """``alias`` made ready."""
    cues = _CUES & set(alias.needs)
    return Sense(
        company=company,
        alias=alias,
        needs=_scanned(alias.needs),
        roles=frozenset(role for cue in cues for role in _ROLES.get(Cue(cue), ())),
        unless=_scanned(alias.unless),
        followed_by=_scanned(alias.followed_by),
        takes_model=Cue.MODEL in alias.followed_by,
        takes_possessive=Cue.POSSESSIVE in alias.followed_by,
        not_after=_scanned(alias.not_after),
        not_before=_scanned(alias.not_before),
        abroad_needs=_scanned(alias.abroad_needs),
    )


def _scanned(words: Iterable[str]) -> frozenset[str]:
    return frozenset(scanned(word) for word in words if word not in _CUES)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A name found in a passage, with everything it may mean."""

    passage: Passage
    hit: Found
    senses: tuple[Sense, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Where the entry comes from; a name may be somebody else's there."""

    lang: str = ""
    outlet_country: str = ""

    def is_among(self, codes: Sequence[str]) -> str:
        """The language or country that is among ``codes``, or ""."""
        lang = self.lang.lower().split("-")[0]
        return next((c for c in (lang, self.outlet_country.lower()) if c and c in codes), "")


def settle(
    candidates: Sequence[Candidate], passages: Sequence[Passage], place: Place
) -> tuple[tuple[Mention, ...], tuple[Rejection, ...]]:
    """Take or reject every candidate.

    Names that stand alone, or that a word settles, are taken first; then they
    themselves settle names that need another company beside them.
    """
    named: dict[str, tuple[Role, str]] = {}
    for candidate in candidates:
        for sense in candidate.senses:
            mention = _Hearing(candidate, sense, passages, place).decide({})
            if isinstance(mention, Mention):
                named.setdefault(mention.company, (mention.role, mention.text))
    mentions: list[Mention] = []
    rejections: dict[Rejection, None] = {}
    for candidate in candidates:
        taken, refused = _weigh(candidate, passages, place, named)
        mentions += taken
        rejections |= dict.fromkeys(refused)
    return tuple(mentions), tuple(rejections)


def _weigh(
    candidate: Candidate,
    passages: Sequence[Passage],
    place: Place,
    named: Mapping[str, tuple[Role, str]],
) -> tuple[list[Mention], list[Rejection]]:
    """The verdict per company: one taken sense is enough, else the first refusal stands."""
    taken: dict[str, Mention] = {}
    refused: dict[str, Rejection] = {}
    for sense in candidate.senses:
        verdict = _Hearing(candidate, sense, passages, place).decide(named)
        if isinstance(verdict, Mention):
            taken.setdefault(sense.company.id, verdict)
        else:
            refused.setdefault(sense.company.id, verdict)
    return list(taken.values()), [r for c, r in refused.items() if c not in taken]


@dataclass(frozen=True, slots=True)
class _Hearing:
    """One sense of one candidate, heard for and against."""

    candidate: Candidate
    sense: Sense
    passages: Sequence[Passage]
    place: Place

    def decide(self, named: Mapping[str, tuple[Role, str]]) -> Mention | Rejection:
        """Take it or not; ``named`` are the companies already settled in the text."""
        following = self._following()
        against = self._against(named, is_product=bool(following))
        if against:
            return self._reject(against)
        if self.sense.alias.stands_alone:
            return self._take("")
        cue = following or self._near(self.sense.needs) or self._companion(named)
        return self._take(cue) if cue else self._reject("needs a word beside it, and has none")

    def _against(self, named: Mapping[str, tuple[Role, str]], *, is_product: bool) -> str:
        """What speaks against it, or ""."""
        sense, hit, alias = self.sense, self.candidate.hit, self.sense.alias
        if not self.sense.is_as_written(hit, self.candidate.passage):
            return f'the company writes itself "{alias.text}"'
        if hit.is_plural and not alias.stands_alone:
            return "a plural of the everyday word"
        if not is_product and (neighbour := self._wrong_neighbour()):
            return neighbour
        if word := self._near(sense.unless):
            return f'"{word}" shows another meaning'
        code = self.place.is_among(alias.abroad)
        if code and not (
            self._near(sense.abroad_needs) or self._companion(named, of=sense.company.role)
        ):
            return f'in "{code}" the name is somebody else\'s'
        return ""

    def _wrong_neighbour(self) -> str:
        """Why the word right before or after shows another meaning, or ""."""
        sense, hit, passage = self.sense, self.candidate.hit, self.candidate.passage
        if sense.not_after and (word := passage.word_before(hit)) in sense.not_after:
            return f'another word after "{word}"'
        if sense.not_before and (word := passage.word_after(hit)) in sense.not_before:
            return f'another word before "{word}"'
        return ""

    def _following(self) -> str:
        """The word or model number right after that settles it, or ""."""
        passage, hit = self.candidate.passage, self.candidate.hit
        following = self.sense.followed_by
        if following and (word := passage.word_after(hit)) in following:
            return word
        if self.sense.takes_possessive and passage.is_possessive(hit):
            return "'s"
        return passage.model_after(hit) if self.sense.takes_model else ""

    def _near(self, words: frozenset[str]) -> str:
        """One of ``words`` near the name, as written, or "" — always the same one."""
        if not words:
            return ""
        near = find_near(words, self.candidate.hit, self.candidate.passage, self.passages)
        return min(near, default="")

    def _companion(self, named: Mapping[str, tuple[Role, str]], *, of: Role | None = None) -> str:
        """A settled company in the same text that speaks for this one, or "".

        The company itself under an unmistakable name counts too.
        """
        own = self.sense.company.id
        roles = self.sense.roles if of is None else {of}
        if of is None and own in named:
            return named[own][1]
        return next((text for c, (role, text) in named.items() if c != own and role in roles), "")

    def _take(self, cue: str) -> Mention:
        start, end = self._span()
        company, passage = self.sense.company, self.candidate.passage
        return Mention(
            company.id, company.role, start, end, passage.text[start:end], passage.where, cue
        )

    def _reject(self, reason: str) -> Rejection:
        start, end = self._span()
        passage = self.candidate.passage
        return Rejection(self.sense.company.id, passage.text[start:end], passage.where, reason)

    def _span(self) -> tuple[int, int]:
        hit = self.candidate.hit
        return self.candidate.passage.folded.span(hit.start, hit.end)
