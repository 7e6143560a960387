"""Exactly once, in order, on Discord: the program is killed at random moments while it posts.

A worker (discord_worker.py) publishes stories into a real database and posts them with the
real sender and the real discord.py; the loopback Discord in this process answers with 5xx and
429, cuts connections before and after a post was made, and holds answers back. The worker is
killed with SIGKILL and started again; with each kill Discord forgets all nonces, as after a
crash that lasted longer than it remembers them. One of the channels is a forum, and one gets
digests.

    python -m tests.crash.discord --kills 200 --stories 300 --channels 40
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from tests.crash.discord_worker import GROWS_EVERY
from tests.servers.discord import DiscordServer, Fault, Faults, world

RATE = 1_000
"""Requests a second. At Discord's own 50 the full run would take hours; the pace has tests of its
own, and the faster posts come, the more of them a kill interrupts."""

log = logging.getLogger(__name__)

NUMBER = re.compile(r"Story (\d{4}) of Huawei")

CHANCES = (
    (0.010, Fault("drop", is_committed=True, operation="")),
    (0.010, Fault("drop", operation="")),
    (0.005, Fault("cut", is_committed=True, operation="")),
    (0.010, Fault(503, is_committed=True, operation="")),
    (0.005, Fault(502, is_committed=True, operation="")),
    (0.005, Fault(500, operation="")),
    (0.010, Fault(429, retry_after_s=0.1, operation="")),
    (0.010, Fault(0, is_committed=True, hold_s=0.5, operation="")),
)


@dataclass
class Outcome:
    """What was found at the end; see ``is_good``.

    Attributes:
        lost, twice: (channel, story) that is not there, or more than once.
        unordered: stories that stand before an older one of their channel.
        stale: posts of a grown story that do not show it as it is.
        unsettled: deliveries that the database does not hold as sent.
        digests: posts of the digests' channel.
    """

    kills: int = 0
    posts: int = 0
    lost: list[tuple[str, int]] = field(default_factory=list)
    twice: list[tuple[str, int]] = field(default_factory=list)
    unordered: list[tuple[str, int]] = field(default_factory=list)
    stale: list[tuple[str, int]] = field(default_factory=list)
    unsettled: int = 0
    digests: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    requests: Counter[str] = field(default_factory=Counter)
    took_s: float = 0.0

    @property
    def is_good(self) -> bool:
        """Whether every story is in every channel once, in order, and as it is now."""
        return not (self.lost or self.twice or self.unordered or self.stale or self.unsettled)

    def tell(self) -> str:
        """The figures."""
        return "\n".join(
            (
                f"kills                 {self.kills}",
                f"posts                 {self.posts}, digests {self.digests}",
                f"lost / twice          {len(self.lost)} / {len(self.twice)}",
                f"out of order / stale  {len(self.unordered)} / {len(self.stale)}",
                f"not settled           {self.unsettled}",
                f"faults                {dict(self.faults)}",
                f"requests              {dict(self.requests)}",
                f"took                  {self.took_s:.0f} s",
                *(f"lost {one}" for one in self.lost[:10]),
                *(f"twice {one}" for one in self.twice[:10]),
                *(f"out of order {one}" for one in self.unordered[:10]),
                *(f"stale {one}" for one in self.stale[:10]),
            )
        )


class Killing:
    """The server, the worker's lives, and the judgement.

    Args:
        kills: of the worker, at moments drawn with ``seed``.
    """

    def __init__(self, folder: Path, *, kills: int, stories: int, channels: int, seed: int) -> None:
        self._folder = folder
        self._kills = kills
        self._stories = stories
        self._chance = Random(seed)
        self._server = DiscordServer(is_limited=False)
        self._server.faults = Faults(chances=list(CHANCES), seed=seed)
        guild = self._server.guild
        self._texts = [
            self._server.add_channel(guild, f"news-{number}") for number in range(channels - 2)
        ]
        self._forum = self._server.add_channel(guild, "forum", kind=world.FORUM)
        self._digest = self._server.add_channel(guild, "digest")

    async def run(self) -> Outcome:
        """Kill it as often as asked, let it finish, and look."""
        began = time.monotonic()
        outcome = Outcome()
        expected = self._stories * (len(self._texts) + 1) * 1.4
        async with self._server:
            for _ in range(self._kills):
                await self._live_and_die(mean=0.7 * expected / self._kills)
                outcome.kills += 1
                log.info("kill %d, %d requests", outcome.kills, len(self._server.asked))
            worker = self._start()
            code = await asyncio.to_thread(worker.wait, 600)
            assert code == 0, self._errors
        self._judge(outcome)
        outcome.took_s = time.monotonic() - began
        return outcome

    async def _live_and_die(self, *, mean: float) -> None:
        worker = self._start()
        goal = len(self._server.asked) + self._chance.randint(0, int(2 * mean))
        pause_s = self._chance.uniform(0, 0.05)
        if self._chance.random() < 0.1:  # while it starts
            await asyncio.sleep(self._chance.uniform(0.0, 1.5))
        else:
            is_there = asyncio.create_task(
                self._server.wait_until(lambda: len(self._server.asked) >= goal, timeout_s=120)
            )
            while not is_there.done() and worker.poll() is None:
                await asyncio.wait([is_there], timeout=0.5)
            await asyncio.sleep(pause_s)
            is_there.cancel()
        assert worker.poll() is None, f"it ended before it was killed:\n{self._errors}"
        worker.send_signal(signal.SIGKILL)
        await asyncio.to_thread(worker.wait)
        self._server._nonces.clear()

    @property
    def _errors(self) -> str:
        return (self._folder / "errors.txt").read_text()[-4_000:]

    def _start(self) -> subprocess.Popen[bytes]:
        places = [*self._texts, self._forum, self._digest]
        ids = [(str(one.guild_id), str(one.id)) for one in places]
        with (self._folder / "errors.txt").open("ab") as errors:
            return subprocess.Popen(
                [
                    *(sys.executable, "-m", "tests.crash.discord_worker"),
                    *("--database", f"sqlite:///{self._folder}/bot.sqlite3"),
                    *("--api-base", self._server.api_base, "--token", self._server.token),
                    *("--places", json.dumps(ids), "--stories", str(self._stories)),
                    *("--rate", str(RATE)),
                ],
                stdout=subprocess.DEVNULL,
                stderr=errors,
            )

    def _judge(self, outcome: Outcome) -> None:
        for channel in self._texts:
            texts = [post.text for post in channel.posts]
            self._judge_channel(outcome, channel.name, texts)
        threads = [one for one in self._server.channels.values() if one.parent_id == self._forum.id]
        first = [one.posts[0].text for one in sorted(threads, key=lambda one: one.id)]
        self._judge_channel(outcome, self._forum.name, first)
        self._judge_digests(outcome)
        outcome.faults = Counter(_name(fault) for _, _, fault in self._server.faults.struck)
        outcome.requests = Counter(asked.operation for asked in self._server.asked)

    def _judge_channel(self, outcome: Outcome, name: str, texts: list[str]) -> None:
        numbers = [int(found[1]) for text in texts if (found := NUMBER.search(text))]
        assert len(numbers) == len(texts), f"{name} has a post of no story"
        outcome.posts += len(texts)
        seen = Counter(numbers)
        outcome.lost += [(name, one) for one in range(self._stories) if not seen[one]]
        outcome.twice += [(name, one) for one, count in seen.items() if count > 1]
        for place, number in enumerate(numbers):
            if any(later < number for later in numbers[place + 1 :]):
                outcome.unordered.append((name, number))
        for text, number in zip(texts, numbers, strict=True):
            if number % GROWS_EVERY == 0 and "Meridian Journal" not in text:
                outcome.stale.append((name, number))

    def _judge_digests(self, outcome: Outcome) -> None:
        """Each story belongs to one post that is there, and each post there has its stories."""
        with sqlite3.connect(self._folder / "bot.sqlite3") as database:
            rows = database.execute(
                "select channel, state, message_ref, story_id from deliveries"
            ).fetchall()
        database.close()
        outcome.unsettled = sum(state != "sent" for _, state, _, _ in rows)
        told = [
            (ref, int(story[1:])) for place, _, ref, story in rows if place == self._id_of_digest
        ]
        posts = {f"{self._digest.id}/{post.id}" for post in self._digest.posts}
        outcome.digests = len(posts)
        outcome.lost += [("digest", story) for ref, story in told if ref not in posts]
        numbered = {story for _, story in told}
        outcome.lost += [("digest", one) for one in range(self._stories) if one not in numbered]
        extra = posts - {ref for ref, _ in told}
        outcome.twice += [("digest", -1) for _ in extra]
        spans: dict[int, list[int]] = {}
        for ref, story in told:
            spans.setdefault(int(ref.split("/")[1]), []).append(story)
        last = -1
        for _, stories in sorted(spans.items()):
            if min(stories) <= last:
                outcome.unordered.append(("digest", min(stories)))
            last = max(stories)

    @property
    def _id_of_digest(self) -> str:
        return str(self._digest.id)


def _name(fault: Fault) -> str:
    if fault.hold_s:
        return "held"
    after = " after the post" if fault.is_committed else ""
    return f"{fault.answer}{after}"


async def kill_often(*, kills: int, stories: int, channels: int, seed: int) -> Outcome:
    """Run it in a folder of its own."""
    with TemporaryDirectory() as folder:
        killing = Killing(Path(folder), kills=kills, stories=stories, channels=channels, seed=seed)
        return await killing.run()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--stories", type=int, default=300)
    parser.add_argument("--channels", type=int, default=40)
    parser.add_argument("--seed", type=int, default=2018)
    given = parser.parse_args()
    logging.basicConfig(format="%(message)s")
    log.setLevel(logging.INFO)
    outcome = asyncio.run(kill_often(**vars(given)))
    print(outcome.tell())  # noqa: T201 - a program that prints its figures
    sys.exit(0 if outcome.is_good else 1)


if __name__ == "__main__":
    main()
