"""What failed for want of our own network is asked as soon as that is back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.errors import Trouble
from bot.model import Feed
from bot.pipeline.due import PollRules
from bot.pipeline.outage import (
    EDGE,
    NO_WAY,
    RELAPSE,
    REVIVAL_SPREAD,
    SCOUTS_EVERY,
    SCOUTS_FOR,
    Outage,
)
from bot.ports import Revival
from tests.builders import NOW, feed
from tests.pipeline.lab import BROKEN, Newsroom, rss
from tests.servers.feeds import FeedServer

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
RULES = PollRules(min_interval_s=60)


def fail(outage: Outage, *hosts: str, at: datetime = NOW, **changes: Any) -> list[Feed]:
    """Have a feed at each of ``hosts`` fail for the first time, one a second."""
    failed = []
    for place, host in enumerate(hosts):
        now = at + timedelta(seconds=place)
        state: dict[str, Any] = {"failures": 1, "failing_since": now, "trouble": Trouble.SLOW}
        state |= {"id": ord(host[0]), "next_due_at": now + DAY}
        one = feed(f"https://{host}.example/rss", **(state | changes))
        failed.append(outage.note_failure(one, rules=RULES, now=now))
    return failed


def waits(failed: list[Feed], *, at: datetime) -> list[timedelta]:
    """From ``fail`` to the next try of each."""
    return [one.next_due_at - at - timedelta(seconds=n) for n, one in enumerate(failed)]


def revival(since: datetime, *, at: datetime) -> Revival:
    return Revival(since - EDGE, NO_WAY, at, REVIVAL_SPREAD)


def test_the_first_answer_after_failures_at_three_hosts_revives_what_failed_since() -> None:
    outage = Outage()
    fail(outage, "a", "b", "c")

    assert outage.take_revival_or_none(NOW + MINUTE) == revival(NOW, at=NOW + MINUTE)
    assert outage.take_revival_or_none(NOW + MINUTE) is None


def test_two_hosts_that_fail_are_no_outage_however_many_feeds_they_have() -> None:
    outage = Outage()
    fail(outage, "a", "b", "a", "b")

    assert outage.take_revival_or_none(NOW + MINUTE) is None


def test_an_answer_between_failures_shows_that_the_network_was_there() -> None:
    outage = Outage()
    fail(outage, "a", "b")
    assert outage.take_revival_or_none(NOW + MINUTE) is None
    fail(outage, "c", at=NOW + 2 * MINUTE)

    assert outage.take_revival_or_none(NOW + 3 * MINUTE) is None


@pytest.mark.parametrize("changes", [{"failures": 2}, {"trouble": Trouble.SERVER}])
def test_what_is_dead_for_long_and_what_was_answered_prove_nothing(changes: dict[str, Any]) -> None:
    outage = Outage()
    fail(outage, *"abcdef", **changes)

    assert outage.take_revival_or_none(NOW + MINUTE) is None


def test_a_network_that_soon_goes_again_was_never_well() -> None:
    outage = Outage()
    fail(outage, "a", "b", "c")
    back_at = NOW + MINUTE
    assert outage.take_revival_or_none(back_at)

    fail(outage, "d", "e", "f", at=back_at + RELAPSE)
    again_at = back_at + RELAPSE + MINUTE
    assert outage.take_revival_or_none(again_at) == revival(NOW, at=again_at)

    gone_at = again_at + RELAPSE + MINUTE
    fail(outage, "a", "b", "c", at=gone_at)
    assert outage.take_revival_or_none(gone_at + MINUTE) == revival(gone_at, at=gone_at + MINUTE)


def test_a_revival_that_was_not_committed_is_carried_by_the_next_answer() -> None:
    outage = Outage()
    fail(outage, "a", "b", "c")
    lost = outage.take_revival_or_none(NOW + MINUTE)
    assert lost is not None
    fail(outage, "d", at=NOW + 2 * MINUTE)

    outage.give_back(lost)

    again_at = NOW + 3 * MINUTE
    assert outage.take_revival_or_none(again_at) == revival(NOW, at=again_at)
    assert outage.take_revival_or_none(again_at) is None


def test_an_outage_known_from_before_the_start_needs_no_further_proof() -> None:
    outage = Outage(NOW - MINUTE)

    assert outage.take_revival_or_none(NOW) == revival(NOW - MINUTE, at=NOW)
    assert outage.take_revival_or_none(NOW) is None


def test_failures_that_lie_ahead_after_the_clock_was_set_back_count_from_now() -> None:
    outage = Outage()
    fail(outage, "a", "b", "c", at=NOW + timedelta(days=3_650))

    assert outage.take_revival_or_none(NOW) == revival(NOW, at=NOW)


def test_while_nobody_answers_feeds_of_three_hosts_are_asked_often() -> None:
    outage = Outage()
    failed = fail(outage, "a", "b", "c", "a-too", "d", "e", "f")
    assert waits(failed, at=NOW) == [DAY, DAY, *[SCOUTS_EVERY] * 3, DAY, DAY]

    again_at = NOW + SCOUTS_EVERY + MINUTE
    again = fail(outage, "c", "a-too", "d", "e", at=again_at, failures=2)
    assert waits(again, at=again_at) == [*[SCOUTS_EVERY] * 3, DAY]


def test_a_host_has_one_scout_who_is_asked_no_later_than_it_was_due_anyway() -> None:
    outage = Outage(NOW)
    (one,) = fail(outage, "a", next_due_at=NOW + MINUTE)
    (other,) = fail(outage, "a", id=2)
    (again,) = fail(outage, "a", at=NOW + MINUTE, failures=2)

    assert [one.next_due_at, other.next_due_at] == [NOW + MINUTE, NOW + DAY]
    assert again.next_due_at == NOW + MINUTE + SCOUTS_EVERY


def test_scouts_keep_to_the_least_interval_of_the_operator() -> None:
    outage = Outage(NOW)
    slow = feed(failures=1, trouble=Trouble.SLOW, failing_since=NOW, next_due_at=NOW + DAY)
    rules = PollRules(min_interval_s=900)

    assert outage.note_failure(slow, rules=rules, now=NOW).next_due_at == NOW + 15 * MINUTE


def test_without_an_outage_or_after_two_days_of_one_nobody_is_a_scout() -> None:
    at = NOW + SCOUTS_FOR + MINUTE

    assert waits(fail(Outage(), "a", "b"), at=NOW) == [DAY] * 2
    assert waits(fail(Outage(NOW), "a", "b", at=at), at=at) == [DAY] * 2
    assert waits(fail(Outage(NOW), "a", trouble=Trouble.SERVER), at=NOW) == [DAY]


@pytest.mark.asyncio(loop_scope="module")
async def test_feeds_come_back_within_a_minute_of_the_network(room: Newsroom) -> None:
    hosts = tuple(f"127.0.0.{number}" for number in (11, 12, 13, 14))
    down = [f"/{host}" for host in hosts]
    async with FeedServer(hosts=hosts) as server:
        for path, host in zip(down, hosts, strict=True):
            server.put(path, rss())
            await room.add(server.url(path, host=host))
            await room.poll(path)
    await room.go_live("/dead")
    room.server.put("/dead", BROKEN)
    await room.poll("/dead")
    dead = await room.feed("/dead")
    await room.go_live()
    for _ in range(5):
        room.clock.move(hours=2)
        for path in down:
            room.clock.move(seconds=1)
            await room.poll(path)

    await room.poll()

    back_at = room.clock()
    due = [(await room.feed(path)).next_due_at for path in down]
    assert all(back_at <= at < back_at + MINUTE for at in due)
    assert len(set(due)) == len(down)
    assert await room.feed("/dead") == dead
    for path in down:  # these are gone for good, so nobody hastens them any more
        await room.poll(path)
    await room.poll()
    failed = [await room.feed(path) for path in down]
    assert all(feed.next_due_at > back_at + 120 * MINUTE for feed in failed)
