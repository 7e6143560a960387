"""What a story is found under, and what a report looks up to find the stories it may belong to.

Every store of stories follows the same rule, so that all give the same candidates, at a
cost that does not grow with what is kept: for each term that a report looks up, the
newest ``CANDIDATES_PER_TERM`` stories that have it (by ``updated_at``, the larger id
first where that is the same) and were updated within ``WINDOW`` of the report's
``seen_at``. Terms are joined of two facts where one alone would be on too many stories.

Of these, ``choose_candidates`` takes the few that most terms lead to: only they are compared.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from itertools import chain, islice, pairwise, zip_longest

from bot.model import Event, Story
from bot.stories.keeping import kept_by_story
from bot.stories.links import make_link_key
from bot.stories.rarity import weigh_alone
from bot.stories.report import Report
from bot.stories.similarity import COPY_WORDS
from bot.stories.titles import Title, read_title

MAX_TERMS = 64  # of a story
MAX_LOOKUPS = 32  # of a report
CANDIDATES_PER_TERM = 12
TERM_RULE = 1  # one more with each change to what follows: what is stored is indexed anew
MAX_CANDIDATES = 24
MAX_TERM_CHARS = 64

_COMPANIES = 4  # of a story or report, makers and carriers in turn; round-ups name dozens
_COPIES = 8  # titles of a story, and addresses, the first and the latest
_FACTS = 8  # models and figures
_COPY_SIGNS = "=/"  # what terms of copied titles and of addresses begin with


@kept_by_story
def terms_of_story(story: Story) -> tuple[str, ...]:
    """At most ``MAX_TERMS`` terms that ``story`` is found under, the most selective first."""
    told = story.coverage
    if len(told) > _COPIES:
        told = (*told[: _COPIES // 2], *told[-_COPIES // 2 :])
    titles = [read_title(each.title, story.lang) for each in told]
    companies = _choose_companies(story.makers, story.carriers, story.others)
    terms = chain(
        _copy_terms(titles, [each.link for each in told]),
        _fact_terms(companies, titles, story.event),
        _word_terms(companies, titles, story.words),
    )
    return _first(terms, MAX_TERMS)


def terms_of_report(report: Report) -> tuple[str, ...]:
    """At most ``MAX_LOOKUPS`` terms that ``report`` looks up, the most selective first."""
    return _first(_report_terms(report), MAX_LOOKUPS)


def terms_in_common(report: Report) -> tuple[str, ...]:
    """What a story that ``report`` opens is found under, at most ``MAX_TERMS`` terms.

    Two reports of which one would find the story of the other have one of them in common.
    """
    return _first(_report_terms(report), MAX_TERMS)


def _report_terms(report: Report) -> Iterable[str]:
    match, title = report.match, read_title(report.entry.title, report.lang)
    companies = _choose_companies(match.makers, match.carriers, match.others)
    return chain(
        _copy_terms([title], [report.entry.link]),
        _fact_terms(companies, [title], match.event),
        _word_terms(companies, [title], report.words),
    )


def choose_candidates(
    found: Mapping[str, Iterable[tuple[datetime, str]]],
) -> tuple[str, ...]:
    """At most ``MAX_CANDIDATES`` ids of the stories found under each term, the best first.

    Those of copies and of the same article come before all; then those that most terms
    lead to, of these the newest (when a story was updated stands before its id).
    """
    hits: Counter[tuple[datetime, str]] = Counter()
    for term, places in found.items():
        weight = MAX_LOOKUPS if term[0] in _COPY_SIGNS else 1
        for place in places:
            hits[place] += weight
    ranked = sorted(hits, key=lambda place: (hits[place], place), reverse=True)
    return tuple(story_id for _, story_id in ranked[:MAX_CANDIDATES])


def choose_for_all(
    lookups: Iterable[Collection[str]], found: Mapping[str, Sequence[tuple[datetime, str]]]
) -> set[str]:
    """What ``choose_candidates`` takes for any of the reports that looked up ``lookups``."""
    return {
        story_id
        for terms in lookups
        for story_id in choose_candidates({term: found[term] for term in terms if term in found})
    }


def _choose_companies(*roles: Sequence[str]) -> tuple[str, ...]:
    """The first of each role, then the second of each, up to ``_COMPANIES``."""
    in_turn = chain.from_iterable(zip_longest(*roles))
    return tuple(islice((company for company in in_turn if company), _COMPANIES))


def _copy_terms(titles: Iterable[Title], links: Iterable[str | None]) -> Iterable[str]:
    """Copies of a title, and the same article by another feed."""
    for title in titles:
        if len(title.words) >= COPY_WORDS:
            yield f"={_digest(' '.join(title.words))}"
    for link in links:
        if key := make_link_key(link):
            yield f"/{_digest(key)}"


def _fact_terms(companies: Sequence[str], titles: Sequence[Title], event: Event) -> Iterable[str]:
    """A company with what it did, with a kind of product, with a model, with a figure."""
    yield from (f"@{company}" for company in companies)
    if event is not Event.OTHER:
        yield from (f"@{company}!{event.value}" for company in companies)
    found = chain.from_iterable(
        (*(product.name for product in title.products), *sorted(title.figures)) for title in titles
    )
    facts = list(islice(dict.fromkeys(found), _FACTS))
    kinds = sorted(frozenset(chain.from_iterable(title.kinds for title in titles)))
    for company in companies[:2]:
        yield from (f"@{company}#{fact}" for fact in facts)
        yield from (f"@{company}:{kind}" for kind in kinds)


def _word_terms(
    companies: Sequence[str], titles: Sequence[Title], words: Sequence[str]
) -> Iterable[str]:
    """Each telling word with each company; where none is named, words and pairs of them."""
    told = [title.words for title in titles]
    names = frozenset(companies)
    ranked = dict.fromkeys(chain(*told[:1], words, *told))
    telling = (word for word in ranked if weigh_alone(word, names) == 1.0)
    if companies:
        yield from (f"@{company} {word}" for word in telling for company in companies)
        return
    pairs = (f"{first} {second}" for words_ in told for first, second in pairwise(words_))
    for word, pair in zip_longest(telling, pairs):
        yield from filter(None, (word, pair))


@lru_cache(maxsize=16_384)  # a story that grows is found under what it was found under
def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]


def _first(terms: Iterable[str], most: int) -> tuple[str, ...]:
    """The first ``most`` different terms, each short enough for an index."""
    return tuple(islice(dict.fromkeys(term[:MAX_TERM_CHARS] for term in terms), most))
