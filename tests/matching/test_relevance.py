from __future__ import annotations

import pytest

from bot.matching import Matcher


@pytest.mark.parametrize(
    ("title", "summary"),
    [
        ("Xiaomi phone charges in four minutes", ""),
        ("AT&T raises fees", ""),
        ("Lenovo shows a tablet with a handle", ""),
        ("TCL shows a thing", "The phone has a paper screen."),
        ("Verizon adds a TV channel for unlimited plan subscribers", ""),
        ("Motorola laptop for AT&T leaks", ""),
    ],
)
def test_news_of_handsets_and_carriers_is_relevant(
    matcher: Matcher, title: str, summary: str
) -> None:
    assert matcher.match(title, summary).relevant


@pytest.mark.parametrize(
    ("title", "summary"),
    [
        ("Xiaomi car reaches the coast", ""),
        ("Hisense TV grows by a metre", ""),
        ("Lenovo laptop opens like a book", ""),
        ("Lenovo opens an office", ""),
        ("Concert at AT&T Stadium moved", ""),
        ("Xiaomi has something new", "The robot can play the drums."),
        ("Baker wins prize", f"{'He bakes. ' * 40}He once worked at Huawei."),
        ("Baker wins prize", ""),
    ],
)
def test_their_other_business_is_not(matcher: Matcher, title: str, summary: str) -> None:
    assert not matcher.match(title, summary).relevant


def test_a_company_in_the_body_alone_is_passing_by_but_a_pair_is_not(matcher: Matcher) -> None:
    alone = matcher.match("A day in town", body="She carried a Huawei bag.")
    pair = matcher.match("A day in town", body="Huawei spoke with AT&T.")

    assert (alone.makers, alone.relevant) == (("huawei",), False)
    assert (pair.relevant, pair.is_pair) == (True, True)
