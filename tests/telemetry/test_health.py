from __future__ import annotations

import asyncio
import time

from bot.telemetry.health import LoopMonitor

BLOCK_S = 0.3  # far above both the threshold and what a busy machine adds


def block() -> None:
    """What must not happen on the loop, done on purpose."""
    time.sleep(BLOCK_S)


async def test_a_blocked_loop_is_seen_and_counted() -> None:
    async with LoopMonitor(tick_s=0.01) as monitor:
        await asyncio.sleep(0.05)
        block()
        await asyncio.sleep(0.05)

    assert monitor.worst_ms >= (BLOCK_S - 0.02) * 1000
    assert monitor.total.stalls >= 1
    assert monitor.total.span_s >= BLOCK_S + 0.1


async def test_a_stall_right_before_the_end_is_seen() -> None:
    async with LoopMonitor(tick_s=0.01) as monitor:
        block()

    assert monitor.total.stalls == 1


async def test_waiting_is_no_stall() -> None:
    async with LoopMonitor(tick_s=1.0, late_s=0.9) as monitor:  # one wait is longer than "late"
        await asyncio.sleep(1.1)

    assert monitor.total.stalls == 0
    assert monitor.total.span_s >= 1.1


async def test_nothing_goes_on_watching_after_the_end() -> None:
    before = asyncio.all_tasks()
    async with LoopMonitor() as monitor:
        await asyncio.sleep(0.05)
    seen = monitor.total
    await asyncio.sleep(0.05)

    assert monitor.total == seen
    assert asyncio.all_tasks() == before
