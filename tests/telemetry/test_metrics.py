"""What is counted of deliveries, of the store and of the process."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from bot.delivery.outcomes import Drained, Later, Said, Settled
from bot.errors import (
    AddressRefused,
    FeedError,
    FeedUnreachable,
    FeedUnreadable,
    PostGone,
    SendError,
    SendParked,
    SendRefused,
    SendRefusedForNow,
    SendUnclear,
    Trouble,
)
from bot.model import Destination, Owed, Platform
from bot.ports import FeedGauges, Gauges, Overdue
from bot.scheduling.workers import Load
from bot.telemetry.health import LoopMonitor
from bot.telemetry.metrics import Metrics
from bot.telemetry.outcomes import DELIVERIES, FETCHES, outcome_of_failure
from tests.builders import NOW, delivery, story
from tests.delivery.lab import Outbox
from tests.telemetry.samples import read

SLACK = Destination(Platform.SLACK, "T1", "C1")
MINUTE = timedelta(minutes=1)

ENDS: dict[str, tuple[Said, Drained]] = {
    "posted": ("ref", Drained(sent=1)),
    "waiting": (Later(NOW, "paused"), Drained(put_off=1)),
    "refused_for_now": (SendRefusedForNow("429"), Drained(put_off=1)),
    "unclear": (SendUnclear("no answer"), Drained(put_off=1)),
    "parked": (SendParked("no such channel"), Drained(put_off=1)),
    "refused": (SendRefused("too long"), Drained(failed=1)),
    "gone": (PostGone("deleted"), Drained(gone=1)),
    "broken": (SendError("a defect"), Drained(put_off=1)),
}


def settle(said: Said, drained: Drained | None = None, **changes: Any) -> Settled:
    owed = delivery("s1", SLACK, opened_at=NOW - MINUTE, next_attempt_at=NOW, **changes)
    return Settled(Owed(owed, story("s1")), said, drained or Drained(sent=1), took_s=0.2)


@pytest.mark.parametrize("outcome", ENDS)
def test_a_delivery_is_counted_by_what_came_of_it(outcome: str) -> None:
    metrics = Metrics(platforms=[Platform.SLACK])
    said, drained = ENDS[outcome]
    metrics.note_settled(settle(said, drained), now=NOW)

    counted = read(metrics)
    assert counted[f"deliveries_total{{outcome={outcome},platform=slack}}"] == 1
    assert counted.get("deliveries_given_up_total{platform=slack}", 0) == drained.failed
    assert ("delivery_seconds_count{platform=slack}" in counted) == (outcome != "waiting")


def test_every_end_has_a_word_for_it() -> None:
    assert set(DELIVERIES) == {*ENDS, "edited"}


def test_a_turn_that_our_own_pace_puts_off_is_no_refusal() -> None:
    metrics = Metrics(platforms=[Platform.SLACK])
    metrics.note_settled(settle(SendRefusedForNow("later", is_paced=True)), now=NOW)

    assert read(metrics)["deliveries_total{outcome=waiting,platform=slack}"] == 1


def test_a_post_is_as_old_as_its_story_and_waited_since_it_was_due() -> None:
    metrics = Metrics(platforms=[Platform.SLACK])
    metrics.note_settled(settle("ref"), now=NOW + timedelta(seconds=2))

    counted = read(metrics)
    assert counted["post_delay_seconds_sum{platform=slack}"] == 62
    assert counted["delivery_wait_seconds_sum{platform=slack}"] == 2


@pytest.mark.parametrize("changes", [{"sent_revision": 1}, {"is_gathered": True}])
def test_edits_and_digests_come_when_they_are_wanted(changes: dict[str, Any]) -> None:
    metrics = Metrics(platforms=[Platform.SLACK])
    metrics.note_settled(settle("ref", **changes), now=NOW)

    counted = read(metrics)
    assert "post_delay_seconds_count{platform=slack}" not in counted
    assert counted["delivery_wait_seconds_count{platform=slack}"] == 1


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (AddressRefused("private"), "address"),
        (FeedUnreachable("404", trouble=Trouble.MISSING), "missing"),
        (FeedUnreachable("not asked", was_asked=False), "postponed"),
        (FeedUnreadable("too many", was_read=False, trouble=Trouble.HEAVY), "postponed"),
        (FeedUnreadable("large", trouble=Trouble.TOO_LARGE), "too_large"),
    ],
)
def test_a_failure_is_counted_by_its_cause(error: FeedError, outcome: str) -> None:
    assert outcome_of_failure(error) == outcome
    assert outcome in FETCHES


async def test_the_drain_tells_of_each_delivery_once(outbox: Outbox) -> None:
    metrics = Metrics(platforms=[Platform.SLACK])
    outbox.sender.told["C1"] = [SendRefused("too long")]
    await outbox.owe("s1", "s2")
    await outbox.drain(on_settled=lambda one: metrics.note_settled(one, now=NOW)).drain()

    counted = read(metrics)
    assert counted["deliveries_total{outcome=refused,platform=slack}"] == 1
    assert counted["deliveries_given_up_total{platform=slack}"] == 1
    assert counted["deliveries_total{outcome=posted,platform=slack}"] == 1


def test_the_store_is_told_as_it_stood() -> None:
    metrics = Metrics(platforms=[Platform.SLACK, Platform.CONSOLE])
    gauges = Gauges(
        at=NOW,
        feeds=FeedGauges(well=7, failing=2, silent=1, late=3, due_since=NOW - MINUTE),
        backlog={
            Platform.SLACK: Overdue(5, NOW - 2 * MINUTE),
            Platform.DISCORD: Overdue(9, NOW - 90 * MINUTE),  # which is not set up any more
        },
        beat_at=NOW,
    )
    metrics.note_health(gauges, {"polls": True, "backlog": False})

    counted = read(metrics, zeros=True)
    assert counted["database_up"] == 1
    assert counted["feeds{state=failing}"] == 2
    assert counted["feeds{state=new}"] == 0
    assert (counted["feeds_late"], counted["feed_overdue_seconds"]) == (3, 60)
    assert counted["backlog_deliveries{platform=slack}"] == 5
    assert counted["backlog_oldest_seconds{platform=slack}"] == 120
    assert counted["backlog_oldest_seconds{platform=console}"] == 0
    assert "backlog_oldest_seconds{platform=discord}" not in counted, "an alert would never end"
    assert counted["scheduler_beat_timestamp_seconds"] == NOW.timestamp()
    assert (counted["ready{check=polls}"], counted["ready{check=backlog}"]) == (1, 0)


def test_a_scheduler_that_never_gave_a_sign_is_told_of_too() -> None:
    metrics = Metrics()
    metrics.note_health(Gauges(at=NOW), {})

    counted = read(metrics, zeros=True)
    assert counted["scheduler_beat_timestamp_seconds"] == 0  # an alert has a series to look at


def test_a_store_that_does_not_answer_has_no_figures() -> None:
    metrics = Metrics()
    metrics.note_health(Gauges(at=NOW), {})
    metrics.note_health(None, {"database": False})

    counted = read(metrics, zeros=True)
    assert counted["database_up"] == 0
    assert "feeds_late" not in counted


@dataclass
class Part:
    """Workers, and a platform."""

    name: str = "Discord"
    is_heard: bool = False
    load: Load = field(default_factory=lambda: Load(busy=2, late=1, died=3))


def test_workers_and_gateways_are_looked_up() -> None:
    metrics = Metrics()
    part = Part()
    metrics.watch_workers("documents", part)
    metrics.watch_gateways([part])

    counted = read(metrics, zeros=True)
    assert counted["workers_busy{reads=documents}"] == 2
    assert counted["workers_ended_total{reads=documents,reason=late}"] == 1
    assert counted["workers_ended_total{reads=documents,reason=died}"] == 3
    assert counted["gateway_connected{platform=discord}"] == 0


async def test_stalls_of_the_loop_are_told() -> None:
    metrics = Metrics()
    hold_up: Callable[[float], None] = time.sleep
    async with LoopMonitor(tick_s=0.01) as monitor:
        metrics.watch(monitor)
        await asyncio.sleep(0.02)
        hold_up(0.3)
        await asyncio.sleep(0.02)
        share = monitor.stalled_share(within_s=1.0)

    counted = read(metrics)
    assert counted["event_loop_stalls_total"] >= 1
    assert counted["event_loop_stalled_seconds_total"] >= 0.25
    assert counted["event_loop_longest_stall_seconds"] >= 0.25
    assert 0.25 <= share <= 1.0


def test_openmetrics_is_told_to_whoever_asks_for_it() -> None:
    accept = "application/openmetrics-text;version=1.0.0,text/plain;q=0.5"
    metrics = Metrics(platforms=tuple(Platform))
    metrics.note_health(Gauges(at=NOW, beat_at=NOW), {"polls": True})
    body, content_type = metrics.expose(accept)

    assert content_type.startswith("application/openmetrics-text")
    assert body.endswith(b"# EOF\n")
    families = text_string_to_metric_families(body.decode())  # type: ignore[no-untyped-call]
    names = {family.name for family in families}
    assert {"newsbot_polls", "newsbot_poll_seconds", "process_cpu_seconds"} <= names


def test_lines_of_the_log_are_counted_while_a_bot_is_open() -> None:
    metrics = Metrics()
    log = logging.getLogger("bot.somewhere")
    with metrics.reading_log():
        log.warning("a feed fails")
        log.error("a post was given up")
        log.info("a poll ended")
    log.error("somebody else's")

    counted = read(metrics)
    assert counted["log_lines_total{level=warning}"] == 1
    assert counted["log_lines_total{level=error}"] == 1
    assert "log_lines_total{level=info}" not in counted
