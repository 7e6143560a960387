"""A platform of the tests' own."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field

from bot.model import Delivery, Digest, Message, Platform


@dataclass
class KeepingSender:
    """Keeps what it is given; does in each channel what it is told to, in turn, then takes all.

    Attributes:
        told: by channel, errors to raise or events to wait for.
        given: deliveries as they were given, with what was to be shown.
        answered: the post each of them was to reply to, "" for none.
        takes_s: how long a post is in its hands, seconds.
        most_at_once: the most posts that it had in hand at a time.
        is_up: whether it may be given anything.
    """

    platform: Platform = Platform.SLACK
    told: defaultdict[str, list[Exception | asyncio.Event]] = field(
        default_factory=lambda: defaultdict(list)
    )
    given: list[tuple[Delivery, Message | Digest]] = field(default_factory=list)
    answered: list[str] = field(default_factory=list)
    takes_s: float = 0.0
    most_at_once: int = 0
    is_up: bool = True
    _in_hand: int = 0
    _given: asyncio.Event = field(default_factory=asyncio.Event)

    async def send(
        self, delivery: Delivery, message: Message | Digest, *, reply_to: str = ""
    ) -> str:
        self.given.append((delivery, message))
        self.answered.append(reply_to)
        self._given.set()
        self._in_hand += 1
        self.most_at_once = max(self.most_at_once, self._in_hand)
        script = self.told[delivery.destination.channel]
        turn = script.pop(0) if script else None
        try:
            if self.takes_s:
                await asyncio.sleep(self.takes_s)
            if isinstance(turn, asyncio.Event):
                await turn.wait()
            elif turn is not None:
                raise turn
        finally:
            self._in_hand -= 1
        return delivery.message_ref or f"ref of {delivery.story_id}"

    async def wait_for(self, count: int) -> None:
        """Until it was given so many."""
        async with asyncio.timeout(20):
            while len(self.given) < count:
                self._given.clear()
                await self._given.wait()

    @property
    def sent(self) -> list[tuple[Delivery, Message]]:
        """What it was given that shows one story, with its message."""
        return [(delivery, it) for delivery, it in self.given if isinstance(it, Message)]

    @property
    def digests(self) -> list[tuple[Delivery, Digest]]:
        """What it was given that shows several."""
        return [(delivery, it) for delivery, it in self.given if isinstance(it, Digest)]

    @property
    def stories(self) -> list[str]:
        """The stories it was given, in order; those of a digest as "s1+s2"."""
        return [
            it.story_id if isinstance(it, Message) else "+".join(m.story_id for m in it.messages)
            for _, it in self.given
        ]
