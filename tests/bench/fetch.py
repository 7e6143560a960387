"""CPU per fetch: ours against loops of httpx, httpx over aiohttp and bare aiohttp, in one run.

    python -m tests.bench.fetch [--feeds 500] [--rounds 5]

A server in a process of its own serves one feed at each of many loopback addresses, so
that every feed is a host. CPU is this process's alone; contenders take turns within
each round, and the medians of the rounds are shown. Wall time is indicative only.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from multiprocessing import get_context
from multiprocessing.connection import Connection

import aiohttp
import httpx
from httpx_aiohttp import HttpxAiohttpClient

from bot.fetching import FetchLimits, HttpFetcher, parse_allowed
from bot.model import Feed, Validators
from tests.builders import feed
from tests.servers.feeds import Document, FeedServer

IN_FLIGHT = 64
ITEM = b"<item><title>Example %d</title><link>https://wire.example/%d</link></item>"
BODY = b"<rss><channel>" + b"".join(ITEM % (n, n) for n in range(100)) + b"</channel></rss>"

Pass = Callable[[list[Feed]], Awaitable[None]]
"""Fetches every feed once, with its validators, and checks the answers' status."""


def main() -> None:
    """Measure and print a table."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--feeds", type=int, default=500)
    options.add_argument("--rounds", type=int, default=5)
    chosen = options.parse_args()
    here, there = get_context("spawn").Pipe()
    hosts = [f"127.1.{n // 250}.{n % 250 + 1}" for n in range(chosen.feeds)]
    server = get_context("spawn").Process(target=_serve, args=(there, hosts), daemon=True)
    server.start()
    try:
        port = here.recv()
        feeds = [feed(f"http://{host}:{port}/rss") for host in hosts]
        asyncio.run(_measure(feeds, rounds=chosen.rounds))
    finally:
        here.send("stop")
        server.join(10)


def _serve(pipe: Connection, hosts: list[str]) -> None:
    async def serve() -> None:
        async with FeedServer({"/rss": Document(BODY)}, hosts=hosts) as server:
            pipe.send(server.port)
            await asyncio.to_thread(pipe.recv)

    asyncio.run(serve())


async def _measure(feeds: list[Feed], *, rounds: int) -> None:
    headers = Document(BODY).validators()
    known = Validators(headers["ETag"], headers["Last-Modified"])
    unchanged = [replace(one, validators=known) for one in feeds]
    contenders: dict[str, Pass] = {
        "httpx": _with_httpx,
        "httpx over aiohttp": _with_httpx_aiohttp,
        "aiohttp": _with_aiohttp,
        "HttpFetcher": _with_fetcher,
    }
    for label, asked in (("200, gzip", feeds), ("304", unchanged)):
        cpu_s: dict[str, list[float]] = {name: [] for name in contenders}
        wall_s: dict[str, list[float]] = {name: [] for name in contenders}
        for _ in range(rounds + 1):  # the first warms up
            for name, run in contenders.items():
                cpu, wall = time.process_time(), time.perf_counter()
                await run(asked)
                cpu_s[name].append(time.process_time() - cpu)
                wall_s[name].append(time.perf_counter() - wall)
        _print(label, {n: v[1:] for n, v in cpu_s.items()}, wall_s, count=len(feeds))


def _print(
    label: str, cpu_s: dict[str, list[float]], wall_s: dict[str, list[float]], *, count: int
) -> None:
    base = statistics.median(cpu_s["httpx"])
    for name, values in cpu_s.items():
        cpu = statistics.median(values)
        sys.stdout.write(
            f"{label:10} {name:20} {cpu / count * 1000:6.2f} ms CPU/feed  "
            f"{cpu / base:5.2f} of httpx  {statistics.median(wall_s[name]):6.2f} s wall\n"
        )


async def _all(feeds: Iterable[Feed], ask: Callable[[Feed], Awaitable[int]]) -> None:
    slots = asyncio.Semaphore(IN_FLIGHT)

    async def ask_one(one: Feed) -> None:
        async with slots:
            status = await ask(one)
        assert status == (304 if one.validators.etag else 200)

    await asyncio.gather(*(ask_one(one) for one in feeds))


def _conditions(one: Feed) -> dict[str, str]:
    known = one.validators
    if not (known.etag and known.last_modified):
        return {}
    return {"If-None-Match": known.etag, "If-Modified-Since": known.last_modified}


async def _with_client(feeds: list[Feed], client: httpx.AsyncClient) -> None:
    async def ask(one: Feed) -> int:
        return (await client.get(one.url, headers=_conditions(one))).status_code

    async with client:
        await _all(feeds, ask)


async def _with_httpx(feeds: list[Feed]) -> None:
    await _with_client(feeds, httpx.AsyncClient(trust_env=False, timeout=30))


async def _with_httpx_aiohttp(feeds: list[Feed]) -> None:
    await _with_client(feeds, HttpxAiohttpClient(trust_env=False, timeout=30))


async def _with_aiohttp(feeds: list[Feed]) -> None:
    async with aiohttp.ClientSession(trust_env=False) as session:

        async def ask(one: Feed) -> int:
            headers = {"Accept-Encoding": "gzip, deflate", **_conditions(one)}
            async with session.get(one.url, headers=headers) as response:
                await response.read()
                return response.status

        await _all(feeds, ask)


async def _with_fetcher(feeds: list[Feed]) -> None:
    limits = FetchLimits(
        user_agent="newsbot/0 (benchmark)",
        allow=(parse_allowed("127.0.0.0/8"),),
    )

    async with HttpFetcher(limits) as fetcher:

        async def ask(one: Feed) -> int:
            fetched = await fetcher.fetch(one, conditional=True)
            return 304 if fetched.body is None else 200

        await _all(feeds, ask)


if __name__ == "__main__":
    main()
