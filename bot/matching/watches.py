"""Companies that people watch, made from a name alone.

A name is enough: how else it is written follows from it, and where it is an everyday word
too, it counts only where the sentence shows a name (naming.py). What somebody says himself
goes before what follows. Every name and word is plain text, never a pattern.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from bot.matching.namelists import is_eastern
from bot.matching.scanner import OPEN_END, scanned
from bot.matching.spellings import find_spellings
from bot.model import Alias, Catalogue, Company, NameWords, Role, Watch

LONGEST_NAME = 60
"""Characters of a name or word; the longest company names in use have about 50."""

MAX_ALIASES = 20
MAX_WORDS = 30
MAX_WATCHES = 100
"""Companies a workspace may watch: with all of them full, 2,000 names to look for."""

_NO_NAME = re.compile(r"[<>@#*`\[\]{}|\\^~]|://|[\x00-\x1f\x7f]")


class Ambiguity(StrEnum):
    """How likely a name is to be something else."""

    CLEAR = "clear"
    DOUBTFUL = "doubtful"
    EVERYDAY = "an everyday word"


@dataclass(frozen=True, slots=True)
class Assessment:
    """What we make of a watch, for the person who wants it.

    Attributes:
        company: as it will be looked for; its id is the one stories carry.
        known: id of the company of the catalogue that goes by this name already, or "".
        reasons: why the name is ambiguous, one line each.
        loose: of its names, those that count wherever they stand.
        held: those that count only where the sentence shows a name.
    """

    company: Company
    ambiguity: Ambiguity
    known: str = ""
    reasons: tuple[str, ...] = ()
    loose: tuple[str, ...] = ()
    held: tuple[str, ...] = ()


def watched_company(name: str, role: Role = Role.OTHER) -> Company:
    """A company called ``name``; its id is the name in lower case with hyphens.

    What an everyday name needs beside it is settled by the matcher, which has the lists.

    Raises:
        ValueError: nobody could be called ``name``; the text says why and what to do.
    """
    company = company_of(Watch(name, role))
    return replace(company, id=_slug(company.name))


def company_of(watch: Watch) -> Company:
    """The company ``watch`` describes.

    Its id follows from the description: two workspaces that say the same share it, two that
    say something else under one name do not.

    Raises:
        ValueError: a name or word of it cannot be one, or there are too many.
    """
    name = check_name(watch.name)
    given = _check_all("aliases", watch.aliases, MAX_ALIASES)
    needs = _check_all("needs", watch.needs, MAX_WORDS)
    unless = _check_all("unless", watch.unless, MAX_WORDS)
    if name.islower() and watch.exact_case is None and "." not in name:
        name = _capitalised(name)
    texts = _distinct((name, *given, *(s for text in (name, *given) for s in find_spellings(text))))
    rule = Alias("", exact_case=bool(watch.exact_case), needs=needs, unless=unless)
    return Company(
        id=_make_id(replace(watch, name=name, aliases=given, needs=needs, unless=unless)),
        name=name,
        role=watch.role,
        aliases=tuple(replace(rule, text=text) for text in texts),
        as_is=watch.is_alone or watch.exact_case is False,
    )


def watch_key(name: str) -> str:
    """What makes two names one: "Back-Market", "back market"; "" where there is no letter."""
    return _slug(name)


def check_name(text: str) -> str:
    """``text`` with single spaces, fit to be looked for.

    Raises:
        ValueError: it is empty, too long, markup, a mention, or has no letter or digit.
    """
    plain = " ".join(text.split())
    if len(plain) > LONGEST_NAME:
        raise ValueError(
            f'"{plain[:20]}…" has {len(plain)} characters; a name has at most {LONGEST_NAME}: '
            "write it as headlines do"
        )
    if odd := _NO_NAME.search(plain):
        raise ValueError(
            f'"{plain}" holds "{odd[0]}"; write a name in plain letters, without markup, '
            "mentions or addresses"
        )
    if not _slug(plain) or not scanned(plain).strip(OPEN_END):
        raise ValueError(f'"{plain}" has no letter in it; a company needs a name')
    return plain


def assess(watch: Watch, catalogue: Catalogue) -> Assessment:
    """What becomes of ``watch`` beside the companies of ``catalogue``.

    Raises:
        ValueError: as ``company_of``.
    """
    (company,) = guard_names([company_of(watch)], catalogue)
    held = tuple(alias.text for alias in company.aliases if not alias.stands_alone)
    names = _distinct((company.name, *watch.aliases, *held))
    plain = _Plain(catalogue)
    reasons = _distinct(reason for name in names for reason in plain.reasons(name, catalogue))
    everyday = any(plain.is_everyday(name) for name in names)
    doubt = Ambiguity.DOUBTFUL if reasons else Ambiguity.CLEAR
    return Assessment(
        company=company,
        ambiguity=Ambiguity.EVERYDAY if everyday else doubt,
        known=find_known(company.name, catalogue),
        reasons=reasons,
        loose=tuple(alias.text for alias in company.aliases if alias.stands_alone),
        held=held,
    )


def find_known(name: str, catalogue: Catalogue) -> str:
    """Id of the company of ``catalogue`` that goes by ``name``, in any spelling; or ""."""
    wanted = {_squeezed(text) for text in (name, *find_spellings(name))}
    for company in catalogue.companies.values():
        own = (company.name, *(alias.text for alias in company.aliases if not alias.brand))
        if any(_squeezed(text) in wanted for text in own):
            return company.id
    return ""


def guard_names(companies: Iterable[Company], catalogue: Catalogue) -> tuple[Company, ...]:
    """``companies``, their names that are also words held to what the sentence shows.

    A name that says itself what it needs is only held to its case; companies that are
    wanted as they are keep their rules.
    """
    companies = tuple(companies)
    if not companies:
        return ()
    plain = _Plain(catalogue)
    return tuple(company if company.as_is else plain.guard(company) for company in companies)


def with_watched(catalogue: Catalogue, companies: Iterable[Company]) -> Catalogue:
    """``catalogue`` with ``companies`` besides, so that people can ask for them by name."""
    return replace(catalogue, companies={**{c.id: c for c in companies}, **catalogue.companies})


class _Plain:
    """Knows the everyday words."""

    def __init__(self, catalogue: Catalogue) -> None:
        words: NameWords = catalogue.name_words
        self._words = frozenset(
            scanned(word)
            for group in (
                catalogue.everyday_words, words.plain, words.plain_abroad, words.pronouns,
                words.modifiers, words.numbers, words.function,
            )
            for word in group
        )  # fmt: skip

    def is_everyday(self, name: str) -> bool:
        """Whether ``name``, or each word of it, is in the dictionary; plurals are too."""
        parts = re.split(r"[^\w'&]+", scanned(name))
        return all(part in self._words or part.removesuffix("s") in self._words for part in parts)

    def is_doubtful(self, name: str) -> bool:
        """Whether it is too short to be nothing else."""
        form = scanned(name)
        letters = sum(map(str.isalnum, form))
        return letters <= 2 if is_eastern(form) else letters <= 3 and "&" not in form

    def reasons(self, name: str, catalogue: Catalogue) -> Iterable[str]:
        """Why ``name`` may be somebody else's or nobody's."""
        if self.is_everyday(name):
            parts = "made of everyday words" if " " in name else "an everyday word"
            yield f'"{name}" is {parts}'
        elif self.is_doubtful(name):
            yield f'"{name}" is so short that it stands for other things too'
        form = f" {scanned(name)} "
        for company in catalogue.companies.values():
            held = (*(alias.text for alias in company.aliases), *company.decoys)
            longer = (t for t in held if form in f" {scanned(t)} " and form.strip() != scanned(t))
            if text := next(longer, ""):
                yield f'it is part of "{text}", and is not counted there'
                return

    def guard(self, company: Company) -> Company:
        """``company`` with rules for those of its names that need them."""
        aliases = (form for alias in company.aliases for form in self._guard_alias(alias))
        unique = {(alias.text, alias.exact_case): alias for alias in aliases}
        return replace(company, aliases=tuple(unique.values()))

    def _guard_alias(self, alias: Alias) -> Iterable[Alias]:
        is_everyday = self.is_everyday(alias.text)
        if not (is_everyday or self.is_doubtful(alias.text)):
            yield alias
            return
        exact = not is_eastern(scanned(alias.text))
        held = replace(alias, exact_case=exact, is_word=not alias.needs)
        yield held
        if is_everyday and alias.text.isupper() and len(alias.text) > 2:
            yield replace(held, text=_capitalised(alias.text.lower()))  # META is Meta too


def _make_id(watch: Watch) -> str:
    """The slug where the name is all that was said, else with a digest of the rest."""
    slug = _slug(watch.name)
    is_plain = watch == Watch(watch.name, platform=watch.platform, workspace=watch.workspace)
    if is_plain and watch.name == _capitalised(slug.replace("-", " ")):
        return slug
    said = (
        watch.name, watch.role.value, watch.aliases, watch.needs, watch.unless,
        watch.exact_case, watch.is_alone,
    )  # fmt: skip
    return f"{slug}-{hashlib.blake2b(repr(said).encode(), digest_size=4).hexdigest()}"


def _slug(name: str) -> str:
    return re.sub(r"[\W_]+", "-", scanned(name)).strip("-")


def _squeezed(text: str) -> str:
    return re.sub(r"[\W_]+", "", scanned(text))


def _capitalised(name: str) -> str:
    return " ".join(word[:1].upper() + word[1:] for word in name.split(" "))


def _check_all(what: str, texts: Sequence[str], most: int) -> tuple[str, ...]:
    """``texts``, each checked, none twice.

    Raises:
        ValueError: one cannot be looked for, or there are more than ``most``.
    """
    kept = _distinct(map(check_name, texts))
    if len(kept) > most:
        raise ValueError(f"{len(kept)} {what} are too many; name the {most} that matter most")
    return kept


def _distinct(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))
