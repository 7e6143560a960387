"""What is put off by our own pace, before anybody was asked."""

from __future__ import annotations

from datetime import timedelta

from bot.delivery.outcomes import Drained
from bot.delivery.pace import Urgency, find_urgency
from bot.delivery.retry import RetryRules
from bot.errors import SendRefusedForNow, SendUnclear
from bot.model import Digest
from tests.builders import NOW, delivery, message
from tests.delivery.lab import Outbox


def paced(seconds: float = 5.0) -> SendRefusedForNow:
    told = f"its turn is in {seconds:g} s"
    return SendRefusedForNow(told, retry_after_s=seconds, is_general=True, is_paced=True)


async def test_its_wait_is_the_one_that_was_named_however_often_it_happens(both: Outbox) -> None:
    await both.owe("s1")
    both.sender.told["C1"] += [paced()] * 20

    for _ in range(20):
        assert await both.drain().drain() == Drained(put_off=1)
        assert await both.store.next_attempt_at() == both.now + timedelta(seconds=5)
        both.now += timedelta(seconds=5)

    assert await both.drain().drain() == Drained(sent=1)


async def test_younger_posts_of_its_channel_wait_for_it(both: Outbox) -> None:
    await both.owe("s1", "s2", "s3")
    both.sender.told["C1"] += [paced()] * 8

    for _ in range(60):
        await both.drain().drain()
        both.now += timedelta(seconds=1)

    assert both.sender.stories == ["s1"] * 9 + ["s2", "s3"]


async def test_it_is_never_given_up_and_leaves_all_attempts_but_one(both: Outbox) -> None:
    await both.owe("s1")
    rules = RetryRules(max_attempts=4)
    both.sender.told["C1"] += [*[paced()] * 20, *[SendUnclear("no answer")] * 3]

    for _ in range(22):
        assert await both.drain(rules=rules).drain() == Drained(put_off=1)
        both.now += timedelta(minutes=15)

    assert await both.drain(rules=rules).drain() == Drained(failed=1)


async def test_with_one_attempt_allowed_it_leaves_that(both: Outbox) -> None:
    await both.owe("s1")
    rules = RetryRules(max_attempts=1)
    both.sender.told["C1"] += [paced()] * 3

    for _ in range(3):
        assert await both.drain(rules=rules).drain() == Drained(put_off=1)
        both.now += timedelta(seconds=5)

    assert await both.drain(rules=rules).drain() == Drained(sent=1)


async def test_what_may_be_there_stays_to_be_looked_for(both: Outbox) -> None:
    await both.owe("s1")
    both.sender.told["C1"] += [SendUnclear("no answer"), paced()]
    for _ in range(2):
        await both.drain().drain()
        both.now += timedelta(seconds=5)

    await both.drain().drain()

    given = [one.unclear_since for one, _ in both.sender.given]
    assert given[0] is None
    assert given[1] == given[2] == NOW


async def test_what_was_never_asked_for_is_not_looked_for(both: Outbox) -> None:
    await both.owe("s1")
    both.sender.told["C1"] += [paced()]
    await both.drain().drain()

    found = await both.store.find_delivery_or_none(both.sender.given[0][0].id)

    assert found is not None
    assert found.unclear_since is None


async def test_a_fresh_story_that_the_pace_sends_away_stays_fresh(both: Outbox) -> None:
    await both.owe("s1")
    both.sender.told["C1"] += [paced()] * 2

    for _ in range(3):
        await both.drain().drain()
        both.now += timedelta(seconds=5)

    given = [find_urgency(one, message(), now=both.now) for one, _ in both.sender.given]
    assert given == [Urgency.FRESH] * 3
    assert both.sender.given[-1][0].attempts == 1


async def test_a_story_that_waited_for_its_hour_is_fresh_no_more(both: Outbox) -> None:
    await both.owe("s1", opened_at=both.now - timedelta(hours=3))

    await both.drain().drain()

    ((one, _),) = both.sender.given
    assert find_urgency(one, message(), now=both.now) is Urgency.BACKLOG


def test_what_has_just_come_goes_before_what_is_late_and_that_before_edits() -> None:
    fresh = delivery("s1")
    assert find_urgency(fresh, message(), now=NOW) is Urgency.FRESH
    late = NOW + timedelta(minutes=2)
    assert find_urgency(fresh, message(), now=late) is Urgency.BACKLOG
    old = delivery(attempts=1, opened_at=NOW - timedelta(minutes=2))
    assert find_urgency(old, message(), now=NOW) is Urgency.BACKLOG
    assert find_urgency(fresh, Digest((message(),)), now=NOW) is Urgency.BACKLOG
    assert find_urgency(delivery(message_ref="C1/1"), message(), now=NOW) is Urgency.EDIT
