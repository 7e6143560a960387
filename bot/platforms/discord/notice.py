"""The one notice that a channel's subscription is parked: a direct message to who made it."""

from __future__ import annotations

import hashlib
import logging

import discord

from bot.delivery.pace import Urgency
from bot.errors import SendError
from bot.model import Subscription
from bot.platforms.discord.inert import inert
from bot.platforms.discord.rest import Rest

MAX_REASON = 1_000  # units

log = logging.getLogger(__name__)


class ParkedNotice:
    """Tells the person; to be given to the drain as ``on_parked``."""

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
        try:
            async with self._rest.traffic.call(Urgency.BACKLOG):
                person = discord.Object(int(subscription.subscribed_by))
                channel = await self._rest.client.create_dm(person)
                await channel.send(
                    tell_parked(subscription),
                    nonce=_make_nonce(subscription),
                    allowed_mentions=discord.AllowedMentions.none(),
                    suppress_embeds=True,
                )
        except Exception as error:  # noqa: BLE001 - a notice must not hold up posts
            why = f"code {error.code}" if isinstance(error, discord.HTTPException) else ""
            why = why or (str(error) if isinstance(error, SendError) else type(error).__name__)
            log.warning(
                "%s is parked: %s; who subscribed it could not be told (%s)",
                destination.key,
                subscription.parked,
                why,
            )


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
    told = f"{subscription.destination.key}\n{subscription.parked}"
    return hashlib.sha256(told.encode()).hexdigest()[:24]
