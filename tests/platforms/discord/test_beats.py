"""What the log says of heartbeats."""

from __future__ import annotations

import threading
import time

import pytest
from discord.gateway import KeepAliveHandler

from tests.platforms.discord.desk import Desk, open_desk

INTERVAL_S = 41.25


def beats_of(desk: Desk) -> KeepAliveHandler:
    (client,) = desk.clients
    threads = [one for one in threading.enumerate() if isinstance(one, KeepAliveHandler)]
    (ours,) = [one for one in threads if one.ws is client.ws]
    assert ours.interval == INTERVAL_S
    return ours


@pytest.mark.parametrize(("noted_s", "is_told"), [(INTERVAL_S + 0.05, False), (12.0, True)])
async def test_an_answer_before_its_beat_was_noted_is_not_late(
    caplog: pytest.LogCaptureFixture, noted_s: float, is_told: bool
) -> None:
    async with open_desk() as desk:
        beats = beats_of(desk)
        beats._last_send = time.perf_counter() - noted_s  # of the beat before, or of its own
        beats.ack()

        assert ("Can't keep up" in caplog.text) == is_told
