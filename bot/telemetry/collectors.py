"""What is not counted but looked up when somebody collects: the store, the process.

What the store says is some seconds old: whoever collects does not ask the database.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Protocol

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from bot.model import Platform
from bot.ports import Gauges
from bot.telemetry.health import LoopMonitor


class Load(Protocol):
    """What workers do; see ``bot.scheduling.workers.Load``."""

    @property
    def busy(self) -> int: ...  # noqa: D102
    @property
    def late(self) -> int: ...  # noqa: D102
    @property
    def died(self) -> int: ...  # noqa: D102


class Pool(Protocol):
    """Worker processes."""

    @property
    def load(self) -> Load:
        """What they do."""
        ...


class Side(Protocol):
    """A platform that is connected."""

    @property
    def name(self) -> str:
        """What people call it."""
        ...

    @property
    def is_heard(self) -> bool:
        """Whether what people do there arrives."""
        ...


class StoreGauges(Collector):
    """The store as it stood when it was last looked at; nothing where it could not be asked.

    Args:
        platforms: what is owed elsewhere is not told: it waits for the day that the platform is
            set up again, and nobody is to be woken for it.

    Attributes:
        now: how it stood; None where it could not be asked.
    """

    def __init__(self, platforms: Iterable[Platform] = ()) -> None:
        self.now: Gauges | None = None
        self._platforms = tuple(platforms)

    def collect(self) -> Iterator[Metric]:
        """All of it, as it is now."""
        now = self.now
        yield _gauge("database_up", "Whether the database answered when it was last asked.",
                     1 if now else 0)  # fmt: skip
        if now is None:
            return
        feeds = GaugeMetricFamily(
            "newsbot_feeds", "Polled feeds, by how they are doing.", labels=("state",)
        )
        for state in ("new", "well", "silent", "failing"):
            feeds.add_metric((state,), getattr(now.feeds, state))
        yield feeds
        yield _gauge("feeds_late", "Feeds that are due for longer than health.late_s.",
                     now.feeds.late)  # fmt: skip
        due_since = now.feeds.due_since
        yield _gauge("feed_overdue_seconds", "How long the feed is due that waits longest.",
                     _seconds(due_since, now.at) if due_since else 0)  # fmt: skip
        backlog = GaugeMetricFamily(
            "newsbot_backlog_deliveries", "Deliveries due and not sent yet.", labels=("platform",)
        )
        ages = GaugeMetricFamily(
            "newsbot_backlog_oldest_seconds", "How long the oldest of them is due.",
            labels=("platform",),
        )  # fmt: skip
        for platform in self._platforms:
            owed = now.backlog.get(platform)
            backlog.add_metric((platform.value,), owed.count if owed else 0)
            ages.add_metric((platform.value,), _seconds(owed.due_since, now.at) if owed else 0)
        yield backlog
        yield ages
        yield _gauge("scheduler_beat_timestamp_seconds",
                     "When a scheduler last said that it is alive; 0: never.",
                     now.beat_at.timestamp() if now.beat_at else 0)  # fmt: skip


class ProcessGauges(Collector):
    """What this process is doing, asked when it is collected.

    Attributes:
        monitor: of the event loop, once it runs.
        checks: the conditions of readiness, as they were seen last.
        disk_free_bytes: where SQLite keeps its file; None with another database.
        pools: of workers, each with what they read.
        sides: on which people are heard.
    """

    def __init__(self) -> None:
        self.monitor: LoopMonitor | None = None
        self.checks: Mapping[str, bool] = {}
        self.disk_free_bytes: int | None = None
        self.pools: list[tuple[str, Pool]] = []
        self.sides: list[Side] = []

    def collect(self) -> Iterator[Metric]:
        """All of it, as it is now."""
        yield from self._collect_workers()
        connected = GaugeMetricFamily(
            "newsbot_gateway_connected", "Whether what people do on a platform arrives.",
            labels=("platform",),
        )  # fmt: skip
        for side in self.sides:
            connected.add_metric((side.name.lower(),), int(side.is_heard))
        yield connected
        ready = GaugeMetricFamily(
            "newsbot_ready", "Whether a condition of readiness held when it was last looked at.",
            labels=("check",),
        )  # fmt: skip
        for name, is_good in self.checks.items():
            ready.add_metric((name,), int(is_good))
        yield ready
        if self.disk_free_bytes is not None:
            what = "Free where SQLite keeps its file."
            yield _gauge("disk_free_bytes", what, self.disk_free_bytes)
        if self.monitor is not None:
            yield from _collect_loop(self.monitor)

    def _collect_workers(self) -> Iterator[Metric]:
        busy = GaugeMetricFamily(
            "newsbot_workers_busy", "Worker processes that read something.", labels=("reads",)
        )
        ended = CounterMetricFamily(
            "newsbot_workers_ended", "Worker processes that were ended or died, by reason.",
            labels=("reads", "reason"),
        )  # fmt: skip
        for reads, pool in self.pools:
            load = pool.load
            busy.add_metric((reads,), load.busy)
            ended.add_metric((reads, "late"), load.late)
            ended.add_metric((reads, "died"), load.died)
        yield busy
        yield ended


def _collect_loop(monitor: LoopMonitor) -> Iterator[Metric]:
    seen = monitor.total
    yield CounterMetricFamily(
        "newsbot_event_loop_stalls", "Times the event loop was held up.", value=seen.stalls
    )
    yield CounterMetricFamily(
        "newsbot_event_loop_stalled_seconds", "Time the event loop was held up, in all.",
        value=seen.late_s,
    )  # fmt: skip
    yield _gauge("event_loop_longest_stall_seconds", "The longest of these.", seen.worst_s)


def _gauge(name: str, what: str, value: float) -> Metric:
    return GaugeMetricFamily(f"newsbot_{name}", what, value=value)


def _seconds(since: datetime, now: datetime) -> float:
    return max(0.0, (now - since).total_seconds())
