"""Processes that a test starts: none outlives it, however the test ends.

Each is started in a session of its own (``start_new_session=True``), so that what it started in
turn, its workers, can be ended with it.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import suppress

import pytest

_started: list[int] = []


def note_started(pid: int) -> None:
    """The process ``pid``, the first of its session, is ended with the test at the latest."""
    _started.append(pid)


@pytest.fixture(autouse=True)
def _no_process_outlives_its_test() -> Iterator[None]:
    yield
    while _started:
        with suppress(ProcessLookupError):
            os.killpg(_started.pop(), signal.SIGKILL)
