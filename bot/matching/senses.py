"""What a name may mean: an alias of a company, its words ready to be looked for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from bot.matching.folding import is_same_case
from bot.matching.naming import Naming
from bot.matching.passages import Beside, Passage, make_beside
from bot.matching.scanner import Found, scanned
from bot.model import Alias, Company, Cue, Role

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
    abroad_needs: frozenset[str]
    products: Beside
    followed_by: Beside
    preceded_by: Beside
    at_start: Beside
    not_after: Beside
    not_before: Beside
    cues: frozenset[str]
    naming: Naming | None = None
    is_plain: bool = False  # the alias says nothing but its text

    @property
    def near_words(self) -> frozenset[str]:
        """Every word it wants looked for in the text, apart from those of ``naming``."""
        return self.needs | self.unless | self.abroad_needs

    def is_as_written(self, hit: Found, passage: Passage) -> bool:
        """Whether ``hit`` is in the case the alias asks for."""
        if not self.alias.exact_case:
            return True
        written = passage.written(hit)
        return is_same_case(written, self.alias.text) or _is_camel_case(written)


class Name(NamedTuple):
    """Everything that one written form may mean.

    Attributes:
        is_plain: whether there is nothing to weigh.
        stands_alone: whether the name itself is enough, whatever it means.
    """

    senses: tuple[Sense, ...]
    is_plain: bool
    stands_alone: bool


def make_name(senses: Iterable[Sense]) -> Name:
    """``senses`` of one form, together."""
    known = tuple(senses)
    return Name(
        senses=known,
        is_plain=all(sense.is_plain for sense in known),
        stands_alone=all(sense.alias.stands_alone for sense in known),
    )


def _is_camel_case(written: str) -> bool:
    """Whether capitals stand where no word has them: "CricKet", "ViVo"."""
    inside = written[1:]
    is_word = written.isalpha() and written[0].isupper()
    return is_word and not (inside.islower() or inside.isupper())


def make_sense(company: Company, alias: Alias, naming: Naming | None = None) -> Sense:
    """``alias`` made ready; ``naming`` judges it if it is a word as well."""
    cues = _CUES.intersection((*alias.needs, *alias.products, *alias.followed_by))
    return Sense(
        company=company,
        alias=alias,
        needs=_scanned(alias.needs),
        roles=frozenset[Role]().union(*(roles for cue, roles in _ROLES.items() if cue in cues)),
        unless=_scanned(alias.unless),
        abroad_needs=_scanned(alias.abroad_needs),
        products=_beside(alias.products),
        followed_by=_beside(alias.followed_by),
        preceded_by=_beside(alias.preceded_by),
        at_start=_beside(alias.at_start),
        not_after=_beside(alias.not_after),
        not_before=_beside(alias.not_before),
        cues=cues,
        naming=naming if alias.is_word else None,
        is_plain=alias == Alias(alias.text, brand=alias.brand),
    )


# Hundreds of aliases share a few lists of words: each list is made ready once.
@lru_cache(maxsize=512)
def _scanned(words: tuple[str, ...]) -> frozenset[str]:
    return frozenset(scanned(word) for word in words if word not in _CUES)


@lru_cache(maxsize=512)
def _beside(words: tuple[str, ...]) -> Beside:
    return make_beside(word for word in words if word not in _CUES)
