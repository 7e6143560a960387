from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from bot.catalogue import load_catalogue
from bot.matching import Watchers, company_of
from bot.model import (
    CONSOLE,
    FOREVER,
    Delivery,
    Destination,
    Event,
    Mute,
    MuteKind,
    Ping,
    Platform,
    QuietHours,
    Rhythm,
    Role,
    Scope,
    Story,
    Subscription,
    Tie,
    TieKind,
    Watch,
)
from bot.pipeline.routing import FIRST_POSTS, gather_flood, route
from tests.builders import NOW, coverage, story
from tests.conftest import ROOT

CATALOGUE = load_catalogue(ROOT / "config")
NOBODY = Watchers(CATALOGUE)
"""Nobody watches anything besides the catalogue."""

CHANNEL = Destination(Platform.DISCORD, workspace="1", channel="2")


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


def owed(told: Story, *watchers: Watchers, **wishes: Any) -> tuple[Delivery, ...]:
    """What the channel is owed for a story if it wishes so."""
    watching = watchers[0] if watchers else NOBODY
    return route(told, [Subscription(CHANNEL, **wishes)], watchers=watching, now=NOW)


# Mutes


@pytest.mark.parametrize(
    ("kind", "subject"),
    [
        (MuteKind.STORY, "s2"),
        (MuteKind.STORY, "s1"),  # the story that it turns
        (MuteKind.COMPANY, "att"),
        (MuteKind.PAIR, "huawei+att"),
        (MuteKind.OUTLET, "Example Wire"),
    ],
)
def test_what_is_muted_is_owed_to_those_who_did_not_mute_it(kind: MuteKind, subject: str) -> None:
    turn = story("s2", tie=Tie(TieKind.REVERSED, "s1", "Huawei and AT&T agree", None))
    both = [Subscription(CHANNEL, mutes=(Mute(kind, subject),)), Subscription(CONSOLE)]

    (delivery,) = route(turn, both, watchers=NOBODY, now=NOW)

    assert delivery.destination == CONSOLE


@pytest.mark.parametrize(("minutes", "expected"), [(1, 0), (0, 1), (-1, 1)])
def test_a_mute_holds_until_its_time(minutes: int, expected: int) -> None:
    mute = Mute(MuteKind.COMPANY, "att", until=NOW + timedelta(minutes=minutes))

    assert len(owed(story(), mutes=(mute,))) == expected


def test_an_outlet_that_is_muted_does_not_mute_what_others_tell_too() -> None:
    mutes = (Mute(MuteKind.OUTLET, "Example Wire"),)
    both = (coverage(), coverage("Meridian Journal"))

    assert owed(story(), mutes=mutes) == ()
    assert len(owed(story(coverage=both, revision=2), mutes=mutes)) == 1


# Who it calls, and where replies go


@pytest.mark.parametrize(
    ("ping", "changes", "called"),
    [
        (Ping("7"), {}, "7"),
        (Ping("7"), {"is_pair": False}, "7"),
        (Ping("7", is_for_pairs=True), {}, "7"),
        (Ping("7", is_for_pairs=True), {"is_pair": False}, ""),
        (Ping("7", events=(Event.DEAL_OFF, Event.BAN)), {}, "7"),
        (Ping("7", events=(Event.LAUNCH,)), {}, ""),
        (Ping("7", is_for_pairs=True, events=(Event.DEAL_OFF,)), {"is_pair": False}, ""),
        (None, {}, ""),
    ],
)
def test_a_post_calls_whom_it_concerns(
    ping: Ping | None, changes: dict[str, Any], called: str
) -> None:
    (delivery,) = owed(story(**changes), ping=ping)

    assert delivery.ping == called


def test_a_pair_that_only_others_know_calls_nobody() -> None:
    fairphone = Watch("Fairphone", Role.MAKER, platform=Platform.SLACK, workspace="T1")
    watchers = Watchers(CATALOGUE, [fairphone])
    told = story(makers=(company_of(fairphone).id,), carriers=("att",), is_pair=True)

    (delivery,) = owed(told, watchers, ping=Ping("7", is_for_pairs=True))

    assert delivery.ping == ""


@pytest.mark.parametrize("opens", [True, False])
def test_replies_go_into_threads_where_that_is_wished(*, opens: bool) -> None:
    (delivery,) = owed(story(), opens_threads=opens)

    assert delivery.opens_thread is opens


# When


@pytest.mark.parametrize(
    ("wishes", "at", "is_gathered"),
    [
        ({}, NOW, False),
        ({"quiet": QuietHours(time(22), time(9))}, NOW + timedelta(minutes=30), True),
        ({"rhythm": Rhythm.DAILY, "at": time(18)}, datetime(2018, 1, 9, 18, tzinfo=UTC), True),
        ({"paused_until": NOW + timedelta(days=2)}, NOW + timedelta(days=2), True),
        ({"parked": "the channel is gone"}, FOREVER, True),
    ],
)
def test_a_post_is_due_when_its_place_wishes(
    wishes: dict[str, Any], at: datetime, *, is_gathered: bool
) -> None:
    (delivery,) = owed(story(), **wishes)

    assert (delivery.next_attempt_at, delivery.is_gathered) == (at, is_gathered)


# Growth


@pytest.mark.parametrize(
    ("wishes", "before", "after"),
    [
        ({"min_outlets": 2}, {}, {"coverage": (coverage(), coverage("Meridian Journal"))}),
        ({"scope": Scope.PAIR}, {"is_pair": False}, {"is_pair": True}),
        ({"companies": ("att",)}, {"carriers": ()}, {"carriers": ("att",)}),
    ],
)
def test_a_story_is_owed_when_it_has_grown_into_what_is_wanted(
    wishes: dict[str, Any], before: dict[str, Any], after: dict[str, Any]
) -> None:
    assert owed(story(**before), **wishes) == ()

    (delivery,) = owed(story(**after, revision=2), **wishes)

    assert (delivery.revision, delivery.next_attempt_at) == (2, NOW)


def test_wishes_are_asked_of_the_companies_a_workspace_knows() -> None:
    fairphone = Watch("Fairphone", Role.MAKER, platform=Platform.SLACK, workspace="T1")
    watchers = Watchers(CATALOGUE, [fairphone])
    company = company_of(fairphone).id
    told = story(makers=(company,), carriers=("att",), is_pair=True)

    assert owed(told, watchers, companies=(company,)) == ()
    assert len(owed(told, watchers, mutes=(Mute(MuteKind.COMPANY, company),))) == 1


# Floods


def flood(*stories: Story, known: tuple[Story, ...] = ()) -> dict[str, bool]:
    """Whether each story is gathered, of those that one poll brought to two places."""
    both = [Subscription(CONSOLE), Subscription(CHANNEL, rhythm=Rhythm.HOURLY)]
    owed = [
        one for told in (*known, *stories) for one in route(told, both, watchers=NOBODY, now=NOW)
    ]

    made = gather_flood(owed, {told.id: told for told in stories})

    assert [(one.id, one.next_attempt_at) for one in made] == [
        (one.id, one.next_attempt_at) for one in owed
    ]
    assert all(one.is_gathered for one in made if one.destination == CHANNEL)
    return {one.story_id: one.is_gathered for one in made if one.destination == CONSOLE}


def test_as_many_as_fit_are_posted_each_by_itself() -> None:
    gathered = flood(*(story(f"s{n}") for n in range(FIRST_POSTS)))

    assert list(gathered.values()) == [False] * FIRST_POSTS


def test_of_a_flood_pairs_and_the_newest_are_posted_and_the_rest_is_gathered() -> None:
    news = [
        story(f"s{n}", is_pair=n == 0, published_at=NOW - timedelta(minutes=400 - n))
        for n in range(400)
    ]

    gathered = flood(*news)

    assert len(gathered) == 400
    assert {told for told, is_gathered in gathered.items() if not is_gathered} == {
        "s0", *(f"s{n}" for n in range(400 - FIRST_POSTS + 1, 400)),
    }  # fmt: skip


def test_stories_that_only_grew_are_not_counted() -> None:
    grown = tuple(story(f"k{n}", revision=2) for n in range(FIRST_POSTS))

    gathered = flood(*(story(f"s{n}") for n in range(FIRST_POSTS)), known=grown)

    assert not any(gathered.values())
