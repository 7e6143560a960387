"""Real worker processes, reading pages made to hang, swell or kill them."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import AsyncIterator

import pytest

from bot.app import page_pool
from bot.errors import FeedUnreadable
from bot.model import Fetched
from bot.scheduling.workers import ParserPool
from bot.settings import Settings
from tests.parsing.pages import ARTICLE, PARAGRAPHS, page
from tests.scheduling.test_workers import PLAIN, is_read

URL = "https://wire.example/plan-dropped"


def fetched(html: str) -> Fetched:
    return Fetched(url=URL, body=html.encode(), content_type="text/html; charset=utf-8")


GOOD = fetched(page())
# The text of all siblings is gathered for each of them: minutes.
HANGS = fetched(page(after="<p>Some words of a text.</p>" * 200_000))
SWELLS = fetched(page(after=f"<p>{'word ' * 1_900_000}</p>"))


@pytest.fixture
async def pool() -> AsyncIterator[ParserPool]:
    async with ParserPool(timeout_s=60.0) as opened:
        yield opened


async def test_a_page_is_read_in_another_process(pool: ParserPool) -> None:
    assert await pool.extract(GOOD) == ARTICLE


async def test_one_worker_reads_pages_and_feeds(pool: ParserPool) -> None:
    assert await pool.extract(GOOD) == ARTICLE
    assert is_read(await pool.parse(PLAIN))
    assert await pool.extract(GOOD) == ARTICLE


async def test_a_page_that_hangs_is_given_up_and_the_next_is_read() -> None:
    async with ParserPool(timeout_s=1.0) as pool:
        with pytest.raises(FeedUnreadable, match=r"longer than 1 s \(parse\.timeout_s\)"):
            await pool.extract(HANGS)
        assert is_read(await pool.parse(PLAIN))


def test_a_worker_for_pages_loads_the_page_reader_before_its_time_runs() -> None:
    program = (
        "import sys\n"
        "from bot.scheduling.worker import limit_worker\n"
        "limit_worker(2**30, {is_for_pages}, niceness=0)\n"
        "print('trafilatura' in sys.modules)\n"
    )
    for is_for_pages in (True, False):
        done = subprocess.run(
            [sys.executable, "-c", program.format(is_for_pages=is_for_pages)],
            capture_output=True,
            text=True,
            check=True,
        )

        assert done.stdout == f"{is_for_pages}\n"


@pytest.mark.parametrize(
    ("parse_s", "wait_s", "said"),
    [(20.0, 1.0, "1 s (summaries.article_deadline_s)"), (1.0, 20.0, "1 s (parse.timeout_s)")],
)
async def test_a_page_is_given_up_when_its_post_waits_no_longer(
    parse_s: float, wait_s: float, said: str
) -> None:
    chosen = Settings.model_validate(
        {"parse": {"timeout_s": parse_s}, "summaries": {"article_deadline_s": wait_s}}
    )
    async with page_pool(chosen) as pages:
        assert pages.workers == 1
        assert pages.max_memory_bytes == chosen.parse.max_memory_mb * 2**20
        with pytest.raises(FeedUnreadable, match=re.escape(said)):
            await pages.extract(HANGS)


async def test_a_page_that_swells_is_given_up_and_the_next_is_read() -> None:
    async with ParserPool(max_memory_bytes=128 * 2**20, timeout_s=60.0) as pool:
        with pytest.raises(FeedUnreadable, match=r"more than 128 MiB \(parse\.max_memory_mb\)"):
            await pool.extract(SWELLS)
        assert await pool.extract(GOOD) == ARTICLE


async def test_deep_nesting_kills_no_worker(pool: ParserPool) -> None:
    depth = "<div>" * 100_000

    assert await pool.extract(fetched(f"<html><body>{depth}<p>{PARAGRAPHS[0]}</p>")) == ""
    assert await pool.extract(GOOD) == ARTICLE


async def test_a_page_without_a_body_is_a_mistake_of_the_caller(pool: ParserPool) -> None:
    with pytest.raises(ValueError, match="no body"):
        await pool.extract(Fetched(url=URL, body=None))


def test_workers_that_read_feeds_alone_do_not_load_the_page_reader() -> None:
    program = (
        "import sys, bot.scheduling.workers\n"
        "from bot.parsing import parse_feed\n"
        "parse_feed(b'<rss><channel/></rss>', url='')\n"
        "print(sorted({'trafilatura', 'lxml', 'justext'} & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert done.stdout == "[]\n"
