from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest

from bot.errors import FeedUnreachable
from bot.fetching.pace import Pace


def make_pace(
    *, per_host: int = 2, spacing_s: float = 0.0, in_all: int = 100, max_hosts: int = 100
) -> Pace:
    return Pace(per_host=per_host, spacing_s=spacing_s, in_all=in_all, max_hosts=max_hosts)


async def find_peak(pace: Pace, hosts: list[str], *, is_own: bool = False) -> int:
    """The most turns held at one moment when all of ``hosts`` are asked at once."""
    held = peak = 0

    async def ask(host: str) -> None:
        nonlocal held, peak
        async with pace.turn(host, is_own=is_own):
            held += 1
            peak = max(peak, held)
            for _ in range(5):
                await asyncio.sleep(0)
            held -= 1

    await asyncio.gather(*(ask(host) for host in hosts))
    return peak


async def test_one_host_has_so_many_turns_at_a_time() -> None:
    assert await find_peak(make_pace(per_host=2), ["wire.example"] * 20) == 2


async def test_other_hosts_do_not_wait_for_a_busy_one() -> None:
    assert await find_peak(make_pace(per_host=2), ["a.example", "b.example"] * 10) == 4


async def test_all_hosts_together_have_a_bound_too() -> None:
    hosts = [f"{n}.example" for n in range(50)]

    assert await find_peak(make_pace(in_all=7), hosts) == 7


async def test_own_machines_wait_for_the_bound_of_all_only() -> None:
    pace = make_pace(per_host=2, spacing_s=60.0, in_all=9)

    assert await find_peak(pace, ["127.0.0.1:8801"] * 20, is_own=True) == 9


async def test_starts_at_one_host_keep_their_distance() -> None:
    pace, starts = make_pace(per_host=5, spacing_s=0.05), []

    async def ask() -> None:
        async with pace.turn("wire.example"):
            starts.append(asyncio.get_running_loop().time())

    await asyncio.gather(*(ask() for _ in range(4)))

    gaps = [later - earlier for earlier, later in pairwise(starts)]
    assert min(gaps) >= 0.04  # a sleep may end within the clock's resolution


async def test_a_host_left_alone_gets_no_turns_and_others_do() -> None:
    pace = make_pace()
    pace.leave_alone("wire.example", 60.0)
    pace.leave_alone("wire.example", 5.0)  # the longer wish stands

    with pytest.raises(FeedUnreachable, match=r"wire\.example: asked to be left alone") as caught:
        async with pace.turn("wire.example", is_own=True):
            raise AssertionError("no turn was due")
    async with pace.turn("other.example"):
        pass

    assert caught.value.retry_after_s is not None
    assert 50.0 < caught.value.retry_after_s <= 60.0


@pytest.mark.parametrize(("per_host", "in_all"), [(1, 100), (100, 1)])
async def test_the_wish_counts_for_those_already_waiting(per_host: int, in_all: int) -> None:
    pace = make_pace(per_host=per_host, in_all=in_all)

    async def ask() -> None:
        async with pace.turn("wire.example"):
            raise AssertionError("no turn was due")

    async with pace.turn("wire.example"):
        waiting = asyncio.create_task(ask())
        for _ in range(3):
            await asyncio.sleep(0)
        pace.leave_alone("wire.example", 60.0)

    with pytest.raises(FeedUnreachable):
        await waiting


async def test_a_refusal_does_not_wait_for_its_turn() -> None:
    pace = make_pace(spacing_s=3600.0)
    async with pace.turn("wire.example"):
        pace.leave_alone("wire.example", 60.0)

    with pytest.raises(FeedUnreachable):
        async with asyncio.timeout(10), pace.turn("wire.example"):
            raise AssertionError("no turn was due")


async def test_the_wish_ends() -> None:
    pace = make_pace()
    pace.leave_alone("wire.example", 0.01)
    await asyncio.sleep(0.02)

    async with pace.turn("wire.example"):
        pass


async def test_giving_up_waiting_gives_the_place_back() -> None:
    pace = make_pace(per_host=1)
    async with pace.turn("wire.example"):
        waiting = asyncio.create_task(find_peak(pace, ["wire.example"]))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)

    async with asyncio.timeout(5), pace.turn("wire.example"):
        pass


async def test_memory_of_hosts_is_bounded_and_wishes_go_last() -> None:
    pace = make_pace(max_hosts=20)
    pace.leave_alone("quiet.example", 60.0)
    async with pace.turn("busy.example"):
        for n in range(200):
            async with pace.turn(f"{n}.example"):
                pass

        assert len(pace._hosts) <= 20
        assert "busy.example" in pace._hosts
    with pytest.raises(FeedUnreachable):
        async with pace.turn("quiet.example"):
            raise AssertionError("no turn was due")
