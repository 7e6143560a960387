"""What a subscription wants, and what it does not want to hear."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.model import CONSOLE, Event, Mute, MuteKind, Scope, Subscription, Tie, TieKind
from tests.builders import NOW, coverage, story

TWO = (coverage(), coverage("Meridian Journal"))
TURN = Tie(TieKind.REVERSED, "s1", "Huawei and AT&T agree", None)


@pytest.mark.parametrize(
    ("scope", "makers", "carriers", "is_pair", "expected"),
    [
        (Scope.ANY, (), (), False, True),
        (Scope.MAKERS, ("zte",), (), False, True),
        (Scope.MAKERS, (), ("att",), False, False),
        (Scope.CARRIERS, (), ("att",), False, True),
        (Scope.CARRIERS, ("zte",), (), False, False),
        (Scope.PAIR, ("zte",), ("att",), True, True),
        (Scope.PAIR, ("zte",), ("att",), False, False),  # named, but far apart
    ],
)
def test_a_scope_wants_what_it_names(
    scope: Scope,
    makers: tuple[str, ...],
    carriers: tuple[str, ...],
    *,
    is_pair: bool,
    expected: bool,
) -> None:
    told = story(makers=makers, carriers=carriers, is_pair=is_pair)

    assert Subscription(CONSOLE, scope).wants(told) is expected


@pytest.mark.parametrize(
    ("wishes", "expected"),
    [
        ({"events": (Event.BAN, Event.DEAL_OFF)}, True),
        ({"events": (Event.BAN,)}, False),
        ({"companies": ("zte", "att")}, True),
        ({"companies": ("zte",)}, False),
        ({"min_outlets": 2}, True),
        ({"min_outlets": 3}, False),
        ({"scope": Scope.PAIR, "events": (Event.DEAL_OFF,), "min_outlets": 3}, False),
    ],
)
def test_every_further_wish_must_be_met_too(wishes: dict[str, Any], *, expected: bool) -> None:
    assert Subscription(CONSOLE, **wishes).wants(story(coverage=TWO)) is expected


@pytest.mark.parametrize(
    ("mute", "is_muted"),
    [
        (Mute(MuteKind.COMPANY, "huawei"), True),
        (Mute(MuteKind.COMPANY, "att"), True),
        (Mute(MuteKind.COMPANY, "zte"), False),
        (Mute(MuteKind.STORY, "s2"), True),
        (Mute(MuteKind.STORY, "s1"), True),  # which s2 turns
        (Mute(MuteKind.STORY, "s3"), False),
        (Mute(MuteKind.PAIR, "huawei+att"), True),
        (Mute(MuteKind.PAIR, "zte+att"), False),
        (Mute(MuteKind.OUTLET, "Example Wire"), False),  # another tells it too
        (Mute(MuteKind.COMPANY, "att", until=NOW + timedelta(seconds=1)), True),
        (Mute(MuteKind.COMPANY, "att", until=NOW), False),
    ],
)
def test_a_mute_is_about_what_it_says_while_it_holds(mute: Mute, *, is_muted: bool) -> None:
    other = Mute(MuteKind.COMPANY, "nokia")
    subscription = Subscription(CONSOLE, mutes=(other, mute))

    found = subscription.find_mute_or_none(story("s2", coverage=TWO, tie=TURN), now=NOW)

    assert found == (mute if is_muted else None)


def test_an_outlet_is_muted_in_what_it_tells_alone() -> None:
    mute = Mute(MuteKind.OUTLET, "Example Wire")

    assert Subscription(CONSOLE, mutes=(mute,)).find_mute_or_none(story(), now=NOW) == mute
