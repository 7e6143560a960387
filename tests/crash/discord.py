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

import asyncio
import json
import logging
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.crash import killing
from tests.crash.killing import Killing, Outcome
from tests.servers.discord import DiscordServer, Fault, Faults, world

RATE = 1_000
"""Requests a second. At Discord's own 50 the full run would take hours; the pace has tests of its
own, and the faster posts come, the more of them a kill interrupts."""

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


class DiscordKilling(Killing):
    """The server, the worker's lives, and the judgement.

    Args:
        kills: of the worker, at moments drawn with ``seed``.
    """

    def __init__(self, folder: Path, *, kills: int, stories: int, channels: int, seed: int) -> None:
        super().__init__(folder, kills=kills, stories=stories, seed=seed)
        self._server = DiscordServer(is_limited=False)
        self._server.faults = Faults(chances=list(CHANCES), seed=seed)
        guild = self._server.guild
        self._texts = [
            self._server.add_channel(guild, f"news-{number}") for number in range(channels - 2)
        ]
        self._forum = self._server.add_channel(guild, "forum", kind=world.FORUM)
        self._digest = self._server.add_channel(guild, "digest")

    @property
    def server(self) -> DiscordServer:
        """Discord on loopback."""
        return self._server

    async def run(self) -> Outcome:
        """Kill it as often as asked, let it finish, and look."""
        outcome = Outcome()
        async with self._server:
            expected = self.stories * (len(self._texts) + 1) * 1.4
            await self.kill_often(outcome, expected=expected)
        self._judge(outcome)
        return outcome

    def forget(self) -> None:
        """The nonces."""
        self._server._nonces.clear()

    def make_command(self) -> list[str]:
        """The worker."""
        places = [*self._texts, self._forum, self._digest]
        ids = [(str(one.guild_id), str(one.id)) for one in places]
        return [
            "tests.crash.discord_worker",
            *("--database", self.database),
            *("--api-base", self._server.api_base, "--token", self._server.token),
            *("--places", json.dumps(ids), "--stories", str(self.stories)),
            *("--rate", str(RATE)),
        ]

    def _judge(self, outcome: Outcome) -> None:
        everything = range(self.stories)
        for channel in self._texts:
            texts = [post.text for post in channel.posts]
            outcome.judge_channel(channel.name, texts, expected=everything)
        threads = [one for one in self._server.channels.values() if one.parent_id == self._forum.id]
        first = [one.posts[0].text for one in sorted(threads, key=lambda one: one.id)]
        outcome.judge_channel(self._forum.name, first, expected=everything)
        rows = self.read_deliveries()
        outcome.unsettled = sum(state != "sent" for _, state, _, _ in rows)
        told = [(ref, story) for place, _, ref, story in rows if place == str(self._digest.id)]
        posts = [f"{self._digest.id}/{post.id}" for post in self._digest.posts]
        outcome.judge_digests(told, posts, stories=self.stories)
        outcome.faults = Counter(_name(fault) for _, _, fault in self._server.faults.struck)
        outcome.requests = Counter(asked.operation for asked in self._server.asked)


def _name(fault: Fault) -> str:
    if fault.hold_s:
        return "held"
    after = " after the post" if fault.is_committed else ""
    return f"{fault.answer}{after}"


async def kill_often(*, kills: int, stories: int, channels: int, seed: int) -> Outcome:
    """Run it in a folder of its own."""
    with TemporaryDirectory() as folder:
        run = DiscordKilling(
            Path(folder), kills=kills, stories=stories, channels=channels, seed=seed
        )
        return await run.run()


def main() -> None:
    given = killing.make_parser(__doc__, channels=40).parse_args()
    logging.basicConfig(format="%(message)s")
    killing.log.setLevel(logging.INFO)
    killing.tell_and_exit(asyncio.run(kill_often(**vars(given))))


if __name__ == "__main__":
    main()
