"""A small contest with all pollers: they store the same, and nothing of it stays behind."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
from asyncio.subprocess import PIPE
from pathlib import Path

import psutil
import pytest

from bot.bench import Contest, Phase, find_pollers, run_contest
from bot.bench.helper import Helper
from bot.errors import OperatorError


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary folders are made; empty."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def helpers() -> list[int]:
    """The processes of ours that are still there."""
    return [process.pid for process in psutil.Process().children(recursive=True)]


def left_in(folder: Path) -> list[Path]:
    return list(folder.iterdir())


async def test_all_pollers_are_given_and_store_the_same(scratch: Path) -> None:
    told: list[str] = []
    contest = Contest(feeds=3, rounds=1, pollers=tuple(find_pollers()))

    figures = await run_contest(
        contest, stop=asyncio.Event(), told=lambda _, what: told.append(what)
    )

    assert figures is not None
    assert list(figures.rounds) == ["newsbot", "plain", "reader"]
    assert figures.find_flaws() == ()
    for phases in figures.rounds.values():
        assert [phases[phase][0].entries for phase in Phase] == [60, 60, 63]
        assert all(rounds[0].cpu_s > 0 for rounds in phases.values())
        assert all(rounds[0].peak_bytes > 10_000_000 for rounds in phases.values())
    assert len(told) == contest.steps == 9
    assert left_in(scratch) == []


async def test_a_contest_that_is_stopped_leaves_nothing(scratch: Path) -> None:
    before, stop = set(helpers()), asyncio.Event()

    figures = await run_contest(
        Contest(feeds=3, rounds=1, pollers=("newsbot",)), stop=stop, told=lambda *_: stop.set()
    )

    assert figures is None
    assert set(helpers()) <= before
    assert left_in(scratch) == []


async def test_a_helper_that_fails_says_why(tmp_path: Path) -> None:
    errors = tmp_path / "errors.txt"
    missing = tmp_path / "missing"

    async with Helper("bot.bench.poller", "plain", str(missing), errors=errors) as helper:
        with pytest.raises(OperatorError, match="unable to open database file"):
            await helper.ask("poll")


async def test_a_helper_whose_benchmark_was_killed_ends_by_itself() -> None:
    helper = await asyncio.create_subprocess_exec(
        *[sys.executable, "-m", "bot.bench.farm", "2", "1515500000"],
        stdin=PIPE,
        stdout=PIPE,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert helper.stdin
    assert helper.stdout
    helper.stdin.write(b'["where", {}]\n')
    urls = json.loads(await helper.stdout.readline())["urls"]
    helper.stdin.close()

    async with asyncio.timeout(30):
        assert await helper.wait() == 0
    assert len(urls) == 2
