"""Batches: calls that come while others are being answered are answered together, next.

A transaction, or a question to the database, costs about as much for thirty polls as for one.
So nobody waits for company: the first call goes at once, and those that come meanwhile share
the next batch. The busier it is, the larger the batches and the cheaper each call.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Hashable, Sequence
from typing import Generic, TypeVar

_Asked = TypeVar("_Asked")
_Answer = TypeVar("_Answer")


class _Call(Generic[_Asked, _Answer]):
    """One caller's share of a batch."""

    __slots__ = ("answer", "asked", "batch")

    def __init__(self, asked: _Asked) -> None:
        loop = asyncio.get_running_loop()
        self.asked = asked
        self.answer: asyncio.Future[_Answer] = loop.create_future()
        self.batch: asyncio.Future[None] | None = None  # done when nothing works at it any more


class Batches(Generic[_Asked, _Answer]):
    """Answers calls in batches, one batch at a time, in the order the calls came.

    Args:
        work: answers a batch, in its order. Where it raises, nothing of the batch may have
            been done: each of its calls is then tried by itself, so that nobody is told of
            another's error.
        weigh: what a call adds to the weight of its batch.
        most: the weight at which a batch is full; one call may weigh more.
        claim: things of which a batch has one call each; other calls that claim the same wait
            for a later batch, and so keep their order.
        is_for_all: whether an error would befall each call by itself as well: then all of the
            batch get it, and nobody waits for the same once more.
    """

    def __init__(
        self,
        work: Callable[[Sequence[_Asked]], Awaitable[Sequence[_Answer]]],
        *,
        weigh: Callable[[_Asked], int],
        most: int,
        claim: Callable[[_Asked], Collection[Hashable]] = lambda _: (),
        is_for_all: Callable[[Exception], bool] = lambda _: False,
    ) -> None:
        self._work = work
        self._weigh = weigh
        self._most = most
        self._claim = claim
        self._is_for_all = is_for_all
        self._waiting: list[_Call[_Asked, _Answer]] = []
        self._worker: asyncio.Task[None] | None = None

    async def ask(self, asked: _Asked) -> _Answer:
        """The answer to ``asked``, when its batch is done.

        A caller that is cancelled before its batch began leaves it; after that its share is
        done to the end first, like all that ``uninterrupted`` guards.

        Raises:
            Exception: what ``work`` raised for this call alone.
        """
        call: _Call[_Asked, _Answer] = _Call(asked)
        self._waiting.append(call)
        if self._worker is None:
            self._worker = asyncio.create_task(self._answer_all(), name="batches")
        try:
            return await call.answer
        except asyncio.CancelledError:
            if call.batch is not None:
                await asyncio.wait([call.batch])
            raise

    async def _answer_all(self) -> None:
        try:
            while self._waiting:
                await asyncio.sleep(0)  # whoever is about to call in this very moment comes along
                if calls := self._take():
                    await self._answer_batch(calls)
        finally:
            self._worker = None
            for call in self._waiting:  # none, unless the worker itself was cancelled
                call.answer.cancel()
            self._waiting.clear()

    def _take(self) -> list[_Call[_Asked, _Answer]]:
        """The calls of the next batch, in order; those that gave up are dropped."""
        taken: list[_Call[_Asked, _Answer]] = []
        left: list[_Call[_Asked, _Answer]] = []
        claimed: set[Hashable] = set()
        weight = 0
        for call in self._waiting:
            if call.answer.done():
                continue
            claims = self._claim(call.asked)
            weight += self._weigh(call.asked)
            is_full = bool(taken) and weight > self._most
            if is_full or not claimed.isdisjoint(claims):
                left.append(call)
            else:
                taken.append(call)
            claimed.update(claims)  # those left too: nobody overtakes them
        self._waiting = left
        return taken

    async def _answer_batch(self, calls: Sequence[_Call[_Asked, _Answer]]) -> None:
        batch = asyncio.get_running_loop().create_future()
        for call in calls:
            call.batch = batch
        try:
            await self._answer(calls)
        finally:
            batch.set_result(None)
            for call in calls:
                call.answer.cancel()  # of no effect on those that have one

    async def _answer(self, calls: Sequence[_Call[_Asked, _Answer]]) -> None:
        try:
            answers = await self._work([call.asked for call in calls])
        except Exception as error:  # noqa: BLE001 - it is the caller's, whatever it is
            left = [call for call in calls if not call.answer.done()]  # the others gave up
            if len(calls) == 1 or self._is_for_all(error):
                for call in left:
                    call.answer.set_exception(error)
            else:
                for call in left:
                    if not call.answer.done():  # it may give up while the others are tried
                        await self._answer([call])
        else:
            for call, answer in zip(calls, answers, strict=True):
                if not call.answer.done():
                    call.answer.set_result(answer)
