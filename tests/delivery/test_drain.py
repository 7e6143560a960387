"""The drain over a real outbox, with senders that keep what they are given."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.delivery.outcomes import Drained
from bot.errors import SendRefused, SendRefusedForNow, SendUnclear
from bot.model import (
    Catalogue,
    DeliveryState,
    Destination,
    Message,
    Platform,
    Story,
    Tie,
    TieKind,
    make_delivery_id,
)
from bot.store import open_store
from bot.summaries import make_message
from tests.builders import NOW, delivery, story
from tests.contract.polls import commit_stories
from tests.delivery.lab import DISCORD, LEASE, OTHER, SLACK, Outbox
from tests.delivery.senders import KeepingSender


@pytest.fixture
async def outbox(tmp_path: Path) -> AsyncIterator[Outbox]:
    async with await open_store(f"sqlite:///{tmp_path}/newsbot.sqlite3") as store:
        yield Outbox(store)


async def test_what_is_owed_is_sent_in_the_order_of_its_stories(outbox: Outbox) -> None:
    await outbox.owe("s3", "s1", "s2")

    drained = await outbox.drain().drain()

    assert drained == Drained(sent=3)
    assert outbox.sender.stories == ["s3", "s1", "s2"]
    assert {one.state for one, _ in outbox.sender.sent} == {DeliveryState.SENDING}
    assert await outbox.drain().drain() == Drained()


async def test_destinations_are_served_side_by_side(outbox: Outbox) -> None:
    await outbox.owe("s1")
    await outbox.owe("s2", to=OTHER)
    gates = asyncio.Event(), asyncio.Event()
    outbox.sender.told["C1"].append(gates[0])
    outbox.sender.told["C2"].append(gates[1])

    draining = asyncio.create_task(outbox.drain().drain())
    await outbox.sender.wait_for(2)
    for gate in gates:
        gate.set()

    assert await draining == Drained(sent=2)


async def test_one_destination_gets_one_message_at_a_time(outbox: Outbox) -> None:
    await outbox.owe("s1", "s2")
    await outbox.drain().drain()
    await outbox.owe("s1", "s2", revision=2)  # edits, which may be leased together
    gate = asyncio.Event()
    outbox.sender.told["C1"].append(gate)

    draining = asyncio.create_task(outbox.drain().drain())
    await outbox.sender.wait_for(3)
    for _ in range(20):
        await asyncio.sleep(0.001)
    assert outbox.sender.stories == ["s1", "s2", "s1"]
    gate.set()

    assert await draining == Drained(sent=2)
    assert outbox.sender.stories == ["s1", "s2", "s1", "s2"]


async def test_a_destination_that_is_slow_does_not_hold_up_later_posts_of_others(
    outbox: Outbox,
) -> None:
    await outbox.owe("s1")
    await outbox.owe("s2", "s3", "s4", to=OTHER)
    gate = asyncio.Event()
    outbox.sender.told["C1"].append(gate)

    draining = asyncio.create_task(outbox.drain().drain())
    await outbox.sender.wait_for(4)
    assert await outbox.state("s1") == ("sending", 0, "")
    gate.set()

    assert await draining == Drained(sent=4)


@pytest.mark.parametrize(
    ("trouble", "error", "wait_s"),
    [
        (SendUnclear("no answer"), "no answer", 2),
        (SendRefusedForNow("slow down", retry_after_s=90.0), "slow down", 90),
        (SendRefusedForNow("not now"), "not now", 2),
        (KeyError("blocks"), "KeyError: 'blocks'", 2),
        (TimeoutError(), "no answer in 60 s; the post may have arrived", 2),
    ],
)
async def test_what_fails_is_put_off_and_repeated_under_the_same_id(
    outbox: Outbox, trouble: Exception, error: str, wait_s: int
) -> None:
    await outbox.owe("s1")
    outbox.sender.told["C1"].append(trouble)

    assert await outbox.drain().drain() == Drained(put_off=1)

    assert await outbox.state("s1") == ("owed", 1, error)
    assert await outbox.store.next_attempt_at() == NOW + timedelta(seconds=wait_s)
    outbox.now += timedelta(seconds=wait_s)
    assert await outbox.drain().drain() == Drained(sent=1)
    first, second = (one for one, _ in outbox.sender.sent)
    assert (first.id, second.id) == (make_delivery_id("s1", SLACK),) * 2
    assert await outbox.state("s1") == ("sent", 0, "")


async def test_a_failing_destination_does_not_hold_up_the_others(outbox: Outbox) -> None:
    await outbox.owe("s1", "s2")
    await outbox.owe("s3", to=OTHER)
    outbox.sender.told["C1"] += [RuntimeError("a defect"), SendRefused("channel_not_found")]

    assert await outbox.drain().drain() == Drained(sent=1, put_off=1)
    assert (await outbox.state("s3", OTHER))[0] == "sent"

    outbox.now += timedelta(seconds=2)  # the second waited for the first's next attempt
    assert await outbox.drain().drain() == Drained(sent=1, failed=1)
    assert (await outbox.state("s2"))[0] == "sent"


async def test_a_refusal_for_good_is_parked_with_its_reason(outbox: Outbox) -> None:
    await outbox.owe("s1")
    outbox.sender.told["C1"].append(SendRefused("channel_not_found"))

    assert await outbox.drain().drain() == Drained(failed=1)

    assert await outbox.state("s1") == ("failed", 1, "channel_not_found")
    assert await outbox.store.next_attempt_at() is None


async def test_after_the_last_attempt_it_is_given_up_with_its_reason(outbox: Outbox) -> None:
    await outbox.owe("s1")
    outbox.sender.told["C1"] += [SendUnclear(f"no answer {n}") for n in (1, 2, 3)]

    drained = []
    for _ in range(4):
        drained.append(await outbox.drain().drain())
        outbox.now += timedelta(hours=1)

    assert drained == [Drained(put_off=1), Drained(put_off=1), Drained(failed=1), Drained()]
    assert await outbox.state("s1") == ("failed", 3, "no answer 3")


async def test_a_story_that_moves_on_while_it_is_sent_is_edited_next(outbox: Outbox) -> None:
    await outbox.owe("s1")
    gate = asyncio.Event()
    outbox.sender.told["C1"].append(gate)

    draining = asyncio.create_task(outbox.drain().drain())
    await outbox.sender.wait_for(1)
    await outbox.owe("s1", revision=2)
    gate.set()

    assert await draining == Drained(sent=2)
    (_, post), (edit, edited) = outbox.sender.sent
    assert (post.revision, edited.revision) == (1, 2)
    assert (edit.id, edit.message_ref) == (make_delivery_id("s1", SLACK), "ref of s1")


async def test_what_joins_while_a_post_is_sent_is_gathered_before_the_edit(
    outbox: Outbox,
) -> None:
    await outbox.owe("s1")
    gate = asyncio.Event()
    outbox.sender.told["C1"].append(gate)

    draining = asyncio.create_task(outbox.drain(gather=timedelta(seconds=8)).drain())
    await outbox.sender.wait_for(1)
    await outbox.owe("s1", revision=2)
    gate.set()

    assert await draining == Drained(sent=1)
    assert await outbox.store.next_attempt_at() == NOW + timedelta(seconds=8)
    outbox.now += timedelta(seconds=8)
    await outbox.owe("s1", revision=3)
    assert await outbox.drain().drain() == Drained(sent=1)
    assert [message.revision for _, message in outbox.sender.sent] == [1, 3]


async def test_a_turn_is_sent_as_a_reply_to_the_post_of_its_story(outbox: Outbox) -> None:
    await outbox.owe("s1")
    tie = Tie(TieKind.REVERSED, "s1", "Huawei and AT&T agree", None)
    turn = story("s2", opened_at=NOW + timedelta(seconds=9), tie=tie)
    await commit_stories(outbox.store, turn, owed=(delivery("s2", SLACK),))

    assert await outbox.drain().drain() == Drained(sent=2)

    assert outbox.sender.stories == ["s1", "s2"]
    assert outbox.sender.answered == ["", "ref of s1"]
    assert [message.tie for _, message in outbox.sender.sent] == [None, tie]


async def test_a_turn_is_sent_by_itself_where_the_post_of_its_story_was_refused(
    outbox: Outbox,
) -> None:
    await outbox.owe("s1")
    outbox.sender.told["C1"].append(SendRefused("msg_too_long"))
    tie = Tie(TieKind.REVERSED, "s1", "Huawei and AT&T agree", None)
    turn = story("s2", opened_at=NOW + timedelta(seconds=9), tie=tie)
    await commit_stories(outbox.store, turn, owed=(delivery("s2", SLACK),))

    assert await outbox.drain().drain() == Drained(sent=1, failed=1)
    assert outbox.sender.answered == ["", ""]


async def test_what_is_owed_where_nothing_is_connected_waits_until_it_is(outbox: Outbox) -> None:
    await outbox.owe("s1", to=DISCORD)

    assert await outbox.drain().drain() == Drained()
    assert await outbox.state("s1", DISCORD) == ("owed", 0, "")

    connected = KeepingSender(Platform.DISCORD)
    assert await outbox.drain(senders=[connected]).drain() == Drained(sent=1)
    assert connected.stories == ["s1"]
    assert outbox.sender.stories == []


async def test_what_is_owed_waits_without_an_attempt_while_its_platform_is_away(
    outbox: Outbox,
) -> None:
    await outbox.owe("s1")
    drain = outbox.drain()
    outbox.sender.is_up = False
    drain.wake()

    assert await drain.drain() == Drained()
    assert await outbox.state("s1") == ("owed", 0, "")

    outbox.sender.is_up = True
    assert await drain.drain() == Drained(sent=1)


async def test_what_was_being_sent_in_a_crash_is_repeated_under_the_same_id(
    outbox: Outbox,
) -> None:
    await outbox.owe("s1", "s2")
    (crashed,) = await outbox.store.lease_deliveries(NOW, limit=9, lease=LEASE)

    assert await outbox.drain().drain() == Drained()  # another worker may be at it
    outbox.now += LEASE
    assert await outbox.drain().drain() == Drained(sent=2)

    assert outbox.sender.sent[0][0].id == crashed.delivery.id
    assert outbox.sender.stories == ["s1", "s2"]


async def test_a_drain_that_is_cancelled_leaves_what_was_under_way_unclear(
    outbox: Outbox,
) -> None:
    await outbox.owe("s1")
    outbox.sender.told["C1"].append(asyncio.Event())
    draining = asyncio.create_task(outbox.drain().drain())
    await outbox.sender.wait_for(1)

    draining.cancel()
    await asyncio.wait([draining])

    assert (await outbox.state("s1"))[0] == "sending"
    assert {task.get_name() for task in asyncio.all_tasks()}.isdisjoint(
        {make_delivery_id("s1", SLACK)}
    )
    assert await outbox.store.release_leases() == 1
    assert await outbox.drain().drain() == Drained(sent=1)


async def test_a_delivery_ahead_of_its_story_is_settled_and_not_sent_for_ever(
    outbox: Outbox,
) -> None:
    await commit_stories(outbox.store, story("s1"), owed=(delivery("s1", SLACK, revision=2),))

    assert await outbox.drain().drain() == Drained(sent=1)
    assert (await outbox.state("s1"))[0] == "sent"


async def test_a_post_that_cannot_be_marked_is_repeated_when_its_lease_ran_out(
    outbox: Outbox, caplog: pytest.LogCaptureFixture
) -> None:
    await outbox.owe("s1")
    await outbox.owe("s2", to=OTHER)
    async with outbox.store.database.writing() as connection:
        await connection.execute(
            text(
                "create trigger full before update on deliveries"
                " when new.state = 'sent' and new.channel = 'C1'"
                " begin select raise(abort, 'no space left'); end"
            )
        )

    assert await outbox.drain().drain() == Drained(sent=1, put_off=1)

    assert (await outbox.state("s1"))[0] == "sending"
    assert [r.levelno for r in caplog.records if "could not be marked" in r.message] == [
        logging.ERROR
    ]
    async with outbox.store.database.writing() as connection:
        await connection.execute(text("drop trigger full"))
    outbox.now += LEASE
    assert await outbox.drain().drain() == Drained(sent=1)


async def test_a_story_that_cannot_be_drawn_holds_up_nobody(outbox: Outbox) -> None:
    await outbox.owe("s1", "s2")

    def render(told: Story) -> Message:
        if told.id == "s1":
            raise ValueError("no such colour")
        return make_message(told, Catalogue())

    assert await outbox.drain(render=render).drain() == Drained(sent=1, put_off=1)
    assert await outbox.state("s1") == ("owed", 1, "ValueError: no such colour")


async def test_each_destination_gets_the_story_as_it_may_see_it(outbox: Outbox) -> None:
    await outbox.owe("s1")
    await outbox.owe("s2", to=OTHER)

    async def view(told: Story, place: Destination) -> Story:
        return replace(told, makers=told.makers if place == SLACK else ())

    assert await outbox.drain(view=view).drain() == Drained(sent=2)
    assert {one.destination: message.makers for one, message in outbox.sender.sent} == {
        SLACK: ("huawei",),
        OTHER: (),
    }


async def test_a_story_merged_before_its_post_was_made_is_given_up_unposted(
    outbox: Outbox,
) -> None:
    """A post under way at the time of the merge comes back so, if it did not arrive."""
    await outbox.owe("s1", "s2")
    gone = story("s1", opened_at=NOW, tie=Tie(TieKind.MERGED, "s2", "The other", None), revision=2)
    await commit_stories(outbox.store, gone, owed=(delivery("s1", SLACK, revision=2),))

    assert await outbox.drain().drain() == Drained(sent=1, failed=1)
    assert outbox.sender.stories == ["s2"]
    state, _, error = await outbox.state("s1")
    assert (state, error) == ("failed", "story s1 was merged into another before it was posted")
