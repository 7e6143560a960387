from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands.questions import MAX_WORDS, Question, read_question
from bot.commands.spans import Span
from bot.matching import company_of, with_watched
from bot.model import Event, Scope, Watch
from tests.commands.calls import CATALOGUE

NOW = datetime(2026, 11, 22, 15, 30, tzinfo=UTC)
WEEK = Span(datetime(2026, 11, 15, tzinfo=UTC))  # seven whole days
MONDAY = Span(datetime(2026, 11, 16, tzinfo=UTC))
OCTOBER = Span(datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC))
DEALS = (Event.DEAL, Event.DEAL_OFF)


def read(text: str, *watched: str) -> Question:
    companies = [company_of(Watch(name)) for name in watched]
    return read_question(text, with_watched(CATALOGUE, companies), now=NOW)


def question(*companies: str, **said: Any) -> Question:
    return Question(companies=companies, **said)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "anything on Huawei and AT&T this week?",
            question("huawei", also=("att",), span=WEEK),
        ),
        ("anything on huawei and at&t?", question("huawei", also=("att",))),
        ("what happened with ZTE since Monday", question("zte", span=MONDAY)),
        ("bans last month", question(events=(Event.BAN,), span=OCTOBER)),
        (
            "Xiaomi deals 48h",
            question("xiaomi", events=DEALS, span=Span(NOW - timedelta(hours=48))),
        ),
        ("latest?", question()),
        ("What's new?", question()),
        ("help", question(wants_help=True)),
        ("", question(wants_help=True)),
        ("<@123456789> any update on OPPO?", question("oppo")),
        ("华为和AT&T这周有什么消息", question("huawei", also=("att",), span=WEEK)),
        ("最近小米的禁令", question("xiaomi", events=(Event.BAN,))),
        ("今天", question(span=Span(datetime(2026, 11, 22, tzinfo=UTC)))),
        ("帮助", question(wants_help=True)),
        ("was gibt es neues zu Huawei seit Montag", question("huawei", span=MONDAY)),
        ("noticias de Xiaomi esta semana", question("xiaomi", span=WEEK)),
        ("noticias sobre el veto a Huawei", question("huawei", events=(Event.BAN,))),
        ("HUAWEI BAN", question("huawei", events=(Event.BAN,))),
    ],
)
def test_a_plain_question_is_understood(text: str, expected: Question) -> None:
    assert read(text) == expected


@pytest.mark.parametrize(
    ("text", "companies", "also", "scope"),
    [
        ("Huawei or AT&T", ("huawei", "att"), (), Scope.ANY),
        ("华为或小米", ("huawei", "xiaomi"), (), Scope.ANY),
        ("Huawei and ZTE", ("huawei", "zte"), (), Scope.ANY),
        ("Huawei with ZTE", ("huawei",), ("zte",), Scope.ANY),
        ("oneplus t-mobile", ("oneplus",), ("tmobile",), Scope.ANY),
        ("oneplus and t mobile", ("oneplus",), ("tmobile",), Scope.ANY),
        ("Huawei, ZTE and Verizon", ("huawei", "zte"), ("verizon",), Scope.ANY),
        ("ZTE with AT&T and Verizon", ("att", "verizon"), ("zte",), Scope.ANY),
        (
            "Huawei and ZTE with AT&T and Verizon",
            ("huawei", "zte", "att", "verizon"),
            (),
            Scope.PAIR,
        ),
        ("中兴与威瑞森", ("zte",), ("verizon",), Scope.ANY),
        ("pairs this month", (), (), Scope.PAIR),
        ("手机厂商和运营商", (), (), Scope.PAIR),
        ("what are the carriers doing", (), (), Scope.CARRIERS),
    ],
)
def test_who_is_joined_how_decides_whether_both_must_be_named(
    text: str, companies: tuple[str, ...], also: tuple[str, ...], scope: Scope
) -> None:
    found = read(text)

    assert (found.companies, found.also, found.scope) == (companies, also, scope)


@pytest.mark.parametrize(
    ("text", "company"),
    [
        ("anything on honor?", "honor"),
        ("Honor news", "honor"),
        ("visible", "visible"),
        ("is there anything about visible in the news", "visible"),
        ("any outage at boost in January", "boost"),
        ("news on Metro", "metro"),
        ("what about mint", "mint"),
        ("honor and verizon", "honor"),
        ("anything on mi?", "xiaomi"),
    ],
)
def test_an_everyday_name_counts_where_nothing_else_explains_it(text: str, company: str) -> None:
    assert company in read(text).companies


@pytest.mark.parametrize(
    ("text", "company"),
    [
        ("who wants to boost sales", "boost"),
        ("Honor of Kings", "honor"),
        ("in honor of the founder", "honor"),
        ("the most visible change", "visible"),
        ("dish soap", "dish"),
    ],
)
def test_an_everyday_name_that_its_neighbours_explain_is_a_word(text: str, company: str) -> None:
    found = read(text)

    assert company not in found.companies
    assert company in " ".join(found.words).casefold()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("anything on Nothing?", ("x:nothing",)),
        ("any news about three this week", ("x:three",)),
        ("last three days", ()),
        ("nothing new", ()),
    ],
)
def test_a_watched_company_with_an_everyday_name_can_be_asked_for(
    text: str, expected: tuple[str, ...]
) -> None:
    ids = {company_of(Watch(name)).id: f"x:{name.lower()}" for name in ("Nothing", "Three")}

    assert tuple(ids.get(one, one) for one in read(text, "Nothing", "Three").companies) == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("foldables this week", ("foldables",)),
        ("anything on Nokia?", ("Nokia",)),
        ("did huawei beat verizon", ("beat",)),
        ("huawei 5g", ("5g",)),
        ("折叠屏", ("折叠屏",)),
        ("one two buckle shoe three four knock door", ()),
    ],
)
def test_what_is_not_understood_is_looked_for_unless_it_is_a_tale(
    text: str, words: tuple[str, ...]
) -> None:
    assert read(text).words == words


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("why was #abcdefghi2 posted?", "#abcdefghi2"),
        ("Why Huawei fails to get AT&T", "Huawei fails to get AT&T"),
        ("为什么 https://wire.example/deal", "https://wire.example/deal"),
        ("why?", ""),
    ],
)
def test_why_asks_for_reasons(text: str, why: str) -> None:
    assert read(text).why == why


@given(
    st.lists(
        st.one_of(
            st.text(max_size=20),
            st.sampled_from(
                ["Huawei", "at&t", "honor", "and", "or", "with", "since", "last", "31", "días"]
            ),
            st.sampled_from(["华为", "这周", "ban", "why", "<@1>", "İ", "ß", "\u200b", "mi", "-"]),
        ),
        max_size=12,
    ).map(" ".join)
)
def test_any_words_are_a_question(text: str) -> None:
    found = read(text)

    assert len(found.words) <= MAX_WORDS
    assert set(found.companies + found.also) <= CATALOGUE.companies.keys()
    assert not set(found.companies) & set(found.also)
