"""Tells a name that is also an everyday word ("Nothing", "Orange") from the word.

The catalogue's own companies have rules written by hand; a name that somebody types has
none, so the sentence must show it: what stands right before and after, whether the capital
letter says anything where it stands, and whether business is spoken of. A capital inside a
sentence is a name; at its start, or in a Headline Where Every Word Has One, it proves
nothing. The words are those of ``config/names.toml``; where it is unclear it is no name.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from bot.matching.namelists import Kind, NameLists
from bot.matching.passages import Passage, find_near
from bot.matching.scanner import Found, scanned
from bot.matching.spot import AROUND, Spot

_LIST_AFTER = re.compile(r"\s*(?:,|/|&|\+|、|\b(?:and|vs\.?|versus|et|und|y|e|i|og)\b|[和与及])\s*")
_LIST_BEFORE = re.compile(
    r"(?:,|/|&|\+|、|(?<![^\W_])(?:and|vs\.?|versus|et|und|y|e|i|og)|[和与及])\s*$"
)
_MONEY = re.compile(
    r"[$€£¥₹]\s?\d|\d\s?(?:million|billion|bn|mn|crore|percent)\b|\d\s?%|亿|億", re.IGNORECASE
)
_PRODUCT = re.compile(r" ([A-Z][a-z]+ (?:[A-Z]{1,4}\d{1,4}|\d{1,4}[A-Z][a-z]?)\+?)(?![^\W_])")
_CONTRACTED = frozenset({"the", "a", "an", "not", "no", "so", "too", "over", "here", "up", "in"})


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the name is meant.

    Attributes:
        why: the word that shows it, "" where its capital does; or what speaks against it.
    """

    is_name: bool
    why: str


class Naming(NameLists):
    """Tells names from words; built once for all names."""

    def hear(
        self,
        name: str,
        hit: Found,
        passage: Passage,
        passages: Sequence[Passage],
        *,
        named: Collection[str] = (),
        lang: str = "",
    ) -> Verdict:
        """Whether ``hit`` in ``passage`` is the company called ``name``.

        Args:
            named: names of companies that are settled in the text, as written there.
            lang: BCP 47 language of the text, or "" where unknown.
        """
        return _Hearing(hit, passage, lang, self, self.kind_of(name), passages, named).decide()


@dataclass(frozen=True)
class _Hearing(Spot):
    """One name at one place, heard for and against."""

    words: Naming
    kind: Kind
    passages: Sequence[Passage]
    named: Collection[str]

    def decide(self) -> Verdict:
        """For it: words right beside it, its place in the sentence, then what is spoken of."""
        if idiom := self._idiom():
            return Verdict(is_name=False, why=f'"{idiom}" is an everyday phrase')
        if self._is_model_number:
            return Verdict(is_name=False, why="the number of a model")
        cue = self._right_after() or self._right_before() or self._in_a_list()
        if cue or (self.kind is not Kind.EAST and self._capital_shows()):
            return Verdict(is_name=True, why=cue)
        return self._by_context()

    def _by_context(self) -> Verdict:
        """Where nothing beside it settles it: what is spoken of, if it stands like a name."""
        if self.kind is Kind.EAST:
            return self._verdict(self._context, "needs a word of business near it, and has none")
        if self.kind in {Kind.PRONOUN, Kind.NUMBER, Kind.LETTER}:
            return Verdict(is_name=False, why="an everyday word, and nothing shows a name")
        if not self._stands_like_a_name():
            return Verdict(is_name=False, why="an everyday word where it stands")
        return self._verdict(self._business, "an everyday word, and no business is spoken of")

    @staticmethod
    def _verdict(cue: str, against: str) -> Verdict:
        return Verdict(is_name=bool(cue), why=cue or against)

    # What stands right beside it.

    def _right_after(self) -> str:
        """The word right after that makes it a name, as written, or ""."""
        if self.passage.is_possessive(self.hit):
            return self._possession()
        start = self._next_start
        if self._is_counting:
            title = self._at(start, self.words.after)
            return title if title and not _is_plural(title) else self._act(start)
        if self.kind is Kind.PRONOUN:
            return (
                self._at(start, self.words.own_devices)
                or self.passage.model_after(self.hit)
                or self._at(start, self.words.after)
                or self._act(start)
            )
        model = self.passage.model_after(self.hit)
        title, device = self._at(start, self.words.after), self._device(start)
        if self.kind is Kind.MODIFIER and not self._is_inside:
            title = "" if _is_plural(title) else title
            device = "" if _is_plural(device) or self._describes(start) else device
        title = title or device
        if not title and self.kind is not Kind.LETTER:
            title = model or self._product_after()
        return title or self._act(start)

    def _device(self, start: int) -> str:
        """A product's word, as written, or ""; "opens" is no plural of one."""
        found = self._found_at(start, self.words.devices)
        if self._neighbours[0] in self.words.articles or self._continues_a_name:
            return ""
        return self.passage.written(found) if found and not found.is_plural else ""

    def _describes(self, start: int) -> bool:
        """Whether what follows is many things: "essential phone accessories"."""
        first = self._word_at(start)
        second = self._word_at(self._skip(start + len(first)))
        return _is_plural(second) and second not in self.words.acts

    def _product_after(self) -> str:
        """A line of products with its model right after ("Aquos R9"), or ""."""
        found = _PRODUCT.match(self._window[1])
        return found[1] if found else ""

    def _possession(self) -> str:
        """What it owns; "Nothing's better" owns nothing."""
        owned = self.passage.word_after(self.hit)
        if self.kind is Kind.PRONOUN:
            start = self._next_start
            lists = (self.words.owned, self.words.own_devices, self.words.after)
            return next(filter(None, (self._at(start, one) for one in lists)), "")
        if owned in _CONTRACTED or (self._is_counting and not self._context):
            return ""
        return "'s"

    def _act(self, start: int) -> str:
        """What its bearer does, as written: "launches", "will soon launch"; or ""."""
        words, helped, wishes = self.words, False, False
        while helper := self._found_at(start, words.helpers):
            helped, start = True, self._skip(helper.end)
            wishes = wishes or " " in helper.phrase  # "plans to": no plain word does
        is_firm = self.kind is Kind.PRONOUN and not wishes
        forms = words.firm if is_firm else words.acts
        if helped:
            forms |= words.helped_firm if is_firm else words.helped
        found = self._found_at(start, forms)
        if found is None or not self._may_act(found, is_helped=helped):
            return ""
        return self.passage.written(found)

    def _may_act(self, verb: Found, *, is_helped: bool) -> bool:
        """Whether ``verb`` is what the company does, and no noun that the name describes."""
        if not is_helped and verb.phrase in self.words.verbs and not verb.is_plural:
            return False  # "Nothing launch party", "Sky drop"
        if self.kind is Kind.PRONOUN:
            is_plain = verb.phrase in self.words.telling or bool(self._context)
            return is_plain and not self._compares(verb.end)
        if self.kind in {Kind.MODIFIER, Kind.NUMBER} and not self._is_inside:
            if self.kind is Kind.MODIFIER and verb.phrase in self.words.past_only:
                return True
            following = self._word_at(self._skip(verb.end))
            return bool(self._context) and following not in self.words.counted_before
        return not self._continues_a_name or bool(self._business)

    def _compares(self, start: int) -> bool:
        """Whether the rest of the clause sets nothing above all else: "says love like ..."."""
        clause = re.split(r"[.;:!?|–—]", self._text[start : start + AROUND], maxsplit=1)[0]
        return any(self._between(start, start + len(clause), self.words.comparing))

    def _right_before(self) -> str:
        """The word right before that makes it a name, as written, or ""."""
        end = self._end_before
        cue = self._ending_at(end, self.words.before)
        if not cue and self.kind in {Kind.NOUN, Kind.PRONOUN, Kind.CAPITALS}:
            cue = self._ending_at(end, self.words.before_verbs)
        if not cue or self.kind is Kind.NOUN or self._is_inside:
            return cue
        is_followed_by_small_letter = self._window[1][:1] == " " and self._window[1][1:2].islower()
        return cue if self._ends_like_a_name or is_followed_by_small_letter else ""

    def _in_a_list(self) -> str:
        """A known company beside it: "Orange and Deutsche Telekom"; as written, or ""."""
        if self._is_counting and not (self._ends_like_a_name or self._acts_next):
            return ""
        text = self._text
        after = _LIST_AFTER.match(text, self.hit.end)
        if after and (found := self._company_at(after.end())):
            return found
        head = text[max(0, self.hit.start - AROUND) : self.hit.start]
        if before := _LIST_BEFORE.search(head):
            return self._company_ending(self.hit.start - len(head) + before.start())
        return ""

    def _company_at(self, start: int) -> str:
        if cue := self._at(start, self.words.companies):
            return cue
        return next((n for n in self.named if self._text.startswith(scanned(n), start)), "")

    def _company_ending(self, end: int) -> str:
        head = self._text[max(0, end - AROUND) : end]
        bare = head.rstrip()
        if cue := self._ending_at(end - len(head) + len(bare), self.words.companies):
            return cue
        head = bare
        return next((n for n in self.named if head.endswith(scanned(n))), "")

    @property
    def _acts_next(self) -> bool:
        """Whether a verb follows, as after two subjects: "Vodafone and 3 sign"."""
        return bool(self._at(self._next_start, self.words.verbs))

    # Its place in the sentence.

    def _capital_shows(self) -> bool:
        """Whether nothing but a name is written like this where it stands."""
        if self.kind is Kind.CAPITALS and not self._is_shouted:
            return len(self.hit.phrase) > 2 or bool(self._context)
        if len(self.hit.phrase) == 1:
            return False
        if self._among_other_script:
            return True
        is_after_article = self._neighbours[0] in self.words.articles
        return self._is_inside and bool(self._context or not is_after_article)

    @cached_property
    def _is_inside(self) -> bool:
        """Within a sentence in which capitals mark names, and in no longer name itself."""
        if self._starts_sentence or self._capitals_are_common or self._written.islower():
            return False
        head, tail = self._window
        before = re.search(r"([^\W_][\w'’&.-]*) ?$", head)
        after = re.match(r" ([^\W_][\w'’]*)", tail)
        if before and before[1][0].isupper() and not self._is_known(before[1]):
            return False
        return not (after and after[1][0].isupper() and not self._is_known(after[1]))

    @property
    def _continues_a_name(self) -> bool:
        """Whether a capitalised word of no known kind stands right before: "Usain Bolt"."""
        before = re.search(r"([^\W\d_][\w'’.-]*) $", self._window[0])
        if self._starts_sentence or not before or not before[1][0].isupper():
            return False
        if " " in self.hit.phrase:  # two words are seldom a surname
            return False
        form = scanned(before[1])
        words = self.words
        is_plain = form.endswith("'s") or form in words.function | words.helpers | words.articles
        return not (is_plain or form in words.prepositions or self._is_known(before[1]))

    def _is_known(self, word: str) -> bool:
        """Whether a capital beside the name is another name or a product's, not part of it."""
        form = scanned(word)
        words = self.words
        known = words.companies | words.after | words.devices | words.before | words.acts
        return form in known or any(scanned(name).endswith(form) for name in self.named)

    def _stands_like_a_name(self) -> bool:
        """Where the capital proves nothing: no article before, no plain word after."""
        before, _ = self._neighbours
        if before in self.words.articles:
            return False
        if self.kind is Kind.MODIFIER:
            words = self.words
            is_met = before in words.prepositions | words.before_verbs | words.acts
            return is_met and self._ends_like_a_name
        return self._ends_like_a_name

    @cached_property
    def _ends_like_a_name(self) -> bool:
        return self._closes or self._neighbours[1] in self.words.function

    @cached_property
    def _is_model_number(self) -> bool:
        """Whether a name of one character ends another's: "Galaxy Watch 3", "Model X"."""
        if len(self.hit.phrase) > 1 or self._starts_sentence:
            return False
        before = re.search(r"([^\W\d_][\w'’]*) $", self._window[0])
        if not before or not before[1][0].isupper() or before[1].endswith(("'s", "’s")):
            return False
        form = scanned(before[1])
        words = self.words
        return form not in words.before | words.function | words.prepositions | words.before_verbs

    @property
    def _is_counting(self) -> bool:
        return self.kind is Kind.NUMBER

    # What is spoken of.

    @cached_property
    def _context(self) -> str:
        """What ``_business`` gives, or else a word of phones and networks; as written, or ""."""
        return self._business or min(self._near(self.words.subject), default="")

    @cached_property
    def _business(self) -> str:
        """A word of business, a known company or a sum of money near it, as written; or ""."""
        if found := min(self._near(self.words.context | self.words.companies), default=""):
            return found
        if self.named:
            return min(self.named)
        money = next(filter(None, map(_MONEY.search, self._window)), None)
        return money[0] if money else ""

    def _near(self, words: frozenset[str]) -> Iterable[str]:
        return find_near(words, self.hit, self.passage, self.passages)

    def _idiom(self) -> str:
        near = self._between(self.hit.start - AROUND, self.hit.end, self.words.idioms)
        found = next((f for f in near if self.hit.start < f.end), None)
        return self.passage.written(found) if found else ""


def _is_plural(word: str) -> bool:
    """Whether ``word`` is counted or described rather than a title or a legal form."""
    return word[-1:].lower() == "s" and not word.isupper()
