"""Posts as jobs on a real PostgreSQL: each once and in order, however many workers there are."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

import psycopg
import pytest

from bot.delivery.errand import Errands
from bot.delivery.office import PostOffice
from bot.errors import SendRefusedForNow
from bot.model import Catalogue, Destination, Platform, Subscription
from bot.scheduling.clock import utc_now
from bot.scheduling.cluster import posts
from bot.scheduling.cluster.board import Board
from bot.scheduling.cluster.posts import LATER, Owing, Posts, Sweep, find_priority, make_job
from bot.scheduling.cluster.schema import upgrade_job_tables
from bot.store import SqlStore, conninfo_of, open_store
from bot.summaries import make_message
from tests.builders import delivery, story
from tests.contract.polls import commit_stories
from tests.delivery.senders import KeepingSender
from tests.servers.postgres import PostgresServer

PATIENCE_S = 30.0
CHANNELS = [Destination(Platform.SLACK, "T1", f"C{number}") for number in range(6)]


@dataclass
class Worker:
    """A process that posts, as far as posting goes: a store, a board and a sender of its own."""

    store: SqlStore
    board: Board
    sender: KeepingSender
    stop: asyncio.Event

    @property
    def sweep(self) -> Sweep:
        return Sweep(self.board, self.store, clock=utc_now, platforms=[Platform.SLACK])

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        errands = Errands(
            PostOffice(
                store=self.store,
                senders=[self.sender],
                clock=utc_now,
                render=partial(make_message, catalogue=Catalogue()),
            )
        )
        working = Posts(self.board, errands).run(self.stop, grace_s=5.0)
        task = asyncio.create_task(working)
        try:
            yield
        finally:
            self.stop.set()
            await task

    async def owe(self, *names: str, to: list[Destination], **changes: object) -> None:
        """Open stories, a second apart, and owe each to all of ``to``, now."""
        now = utc_now()
        opened = [
            story(name, opened_at=now - timedelta(seconds=60 - place))
            for place, name in enumerate(names)
        ]
        changes.setdefault("next_attempt_at", now)
        owed = tuple(delivery(one.id, place, **changes) for one in opened for place in to)
        await commit_stories(self.store, *opened, owed=owed)

    async def is_anything_owed(self) -> bool:
        return await self.store.next_attempt_at() is not None

    async def wait_until_posted(self) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while True:
                if not await self.is_anything_owed():
                    return
                await asyncio.sleep(0.02)


@pytest.fixture
def database_url(postgres: PostgresServer) -> Iterator[str]:
    with postgres.fresh_database() as url:
        yield url


@asynccontextmanager
async def open_worker(url: str) -> AsyncIterator[Worker]:
    async with AsyncExitStack() as stack:
        board = await stack.enter_async_context(Board(conninfo_of(url)))
        opened = await open_store(url, on_owed=Owing(board, utc_now))
        store = await stack.enter_async_context(opened)
        yield Worker(store, board, KeepingSender(), asyncio.Event())


@pytest.fixture
async def worker(database_url: str) -> AsyncIterator[Worker]:
    await upgrade_job_tables(conninfo_of(database_url))
    async with open_worker(database_url) as opened:
        yield opened


@pytest.fixture
async def other(database_url: str, worker: Worker) -> AsyncIterator[Worker]:
    async with open_worker(database_url) as opened:
        yield opened


def find_jobs(url: str) -> list[str]:
    with psycopg.connect(conninfo_of(url)) as connection:
        rows = connection.execute("SELECT lock FROM procrastinate_jobs ORDER BY id").fetchall()
    return [lock for (lock,) in rows]


def by_channel(*senders: KeepingSender) -> dict[str, list[str]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for sender in senders:
        for given, _ in sender.given:
            found[given.destination.channel].append(given.story_id)
    return dict(found)


async def test_a_commit_puts_a_job_for_each_place_that_is_owed_something_now(
    worker: Worker, database_url: str
) -> None:
    await worker.owe("s1", "s2", to=CHANNELS[:2])
    await worker.owe("s3", to=CHANNELS[2:3], next_attempt_at=utc_now() + timedelta(hours=1))

    assert find_jobs(database_url) == ["post:slack/T1/C0/", "post:slack/T1/C1/"]


async def test_a_rollback_takes_the_job_with_it(worker: Worker, database_url: str) -> None:
    put = worker.store.database.on_owed
    assert put is not None

    def put_and_break(connection: object, due: object) -> None:
        put(connection, due)  # type: ignore[arg-type]
        raise OSError("power cut")

    worker.store.database.on_owed = put_and_break
    with pytest.raises(OSError, match="power cut"):
        await worker.owe("s1", to=CHANNELS[:1])

    assert find_jobs(database_url) == []
    assert not await worker.is_anything_owed()


async def test_a_command_puts_a_job_on_a_connection_of_asyncio(
    worker: Worker, database_url: str
) -> None:
    now = utc_now()
    await worker.store.subscribe(Subscription(CHANNELS[0]), now=now, owed_at=None)
    await worker.store.subscribe(Subscription(CHANNELS[0]), now=now, owed_at=now)

    assert find_jobs(database_url) == ["post:slack/T1/C0/"]


async def test_a_story_of_many_channels_leaves_the_others_to_the_sweep(
    worker: Worker, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(posts, "MOST_AT_ONCE", 2)
    await worker.owe("s1", to=CHANNELS)
    assert len(find_jobs(database_url)) == 2

    sweep = worker.sweep
    assert await sweep.look() == len(CHANNELS) - 2
    assert await sweep.look() == 0
    assert sorted(find_jobs(database_url)) == [f"post:{place.key}" for place in CHANNELS]


async def test_no_more_jobs_wait_than_may(
    worker: Worker, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(posts, "MOST_AT_ONCE", 0)
    monkeypatch.setattr(posts, "MOST_WAITING", 4)
    await worker.owe("s1", to=CHANNELS)

    sweep = worker.sweep
    assert [await sweep.look(), await sweep.look()] == [4, 0]
    assert len(find_jobs(database_url)) == 4


async def test_where_nobody_posts_one_job_of_each_channel_is_kept(
    worker: Worker, other: Worker, database_url: str
) -> None:
    """A platform whose token was taken away: each story would bring its jobs for ever."""
    for name in ("s1", "s2", "s3"):
        await worker.owe(name, to=CHANNELS[:2])
    assert len(find_jobs(database_url)) == 6

    assert await worker.sweep.look() == 0

    assert find_jobs(database_url) == ["post:slack/T1/C0/", "post:slack/T1/C1/"]
    async with other.at_work():  # the one that is left sees what all came with
        await worker.wait_until_posted()
    assert by_channel(other.sender) == {"C0": ["s1", "s2", "s3"], "C1": ["s1", "s2", "s3"]}


async def test_two_workers_post_each_story_once_and_those_of_a_channel_in_order(
    worker: Worker, other: Worker
) -> None:
    names = [f"s{number}" for number in range(8)]
    async with worker.at_work(), other.at_work():
        for name in names:
            await worker.owe(name, to=CHANNELS)
        await worker.wait_until_posted()

    assert by_channel(worker.sender, other.sender).keys() == {one.channel for one in CHANNELS}
    for channel in CHANNELS:
        told = [*worker.sender.given, *other.sender.given]
        assert len([1 for given, _ in told if given.destination == channel]) == len(names)
    assert worker.sender.given
    assert other.sender.given


async def test_posts_of_a_channel_keep_their_order_over_two_workers(
    worker: Worker, other: Worker
) -> None:
    other.sender.given = worker.sender.given  # one list, in the order in which they were made
    names = [f"s{number}" for number in range(12)]
    async with worker.at_work(), other.at_work():
        for name in names:
            await worker.owe(name, to=CHANNELS[:2])
        await worker.wait_until_posted()

    assert by_channel(worker.sender) == {"C0": names, "C1": names}


async def test_jobs_that_wait_behind_the_one_that_sees_to_them_are_taken_down(
    worker: Worker, database_url: str
) -> None:
    names = [f"s{number}" for number in range(9)]
    for name in names:
        await worker.owe(name, to=CHANNELS[:1])
    assert len(find_jobs(database_url)) == len(names)
    gate = asyncio.Event()
    worker.sender.told["C0"].append(gate)

    async with worker.at_work():
        await worker.sender.wait_for(1)
        assert len(find_jobs(database_url)) == 1
        gate.set()
        await worker.wait_until_posted()

    assert by_channel(worker.sender) == {"C0": names}


async def test_what_was_put_off_is_found_by_the_sweep(worker: Worker) -> None:
    worker.sender.told["C0"].append(SendRefusedForNow("away", retry_after_s=0.5))
    async with worker.at_work():
        await worker.owe("s1", to=CHANNELS[:1])
        await worker.sender.wait_for(1)
        sweep = worker.sweep
        async with asyncio.timeout(PATIENCE_S):
            while True:
                if await sweep.look():
                    break
                await asyncio.sleep(0.1)
        await worker.wait_until_posted()

    assert by_channel(worker.sender) == {"C0": ["s1", "s1"]}


async def test_jobs_wait_while_the_platform_is_away_and_are_done_when_it_is_back(
    worker: Worker, database_url: str
) -> None:
    worker.sender.is_up = False
    async with worker.at_work():
        await worker.owe("s1", to=CHANNELS[:1])
        await asyncio.sleep(3 * posts.UP_EVERY_S)
        assert worker.sender.given == []
        assert len(find_jobs(database_url)) == 1

        worker.sender.is_up = True
        await worker.wait_until_posted()

    assert by_channel(worker.sender) == {"C0": ["s1"]}


async def test_a_stop_finishes_the_post_in_hand_and_leaves_the_others_to_others(
    worker: Worker, other: Worker
) -> None:
    gate = asyncio.Event()
    worker.sender.told["C0"].append(gate)
    async with worker.at_work():
        await worker.owe("s1", "s2", to=CHANNELS[:1])
        await worker.sender.wait_for(1)
        worker.stop.set()
        await asyncio.sleep(0)
        gate.set()
    assert by_channel(worker.sender) == {"C0": ["s1"]}

    async with other.at_work():
        await other.wait_until_posted()
    assert by_channel(other.sender) == {"C0": ["s2"]}


async def test_what_the_sweep_looks_at_lately_is_what_fell_due_since(worker: Worker) -> None:
    sweep = worker.sweep
    assert await sweep.look() == 0
    soon = utc_now() + timedelta(seconds=0.3)
    await worker.owe("s1", to=CHANNELS[:1], next_attempt_at=soon)
    assert await sweep.look() == 0

    await asyncio.sleep(0.4)

    assert await sweep.look() == 1


def test_a_job_names_its_destination() -> None:
    job = make_job(Destination(Platform.DISCORD, "1", "2", "3"), priority=1)

    assert (job.queue, job.lock) == ("post.discord", "post:discord/1/2/3")
    assert job.args == {"platform": "discord", "workspace": "1", "channel": "2", "thread": "3"}


def test_news_goes_before_what_came_minutes_ago_and_both_before_what_waited() -> None:
    now = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)

    assert find_priority(now) == find_priority(now + timedelta(seconds=119))
    assert find_priority(now + timedelta(seconds=120)) > find_priority(now) > LATER
    assert find_priority(datetime(2100, 1, 1, tzinfo=UTC)) < 2**31
