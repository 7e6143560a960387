"""Signs of life, and the last word of a bot that stops."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.scheduling.life import ALIVE_WITHIN, Life, load_life, note_stop
from bot.store import open_store
from tests.builders import NOW

SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("life", "is_running", "told"),
    [
        (Life(), False, ""),
        (Life(NOW), True, "last sign of life 0 s ago"),
        (Life(NOW - ALIVE_WITHIN), True, "last sign of life 60 s ago"),
        (Life(NOW - ALIVE_WITHIN - SECOND), False, "last sign of life 61 s ago"),
        (Life(NOW - 2 * SECOND, NOW - SECOND), False, "stopped 1 s ago"),
        (Life(NOW - SECOND, NOW - 2 * SECOND), True, "last sign of life 1 s ago"),
        (Life(None, NOW), False, "stopped 0 s ago"),
    ],
)
def test_a_bot_runs_for_a_minute_after_its_last_sign_of_life_unless_it_stopped(
    life: Life, is_running: bool, told: str
) -> None:
    assert life.is_running(NOW) is is_running
    assert life.tell_last_sign(NOW) == told


async def test_what_a_bot_says_of_itself_is_kept() -> None:
    async with await open_store("sqlite://") as store:
        assert await load_life(store) == Life()

        await store.record_beat(NOW)
        await note_stop(store, NOW + SECOND)

        assert await load_life(store) == Life(NOW, NOW + SECOND)
