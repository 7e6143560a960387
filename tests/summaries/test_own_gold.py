"""Summaries of articles of our own in four languages: each one must be good."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from bot.catalogue import load_catalogue
from bot.matching import Matcher
from bot.model import Catalogue
from bot.summaries import summary_line
from tests.conftest import ROOT
from tests.summaries.gold_rule import (
    LANGUAGES,
    MAX_CHARS,
    Article,
    find_faults,
    load_articles,
    most_named,
    squeeze,
)

ARTICLES = load_articles()
BY_ID = {article.id: article for article in ARTICLES}

each_article = pytest.mark.parametrize(
    "article", [pytest.param(article, id=article.id) for article in ARTICLES]
)


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue(ROOT / "config")


@pytest.fixture(scope="module")
def matcher(catalogue: Catalogue) -> Matcher:
    return Matcher(catalogue)


@each_article
def test_summary_is_good(article: Article, matcher: Matcher) -> None:
    item = {"id": article.id, "title": article.title, "article": article.text}

    summary = summary_line(item, matcher.match)["summary"]

    assert not find_faults(article, summary), summary


@each_article
def test_gold_sentences_stand_in_the_text_in_order(article: Article) -> None:
    rest = squeeze(article.text)
    for sentence in article.sentences:
        before, found, rest = rest.partition(squeeze(sentence))
        assert found, f"{sentence!r} not after {before[-20:]!r}"


@each_article
def test_what_a_summary_may_not_hold_stands_in_the_text(article: Article) -> None:
    text = squeeze(article.text)
    assert [part for part in article.never if squeeze(part) not in text] == []


@each_article
def test_a_good_summary_exists_unless_nothing_may_be_said(article: Article) -> None:
    good = [sentence for sentence in article.sentences if not _is_barred(article, sentence)]
    assert bool(good) is not article.empty
    assert (most_named(article) > 0) is not article.empty


@each_article
def test_gold_companies_are_of_the_catalogue(article: Article, catalogue: Catalogue) -> None:
    assert article.companies <= set(catalogue.companies)
    assert article.companies == frozenset().union(*article.named)


def test_gold_has_sixty_articles_in_four_languages() -> None:
    written = Counter(article.lang for article in ARTICLES)
    assert len(BY_ID) == len(ARTICLES) >= 60
    assert min(written[lang] for lang in LANGUAGES) >= 12


PLAIN = Article(
    id="plain",
    lang="en",
    title="Phones move",
    text="By A. B. One is Huawei. Two is AT&T. Three is nobody.",
    sentences=("One is Huawei.", "Two is AT&T.", "Three is nobody."),
    named=(frozenset({"huawei"}), frozenset({"att"}), frozenset()),
    companies=frozenset({"huawei", "att"}),
    never=("By A. B.",),
    empty=False,
)


@pytest.mark.parametrize(
    ("summary", "faults"),
    [
        ("One is Huawei. Two is AT&T.", ()),
        ("One is Huawei.\n\nTwo is AT&T.", ()),
        ("One is Huawei. Three is nobody.", ("names 1 companies of 2",)),
        ("Two is AT&T. One is Huawei.", ("is not one or two whole sentences in order",)),
        (
            "One is Huawei. Two is AT&T. Three is nobody.",
            ("is not one or two whole sentences in order",),
        ),
        ("One is Huawei. Two is", ("is not one or two whole sentences in order",)),
        (
            "By A. B. One is Huawei.",
            ("holds 'By A. B.'", "is not one or two whole sentences in order"),
        ),
        ("", ("empty",)),
    ],
)
def test_the_rule_tells_good_from_bad(summary: str, faults: tuple[str, ...]) -> None:
    assert find_faults(PLAIN, summary) == faults


def test_the_rule_wants_silence_where_nothing_may_be_said() -> None:
    silent = replace(PLAIN, sentences=(), named=(), companies=frozenset(), empty=True)
    assert find_faults(silent, "") == ()
    assert find_faults(silent, "One is Huawei.") == ("not empty",)


def test_the_rule_asks_for_no_company_that_fits_in_no_choice() -> None:
    long = f"One is {'very ' * 90}Huawei."
    article = replace(PLAIN, sentences=(long, *PLAIN.sentences[1:]))
    assert find_faults(article, "Two is AT&T.") == ()
    assert f"has {len(long)} characters" in find_faults(article, long)
    assert len(long) > MAX_CHARS


def _is_barred(article: Article, sentence: str) -> bool:
    return len(sentence) > MAX_CHARS or any(part in sentence for part in article.never)
