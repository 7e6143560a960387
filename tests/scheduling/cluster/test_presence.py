"""A process that says that it lives, on a real store."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.model import ProcessRole
from bot.scheduling.absence import Absence
from bot.scheduling.cluster.presence import AT_WORK_WITHIN, Presence, this_process
from bot.store import is_away, open_store

NOW = datetime(2018, 1, 9, 8, 0, tzinfo=UTC)


async def test_a_sign_of_life_tells_that_the_database_is_back(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever its roles are: a process that neither polls nor leads says so too."""
    absence = Absence(is_away)
    process = this_process(frozenset({ProcessRole.DELIVER}), now=NOW)
    absence.note(TimeoutError("no answer"))
    async with await open_store(f"sqlite:///{tmp_path}/db") as store:
        async with Presence(store, process, clock=lambda: NOW, absence=absence):
            (alive,) = await store.find_processes(now=NOW, within=AT_WORK_WITHIN)
        gone = await store.find_processes(now=NOW, within=AT_WORK_WITHIN)

    assert alive.name == process.name
    assert gone == ()
    assert [message.partition(":")[0] for message in caplog.messages] == [
        "the database (database.url) does not answer",
        "the database answers again",
    ]
