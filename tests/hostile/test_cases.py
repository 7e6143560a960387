"""Every attack goes the whole way through a bot, and comes to what it must."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.scheduling.workers import ParserPool
from tests.hostile.judging import find_harm
from tests.hostile.lab import Siege, meet
from tests.servers.hostile import CASES, Case

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_an_attack_comes_to_what_it_must(
    case: Case, siege: Siege, parser: ParserPool, tmp_path: Path
) -> None:
    async with asyncio.timeout(case.most_s):  # a guard against hanging; no measure of speed
        outcome = await meet(case, siege, parser, tmp_path)

    assert find_harm(outcome) == []


async def test_no_two_attacks_share_a_name_or_a_host() -> None:
    assert len({case.name for case in CASES}) == len(CASES)
    hosts = [name for case in CASES for name in case.names]
    assert len(set(hosts)) == len(hosts)
