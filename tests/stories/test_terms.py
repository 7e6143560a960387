"""What stories are found under, and that reports of one event look that up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import Event
from bot.stories import join_story, make_words
from bot.stories.links import make_link_key
from bot.stories.report import Report
from bot.stories.terms import (
    MAX_CANDIDATES,
    MAX_LOOKUPS,
    MAX_TERM_CHARS,
    MAX_TERMS,
    choose_candidates,
    terms_of_report,
    terms_of_story,
)
from tests.builders import NOW, entry, match
from tests.stories.reports import DAY, only, opened, report


def shared(first: Report, second: Report) -> set[str]:
    return set(terms_of_story(opened(first))) & set(terms_of_report(second))


def linked(title: str, link: str) -> Report:
    return report(title, verdict=only("huawei"), entry=entry(title, link=link))


def test_a_report_looks_up_the_story_that_it_opens() -> None:
    assert set(terms_of_report(report())) <= set(terms_of_story(opened()))


def test_reports_of_one_company_meet_by_it() -> None:
    first = report("Huawei opens a lab in Cork", verdict=only("huawei"))
    second = report("Kirin supply is tight", verdict=only("huawei", event=Event.OTHER))

    assert shared(first, second) == {"@huawei"}


@pytest.mark.parametrize(
    ("first", "second", "term"),
    [
        ("Brussels weighs subsidy inquiry", "Subsidy row grows", "@huawei subsidy"),
        ("Mate X6 shown", "Hands on the X6", "@huawei#x6"),
        ("Fine of $1.35 billion", "It owes $1.35B", "@huawei#$1.35b"),
        ("New earbuds shown", "FreeBuds seen", "@huawei:earbuds"),
        ("3700万用户", "37 million users", "@huawei#37m"),
    ],
)
def test_a_company_and_a_second_fact_are_one_term(first: str, second: str, term: str) -> None:
    verdict = only("huawei")

    assert term in shared(report(first, verdict=verdict), report(second, verdict=verdict))


def test_a_company_and_what_it_did_are_one_term() -> None:
    banned = only("huawei", event=Event.BAN)

    assert "@huawei!ban-or-sanction" in shared(
        report("Washington halts licences", verdict=banned), report("Exports cut", verdict=banned)
    )


def test_common_words_and_names_make_no_terms() -> None:
    terms = terms_of_report(report("Huawei launches smartphone", verdict=only("huawei")))

    assert not [term for term in terms if " " in term]


def test_without_companies_words_and_their_neighbours_are_looked_up() -> None:
    first = report("Banana giants merge in Dublin", verdict=only())

    assert shared(first, report("Dublin banana giants", verdict=only())) == {
        "banana",
        "giant",
        "dublin",
        "banana giant",
    }


def test_a_copied_title_is_found_whatever_else_is_named() -> None:
    title = "Bright comet above Cork startles thousands"

    first = report(title, verdict=only("huawei"))
    copy = report(title, verdict=only("oppo"), entry=entry(title, link=None))

    (found,) = shared(first, copy)
    assert found.startswith("=")


def test_the_same_article_is_found_by_its_address() -> None:
    first = linked("Alpha", "https://www.wire.example/2018/alpha-beta-gamma/?utm_source=rss")
    second = linked("Delta", "http://wire.example/2018/alpha-beta-gamma#comments")

    assert [term for term in shared(first, second) if term.startswith("/")]


@pytest.mark.parametrize(
    ("link", "key"),
    [
        ("https://www.wire.example/News/alpha-beta-is/?a=b", "wire.example/news/alpha-beta-is"),
        ("https://amp.wire.example/a/123456/amp", "wire.example/a/123456"),
        ("https://wire.example/", ""),
        ("https://wire.example/news/phones", ""),
        ("https://tube.example/watch?v=abcdefghijk", ""),
        ("https://[broken/alpha-beta-gamma", ""),
        (None, ""),
    ],
)
def test_only_addresses_of_articles_are_keys(link: str | None, key: str) -> None:
    assert make_link_key(link) == key


def test_a_story_is_found_by_the_titles_of_all_its_reports() -> None:
    later = report("Antitrust watchdog in Cork", outlet="Meridian", verdict=only("huawei"))
    story = join_story(opened(report("Alpha", verdict=only("huawei"))), later, reason="")

    assert {"@huawei cork", "@huawei alpha"} <= set(terms_of_story(story))


def test_makers_and_carriers_take_turns_where_many_are_named() -> None:
    verdict = match(makers=("huawei", "honor", "oppo", "zte"), carriers=("att", "verizon"))

    terms = terms_of_report(report(verdict=verdict))

    assert {"@huawei", "@att", "@honor", "@verizon"} <= set(terms)
    assert "@oppo" not in terms


def test_stories_that_most_terms_lead_to_are_compared_and_copies_in_any_case() -> None:
    old, new = NOW - DAY, NOW
    crowd = [(NOW, f"crowd{number}") for number in range(MAX_CANDIDATES)]
    found = {
        "@huawei": [*crowd, (old, "both"), (new, "one")],
        "@huawei lab": [*crowd, (old, "both")],
        "=1": [(old, "copy")],
    }

    chosen = choose_candidates(found)

    assert len(chosen) == MAX_CANDIDATES
    assert chosen[0] == "copy"
    assert "one" not in chosen
    assert choose_candidates({"a": [(old, "x"), (new, "y")], "b": [(old, "x")]}) == ("x", "y")
    assert choose_candidates({"a": [(old, "x"), (new, "y")]}) == ("y", "x")


@given(st.text(max_size=400), st.text(max_size=200), st.sampled_from([(), ("huawei", "oppo")]))
def test_any_text_gives_terms_within_the_bounds_and_finds_itself(
    title: str, link: str, makers: tuple[str, ...]
) -> None:
    told = report(
        title,
        verdict=only(*makers),
        entry=entry(title, link=link),
        words=make_words(title, title[::-1]),
    )
    kept, looked_up = terms_of_story(opened(told)), terms_of_report(told)

    assert len(set(kept)) == len(kept) <= MAX_TERMS
    assert len(set(looked_up)) == len(looked_up) <= MAX_LOOKUPS
    assert all(0 < len(term) <= MAX_TERM_CHARS for term in (*kept, *looked_up))
    assert set(looked_up) <= set(kept)
