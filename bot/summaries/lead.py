"""One or two sentences of a text that say what happened, verbatim.

Choosing and cleaning: most feeds bring one to three sentences, often with a
"read more" behind them, and sometimes nothing that the headline did not say.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, combinations
from types import MappingProxyType
from typing import NamedTuple

from bot.model import Match
from bot.prose import iter_spans
from bot.prose.figures import iter_figures
from bot.summaries.cleaning import clean_text, cut_dots, is_prompt, is_stopped
from bot.summaries.hanging import is_describing, is_pointing

MAX_CHARS = 400
MAX_READ = 1_600
"""Characters of a text that are read: what is news stands in front."""

Names = Mapping[str, Collection[str]]
"""Company id to the forms it is written in, case and all."""

Forms = Mapping[str, re.Pattern[str]]
"""Company id to the pattern of those forms."""

_NO_NAMES: Names = MappingProxyType({})
_IN_FRONT = 8  # sentences that may be chosen whatever they say; later ones must name a company
_NEW_SHARE = 0.25  # of a sentence's telling words that the headline or its neighbour lacks
_STEP = 0.15  # how fast a sentence's place loses worth; set on the development set
_CENTRAL = 0.7  # what its words are worth beside its place; the same
_SEQUEL_COST = 0.3  # "But the price is a secret" without the sentence that it answers
_BEST = 6  # sentences that name the same companies and are tried in pairs
_LEAST_WORDS = 5  # of a text without a full stop that is no heading or button

_SEQUEL = re.compile(r"(?:But|And|So|Such|Instead|However|Then)\b|其中")
_UNSPACED = r"\u3040-\u30ff\u3400-\u9fff"
_AMOUNT = re.compile(
    r"[$€£¥₹]\s?\d[\d.,]*\d|[$€£¥₹]\s?\d"
    r"|\d[\d.,]*\s?(?:%|percent\b|million|billion|millones|元|美元|万|亿|円|ドル)"
)
_WORD = re.compile(rf"[{_UNSPACED}]|[^\W_{_UNSPACED}]+")
# A word by its first letters, which it has in all its forms: "extend", "extended".
_STEM = re.compile(rf"([{_UNSPACED}]|[^\W_{_UNSPACED}]{{1,5}})[^\W_{_UNSPACED}]*")
_ASCII_STEM = re.compile(r"([a-z0-9]{1,5})[a-z0-9]*")  # the same of plain English, faster
_FILLERS = frozenset(
    _STEM.findall(
        "a an and are as at be been but by for from had has have he her his if in into is it its "
        "more not of on or said she than that the their them they this to was were which who will "
        "with would el la los las un una de del en y que se su con por para der die das ein eine "
        "und von zu im le les des et au aux du une o os as um uma e do da no na "
        "的 了 是 在 は が を に の と で も た し"
    )
)


class _Sentence(NamedTuple):
    """A sentence that may be chosen; ``place`` 0 is the first.

    A sequel goes on from the sentence before it, and reads less well without. One that was
    left out, as it only repeats the headline, comes back where the next one ``hangs_on`` it.
    """

    text: str
    place: int
    words: frozenset[str]
    worth: float
    companies: frozenset[str]
    is_sequel: bool = False
    hangs_on: str | None = None
    may_part: bool = True
    was_left_out: bool = False


class _Telling(NamedTuple):
    """A sentence with its telling words.

    ``hangs_on`` is the sentence before it where it points back to that one; "" where that
    one cannot be told; None where it stands by itself. It ``may_part`` from that one where it
    stands, and where it names a company besides the one that it only describes.
    """

    text: str
    words: frozenset[str]
    hangs_on: str | None
    may_part: bool

    @property
    def chars(self) -> int:
        """Characters of the shortest text that holds it and may be told."""
        return len(self.text) + (0 if self.may_part else len(self.hangs_on or "") + 1)


@dataclass(frozen=True, slots=True)
class _Told:
    """What a text tells besides its headline.

    Attributes:
        whole: sentences with an end.
        loose: those without one, which may be headings or buttons.
        broken: those that the feed broke off.
        is_cut: the text itself is broken off.
    """

    whole: tuple[_Telling, ...]
    loose: tuple[_Telling, ...]
    broken: tuple[_Telling, ...]
    is_cut: bool


@dataclass(frozen=True, slots=True)
class _Summary:
    text: str
    companies: frozenset[str]
    is_whole: bool
    is_cut: bool
    repeats: bool = False

    @property
    def rank(self) -> tuple[bool, int, bool, bool]:
        """Whole sentences first, then the companies named, then news only, then uncut texts."""
        return self.is_whole, len(self.companies), not self.repeats, not self.is_cut


def summarise(
    text: str,
    *,
    title: str = "",
    names: Names = _NO_NAMES,
    max_chars: int = MAX_CHARS,
) -> str:
    """One or two whole sentences of ``text``, verbatim and in order; "" if it adds nothing.

    They name as many of the companies that the text names as two sentences can, and
    after that stand in front and say what the text is about. A sentence that only repeats
    ``title`` is left out, unless the next one hangs on it ("It gave no reason.") and is
    chosen: none that hangs on another is told without that one. As a last resort, where no
    whole sentence has at most ``max_chars`` characters (code points), the result breaks off
    after a word with "…".
    """
    return _summarise(text, title, form_patterns(names), max_chars).text


def summarise_best(
    texts: Iterable[str],
    *,
    title: str = "",
    names: Names = _NO_NAMES,
    max_chars: int = MAX_CHARS,
) -> str:
    """The best summary that ``texts`` of the same news give, or "": a teaser, an article.

    Whole sentences before broken ones; of those the ones that name most companies; then
    those that do not repeat ``title``; then those of a text that is not broken off itself.
    The first of equals wins.
    """
    forms = form_patterns(names)
    found = (_summarise(text, title, forms, max_chars) for text in texts)
    best = max((one for one in found if one.text), key=lambda one: one.rank, default=None)
    return best.text if best else ""


def is_teaser(text: str, *, title: str = "", names: Names = _NO_NAMES) -> bool:
    """Whether a feed's ``text`` is not enough for a summary, so that the article is wanted.

    So it is if nothing in it is news (it is empty, all prompts, or only repeats ``title``)
    that can be told, if it is broken off, or if it does not name a company of ``names``
    that ``title`` names.
    """
    forms = form_patterns(names)
    told = _find_told(text, title, forms)
    sentences = told.whole or told.loose
    if told.is_cut or not sentences:
        return True
    return any(
        form.search(title) and not any(form.search(sentence.text) for sentence in sentences)
        for form in forms.values()
    )


def find_names(match: Match) -> Names:
    """The forms in which the companies of ``match`` were written."""
    names: defaultdict[str, set[str]] = defaultdict(set)
    for mention in match.mentions:
        names[mention.company].add(mention.text)
    return names


def _summarise(text: str, title: str, forms: Forms, max_chars: int) -> _Summary:
    told = _find_told(text, title, forms)
    sentences = told.whole or told.loose
    fitting = [one for one in sentences if one.chars <= max_chars]
    if fitting:
        chosen = _choose(_rate(fitting, forms), forms, max_chars)
        named = frozenset[str]().union(*(sentence.companies for sentence in chosen))
        kept = " ".join(sentence.text for sentence in chosen)
        repeats = any(sentence.was_left_out for sentence in chosen)
        return _Summary(kept, named, is_whole=True, is_cut=told.is_cut, repeats=repeats)
    remaining = [one for one in sentences or told.broken if one.may_part]
    kept = _break_off(remaining[0].text, max_chars) if remaining else ""
    return _Summary(kept, _find_companies(kept, forms), is_whole=False, is_cut=told.is_cut)


def _find_told(text: str, title: str, forms: Forms) -> _Told:
    """The sentences of ``text`` that are news and not just the headline once more."""
    whole: list[_Telling] = []
    loose: list[_Telling] = []
    broken: list[_Telling] = []
    headline = _telling_words(title)
    cleaned = clean_text(text[:MAX_READ])
    is_all = len(text) <= MAX_READ
    before: str | None = None  # the last sentence that is no prompt, "" if it cannot be told
    for start, end in iter_spans(cleaned):
        sentence = cleaned[start:end]
        if len(whole) >= _IN_FRONT and not forms:
            break
        if is_prompt(sentence):
            continue
        kept, has_dots = cut_dots(sentence)
        is_whole = is_stopped(kept) and not has_dots
        describes = is_describing(kept)
        hangs_on = before if describes or is_pointing(kept) else None
        may_part = hangs_on is None or (describes and bool(_find_companies(kept, forms)))
        before = kept if is_whole and hangs_on is None else ""
        if len(whole) >= _IN_FRONT and not _find_companies(sentence, forms):
            continue
        if end == len(cleaned) and whole and not is_all:
            break  # it may go on
        words = _telling_words(kept)
        can_be_told = may_part or bool(hangs_on)
        if not can_be_told or not (_is_news(words, headline) or _counts_more(kept, title)):
            continue
        telling = _Telling(kept, words, hangs_on, may_part)
        if has_dots:
            broken.append(telling)
        elif is_whole:
            whole.append(telling)
        elif len(_WORD.findall(kept)) >= _LEAST_WORDS:
            loose.append(telling)
    return _Told(tuple(whole), tuple(loose), tuple(broken), is_all and cut_dots(cleaned)[1])


def _telling_words(text: str) -> frozenset[str]:
    """The words of ``text`` that say something, cut to their stems."""
    folded = text.casefold()
    stem = _ASCII_STEM if folded.isascii() else _STEM
    return frozenset(stem.findall(folded)) - _FILLERS


def _counts_more(sentence: str, title: str) -> bool:
    """Whether ``sentence`` has a sum or a share that ``title`` lacks: the price, most often."""
    amounts = [found.group() for found in _AMOUNT.finditer(sentence)]
    if not amounts:
        return False
    known = frozenset(chain.from_iterable(iter_figures(title)))
    read = chain.from_iterable(map(iter_figures, amounts))
    return any(known.isdisjoint(readings) for readings in read)


def _is_news(words: frozenset[str], known: frozenset[str]) -> bool:
    """Whether enough of ``words`` is not in ``known``."""
    return len(words - known) > _NEW_SHARE * len(words)


def _rate(sentences: Sequence[_Telling], forms: Forms) -> list[_Sentence]:
    common = Counter(chain.from_iterable(one.words for one in sentences))
    central = [
        (sum(map(common.__getitem__, one.words)) - len(one.words)) / (len(one.words) + 5)
        for one in sentences
    ]
    most = max(central) or 1.0
    return [
        _Sentence(
            text=one.text,
            place=place,
            words=one.words,
            worth=1 / (1 + _STEP * place) + _CENTRAL * central[place] / most,
            companies=_find_companies(one.text, forms),
            is_sequel=place > 0 and _SEQUEL.match(one.text) is not None,
            hangs_on=one.hangs_on,
            may_part=one.may_part,
        )
        for place, one in enumerate(sentences)
    ]


def _choose(sentences: Sequence[_Sentence], forms: Forms, max_chars: int) -> tuple[_Sentence, ...]:
    """The one or two that name most companies, and of those the most worth.

    What hangs on another comes behind that one; all others alone or in pairs.
    """
    likely = _likely([one for one in sentences if one.may_part])
    known = {one.text: one for one in sentences}
    held = (
        (known.get(one.hangs_on) or _take_back(one.hangs_on, forms), one)
        for one in sentences
        if one.hangs_on
    )
    pairs = (
        (first, second)
        for first, second in chain(combinations(likely, 2), held)
        if len(first.text) + 1 + len(second.text) <= max_chars
    )
    best_first = sorted((*((one,) for one in likely), *pairs), key=_value, reverse=True)
    return next(
        (some for some in best_first if len(some) == 1 or _is_news(some[1].words, some[0].words)),
        (),
    )


def _take_back(text: str, forms: Forms) -> _Sentence:
    """A sentence that was left out, worth nothing but for what it names."""
    named = _find_companies(text, forms)
    return _Sentence(text, -1, _telling_words(text), 0.0, named, was_left_out=True)


def _likely(sentences: Sequence[_Sentence]) -> list[_Sentence]:
    """In reading order the sentences that can win: of those that name the same the best few."""
    alike: defaultdict[frozenset[str], list[_Sentence]] = defaultdict(list)
    for sentence in sentences:
        alike[sentence.companies].append(sentence)
    best = (sorted(some, key=lambda s: s.worth, reverse=True)[:_BEST] for some in alike.values())
    return sorted((one for some in best for one in some), key=lambda s: s.place)


def _value(chosen: tuple[_Sentence, ...]) -> tuple[int, bool, bool, float]:
    """Companies named; then whether it begins clearly, and all is news; then the worth."""
    first, last = chosen[0], chosen[-1]
    worth = first.worth if first is last else first.worth + last.worth
    if first.is_sequel:
        worth -= _SEQUEL_COST
    if last.is_sequel and last.place > first.place + 1:
        worth -= _SEQUEL_COST
    if last.hangs_on not in {None, first.text}:
        worth -= _SEQUEL_COST
    begins_clearly = first.hangs_on is None
    return len(first.companies | last.companies), begins_clearly, not first.was_left_out, worth


def form_patterns(names: Names) -> Forms:
    """For each company any of its forms, not as a part of a longer Latin word."""
    patterns = {}
    for company, forms in names.items():
        if forms:
            either = "|".join(map(re.escape, sorted(forms, key=len, reverse=True)))
            patterns[company] = re.compile(rf"(?<![A-Za-z0-9])(?:{either})(?![A-Za-z0-9])")
    return patterns


def _find_companies(sentence: str, forms: Forms) -> frozenset[str]:
    return frozenset(company for company, form in forms.items() if form.search(sentence))


def _break_off(sentence: str, max_chars: int) -> str:
    """``sentence`` up to the last whole word that leaves room for "…"."""
    if len(sentence) < max_chars:
        return sentence.rstrip(" ,;:.-–—") + "…"
    head = sentence[: max_chars - 1]
    if " " in head[max_chars // 2 :]:  # Chinese has no spaces to cut at
        head = head[: head.rindex(" ")]
    return head.rstrip(" ,;:-–—，、；：") + "…"
