"""The word lists that tell a company's name from a word, as texts are scanned for them."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum, auto
from functools import cached_property

from bot.matching.folding import is_unspaced
from bot.matching.inflection import inflect, progressive
from bot.matching.scanner import scanned
from bot.model import NameWords


class Kind(Enum):
    """What sort of everyday word a name is; each is mistaken in its own way."""

    NOUN = auto()  # apple, target
    MODIFIER = auto()  # sharp, essential: describes the next word
    NUMBER = auto()  # three, 3: counts the next word
    PRONOUN = auto()  # nothing: subject of any verb
    LETTER = auto()  # X
    CAPITALS = auto()  # O2, EE: written so, hardly a word
    EAST = auto()  # 小度: no capitals, no spaces


class NameLists:
    """The lists of the catalogue, scanned; what each says is told in ``config/names.toml``."""

    def __init__(self, words: NameWords) -> None:
        self.verbs = _scan_all(words.verbs)
        self.helped = self.verbs | _scan_all(map(progressive, words.verbs))
        self.acts = _forms(words.verbs) | _scan_all(words.past)
        pasts = (inflect(verb)[1] for verb in words.verbs)
        self.past_only = (_scan_all(pasts) | _scan_all(words.past)) - self.verbs
        self.helped_firm = _scan_all(words.firm_verbs) | _scan_all(
            map(progressive, words.firm_verbs)
        )
        self.firm = _forms(words.firm_verbs)
        self.telling = _forms(words.telling_verbs) | _scan_all(words.telling_verbs)
        self.after = _scan_all(words.after)
        self.before = _scan_all(words.before)
        self.before_verbs = _scan_all(words.before_verbs)
        self.devices = _scan_all(words.devices)
        self.own_devices = _scan_all(words.own_devices)
        self.owned = _scan_all(words.owned)
        self.helpers = _scan_all(words.helpers)
        self.prepositions = _scan_all(words.prepositions)
        self.comparing = _scan_all(words.comparing)
        self.companies = _scan_all(words.companies)
        self.context = _scan_all(words.context)
        self.subject = _scan_all(words.subject)
        self.idioms = _scan_all(words.idioms)
        self.function = _scan_all(words.function)
        self.articles = _scan_all(words.articles)
        # "three cuts of beef", "sharp falls in sales"; but "Three cuts the price".
        self.counted_before = self.function - (self.articles - self.helpers)
        self.pronouns = _scan_all(words.pronouns)
        self.modifiers = _scan_all(words.modifiers)
        self.numbers = _scan_all(words.numbers)

    @cached_property
    def near_words(self) -> frozenset[str]:
        """Every word that must be looked for in texts."""
        return frozenset().union(
            self.helped, self.helped_firm, self.acts, self.firm, self.verbs,
            self.after, self.before, self.before_verbs, self.subject,
            self.devices, self.own_devices, self.owned, self.helpers, self.comparing,
            self.companies, self.context, self.idioms,
        )  # fmt: skip

    def kind_of(self, name: str) -> Kind:
        """Which sort of word ``name`` is."""
        form = scanned(name)
        if form in self.numbers or form.isdecimal():
            return Kind.NUMBER
        if form in self.pronouns:
            return Kind.PRONOUN
        if is_eastern(form):
            return Kind.EAST
        if len(form) == 1:
            return Kind.LETTER
        if form in self.modifiers and not name.isupper():
            return Kind.MODIFIER
        return Kind.CAPITALS if name.isupper() else Kind.NOUN


def is_eastern(text: str) -> bool:
    """Whether every letter of ``text`` is of a script written without spaces."""
    letters = [char for char in text if char.isalnum()]
    return bool(letters) and all(map(is_unspaced, letters))


def _scan_all(words: Iterable[str]) -> frozenset[str]:
    return frozenset(map(scanned, words))


def _forms(verbs: Iterable[str]) -> frozenset[str]:
    """``verbs`` as they stand right after their subject: "launches", "launched"."""
    return frozenset(scanned(form) for verb in verbs for form in inflect(verb))
