"""Forty feeds for a day, with every fault and three restarts: nothing lost, nothing twice."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from bot.pipeline.report import PollResult
from bot.scheduling.workers import ParserPool
from tests.pipeline.day import RESTARTS, Day, live_a_day, run
from tests.pipeline.outlets import FAULTS

FEEDS = 40


async def live(folder: Path) -> Day:
    async with ParserPool(timeout_s=60.0) as parser:
        return await live_a_day(folder, parser, feeds=FEEDS, hosts=10)


def test_a_day_of_faults_loses_nothing_and_tells_nothing_twice(tmp_path: Path) -> None:
    day = run(partial(live, tmp_path))

    assert (day.lost, day.twice) == ([], [])
    assert (day.untold, day.told_twice) == ([], [])
    # It was a day worth living through.
    assert day.news >= 8
    assert day.published > 1_000
    assert set(day.faults) == set(FAULTS)
    assert day.restarts == len(RESTARTS)
    assert min(day.polls[result] for result in PollResult) > FEEDS
