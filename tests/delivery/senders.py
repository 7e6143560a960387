"""A platform of the tests' own."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field

from bot.model import Delivery, Message, Platform


@dataclass
class KeepingSender:
    """Keeps what it is given; does in each channel what it is told to, in turn, then takes all.

    Attributes:
        told: by channel, errors to raise or events to wait for.
        sent: deliveries as they were given, with their message.
        answered: the post each of them was to reply to, "" for none.
    """

    platform: Platform = Platform.SLACK
    told: defaultdict[str, list[Exception | asyncio.Event]] = field(
        default_factory=lambda: defaultdict(list)
    )
    sent: list[tuple[Delivery, Message]] = field(default_factory=list)
    answered: list[str] = field(default_factory=list)
    _given: asyncio.Event = field(default_factory=asyncio.Event)

    async def send(self, delivery: Delivery, message: Message, *, reply_to: str = "") -> str:
        self.sent.append((delivery, message))
        self.answered.append(reply_to)
        self._given.set()
        script = self.told[delivery.destination.channel]
        turn = script.pop(0) if script else None
        if isinstance(turn, asyncio.Event):
            await turn.wait()
        elif turn is not None:
            raise turn
        return delivery.message_ref or f"ref of {message.story_id}"

    async def wait_for(self, count: int) -> None:
        """Until it was given so many."""
        async with asyncio.timeout(20):
            while len(self.sent) < count:
                self._given.clear()
                await self._given.wait()

    @property
    def stories(self) -> list[str]:
        """The stories it was given, in order."""
        return [message.story_id for _, message in self.sent]
