"""Documents that wait side by side are handed over together; none answers for another."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot.errors import FeedUnreadable, Trouble
from bot.model import Fetched, ParsedFeed
from bot.parsing import parse_feed
from bot.scheduling.packing import Packed, pack, unpack
from bot.scheduling.workers import TOGETHER, ParserPool, _parse_all
from tests.parsing.documents import item, rss
from tests.scheduling.test_workers import find_workers

# Small, and still minutes long: see HANGS in test_workers.
SLOW = Fetched(
    url="https://slow.example/rss",
    body=f"<rss version='2.0'><channel><item><author>{'a' * 60_000}</author>".encode(),
)


def numbered(number: int, body: str = "") -> Fetched:
    text = body or rss(item(f"Story {number}", guid=str(number)))
    return Fetched(url=f"https://wire.example/{number}", body=text.encode())


@pytest.fixture
async def pool() -> AsyncIterator[ParserPool]:
    async with ParserPool(timeout_s=60.0) as opened:
        await opened.parse(numbered(0))
        yield opened


async def test_each_document_of_many_gets_its_own_answer(pool: ParserPool) -> None:
    asked = [numbered(number) for number in range(3 * TOGETHER)]
    feeds = await asyncio.gather(*map(pool.parse, asked))

    assert [feed.entries[0].guid for feed in feeds] == [str(n) for n in range(3 * TOGETHER)]


async def test_a_refusal_among_many_is_told_to_whoever_asked(pool: ParserPool) -> None:
    asked = [numbered(1), numbered(2, "<html><title>Log in</title></html>"), numbered(3)]
    first, refusal, last = await asyncio.gather(*map(pool.parse, asked), return_exceptions=True)

    assert isinstance(first, ParsedFeed)
    assert isinstance(last, ParsedFeed)
    assert isinstance(refusal, FeedUnreadable)
    assert refusal.trouble is Trouble.LOGIN
    assert str(refusal).startswith("https://wire.example/2: the document holds no feed")


async def test_what_hangs_among_many_costs_only_itself() -> None:
    async with ParserPool(timeout_s=3.0) as pool:
        asked = [numbered(1), SLOW, numbered(3)]
        first, slow, last = await asyncio.gather(*map(pool.parse, asked), return_exceptions=True)

    assert isinstance(first, ParsedFeed)
    assert isinstance(last, ParsedFeed)
    assert isinstance(slow, FeedUnreadable)
    assert slow.trouble is Trouble.HEAVY
    assert str(slow).startswith(f"{SLOW.url}: reading the document takes longer than 3 s")


async def test_a_worker_killed_under_many_documents_loses_none(pool: ParserPool) -> None:
    reading = asyncio.gather(*(pool.parse(numbered(number)) for number in range(TOGETHER)))
    await asyncio.sleep(0)
    for worker in find_workers():
        worker.kill()

    assert len(await reading) == TOGETHER


def test_what_fails_among_many_by_no_fault_of_its_own_is_left_to_be_read_alone() -> None:
    def fail() -> Packed:
        raise MemoryError

    def refuse() -> Packed:
        raise FeedUnreadable("is empty")

    packed = pack(parse_feed(rss(item("One")).encode(), url=""))
    done = _parse_all([lambda: packed, fail, refuse, lambda: packed], within_s=60.0)

    assert (done[0], done[1], done[3]) == (packed, None, packed)
    assert isinstance(done[2], FeedUnreadable)


def test_what_comes_after_long_work_among_many_is_left_to_be_read_alone() -> None:
    def work() -> Packed:
        sum(range(1_000_000))
        return packed

    packed = pack(parse_feed(rss(item("One")).encode(), url=""))

    assert _parse_all([work, work, work], within_s=0.0001) == [packed]


async def test_whoever_gives_up_takes_nobody_along(pool: ParserPool) -> None:
    tasks = [asyncio.create_task(pool.parse(numbered(number))) for number in range(TOGETHER)]
    await tasks[0]  # read alone, as nobody else had come; the others are handed over now
    await asyncio.sleep(0)
    tasks[1].cancel()
    tasks[5].cancel()
    done = await asyncio.gather(*tasks, return_exceptions=True)

    assert [place for place, one in enumerate(done) if not isinstance(one, ParsedFeed)] == [1, 5]


async def test_closing_tells_all_who_wait() -> None:
    async with ParserPool(timeout_s=60.0) as pool:
        reading = [asyncio.create_task(pool.parse(one)) for one in (SLOW, numbered(1), SLOW)]
        await asyncio.sleep(0.5)
    done = await asyncio.wait_for(asyncio.gather(*reading, return_exceptions=True), 20)

    assert {type(one) for one in done} <= {FeedUnreadable, ParsedFeed}
    assert any("the program is stopping" in str(one) for one in done)
    assert find_workers() == []


async def test_the_marks_of_the_document_before_reach_the_worker(pool: ParserPool) -> None:
    before = await pool.parse(numbered(1))
    again = await pool.parse(numbered(1), seen=before.marks)

    assert before.marks
    assert (again.entries, again.unchanged, again.marks) == ((), 1, before.marks)


def test_a_packed_feed_is_the_same_feed() -> None:
    document = rss(
        item("One", link="https://w.example/1", pubDate="Tue, 09 Jan 2018 08:30:00 GMT"),
        channel="<title>Wire</title><ttl>5</ttl>",
    )
    feed = parse_feed(document.encode(), url="https://w.example/")

    assert unpack(pack(feed)) == feed
