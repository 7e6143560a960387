"""One destination served by itself: in order, until nothing is due there."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from bot.delivery.errand import LONGEST, Errands, Served
from bot.delivery.outcomes import Drained
from bot.errors import SendParked, SendRefusedForNow
from bot.model import DeliveryState
from tests.builders import NOW
from tests.delivery.lab import DISCORD, LEASE, OTHER, SLACK, Outbox

AWAY = SendRefusedForNow("away", retry_after_s=30.0)


def errands(both: Outbox, **changes: Any) -> Errands:
    return Errands(both.office(**changes))


async def test_all_that_is_due_at_a_place_is_posted_in_order_and_nothing_elsewhere(
    both: Outbox,
) -> None:
    await both.owe("s1", "s2", "s3")
    await both.owe("s4", to=OTHER)

    served = await errands(both).serve(SLACK)

    assert served == Served(Drained(sent=3), is_more=False)
    assert [delivery.story_id for delivery, _ in both.sender.given] == ["s1", "s2", "s3"]
    assert await both.states() == {"sent": ["s1", "s2", "s3"], "owed": ["s4"]}


async def test_a_post_that_failed_is_waited_for_by_those_behind_it(both: Outbox) -> None:
    await both.owe("s1", "s2")
    both.sender.told["C1"].append(AWAY)

    assert await errands(both).serve(SLACK) == Served(Drained(put_off=1), is_more=False)

    both.now += timedelta(seconds=31)
    assert await errands(both).serve(SLACK) == Served(Drained(sent=2), is_more=False)
    assert [delivery.story_id for delivery, _ in both.sender.given] == ["s1", "s1", "s2"]


async def test_what_waits_at_a_place_that_is_parked_is_put_off_with_it(both: Outbox) -> None:
    await both.owe("s1", "s2")
    await errands(both).serve(SLACK)
    await both.owe("s1", "s2", revision=2)
    both.sender.told["C1"].append(SendParked("the channel is archived"))

    served = await errands(both).serve(SLACK)

    assert served == Served(Drained(put_off=2), is_more=False)
    assert len(both.sender.given) == 3
    assert set(await both.states()) == {"sent"}  # nobody makes their edits until it is resumed


async def test_others_have_the_place_after_a_while_though_more_is_due(both: Outbox) -> None:
    await both.owe("s1", "s2")
    slow = both.sender.send

    async def send(*args: Any, **kwargs: Any) -> str:
        both.now += LONGEST
        return await slow(*args, **kwargs)

    both.sender.send = send  # type: ignore[method-assign]

    assert await errands(both).serve(SLACK) == Served(Drained(sent=1), is_more=True)


async def test_nothing_is_leased_while_the_platform_is_away(both: Outbox) -> None:
    await both.owe("s1")
    both.sender.is_up = False

    assert await errands(both).serve(SLACK) == Served(Drained(), is_more=True)
    assert (await both.delivery("s1")).state is DeliveryState.OWED


async def test_a_stop_finishes_what_is_being_sent_and_leases_nothing_more(both: Outbox) -> None:
    await both.owe("s1", "s2")
    gate = asyncio.Event()
    both.sender.told["C1"].append(gate)
    working = errands(both)
    serving = asyncio.create_task(working.serve(SLACK))
    await both.sender.wait_for(1)

    working.rest()
    gate.set()

    assert await serving == Served(Drained(sent=1), is_more=True)
    assert await both.states() == {"sent": ["s1"], "owed": ["s2"]}


async def test_an_errand_that_was_given_twice_posts_nothing_twice(both: Outbox) -> None:
    """As where a worker hung, was taken for dead, and went on."""
    await both.owe("s1", "s2")
    gate = asyncio.Event()
    both.sender.told["C1"].append(gate)
    first = asyncio.create_task(errands(both).serve(SLACK))
    await both.sender.wait_for(1)

    second = await errands(both).serve(SLACK)
    gate.set()

    assert second == Served(Drained(), is_more=False)
    assert await first == Served(Drained(sent=2), is_more=False)
    assert [delivery.story_id for delivery, _ in both.sender.given] == ["s1", "s2"]


async def test_where_there_is_nothing_to_post_an_errand_ends_at_once(both: Outbox) -> None:
    await both.owe("s1", next_attempt_at=NOW + LEASE)

    assert await errands(both).serve(SLACK) == Served(Drained(), is_more=False)
    assert await errands(both).serve(OTHER) == Served(Drained(), is_more=False)
    assert both.sender.given == []


def test_it_says_where_it_posts(both: Outbox) -> None:
    assert errands(both).platforms == {SLACK.platform}
    assert DISCORD.platform not in errands(both).platforms


async def test_a_database_that_is_away_is_told_in_a_line(
    both: Outbox, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    await both.owe("s1")

    async def lose(*_: object, **__: object) -> None:
        raise ConnectionError("the server closed the connection")

    monkeypatch.setattr(both.store, "mark_sent", lose)
    working = errands(both, is_away=lambda error: isinstance(error, ConnectionError))

    assert await working.serve(SLACK) == Served(Drained(put_off=1), is_more=False)
    assert "was not marked: the database is away" in caplog.text
    assert "Traceback" not in caplog.text
