from __future__ import annotations

import asyncio
import subprocess
import sys
import time

import pytest

from bot.telemetry.health import LoopMonitor, read_memory

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


async def test_a_window_starts_anew_and_the_total_goes_on() -> None:
    async with LoopMonitor(tick_s=0.01) as monitor:
        await asyncio.sleep(0.03)
        block()
        await asyncio.sleep(0.03)
        first = monitor.take_window()
        second = monitor.take_window()

        assert first.worst_s >= BLOCK_S - 0.02
        assert (second.ticks, second.worst_s) == (0, 0.0)
        assert monitor.total.worst_s == first.worst_s


async def test_nothing_goes_on_watching_after_the_end() -> None:
    before = asyncio.all_tasks()
    async with LoopMonitor() as monitor:
        await asyncio.sleep(0.05)
    seen = monitor.total
    await asyncio.sleep(0.05)

    assert monitor.total == seen
    assert asyncio.all_tasks() == before


def test_memory_grows_with_what_is_held_and_the_peak_stays() -> None:
    before = read_memory()
    held = bytearray(b"x" * 80_000_000)
    during = read_memory()
    del held

    assert during.now_bytes - before.now_bytes > 60_000_000
    assert read_memory().peak_bytes >= during.now_bytes
    assert before.now_bytes <= before.peak_bytes


def test_memory_of_another_process_is_its_own() -> None:
    code = "held = b'x' * 60_000_000; print('ready', flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        seen = read_memory(child.pid)
        child.communicate("\n")

    assert 60_000_000 < seen.now_bytes <= seen.peak_bytes < 120_000_000


def test_memory_of_nobody_is_refused() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as child:
        child.wait()

    with pytest.raises(ProcessLookupError, match=str(child.pid)):
        read_memory(child.pid)
