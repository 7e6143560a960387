"""The contract of engines: one process with SQLite, and several on one PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bot.app.cluster import Joint
from bot.delivery.drain import Drain
from bot.delivery.office import PostOffice
from bot.delivery.retry import RetryRules
from bot.errors import SendRefusedForNow
from bot.model import (
    ALL_ROLES,
    CONSOLE,
    DeliveryState,
    Destination,
    Platform,
    ProcessRole,
    Subscription,
)
from bot.scheduling.cluster.presence import Presence, this_process
from bot.scheduling.engine import Engine, RoleChore, Timing
from bot.scheduling.jobs import Rounds
from bot.scheduling.workers import ParserPool
from bot.settings import Settings
from bot.summaries import make_message
from tests.builders import NOW
from tests.delivery.senders import KeepingSender
from tests.pipeline.lab import (
    CATALOGUE,
    ECHO,
    NEWS,
    NOISE,
    OFTEN,
    WIRE,
    Item,
    MovableClock,
    Newsroom,
    make_poller,
    open_newsroom,
    rss,
)
from tests.scheduling.lab import PATIENCE_S, until
from tests.servers.postgres import PostgresServer

pytestmark = pytest.mark.asyncio(loop_scope="module")

OTHER = Item("recall", "ZTE recalls a phone that Verizon sells", "It gets too hot, both said.")

QUICK: dict[str, Any] = {**OFTEN, "gather": timedelta(0)}

MakeEngine = Callable[..., Awaitable[Engine]]


@dataclass
class Works:
    """A newsroom, the platform it posts to, and engines for it.

    Attributes:
        engines: how many are at work beside each other.
    """

    room: Newsroom
    sender: KeepingSender
    make: MakeEngine
    engines: int = 1

    @asynccontextmanager
    async def running(self, *chores: RoleChore) -> AsyncIterator[None]:
        """Engines at work; each is stopped in good order at the end."""
        async with AsyncExitStack() as stack:
            stop = asyncio.Event()
            made = [await self.make(stack, chores) for _ in range(self.engines)]
            tasks = [asyncio.create_task(engine.run(stop, grace_s=8.0)) for engine in made]
            try:
                yield
            finally:
                stop.set()
                await asyncio.wait_for(asyncio.gather(*tasks), PATIENCE_S)

    @property
    def headlines(self) -> list[str]:
        """Of the posts, in the order in which they were made."""
        return [message.headline for _, message in self.sender.given]  # type: ignore[union-attr]


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def parser() -> AsyncIterator[ParserPool]:
    async with ParserPool(timeout_s=60.0) as pool:
        yield pool


@pytest_asyncio.fixture(loop_scope="module", params=["alone", "two"])
async def works(
    request: pytest.FixtureRequest, tmp_path: Path, parser: ParserPool
) -> AsyncIterator[Works]:
    sender = KeepingSender(Platform.CONSOLE)
    clock = MovableClock(flows=True)
    if request.param == "alone":
        async with open_newsroom(tmp_path, parser, clock=clock, **QUICK) as room:
            yield Works(room, sender, partial(make_rounds, room, sender))
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    with server.fresh_database() as url:
        settings = Settings.model_validate({"database": {"url": url}})
        joint = Joint(settings, clock)
        await joint.prepare()
        async with open_newsroom(url, parser, clock=clock, on_owed=joint.owing, **QUICK) as room:
            make = partial(make_member, room, sender, settings)
            yield Works(room, sender, make, engines=2)


def post_office(room: Newsroom, sender: KeepingSender) -> PostOffice:
    return PostOffice(
        store=room.store,
        senders=[sender],
        render=partial(make_message, catalogue=CATALOGUE),
        clock=room.clock,
        rules=RetryRules(first_wait_s=0.1),
    )


async def make_rounds(
    room: Newsroom, sender: KeepingSender, _: AsyncExitStack, chores: tuple[RoleChore, ...]
) -> Engine:
    return Rounds(
        store=room.store,
        poller=room.poller,
        drain=Drain(post_office(room, sender)),
        clock=room.clock,
        concurrency=8,
        chores=[(chore.work, chore.every_s) for chore in chores],
    )


async def make_member(
    room: Newsroom,
    sender: KeepingSender,
    settings: Settings,
    stack: AsyncExitStack,
    chores: tuple[RoleChore, ...],
) -> Engine:
    """One process of several, with a poller of its own."""
    timings = [Timing(chore.name, chore.role, chore.every_s) for chore in chores]
    joint = Joint(settings, room.clock, timings)
    poller = make_poller(room.store, room.fetcher, room.parser, room.clock, **QUICK)
    process = this_process(ALL_ROLES, now=room.clock())
    presence = Presence(room.store, process, clock=room.clock, absence=joint.absence)
    await stack.enter_async_context(presence)
    opened = joint.open_engine(presence, room.store, poller, post_office(room, sender), chores)
    return await stack.enter_async_context(opened)


async def settled(room: Newsroom) -> None:
    """Until nothing is owed any more."""
    async with asyncio.timeout(PATIENCE_S):
        while any(one.state is not DeliveryState.SENT for one in await room.deliveries()):  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def test_a_feed_is_polled_whenever_it_is_due_and_its_story_posted_once(works: Works) -> None:
    works.room.server.put(WIRE, rss(NOISE))
    await works.room.add()

    async with works.running():
        await until(works.room, WIRE, 2)
        works.room.server.put(WIRE, rss(NEWS, NOISE))
        await works.sender.wait_for(1)
        await until(works.room, WIRE, works.room.server.counts[WIRE] + 3)

    assert works.headlines == [NEWS.title]


async def test_feeds_that_tell_one_story_at_once_make_one_post(works: Works) -> None:
    paths = [f"/{number}" for number in range(6)]
    for number, path in enumerate(paths):
        await works.room.go_live(path, title=f"Outlet {number}")
        item = replace(NEWS if number % 2 else ECHO, id=f"item-{number}")
        works.room.server.put(path, rss(item, title=f"Outlet {number}"))

    async with works.running():
        for path in paths:
            await until(works.room, path, 3)
        await settled(works.room)

    assert len({delivery.story_id for delivery, _ in works.sender.given}) == 1
    assert [delivery.sent_revision for delivery, _ in works.sender.given].count(0) == 1


async def test_a_channel_gets_its_posts_in_the_order_of_their_stories(works: Works) -> None:
    await works.room.go_live()
    gate = asyncio.Event()
    works.sender.told[CONSOLE.channel].append(gate)
    await works.room.publish(NEWS)

    async with works.running():
        await works.sender.wait_for(1)
        await works.room.publish(OTHER, NEWS)
        gate.set()
        await works.sender.wait_for(2)

    assert works.headlines == [NEWS.title, OTHER.title]
    assert works.sender.most_at_once == 1


async def test_a_post_that_is_refused_for_now_is_made_later(works: Works) -> None:
    await works.room.go_live()
    works.sender.told[CONSOLE.channel] += [SendRefusedForNow("busy"), SendRefusedForNow("busy")]
    await works.room.publish(NEWS)

    async with works.running():
        await settled(works.room)

    assert works.headlines == [NEWS.title] * 3


async def test_a_stop_finishes_the_post_in_hand(works: Works) -> None:
    await works.room.go_live()
    gate = asyncio.Event()
    works.sender.told[CONSOLE.channel].append(gate)
    await works.room.publish(NEWS)

    async with works.running():
        await works.sender.wait_for(1)
        asyncio.get_running_loop().call_later(0.5, gate.set)

    (delivery,) = await works.room.deliveries()
    assert delivery.state is DeliveryState.SENT


async def test_what_somebody_had_in_hand_who_died_is_posted_by_another(works: Works) -> None:
    await works.room.go_live()
    await works.room.publish(NEWS)
    taken = await works.room.store.lease_deliveries(
        works.room.clock(), limit=9, lease=timedelta(seconds=1)
    )
    assert len(taken) == 1

    async with works.running():
        await settled(works.room)

    assert works.headlines == [NEWS.title]


async def test_other_channels_do_not_wait_for_one_that_hangs(works: Works) -> None:
    others = [Destination(Platform.CONSOLE, "", f"channel-{number}") for number in range(3)]
    for place in others:
        await works.room.store.subscribe(Subscription(place), now=NOW)
    await works.room.go_live()
    gate = asyncio.Event()
    works.sender.told[CONSOLE.channel].append(gate)
    await works.room.publish(NEWS)

    async with works.running():
        await works.sender.wait_for(4)
        gate.set()

    assert {delivery.destination for delivery, _ in works.sender.given} == {CONSOLE, *others}


async def test_a_chore_is_done_once_at_a_time_and_first_at_the_start(works: Works) -> None:
    begun, at_once, most = asyncio.Event(), 0, 0

    async def work() -> None:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        begun.set()
        await asyncio.sleep(0.1)
        at_once -= 1

    async with works.running(RoleChore("count", ProcessRole.DELIVER, 0.05, work)):
        async with asyncio.timeout(PATIENCE_S):
            await begun.wait()
        await asyncio.sleep(1.5)

    assert most == 1
