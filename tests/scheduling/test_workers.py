"""Real worker processes, reading documents made to hang, swell or kill them."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from bot.errors import FeedUnreadable
from bot.model import Fetched, ParsedFeed
from bot.scheduling.workers import TOGETHER_BYTES, ParserPool

ROOT = Path(__file__).resolve().parents[2]
URL = "https://wire.example/rss"


def document(item: str, url: str = URL) -> Fetched:
    body = f'<rss version="2.0"><channel><title>Wire</title>{item}</channel></rss>'
    return Fetched(url=url, body=body.encode())


PLAIN = document("<item><title>Huawei and AT&amp;T part</title></item>")
LARGE = document(f"<item><title>Huawei and AT&amp;T part</title></item>{' ' * TOGETHER_BYTES}")
# In a malformed document an address is looked for in every author: quadratic, minutes long, in
# C code that holds the interpreter all the while.
HANGS = document(
    f"<item><title>Bait</title><author>{'a' * 400_000}</author>", "https://hangs.example/rss"
)
# The same for a second.
SLOW = document(
    f"<item><title>Bait</title><author>{'a' * 12_000}</author>", "https://slow.example/rss"
)
# And for a quarter of that, as it is quadratic.
SLOWISH = document(
    f"<item><title>Bait</title><author>{'a' * 6_000}</author>", "https://slow.example/rss"
)
SWELLS = document(f"<item><title>Big</title><description>{'x' * 30_000_000}</description></item>")


@pytest.fixture
async def pool() -> AsyncIterator[ParserPool]:
    """One in which nothing needs patience; see test_lanes for what does."""
    async with ParserPool(timeout_s=60.0, quick_s=60.0) as opened:
        yield opened


def find_workers(
    process: psutil.Process | None = None, *, busy: bool = False
) -> list[psutil.Process]:
    """The workers of ``process``; the busy ones have used more time than starting takes."""
    return [
        worker
        for server in (process or psutil.Process()).children()
        if is_fork_server(server)
        for worker in server.children()
        if is_worker(worker, busy)
    ]


def is_fork_server(process: psutil.Process) -> bool:
    try:
        return "multiprocessing.forkserver" in " ".join(process.cmdline())
    except psutil.Error:  # it ended this very moment
        return False


def is_worker(process: psutil.Process, busy: bool) -> bool:
    try:
        is_alive = process.status() != psutil.STATUS_ZOMBIE
        return is_alive and (not busy or process.cpu_times().user > 0.3)
    except psutil.Error:
        return False


async def wait_for_busy_worker(*, other_than: int = 0) -> psutil.Process:
    async with asyncio.timeout(60):
        while True:
            for worker in find_workers(busy=True):
                if worker.pid != other_than:
                    return worker
            await asyncio.sleep(0.05)


def is_read(feed: ParsedFeed) -> bool:
    return [entry.title for entry in feed.entries] == ["Huawei and AT&T part"]


async def test_a_document_is_read_in_another_process(pool: ParserPool) -> None:
    assert is_read(await pool.parse(PLAIN))
    assert len(find_workers()) == 1


async def test_the_charset_of_the_header_reaches_the_worker(pool: ParserPool) -> None:
    body = "<rss version='2.0'><channel><item><title>Хуавей</title></item></channel></rss>"
    fetched = Fetched(url=URL, body=body.encode("cp1251"), content_type="text/xml; charset=cp1251")

    assert (await pool.parse(fetched)).entries[0].title == "Хуавей"


async def test_a_refusal_comes_back_as_it_was_raised(pool: ParserPool) -> None:
    with pytest.raises(FeedUnreadable, match=rf"^{URL}: the document is empty$"):
        await pool.parse(Fetched(url=URL, body=b""))


async def test_a_document_that_hangs_is_given_up_and_the_next_is_read() -> None:
    async with ParserPool(timeout_s=1.0) as pool:
        with pytest.raises(FeedUnreadable, match=r"longer than 1 s \(parse\.timeout_s\)"):
            await pool.parse(HANGS)
        assert is_read(await pool.parse(PLAIN))


async def test_a_document_that_swells_is_given_up_and_the_next_is_read() -> None:
    async with ParserPool(max_memory_bytes=100 * 2**20) as pool:
        with pytest.raises(FeedUnreadable, match=r"more than 100 MiB \(parse\.max_memory_mb\)"):
            await pool.parse(SWELLS)
        assert is_read(await pool.parse(PLAIN))


async def test_a_worker_killed_while_it_waits_is_replaced(pool: ParserPool) -> None:
    await pool.parse(PLAIN)
    (worker,) = find_workers()
    worker.kill()

    assert is_read(await pool.parse(PLAIN))


async def test_a_document_whose_worker_was_killed_gets_a_second_one(pool: ParserPool) -> None:
    reading = asyncio.create_task(pool.parse(SLOW))
    (await wait_for_busy_worker()).kill()

    assert len((await reading).entries) == 1


async def test_a_document_that_kills_two_workers_is_given_up(pool: ParserPool) -> None:
    reading = asyncio.create_task(pool.parse(HANGS))
    first = await wait_for_busy_worker()
    first.kill()
    second = await wait_for_busy_worker(other_than=first.pid)
    second.kill()

    with pytest.raises(FeedUnreadable, match=r"ended two workers.*exit code -9"):
        await reading
    assert is_read(await pool.parse(PLAIN))


async def test_two_workers_read_while_one_hangs() -> None:
    async with ParserPool(workers=2, timeout_s=60.0) as pool:
        hanging = asyncio.create_task(pool.parse(HANGS))
        await wait_for_busy_worker()

        assert is_read(await pool.parse(PLAIN))
        assert not hanging.done()
        hanging.cancel()


async def test_giving_up_the_wait_ends_the_work(pool: ParserPool) -> None:
    reading = asyncio.create_task(pool.parse(HANGS))
    worker = await wait_for_busy_worker()
    reading.cancel()

    with pytest.raises(asyncio.CancelledError):
        await reading
    assert is_read(await pool.parse(LARGE))  # by the next worker for large ones
    assert not worker.is_running()


async def test_closing_leaves_no_process_and_nobody_waiting() -> None:
    async with ParserPool(timeout_s=60.0) as pool:
        reading = asyncio.create_task(pool.parse(HANGS))
        worker = await wait_for_busy_worker()

    with pytest.raises(FeedUnreadable, match="the program is stopping"):
        await asyncio.wait_for(reading, 10)
    assert not worker.is_running()
    assert find_workers() == []


async def test_a_reader_cancelled_while_closing_is_cancelled() -> None:
    async with ParserPool(timeout_s=60.0) as pool:
        reading = asyncio.create_task(pool.parse(HANGS))
        await wait_for_busy_worker()
        reading.cancel()

    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(reading, 10)


async def test_a_pool_that_read_nothing_starts_no_process() -> None:
    async with ParserPool():
        assert find_workers() == []


async def test_a_worker_may_be_there_before_its_first_document() -> None:
    async with ParserPool() as pool:
        pool.start_soon()
        async with asyncio.timeout(30):
            while not (workers := find_workers()):  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.05)

        assert is_read(await pool.parse(PLAIN))
        assert find_workers() == workers


async def test_closing_while_workers_start_leaves_none() -> None:
    async with ParserPool() as pool:
        pool.start_soon()
        reading = asyncio.create_task(pool.parse(PLAIN))
        await asyncio.sleep(0)

    with pytest.raises(FeedUnreadable, match="the program is stopping"):
        await reading
    assert find_workers() == []


def run_program(*lines: str) -> subprocess.CompletedProcess[str]:
    """Run the body of an ``async def main()`` in which ``pool`` is open."""
    start = "import asyncio, os, resource, tempfile\nfrom tests.scheduling.test_workers import *\n"
    main = ["async def main():", "    async with ParserPool() as pool:"]
    body = "\n".join([*main, *(f"        {line}" for line in lines), "asyncio.run(main())"])
    return subprocess.run(
        [sys.executable, "-c", start + body],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )


def test_no_document_is_blamed_where_no_worker_can_start() -> None:
    ended = run_program(
        "both = pool.parse(PLAIN), pool.parse(PLAIN)",
        "open_now = max(map(int, os.listdir('/proc/self/fd')))",
        "resource.setrlimit(resource.RLIMIT_NOFILE, (open_now, open_now))",
        "print(await asyncio.gather(*both, return_exceptions=True))",
    )

    assert ended.stdout.count("OSError(24, 'Too many open files')") == 2
    assert "worker processes do not start: [Errno 24] Too many open files" in ended.stderr


@pytest.mark.parametrize(
    ("folder", "why"), [("x" * 100, "AF_UNIX path too long"), ("", "No such file or directory")]
)
def test_feeds_are_read_where_a_fork_server_finds_no_place(
    tmp_path: Path, folder: str, why: str
) -> None:
    (tmp_path / folder).mkdir(exist_ok=True)
    ended = run_program(
        f"tempfile.tempdir = {str(tmp_path / (folder or 'gone'))!r}",
        "print(is_read(await pool.parse(PLAIN)), is_read(await pool.parse(LARGE)))",
    )

    assert ended.stdout == "True True\n"
    assert ended.stderr.count(why) == 1
    assert "TMPDIR" in ended.stderr


async def test_using_it_while_closed_is_a_mistake_of_the_caller() -> None:
    pool = ParserPool()
    with pytest.raises(RuntimeError, match="async with"):
        await pool.parse(PLAIN)
    async with pool:
        with pytest.raises(ValueError, match="304"):
            await pool.parse(Fetched(url=URL, body=None))


BOT = f"""
import asyncio, signal, sys
from bot.model import Fetched
from bot.scheduling.workers import ParserPool

async def main():
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, lambda: None)
    body = b"<rss version='2.0'><channel><item><title>Read</title></item></channel></rss>"
    hangs = body.replace(b"</item>", b"<author>" + b"a" * 400_000 + b"</author>")
    async with ParserPool(timeout_s=8.0) as pool:
        print("opened", flush=True)
        for line in iter(sys.stdin.readline, ""):
            reading = pool.parse(Fetched(url="{URL}", body=hangs if line == "hang\\n" else body))
            print((await reading).entries[0].title, flush=True)

if __name__ == "__main__":
    asyncio.run(main())
"""


@contextmanager
def running_bot(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A program with a pool, in a process group of its own; it reads once for every line."""
    script = tmp_path / "reading.py"
    script.write_text(BOT, encoding="utf-8")
    bot = subprocess.Popen(
        [sys.executable, str(script)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    try:
        assert bot.stdout is not None
        assert bot.stdout.readline() == "opened\n"
        yield bot
    finally:
        bot.kill()
        bot.communicate()


def tell(bot: subprocess.Popen[str], line: str) -> None:
    assert bot.stdin is not None
    bot.stdin.write(f"{line}\n")
    bot.stdin.flush()


def hear(bot: subprocess.Popen[str]) -> str:
    assert bot.stdout is not None
    return bot.stdout.readline().rstrip("\n")


def wait_for_workers(bot: subprocess.Popen[str], *, busy: bool) -> list[psutil.Process]:
    deadline = time.monotonic() + 60
    while not (workers := find_workers(psutil.Process(bot.pid), busy=busy)):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return workers


def test_ctrl_c_in_the_terminal_does_not_reach_the_workers(tmp_path: Path) -> None:
    with running_bot(tmp_path) as bot:
        tell(bot, "read")
        wait_for_workers(bot, busy=False)
        os.killpg(bot.pid, signal.SIGINT)  # while it starts
        assert hear(bot) == "Read"
        (worker,) = find_workers(psutil.Process(bot.pid))
        os.killpg(bot.pid, signal.SIGINT)  # while it waits
        tell(bot, "read")
        assert hear(bot) == "Read"
        assert worker.is_running()
        _, complaints = bot.communicate(timeout=20)

    assert complaints == ""
    assert bot.returncode == 0


@pytest.mark.parametrize("last", ["read", "hang"])
def test_no_worker_outlives_a_bot_that_was_killed(tmp_path: Path, last: str) -> None:
    with running_bot(tmp_path) as bot:
        tell(bot, "read")
        assert hear(bot) == "Read"
        if last == "hang":
            tell(bot, "hang")
        workers = wait_for_workers(bot, busy=last == "hang")
        bot.kill()
        bot.wait()

        _, alive = psutil.wait_procs(workers, timeout=20)
        for worker in alive:
            worker.kill()

    assert workers
    assert alive == []
