"""What the measures of delivery share: a backlog, fresh stories meanwhile, and the figures."""

from __future__ import annotations

import argparse
import asyncio
import statistics
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bot.delivery.drain import Drain
from bot.delivery.office import PostOffice
from bot.model import Delivery, DeliveryState, Destination, make_delivery_id
from bot.ports import Sender
from bot.store import SqlStore
from tests.builders import story
from tests.contract.polls import commit_stories
from tests.crash.publishing import now, render
from tests.servers.discord import DiscordServer


@dataclass(frozen=True)
class Served:
    """What the server tells of itself, and of the posts it took.

    Attributes:
        places: workspaces and channels.
        tokens: by workspace, or one under "".
        posts: monotonic time of arrival by the delivery's id.
        statuses, overruns: answers by status; 429 that we caused, by what they limit.
    """

    api_base: str = ""
    tokens: tuple[tuple[str, str], ...] = ()
    places: tuple[tuple[str, str], ...] = ()
    posts: tuple[tuple[str, float], ...] = ()
    statuses: tuple[tuple[str, int], ...] = ()
    overruns: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Figures:
    """What was measured.

    Attributes:
        committed: monotonic time of the commit of each fresh story, by its delivery's id.
    """

    committed: dict[str, float]
    cpu_s: float
    took_s: float


def run(
    serve: Callable[..., None],
    measure: Callable[[Connection, Path, argparse.Namespace], Any],
    chosen: argparse.Namespace,
    *args: int,
) -> None:
    """Measure before a server that is a process of its own."""
    here, there = get_context("spawn").Pipe()
    server = get_context("spawn").Process(target=serve, args=(there, *args), daemon=True)
    server.start()
    try:
        with TemporaryDirectory() as folder:
            asyncio.run(measure(here, Path(folder), chosen))
    finally:
        here.send("stop")
        server.join(10)


async def drain_all(
    store: SqlStore,
    sender: Sender,
    *,
    backlog: list[Destination],
    deliveries: int,
    fresh: list[Destination],
    count: int,
) -> Figures:
    """Post ``deliveries`` to the places of the backlog, and ``count`` fresh ones meanwhile."""
    await commit_backlog(store, backlog, deliveries)
    drain = Drain(PostOffice(store=store, senders=[sender], render=render, clock=now))
    cpu_s, began = time.process_time(), time.monotonic()
    committing = asyncio.create_task(commit_fresh(store, fresh, count, wake=drain.wake))
    while not committing.done() or await store.next_attempt_at() is not None:
        await drain.drain()
        await asyncio.sleep(0.01)
    committed = await committing
    return Figures(committed, time.process_time() - cpu_s, time.monotonic() - began)


def serve_discord(pipe: Connection, channels: int, is_free: bool = False) -> None:
    """The loopback Discord with so many channels, in a process of its own; see ``run``.

    Args:
        is_free: it limits nothing.
    """

    async def serve() -> None:
        async with DiscordServer(is_checked=False) as server:
            server.limiter.is_sliding = True
            server.limiter.is_on = not is_free
            made = [server.add_channel(server.guild, f"news-{n}") for n in range(channels)]
            places = tuple((str(one.guild_id), str(one.id)) for one in made)
            pipe.send(Served(server.api_base, (("", server.token),), places))
            while await asyncio.to_thread(pipe.recv) == "tell":
                pipe.send(_describe(server))

    asyncio.run(serve())


def _describe(server: DiscordServer) -> Served:
    posts = [one for one in server.asked if one.operation == "create_message"]
    return Served(
        posts=tuple((one.body["nonce"], one.at) for one in posts if one.status == 200),
        statuses=tuple(Counter(str(one.status) for one in server.asked).items()),
        overruns=tuple(server.limiter.overruns.items()),
    )


async def commit_backlog(store: SqlStore, places: Sequence[Destination], deliveries: int) -> None:
    """Stories of an hour ago, each owed to all of ``places`` until there are so many."""
    owed_before = 0
    while owed_before < deliveries:
        number = owed_before // len(places)
        at = now() - timedelta(hours=1) + timedelta(seconds=number)
        told = story(f"b{number:04d}", headline=f"Old story {number}", opened_at=at, updated_at=at)
        some = places[: deliveries - owed_before]
        owed = tuple(_owe(told.id, place) for place in some)
        owed = tuple(replace(one, next_attempt_at=at) for one in owed)
        await commit_stories(store, told, owed=owed)
        owed_before += len(some)


async def commit_fresh(
    store: SqlStore,
    places: Sequence[Destination],
    count: int,
    *,
    wake: Callable[[], None] = lambda: None,
) -> dict[str, float]:
    """Monotonic time of the commit of each of ``count`` stories, by its delivery's id."""
    committed = {}
    for number in range(count):
        await asyncio.sleep(1.0)
        at = now()
        told = story(
            f"f{number:04d}", headline=f"Fresh story {number}", opened_at=at, updated_at=at
        )
        owed = _owe(told.id, places[number % len(places)])
        await commit_stories(store, told, owed=(owed,))
        wake()
        committed[owed.id] = time.monotonic()
    return committed


def _owe(story_id: str, place: Destination) -> Delivery:
    made = make_delivery_id(story_id, place)
    return Delivery(made, story_id, place, DeliveryState.OWED, 1, now())


def tell(told: Served, figures: Figures, *, rate: float) -> None:
    """Print the figures; ``rate`` in posts a second is what could be."""
    arrived = dict(told.posts)
    times = sorted(arrived.values())
    posts_per_s = (len(times) - 1) / (times[-1] - times[0])
    busiest = max(sum(t <= one < t + 1 for one in times[n : n + 100]) for n, t in enumerate(times))
    waits = sorted(arrived[key] - at for key, at in figures.committed.items() if key in arrived)
    print(
        f"posts            {len(times)} in {figures.took_s:.1f} s; {len(told.posts)} answered 200"
    )
    print(f"rate             {posts_per_s:.2f}/s, {posts_per_s / rate:.1%} of {rate:g}/s")
    print(f"busiest second   {busiest}")
    print(f"429 of our own   {dict(told.overruns) or 0}; answers {dict(told.statuses)}")
    print(f"CPU              {figures.cpu_s / len(times) * 1000:.2f} ms a post")
    if waits:
        last = waits[min(len(waits) - 1, int(0.99 * len(waits)))]
        print(
            f"fresh            {len(waits)} of {len(figures.committed)}: p50"
            f" {statistics.median(waits):.3f} s, p99 {last:.3f} s, most {waits[-1]:.3f} s from"
            " commit to post"
        )
