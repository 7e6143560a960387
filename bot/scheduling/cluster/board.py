"""The board: jobs that wait in PostgreSQL, and workers that take them down."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import psycopg
import psycopg_pool
from procrastinate import App, PsycopgConnector, SyncPsycopgConnector, exceptions
from procrastinate.jobs import DeleteJobCondition, JobDeferrer, Status
from procrastinate.jobs import Job as KeptJob
from procrastinate.manager import JobManager
from procrastinate.worker import Worker

from bot.scheduling.absence import Absence
from bot.scheduling.clock import wait

HEARTBEAT_S = 5.0
"""How often a worker says that it lives."""

STALLED_S = 20.0
"""A worker that says nothing for so long is dead; its jobs are given to others."""

LOOK_EVERY_S = 1.0
"""A job that is kept behind another of its lock is not announced when that ends: so often a
worker with free hands looks what there is."""

ABORT_LOOK_S = 3_600.0
"""Nobody asks for a job to be broken off; Procrastinate looks for that all the same."""

CONNECTIONS = 4
"""To the board, of a process; each is used for a moment only."""

PATIENCE_S = 10.0
"""For a connection to the board; a database that was restarted is back by then."""

AGAIN_S = 1.0
"""Another worker takes the place of one that lost the database so soon, and the end of a job that
could not be written down is written again."""

TAKEN_AT_MOST = 5
"""Times a worker looks again at once because another took a job of the same lock."""

# Nothing is left of a job that was done; nor is it touched where its worker was taken for dead and
# others have it now.
_FINISH = """
    DELETE FROM procrastinate_jobs
    WHERE id = %(id)s AND status = 'doing' AND (worker_id = %(worker_id)s OR worker_id IS NULL)
"""

_FIND_LOCKS = """
    SELECT DISTINCT lock FROM procrastinate_jobs
    WHERE queue_name = %(queue)s AND status IN ('todo', 'doing') AND lock IS NOT NULL
"""

_DROP_WAITING = "DELETE FROM procrastinate_jobs WHERE lock = %(lock)s AND status = 'todo'"

_THIN_OUT = """
    WITH ranked AS (
        SELECT id, row_number() OVER (PARTITION BY lock ORDER BY priority DESC, id) AS place
        FROM procrastinate_jobs WHERE queue_name = %(queue)s AND status = 'todo'
    ), spare AS (
        SELECT id FROM procrastinate_jobs
        WHERE id IN (SELECT id FROM ranked WHERE place > 1) AND status = 'todo'
        FOR UPDATE SKIP LOCKED
    )
    DELETE FROM procrastinate_jobs WHERE id IN (SELECT id FROM spare)
"""

log = logging.getLogger(__name__)

Task = Callable[..., Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Job:
    """Something to be done, as it is put on the board.

    Attributes:
        lock: of jobs with one lock one is done at a time, in the order they came.
        queueing_lock: of jobs with one of these, one waits at a time; another is not put there.
        priority: higher ones are taken first.
    """

    task: str
    queue: str
    lock: str
    queueing_lock: str | None = None
    priority: int = 0
    args: dict[str, Any] = field(default_factory=dict)


class Board:
    """Procrastinate on the database at ``conninfo``, with tasks of our own; ``async with``.

    Args:
        conninfo: what libpq takes as an address.
        absence: what is known of the database being away.
    """

    def __init__(self, conninfo: str, absence: Absence | None = None) -> None:
        quiet_library()
        self._absence = absence or Absence(is_away)
        self._connector = PsycopgConnector(
            conninfo=conninfo,
            min_size=1,
            max_size=CONNECTIONS,
            timeout=PATIENCE_S,
            reconnect_timeout=PATIENCE_S,
            kwargs={"application_name": "newsbot board"},
        )
        self._app = App(connector=self._connector)
        self._manager = _Manager(self._connector, self._absence)
        self._app.job_manager = self._manager
        # Of one that is not opened only the words are needed, see ``put_within``.
        self._within = App(connector=SyncPsycopgConnector())

    async def __aenter__(self) -> Self:
        await self._app.open_async()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._app.close_async()

    def add_task(self, name: str, task: Task) -> None:
        """Let workers of this process do what is called ``name``."""

        async def do(**args: Any) -> None:
            me = asyncio.current_task()
            assert me is not None
            me.add_done_callback(self._see)
            try:
                await task(**args)
            except Exception as error:
                if not self._absence.note(error):
                    log.exception("the job %s broke; what is due of it is found again", name)

        self._app.task(name=name)(do)

    async def put(self, job: Job) -> bool:
        """Put ``job`` on the board; False where one with its queueing lock waits there already.

        Raises:
            procrastinate.exceptions.ConnectorException: the database is away.
        """
        try:
            await self._configure(self._app, job).defer_async(**job.args)
        except exceptions.AlreadyEnqueued:
            return False
        return True

    def put_within(self, connection: psycopg.Connection[Any], jobs: Sequence[Job]) -> None:
        """Put ``jobs`` on the board in the transaction of ``connection``, and with its fate.

        Not for jobs with a queueing lock: one that waits already would end the transaction.
        """
        if not jobs:
            return
        kept = [self._configure(self._within, job).make_new_job(**job.args) for job in jobs]
        self._within.job_manager.batch_defer_jobs(kept, connection=connection)

    async def put_within_async(
        self, connection: psycopg.AsyncConnection[Any], jobs: Sequence[Job]
    ) -> None:
        """As ``put_within``, on a connection of asyncio."""
        await self._put_all(jobs, connection)

    async def put_all(self, jobs: Sequence[Job]) -> None:
        """Put ``jobs``, none of them with a queueing lock, on the board in one statement.

        Raises:
            procrastinate.exceptions.ConnectorException: the database is away.
        """
        await self._put_all(jobs, None)

    async def _put_all(
        self, jobs: Sequence[Job], connection: psycopg.AsyncConnection[Any] | None
    ) -> None:
        if jobs:
            kept = [self._configure(self._app, job).make_new_job(**job.args) for job in jobs]
            await self._app.job_manager.batch_defer_jobs_async(kept, connection=connection)

    async def drop_waiting(self, lock: str) -> None:
        """Take down the jobs that wait behind ``lock``; for who holds it and sees to them now.

        Raises:
            procrastinate.exceptions.ConnectorException: the database is away.
        """
        await self._connector.execute_query_async(_DROP_WAITING, lock=lock)

    async def thin_out(self, queue: str) -> None:
        """Leave one job of each lock of those that wait in ``queue``: the most urgent, the first.

        Where a job is a hint to look there, the one that is left sees what the others came with.
        It waits for nobody, so that nobody and this wait for each other.

        Raises:
            procrastinate.exceptions.ConnectorException: the database is away.
        """
        await self._connector.execute_query_async(_THIN_OUT, queue=queue)

    async def find_locks(self, queue: str) -> frozenset[str]:
        """The locks of all jobs of ``queue`` that wait or are being done.

        Raises:
            procrastinate.exceptions.ConnectorException: the database is away.
        """
        found = await self._connector.execute_query_all_async(_FIND_LOCKS, queue=queue)
        return frozenset(row["lock"] for row in found)

    async def find_stalled(self) -> list[KeptJob]:
        """Jobs whose workers are dead."""
        return list(await self._manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_S))

    async def revive(self, job: KeptJob) -> None:
        """Let others do ``job``, whose worker is dead; not if the same waits already."""
        try:
            await self._manager.retry_job(job)
        except exceptions.UniqueViolation:
            await self._manager.finish_job(job, Status.ABORTED, delete_job=True)
        except exceptions.ConnectorException as error:
            if not isinstance(error.__cause__, psycopg.errors.RaiseException):
                raise
            log.debug("job %s ended before others could have it", job.id)

    async def work(
        self, queues: Collection[str], *, places: int, stop: asyncio.Event, grace_s: float
    ) -> None:
        """Do the jobs of ``queues``, ``places`` at a time, until ``stop``; then end them.

        What the database's absence breaks is begun anew when it is back. A job under way has
        ``grace_s`` to end, and is cancelled after that.
        """
        while not stop.is_set():
            worker = self._make_worker(queues, places=places, grace_s=grace_s)
            try:
                await self._run_until(worker, stop)
            except exceptions.ConnectorException as error:
                if isinstance(error.__cause__, psycopg.errors.ForeignKeyViolation):
                    log.warning(
                        "this process said nothing for %g s and was taken for dead: its machine "
                        "is too busy, or it stood still; it takes jobs again in %g s",
                        STALLED_S, AGAIN_S,
                    )  # fmt: skip
                elif not self._absence.note(error):
                    log.exception("a worker broke; another is at work in %g s", AGAIN_S)
            # One whose listener or heartbeat broke ends without a word.
            await wait(stop, AGAIN_S)

    async def _run_until(self, worker: Worker, stop: asyncio.Event) -> None:
        untyped: Any = worker  # of its methods these two say nothing of types
        running = asyncio.create_task(untyped.run(), name="worker")
        stopping = asyncio.create_task(stop.wait(), name="stop")
        try:
            await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if stop.is_set():  # for good: a worker that only lost the database knows no better
                self._manager.is_patient = False
            untyped.stop()
            await running
        finally:
            stopping.cancel()
            running.cancel()
            await asyncio.wait({running})

    def _see(self, task: asyncio.Task[Any]) -> None:
        """Look at what ended a job after it was done: its end could not be written down."""
        if task.cancelled() or not (error := task.exception()):
            return
        if not self._absence.note(error):
            log.error("the end of a job could not be written down", exc_info=error)

    def _make_worker(self, queues: Collection[str], *, places: int, grace_s: float) -> Worker:
        return Worker(
            self._app,
            queues=sorted(queues),
            name=None,
            concurrency=places,
            fetch_job_polling_interval=LOOK_EVERY_S,
            abort_job_polling_interval=ABORT_LOOK_S,
            shutdown_graceful_timeout=grace_s,
            delete_jobs=DeleteJobCondition.ALWAYS,
            install_signal_handlers=False,
            update_heartbeat_interval=HEARTBEAT_S,
            stalled_worker_timeout=STALLED_S,
        )

    @staticmethod
    def _configure(app: App, job: Job) -> JobDeferrer:
        return app.configure_task(
            job.task,
            queue=job.queue,
            lock=job.lock,
            queueing_lock=job.queueing_lock,
            priority=job.priority,
        )


class _Manager(JobManager):
    """Procrastinate's, for workers that outlive what comes between them and the database.

    Attributes:
        is_patient: whether to wait for a database that is away; not where the process stops.
    """

    def __init__(self, connector: PsycopgConnector, absence: Absence) -> None:
        super().__init__(connector)
        self._absence = absence
        self.is_patient = True

    async def finish_job(
        self,
        job: KeptJob,
        status: Status,  # noqa: ARG002  # Procrastinate's, as is the next; none is kept
        delete_job: bool,  # noqa: ARG002
    ) -> None:
        """Take the job off the board, whatever came of it, as soon as the database answers.

        Left there, it would keep its lock for as long as its worker lives.
        """
        while True:
            try:
                await self.connector.execute_query_async(
                    _FINISH, id=job.id, worker_id=job.worker_id
                )
            except exceptions.ConnectorException as error:
                if not (self.is_patient and self._absence.note(error)):
                    raise
                await asyncio.sleep(AGAIN_S)
            else:
                return

    async def fetch_job(self, queues: Iterable[str] | None, worker_id: int) -> KeptJob | None:
        """The next job.

        Two workers may take jobs of one lock in the same moment, where one of more priority
        comes while that before it is being taken: it is not to be seen yet that its lock is
        held. It is when this is asked again.
        """
        for _ in range(TAKEN_AT_MOST):
            try:
                return await super().fetch_job(queues, worker_id)
            except exceptions.UniqueViolation:
                log.debug("another took a job of the same lock")
        return None


def is_away(error: BaseException) -> bool:
    """Whether the database does not answer at all, by what Procrastinate raises of it.

    Source: PostgreSQL, error classes 08 and 57, and none where the connection was lost.
    """
    cause = error.__cause__ if isinstance(error, exceptions.ConnectorException) else error
    if isinstance(cause, psycopg_pool.PoolTimeout):
        return True
    state = getattr(cause, "sqlstate", None) or ""
    return isinstance(cause, psycopg.OperationalError) and (not state or state[:2] in {"08", "57"})


def quiet_library() -> None:
    """Two lines a job are too many; and of a lost database we tell ourselves, in one."""
    logging.getLogger("procrastinate").setLevel(logging.CRITICAL)
    logging.getLogger("psycopg.pool").setLevel(logging.CRITICAL)
