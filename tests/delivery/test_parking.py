"""Places that take no posts any more, and posts that people deleted."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest

from bot.delivery.outcomes import Drained
from bot.errors import PostGone, SendParked, SendRefused
from bot.model import FOREVER, QuietHours, Subscription
from tests.builders import NOW
from tests.delivery.lab import OTHER, SLACK, Outbox

GONE = SendParked("C1: the channel is gone; /alerts resume in another one")


class Notices:
    """Keeps what it is told of; breaks where it shall."""

    def __init__(self, *, breaks: bool = False) -> None:
        self.told: list[Subscription] = []
        self._breaks = breaks

    async def __call__(self, subscription: Subscription) -> None:
        self.told.append(subscription)
        if self._breaks:
            raise ConnectionError("nobody at home")


async def test_a_place_that_takes_nothing_is_parked_with_one_notice(both: Outbox) -> None:
    await both.store.subscribe(Subscription(SLACK), now=NOW)
    await both.owe("s1", "s2", "s3")
    await both.owe("s4", to=OTHER)
    both.sender.told["C1"] += [GONE, GONE, GONE]
    notices = Notices()

    assert await both.drain(on_parked=notices).drain() == Drained(sent=1, put_off=1)
    both.now += timedelta(days=30)
    assert await both.drain(on_parked=notices).drain() == Drained()

    assert sorted(both.sender.stories) == ["s1", "s4"]
    assert [(one.destination, one.parked) for one in notices.told] == [(SLACK, str(GONE))]
    assert await both.store.next_attempt_at() is None
    waiting = await both.delivery("s1")
    assert (waiting.next_attempt_at, waiting.unclear_since) == (FOREVER, None)


async def test_what_waited_comes_as_one_post_when_somebody_resumes_it(both: Outbox) -> None:
    await both.store.subscribe(Subscription(SLACK), now=NOW)
    await both.owe("s1", "s2")
    both.sender.told["C1"].append(GONE)
    await both.drain().drain()

    await both.store.subscribe(Subscription(SLACK), now=both.now, owed_at=both.now)

    assert await both.drain().drain() == Drained(sent=1)
    assert both.sender.stories == ["s1", "s1+s2"]


async def test_what_is_owed_later_waits_too_and_costs_no_call(both: Outbox) -> None:
    await both.store.subscribe(Subscription(SLACK), now=NOW)
    await both.owe("s1")
    both.sender.told["C1"].append(GONE)
    await both.drain().drain()

    await both.owe_digest("s2", next_attempt_at=FOREVER)  # as routing owes it there

    assert await both.drain().drain() == Drained()
    assert both.sender.stories == ["s1"]


async def test_a_notice_that_cannot_be_made_changes_nothing(
    both: Outbox, caplog: pytest.LogCaptureFixture
) -> None:
    await both.store.subscribe(Subscription(SLACK), now=NOW)
    await both.owe("s1")
    both.sender.told["C1"].append(GONE)

    assert await both.drain(on_parked=Notices(breaks=True)).drain() == Drained(put_off=1)

    parked = await both.store.find_subscription_or_none(SLACK)
    assert parked is not None
    assert parked.parked == str(GONE)
    assert [r.message for r in caplog.records if r.levelno == logging.ERROR] == [
        f"nobody could be told that {SLACK.key} is parked"
    ]


async def test_where_nobody_is_subscribed_what_is_owed_is_given_up(both: Outbox) -> None:
    await both.owe("s1", "s2")
    await both.drain().drain()
    await both.owe("s1", "s2", revision=2)
    await both.forget_subscriptions()
    both.sender.told["C1"].append(GONE)
    notices = Notices()

    await both.drain(on_parked=notices).drain()

    assert await both.states() == {"gone": ["s1", "s2"]}
    assert (both.sender.stories, notices.told) == (["s1", "s2", "s1"], [])


async def test_a_post_that_may_be_there_is_looked_for_when_its_place_is_resumed(
    both: Outbox,
) -> None:
    """It was made by a request whose answer was lost, and the next one was refused."""
    await both.store.subscribe(Subscription(SLACK), now=NOW)
    await both.owe("s1")
    both.sender.told["C1"].append(SendParked("no access", is_unclear=True))
    await both.drain().drain()
    waiting = await both.delivery("s1")
    both.now += timedelta(days=1)

    await both.store.subscribe(Subscription(SLACK), now=both.now, owed_at=both.now)
    await both.drain().drain()

    assert (waiting.next_attempt_at, waiting.unclear_since) == (FOREVER, NOW)
    assert [sent.unclear_since for sent, _ in both.sender.sent] == [None, NOW]


async def test_a_post_that_may_be_there_is_looked_for_though_it_was_refused_for_good(
    both: Outbox,
) -> None:
    await both.owe("s1")
    both.sender.told["C1"].append(SendRefused("msg_too_long", is_unclear=True))
    assert await both.drain().drain() == Drained(failed=1)

    await both.owe("s1", revision=2)

    assert await both.drain().drain() == Drained(sent=1)
    assert [sent.unclear_since for sent, _ in both.sender.sent] == [None, NOW]


# what a poll owes that had asked before people changed their minds


async def test_where_nobody_is_subscribed_any_more_no_first_post_is_made(both: Outbox) -> None:
    await both.owe("s1", "s2")
    await both.forget_subscriptions()

    assert await both.drain().drain() == Drained(gone=2)

    assert both.sender.given == []
    assert await both.states() == {"gone": ["s1", "s2"]}


async def test_what_is_owed_into_a_pause_comes_when_it_ends(both: Outbox) -> None:
    until = NOW + timedelta(hours=3)
    await both.store.subscribe(Subscription(SLACK, paused_until=until), now=NOW, owed_at=until)
    await both.owe("s1")

    assert await both.drain().drain() == Drained(put_off=1)

    assert both.sender.given == []
    waiting = await both.delivery("s1")
    assert (waiting.next_attempt_at, waiting.attempts) == (until, 0)
    assert waiting.unclear_since is None
    both.now = until
    assert await both.drain().drain() == Drained(sent=1)


async def test_what_is_owed_into_a_pause_keeps_its_quiet_hours_at_the_end(both: Outbox) -> None:
    until, ends_at = NOW + timedelta(hours=3), NOW + timedelta(hours=4)
    quiet = QuietHours(start=until.time(), end=ends_at.time())
    wanted = Subscription(SLACK, paused_until=until, quiet=quiet, time_zone="UTC")
    await both.store.subscribe(wanted, now=NOW, owed_at=until)
    await both.owe("s1")

    await both.drain().drain()

    assert (await both.delivery("s1")).next_attempt_at == ends_at


async def test_what_is_owed_where_the_platform_takes_nothing_waits_for_a_person(
    both: Outbox,
) -> None:
    await both.store.subscribe(Subscription(SLACK), now=NOW)
    await both.store.park(SLACK, reason=str(GONE))
    await both.owe("s1")

    assert await both.drain().drain() == Drained(put_off=1)
    assert both.sender.given == []
    assert (await both.delivery("s1")).next_attempt_at == FOREVER

    await both.store.subscribe(Subscription(SLACK), now=both.now, owed_at=both.now)
    assert await both.drain().drain() == Drained(sent=1)


async def test_a_post_that_is_there_is_edited_in_a_pause(both: Outbox) -> None:
    await both.owe("s1")
    await both.drain().drain()
    until = NOW + timedelta(hours=3)
    await both.store.subscribe(Subscription(SLACK, paused_until=until), now=NOW, owed_at=until)
    await both.owe("s1", revision=2)

    assert await both.drain().drain() == Drained(sent=1)


async def test_edits_that_wait_behind_a_refusal_are_not_tried(both: Outbox) -> None:
    """Each of them would be one more call that the platform counts against us."""
    await both.store.subscribe(Subscription(SLACK), now=NOW)
    await both.owe("s1", "s2", "s3")
    await both.drain().drain()
    await both.owe("s1", "s2", "s3", revision=2)
    both.sender.told["C1"].append(GONE)
    notices = Notices()

    assert await both.drain(on_parked=notices).drain() == Drained(put_off=3)

    assert both.sender.stories == ["s1", "s2", "s3", "s1"]
    assert len(notices.told) == 1
    assert await both.store.next_attempt_at() is None
    assert await both.drain().drain() == Drained()


async def test_a_post_that_people_deleted_is_not_made_again(both: Outbox) -> None:
    await both.owe("s1")
    await both.drain().drain()
    await both.owe("s1", revision=2)
    both.sender.told["C1"].append(PostGone("the post was deleted"))

    assert await both.drain().drain() == Drained(gone=1)
    await both.owe("s1", revision=3)

    assert await both.drain().drain() == Drained()
    assert (await both.state("s1"))[::2] == ("gone", "the post was deleted")
