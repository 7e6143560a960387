"""The store's contract: stories, counts, the beat. Every test runs on both engines."""

from __future__ import annotations

from datetime import timedelta, timezone
from typing import Any

import pytest

from bot.model import (
    DeliveryState,
    Destination,
    Event,
    Platform,
    Scope,
    Story,
    Subscription,
    Tie,
    TieKind,
)
from bot.ports import Counts, StoryQuery
from bot.store import SqlStore
from tests.builders import NOW, delivery, story
from tests.contract.polls import add_feed, commit_stories, outcome, reports, written

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def aged(story_id: str, age: timedelta, **changes: Any) -> Story:
    """A story published and updated ``age`` ago."""
    at = NOW - age
    return story(story_id, opened_at=at, updated_at=at, published_at=at, **changes)


async def find(store: SqlStore, **query: Any) -> list[str]:
    """The ids of the stories of the last two days that answer ``query``."""
    found = await store.find_stories(StoryQuery(**({"since": NOW - 2 * DAY} | query)))
    return [found_story.id for found_story in found]


async def test_a_story_comes_back_as_it_was_written(store: SqlStore) -> None:
    whole = story(
        link=None,
        makers=("xiaomi", "huawei"),
        carriers=("verizon", "att"),
        others=("softbank", "apple"),
        event=Event.BAN,
        coverage=reports("Wire", "Blatt", "报"),
        words=("deal", "off"),
        lang="en",
        revision=3,
        is_history=True,
        is_pair_to_all=False,
        is_relevant=False,
        watched=("apple",),
        reasons=("names a pair",),
        tie=Tie(TieKind.DENIED, "s0", "华为 in talks", None),
    )
    bare = story("s2", makers=(), carriers=(), coverage=(), is_pair=False)

    await commit_stories(store, whole, bare)

    asked = StoryQuery(since=NOW - DAY, watched=("apple",))
    assert await store.find_stories(asked) == (written(whole), written(bare))


async def test_a_changed_story_replaces_what_stood(store: SqlStore) -> None:
    await commit_stories(store, story(makers=("huawei", "zte"), coverage=reports("A", "B", "C")))
    changed = story(
        headline="It is off", makers=("zte",), others=("fcc",), coverage=reports("B"), revision=2
    )

    await commit_stories(store, changed, story("s2"))

    assert await store.find_stories(StoryQuery(since=NOW - DAY, also=("zte",))) == (
        written(changed, times=2),
    )
    assert await find(store, companies=("huawei",)) == ["s2"]


async def test_stories_come_newest_first_up_to_the_limit(store: SqlStore) -> None:
    await commit_stories(
        store, aged("b", HOUR), aged("c", 2 * HOUR), aged("a", HOUR), aged("old", 3 * DAY)
    )

    assert await find(store) == ["a", "b", "c"]
    assert await find(store, limit=1) == ["a"]
    assert await find(store, since=NOW - 2 * HOUR) == ["a", "b", "c"]  # its edge is in
    assert await find(store, since=NOW - HOUR - timedelta(microseconds=-1)) == []
    assert await find(store, until=NOW - HOUR) == ["c"]  # and this edge is out


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, ["a", "b", "c", "d"]),
        ({"companies": ("huawei",)}, ["a", "b"]),
        ({"companies": ("huawei", "verizon")}, ["a", "b", "c"]),
        ({"companies": ("huawei", "verizon"), "also": ("zte",)}, ["c"]),
        ({"also": ("huawei", "att")}, ["a"]),
        ({"companies": ("fcc",)}, ["d"]),
        ({"companies": ("nobody",)}, []),
        ({"scope": Scope.MAKERS}, ["a", "b", "c"]),
        ({"scope": Scope.CARRIERS}, ["a", "c"]),
        ({"scope": Scope.PAIR}, ["a"]),
        ({"scope": Scope.PAIR, "companies": ("zte",)}, []),
    ],
)
async def test_a_query_asks_for_companies_and_scope(
    store: SqlStore, query: dict[str, Any], expected: list[str]
) -> None:
    await commit_stories(
        store,
        story("a", makers=("huawei",), carriers=("att",), is_pair=True),
        story("b", makers=("huawei",), carriers=(), is_pair=False),
        story("c", makers=("zte",), carriers=("verizon",), is_pair=False),
        story("d", makers=(), carriers=(), others=("fcc",), is_pair=False),
    )

    assert await find(store, **query) == expected


@pytest.mark.parametrize(
    ("watched", "expected"),
    [
        ((), ["a"]),
        (("fairphone",), ["a", "b", "d"]),
        (("orange",), ["a", "c"]),
        (("fairphone", "orange"), ["a", "b", "c", "d"]),
        (("nobody",), ["a"]),
    ],
)
async def test_what_only_watchers_want_is_found_by_them_alone(
    store: SqlStore, watched: tuple[str, ...], expected: list[str]
) -> None:
    own = {"makers": (), "carriers": (), "is_pair": False, "is_relevant": False}
    await commit_stories(
        store,
        story("a", others=("orange",)),  # for everybody, and orange only in passing
        story("b", others=("fairphone",), watched=("fairphone",), **own),
        story("c", others=("orange", "fairphone"), watched=("orange",), **own),
        story("d", **(own | {"makers": ("fairphone",)}), watched=("fairphone",)),
    )

    assert await find(store, watched=watched) == expected
    assert await find(store, watched=watched, companies=("fairphone",)) == [
        found for found in expected if found != "a"
    ]


async def test_counts_tell_of_every_state_and_of_the_backlog(store: SqlStore) -> None:
    empty = Counts(0, 0, 0, 0, 0, dict.fromkeys(DeliveryState, 0), 0.0)
    assert await store.load_counts(NOW) == empty

    slack = Destination(Platform.SLACK, "T1", "C1")
    owed = (
        delivery(next_attempt_at=NOW - timedelta(seconds=90.5)),
        delivery("s2", next_attempt_at=NOW - HOUR, state=DeliveryState.FAILED),
        delivery("s2", slack, next_attempt_at=NOW + HOUR),
    )
    await commit_stories(store, story(), story("s2"), owed=owed)

    counts = await store.load_counts(NOW)
    assert (counts.feeds, counts.stories, counts.backlog_s) == (1, 2, 90.5)
    assert counts.deliveries == {
        DeliveryState.OWED: 2,
        DeliveryState.SENDING: 0,
        DeliveryState.SENT: 0,
        DeliveryState.FAILED: 1,
        DeliveryState.GONE: 0,
    }


async def test_the_last_beat_is_remembered(store: SqlStore) -> None:
    assert await store.last_beat_or_none() is None

    await store.record_beat(NOW)
    await store.record_beat((NOW + HOUR).astimezone(timezone(HOUR)))

    beat = await store.last_beat_or_none()
    assert beat is not None
    assert beat.isoformat() == (NOW + HOUR).isoformat()


async def test_subscriptions_come_in_order_of_subscribing(store: SqlStore) -> None:
    first = Destination(Platform.SLACK, "T1", "C9", "17.5")
    second = Destination(Platform.SLACK, "T1", "C1")
    assert await store.find_subscriptions() == ()
    await store.subscribe(Subscription(first), now=NOW)
    await store.subscribe(Subscription(second, Scope.MAKERS), now=NOW)

    await store.subscribe(Subscription(first, Scope.PAIR), now=NOW + HOUR)

    assert await store.find_subscriptions() == (
        Subscription(first, Scope.PAIR),
        Subscription(second, Scope.MAKERS),
    )


async def test_many_stories_are_read_in_as_many_statements_as_one(store: SqlStore) -> None:
    feed = await add_feed(store)
    many = tuple(aged(f"s{n:03}", n * HOUR / 10, coverage=reports("A", "B")) for n in range(300))

    await store.commit_poll(outcome(feed, stories=many))

    read = tuple(map(written, many))
    since = NOW - 9 * DAY
    assert await store.find_stories(StoryQuery(since=since, limit=500)) == read
    assert await store.find_candidates(["@att"], since=since, per_term=500) == read
