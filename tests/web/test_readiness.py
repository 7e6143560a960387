"""From when on something is wrong: each condition at its edge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.model import Platform
from bot.ports import FeedGauges, Gauges, Overdue
from bot.web.readiness import BEAT_WITHIN, CHECKS, Check, Limits, Vitals, check_all, check_loop
from tests.builders import NOW

LIMITS = Limits(late_s=900, late_share=0.1, backlog_s=600, gateway_s=300, disk_free_bytes=512 << 20)
FINE = Gauges(at=NOW, feeds=FeedGauges(well=10), beat_at=NOW)
WELL = Vitals(
    gauges=FINE,
    posts_to=(Platform.SLACK,),
    unheard_s={"Slack": 0.0},
    disk_free_bytes=512 << 20,
)


def look(vitals: Vitals) -> Mapping[str, Check]:
    return {check.name: check for check in check_all(vitals, LIMITS)}


def look_at(gauges: Gauges, name: str) -> Check:
    return look(replace(WELL, gauges=gauges))[name]


def test_a_bot_in_good_health_meets_every_condition() -> None:
    checks = look(WELL)

    assert tuple(checks) == CHECKS
    assert all(check.is_good for check in checks.values())


def test_a_database_that_does_not_answer_says_why_and_hides_no_other_trouble() -> None:
    checks = look(replace(WELL, gauges=None, fault="no answer within 3 s", disk_free_bytes=0))

    assert list(checks) == ["database", "gateway", "disk"]
    assert checks["database"].figure == "no answer within 3 s (database.url)"
    assert [check.is_good for check in checks.values()] == [False, True, False]


@pytest.mark.parametrize(("past", "is_good"), [(timedelta(0), True), (timedelta(seconds=1), False)])
def test_a_scheduler_must_have_spoken_within_a_minute(past: timedelta, *, is_good: bool) -> None:
    check = look_at(replace(FINE, beat_at=NOW - BEAT_WITHIN - past), "scheduler")

    assert check.is_good == is_good


def test_where_no_scheduler_ever_worked_that_is_said() -> None:
    check = look_at(replace(FINE, beat_at=None), "scheduler")

    assert not check.is_good
    assert "no sign of life so far" in check.figure


@pytest.mark.parametrize(("late", "is_good"), [(1, True), (2, False)])
def test_a_part_of_the_feeds_may_be_late(late: int, *, is_good: bool) -> None:
    check = look_at(replace(FINE, feeds=FeedGauges(well=10, late=late)), "polls")

    assert check.is_good == is_good
    assert check.figure == (
        f"{late} of 10 feeds ({late}0%) are due for more than 900 s (health.late_s); "
        "10% may be (health.late_share)"
    )


def test_without_feeds_none_is_late() -> None:
    assert look_at(replace(FINE, feeds=FeedGauges()), "polls").is_good


@pytest.mark.parametrize(("age_s", "is_good"), [(600, True), (601, False)])
def test_the_oldest_post_may_be_due_for_a_while(age_s: int, *, is_good: bool) -> None:
    since = NOW - timedelta(seconds=age_s)
    owed = {Platform.SLACK: Overdue(7, since), Platform.CONSOLE: Overdue(9, NOW - timedelta(9))}
    check = look_at(replace(FINE, backlog=owed), "backlog")

    assert check.is_good == is_good
    assert (
        check.figure
        == f"7 due, the oldest for {age_s} s on slack; 600 s may pass (health.backlog_s)"
    )


@pytest.mark.parametrize(("unheard_s", "is_good"), [(300.0, True), (300.5, False)])
def test_one_platform_that_is_not_heard_is_enough(unheard_s: float, *, is_good: bool) -> None:
    check = look(replace(WELL, unheard_s={"Discord": unheard_s, "Slack": 0.0}))["gateway"]

    assert check.is_good == is_good
    assert "Slack is heard; 300 s may pass (health.gateway_s)" in check.figure


@pytest.mark.parametrize(("missing", "is_good"), [(0, True), (1, False)])
def test_a_disk_must_have_room(missing: int, *, is_good: bool) -> None:
    check = look(replace(WELL, disk_free_bytes=(512 << 20) - missing))["disk"]

    assert check.is_good == is_good


def test_what_is_not_there_is_not_looked_at() -> None:
    checks = look(replace(WELL, unheard_s={}, disk_free_bytes=None))

    assert {"gateway", "disk"}.isdisjoint(checks)


@pytest.mark.parametrize(("share", "is_good"), [(0.0, True), (0.49, True), (0.5, False)])
def test_a_loop_that_is_held_up_half_of_the_time_hangs(share: float, *, is_good: bool) -> None:
    assert check_loop(share).is_good == is_good
