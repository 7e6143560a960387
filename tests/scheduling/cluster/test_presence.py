"""A process that says that it lives, on a real store."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.model import ProcessRole
from bot.scheduling.absence import Absence
from bot.scheduling.cluster.presence import ALIVE_WITHIN, Presence, this_process
from bot.store import is_away, open_store

NOW = datetime(2018, 1, 9, 8, 0, tzinfo=UTC)
PATIENCE_S = 30.0


async def test_a_sign_of_life_tells_that_the_database_is_back(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever its roles are: a process that neither polls nor leads says so too."""
    absence, stop = Absence(is_away), asyncio.Event()
    process = this_process(frozenset({ProcessRole.DELIVER}), now=NOW)
    async with await open_store(f"sqlite:///{tmp_path}/db") as store:
        presence = Presence(store, process, clock=lambda: NOW, absence=absence)
        absence.note(TimeoutError("no answer"))
        running = asyncio.create_task(presence.run(stop, grace_s=1.0))
        async with asyncio.timeout(PATIENCE_S):
            while not await store.find_processes(now=NOW, within=ALIVE_WITHIN):  # noqa: ASYNC110  # a database
                await asyncio.sleep(0.01)
        stop.set()
        await running
        gone = await store.find_processes(now=NOW, within=ALIVE_WITHIN)

    assert [message.partition(":")[0] for message in caplog.messages] == [
        "the database (database.url) does not answer",
        "the database answers again",
    ]
    assert gone == ()
