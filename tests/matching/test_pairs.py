from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.matching.pairs import MAX_SENTENCE, best_pair_or_none
from bot.model import Mention, Pair, Prominence, Role
from bot.prose import iter_spans
from tests.builders import mention

HEADLINE = "Huawei fails to get AT&T to sell its phones in the US"
HUAWEI = mention("Huawei", Role.MAKER, within=HEADLINE)
ATT = mention("AT&T", Role.CARRIER, within=HEADLINE)
TITLE = {"title": HEADLINE}


def in_body(name: str, role: Role, text: str, *, company: str = "") -> Mention:
    """The first ``name`` in a body, far from its opening."""
    found = mention(name, role, within=text, company=company)
    return replace(found, where="body", prominence=Prominence.PASSING)


def body_pair(text: str, *up_front: Mention) -> Pair | None:
    """Of the first "Huawei" and "AT&T" deep in the body ``text``, under a headline."""
    found = (
        *up_front,
        in_body("Huawei", Role.MAKER, text),
        in_body("AT&T", Role.CARRIER, text, company="at&t"),
    )
    return best_pair_or_none(found, {"title": "x" * 500, "body": text})


def test_maker_near_carrier_is_a_pair() -> None:
    pair = best_pair_or_none([ATT, HUAWEI], TITLE)

    assert pair == Pair(HUAWEI, ATT, 14, HEADLINE, is_one_sentence=True)


@pytest.mark.parametrize(("near", "expected"), [(13, False), (14, True)])
def test_near_includes_its_edge(near: int, expected: bool) -> None:
    assert (best_pair_or_none([HUAWEI, ATT], TITLE, near=near) is not None) is expected


def test_one_side_alone_is_no_pair() -> None:
    other = Mention("honor", Role.MAKER, 8, 13, "Honor")

    assert best_pair_or_none([HUAWEI, other], TITLE) is None
    assert best_pair_or_none([ATT], TITLE) is None
    assert best_pair_or_none([], TITLE) is None


def test_a_watched_company_makes_no_pair() -> None:
    orange = Mention("orange", Role.OTHER, 8, 14, "Orange")

    assert best_pair_or_none([orange, ATT], TITLE) is None


@pytest.mark.parametrize("start", [1, 3])
def test_touching_and_overlapping_names_have_no_gap(start: int) -> None:
    maker = Mention("tcl", Role.MAKER, 0, 3, "TCL")
    carrier = Mention("att", Role.CARRIER, start, start + 4, "AT&T")

    pair = best_pair_or_none([maker, carrier], {"title": "TCLAT&T"})

    assert pair is not None
    assert pair.gap == 0


def test_the_closest_is_taken_and_ties_keep_reading_order() -> None:
    carriers = [
        Mention(name, Role.CARRIER, at, at + 2, "xx")
        for name, at in zip("abcd", (0, 4, 12, 30), strict=True)
    ]
    maker = Mention("m", Role.MAKER, 8, 10, "mm")

    pair = best_pair_or_none([maker, *carriers], {"title": "x" * 40})

    assert pair is not None
    assert (pair.carrier.company, pair.gap) == ("b", 2)


def test_a_distance_below_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="got -1"):
        best_pair_or_none([HUAWEI, ATT], TITLE, near=-1)


def test_prominence_goes_before_closeness() -> None:
    title, summary = "Xiaomi and its plans for Verizon", "ZTE, AT&T."
    xiaomi = mention("Xiaomi", Role.MAKER, within=title)
    verizon = mention("Verizon", Role.CARRIER, within=title)
    zte = replace(mention("ZTE", Role.MAKER, within=summary), where="summary")
    att = replace(mention("AT&T", Role.CARRIER, within=summary), where="summary")
    lower = [replace(m, prominence=Prominence.LEAD) for m in (zte, att)]

    pair = best_pair_or_none([xiaomi, verizon, *lower], {"title": title, "summary": summary})

    assert pair is not None
    assert (pair.maker, pair.carrier) == (xiaomi, verizon)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("It began. Huawei Inc. and AT&T met in the U.S. Senate. It ended.",
         "Huawei Inc. and AT&T met in the U.S. Senate."),
        ("开始了。Huawei与AT&T谈崩。结束了。", "Huawei与AT&T谈崩。"),
        ("Then, as\nHuawei  said, AT&T left", "Then, as Huawei said, AT&T left"),
    ],
)  # fmt: skip
def test_the_sentence_is_the_one_that_holds_both(text: str, sentence: str) -> None:
    pair = body_pair(text)

    assert pair is not None
    assert (pair.sentence, pair.is_one_sentence) == (sentence, True)


def test_of_two_sentences_it_is_what_stands_between() -> None:
    pair = body_pair("So said AT&T. Nobody heard. Huawei did.")

    assert pair is not None
    assert (pair.sentence, pair.is_one_sentence) == ("AT&T. Nobody heard. Huawei", False)
    assert pair.gap == 16


def test_across_fields_it_says_where_one_ends() -> None:
    texts = {"title": "News of Huawei today", "summary": "Short.", "body": "AT&T left."}
    maker = mention("Huawei", Role.MAKER, within=texts["title"])
    carrier = replace(mention("AT&T", Role.CARRIER, within=texts["body"]), where="body")

    pair = best_pair_or_none([maker, carrier], texts)

    assert pair is not None
    assert (pair.sentence, pair.is_one_sentence) == ("Huawei today / Short. / AT&T", False)
    assert pair.gap == len(" today Short. ")


def test_a_very_long_sentence_is_cut_around_the_names() -> None:
    words = "and so on, " * 60
    pair = body_pair(f"{words}until Huawei met AT&T, {words}the end.")

    assert pair is not None
    assert "until Huawei met AT&T, and so on" in pair.sentence
    assert (pair.sentence[0], pair.sentence[-1], pair.is_one_sentence) == ("…", "…", True)
    assert len(pair.sentence) < MAX_SENTENCE


def test_a_pair_deep_in_the_body_is_passing() -> None:
    pair = body_pair("Years ago Huawei met AT&T.")

    assert pair is not None
    assert pair.is_passing


@pytest.mark.parametrize(
    ("text", "is_passing"),
    [("Years ago Huawei met AT&T.", False), ("Years ago came Huawei. AT&T left.", True)],
)
@pytest.mark.parametrize("prominence", [Prominence.HEADLINE, Prominence.LEAD])
def test_it_counts_where_one_sentence_ties_it_to_a_company_up_front(
    text: str, is_passing: bool, prominence: Prominence
) -> None:
    for name, role in (("huawei", Role.MAKER), ("at&t", Role.CARRIER)):
        pair = body_pair(text, Mention(name, role, 0, 4, "xxxx", prominence=prominence))

        assert pair is not None
        assert pair.is_passing is is_passing


def test_a_name_up_front_makes_a_pair_with_a_passing_one_that_is_near() -> None:
    text = "xx. x. AT&T"
    carrier = in_body("AT&T", Role.CARRIER, text)
    maker = Mention("m", Role.MAKER, 0, 2, "xx", where="body", prominence=Prominence.LEAD)

    pair = best_pair_or_none([maker, carrier], {"body": text})

    assert pair is not None
    assert (pair.gap, pair.is_passing) == (5, False)


TEXTS = {"title": "x" * 60, "summary": "Yy. " * 20, "body": "Zzz z. " * 20}


@st.composite
def mentions(draw: st.DrawFn) -> Mention:
    where = draw(st.sampled_from(list(TEXTS)))
    length = draw(st.integers(1, 12))
    start = draw(st.integers(0, len(TEXTS[where]) - length))
    role = draw(st.sampled_from(list(Role)))
    levels = [Prominence.HEADLINE] if where == "title" else [Prominence.LEAD, Prominence.PASSING]
    prominence = draw(st.sampled_from(levels))
    company = f"{role}{draw(st.integers(0, 2))}"
    return Mention(company, role, start, start + length, "", where, prominence=prominence)


def gap(one: Mention, other: Mention) -> int:
    """Between two mentions, by the plainest way."""
    before = {"title": 0, "summary": 61, "body": 61 + 81}
    spans = sorted((before[m.where] + m.start, before[m.where] + m.end) for m in (one, other))
    return max(0, spans[1][0] - spans[0][1])


@given(st.lists(mentions(), max_size=12), st.integers(0, 100))
def test_no_better_pair_within_reach_is_missed(found: list[Mention], near: int) -> None:
    order = list(Prominence)
    up_front = {m.company for m in found if m.prominence is not Prominence.PASSING}

    def level(m: Mention) -> int:
        is_known = m.prominence is not Prominence.PASSING or m.company in up_front
        return order.index(m.prominence) if is_known else len(order)

    def rank(maker: Mention, carrier: Mention) -> tuple[bool, int, int, int]:
        better, worse = sorted((level(maker), level(carrier)))
        first, second = sorted((maker, carrier), key=lambda m: m.start)
        together = first.where == second.where and any(
            start <= first.start and second.start < end
            for start, end in iter_spans(TEXTS[first.where])
        )
        is_passing = better == 3 or (better == 2 and not together)
        return is_passing, worse, better, gap(maker, carrier)

    makers = [m for m in found if m.role is Role.MAKER]
    carriers = [m for m in found if m.role is Role.CARRIER]
    near_ones = [p for p in product(makers, carriers) if gap(*p) <= near]

    best = best_pair_or_none(found, TEXTS, near=near)

    assert (best is not None) == bool(near_ones)
    if best is not None:
        assert best.gap == gap(best.maker, best.carrier)
        assert best.is_passing is rank(best.maker, best.carrier)[0]
        assert rank(best.maker, best.carrier) == min(rank(*pair) for pair in near_ones)
