"""A sender in front of the loopback Discord, and deliveries for it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import SecretStr

from bot.model import Delivery, Destination, Message, Platform
from bot.platforms.discord.rest import Rest, open_rest
from bot.platforms.discord.sender import DiscordSender
from bot.settings import DiscordSettings
from tests.builders import delivery, message
from tests.servers.discord import Channel, DiscordServer, redirected


def settings_for(server: DiscordServer, **changes: Any) -> DiscordSettings:
    """Settings with the server's addresses and token."""
    given: dict[str, Any] = {
        "token": SecretStr(server.token),
        "api_base": server.api_base,
        "gateway_url": server.gateway_url,
    }
    return DiscordSettings(**(given | changes))


def now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Stage:
    """A server and a sender that is logged in."""

    server: DiscordServer
    rest: Rest
    sender: DiscordSender

    def place(
        self, channel: Channel | None = None, *, thread: Channel | None = None
    ) -> Destination:
        """A channel, or a thread in it, as a destination."""
        chosen = channel or self.server.channel
        return Destination(
            Platform.DISCORD,
            workspace=str(chosen.guild_id),
            channel=str(chosen.id),
            thread=str(thread.id) if thread else "",
        )

    def owed(
        self, story_id: str = "s1", channel: Channel | None = None, **changes: Any
    ) -> Delivery:
        """A delivery that falls due now."""
        place = changes.pop("destination", None) or self.place(channel)
        return delivery(story_id, place, **({"next_attempt_at": now()} | changes))

    def unclear(self, owed: Delivery, *, minutes: float = 0.5) -> Delivery:
        """``owed`` as it is leased again after a call of which nothing is known."""
        return replace(owed, unclear_since=now() - timedelta(minutes=minutes), attempts=1)

    def forget_nonces(self) -> None:
        """As after the minutes for which Discord remembers a nonce."""
        self.server.nonce_window_s = -1.0

    async def send(self, owed: Delivery, told: Message | None = None, *, reply_to: str = "") -> str:
        """Send one message."""
        return await self.sender.send(
            owed, told or message(story_id=owed.story_id), reply_to=reply_to
        )

    async def restart(self) -> DiscordSender:
        """A sender that remembers nothing, as after a crash."""
        return DiscordSender(self.rest, clock=now)


@asynccontextmanager
async def open_stage(**changes: Any) -> AsyncIterator[Stage]:
    """A server and a sender; ``changes`` are settings."""
    async with DiscordServer() as server:
        with redirected(server):
            async with open_rest(settings_for(server, **changes)) as rest:
                assert await rest.wait_until_settled()
                yield Stage(server, rest, DiscordSender(rest, clock=now))
                assert rest.traffic.pacer.unanswered == 0, "a slot was not given back"
