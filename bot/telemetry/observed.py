"""The parts of a poll as they are, with somebody who counts and keeps the time.

Each stands where the part itself would: the pipeline does not know that it is looked at. On the
debug level they say what each stage of a poll did; every line of a poll has its id.
"""

from __future__ import annotations

import asyncio
import logging
import random
from itertools import count
from typing import Protocol

from bot.errors import FeedError
from bot.model import Feed, Fetched, ParsedFeed
from bot.pipeline.poll import Poller
from bot.pipeline.report import PollReport
from bot.ports import Clock, Fetcher, Meter, NoMeter, Parser, Stage, tracing
from bot.telemetry.outcomes import DOCUMENT, READ, UNCHANGED, outcome_of_failure

log = logging.getLogger(__name__)


class PollMeter(Meter, Protocol):
    """Is told of polls; see ``bot.telemetry.metrics``, which needs a library for it."""

    def note_fetch(self, outcome: str, size: int = 0) -> None:
        """A feed's server gave ``size`` bytes, or what ``outcome`` says."""
        ...

    def note_parse(self, outcome: str) -> None:
        """A document was read, or what ``outcome`` says."""
        ...

    def note_poll(self, report: PollReport, *, took_s: float, late_s: float) -> None:
        """A poll ended."""
        ...

    def note_broken(self) -> None:
        """A poll ended on a defect of ours."""
        ...

    def note_report(self, report: PollReport) -> None:
        """A document that was pushed is filed."""
        ...


class NoPollMeter(NoMeter):
    """Counts nothing."""

    def note_fetch(self, outcome: str, size: int = 0) -> None:
        """Nothing."""

    def note_parse(self, outcome: str) -> None:
        """Nothing."""

    def note_poll(self, report: PollReport, *, took_s: float, late_s: float) -> None:
        """Nothing."""

    def note_broken(self) -> None:
        """Nothing."""

    def note_report(self, report: PollReport) -> None:
        """Nothing."""


class ObservedFetcher:
    """A Fetcher that is looked at."""

    def __init__(self, fetcher: Fetcher, meter: PollMeter) -> None:
        self._fetcher = fetcher
        self._meter = meter

    async def fetch(self, feed: Feed, *, conditional: bool) -> Fetched:
        """Ask for ``feed`` once.

        Raises:
            FeedError: as by the fetcher itself.
        """
        clock = asyncio.get_running_loop().time
        began = clock()
        try:
            fetched = await self._fetcher.fetch(feed, conditional=conditional)
        except FeedError as error:
            self._meter.note_fetch(outcome_of_failure(error))
            raise
        finally:
            took_s = clock() - began
            self._meter.note_stage(Stage.FETCH, took_s)
        size = len(fetched.body or b"")
        self._meter.note_fetch(UNCHANGED if fetched.body is None else DOCUMENT, size)
        if log.isEnabledFor(logging.DEBUG):
            what = "unchanged" if fetched.body is None else f"{size} bytes"
            log.debug("%s: %s after %.3f s", feed.name, what, took_s)
        return fetched


class ObservedParser:
    """A Parser that is looked at."""

    def __init__(self, parser: Parser, meter: PollMeter) -> None:
        self._parser = parser
        self._meter = meter

    async def parse(self, fetched: Fetched, *, seen: bytes = b"") -> ParsedFeed:
        """Read the body of ``fetched``.

        Raises:
            FeedUnreadable: as by the parser itself.
        """
        clock = asyncio.get_running_loop().time
        began = clock()
        try:
            parsed = await self._parser.parse(fetched, seen=seen)
        except FeedError as error:
            self._meter.note_parse(outcome_of_failure(error))
            raise
        finally:
            took_s = clock() - began
            self._meter.note_stage(Stage.PARSE, took_s)
        self._meter.note_parse(READ)
        log.debug(
            "read %d entries and passed over %d known ones in %.3f s",
            len(parsed.entries), parsed.unchanged, took_s,
        )  # fmt: skip
        return parsed


class ObservedPoller:
    """A Poller that is looked at; each poll gets an id."""

    def __init__(self, poller: Poller, meter: PollMeter, *, clock: Clock) -> None:
        self._poller = poller
        self._meter = meter
        self._clock = clock
        self._since = clock()  # what fell due before has waited for the start
        self._ids = count(random.getrandbits(32))

    async def poll(self, feed: Feed) -> PollReport:
        """Ask ``feed`` once and commit what came of it."""
        poll_id = self._make_id()
        with tracing(poll=poll_id):
            clock = asyncio.get_running_loop().time
            began = clock()
            late_s = (self._clock() - max(feed.next_due_at, self._since)).total_seconds()
            try:
                report = await self._poller.poll(feed)
            except Exception as error:
                error.add_note(f"poll={poll_id}")  # whoever logs it has left the poll
                self._meter.note_broken()
                raise
            self._meter.note_poll(report, took_s=clock() - began, late_s=max(0.0, late_s))
        return report

    async def take(self, feed: Feed, pushed: Fetched) -> PollReport:
        """File what a hub sent of ``feed`` unasked, and commit it."""
        with tracing(poll=self._make_id()):
            report = await self._poller.take(feed, pushed)
            self._meter.note_report(report)
        return report

    def _make_id(self) -> str:
        return f"{next(self._ids) & 0xFFFFFFFF:08x}"
