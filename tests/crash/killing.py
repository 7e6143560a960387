"""Killing a program at random moments while it posts, and what is found at the end."""

from __future__ import annotations

import argparse
import asyncio
import logging
import re
import signal
import sqlite3
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Protocol

from tests.crash.publishing import GROWS_EVERY
from tests.processes import note_started

log = logging.getLogger(__name__)

NUMBER = re.compile(r"Story (\d{4}) of Huawei")

SECOND_OUTLET = "Meridian Journal"


@dataclass
class Outcome:
    """What was found at the end; see ``is_good``.

    Attributes:
        lost, twice: (channel, story) that is not there, or more than once.
        unordered: stories that stand before an older one of their channel.
        stale: posts of a grown story that do not show it as it is.
        misplaced: replies that are not in the thread of the post they answer.
        unsettled: deliveries that the database does not hold as sent.
        digests: posts of the digests' channel.
    """

    kills: int = 0
    posts: int = 0
    lost: list[tuple[str, int]] = field(default_factory=list)
    twice: list[tuple[str, int]] = field(default_factory=list)
    unordered: list[tuple[str, int]] = field(default_factory=list)
    stale: list[tuple[str, int]] = field(default_factory=list)
    misplaced: list[tuple[str, int]] = field(default_factory=list)
    unsettled: int = 0
    digests: int = 0
    replies: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    requests: Counter[str] = field(default_factory=Counter)
    took_s: float = 0.0

    @property
    def is_good(self) -> bool:
        """Whether every story is in every channel once, in order, and as it is now."""
        wrong = (self.lost, self.twice, self.unordered, self.stale, self.misplaced, self.unsettled)
        return not any(wrong)

    def tell(self) -> str:
        """The figures."""
        return "\n".join(
            (
                f"kills                 {self.kills}",
                f"posts, with replies   {self.posts}, {self.replies}",
                f"digests               {self.digests}",
                f"lost / twice          {len(self.lost)} / {len(self.twice)}",
                f"out of order / stale  {len(self.unordered)} / {len(self.stale)}",
                f"replies elsewhere     {len(self.misplaced)}",
                f"not settled           {self.unsettled}",
                f"faults                {dict(self.faults)}",
                f"requests              {dict(self.requests)}",
                f"took                  {self.took_s:.0f} s",
                *(f"lost {one}" for one in self.lost[:10]),
                *(f"twice {one}" for one in self.twice[:10]),
                *(f"out of order {one}" for one in self.unordered[:10]),
                *(f"stale {one}" for one in self.stale[:10]),
                *(f"elsewhere {one}" for one in self.misplaced[:10]),
            )
        )

    def judge_channel(self, name: str, texts: Sequence[str], *, expected: Sequence[int]) -> None:
        """Note what is wrong with the posts of a channel, each a text, in their order."""
        numbers = [int(found[1]) for text in texts if (found := NUMBER.search(text))]
        assert len(numbers) == len(texts), f"{name} has a post of no story"
        self.posts += len(texts)
        seen = Counter(numbers)
        self.lost += [(name, one) for one in expected if not seen[one]]
        self.twice += [(name, one) for one, count in seen.items() if count > 1]
        for place, number in enumerate(numbers):
            if any(later < number for later in numbers[place + 1 :]):
                self.unordered.append((name, number))
        for text, number in zip(texts, numbers, strict=True):
            if number % GROWS_EVERY == 0 and SECOND_OUTLET not in text:
                self.stale.append((name, number))

    def judge_digests(
        self, rows: Sequence[tuple[str, int]], posts: Sequence[str], *, stories: int
    ) -> None:
        """Each story belongs to one post that is there, and each post there has its stories.

        Args:
            rows: (id of the post, story) of each delivery.
            posts: the ids of those that are there, in their order.
        """
        self.digests = len(posts)
        self.lost += [("digest", story) for ref, story in rows if ref not in posts]
        told = {story for _, story in rows}
        self.lost += [("digest", one) for one in range(stories) if one not in told]
        self.twice += [("digest", -1) for post in posts if post not in {ref for ref, _ in rows}]
        last = -1
        for post in posts:
            shown = [story for ref, story in rows if ref == post] or [last]
            if min(shown) < last:
                self.unordered.append(("digest", min(shown)))
            last = max(shown)


class Asked(Protocol):
    """A server that has counted what it was asked."""

    @property
    def asked(self) -> Sequence[object]:
        """Every request."""
        ...

    async def wait_until(self, met: Callable[[], bool], *, timeout_s: float = ...) -> None:
        """Wait."""
        ...


class Killing(ABC):
    """A worker's lives before a server in this process.

    Args:
        kills: of the worker, at moments drawn with ``seed``.
    """

    def __init__(self, folder: Path, *, kills: int, stories: int, seed: int) -> None:
        self.folder = folder
        self.kills = kills
        self.stories = stories
        self.chance = Random(seed)

    @property
    @abstractmethod
    def server(self) -> Asked:
        """What the worker posts to."""

    @abstractmethod
    def make_command(self) -> list[str]:
        """The worker: its module and arguments."""

    def forget(self) -> None:  # noqa: B027 - most remember nothing
        """After a kill: what a platform remembers for a short time only."""

    async def kill_often(self, outcome: Outcome, *, expected: float) -> None:
        """Kill it as often as asked, then let it finish; note how long that took.

        Args:
            expected: requests that everything takes, roughly.
        """
        began = time.monotonic()
        for _ in range(self.kills):
            await self._live_and_die(mean=0.7 * expected / self.kills)
            outcome.kills += 1
            log.info("kill %d, %d requests", outcome.kills, len(self.server.asked))
        worker = self._start()
        code = await asyncio.to_thread(worker.wait, 600)
        assert code == 0, self._errors
        outcome.took_s = time.monotonic() - began

    async def _live_and_die(self, *, mean: float) -> None:
        worker = self._start()
        goal = len(self.server.asked) + self.chance.randint(0, int(2 * mean))
        pause_s = self.chance.uniform(0, 0.05)
        if self.chance.random() < 0.1:  # while it starts
            await asyncio.sleep(self.chance.uniform(0.0, 1.5))
        else:
            is_there = asyncio.create_task(
                self.server.wait_until(lambda: len(self.server.asked) >= goal, timeout_s=120)
            )
            while not is_there.done() and worker.poll() is None:
                await asyncio.wait([is_there], timeout=0.5)
            await asyncio.sleep(pause_s)
            is_there.cancel()
        assert worker.poll() is None, f"it ended before it was killed:\n{self._errors}"
        worker.send_signal(signal.SIGKILL)
        await asyncio.to_thread(worker.wait)
        self.forget()

    @property
    def _errors(self) -> str:
        return (self.folder / "errors.txt").read_text()[-4_000:]

    @property
    def database(self) -> str:
        """The address of the database that all lives share."""
        return f"sqlite:///{self.folder}/bot.sqlite3"

    def read_deliveries(self) -> list[tuple[str, str, str, int]]:
        """Channel, state, id of the post, and number of the story, of each delivery."""
        with sqlite3.connect(self.folder / "bot.sqlite3") as database:
            rows = database.execute(
                "select channel, state, message_ref, story_id from deliveries"
            ).fetchall()
        database.close()
        return [(channel, state, ref, int(story[1:])) for channel, state, ref, story in rows]

    def _start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", *self.make_command()]
        with (self.folder / "errors.txt").open("ab") as errors:
            process = subprocess.Popen(
                command, stdout=subprocess.DEVNULL, stderr=errors, start_new_session=True
            )
        note_started(process.pid)
        return process


def make_parser(doc: str | None, *, channels: int) -> argparse.ArgumentParser:
    """The options of every such program."""
    parser = argparse.ArgumentParser(description=(doc or "").partition("\n")[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--stories", type=int, default=300)
    parser.add_argument("--channels", type=int, default=channels)
    parser.add_argument("--seed", type=int, default=2018)
    return parser


def tell_and_exit(outcome: Outcome) -> None:
    """Print the figures; a bad outcome is an exit code."""
    print(outcome.tell())  # noqa: T201 - a program that prints its figures
    sys.exit(0 if outcome.is_good else 1)
