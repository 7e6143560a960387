"""What happens in a worker process, which reads what nobody vouches for."""

from __future__ import annotations

import os
import resource
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from bot.parsing import read_article

_Read = TypeVar("_Read")


def limit_worker(max_memory_bytes: int, is_for_pages: bool, niceness: int) -> None:
    """Make this process one that can be killed and cannot grow.

    Args:
        max_memory_bytes, is_for_pages: see ``ParserPool``.
        niceness: see nice(2).
    """
    # Python's handlers wait for the interpreter, which a hung parser never gives back.
    for number in (signal.SIGTERM, signal.SIGALRM, signal.SIGPROF):
        signal.signal(number, signal.SIG_DFL)
    os.nice(niceness)
    if is_for_pages:
        read_article(b"<p>Loads what reading takes.</p>", url="", content_type="text/html")
    if sys.platform == "linux":
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        limit = pages * resource.getpagesize() + max_memory_bytes
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        if hard == resource.RLIM_INFINITY or limit < hard:
            resource.setrlimit(resource.RLIMIT_AS, (limit, hard))


def work(read: Callable[[], _Read], alarm_s: float, cpu_s: float) -> _Read:
    """What ``read`` returns or raises; alarms end it even in C code, and without a parent.

    Args:
        alarm_s: seconds of wall time, after which this process ends.
        cpu_s: seconds of its own work, 0 for any number: a busy machine costs a good document
            nothing of these.
    """
    signal.setitimer(signal.ITIMER_REAL, alarm_s)
    signal.setitimer(signal.ITIMER_PROF, cpu_s)
    try:
        return read()
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
