"""What takes long is read apart: whoever is quick does not wait for it."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from functools import partial
from typing import Any

import psutil
import pytest

from bot.errors import FeedUnreadable, Trouble
from bot.model import Fetched
from bot.scheduling.lane import Lane, OutOfTime
from bot.scheduling.workers import PATIENT, PATIENT_NICENESS, ParserPool
from tests.scheduling.test_workers import (
    HANGS,
    PLAIN,
    SLOW,
    SLOWISH,
    find_workers,
    is_read,
)
from tests.scheduling.test_workers_together import SLOW as SMALL
from tests.scheduling.test_workers_together import numbered

ENDLESS = range(10**12)


def is_loaded(module: str) -> bool:
    return module in sys.modules


@asynccontextmanager
async def open_lane(**limits: Any) -> AsyncIterator[Lane]:
    """A lane with one worker."""
    settings = {"workers": 1, "limit_s": 60.0, "max_memory_bytes": 2**30, **limits}
    lane = Lane(**settings)
    lane.open()
    try:
        yield lane
    finally:
        await lane.close()


async def wait_for_patient_worker(*, other_than: int = 0) -> psutil.Process:
    """One that has worked for longer than starting and a quick document take."""
    async with asyncio.timeout(60):
        while True:
            for worker in find_workers(busy=True):
                with suppress(psutil.NoSuchProcess):  # it was killed since it was found
                    if worker.pid != other_than and worker.cpu_times().user > 2.0:
                        return worker
            await asyncio.sleep(0.05)


async def test_good_documents_do_not_wait_for_those_that_hang() -> None:
    async with ParserPool(timeout_s=60.0, quick_s=0.5) as pool:
        hanging = [asyncio.create_task(pool.parse(HANGS)) for _ in range(3)]
        await wait_for_patient_worker()
        feeds = await asyncio.gather(*(pool.parse(PLAIN) for _ in range(40)))
        page = await pool.extract(Fetched(url="", body=b"<p>A page.</p>", content_type="text/html"))

        assert all(map(is_read, feeds))
        assert page == ""  # too short for an article
        assert [one.done() for one in hanging] == [False] * 3
        for one in hanging:
            one.cancel()


async def test_neighbours_of_a_small_document_that_hangs_do_not_wait_for_it() -> None:
    async with ParserPool(timeout_s=600.0, quick_s=0.5) as pool:
        first = asyncio.create_task(pool.parse(numbered(0)))
        hanging = asyncio.create_task(pool.parse(SMALL))
        others = [asyncio.create_task(pool.parse(numbered(n))) for n in range(1, 5)]
        async with asyncio.timeout(120):  # a guard; without the other lane it is ten minutes
            feeds = await asyncio.gather(first, *others)

        assert [feed.entries[0].guid for feed in feeds] == list("01234")
        assert not hanging.done()
        hanging.cancel()


async def test_a_small_document_waits_for_no_large_one() -> None:
    async with ParserPool(timeout_s=60.0, quick_s=60.0) as pool:
        hanging = asyncio.create_task(pool.parse(HANGS))
        await wait_for_patient_worker()

        assert is_read(await pool.parse(PLAIN))
        assert not hanging.done()
        hanging.cancel()


async def test_a_document_that_takes_long_is_read_all_the_same() -> None:
    async with ParserPool(timeout_s=60.0, quick_s=0.1) as pool:
        feed = await pool.parse(SLOW)

        assert [entry.title for entry in feed.entries] == ["Bait"]
        async with asyncio.timeout(30):
            while len(find_workers()) < 2:  # noqa: ASYNC110 - the first is replaced in a moment
                await asyncio.sleep(0.05)


async def test_what_took_long_costs_no_other_worker_the_next_time() -> None:
    async with ParserPool(timeout_s=60.0, quick_s=0.1) as pool:
        await pool.parse(SLOW)
        await pool.parse(PLAIN)  # its worker is the second: SLOW ended the first
        workers = find_workers()
        assert len(workers) == 2
        await pool.parse(SLOW)

        assert find_workers() == workers


async def test_what_takes_long_no_more_is_soon_read_with_the_others() -> None:
    async with ParserPool(timeout_s=60.0, quick_s=0.5) as pool:
        slow = replace(SLOW, url="https://mends.example/rss")
        mended = replace(PLAIN, url=slow.url)
        await pool.parse(slow)
        await pool.parse(mended)
        hanging = [asyncio.create_task(pool.parse(HANGS)) for _ in range(PATIENT)]
        await wait_for_patient_worker()

        assert is_read(await pool.parse(mended))  # the patient lane would refuse it
        for one in hanging:
            one.cancel()


async def test_no_more_are_known_for_taking_long_than_there_may_be(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bot.scheduling.workers.KNOWN", 1)
    async with ParserPool(timeout_s=60.0, quick_s=0.1) as pool:
        await pool.parse(SLOW)
        await pool.parse(replace(SLOW, url="https://other.example/rss"))
        await pool.parse(PLAIN)
        workers = find_workers()
        await pool.parse(SLOW)  # not known any more: it costs a worker again
        await pool.parse(PLAIN)

        assert find_workers() != workers


async def test_the_patient_worker_leaves_the_processor_to_others() -> None:
    async with ParserPool(timeout_s=60.0, quick_s=0.1) as pool:
        await pool.parse(PLAIN)
        (ordinary,) = find_workers()
        hanging = asyncio.create_task(pool.parse(HANGS))
        patient = await wait_for_patient_worker()

        assert patient.nice() == ordinary.nice() + PATIENT_NICENESS
        hanging.cancel()


async def test_workers_are_forked_with_all_they_need() -> None:
    async with open_lane() as lane:
        assert await lane.run("", partial(is_loaded, "bot.scheduling.preload"))


async def test_a_patient_worker_that_is_killed_costs_a_retry_and_two_the_document() -> None:
    async with ParserPool(timeout_s=60.0, quick_s=0.1) as pool:
        hanging = asyncio.create_task(pool.parse(HANGS))
        first = await wait_for_patient_worker()
        first.kill()
        (await wait_for_patient_worker(other_than=first.pid)).kill()

        with pytest.raises(FeedUnreadable, match=r"ended two workers.*exit code -9"):
            await hanging


async def test_giving_up_a_patient_document_ends_its_work() -> None:
    async with ParserPool(timeout_s=60.0, quick_s=0.1) as pool:
        hanging = asyncio.create_task(pool.parse(HANGS))
        worker = await wait_for_patient_worker()
        hanging.cancel()

        assert (await pool.parse(SLOW)).entries  # behind it, in the same lane
        assert not worker.is_running()


async def test_closing_ends_what_is_read_and_what_waits_in_patience() -> None:
    async with ParserPool(timeout_s=60.0, quick_s=0.1) as pool:
        hanging = [asyncio.create_task(pool.parse(HANGS)) for _ in range(2)]
        await wait_for_patient_worker()
    done = await asyncio.wait_for(asyncio.gather(*hanging, return_exceptions=True), 10)

    assert all("the program is stopping" in str(one) for one in done)
    assert find_workers() == []


async def test_many_that_hang_may_not_keep_all_places_of_polls() -> None:
    async with ParserPool(timeout_s=60.0, quick_s=0.1) as pool:
        hanging = [asyncio.create_task(pool.parse(HANGS)) for _ in range(PATIENT + 3)]
        refused: list[Trouble] = []
        for done in asyncio.as_completed(hanging):
            with pytest.raises(FeedUnreadable, match=f"{PATIENT} others that do") as refusal:
                await done
            assert not refusal.value.was_read
            refused.append(refusal.value.trouble)
            if len(refused) == 3:
                break

        assert refused == [Trouble.HEAVY] * 3
        assert sum(not one.done() for one in hanging) == PATIENT
        assert is_read(await pool.parse(PLAIN))
        for one in hanging:
            one.cancel()
        await asyncio.gather(*hanging, return_exceptions=True)
        assert (await pool.parse(SLOW)).entries


async def test_of_those_that_took_too_long_before_one_is_tried_at_a_time() -> None:
    hopeless = [replace(HANGS, url=f"https://{n}.example/rss") for n in range(3)]
    async with ParserPool(timeout_s=2.0, quick_s=0.1) as pool:
        for one in hopeless:
            with pytest.raises(FeedUnreadable, match="longer than 2 s"):
                await pool.parse(one)
        again = [asyncio.create_task(pool.parse(one)) for one in hopeless]
        await asyncio.sleep(0)
        slow = asyncio.create_task(pool.parse(SLOWISH))
        said = await asyncio.gather(*again, return_exceptions=True)

        assert (await slow).entries
        with pytest.raises(FeedUnreadable, match="longer than 2 s"):
            await pool.parse(hopeless[1])  # the next, once that one is done

    assert [type(one) for one in said] == [FeedUnreadable] * 3
    assert ["longer than 2 s" in str(one) for one in said] == [True, False, False]
    assert "took too long the last time" in str(said[1])


async def test_a_place_in_the_patient_lane_is_given_back() -> None:
    async with ParserPool(timeout_s=60.0, quick_s=0.1) as pool:
        for _ in range(PATIENT + 1):
            assert (await pool.parse(SLOW)).entries


async def test_work_is_measured_and_not_the_time_that_a_busy_machine_takes() -> None:
    async with open_lane(cpu_s=0.3) as lane:
        await lane.run("", partial(time.sleep, 1.0))
        worker = await lane.run("", os.getpid)
        with pytest.raises(OutOfTime):
            await lane.run("", partial(sum, ENDLESS))

        assert await lane.run("", os.getpid) != worker


async def test_what_one_document_used_is_not_held_against_the_next() -> None:
    async with open_lane(cpu_s=1.0) as lane:
        worker = await lane.run("", os.getpid)
        for _ in range(5):
            await lane.run("", partial(sum, range(20_000_000)))

        assert await lane.run("", os.getpid) == worker


async def test_a_worker_with_nothing_to_do_is_ended_until_there_is_something() -> None:
    async with open_lane(idle_s=0.2) as lane:
        worker = psutil.Process(await lane.run("", os.getpid))
        async with asyncio.timeout(30):
            while worker.is_running():  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.05)

        assert await lane.run("", os.getpid) != worker.pid


async def test_a_worker_is_not_idle_while_it_reads() -> None:
    async with open_lane(idle_s=0.5) as lane:
        worker = await lane.run("", os.getpid)
        await lane.run("", partial(time.sleep, 1.5))

        assert await lane.run("", os.getpid) == worker
