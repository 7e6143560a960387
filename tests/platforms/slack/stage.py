"""A sender in front of the loopback Slack, and deliveries for it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import SecretStr

from bot.model import Delivery, Destination, Digest, Message, Platform
from bot.platforms.slack.calls import Calls
from bot.platforms.slack.pacer import PER_MIN, Pacer
from bot.platforms.slack.sender import SlackSender
from bot.platforms.slack.workspaces import OneWorkspace, open_workspace
from bot.settings import SlackSettings
from tests.builders import delivery, message
from tests.servers.slack import Channel, SlackServer

QUICK_S = 0.05
"""Of what a sender lets Slack settle; a server on loopback needs no more."""


def settings_for(server: SlackServer, **changes: Any) -> SlackSettings:
    """Settings with the server's address and tokens."""
    given: dict[str, Any] = {
        "bot_token": SecretStr(server.bot_token),
        "app_token": SecretStr(server.app_token),
        "api_base": server.api_base,
    }
    return SlackSettings(**(given | changes))


def make_hasty_pacer() -> Pacer:
    """One that hardly ever waits; the pace has tests of its own."""
    return Pacer(60_000, channel_gap_s=0.001, per_min=dict.fromkeys(PER_MIN, 60_000))


def now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Stage:
    """A server and a sender that is connected."""

    server: SlackServer
    one: OneWorkspace
    calls: Calls
    sender: SlackSender
    pacer: Pacer = field(default_factory=make_hasty_pacer)

    def place(self, channel: Channel | None = None, *, thread: str = "") -> Destination:
        """A channel, or a thread in it, as a destination."""
        chosen = channel or self.server.channel
        return Destination(Platform.SLACK, chosen.team_id, chosen.id, thread)

    def owed(
        self, story_id: str = "s1", channel: Channel | None = None, **changes: Any
    ) -> Delivery:
        """A delivery that falls due now."""
        place = changes.pop("destination", None) or self.place(channel)
        return delivery(story_id, place, **({"next_attempt_at": now()} | changes))

    def unclear(self, owed: Delivery, *, minutes: float = 0.5) -> Delivery:
        """``owed`` as it is leased again after a call of which nothing is known."""
        return replace(owed, unclear_since=now() - timedelta(minutes=minutes), attempts=1)

    async def send(
        self, owed: Delivery, told: Message | Digest | None = None, *, reply_to: str = ""
    ) -> str:
        """Send one message."""
        return await self.sender.send(
            owed, told or message(story_id=owed.story_id), reply_to=reply_to
        )

    def restart(self) -> SlackSender:
        """A sender that remembers nothing, as after a crash."""
        return SlackSender(self.calls, clock=now, settle_s=QUICK_S, late_s=QUICK_S)


@asynccontextmanager
async def open_stage(
    *, pacer: Pacer | None = None, is_limited: bool = False, **changes: Any
) -> AsyncIterator[Stage]:
    """A server and a sender; ``changes`` are settings.

    Args:
        pacer: a hasty one by default.
        is_limited: the server has Slack's limits.
    """
    pacer = pacer or make_hasty_pacer()
    async with SlackServer(is_limited=is_limited) as server:
        async with open_workspace(settings_for(server, **changes)) as one:
            assert await one.wait_until_settled()
            calls = Calls(one, pacer)
            sender = SlackSender(calls, clock=now, settle_s=QUICK_S, late_s=QUICK_S)
            yield Stage(server, one, calls, sender, pacer)
        # Where a feed says "&amp;", a reader shall see just that.
        assert not [one for one in server.complaints if "escaped twice" not in one]
