"""The short form of ``python -m tests.bench.fleet chaos``."""

from __future__ import annotations

from tests.fleet.chaos import Plan, run_chaos
from tests.fleet.lab import open_lab


async def test_killed_processes_and_a_restarted_database_lose_and_repeat_nothing() -> None:
    plan = Plan(
        roles={"schedule": 1, "poll": 1, "deliver": 1},
        seconds=12,
        kill_every_s=4,
        most_kills=2,
        restarts=1,
        news_per_s=1,
        others_per_s=2,
        back_after_s=(0.2, 0.4),
    )
    quick = {"NEWSBOT_DELIVER_GATHER_S": "1", "NEWSBOT_DELIVER_LEASE_S": "5"}
    async with open_lab(feeds=20, discord=2, slack=1, interval_s=2, env=quick) as lab:
        outcome = await run_chaos(lab, plan)

    assert outcome.is_good, outcome.tell()
    assert outcome.kills.total() == 2
    assert outcome.findings.entries > 20 * 20
    assert outcome.findings.news
    assert outcome.findings.edits
