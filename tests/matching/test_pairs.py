from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.matching.pairs import Pair, find_pairs
from bot.model import Mention, Role
from tests.builders import mention

HEADLINE = "Huawei fails to get AT&T to sell its phones in the US"
HUAWEI = mention("Huawei", Role.MAKER, within=HEADLINE)
ATT = mention("AT&T", Role.CARRIER, within=HEADLINE)


def test_maker_near_carrier_is_a_pair() -> None:
    (pair,) = find_pairs([ATT, HUAWEI])

    assert (pair.maker, pair.carrier, pair.gap) == (HUAWEI, ATT, 14)


@pytest.mark.parametrize(("near", "expected"), [(13, 0), (14, 1)])
def test_near_includes_its_edge(near: int, expected: int) -> None:
    assert len(find_pairs([HUAWEI, ATT], near=near)) == expected


def test_one_side_alone_is_no_pair() -> None:
    other = Mention("honor", Role.MAKER, 8, 13, "Honor")

    assert find_pairs([HUAWEI, other]) == ()
    assert find_pairs([ATT]) == ()
    assert find_pairs([]) == ()


def test_a_watched_company_makes_no_pair() -> None:
    assert find_pairs([Mention("orange", Role.OTHER, 8, 14, "Orange"), ATT]) == ()


def test_touching_and_overlapping_names_have_no_gap() -> None:
    maker = Mention("tcl", Role.MAKER, 0, 3, "TCL")

    assert [
        pair.gap
        for start in (3, 1)
        for pair in find_pairs([maker, Mention("att", Role.CARRIER, start, start + 4, "AT&T")])
    ] == [0, 0]


def test_the_closest_comes_first_and_ties_keep_reading_order() -> None:
    carriers = [
        Mention(name, Role.CARRIER, at, at + 2, "xx")
        for name, at in zip("abc", (0, 4, 30), strict=True)
    ]
    maker = Mention("m", Role.MAKER, 8, 10, "mm")

    assert [pair.carrier.company for pair in find_pairs([maker, *carriers])] == ["b", "a", "c"]


def test_a_distance_below_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="got -1"):
        find_pairs([HUAWEI, ATT], near=-1)


@st.composite
def mentions(draw: st.DrawFn) -> Mention:
    start = draw(st.integers(0, 300))
    length = draw(st.integers(1, 20))
    role = draw(st.sampled_from([Role.MAKER, Role.CARRIER]))
    return Mention(f"{role}{start}", role, start, start + length, "x" * length)


@given(st.lists(mentions(), max_size=20), st.integers(0, 100))
def test_no_pair_within_reach_is_missed(found: list[Mention], near: int) -> None:
    every = [
        Pair(maker, carrier)
        for maker in found
        for carrier in found
        if maker.role is Role.MAKER and carrier.role is Role.CARRIER
    ]

    pairs = find_pairs(found, near=near)

    assert sorted(p.gap for p in pairs) == sorted(p.gap for p in every if p.gap <= near)
    assert [p.gap for p in pairs] == sorted(p.gap for p in pairs)
