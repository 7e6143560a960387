"""What a good summary of our own gold articles is, told apart from how one is made.

An article of ``tests/summaries/gold`` is one JSON object a line:
"sentences" are the clean whole sentences of "text" in reading order, "named" the company ids
that each of them names, "never" what no summary may hold (dirt, repeats of the headline).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

FOLDER = Path(__file__).resolve().parent / "gold"
LANGUAGES = ("en", "zh", "ja", "es")
MAX_CHARS = 400


@dataclass(frozen=True, slots=True)
class Article:
    """One article written for these tests, with what may be said of it."""

    id: str
    lang: str
    title: str
    text: str
    sentences: tuple[str, ...]
    named: tuple[frozenset[str], ...]
    companies: frozenset[str]
    never: tuple[str, ...]
    empty: bool


def load_articles() -> tuple[Article, ...]:
    """Every article of the four files, in file order."""
    return tuple(
        _read_article(line)
        for lang in LANGUAGES
        for line in (FOLDER / f"{lang}.jsonl").read_text(encoding="utf-8").splitlines()
    )


def find_faults(article: Article, summary: str) -> tuple[str, ...]:
    """What keeps ``summary`` from being good; empty if it is good.

    Good: one or two of the sentences, verbatim (white space aside) and in order, at most 400
    characters, nothing of "never", and as many companies as any such choice can name.
    Where nothing may be said, only the empty summary is good.
    """
    if article.empty or not summary:
        return () if article.empty == (not summary) else ("empty" if not summary else "not empty",)
    faults = [f"holds {part!r}" for part in article.never if squeeze(part) in squeeze(summary)]
    if len(summary) > MAX_CHARS:
        faults.append(f"has {len(summary)} characters")
    said = [set_ for text, set_ in iter_choices(article) if squeeze(text) == squeeze(summary)]
    if not said:
        faults.append("is not one or two whole sentences in order")
    elif len(said[0]) < most_named(article):
        faults.append(f"names {len(said[0])} companies of {most_named(article)}")
    return tuple(faults)


def most_named(article: Article) -> int:
    """How many companies the best good choice of one or two sentences names."""
    return max(
        (
            len(companies)
            for text, companies in iter_choices(article)
            if len(text) <= MAX_CHARS
            and not any(squeeze(part) in squeeze(text) for part in article.never)
        ),
        default=0,
    )


def iter_choices(article: Article) -> Iterator[tuple[str, frozenset[str]]]:
    """Every one or two sentences in order, with the companies that they name."""
    told = list(zip(article.sentences, article.named, strict=True))
    yield from told
    for (first, here), (second, there) in combinations(told, 2):
        # Chinese and Japanese put no space between sentences.
        gap = "" if article.lang in {"zh", "ja"} else " "
        yield f"{first}{gap}{second}", here | there


def squeeze(text: str) -> str:
    """The text without any white space."""
    return "".join(text.split())


def _read_article(line: str) -> Article:
    item = json.loads(line)
    return Article(
        id=item["id"],
        lang=item["lang"],
        title=item["title"],
        text=item["text"],
        sentences=tuple(item["sentences"]),
        named=tuple(frozenset(ids) for ids in item["named"]),
        companies=frozenset(item["companies"]),
        never=tuple(item["never"]),
        empty=item.get("empty", False),
    )
