"""What people are told unasked, in a direct message: of parked channels and of their feeds."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from typing import Any

import discord

from bot.commands.answer import Answer
from bot.delivery.pace import Urgency
from bot.errors import SendError, SendRefused, SendUnclear
from bot.model import Destination, Platform, Subscription
from bot.platforms.discord.answers import draw_answer
from bot.platforms.discord.failures import judge
from bot.platforms.discord.inert import inert
from bot.platforms.discord.rest import Rest
from bot.platforms.discord.views import make_new_look

MAX_REASON = 1_000  # units

log = logging.getLogger(__name__)


class Notices:
    """Tells people; as ``on_parked`` it is called with a subscription."""

    def __init__(self, rest: Rest) -> None:
        self._rest = rest

    async def __call__(self, subscription: Subscription) -> None:
        """Tell who subscribed that nothing arrives any more, why, and the way back.

        A person who takes no messages from the bot, or cannot be reached, is only logged:
        ``/alerts list`` says the same. Never raises.
        """
        destination = subscription.destination
        if not subscription.subscribed_by.isdecimal():
            log.warning("%s is parked: %s", destination.key, subscription.parked)
            return
        look: dict[str, Any] = {
            "content": tell_parked(subscription),
            "allowed_mentions": discord.AllowedMentions.none(),
            "suppress_embeds": True,
        }
        try:
            await self._send(subscription.subscribed_by, look, _make_nonce(subscription))
        except Exception as error:  # noqa: BLE001 - a notice must not hold up posts
            why = f"code {error.code}" if isinstance(error, discord.HTTPException) else ""
            why = why or (str(error) if isinstance(error, SendError) else type(error).__name__)
            log.warning(
                "%s is parked: %s; who subscribed it could not be told (%s)",
                destination.key,
                subscription.parked,
                why,
            )

    async def tell(self, workspace: str, person: str, said: Answer) -> None:
        """Tell ``person`` of the server ``workspace`` once, however often this is repeated.

        Raises:
            SendError: it did not arrive, as far as can be told; ``SendRefusedForNow`` where it
                may at another time.
        """
        if not person.isdecimal():
            raise SendRefused(f"discord: {person!r} is nobody's id")
        drawn = draw_answer(said)
        nonce = _digest(f"{person}\n{drawn.components}")
        try:
            await self._tell_once(workspace, person, make_new_look(drawn), nonce)
        except SendUnclear:  # Discord knows the nonce if it took the first
            await self._tell_once(workspace, person, make_new_look(drawn), nonce)

    async def _tell_once(
        self, workspace: str, person: str, look: Mapping[str, Any], nonce: str
    ) -> None:
        place = Destination(Platform.DISCORD, workspace, person)
        try:
            await self._send(person, look, nonce)
        except Exception as error:
            raise judge(error, destination=place) from error

    async def _send(self, person: str, look: Mapping[str, Any], nonce: str) -> None:
        async with self._rest.traffic.call(Urgency.BACKLOG):
            channel = await self._rest.client.create_dm(discord.Object(int(person)))
            await channel.send(nonce=nonce, **look)


def tell_parked(subscription: Subscription) -> str:
    """The notice in Discord's markdown; what is owed is not lost."""
    destination = subscription.destination
    place = destination.thread or destination.channel
    reason = inert(subscription.parked, MAX_REASON)
    return (
        f"I had to stop posting news in <#{place}>: {reason}.\n"
        "What comes meanwhile is kept: `/alerts resume` there posts it, `/alerts unsubscribe`"
        " ends it."
    )


def _make_nonce(subscription: Subscription) -> str:
    """The same for the same notice, so that a repeated call tells nobody twice."""
    return _digest(f"{subscription.destination.key}\n{subscription.parked}")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:24]
