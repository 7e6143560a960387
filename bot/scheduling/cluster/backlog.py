"""What is on the board, for people who look after the bot."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

import psycopg
from psycopg import AsyncConnection

from bot.errors import DatabaseUnusable
from bot.scheduling.cluster.board import STALLED_S

_COUNT = """
SELECT job.queue_name, job.status,
       count(*) FILTER (
           WHERE job.status = 'doing' AND (
               worker.id IS NULL OR worker.last_heartbeat < now() - %s * interval '1 second'
           )
       ),
       count(*)
FROM procrastinate_jobs AS job
LEFT JOIN procrastinate_workers AS worker ON worker.id = job.worker_id
WHERE job.status IN ('todo', 'doing')
GROUP BY job.queue_name, job.status
"""


@dataclass(frozen=True, slots=True)
class Backlog:
    """Jobs by queue.

    Attributes:
        waiting: that nobody does yet.
        under_way: that somebody does, the stalled ones too.
        stalled: whose worker died; who leads gives them to others within seconds.
    """

    waiting: dict[str, int] = field(default_factory=dict)
    under_way: dict[str, int] = field(default_factory=dict)
    stalled: int = 0


async def load_clock(conninfo: str) -> datetime:
    """The time by the clock of the database at ``conninfo``, as aware UTC.

    Raises:
        DatabaseUnusable: it cannot be asked.
    """
    try:
        async with await AsyncConnection.connect(conninfo, autocommit=True) as connection:
            found = await (await connection.execute("SELECT clock_timestamp()")).fetchone()
    except psycopg.Error as error:
        said = " ".join(str(error).split())
        raise DatabaseUnusable(f"database.url: its clock cannot be read: {said}") from None
    assert found is not None
    now: datetime = found[0]
    return now.astimezone(UTC)


async def load_backlog(conninfo: str) -> Backlog:
    """What is on the board of the database at ``conninfo``, whose tables are there.

    Raises:
        DatabaseUnusable: it cannot be asked.
    """
    backlog = Backlog()
    stalled_jobs = 0
    try:
        async with await AsyncConnection.connect(conninfo, autocommit=True) as connection:
            rows = await (await connection.execute(_COUNT, [STALLED_S])).fetchall()
    except psycopg.Error as error:
        said = " ".join(str(error).split())
        raise DatabaseUnusable(f"database.url: jobs cannot be counted: {said}") from None
    for queue, status, stalled, count in rows:
        stalled_jobs += stalled
        (backlog.waiting if status == "todo" else backlog.under_way)[queue] = count
    return Backlog(backlog.waiting, backlog.under_way, stalled_jobs)
