"""``newsbot bench``: figures of this machine, and nothing left behind."""

from __future__ import annotations

import asyncio
import json
import signal
from asyncio.subprocess import Process

import psutil
import pytest

from tests.cli.program import TIMEOUT_S, Newsbot

SMALL = ("bench", "--feeds", "2", "--rounds", "1")


async def test_figures_are_told_for_each_phase_and_nothing_stays(newsbot: Newsbot) -> None:
    answer = await newsbot(*SMALL, TMPDIR=str(newsbot.folder))

    lines = answer.out.splitlines()
    for phase in ("A first poll", "Nothing new", "One new entry"):
        assert any(line.startswith(phase) for line in lines)
    for poller in ("newsbot", "plain loop", "reader"):
        assert sum(line.startswith(f"  {poller}") for line in lines) == 3
    assert "All stored the same: 40 entries, then 42." in lines
    assert answer.err == "newsbot: measuring, round 1 of 1\n"
    assert newsbot.files() == []


async def test_programs_get_one_object_and_a_broken_settings_file_does_not_matter(
    newsbot: Newsbot,
) -> None:
    newsbot.write("config/newsbot.toml", "this is no TOML")

    told = json.loads((await newsbot(*SMALL, "--json")).out)

    assert told["feeds"] == 2
    assert list(told["phases"]) == ["cold", "unchanged", "one new"]
    assert told["flaws"] == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_stop_ends_it_with_all_its_processes(
    newsbot: Newsbot, number: signal.Signals
) -> None:
    process = await newsbot.start("bench", "--feeds", "50", TMPDIR=str(newsbot.folder))
    family = await _wait_for_measuring(process)
    process.send_signal(number)

    async with asyncio.timeout(10):
        answer = await newsbot.finish(process, code=1)

    assert answer.err.endswith("newsbot: stopped before everything was measured\n")
    assert answer.out == ""
    assert len(family) >= 2
    assert not any(map(_is_at_work, family))
    assert newsbot.files() == []


def _is_at_work(process: psutil.Process) -> bool:
    """Whether it is there and not only waiting to be buried."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


async def _wait_for_measuring(process: Process) -> list[psutil.Process]:
    """Until it measures; the processes that it has started."""
    assert process.stderr is not None
    async with asyncio.timeout(TIMEOUT_S):
        line = await process.stderr.readline()
    assert b"measuring" in line
    return psutil.Process(process.pid).children(recursive=True)
