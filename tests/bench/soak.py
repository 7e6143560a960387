"""The bot at work for minutes on end: due times, memory and stalls of the event loop.

A farm of feeds answers on loopback addresses after a fixed latency; each feed has twenty
entries and publishes a new one every tenth minute. ``newsbot run`` polls them in a process
of its own. Printed are its memory and CPU each minute, and at the end how late the latest
poll began, the longest stall of its event loop, and what it stored.

    python -m tests.bench.soak --minutes 10 --feeds 1000 --latency-ms 150
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
from aiohttp import web

ENTRIES = 20
NEW_ENTRY_EVERY_S = 600.0


class Farm:
    """Feeds 0 to ``feeds`` - 1, each on a loopback address of its own."""

    def __init__(self, feeds: int, latency_s: float) -> None:
        self._feeds = feeds
        self._latency_s = latency_s
        self._started = time.monotonic()
        self.answers = {200: 0, 304: 0}

    async def answer(self, request: web.Request) -> web.Response:
        """The feed of the address asked, or 304."""
        await asyncio.sleep(self._latency_s)
        number = int(request.match_info["number"])
        age_s = time.monotonic() - self._started + NEW_ENTRY_EVERY_S * number / self._feeds
        newest = ENTRIES + int(age_s / NEW_ENTRY_EVERY_S)
        etag = f'"{newest}"'
        status = 304 if request.headers.get("If-None-Match") == etag else 200
        self.answers[status] += 1
        if status == 304:
            return web.Response(status=304, headers={"ETag": etag})
        return web.Response(
            text=make_document(number, newest),
            content_type="application/rss+xml",
            headers={"ETag": etag},
        )


def make_document(number: int, newest: int) -> str:
    """An RSS document of about the size that outlets publish: 20 entries, some 20 KB."""
    words = "The market for radios and the towers that carry them grew again this quarter. "
    items = "".join(
        f"<item><guid>{number}-{entry}</guid><title>Outlet {number} reports item {entry}</title>"
        f"<link>https://outlet-{number}.example/{entry}</link>"
        f"<description>{words * 10}</description></item>"
        for entry in range(newest, newest - ENTRIES, -1)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel>'
        f"<title>Outlet {number}</title>{items}</channel></rss>"
    )


def loopback_address(number: int) -> str:
    """The address of feed ``number``: a host of its own to whoever is polite by host."""
    return f"127.0.{1 + number // 250}.{1 + number % 250}"


def write_addresses(file: Path, feeds: int, port: int) -> None:
    """One URL a line, each on its own address of 127/8."""
    file.write_text(
        "\n".join(f"http://{loopback_address(number)}:{port}/{number}" for number in range(feeds))
    )


async def soak(args: argparse.Namespace) -> None:
    """Run the farm and the bot side by side."""
    farm = Farm(args.feeds, args.latency_ms / 1000)
    app = web.Application()
    app.router.add_get("/{number}", farm.answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    port = 0
    for number in range(args.feeds):  # loopback only: one listener an address
        await web.TCPSite(runner, loopback_address(number), port, backlog=16).start()
        port = port or runner.addresses[0][1]
    with TemporaryDirectory() as folder:
        write_addresses(Path(folder) / "feeds.txt", args.feeds, port)
        env = os.environ | {
            "NEWSBOT_DATABASE_URL": f"sqlite:///{folder}/soak.sqlite3",
            "NEWSBOT_FETCH_ALLOW_ADDRESSES": "127.0.0.0/8",
            "NEWSBOT_POLL_ADAPTIVE": "false",
            "NEWSBOT_POLL_DEFAULT_INTERVAL_S": str(args.interval_s),
            "NEWSBOT_POLL_MIN_INTERVAL_S": str(args.interval_s),
        }
        bot = [sys.executable, "-m", "bot"]
        with (Path(folder) / "errors.txt").open("wb") as errors:
            process = subprocess.Popen(  # noqa: ASYNC220  # it runs beside us on purpose
                [*bot, "run", "--feeds", f"{folder}/feeds.txt"], env=env, stderr=errors
            )
        await watch(process, farm, minutes=args.minutes)
        process.send_signal(signal.SIGTERM)
        started = time.monotonic()
        code = await asyncio.to_thread(process.wait, 30)
        print(f"stopped in {time.monotonic() - started:.1f} s, exit code {code}")
        print((Path(folder) / "errors.txt").read_text().splitlines()[-1])
        stats = subprocess.run(  # noqa: ASYNC221  # nothing else is left to do
            [*bot, "stats", "--json"], env=env, check=True, capture_output=True
        )
        print(json.loads(stats.stdout))
    await runner.cleanup()


async def watch(process: subprocess.Popen[bytes], farm: Farm, *, minutes: float) -> None:
    """Print memory, CPU and answers once a minute."""
    watched = psutil.Process(process.pid)
    print("minute  bot MB  workers MB  bot CPU s  200  304")
    for minute in range(1, int(minutes) + 1):
        await asyncio.sleep(60)
        workers = watched.children(recursive=True)
        cpu = watched.cpu_times()
        print(
            f"{minute:6} {watched.memory_info().rss / 1e6:7.1f} "
            f"{sum(one.memory_info().rss for one in workers) / 1e6:11.1f} "
            f"{cpu.user + cpu.system:10.1f} {farm.answers[200]:5} {farm.answers[304]:5}",
            flush=True,
        )


def main() -> None:
    """Read the arguments and soak."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--feeds", type=int, default=1_000)
    parser.add_argument("--minutes", type=float, default=2)
    parser.add_argument("--interval-s", type=float, default=60)
    parser.add_argument("--latency-ms", type=float, default=150)
    asyncio.run(soak(parser.parse_args()))


if __name__ == "__main__":
    main()
