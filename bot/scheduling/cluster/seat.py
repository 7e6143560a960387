"""A seat: something that one process at a time may do, of all that would.

Who has the seat holds an advisory lock, by a connection of its own; so it is free when that
connection ends. PostgreSQL ends it when nothing was heard over it for ``SILENT_S``: the machine
died, the process hangs, or the network between is gone. Others ask every ``TRY_EVERY_S``.

Two may believe for a moment that they have it, where a process hung and goes on.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import suppress
from typing import Any, TypeVar

import psycopg
from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from bot.scheduling.absence import Absence
from bot.scheduling.clock import finish, wait

TRY_EVERY_S = 2.0
"""So often each process that would have the seat asks for it."""

CHECK_EVERY_S = 1.0
"""So often who has it looks whether that is still so; it is a sign of life too."""

ANSWER_S = 5.0
"""A database that does not answer in this time is away. With ``CHECK_EVERY_S`` and ``LOST_S``
less than ``SILENT_S``: who lost the seat has ended its work before another has it."""

SILENT_S = 10
"""Who said nothing to the server for so long has the seat no more. With the time between two
tries others have it within 15 seconds."""

LOST_S = 1.5
"""What is done in a seat that was lost has so long to end."""

IDLE_TIMEOUT_SINCE = 140_000
"""PostgreSQL 14 can end idle sessions; before that, only a dead machine is noticed."""

ASKED_IN_VAIN = 3
"""Times that some parts of a seat are free and others not, until people are told."""

_KEY = "hashtextextended(current_schema() || ' ' || {}, 0)"
_TRY = f"SELECT pg_try_advisory_lock({_KEY.format('%s')})"
_TRY_BESIDE = f"SELECT pg_try_advisory_lock_shared({_KEY.format('%s')})"
_TRY_PARTS = (  # nothing of it comes from outside
    "SELECT count(*) FILTER (WHERE is_ours), count(*) FROM (SELECT pg_try_advisory_lock("  # noqa: S608
    + _KEY.format("%s || ' ' || part")
    + ") AS is_ours FROM unnest(%s::int[]) AS part) AS asked"
)
# Numbers of one count have this lock together; it is looked up who has that of another count.
_NOTE_COUNT = "SELECT pg_advisory_lock_shared(hashtext(current_schema() || ' ' || %s), %s)"
_FIND_COUNTS = """
    SELECT array_agg(DISTINCT objid::int) FROM pg_locks
    WHERE locktype = 'advisory' AND objsubid = 2 AND granted
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND classid::bigint = hashtext(current_schema() || ' ' || %s)::bigint & 4294967295
        AND objid::int <> %s
"""
_LEAVE = "SELECT pg_advisory_unlock_all()"

log = logging.getLogger(__name__)

_T = TypeVar("_T")


class Seat:
    """The seat called ``name``, of all processes on this database (and schema).

    Args:
        conninfo: of the database, as libpq takes it.
        parts: of the seat, by their numbers, where others may have others; () for all of it.
        count: of all its parts, the same for all who have some.

    Attributes:
        is_held: whether it is ours.
    """

    def __init__(
        self,
        conninfo: str,
        name: str,
        *,
        absence: Absence,
        parts: Sequence[int] = (),
        count: int = 0,
    ) -> None:
        self._conninfo = conninfo
        self._name = name
        self._parts = list(parts)
        self._count = count
        self._absence = absence
        self._in_vain = 0
        self.is_held = False

    async def run(
        self,
        stop: asyncio.Event,
        *,
        grace_s: float,
        work: Callable[[asyncio.Event], Awaitable[None]],
    ) -> None:
        """Do ``work`` whenever the seat is ours, until ``stop``.

        Its event is set when the seat is lost or ``stop`` is set. In the first case it is
        cancelled soon, else it has ``grace_s`` to end. One that ends by itself is begun anew.
        """
        while not stop.is_set():
            try:
                async with asyncio.timeout(2 * ANSWER_S):
                    connection = await self._connect()
                async with connection:
                    await self._wait_and_work(connection, stop, grace_s=grace_s, work=work)
            except (psycopg.OperationalError, TimeoutError) as error:
                if not self._absence.note(error):
                    said = " ".join(str(error).split()) or "no answer in time"
                    log.warning("the seat of %s cannot be asked for now: %s", self._name, said)
            await wait(stop, TRY_EVERY_S)

    async def _connect(self) -> AsyncConnection:
        connection = await AsyncConnection.connect(
            self._conninfo, autocommit=True, application_name=f"newsbot {self._name}"
        )
        limits = {"tcp_keepalives_idle": 5, "tcp_keepalives_interval": 2, "tcp_keepalives_count": 2}
        if connection.info.server_version >= IDLE_TIMEOUT_SINCE:
            limits["idle_session_timeout"] = SILENT_S * 1000
        for name, value in limits.items():
            await connection.execute("SELECT set_config(%s, %s, false)", [name, str(value)])
        return connection

    async def _wait_and_work(
        self,
        connection: AsyncConnection,
        stop: asyncio.Event,
        *,
        grace_s: float,
        work: Callable[[asyncio.Event], Awaitable[None]],
    ) -> None:
        while not await self._try(connection):
            if await wait(stop, TRY_EVERY_S):
                return
        self._absence.note_back()
        self.is_held = True
        ending = asyncio.Event()
        working: asyncio.Task[None] = asyncio.create_task(_call(work, ending), name=self._name)
        try:
            while not (working.done() or await wait(stop, CHECK_EVERY_S)):
                await _answer(connection, connection.execute("SELECT 1"))
        finally:
            self.is_held = False
            ending.set()
            await finish(
                {working}, grace_s=grace_s if stop.is_set() else LOST_S, is_told=stop.is_set()
            )
        if not working.cancelled():
            working.result()

    async def _try(self, connection: AsyncConnection) -> bool:
        return await _answer(connection, self._try_all(connection))

    async def _try_all(self, connection: AsyncConnection) -> bool:
        if not self._parts:
            return await self._ask(connection, _TRY) == (True,)
        if await self._ask(connection, _TRY_BESIDE) == (True,):
            await self._ask(connection, _NOTE_COUNT, self._count)  # before it is looked for others
            (counts,) = await self._ask(connection, _FIND_COUNTS, self._count)
            ours, wanted = await self._ask(connection, _TRY_PARTS, self._parts)
            if ours == wanted and not counts:
                return True
            self._tell_of_others(ours, counts or ())
        await connection.execute(_LEAVE)
        return False

    async def _ask(self, connection: AsyncConnection, question: str, *more: object) -> TupleRow:
        cursor = await connection.execute(question.encode(), [self._name, *more])
        row = await cursor.fetchone()
        assert row is not None
        return row

    def _tell_of_others(self, free: int, counts: Sequence[int]) -> None:
        """Say so where others have other parts or another count: the seat never gets free."""
        self._in_vain = self._in_vain + 1 if free or counts else 0
        if self._in_vain != ASKED_IN_VAIN:
            return
        if counts:
            log.warning(
                "the seat of %s: another process has some numbers of %s in all, and this one is "
                "to have %s of %d, so it begins none of them; give the same count to all "
                "(discord.shard_count) and start the others anew",
                self._name,
                " and of ".join(map(str, counts)),
                ", ".join(map(str, self._parts)),
                self._count,
            )
            return
        log.warning(
            "the seat of %s: another process has some of the numbers %s, so this one begins "
            "none of them; give the same numbers to both, or each number to one",
            self._name,
            ", ".join(map(str, self._parts)),
        )


async def _call(work: Callable[[asyncio.Event], Awaitable[None]], ending: asyncio.Event) -> None:
    await work(ending)


async def _answer(connection: AsyncConnection, asking: Coroutine[Any, Any, _T]) -> _T:
    """What ``asking`` of ``connection`` gives; it is hung up where that takes too long.

    Not broken off by ``asyncio.timeout``: psycopg would ask a server that is silent to cancel
    the query, and wait another ten seconds for that.

    Raises:
        TimeoutError: no answer in ``ANSWER_S``.
    """
    task = asyncio.create_task(asking)
    try:
        await asyncio.wait({task}, timeout=ANSWER_S)
        if not task.done():
            raise TimeoutError
        return task.result()
    finally:
        if not task.done():
            _hang_up(connection)
            await asyncio.gather(task, return_exceptions=True)


def _hang_up(connection: AsyncConnection) -> None:
    """End the connection under whoever waits for an answer over it: they hear of it at once."""
    with suppress(OSError, psycopg.Error), socket.socket(fileno=os.dup(connection.fileno())) as our:
        our.shutdown(socket.SHUT_RDWR)
