from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from bot.scheduling.workers import ParserPool


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def pool() -> AsyncIterator[ParserPool]:
    async with ParserPool(timeout_s=60.0) as pool:
        yield pool
