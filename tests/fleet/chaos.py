"""A fleet at work while any of its processes is killed every few seconds and the database restarts.

At the end publishing stops, everything settles, and what is stored and posted is held against
what was published.
"""

from __future__ import annotations

import asyncio
import logging
import statistics
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.fleet.chats import Seen
from tests.fleet.counting import Findings, judge, read_stored
from tests.fleet.lab import Lab, wait_until
from tests.fleet.members import Fleet, Takeover, said_wrong
from tests.fleet.news import Newsroom

START_S = 400.0
SETTLE_S = 400.0
IDLE_S = 40.0
ALONE_S = 10.0
"""Workers of a killed process have so long to notice that."""

_WAITING = """
    SELECT count(*) FROM deliveries WHERE state IN ('owed', 'sending') OR sent_revision < revision
"""
_JOBS = "SELECT count(*) FROM procrastinate_jobs WHERE queue_name LIKE 'post.%%'"

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Plan:
    """What is to happen.

    Attributes:
        roles: how many processes of each.
        seconds: of publishing and killing.
        kill_every_s: about; 0 for never.
        most_kills: 0 for as many as come in that time.
        frozen: the part of them that are not killed but stand still for a while.
        restarts: of the database, each other one as by a crash, evenly over the time.
        news_per_s, others_per_s: how much is published.
        back_after_s: how long a supervisor takes to start again what ended.
    """

    roles: Mapping[str, int]
    seconds: float
    kill_every_s: float = 7.0
    most_kills: int = 0
    frozen: float = 0.0
    restarts: int = 2
    news_per_s: float = 0.5
    others_per_s: float = 5.0
    back_after_s: tuple[float, float] = (1.0, 2.0)
    seed: int = 7


@dataclass
class Outcome:
    """What came of it.

    Attributes:
        kills: by role, "leader" for who led.
        takeovers: from the death of who led to the next who does.
        starts: by role, seconds and CPU seconds until a process was at work.
        began_s, settled_s, idle_s: until all feeds were polled; until all was polled and posted
            at the end; and after that, until no job to post was left. None where it never was.
        worst_gaps_s: the longest time between two polls, of each feed, where ``interval_s``
            are asked for.
        codes: of the processes at the end.
        fallen, refused: processes that ended by themselves when they were at work, and that
            could not start, as none can while the database is away.
        orphans: workers that outlived their killed process.
        said: warnings and errors of all logs, by how often.
    """

    findings: Findings = field(default_factory=Findings)
    kills: Counter[str] = field(default_factory=Counter)
    restarts: int = 0
    takeovers: list[Takeover] = field(default_factory=list)
    starts: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    began_s: float | None = None
    settled_s: float | None = None
    idle_s: float | None = None
    worst_gaps_s: list[float] = field(default_factory=list)
    interval_s: float = 0.0
    polls: int = 0
    codes: dict[str, int] = field(default_factory=dict)
    fallen: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    orphans: list[str] = field(default_factory=list)
    said: Counter[str] = field(default_factory=Counter)
    seen: Seen | None = None

    @property
    def is_good(self) -> bool:
        """Whether nothing was lost or came twice, and all ended as it should."""
        wrong = self.fallen or self.orphans or any(self.codes.values())
        return self.findings.is_good and not wrong and self.settled_s is not None

    def tell(self) -> str:
        """The figures."""
        gaps = sorted(self.worst_gaps_s) or [0.0]
        alone = sorted(round(one.took_s, 1) for one in self.takeovers if not one.has_standby)
        beside = sorted(round(one.took_s, 1) for one in self.takeovers if one.has_standby)
        seen = self.seen
        cuts = (
            f"p50 {statistics.median(gaps):.1f} s, p99 {gaps[int(0.99 * (len(gaps) - 1))]:.1f} s,"
            f" most {gaps[-1]:.1f} s"
        )
        lines = [
            f"kills                 {self.kills.total()}: {dict(self.kills)}",
            f"database restarts     {self.restarts}",
            f"first polls done in   {_seconds(self.began_s)}",
            f"settled in            {_seconds(self.settled_s)}",
            f"no job left after     {_seconds(self.idle_s)} more",
            f"polls                 {self.polls}",
            f"worst gap of a feed   {cuts}, where {self.interval_s:g} s are asked for",
            f"leaders' take-overs   {beside or 'none'} s; {alone or 'none'} s with nobody beside",
            *(_tell_starts(role, each) for role, each in self.starts.items()),
            f"answers of the chats  {dict(seen.answers) if seen else ''}",
            f"429 of our own        {(dict(seen.overruns) if seen else '') or 0}",
            f"exit codes            {dict(Counter(self.codes.values()))}",
            f"ended by themselves   {len(self.fallen)}; could not start {len(self.refused)}",
            f"orphaned workers      {len(self.orphans)}",
            self.findings.tell(),
            *(f"FALLEN {one}" for one in self.fallen),
            *(f"ORPHAN {one}" for one in self.orphans),
            *(f"not started: {one}" for one in self.refused),
            "said in the logs:",
            *(f"  {times:5} x {what}" for what, times in self.said.most_common(40)),
        ]
        return "\n".join(lines)


async def run_chaos(lab: Lab, plan: Plan) -> Outcome:
    """Carry out ``plan``."""
    outcome, room = Outcome(interval_s=lab.interval_s), Newsroom(lab.farm, seed=plan.seed)
    fleet = lab.make_fleet(plan.roles, seed=plan.seed)
    kept_up = asyncio.Event()
    fleet.start()
    keeping = asyncio.create_task(fleet.keep_up(kept_up, after_s=plan.back_after_s))
    try:
        outcome.began_s = await wait_until(lambda: _is_kept(lab), patience_s=START_S)
        await lab.farm.ask("forget")
        log.info("all feeds polled once: %s", _seconds(outcome.began_s))
        await _make_trouble(lab, plan, fleet, room, outcome)
        outcome.settled_s = await wait_until(lambda: _is_settled(lab), patience_s=SETTLE_S)
        log.info("settled: %s", _seconds(outcome.settled_s))
        outcome.idle_s = await wait_until(lambda: _is_idle(lab), patience_s=IDLE_S)
        outcome.worst_gaps_s = await lab.farm.ask("gaps")
        outcome.polls = sum((await lab.farm.ask("answers")).values())
        await asyncio.sleep(ALONE_S / 2)  # what comes too late, or twice, comes now
        outcome.orphans = fleet.find_orphans()
    finally:
        await fleet.thaw()
        kept_up.set()
        await keeping
        outcome.codes = await fleet.stop()
    outcome.seen = await lab.chats.look()
    stored = await asyncio.to_thread(read_stored, lab.conninfo)
    outcome.findings = judge(
        room.truth, lab.farm.urls, stored, outcome.seen.posts, lab.chats.places
    )
    outcome.kills, outcome.fallen, outcome.refused = fleet.kills, fleet.fallen, fleet.refused
    outcome.takeovers, outcome.starts = fleet.find_takeovers(), fleet.find_starts()
    outcome.said = fleet.count_said(said_wrong)
    return outcome


async def _make_trouble(
    lab: Lab, plan: Plan, fleet: Fleet, room: Newsroom, outcome: Outcome
) -> None:
    """Publish for a while, kill, and restart the database."""
    stop = asyncio.Event()
    work = [
        asyncio.create_task(
            room.publish_on(stop, news_per_s=plan.news_per_s, others_per_s=plan.others_per_s)
        )
    ]
    if plan.kill_every_s:
        killing = fleet.kill_often(
            stop, every_s=plan.kill_every_s, most=plan.most_kills, frozen=plan.frozen
        )
        work.append(asyncio.create_task(killing))
    began = time.monotonic()
    for number in range(plan.restarts):
        at = plan.seconds * (number + 1) / (plan.restarts + 1)
        await asyncio.sleep(max(0.0, began + at - time.monotonic()))
        mode = "immediate" if number % 2 else "fast"
        log.info("the database restarts: %s", mode)
        await asyncio.to_thread(lab.postgres.restart, "immediate" if number % 2 else "fast")
        outcome.restarts += 1
    await asyncio.sleep(max(0.0, began + plan.seconds - time.monotonic()))
    stop.set()
    await asyncio.gather(*work)
    await fleet.thaw()


async def _is_kept(lab: Lab) -> bool:
    """Whether every feed's latest was fetched and committed."""
    return not await lab.farm.ask("unkept")


async def _is_settled(lab: Lab) -> bool:
    return await _is_kept(lab) and await lab.ask(_WAITING) == 0


async def _is_idle(lab: Lab) -> bool:
    return bool(await lab.ask(_JOBS) == 0)


def _tell_starts(role: str, starts: list[tuple[float, float]]) -> str:
    took_s, cpu_s = (statistics.median(column) for column in zip(*starts, strict=True))
    count = len(starts)
    return f"{role:8} at work      {count} x, after p50 {took_s:.1f} s, {cpu_s:.1f} s of CPU"


def _seconds(value: float | None) -> str:
    return "NEVER" if value is None else f"{value:.1f} s"
