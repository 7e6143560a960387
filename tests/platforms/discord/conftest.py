from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.platforms.discord.stage import Stage, open_stage


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    """A sender in front of the loopback Discord."""
    async with open_stage() as opened:
        yield opened
