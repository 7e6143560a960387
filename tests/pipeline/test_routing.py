from __future__ import annotations

import pytest

from bot.catalogue import load_catalogue
from bot.matching import Watchers, company_of
from bot.model import CONSOLE, Destination, Platform, Role, Scope, Subscription, Watch
from bot.pipeline.routing import route, wants
from tests.builders import NOW, story
from tests.conftest import ROOT

CATALOGUE = load_catalogue(ROOT / "config")
NOBODY = Watchers(CATALOGUE)
"""Nobody watches anything besides the catalogue."""

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

    (delivery,) = route(story(), twice, watchers=NOBODY, now=NOW)

    assert (delivery.destination, delivery.revision) == (CONSOLE, 1)


def test_a_new_revision_is_owed_under_the_same_id() -> None:
    subscriptions = [Subscription(CONSOLE)]

    (first,) = route(story(revision=1), subscriptions, watchers=NOBODY, now=NOW)
    (second,) = route(story(revision=2), subscriptions, watchers=NOBODY, now=NOW)

    assert first.id == second.id
    assert second.revision == 2


def test_destinations_and_stories_have_ids_of_their_own() -> None:
    both = [Subscription(CONSOLE), Subscription(CHANNEL)]

    ids = {
        one.id
        for name in ("s1", "s2")
        for one in route(story(name), both, watchers=NOBODY, now=NOW)
    }

    assert len(ids) == 4


def test_history_is_owed_to_nobody() -> None:
    assert route(story(is_history=True), [Subscription(CONSOLE)], watchers=NOBODY, now=NOW) == ()


def test_news_of_a_watched_company_is_owed_to_its_watchers() -> None:
    watchers = Watchers(CATALOGUE, [Watch("Orange", platform=Platform.DISCORD, workspace="1")])
    both = [Subscription(CONSOLE), Subscription(CHANNEL)]
    own = story(makers=(), carriers=(), is_pair=False, is_relevant=False, watched=("orange",))

    (delivery,) = route(own, both, watchers=watchers, now=NOW)

    assert delivery.destination == CHANNEL
    assert len(route(story(watched=("orange",)), both, watchers=watchers, now=NOW)) == 2


@pytest.mark.parametrize(
    ("scope", "expected"), [(Scope.ANY, 2), (Scope.MAKERS, 1), (Scope.PAIR, 1)]
)
def test_a_scope_is_asked_of_the_companies_a_workspace_knows(scope: Scope, expected: int) -> None:
    fairphone = Watch("Fairphone", Role.MAKER, platform=Platform.DISCORD, workspace="1")
    watchers = Watchers(CATALOGUE, [fairphone])
    told = story(makers=(company_of(fairphone).id,), carriers=("att",), is_pair=True)
    both = [Subscription(CONSOLE, scope), Subscription(CHANNEL, scope)]

    assert len(route(told, both, watchers=watchers, now=NOW)) == expected
