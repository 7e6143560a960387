"""How near to Discord's limit we post, and how soon a fresh story comes while a backlog drains.

    python -m tests.bench.deliver --deliveries 10000 --channels 2000 --fresh 200

The loopback Discord, its limits on, is a process of its own; store, drain, sender and the real
discord.py are in this one. Old stories are owed to many channels; meanwhile one story a second
is opened and owed to a channel of its own. Printed are the rate of posts against the pacer's,
answers 429 that we caused, CPU of this process for a post, and the time from the commit of a
fresh story to the arrival of its post. Without arguments it takes about a minute.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import time
from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory

from pydantic import SecretStr

from bot.delivery.drain import Drain
from bot.model import Delivery, DeliveryState, Destination, Platform, make_delivery_id
from bot.platforms.discord.rest import open_rest
from bot.platforms.discord.sender import DiscordSender
from bot.settings.model import DiscordSettings
from bot.store import SqlStore, open_store
from tests.builders import story
from tests.contract.polls import commit_stories
from tests.crash.discord_worker import now, render
from tests.servers.discord import DiscordServer

FRESH_CHANNELS = 20


@dataclass(frozen=True)
class Served:
    """What the server tells of itself, and of the posts it took.

    Attributes:
        posts: monotonic time of arrival by nonce.
    """

    api_base: str = ""
    token: str = ""
    places: tuple[tuple[str, str], ...] = ()
    posts: tuple[tuple[str, float], ...] = ()
    statuses: tuple[tuple[str, int], ...] = ()
    overruns: tuple[tuple[str, int], ...] = ()


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--deliveries", type=int, default=2_500, help="of the backlog")
    options.add_argument("--channels", type=int, default=500)
    options.add_argument("--fresh", type=int, default=45, help="stories, one a second")
    options.add_argument("--rate", type=int, default=45, help="discord.max_requests_per_s")
    chosen = options.parse_args()
    here, there = get_context("spawn").Pipe()
    count = chosen.channels + FRESH_CHANNELS
    server = get_context("spawn").Process(target=_serve, args=(there, count), daemon=True)
    server.start()
    try:
        with TemporaryDirectory() as folder:
            asyncio.run(_measure(here, Path(folder), chosen))
    finally:
        here.send("stop")
        server.join(10)


def _serve(pipe: Connection, channels: int) -> None:
    async def serve() -> None:
        async with DiscordServer(is_checked=False) as server:
            server.limiter.is_sliding = True
            made = [server.add_channel(server.guild, f"news-{n}") for n in range(channels)]
            places = tuple((str(one.guild_id), str(one.id)) for one in made)
            pipe.send(Served(server.api_base, server.token, places))
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


async def _measure(server: Connection, folder: Path, chosen: argparse.Namespace) -> None:
    at: Served = server.recv()
    places = [Destination(Platform.DISCORD, *ids) for ids in at.places]
    settings = DiscordSettings(
        token=SecretStr(at.token), api_base=at.api_base, max_requests_per_s=chosen.rate
    )
    url = f"sqlite:///{folder}/bench.sqlite3"
    async with await open_store(url) as store, open_rest(settings) as rest:
        await rest.wait_until_settled()
        await _commit_backlog(store, places[FRESH_CHANNELS:], chosen.deliveries)
        sender = DiscordSender(rest, clock=now)
        drain = Drain(store=store, senders=[sender], render=render, clock=now)
        cpu_s, began = time.process_time(), time.monotonic()
        fresh = _commit_fresh(store, drain, places[:FRESH_CHANNELS], chosen.fresh)
        committing = asyncio.create_task(fresh)
        while not committing.done() or await store.next_attempt_at() is not None:
            await drain.drain()
            await asyncio.sleep(0.01)
        committed = await committing
        cpu_s, took_s = time.process_time() - cpu_s, time.monotonic() - began
    server.send("tell")
    _print(server.recv(), committed, cpu_s=cpu_s, took_s=took_s, rate=chosen.rate)


async def _commit_backlog(store: SqlStore, places: list[Destination], deliveries: int) -> None:
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


async def _commit_fresh(
    store: SqlStore, drain: Drain, places: list[Destination], count: int
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
        drain.wake()
        committed[owed.id] = time.monotonic()
    return committed


def _owe(story_id: str, place: Destination) -> Delivery:
    made = make_delivery_id(story_id, place)
    return Delivery(made, story_id, place, DeliveryState.OWED, 1, now())


def _print(
    told: Served, committed: dict[str, float], *, cpu_s: float, took_s: float, rate: int
) -> None:
    arrived = dict(told.posts)
    times = sorted(arrived.values())
    posts_per_s = (len(times) - 1) / (times[-1] - times[0])
    busiest = max(sum(t <= one < t + 1 for one in times[n : n + 100]) for n, t in enumerate(times))
    waits = sorted(arrived[key] - at for key, at in committed.items() if key in arrived)
    print(f"posts            {len(times)} in {took_s:.1f} s; {len(told.posts)} answered 200")
    print(f"rate             {posts_per_s:.2f}/s, {posts_per_s / rate:.1%} of {rate}/s")
    print(f"busiest second   {busiest}")
    print(f"429 of our own   {dict(told.overruns) or 0}; answers {dict(told.statuses)}")
    print(f"CPU              {cpu_s / len(times) * 1000:.2f} ms a post")
    if waits:
        last = waits[min(len(waits) - 1, int(0.99 * len(waits)))]
        print(
            f"fresh            {len(waits)} of {len(committed)}: p50 {statistics.median(waits):.3f}"
            f" s, p99 {last:.3f} s, most {waits[-1]:.3f} s from commit to post"
        )


if __name__ == "__main__":
    main()
