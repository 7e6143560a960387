"""Feeds that could not be reached: logged one by one, or as one where our own network is away.

Whether it is away shows only in what becomes of other polls, so the line of such a feed waits
for the next answer, and for ``HOLD_S`` at most.
"""

from __future__ import annotations

import asyncio
import logging
from contextvars import Context, copy_context
from dataclasses import dataclass

from bot.errors import FeedError
from bot.pipeline.outage import NO_WAY, Outage

HOLD_S = 3.0
"""A line waits no longer than this: where all is well feeds are asked and answer within it."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Line:
    fact: str
    what_next: str
    context: Context  # the line has the id of its poll, whenever it is written

    def write(self, level: int) -> None:
        self.context.run(log.log, level, "%s; %s", self.fact, self.what_next)


class Reach:
    """Logs the failures of polls; each of them on ``debug`` while nobody answers.

    Args:
        outage: knows whether our network is away; is told of failures and answers before this.
    """

    def __init__(self, outage: Outage) -> None:
        self._outage = outage
        self._held: list[_Line] = []
        self._timer: asyncio.TimerHandle | None = None
        self._is_told = False

    def note_failure(self, error: FeedError, what_next: str) -> None:
        """A feed gave nothing; ``what_next`` says when it is asked again."""
        line = _Line(error.fact, what_next, copy_context())
        if error.trouble not in NO_WAY:
            line.write(logging.WARNING)
        elif self._is_told:
            line.write(logging.DEBUG)
        else:
            self._held.append(line)
            if self._timer is None:
                self._timer = asyncio.get_running_loop().call_later(HOLD_S, self.tell)

    def note_answer(self, name: str) -> None:
        """The feed ``name`` answered: whatever failed meanwhile failed by itself."""
        if self._is_told:
            self._is_told = False
            log.warning("the network is back: %s answers; the other feeds are asked now", name)
        self._write_held(logging.WARNING)

    def tell(self) -> None:
        """Write what waited, or of all of it that nobody can be reached."""
        if self._held and self._outage.is_sure:
            self._is_told = True
            log.warning(
                "no feed can be reached, the first of %d: %s; the network of this machine seems to "
                "be down. Until it is back, which is told, feeds that fail so are told on debug",
                len(self._held), self._held[0].fact,
            )  # fmt: skip
        self._write_held(logging.DEBUG if self._is_told else logging.WARNING)

    def _write_held(self, level: int) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        held, self._held = self._held, []
        for line in held:
            line.write(level)
