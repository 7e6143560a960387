"""One or two sentences of a text that say what happened, verbatim.

Choosing and cleaning: most feeds bring one to three sentences, often with a
"read more" behind them, and sometimes nothing that the headline did not say.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, islice
from types import MappingProxyType
from typing import Any

from bot.model import Match
from bot.prose import iter_sentences
from bot.summaries.cleaning import clean_text, cut_dots, is_prompt

MAX_CHARS = 400
Names = Mapping[str, Collection[str]]
"""Company id to the forms it is written in, case and all."""

_MAX_SENTENCES = 24  # of a text: what is news stands in front
_NEW_SHARE = 0.25  # of a sentence's words that nothing before it has
_STEP = 0.2  # how fast a sentence's place loses worth; set on the development set
_CENTRAL = 0.5  # what its words are worth beside its place; the same
_DANGLING_COST = 0.3  # "It will cost $799" without the sentence that says what "it" is

_DANGLING = re.compile(
    r"(?:It|Its|He|His|She|Her|They|Their|This|That|These|Those|But|And|So|Both|Such|Instead"
    r"|However|Then|其中|这|该|它|他)(?:\b|(?<=[\u4e00-\u9fff]))"
)
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W_\u3040-\u30ff\u3400-\u9fff]+")
_FILLERS = frozenset(
    _WORD.findall(
        "a an and are as at be been but by for from had has have he her his if in into is it its "
        "more not of on or said she than that the their them they this to was were which who will "
        "with would you 的 了 是 在"
    )
)


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence that may be chosen; ``place`` 0 is the first.

    It is dangling if it speaks of something that only the sentence before it names.
    """

    text: str
    place: int
    worth: float
    companies: frozenset[str]
    is_dangling: bool


def summarise(
    text: str,
    *,
    title: str = "",
    names: Names = MappingProxyType({}),
    max_chars: int = MAX_CHARS,
) -> str:
    """One or two whole sentences of ``text``, verbatim and in order; "" if it adds nothing.

    They name as many of the companies that the text names as two sentences can, and
    after that stand in front and say what the text is about. A sentence that only
    repeats ``title`` is left out. As a last resort, where no whole sentence has at most
    ``max_chars`` characters (code points), the result breaks off after a word with "…".
    """
    whole, broken = _find_sentences(text, title)
    fitting = [sentence for sentence in whole if len(sentence) <= max_chars]
    if fitting:
        return " ".join(s.text for s in _choose(_rate(fitting, names), max_chars))
    remaining = whole or broken
    return _break_off(remaining[0], max_chars) if remaining else ""


def find_names(match: Match) -> Names:
    """The forms in which the companies of ``match`` were written."""
    names: defaultdict[str, set[str]] = defaultdict(set)
    for mention in match.mentions:
        names[mention.company].add(mention.text)
    return names


def summary_line(item: Mapping[str, Any], match: Callable[[str, str], Match]) -> dict[str, Any]:
    """One JSON object in, ``{"id", "summary"}`` out.

    The text is "article", else "sentences" joined, else "desc"; "title" where present.
    ``match`` takes title and text, and says which companies must be named.
    """
    title = str(item.get("title") or "")
    sentences = " ".join(item.get("sentences") or ())
    text = str(item.get("article") or sentences or item.get("desc") or "")
    summary = summarise(text, title=title, names=find_names(match(title, text)))
    return {"id": item.get("id"), "summary": summary}


def _find_sentences(text: str, title: str) -> tuple[list[str], list[str]]:
    """The sentences that tell something: whole ones, and those the feed broke off."""
    whole: list[str] = []
    broken: list[str] = []
    told = [frozenset(_words(title))]
    for sentence in islice(iter_sentences(clean_text(text)), _MAX_SENTENCES):
        kept, has_dots = cut_dots(sentence)
        words = frozenset(_words(kept))
        if is_prompt(sentence) or not _is_news(words, told):
            continue
        told.append(words)
        (broken if has_dots else whole).append(kept)
    return whole, broken


def _is_news(words: frozenset[str], told: Sequence[frozenset[str]]) -> bool:
    """Whether enough of ``words`` is in neither the headline nor any one sentence before."""
    return bool(words) and all(len(words - known) > _NEW_SHARE * len(words) for known in told)


def _rate(sentences: Sequence[str], names: Names) -> list[_Sentence]:
    told = [frozenset(_words(sentence)) - _FILLERS for sentence in sentences]
    common = Counter(word for words in told for word in words)
    central = [sum(common[word] - 1 for word in words) / (len(words) + 5) for words in told]
    most = max(central) or 1.0
    forms = {company: _form_pattern(written) for company, written in names.items() if written}
    return [
        _Sentence(
            text=sentence,
            place=place,
            worth=1 / (1 + _STEP * place) + _CENTRAL * central[place] / most,
            companies=frozenset(c for c, form in forms.items() if form.search(sentence)),
            is_dangling=place > 0 and _DANGLING.match(sentence) is not None,
        )
        for place, sentence in enumerate(sentences)
    ]


def _choose(sentences: Sequence[_Sentence], max_chars: int) -> tuple[_Sentence, ...]:
    """The one or two that name most companies, and of those the most worth."""
    pairs = (
        (first, second)
        for first, second in combinations(sentences, 2)
        if len(first.text) + 1 + len(second.text) <= max_chars
    )
    return max((*((sentence,) for sentence in sentences), *pairs), key=_value)


def _value(chosen: tuple[_Sentence, ...]) -> tuple[int, float]:
    first, last = chosen[0], chosen[-1]
    worth = sum(sentence.worth for sentence in chosen)
    if first.is_dangling:
        worth -= _DANGLING_COST
    if last.is_dangling and last.place > first.place + 1:
        worth -= _DANGLING_COST
    return len(first.companies | last.companies), worth


def _form_pattern(forms: Collection[str]) -> re.Pattern[str]:
    """Any of ``forms``, not as a part of a longer Latin word."""
    longest_first = sorted(forms, key=len, reverse=True)
    return re.compile(
        r"(?<![A-Za-z0-9])(?:" + "|".join(map(re.escape, longest_first)) + r")(?![A-Za-z0-9])"
    )


def _break_off(sentence: str, max_chars: int) -> str:
    """``sentence`` up to the last whole word that leaves room for "…"."""
    if len(sentence) < max_chars:
        return sentence.rstrip(" ,;:.-–—") + "…"
    head = sentence[: max_chars - 1]
    if " " in head[max_chars // 2 :]:  # Chinese has no spaces to cut at
        head = head[: head.rindex(" ")]
    return head.rstrip(" ,;:-–—，、；：") + "…"


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())
