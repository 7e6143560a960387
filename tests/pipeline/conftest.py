"""A newsroom for every test; one parser for all: a worker starts slowly."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from bot.scheduling.workers import ParserPool
from tests.pipeline.lab import Newsroom, open_newsroom


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def parser() -> AsyncIterator[ParserPool]:
    async with ParserPool(timeout_s=60.0) as pool:
        yield pool


@pytest_asyncio.fixture(loop_scope="module")
async def room(tmp_path: Path, parser: ParserPool) -> AsyncIterator[Newsroom]:
    async with open_newsroom(tmp_path, parser) as opened:
        yield opened
