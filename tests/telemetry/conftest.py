"""The log as it was before each test, and an outbox."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bot.store import open_store
from bot.telemetry.logs import HANDLER
from tests.delivery.lab import Outbox


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    root, ours = logging.getLogger(), logging.getLogger("bot")
    levels = root.level, ours.level
    yield
    root.setLevel(levels[0])
    ours.setLevel(levels[1])
    for handler in [one for one in root.handlers if one.get_name() == HANDLER]:
        root.removeHandler(handler)


@pytest.fixture
async def outbox(tmp_path: Path) -> AsyncIterator[Outbox]:
    """An outbox on SQLite."""
    async with await open_store(f"sqlite:///{tmp_path}/newsbot.sqlite3") as store:
        yield Outbox(store)
