"""Tests of bot/cli/memory.py."""

from __future__ import annotations

import gc
import platform
import subprocess
import sys

import pytest

from bot.cli.memory import give_back

COUNT_HEAPS = """
import ctypes, sys, threading
from bot.cli.memory import share_one_heap

if sys.argv[1] == "one":
    share_one_heap()
malloc = ctypes.CDLL(None).malloc
malloc.restype = ctypes.c_void_p
thread = threading.Thread(target=malloc, args=(2000,))
thread.start()
thread.join()
ctypes.CDLL(None).malloc_stats()
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library")
@pytest.mark.parametrize(("heaps", "shares"), [("one", True), ("as usual", False)])
def test_threads_share_one_heap(heaps: str, shares: bool) -> None:
    command = [sys.executable, "-c", COUNT_HEAPS, heaps]
    done = subprocess.run(command, check=True, capture_output=True, text=True)

    assert "Arena 0" in done.stderr
    assert ("Arena 1" not in done.stderr) is shares


def test_what_start_up_made_is_no_work_for_the_collector() -> None:
    made = [object() for _ in range(10)]
    try:
        give_back()
        assert gc.get_freeze_count() > 0
        assert not any(one is made for one in gc.get_objects())
    finally:
        gc.unfreeze()
