"""How else a company's name is written: without its legal form, in one word, without accents."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

_LEGAL = (
    "inc incorporated corp corporation ltd limited llc llp plc co company sa se ag gmbh kg spa srl "
    "ab as asa oy oyj nv bv kk pty pte"
)
_LEGAL_FORMS = frozenset(_LEGAL.split())
_TRADES = frozenset(["technology", "technologies", "group", "holding", "holdings", "international"])
_DOMAIN = re.compile(r"(?:www\.)?([a-z0-9-]+)\.(?:[a-z]{2,3}\.)?[a-z]{2,6}", re.IGNORECASE)
_HUMP = re.compile(r"(?<=[a-z]{2})(?=[A-Z][a-z])")
_SHORTEST_WHOLE = 5  # letters of a name that is written in one word, so that it is no word


def find_spellings(name: str) -> tuple[str, ...]:
    """Other ways to write ``name``, the likeliest first; never ``name`` itself.

    "Nothing Technology Ltd" is "Nothing Technology" and "Nothing" too, "BackMarket" is
    "Back Market", "nothing.tech" is "Nothing", "Telefónica" is "Telefonica".
    """
    found: dict[str, None] = {}
    for core in (name, *_cores(name)):
        for text in (core, *_variants(core)):
            if any(map(str.isalnum, text)):
                found.setdefault(text)
    found.pop(name, None)
    return tuple(found)


def is_legal_form(text: str) -> bool:
    """Whether ``text`` is what a company's name may end in behind a comma: "Ltd.", "S.A."."""
    words = text.replace(".", "").lower().split()
    return bool(words) and all(word in _LEGAL_FORMS for word in words)


def _cores(name: str) -> Iterator[str]:
    """The name without its legal form, then without its trade; the name in a web address."""
    words = name.replace(",", " ").split()
    kept = words
    while len(kept) > 1 and kept[-1].replace(".", "").lower() in _LEGAL_FORMS:
        kept = kept[:-1]
    if len(kept) < len(words):
        yield " ".join(kept)
        if len(kept) > 1 and kept[-1].lower() in _TRADES:
            yield " ".join(kept[:-1])
    if domain := _DOMAIN.fullmatch(name):
        yield domain[1].replace("-", " ").title()


def _variants(name: str) -> Iterator[str]:
    words = name.split()
    if _HUMP.search(name):
        yield _HUMP.sub(" ", name)
    if len(words) == 2 and all(w.isalpha() and w.isascii() and w[:1].isupper() for w in words):
        whole = "".join(words)
        if len(whole) >= _SHORTEST_WHOLE:
            yield whole
    bare = _without_accents(name)
    if bare != name:
        yield bare
    if re.search(r"[^\W\d]{2} ?& ?[^\W\d]{2}", name):
        yield re.sub(r" ?& ?", " and ", name)


def _without_accents(name: str) -> str:
    parts = unicodedata.normalize("NFD", name)
    latin = (c for c in parts if not (unicodedata.combining(c) and ord(c) < 0x370))
    return unicodedata.normalize("NFC", "".join(latin))
