from __future__ import annotations

import pytest

from bot.model import CONSOLE, Destination, Platform, Scope, Subscription
from bot.pipeline.routing import route, wants
from tests.builders import NOW, story

CHANNEL = Destination(Platform.DISCORD, workspace="1", channel="2")


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
    assert wants(scope, story(makers=makers, carriers=carriers, is_pair=is_pair)) is expected


def test_two_subscriptions_of_one_destination_owe_one_delivery() -> None:
    twice = [Subscription(CONSOLE, Scope.ANY), Subscription(CONSOLE, Scope.PAIR)]

    (delivery,) = route(story(), twice, now=NOW)

    assert (delivery.destination, delivery.revision) == (CONSOLE, 1)


def test_a_new_revision_is_owed_under_the_same_id() -> None:
    subscriptions = [Subscription(CONSOLE)]

    (first,) = route(story(revision=1), subscriptions, now=NOW)
    (second,) = route(story(revision=2), subscriptions, now=NOW)

    assert first.id == second.id
    assert second.revision == 2


def test_destinations_and_stories_have_ids_of_their_own() -> None:
    both = [Subscription(CONSOLE), Subscription(CHANNEL)]

    ids = {one.id for name in ("s1", "s2") for one in route(story(name), both, now=NOW)}

    assert len(ids) == 4


def test_history_is_owed_to_nobody() -> None:
    assert route(story(is_history=True), [Subscription(CONSOLE)], now=NOW) == ()
