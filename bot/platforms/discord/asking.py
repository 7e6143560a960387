"""One call of the library for a delivery, repeated while its answer is unclear."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

import discord

from bot.delivery.pace import Urgency
from bot.delivery.parking import admit_unclear
from bot.errors import SendUnclear
from bot.model import Delivery, Digest, Message
from bot.platforms.discord.components import Drawn
from bot.platforms.discord.failures import Doing, is_repeated, judge
from bot.platforms.discord.rest import Rest

WAITS_S = (0.5, 2.0, 5.0, 10.0, 10.0)
"""Seconds before the same is tried again after an unclear answer: so long Discord may be away
and no post comes behind a younger one of its channel. Whoever calls may break off earlier."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Post:
    """What is to be posted.

    Attributes:
        urgency: of every request that is made for it.
        drawn: how it looks.
    """

    delivery: Delivery
    message: Message | Digest
    urgency: Urgency
    drawn: Drawn


class Asking:
    """Makes calls of the library; what goes wrong is a SendError."""

    def __init__(self, rest: Rest) -> None:
        self._rest = rest

    async def ask(
        self,
        post: Post,
        ask: Callable[[discord.Client], Awaitable[T]],
        *,
        doing: Doing = Doing.POST,
        is_once: bool = False,
    ) -> T:
        """What ``ask`` gives; called again where that is unclear, as the same is harmless.

        Args:
            is_once: it is not harmless.

        Raises:
            SendError: as ``judge`` has it.
        """
        is_unclear = False
        for wait_s in (*WAITS_S, None):
            call = None
            try:
                client = self._rest.client
                async with self._rest.traffic.call(post.urgency, is_once=is_once) as call:
                    return await ask(client)
            except Exception as error:
                said = judge(error, destination=post.delivery.destination, doing=doing)
                # The traffic sees how an answer begins; that it was cut off, only the error says.
                is_unclear |= isinstance(said, SendUnclear)
                is_unclear |= call is not None and call.is_unclear
                is_last = wait_s is None or is_once or is_repeated(error)
                if is_last or not isinstance(said, SendUnclear):
                    raise (admit_unclear(said) if is_unclear else said) from error
            assert wait_s is not None
            await asyncio.sleep(wait_s)
        raise AssertionError("the last attempt returns or raises")
