"""Who gets a place: fresh news before a backlog, and nobody starves beside a slow channel."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from bot.delivery.outcomes import Drained
from bot.model import Destination, Platform
from tests.builders import NOW
from tests.delivery.lab import DISCORD, LEASE, OTHER, SLACK, Outbox
from tests.delivery.senders import KeepingSender

LONG_AGO = NOW - timedelta(days=2)


def channels(count: int) -> list[Destination]:
    return [Destination(Platform.SLACK, "T1", f"B{number}") for number in range(count)]


async def owe_backlog(both: Outbox, count: int, *, gate: asyncio.Event | None = None) -> None:
    """A story of days ago for each of so many channels, which take it when ``gate`` opens."""
    for number, channel in enumerate(channels(count)):
        opened_at = LONG_AGO + timedelta(seconds=number)
        await both.owe(f"b{number}", to=channel, opened_at=opened_at, next_attempt_at=opened_at)
        if gate is not None:
            both.sender.told[channel.channel].append(gate)


async def test_what_is_fresh_reaches_the_platform_while_a_backlog_waits(both: Outbox) -> None:
    gate = asyncio.Event()
    await owe_backlog(both, 15, gate=gate)
    drain = both.drain(places=10)
    draining = asyncio.create_task(drain.drain())
    await both.sender.wait_for(9)  # a tenth of the places is kept

    await both.owe("news")
    drain.wake()
    await both.sender.wait_for(10)

    assert both.sender.stories[9] == "news"
    gate.set()
    assert await draining == Drained(sent=16)


async def test_what_is_fresh_takes_the_first_place_that_becomes_free(both: Outbox) -> None:
    gates = [asyncio.Event() for _ in range(5)]
    await owe_backlog(both, 5)
    for channel, gate in zip(channels(5), gates, strict=True):
        both.sender.told[channel.channel].append(gate)
    drain = both.drain(places=2)
    draining = asyncio.create_task(drain.drain())
    await both.sender.wait_for(2)

    await both.owe("news")
    drain.wake()
    gates[1].set()
    await both.sender.wait_for(3)

    assert both.sender.stories[2] == "news"
    for gate in gates:
        gate.set()
    assert await draining == Drained(sent=6)


async def test_no_more_posts_are_under_way_than_there_are_places(both: Outbox) -> None:
    await owe_backlog(both, 40)
    both.sender.takes_s = 0.02

    assert await both.drain(places=7).drain() == Drained(sent=40)
    assert 1 < both.sender.most_at_once <= 7


async def test_a_channel_that_hangs_keeps_its_own_place_only(both: Outbox) -> None:
    gate = asyncio.Event()
    names = [f"s{number}" for number in range(8)]
    await both.owe(*names)
    await both.drain().drain()
    await both.owe(*names, revision=2)  # edits, which are leased together
    await owe_backlog(both, 6)
    both.sender.told["C1"].append(gate)

    draining = asyncio.create_task(both.drain(places=2).drain())
    await both.sender.wait_for(8 + 1 + 6)

    assert sorted(both.sender.stories[8:]) == ["b0", "b1", "b2", "b3", "b4", "b5", "s0"]
    gate.set()
    assert await draining == Drained(sent=14)


async def test_a_platform_that_hangs_does_not_hold_up_another(both: Outbox) -> None:
    gate = asyncio.Event()
    await owe_backlog(both, 4, gate=gate)
    await both.owe("s1", "s2", "s3", to=DISCORD)
    other = KeepingSender(Platform.DISCORD)

    draining = asyncio.create_task(both.drain(senders=[other], places=2).drain())
    await other.wait_for(3)

    assert other.stories == ["s1", "s2", "s3"]
    assert len(both.sender.given) == 2
    gate.set()
    assert await draining == Drained(sent=7)


async def test_a_new_post_comes_before_edits_of_its_channel_that_wait(both: Outbox) -> None:
    await both.owe("s1", "s2")
    await both.drain().drain()
    await both.owe("s1", "s2", revision=2)
    gate = asyncio.Event()
    both.sender.told["C1"].append(gate)
    drain = both.drain()
    draining = asyncio.create_task(drain.drain())
    await both.sender.wait_for(3)

    both.now += timedelta(seconds=9)
    await both.owe("s3", opened_at=both.now, next_attempt_at=both.now)
    await both.owe("s4", to=OTHER)
    drain.wake()
    await both.sender.wait_for(4)  # so that one is leased as well
    gate.set()

    assert await draining == Drained(sent=4)
    in_channel = [it.story_id for sent, it in both.sender.sent if sent.destination == SLACK]
    assert in_channel == ["s1", "s2", "s1", "s3", "s2"]


async def test_a_drain_that_shall_rest_ends_with_what_is_under_way(both: Outbox) -> None:
    gate = asyncio.Event()
    await owe_backlog(both, 9, gate=gate)
    drain = both.drain(places=4)
    draining = asyncio.create_task(drain.drain())
    await both.sender.wait_for(4)

    drain.rest()
    drain.wake()  # a poll ended meanwhile
    await asyncio.sleep(0.01)
    gate.set()

    assert await draining == Drained(sent=4)
    assert {state: len(some) for state, some in (await both.states()).items()} == {
        "sent": 4,
        "owed": 5,
    }
    assert await drain.drain() == Drained(sent=5)


async def test_a_send_is_not_begun_when_its_lease_is_nearly_over(both: Outbox) -> None:
    await both.owe("s1", "s2")
    await both.drain().drain()
    await both.owe("s1", "s2", revision=2)
    gate = asyncio.Event()
    both.sender.told["C1"].append(gate)

    draining = asyncio.create_task(both.drain().drain())
    await both.sender.wait_for(3)
    both.now += LEASE * 0.8
    gate.set()

    assert await draining == Drained(sent=1)
    both.now += LEASE * 0.2
    assert await both.drain().drain() == Drained(sent=1)
    assert both.sender.stories == ["s1", "s2", "s1", "s2"]
