"""Exactly once, in order, on Slack: the program is killed at random moments while it posts.

A worker (slack_worker.py) publishes stories into a real database and posts them with the real
sender and the real slack_sdk; the loopback Slack in this process answers with 5xx, errors of its
own and 429, cuts connections before and after a post was made, holds answers back, and makes
posts late, when nobody waits for the answer any more. The
worker is killed with SIGKILL and started again. Some stories turn earlier ones, and are replies
in their threads; one channel shows such replies in threads only, and one gets digests.

    python -m tests.crash.slack --kills 200 --stories 300 --channels 20

With ``--blind`` nothing is searched for before it is posted again, and duplicates are found.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.crash import killing
from tests.crash.killing import NUMBER, Killing, Outcome
from tests.crash.publishing import find_turned_or_none
from tests.servers.slack import Channel, Fault, Message, SlackServer

RATE = 1_000
"""Requests a second of each kind. At Slack's own pace the full run would take hours; the pace has
tests of its own, and the faster posts come, the more of them a kill interrupts."""

CHANCES = (
    (0.010, Fault("drop", is_committed=True, method="")),
    (0.010, Fault("drop", method="")),
    (0.005, Fault("cut", is_committed=True, method="")),
    (0.010, Fault(503, is_committed=True, method="")),
    (0.005, Fault(502, is_committed=True, method="")),
    (0.005, Fault(500, method="")),
    (0.005, Fault(error="internal_error", is_committed=True, method="")),
    (0.005, Fault(error="fatal_error", method="")),
    (0.005, Fault(429, retry_after_s=1, method="")),
    (0.010, Fault(0, is_committed=True, hold_s=0.5, method="")),
    (0.030, Fault(0, is_committed=True, late_s=0.8)),
    (0.010, Fault("drop", is_committed=True, late_s=0.1)),
)


class SlackKilling(Killing):
    """The server, the worker's lives, and the judgement.

    Args:
        kills: of the worker, at moments drawn with ``seed``.
        is_blind: the worker posts again without a look.
    """

    def __init__(
        self,
        folder: Path,
        *,
        kills: int,
        stories: int,
        channels: int,
        seed: int,
        is_blind: bool = False,
    ) -> None:
        super().__init__(folder, kills=kills, stories=stories, seed=seed)
        self._is_blind = is_blind
        self._server = SlackServer(is_limited=False)
        self._server.faults.chances = list(CHANCES)
        self._server.faults._random.seed(seed)
        add = self._server.add_channel
        team = self._server.team
        self._plain = [add(f"news-{number}", team=team) for number in range(channels - 2)]
        self._threads = add("threads", team=team)
        self._digest = add("digest", team=team)

    @property
    def server(self) -> SlackServer:
        """Slack on loopback."""
        return self._server

    async def run(self) -> Outcome:
        """Kill it as often as asked, let it finish, and look."""
        outcome = Outcome()
        async with self._server:
            expected = self.stories * (len(self._plain) + 1) * 1.4
            await self.kill_often(outcome, expected=expected)
        self._judge(outcome)
        return outcome

    def make_command(self) -> list[str]:
        """The worker."""
        places = [*self._plain, self._threads, self._digest]
        command = [
            "tests.crash.slack_worker",
            *("--database", self.database),
            *("--api-base", self._server.api_base, "--token", self._server.bot_token),
            *("--places", json.dumps([(one.team_id, one.id) for one in places])),
            *("--stories", str(self.stories), "--rate", str(RATE)),
        ]
        return [*command, "--blind"] if self._is_blind else command

    def _judge(self, outcome: Outcome) -> None:
        turns = [one for one in range(self.stories) if find_turned_or_none(one) is not None]
        for channel in self._plain:
            texts = [_text(post) for post in channel.top]
            outcome.judge_channel(channel.name, texts, expected=range(self.stories))
            self._judge_replies(outcome, channel, turns)
        first = [_text(post) for post in self._threads.top]
        opening = [one for one in range(self.stories) if one not in turns]
        outcome.judge_channel(self._threads.name, first, expected=opening)
        self._judge_replies(outcome, self._threads, turns)
        rows = self.read_deliveries()
        outcome.unsettled = sum(state != "sent" for _, state, _, _ in rows)
        told = [(_post_of(ref), story) for place, _, ref, story in rows if place == self._digest.id]
        posts = [f"{self._digest.id}/{post.ts}" for post in self._digest.posts]
        outcome.judge_digests(told, posts, stories=self.stories)
        outcome.faults = Counter(_name(fault) for _, _, fault in self._server.faults.struck)
        outcome.requests = Counter(asked.method for asked in self._server.asked)

    def _judge_replies(self, outcome: Outcome, channel: Channel, turns: list[int]) -> None:
        """Each turn is one reply in the thread of the post it turns, or of that one's thread."""
        numbers = {post.ts: _number(post) for post in channel.posts}
        replies = [post for post in channel.posts if post.is_reply]
        outcome.replies += len(replies)
        if channel is self._threads:
            seen = Counter(_number(post) for post in replies)
            outcome.lost += [(channel.name, one) for one in turns if not seen[one]]
            outcome.twice += [(channel.name, one) for one, count in seen.items() if count > 1]
        for post in replies:
            turned = find_turned_or_none(_number(post))
            while turned is not None and (before := find_turned_or_none(turned)) is not None:
                turned = before
            if numbers.get(post.thread_ts) != turned:
                outcome.misplaced.append((channel.name, _number(post)))


def _post_of(ref: str) -> str:
    """A post's id without its thread's: a turn that came alone is a reply."""
    return "/".join(ref.split("/")[:2])


def _number(post: Message) -> int:
    found = NUMBER.search(post.text)
    assert found is not None
    return int(found[1])


def _text(post: Message) -> str:
    """All that a post says, its headline first."""
    return f"{post.text} {json.dumps(post.blocks)}"


def _name(fault: Fault) -> str:
    if fault.hold_s:
        return "held"
    if fault.late_s:
        return "late" if fault.is_proper else f"{fault.answer}, and late"
    after = " after the post" if fault.is_committed else ""
    return f"{fault.error or fault.answer}{after}"


async def kill_often(
    *, kills: int, stories: int, channels: int, seed: int, is_blind: bool = False
) -> Outcome:
    """Run it in a folder of its own."""
    with TemporaryDirectory() as folder:
        run = SlackKilling(
            Path(folder),
            kills=kills,
            stories=stories,
            channels=channels,
            seed=seed,
            is_blind=is_blind,
        )
        return await run.run()


def main() -> None:
    parser = killing.make_parser(__doc__, channels=20)
    parser.add_argument("--blind", action="store_true", dest="is_blind")
    logging.basicConfig(format="%(message)s")
    killing.log.setLevel(logging.INFO)
    killing.tell_and_exit(asyncio.run(kill_often(**vars(parser.parse_args()))))


if __name__ == "__main__":
    main()
