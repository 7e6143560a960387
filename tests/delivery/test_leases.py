"""Leases that run out while a post waits or is sent, and another worker that takes over."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from sqlalchemy import text

from bot.delivery.outcomes import Drained
from bot.model import make_delivery_id
from tests.builders import NOW
from tests.delivery.lab import LEASE, SLACK, Outbox


async def test_a_send_that_outlives_its_lease_is_given_up_as_unclear(both: Outbox) -> None:
    await both.owe("s1")
    both.sender.told["C1"].append(asyncio.Event())

    drained = await both.drain(lease=timedelta(seconds=0.2)).drain()

    assert drained == Drained(put_off=1)
    assert (await both.state("s1"))[:2] == ("owed", 1)
    assert (await both.delivery("s1")).unclear_since == NOW


async def test_an_edit_that_waits_for_its_turn_is_not_sent_twice(both: Outbox) -> None:
    await both.owe("s1", "s2")
    await both.drain().drain()
    await both.owe("s1", "s2", revision=2)
    gate = asyncio.Event()
    both.sender.told["C1"].append(gate)

    draining = asyncio.create_task(both.drain().drain())
    await both.sender.wait_for(3)
    both.now += LEASE  # so both are leased once more by the next look
    leased_until = text("select max(lease_until) from deliveries")
    async with asyncio.timeout(20):
        seen: set[str] = set()
        while len(seen) < 2:
            async with both.store.database.reading() as connection:
                seen.add(str(await connection.scalar(leased_until)))
            await asyncio.sleep(0.05)
    gate.set()

    assert await draining == Drained(sent=2)
    assert both.sender.stories == ["s1", "s2", "s1", "s2"]


async def test_an_edit_that_another_worker_took_meanwhile_is_left_to_it(both: Outbox) -> None:
    await both.owe("s1", "s2")
    await both.drain().drain()
    await both.owe("s1", "s2", revision=2)
    gate = asyncio.Event()
    both.sender.told["C1"].append(gate)

    draining = asyncio.create_task(both.drain().drain())
    await both.sender.wait_for(3)
    taken = await both.store.lease_deliveries(NOW + LEASE, limit=9, lease=LEASE)
    both.now += LEASE
    gate.set()

    assert [owed.story.id for owed in taken] == ["s1", "s2"]
    assert await draining == Drained(sent=1)
    assert both.sender.stories == ["s1", "s2", "s1"]


async def test_what_another_worker_posted_meanwhile_is_edited_and_not_posted_again(
    both: Outbox,
) -> None:
    """It still stood in line here as it was before, when its edit was leased."""
    await both.owe("s1")
    await both.drain().drain()
    await both.owe("s1", revision=2)
    gate = asyncio.Event()
    both.sender.told["C1"].append(gate)
    drain = both.drain()
    draining = asyncio.create_task(drain.drain())
    await both.sender.wait_for(2)
    await both.owe("s2", opened_at=NOW + timedelta(seconds=9))
    drain.wake()
    await until(both, "state = 'sending' and story_id = 's2'")

    await both.store.lease_deliveries(NOW + LEASE, limit=9, lease=LEASE)
    posted = make_delivery_id("s2", SLACK)
    later = NOW + LEASE
    await both.store.mark_sent(posted, revision=1, message_ref="theirs", edits_at=later)
    both.now = later
    await both.owe("s2", revision=2, opened_at=NOW + timedelta(seconds=9), next_attempt_at=later)
    drain.wake()
    await until(both, "state = 'sending' and story_id = 's2' and sent_revision = 1")
    gate.set()

    await draining
    last, _ = both.sender.sent[-1]
    assert (last.story_id, last.message_ref, last.revision) == ("s2", "theirs", 2)
    assert [one.story_id for one, _ in both.sender.sent].count("s2") == 1


async def until(both: Outbox, condition: str) -> None:
    """Until some delivery meets ``condition``."""
    asked = text(f"select count(*) from deliveries where {condition}")
    async with asyncio.timeout(20):
        while True:
            async with both.store.database.reading() as connection:
                if await connection.scalar(asked):
                    return
            await asyncio.sleep(0.02)
