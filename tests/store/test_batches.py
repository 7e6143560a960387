"""Calls that come while others are answered share the next batch."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Hashable, Sequence

import pytest

from bot.store.batches import Batches


class Desk:
    """Answers a word with its capitals, when it is let; words in ``refused`` it refuses."""

    def __init__(self, *, most: int = 99, refused: Collection[str] = ()) -> None:
        self.refused = refused
        self.batches: list[list[str]] = []
        self.open = asyncio.Event()
        self.open.set()
        self.calls = Batches(self.work, weigh=len, most=most, claim=self.claim)

    async def work(self, words: Sequence[str]) -> list[str]:
        self.batches.append(list(words))
        await self.open.wait()
        for word in words:
            if word in self.refused:
                raise ValueError(word)
        return [word.upper() for word in words]

    def claim(self, word: str) -> Sequence[Hashable]:
        return (word[0],)


async def settle() -> None:
    """Let everybody run until they all wait."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_each_gets_the_answer_to_its_own_call() -> None:
    desk = Desk()

    assert await asyncio.gather(*map(desk.calls.ask, ("a", "b", "c"))) == ["A", "B", "C"]

    assert desk.batches == [["a", "b", "c"]]


async def test_who_comes_while_a_batch_is_answered_is_in_the_next() -> None:
    desk = Desk()
    desk.open.clear()
    first = asyncio.create_task(desk.calls.ask("a"))
    await settle()
    rest = [asyncio.create_task(desk.calls.ask(word)) for word in ("b", "c")]
    await settle()

    desk.open.set()

    assert await asyncio.gather(first, *rest) == ["A", "B", "C"]
    assert desk.batches == [["a"], ["b", "c"]]


async def test_a_batch_is_full_at_its_weight_and_one_call_may_weigh_more() -> None:
    desk = Desk(most=3)

    await asyncio.gather(*map(desk.calls.ask, ("aaaaa", "b", "cc", "d")))

    assert desk.batches == [["aaaaa"], ["b", "cc"], ["d"]]


async def test_calls_with_the_same_claim_keep_their_order_over_batches() -> None:
    desk = Desk()

    await asyncio.gather(*map(desk.calls.ask, ("a1", "b1", "a2", "a3", "b2")))

    assert desk.batches == [["a1", "b1"], ["a2", "b2"], ["a3"]]


async def test_each_is_told_of_its_own_error_and_of_nobody_elses() -> None:
    desk = Desk(refused=("b", "d"))

    told = await asyncio.gather(*map(desk.calls.ask, "abcd"), return_exceptions=True)

    assert [str(one) for one in told] == ["A", "b", "C", "d"]
    assert desk.batches == [["a", "b", "c", "d"], ["a"], ["b"], ["c"], ["d"]]
    with pytest.raises(ValueError, match="d"):
        await desk.calls.ask("d")


async def test_who_gives_up_before_its_batch_begins_is_not_in_it() -> None:
    desk = Desk()
    desk.open.clear()
    calls = [asyncio.create_task(desk.calls.ask(word)) for word in ("a", "b", "c")]
    await settle()
    late = [asyncio.create_task(desk.calls.ask(word)) for word in ("d", "e")]
    await settle()

    late[0].cancel()
    await settle()
    assert late[0].cancelled()
    desk.open.set()

    assert await asyncio.gather(*calls, late[1]) == ["A", "B", "C", "E"]
    assert desk.batches == [["a", "b", "c"], ["e"]]


async def test_who_gives_up_in_the_middle_waits_for_the_end_and_harms_nobody() -> None:
    desk = Desk()
    desk.open.clear()
    calls = [asyncio.create_task(desk.calls.ask(word)) for word in ("a", "b")]
    await settle()

    calls[0].cancel()
    await settle()
    assert not calls[0].done()
    desk.open.set()

    assert await calls[1] == "B"
    with pytest.raises(asyncio.CancelledError):
        await calls[0]


async def test_after_a_worker_that_was_cancelled_the_next_call_finds_another() -> None:
    desk = Desk()
    desk.open.clear()
    calls = [asyncio.create_task(desk.calls.ask("a"))]
    await settle()
    calls.append(asyncio.create_task(desk.calls.ask("b")))
    await settle()

    (worker,) = (task for task in asyncio.all_tasks() if task.get_name() == "batches")
    worker.cancel()
    await asyncio.wait(calls)
    desk.open.set()

    assert [call.cancelled() for call in calls] == [True, True]
    assert await desk.calls.ask("c") == "C"


async def test_an_error_that_befalls_all_is_not_waited_for_call_by_call() -> None:
    desk = Desk(refused=("b",))
    calls = Batches(
        desk.work, weigh=len, most=99, is_for_all=lambda error: isinstance(error, ValueError)
    )

    said = await asyncio.gather(*map(calls.ask, ("a", "b", "c")), return_exceptions=True)

    assert [type(one) for one in said] == [ValueError] * 3
    assert desk.batches == [["a", "b", "c"]]


async def test_who_gave_up_is_not_tried_again() -> None:
    desk = Desk(refused=("b",))
    desk.open.clear()
    given_up, refused = (asyncio.create_task(desk.calls.ask(word)) for word in ("a", "b"))
    await settle()
    given_up.cancel()
    await settle()

    desk.open.set()

    await asyncio.wait([given_up, refused])
    assert given_up.cancelled()
    assert isinstance(refused.exception(), ValueError)
    assert desk.batches == [["a", "b"], ["b"]]
