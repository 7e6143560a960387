"""``config/*.toml`` to a Catalogue, every rule checked before it is used.

makers.toml and carriers.toml say who is who, words.toml holds the lists of words
they share, outlets.toml who publishes, events.toml what kinds of news there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from itertools import chain
from pathlib import Path
from typing import Any

from bot.catalogue.eventrules import load_event_rules
from bot.catalogue.rows import (
    AliasRow,
    CompanyRow,
    OutletRow,
    check_keys,
    load_rows,
    load_toml,
    nearest,
)
from bot.errors import CatalogueInvalid
from bot.matching.scanner import scanned
from bot.model import Alias, Catalogue, Company, Cue, NameWords, Outlet, Role

_LIST = "@"
_CUES = tuple(str(cue) for cue in Cue)
_BESIDE = frozenset({Cue.MODEL, Cue.POSSESSIVE, Cue.LATIN})
_CUES_IN = {
    "needs": frozenset({Cue.MAKER, Cue.CARRIER, Cue.COMPANY, Cue.PEER}),
    "products": _BESIDE,
    "followed_by": _BESIDE,
}

_ALIAS_LISTS = (
    "needs",
    "products",
    "preceded_by",
    "followed_by",
    "at_start",
    "unless",
    "not_after",
    "not_before",
    "abroad",
    "abroad_needs",
)

# Lists of words.toml that the program asks for by name.
_BUSINESS, _AFFAIRS, _OFF_TOPIC, _DESCRIPTORS = "business", "affairs", "off_topic", "descriptors"
_EVERYDAY = "everyday"
_REQUIRED = (_BUSINESS, _AFFAIRS, _OFF_TOPIC, _DESCRIPTORS, _EVERYDAY)

WordLists = Mapping[str, tuple[str, ...]]


def load_catalogue(directory: Path, *, events: bool = True) -> Catalogue:
    """Read the catalogue in ``directory``.

    ``events``: False leaves the event rules, the most of it, unread, for whoever asks only
    who is who.

    Raises:
        CatalogueInvalid: a file is missing or says something that cannot be; the message
            names the file, the company and the alias, and the nearest valid name.
    """
    words = _load_words(directory / "words.toml")
    everyday = frozenset(scanned(word) for word in words[_EVERYDAY])
    companies: dict[str, Company] = {}
    owners: dict[str, Company] = {}
    for file, role in (("makers.toml", Role.MAKER), ("carriers.toml", Role.CARRIER)):
        path = directory / file
        for row in load_rows(path, "company", CompanyRow):
            subject = f'{path}: company "{row.id}"'
            if row.id in companies:
                raise CatalogueInvalid(f"{subject}: this id is taken; ids are used once")
            company = _make_company(row, role, words, subject=subject)
            _check_aliases(company, owners, everyday, subject=subject)
            companies[row.id] = company
    event_rules, event_signs = load_event_rules(directory, words) if events else ((), {})
    return Catalogue(
        companies=companies,
        outlets=_load_outlets(directory / "outlets.toml"),
        event_rules=event_rules,
        event_signs=event_signs,
        business_words=words[_BUSINESS],
        affairs_words=words[_AFFAIRS],
        off_topic_words=words[_OFF_TOPIC],
        descriptors=words[_DESCRIPTORS],
        everyday_words=words[_EVERYDAY],
        name_words=_load_name_words(directory / "names.toml", words),
    )


def _load_words(path: Path) -> WordLists:
    """The named lists of ``path``, those that name other lists written out."""
    raw = _load_lists(path)
    for name in _REQUIRED:
        if name not in raw:
            raise CatalogueInvalid(f'{path}: list "{name}" is missing')
    return {name: _write_out(path, raw, name, ()) for name in raw}


def _load_lists(path: Path) -> dict[str, list[str]]:
    raw = load_toml(path)
    for name, words in raw.items():
        if not isinstance(words, list) or not all(isinstance(w, str) and w.strip() for w in words):
            raise CatalogueInvalid(f'{path}: list "{name}" is not a list of words')
        if f"{_LIST}{name}" in _CUES:
            raise CatalogueInvalid(f'{path}: list "{name}" has the name of a cue; rename it')
    return raw


def _load_name_words(path: Path, words: WordLists) -> NameWords:
    """The lists of ``path``, which may name lists of words.toml."""
    lists = _load_lists(path)
    known = [field.name for field in fields(NameWords)]
    check_keys(lists, known, subject=f"{path}", what="list")
    both = {**words, **lists}
    return NameWords(**{name: _write_out(path, both, name, ()) for name in lists})


def _write_out(path: Path, raw: Mapping[str, Any], name: str, within: tuple[str, ...]) -> Any:
    """The words of list ``name`` and of the lists it names."""
    if name in within:
        raise CatalogueInvalid(f'{path}: list "{name}" names itself')
    lists = [word.removeprefix(_LIST) for word in raw[name] if word.startswith(_LIST)]
    check_keys(lists, raw, subject=f'{path}: list "{name}"', what="list")
    named = (_write_out(path, raw, inner, (*within, name)) for inner in lists)
    own = (word for word in raw[name] if not word.startswith(_LIST))
    return tuple(dict.fromkeys(chain(own, *named)))


def _resolve(given: Iterable[str], words: WordLists, *, subject: str, key: str) -> tuple[str, ...]:
    """``given`` with every ``@list`` written out; the cues that ``key`` knows stay as they are."""
    found: list[str] = []
    cues = _CUES_IN.get(key, frozenset())
    for word in given:
        if word in _CUES and word not in cues:
            fitting = [f'"{name}"' for name, known in _CUES_IN.items() if word in known]
            raise CatalogueInvalid(
                f'{subject}: {key} says "{word}", which only {" and ".join(fitting)} may'
            )
        if word in cues or not word.startswith(_LIST):
            found.append(word)
        elif (name := word.removeprefix(_LIST)) in words:
            found += words[name]
        else:
            known = [*cues, *(f"{_LIST}{name}" for name in words)]
            raise CatalogueInvalid(
                f'{subject}: {key} names list "{word}", which is not in words.toml'
                f"{nearest(word, known)}"
            )
    return tuple(dict.fromkeys(found))


def _make_company(row: CompanyRow, role: Role, words: WordLists, *, subject: str) -> Company:
    aliases = chain.from_iterable(_make_aliases(a, words, subject=subject) for a in row.aliases)
    return Company(
        id=row.id,
        name=row.name,
        role=role,
        aliases=tuple(aliases),
        decoys=_resolve(row.decoys, words, subject=subject, key="decoys"),
        side_line=row.side_line,
    )


def _make_aliases(row: AliasRow, words: WordLists, *, subject: str) -> list[Alias]:
    """One Alias for each way of writing that shares the rule."""
    subject = f'{subject}, alias "{row.text[0] if row.text else ""}"'
    if not row.text:
        raise CatalogueInvalid(f"{subject}: text is empty; an alias is a written name")

    def resolve(key: str) -> tuple[str, ...]:
        return _resolve(getattr(row, key), words, subject=subject, key=key)

    if row.abroad_needs and not row.abroad:
        raise CatalogueInvalid(f'{subject}: "abroad_needs" says nothing without "abroad"')
    lists = {key: resolve(key) for key in _ALIAS_LISTS}
    lists["abroad"] = tuple(code.lower() for code in lists["abroad"])
    forms = dict.fromkeys(
        f"{text}{ending}" for text in row.text for ending in ("", *resolve("endings"))
    )
    return [
        Alias(text=form, exact_case=row.exact_case, brand=row.brand, is_word=False, **lists)
        for form in forms
    ]


def _check_aliases(
    company: Company, owners: dict[str, Company], everyday: frozenset[str], *, subject: str
) -> None:
    """Every alias can be found, belongs to one company, and is told from everyday words."""
    if not company.aliases:
        raise CatalogueInvalid(f'{subject}: has no alias; give it "aliases"')
    for alias in company.aliases:
        named = f'{subject}, alias "{alias.text}"'
        form = scanned(alias.text)
        if not any(char.isalnum() for char in form):
            raise CatalogueInvalid(f"{named} has no letter or digit")
        owner = owners.setdefault(form, company)
        if owner.id != company.id:
            raise CatalogueInvalid(f'{named} is an alias of "{owner.id}" already')
        if form in everyday and alias.stands_alone and not alias.unless:
            raise CatalogueInvalid(f'{named} is an everyday word; give it "needs" or "unless"')


def _load_outlets(path: Path) -> dict[str, Outlet]:
    outlets: dict[str, Outlet] = {}
    domains: dict[str, str] = {}
    for row in load_rows(path, "outlet", OutletRow):
        subject = f'{path}: outlet "{row.id}"'
        if row.id in outlets:
            raise CatalogueInvalid(f"{subject}: this id is taken; ids are used once")
        for domain in row.domains:
            if domains.setdefault(domain.lower(), row.id) != row.id:
                raise CatalogueInvalid(
                    f'{subject}: domain "{domain}" is that of "{domains[domain.lower()]}" already'
                )
        outlets[row.id] = Outlet(**row.model_dump())
    return outlets
