"""What happened, counted, in the form that Prometheus and its like collect.

One object for one bot, with a registry of its own: several bots in one process, as in tests, do
not meet. Labels are of small sets that are known beforehand, never an address, a channel or a
text: what there are ten thousand of belongs in the log. What is counted stands at 0 from the
start, so that the first of a kind is seen as a change.

Sources: Prometheus documentation, "Metric and label naming", "Instrumentation"; OpenMetrics 1.0.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime

import prometheus_client as prom
from prometheus_client.exposition import choose_encoder

from bot import __version__
from bot.delivery.outcomes import Settled
from bot.model import Platform
from bot.pipeline.report import PollReport, PollResult
from bot.ports import Gauges, Stage
from bot.telemetry.collectors import Pool, ProcessGauges, Side, StoreGauges
from bot.telemetry.health import LoopMonitor
from bot.telemetry.outcomes import (
    DELIVERIES,
    EDITED,
    FETCHES,
    PARSES,
    POSTED,
    WAITING,
    outcome_of_delivery,
)

STAGE_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
"""Buckets, in seconds: from a commit that stands alone to the deadline of a fetch."""

LATE_S = (0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 900)
"""The same for what should be at once: from the timer's own grain to an outage."""

CALL_S = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
"""The same for a call of a platform, up to the lease of a delivery."""

DELAY_S = (0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600, 21_600)
"""The same for how old a post is: what is under a minute is news."""

OPENED, TURNED, JOINED, HISTORY = "opened", "turned", "joined", "history"

BROKEN = "broken"
"""A poll that ended on a defect of ours."""


LEVELS = ("warning", "error", "critical")


class Metrics:
    """All that one bot counts; made where it is opened, and handed down.

    Attributes:
        registry: what is exported; nothing of it is shared with another.

    Args:
        platforms: to which it posts.
    """

    def __init__(self, *, platforms: Iterable[Platform] = ()) -> None:
        prom.disable_created_metrics()  # type: ignore[no-untyped-call]  # twice the lines, for nothing
        self.registry = prom.CollectorRegistry()
        known = tuple(platforms)
        self._make_polls()
        self._make_deliveries([platform.value for platform in known])
        lines = self._counter("log_lines", "Lines of the log from warning on.", "level")
        self._lines = {level: lines.labels(level) for level in LEVELS}
        self._gauges = StoreGauges(known)
        self._process = ProcessGauges()
        self.registry.register(self._gauges)
        self.registry.register(self._process)
        prom.ProcessCollector(registry=self.registry)
        info = prom.Gauge(
            "newsbot_build_info", "Which program this is; always 1.", ("version", "python"),
            registry=self.registry,
        )  # fmt: skip
        info.labels(__version__, ".".join(map(str, sys.version_info[:3]))).set(1)

    def _make_polls(self) -> None:
        stages = self._histograms(
            "poll_stage_seconds", "Time a stage of a poll took, waits included.", STAGE_S,
            "stage", *Stage,
        )  # fmt: skip
        self._stages = {stage: stages[stage] for stage in Stage}
        self._poll_s = self._histograms("poll_seconds", "Time a whole poll took.", STAGE_S)[""]
        self._lateness = self._histograms(
            "poll_lateness_seconds", "How long after it was due a poll began.", LATE_S
        )[""]
        polls = self._counter("polls", "Polls that ended, by result.", "result")
        self._polls = {result: polls.labels(result.value) for result in PollResult}
        self._broken = polls.labels(BROKEN)
        fetches = self._counter("fetches", "Requests for feeds, by what came of them.", "outcome")
        self._fetches = {outcome: fetches.labels(outcome) for outcome in FETCHES}
        self._fetched = self._counter("fetched_bytes", "Bytes of documents, unpacked.")
        parses = self._counter("parses", "Documents handed to the reader, by outcome.", "outcome")
        self._parses = {outcome: parses.labels(outcome) for outcome in PARSES}
        self._new = self._counter("entries_new", "Entries that nobody had seen before.")
        self._edited = self._counter("entries_edited", "Entries whose text or date changed.")
        self._flagged = self._counter("entries_flagged", "New entries that are news for people.")
        changes = self._counter(
            "story_changes",
            "Stories opened, turned or joined; of history, those opened.",
            "change",
        )
        self._changes = {
            change: changes.labels(change) for change in (OPENED, TURNED, JOINED, HISTORY)
        }

    def _make_deliveries(self, platforms: Sequence[str]) -> None:
        tried = self._counter(
            "deliveries", "Deliveries tried, by what came of them.", "platform", "outcome"
        )
        self._deliveries = {
            (platform, outcome): tried.labels(platform, outcome)
            for platform in platforms
            for outcome in DELIVERIES
        }
        given_up = self._counter(
            "deliveries_given_up", "Posts and edits that will never arrive.", "platform"
        )
        self._given_up = {platform: given_up.labels(platform) for platform in platforms}
        self._calls = self._histograms(
            "delivery_seconds", "Time from drawing a post to the platform's answer.", CALL_S,
            "platform", *platforms,
        )  # fmt: skip
        self._waits = self._histograms(
            "delivery_wait_seconds", "Time from when a post or edit was due until it was there.",
            DELAY_S, "platform", *platforms,
        )  # fmt: skip
        self._delays = self._histograms(
            "post_delay_seconds",
            "Time from the first entry of a story seen until its post was there, where that is "
            "wanted at once.",
            DELAY_S, "platform", *platforms,
        )  # fmt: skip

    def _counter(self, name: str, what: str, *labels: str) -> prom.Counter:
        return prom.Counter(f"newsbot_{name}", what, labels, registry=self.registry)

    def _histograms(
        self, name: str, what: str, bounds: Sequence[float], label: str = "", *values: str
    ) -> Mapping[str, prom.Histogram]:
        """One for each value of the label, or one under "" where there is none."""
        labels = (label,) if label else ()
        made = prom.Histogram(
            f"newsbot_{name}", what, labels, buckets=bounds, registry=self.registry
        )
        return {value: made.labels(value) for value in values} if label else {"": made}

    def note_stage(self, stage: Stage, took_s: float) -> None:
        """A stage of a poll took so many seconds."""
        self._stages[stage].observe(took_s)

    def note_fetch(self, outcome: str, size: int = 0) -> None:
        """A feed's server gave ``size`` bytes, or what ``outcome`` says."""
        self._fetches[outcome].inc()
        if size:
            self._fetched.inc(size)

    def note_parse(self, outcome: str) -> None:
        """A document was read, or what ``outcome`` says."""
        self._parses[outcome].inc()

    def note_poll(self, report: PollReport, *, took_s: float, late_s: float) -> None:
        """A poll ended."""
        self._poll_s.observe(took_s)
        self._lateness.observe(late_s)
        self.note_report(report)

    def note_broken(self) -> None:
        """A poll ended on a defect of ours; the log has it."""
        self._broken.inc()

    def note_report(self, report: PollReport) -> None:
        """A poll ended, or a document that was pushed is filed."""
        self._polls[report.result].inc()
        if report.result is not PollResult.CHANGED:
            return
        self._new.inc(report.new)
        self._edited.inc(report.edited)
        self._flagged.inc(report.flagged)
        filed = report.filed
        for change, count in (
            (OPENED, len(filed.opened)),
            (TURNED, len(filed.turned)),
            (JOINED, len(filed.joined)),
            (HISTORY, filed.history),
        ):
            if count:
                self._changes[change].inc(count)

    def note_settled(self, settled: Settled, *, now: datetime) -> None:
        """A delivery was tried and marked."""
        delivery = settled.owed.delivery
        platform = delivery.destination.platform.value
        outcome = outcome_of_delivery(settled.said, is_edit=bool(delivery.sent_revision))
        self._deliveries[platform, outcome].inc()
        if settled.drained.failed:
            self._given_up[platform].inc(settled.drained.failed)
        if outcome != WAITING:
            self._calls[platform].observe(settled.took_s)
        if outcome in {POSTED, EDITED}:
            self._waits[platform].observe(_seconds(delivery.next_attempt_at, now))
        if outcome == POSTED and not delivery.is_gathered and delivery.opened_at is not None:
            self._delays[platform].observe(_seconds(delivery.opened_at, now))

    def note_health(
        self,
        gauges: Gauges | None,
        checks: Mapping[str, bool],
        *,
        disk_free_bytes: int | None = None,
    ) -> None:
        """The store stands so, None where it could not be asked; and these conditions hold."""
        self._gauges.now = gauges
        self._process.checks = checks
        self._process.disk_free_bytes = disk_free_bytes

    @property
    def monitor(self) -> LoopMonitor | None:
        """Of the event loop, once that is watched."""
        return self._process.monitor

    def watch_workers(self, reads: str, pool: Pool) -> None:
        """Tell what the workers of ``pool`` do, and what they read."""
        self._process.pools.append((reads, pool))

    def watch_gateways(self, sides: Iterable[Side]) -> None:
        """Tell whether people are heard on ``sides``."""
        self._process.sides.extend(sides)

    @contextmanager
    def reading_log(self) -> Iterator[None]:
        """Count what is logged as long as the block lasts."""
        handler = _LineCounter(self._lines)
        root = logging.getLogger()
        root.addHandler(handler)
        try:
            yield
        finally:
            root.removeHandler(handler)

    def watch(self, monitor: LoopMonitor) -> None:
        """Tell of the event loop what ``monitor`` sees."""
        self._process.monitor = monitor

    def expose(self, accept: str) -> tuple[bytes, str]:
        """Everything as text in the form that ``accept`` asks for, and its content type."""
        encode, content_type = choose_encoder(accept)
        return encode(self.registry), content_type


def _seconds(since: datetime, now: datetime) -> float:
    return max(0.0, (now - since).total_seconds())


class _LineCounter(logging.Handler):
    """Counts lines of the log by their level."""

    def __init__(self, counts: Mapping[str, prom.Counter]) -> None:
        super().__init__(logging.WARNING)
        self._counts = counts

    def emit(self, record: logging.LogRecord) -> None:
        """Count it; a level of somebody's own counts for nothing."""
        if (count := self._counts.get(record.levelname.lower())) is not None:
            count.inc()
