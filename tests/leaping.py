"""An event loop that does not wait: its clock leaps from timer to timer."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine, Iterator, Sequence
from functools import partial
from itertools import cycle, repeat
from typing import Any, TypeVar

T = TypeVar("T")


class _Leaping(selectors.DefaultSelector):
    """Instead of waiting it moves the clock on, now and then by more than it should."""

    now = 0.0
    late: Iterator[float] = repeat(0.0)

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self.now += timeout + next(self.late) if timeout else 0.0
        return super().select(0)


class LeapingLoop(asyncio.SelectorEventLoop):
    """asyncio's own loop on a clock that leaps from timer to timer."""

    def __init__(self, late: Sequence[float] = (0.0,)) -> None:
        self._leaping = _Leaping()
        self._leaping.late = cycle(late)
        super().__init__(self._leaping)

    def time(self) -> float:
        return self._leaping.now


def run(make: Callable[[], Coroutine[Any, Any, T]], *, late: Sequence[float] = (0.0,)) -> T:
    """What ``make`` gives on a loop whose timers are late by so many seconds, in turn."""
    with asyncio.Runner(loop_factory=partial(LeapingLoop, late)) as runner:
        return runner.run(asyncio.wait_for(make(), 100_000))
