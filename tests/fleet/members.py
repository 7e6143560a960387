"""The processes of a fleet: started as an operator would, killed, and started again."""

from __future__ import annotations

import asyncio
import json
import logging
import math
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

import psutil

from tests.processes import note_started

ROOT = Path(__file__).resolve().parents[2]
STOP_S = 20.0
"""A process that was told to stop and has not by then is killed, and counts as hung."""

HUNG = 137
"""The exit code of such a process, as of one that is killed."""

READY = "; Ctrl-C stops"
"""What every process says, whatever its roles, once it is at work."""

FROZEN_S = (15.0, 45.0)
"""Others take a process for dead after some 20 s."""

STANDBY_S = 15.0
"""Another takes over within this time; one that is killed within it can not."""

LEADS, LEADS_NO_MORE = "this process leads:", "this process leads no more"

log = logging.getLogger(__name__)


@dataclass
class Life:
    """A process from its start to its end.

    Attributes:
        role: what it was started to do.
        log: what it wrote, in JSON lines.
        started_at: in seconds since 1970; ready_at: when it was seen to be at work, 0 before.
        start_cpu_s: what the start took of it and its workers.
        killed_at: when we did, in seconds since 1970; 0 if it ended otherwise.
        cpu_s: of it and its workers, as last seen.
        workers: those that it had when it was killed.
    """

    role: str
    process: subprocess.Popen[bytes]
    log: Path
    started_at: float = field(default_factory=time.time)
    ready_at: float = 0.0
    start_cpu_s: float = 0.0
    killed_at: float = 0.0
    cpu_s: float = 0.0
    workers: list[psutil.Process] = field(default_factory=list)

    @property
    def is_alive(self) -> bool:
        """Whether it runs."""
        return self.process.poll() is None

    def look_ready(self) -> None:
        """Note when it says that it is at work."""
        if not self.ready_at and READY in self.log.read_text(errors="replace"):
            self.ready_at = time.time()
            self.start_cpu_s = self.measure()

    def measure(self) -> float:
        """CPU seconds so far, of it and its workers."""
        with suppress(psutil.Error):
            one = psutil.Process(self.process.pid)
            family = [one, *one.children(recursive=True)]
            # A worker that was replaced is counted with its parent's ended children.
            spent = sum(sum(each.cpu_times()[:4]) for each in family)
            self.cpu_s = max(self.cpu_s, spent)
        return self.cpu_s

    def kill(self) -> None:
        """As a machine's want of memory would: this process, and none of its workers."""
        self.measure()
        with suppress(psutil.Error):
            self.workers = psutil.Process(self.process.pid).children(recursive=True)
        self.killed_at = time.time()
        self.process.kill()
        self.process.wait()

    def read(self) -> list[dict[str, Any]]:
        """What it logged; a line that is no JSON, as of a crash, is a message "" of its own."""
        lines = []
        for line in self.log.read_text(errors="replace").splitlines():
            try:
                said = json.loads(line)
            except ValueError:
                said = {"message": "", "raw": line}
            if isinstance(said, dict):
                lines.append(said)
        return lines


@dataclass(frozen=True)
class Takeover:
    """From the death of who led to the next who does.

    Attributes:
        took_s: seconds; infinite where nobody did.
        has_standby: another was at work then, and was for as long as it took at most.
    """

    took_s: float
    has_standby: bool


class Fleet:
    """``newsbot run --role ...`` so many times a role.

    Args:
        folder: gets the logs.
        env: besides what every process needs.
        args: of the command, after the role.
    """

    def __init__(
        self, folder: Path, env: Mapping[str, str], roles: Mapping[str, int], *, seed: int = 7
    ) -> None:
        self._folder = folder
        self._env = {
            "HOME": str(folder),
            "LANG": "C.UTF-8",
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "NEWSBOT_CONFIG_DIR": str(ROOT / "config"),
            "NEWSBOT_LOG_FORMAT": "json",
            **env,
        }
        self._chance = Random(seed)
        self.names = [f"{role}-{n}" for role, count in roles.items() for n in range(count)]
        self.now: dict[str, Life] = {}
        self.lives: list[Life] = []
        self.fallen: list[str] = []  # were at work, and ended though nobody made them
        self.refused: list[str] = []  # could not start, for want of the database say
        self.kills: Counter[str] = Counter()
        self._thaws: list[asyncio.Task[None]] = []

    def start(self, *names: str) -> None:
        """Start those of ``names``, or all."""
        for name in names or self.names:
            role = name.partition("-")[0]
            told = self._folder / f"{name}.{len(self.lives)}.log"
            with told.open("wb") as errors:
                process = subprocess.Popen(
                    [sys.executable, "-m", "bot", "run", "--role", role],
                    cwd=self._folder,
                    env=self._env,
                    stdin=subprocess.DEVNULL,
                    stdout=errors,
                    stderr=errors,
                    start_new_session=True,
                )
            note_started(process.pid)
            self.now[name] = Life(role, process, told)
            self.lives.append(self.now[name])

    async def stop(self) -> dict[str, int]:
        """Stop them all as an operator would; exit codes by name, ``HUNG`` for too slow."""
        for life in self.now.values():
            life.measure()
            if life.is_alive:
                life.process.send_signal(signal.SIGTERM)
        lives = self.now.values()
        ends = await asyncio.gather(*(asyncio.to_thread(_wait_for_end, one) for one in lives))
        codes = dict(zip(self.now, ends, strict=True))
        self.now.clear()
        return codes

    def measure(self) -> dict[str, float]:
        """CPU seconds by name, of those that run."""
        return {name: life.measure() for name, life in self.now.items()}

    async def keep_up(self, stop: asyncio.Event, *, after_s: tuple[float, float]) -> None:
        """Start again what ended, as a supervisor does, until ``stop``."""
        due: dict[str, float] = {}
        while not stop.is_set():
            for name, life in self.now.items():
                life.look_ready()
                if life.is_alive or name in due:
                    continue
                if not life.killed_at:
                    ends = self.fallen if life.ready_at else self.refused
                    ends.append(_describe_end(name, life))
                    log.warning("%s", ends[-1])
                due[name] = time.monotonic() + self._chance.uniform(*after_s)
            for name in [name for name, at in due.items() if at <= time.monotonic()]:
                del due[name]
                self.start(name)
            await asyncio.sleep(0.1)

    async def kill_often(
        self, stop: asyncio.Event, *, every_s: float, most: int = 0, frozen: float = 0.0
    ) -> None:
        """Kill one about every ``every_s`` seconds, ``most`` times or until ``stop``.

        Any of them; but all once before one of them again. The part ``frozen`` of these is not
        killed: it stands still, as on a machine that swaps or is moved, and goes on when others
        have taken it for dead.
        """
        deck: list[str] = []
        while not (most and self.kills.total() >= most):
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), every_s * self._chance.uniform(0.5, 1.5))
            if stop.is_set():
                return
            deck = deck or self._chance.sample(self.names, len(self.names))
            if alive := [name for name in deck if self.now[name].is_alive]:
                deck.remove(alive[0])
                if self._chance.random() < frozen:
                    self._thaws.append(asyncio.create_task(self._freeze(alive[0])))
                else:
                    self.kill(alive[0])

    def kill(self, name: str) -> None:
        """SIGKILL for ``name``."""
        life = self.now[name]
        is_leader = life.role == "schedule" and _is_leading(life)
        self.kills["leader" if is_leader else life.role] += 1
        log.info("kill %d: %s%s", self.kills.total(), name, ", who led" if is_leader else "")
        life.kill()

    async def _freeze(self, name: str) -> None:
        """SIGSTOP, and SIGCONT later; its workers go on."""
        life = self.now[name]
        for_s = self._chance.uniform(*FROZEN_S)
        self.kills[f"frozen {life.role}"] += 1
        log.info("%s stands still for %.0f s", name, for_s)
        life.process.send_signal(signal.SIGSTOP)
        try:
            await asyncio.sleep(for_s)
        finally:
            life.process.send_signal(signal.SIGCONT)

    async def thaw(self) -> None:
        """Let all go on that stand still."""
        for task in self._thaws:
            task.cancel()
        await asyncio.gather(*self._thaws, return_exceptions=True)

    def find_orphans(self) -> list[str]:
        """Workers that outlived the processes they worked for."""
        return [
            f"{worker.pid} of a {life.role}"
            for life in self.lives
            for worker in life.workers
            if _is_at_work(worker)
        ]

    def find_takeovers(self) -> list[Takeover]:
        """After each kill of who led, how soon somebody said that it leads."""
        led = sorted(at for life in self.lives for at, is_start in _lead_times(life) if is_start)
        return [
            Takeover(
                min((at for at in led if at > dead.killed_at), default=math.inf) - dead.killed_at,
                has_standby=any(_stood_by(life, dead.killed_at) for life in self.lives),
            )
            for dead in self.lives
            if dead.killed_at and _is_leading(dead)
        ]

    def find_starts(self) -> dict[str, list[tuple[float, float]]]:
        """By role, seconds and CPU seconds that each process took until it was at work."""
        found: dict[str, list[tuple[float, float]]] = {}
        for one in self.lives:
            if one.ready_at:
                took = (one.ready_at - one.started_at, one.start_cpu_s)
                found.setdefault(one.role, []).append(took)
        return found

    def count_said(self, is_it: Callable[[dict[str, Any]], str]) -> Counter[str]:
        """What all logs say, by what ``is_it`` makes of each line; "" is not counted."""
        return Counter(what for life in self.lives for line in life.read() if (what := is_it(line)))


def said_wrong(line: dict[str, Any]) -> str:
    """Warnings, errors and tracebacks, without what differs from one to the next."""
    if "raw" in line:
        return str(line["raw"]) if "Traceback" in line["raw"] or "Error" in line["raw"] else ""
    if line.get("level") not in {"warning", "error", "critical"}:
        return ""
    trace = line.get("error", "").strip().splitlines()
    words = (
        f"{line['level']} {line['logger']}: {line['message']}{' | ' + trace[-1] if trace else ''}"
    )
    return "".join("#" if letter.isdigit() else letter for letter in words)[:240]


def _is_leading(life: Life) -> bool:
    times = list(_lead_times(life))
    return bool(times) and times[-1][1]


def _stood_by(life: Life, death: float) -> bool:
    """Whether ``life`` waited to lead when another died, and had not died itself soon after."""
    end = life.killed_at or math.inf
    waits = life.role == "schedule" and 0 < life.ready_at < death
    return waits and death + STANDBY_S < end


def _lead_times(life: Life) -> Iterator[tuple[float, bool]]:
    for line in life.read():
        message = line.get("message", "")
        if message.startswith((LEADS, LEADS_NO_MORE)):
            yield datetime.fromisoformat(line["at"]).timestamp(), message.startswith(LEADS)


def _wait_for_end(life: Life) -> int:
    try:
        return life.process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        life.process.kill()
        life.process.wait()
        return HUNG


def _describe_end(name: str, life: Life) -> str:
    last = life.log.read_text(errors="replace").strip().splitlines()[-3:]
    return f"{name} ended by itself with {life.process.returncode}: {' / '.join(last)[-600:]}"


def _is_at_work(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False
