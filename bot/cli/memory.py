"""Memory that was freed goes back to the system, in a process that runs for months.

Both are for the GNU C library; where there is another, they do nothing.
"""

from __future__ import annotations

import ctypes
import gc
from typing import Any, Final

_M_ARENA_MAX: Final = -8  # of malloc.h


def share_one_heap() -> None:
    """Let all threads take memory from one heap; to be called before there are threads.

    Otherwise each of them gets its own, which keeps what its thread has freed: 6 to 8 MB of
    the threads of the database. Python lets one thread run at a time, so that none waits.

    Source: mallopt(3), M_ARENA_MAX.
    """
    if mallopt := _find_or_none("mallopt"):
        mallopt(_M_ARENA_MAX, 1)


def give_back() -> None:
    """Return what start-up has freed, and take what it made out of the collector's rounds.

    Modules, catalogue and schema live as long as the process; walking over them in every
    full collection held the event loop for 70 to 120 ms.

    Source: malloc_trim(3).
    """
    gc.collect()
    gc.freeze()
    if malloc_trim := _find_or_none("malloc_trim"):
        malloc_trim(0)


def _find_or_none(function: str) -> Any:  # a C function has no type
    return getattr(ctypes.CDLL(None), function, None)
