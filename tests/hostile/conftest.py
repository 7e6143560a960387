"""One hostile server and one set of workers for a module: both start slowly."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from bot.scheduling.workers import ParserPool
from tests.hostile.lab import Siege, besieged


@pytest.fixture(scope="module")
def siege() -> Iterator[Siege]:
    """All attacks, at their addresses."""
    with besieged() as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def parser() -> AsyncIterator[ParserPool]:
    """A worker with the memory of a bot that nobody configured, and time for a busy machine."""
    async with ParserPool(timeout_s=120.0) as pool:
        yield pool
