"""Whatever fails, and in whatever order: every story is shown once in every place.

Sends here are those of a platform that can be searched: a post that may be there is looked
for by the id of its delivery, as ``Sender.send`` promises, and is made where it is not found.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from bot.model import Destination, Owed, Platform, Subscription
from bot.store import SqlStore, open_store
from bot.store.schema import deliveries
from tests.builders import NOW, delivery, story
from tests.contract.polls import commit_stories

MINUTE = timedelta(minutes=1)
LEASE = 5 * MINUTE
NUMBERS = count()

OWE = st.tuples(
    st.just("owe"), st.integers(0, 7), st.integers(0, 1), st.booleans(), st.integers(0, 3)
)
TAKE = st.tuples(st.just("take"), st.integers(1, 3), st.booleans())
END = st.tuples(st.just("end"), st.integers(0, 3), st.sampled_from(["answer", "no answer", "die"]))
WAIT = st.tuples(st.just("wait"), st.integers(1, 8))
CRASH = st.tuples(st.just("crash"))
PUT_OFF = st.tuples(st.just("put off"), st.integers(0, 1), st.integers(0, 3))
STEPS = st.lists(st.one_of(OWE, OWE, TAKE, TAKE, END, END, WAIT, CRASH, PUT_OFF), max_size=30)


class Stage:
    """A store, a platform that keeps what is posted, and workers that may fail."""

    def __init__(self, store: SqlStore) -> None:
        self.store = store
        self.now = NOW
        self.example = f"e{next(NUMBERS)}"
        self.posts: dict[str, tuple[Destination, list[str]]] = {}
        self.owed: set[tuple[str, Destination]] = set()
        self.under_way: list[tuple[Owed, bool]] = []

    def place(self, number: int) -> Destination:
        return Destination(Platform.DISCORD, self.example, f"C{number}")

    async def owe(self, number: int, place: int, is_gathered: bool, later: int) -> None:
        where, story_id = self.place(place), f"{self.example} s{number}"
        owed = delivery(
            story_id, where, is_gathered=is_gathered, next_attempt_at=self.now + later * MINUTE
        )
        opened = story(story_id, opened_at=NOW - (9 - number) * MINUTE)
        await commit_stories(self.store, opened, owed=(owed,))
        self.owed.add((story_id, where))

    async def take(self, limit: int, arrives: bool) -> int:
        """Lease, and call the platform; what it answers is for ``end`` to say."""
        leased = await self.store.lease_deliveries(self.now, limit=limit, lease=LEASE)
        for owed in leased:
            if arrives:
                self.post(owed)
            self.under_way.append((owed, arrives))
        return len(leased)

    def post(self, owed: Owed) -> None:
        shown = [owed.story.id, *(one.id for one in owed.others)]
        where = owed.delivery.destination
        if owed.delivery.unclear_since is not None and owed.delivery.id in self.posts:
            assert self.posts[owed.delivery.id] == (where, shown)  # it is found: it shows the same
        else:
            assert owed.delivery.id not in self.posts
            self.posts[owed.delivery.id] = (where, shown)

    async def end(self, which: int, how: str) -> None:
        if not self.under_way:
            return
        owed, has_arrived = self.under_way.pop(which % len(self.under_way))
        if how == "die":
            return
        again_at = self.now + MINUTE
        if has_arrived and how == "answer":
            await self.store.mark_sent(
                owed.delivery.id, revision=1, message_ref=owed.delivery.id, edits_at=self.now
            )
        else:
            await self.store.mark_retry(
                owed.delivery.id,
                next_attempt_at=again_at,
                error="failed",
                is_unclear=how == "no answer",
            )

    async def crash(self) -> None:
        self.under_way.clear()
        await self.store.release_leases()

    async def put_off(self, place: int, later: int) -> None:
        at = self.now + later * MINUTE
        subscription = Subscription(self.place(place))
        await self.store.subscribe(subscription, now=self.now, owed_at=at)

    async def finish(self) -> None:
        """Nothing fails any more."""
        while (at := await self.store.next_attempt_at()) is not None:
            self.now = max(self.now + MINUTE, at)  # what is due may wait for a lease to run out
            while await self.take(9, arrives=True):
                while self.under_way:
                    await self.end(0, "answer")

    def check(self) -> None:
        shown: defaultdict[tuple[str, Destination], int] = defaultdict(int)
        for where, story_ids in self.posts.values():
            for story_id in story_ids:
                shown[story_id, where] += 1
        assert dict(shown) == dict.fromkeys(self.owed, 1)


async def open_stage(store: SqlStore) -> Stage:
    """A stage on which nothing is owed; the example before may have ended early."""
    async with store.database.writing() as connection:
        await connection.execute(delete(deliveries))
    return Stage(store)


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as opened:
        yield opened


@pytest.fixture(scope="module")
def store(runner: asyncio.Runner) -> Iterator[SqlStore]:
    opened = runner.run(open_store("sqlite://"))
    yield opened
    runner.run(opened.aclose())


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps=STEPS)
def test_every_story_is_shown_once_in_every_place(
    runner: asyncio.Runner, store: SqlStore, steps: list[tuple[object, ...]]
) -> None:
    async def play() -> None:
        stage = await open_stage(store)
        for name, *values in steps:
            if name == "wait":
                stage.now += values[0] * MINUTE  # type: ignore[operator]
            else:
                await getattr(stage, str(name).replace(" ", "_"))(*values)
        stage.under_way.clear()
        await stage.finish()
        stage.check()

    runner.run(play())


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    owed=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 2)), min_size=1, unique=True),
    limit=st.integers(1, 4),
    fresh=st.booleans(),
)
def test_posts_of_a_place_come_in_the_order_of_their_stories(
    runner: asyncio.Runner,
    store: SqlStore,
    owed: list[tuple[int, int]],
    limit: int,
    fresh: bool,
) -> None:
    async def play() -> None:
        stage = await open_stage(store)
        for number, place in owed:
            await stage.owe(number, place, False, 0)
        stage.now += timedelta(0) if fresh else timedelta(hours=1)
        orders: defaultdict[Destination, list[str]] = defaultdict(list)
        while await stage.take(limit, arrives=True):
            for leased, _ in stage.under_way:
                orders[leased.delivery.destination].append(leased.story.id)
            while stage.under_way:
                await stage.end(0, "answer")
        stage.check()
        assert all(order == sorted(order) for order in orders.values())

    runner.run(play())
