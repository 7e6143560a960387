"""What the core tells of the time it takes; who counts it, and with what, is the edge's matter."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from enum import StrEnum
from functools import wraps
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

_Args = ParamSpec("_Args")
_Result = TypeVar("_Result")


class Stage(StrEnum):
    """What a poll does, in order; where nothing is new, the first and the last alone."""

    FETCH = "fetch"  # ask the server, the wait for its host's turn included
    PARSE = "parse"  # read the document, the wait for a worker included
    MATCH = "match"  # judge each entry
    SUMMARISE = "summarise"  # make what posts say, articles fetched for that included
    DECIDE = "decide"  # read the stories that an entry may join, and file it
    COMMIT = "commit"  # write all of it


class Meter(Protocol):
    """Is told how long things took; cheap, and never raises."""

    def note_stage(self, stage: Stage, took_s: float) -> None:
        """A stage of a poll took so many seconds, whether it ended well or not."""
        ...


class NoMeter:
    """Counts nothing."""

    def note_stage(self, stage: Stage, took_s: float) -> None:
        """Nothing."""


class Metered(Protocol):
    """Has a meter."""

    @property
    def meter(self) -> Meter:
        """What is told."""
        ...


_Self = TypeVar("_Self", bound=Metered)
_Method = Callable[Concatenate[_Self, _Args], Coroutine[Any, Any, _Result]]


def timed(
    stage: Stage,
) -> Callable[[_Method[_Self, _Args, _Result]], _Method[_Self, _Args, _Result]]:
    """Have the meter of its object told how long each call of a method took."""

    def decorate(method: _Method[_Self, _Args, _Result]) -> _Method[_Self, _Args, _Result]:
        @wraps(method)
        async def measured(self: _Self, /, *args: _Args.args, **kwargs: _Args.kwargs) -> _Result:
            clock = asyncio.get_running_loop().time
            began = clock()
            try:
                return await method(self, *args, **kwargs)
            finally:
                self.meter.note_stage(stage, clock() - began)

        return measured

    return decorate
