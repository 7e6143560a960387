"""Paces and events that processes on one PostgreSQL share."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from bot.delivery.pace import Schedule
from bot.ports.shared import Rate, Turns
from bot.store import open_store
from bot.store.shared import SqlShared, find_turns
from tests.builders import NOW
from tests.servers.postgres import PostgresServer

RARE = Rate(per_s=0.001)  # a turn in so many seconds that no test lasts for one
GAP_S = 1_000.0


@pytest.fixture
def database_url(postgres: PostgresServer) -> Iterator[str]:
    with postgres.fresh_database() as url:
        yield url


@pytest.fixture
async def processes(database_url: str) -> AsyncIterator[list[SqlShared]]:
    """Two on the same database."""
    async with AsyncExitStack() as stack:
        opened = [await stack.enter_async_context(await open_store(database_url)) for _ in range(2)]
        yield [SqlShared(store.database) for store in opened]


async def next_at(shared: SqlShared, name: str = "discord") -> int:
    async with shared.database.reading() as connection:
        found = await connection.scalar(
            text("SELECT next_at FROM budgets WHERE name = :name"), {"name": name}
        )
    return int(found or 0)


async def test_turns_of_all_processes_come_one_after_the_other(processes: list[SqlShared]) -> None:
    one, other = processes

    first = await one.take_turns("discord", RARE)
    second = await other.take_turns("discord", RARE, count=2)
    third = await one.take_turns("discord", RARE)

    assert first.starts_in_s == (0.0,)
    starts = [*second.starts_in_s, *third.starts_in_s]
    assert [round(start_s / GAP_S) for start_s in starts] == [1, 2, 3]
    assert starts[0] <= GAP_S


async def test_no_turn_is_given_twice_however_many_ask_at_once(processes: list[SqlShared]) -> None:
    await processes[0].take_turns("discord", RARE)
    began = await next_at(processes[0])

    given_to_all = await asyncio.gather(
        *(processes[n % 2].take_turns("discord", RARE, count=3) for n in range(30))
    )

    places = sorted(round(s / GAP_S) for turns in given_to_all for s in turns.starts_in_s)
    assert places == list(range(1, 91))
    assert await next_at(processes[0]) == began + 90 * RARE.gap_us


async def test_whoever_would_wait_too_long_takes_no_turn(processes: list[SqlShared]) -> None:
    one, other = processes
    await one.take_turns("discord", RARE)
    before = await next_at(one)

    refused = await other.take_turns("discord", RARE, at_most_s=5.0)

    assert refused.starts_in_s == ()
    assert GAP_S - 60 < refused.opens_in_s <= GAP_S
    assert await next_at(one) == before
    assert (await other.take_turns("discord", RARE, at_most_s=GAP_S)).starts_in_s != ()


async def test_some_may_begin_early_after_a_pause(processes: list[SqlShared]) -> None:
    one, other = processes
    rate = Rate(per_s=0.001, burst=2)

    turns = [(await each.take_turns("x", rate)).starts_in_s[0] for each in (one, other, one)]
    late = await other.take_turns("x", rate, at_most_s=5.0)

    assert turns == [0.0, 0.0, 0.0]
    assert late.starts_in_s == ()


@pytest.mark.parametrize("rate", [RARE, Rate(RARE.per_s, burst=3)])
async def test_a_hold_keeps_all_processes_waiting(processes: list[SqlShared], rate: Rate) -> None:
    one, other = processes
    await one.hold_turns("discord", rate, seconds=500)
    await one.hold_turns("discord", rate, seconds=5)  # the longer one counts

    held = await other.take_turns("discord", rate, at_most_s=0.0)

    assert held.starts_in_s == ()
    assert 400 < held.opens_in_s <= 500


async def test_paces_do_not_wait_for_each_other(processes: list[SqlShared]) -> None:
    one, other = processes
    await one.take_turns("slack/T1/C1", RARE)

    assert (await other.take_turns("slack/T1/C2", RARE)).starts_in_s == (0.0,)


async def test_an_event_is_new_to_one_process_only(processes: list[SqlShared]) -> None:
    noted = await asyncio.gather(
        *(processes[n % 2].note_event("Ev1", now=NOW) for n in range(8)),
    )

    assert sorted(noted) == [False] * 7 + [True]
    assert await processes[0].note_event("Ev2", now=NOW)


async def test_old_events_and_paces_are_forgotten(processes: list[SqlShared]) -> None:
    one, other = processes
    await one.note_event("Ev1", now=NOW)
    await one.note_event("Ev2", now=NOW + timedelta(hours=2))
    await one.take_turns("discord", RARE)

    await other.forget_shared(NOW + timedelta(hours=1))

    assert await one.note_event("Ev1", now=NOW)
    assert not await one.note_event("Ev2", now=NOW)
    assert await next_at(one) > 0  # it was kept lately


@given(
    st.lists(st.tuples(st.integers(0, 300_000), st.integers(1, 5)), max_size=30),
    st.integers(0, 4),
)
def test_turns_are_those_of_the_schedule_of_one_process(
    asks: list[tuple[int, int]], burst: int
) -> None:
    """``next_us`` is moved on here as the statement does."""
    rate = Rate(per_s=20.0, burst=burst)
    alone = Schedule(20.0, burst)
    now_us, next_us = 1_000_000, 0
    for wait_us, count in asks:
        now_us += wait_us
        next_us = max(next_us, now_us) + count * rate.gap_us
        turns = find_turns(next_us, now_us, rate, count=count)
        for start_s in turns.starts_in_s:
            at = max(now_us / 1e6, alone.opens_at(now_us / 1e6))
            assert start_s == pytest.approx(at - now_us / 1e6, abs=1e-3)
            alone.take(now_us / 1e6)


@pytest.mark.parametrize(
    ("next_us", "count", "starts", "opens_in_s"),
    [
        (0, 0, (), 0.0),
        (1_000_000, 0, (), 0.0),
        (1_000_001, 0, (), 1e-6),
        (3_000_000, 1, (1.0,), 2.0),
        (2_000_000, 2, (0.0, 0.0), 1.0),
    ],
)
def test_a_turn_is_never_in_the_past(
    next_us: int, count: int, starts: tuple[float, ...], opens_in_s: float
) -> None:
    assert find_turns(next_us, 1_000_000, Rate(1.0), count=count) == Turns(starts, opens_in_s)
