"""What people are told unasked, directly: of channels that take no posts, and of their feeds."""

from __future__ import annotations

import asyncio
import logging
import secrets
from typing import Any

from bot.commands.answer import Answer
from bot.delivery.pace import Urgency
from bot.errors import SendError, SendUnclear
from bot.model import Subscription
from bot.platforms.slack.answers import draw_answer
from bot.platforms.slack.blocks import section
from bot.platforms.slack.calls import Calls
from bot.platforms.slack.clients import ANSWER_S
from bot.platforms.slack.drawn import Drawn
from bot.platforms.slack.failures import Doing
from bot.platforms.slack.inert import channel, inert

MAX_REASON = 1_000  # units

EVENT_TYPE = "newsbot_notice"
"""Names the metadata by which a notice is found again."""

LOOK_AFTER_S = ANSWER_S
"""Seconds after an unclear answer, until the notice is looked for: Slack may be slow, and make it
after nobody waited for it any more."""

LOOKED_THROUGH = 20
"""Messages of the direct conversation that are looked through for it."""

log = logging.getLogger(__name__)


class Notices:
    """Tells people; as ``on_parked`` it is called with a subscription."""

    def __init__(self, calls: Calls, *, look_after_s: float = LOOK_AFTER_S) -> None:
        self._calls = calls
        self._look_after_s = look_after_s

    async def __call__(self, subscription: Subscription) -> None:
        """Tell that nothing arrives any more, why, and the way back. Never raises.

        A person who cannot be reached is only logged: ``/alerts list`` says the same.
        """
        key = subscription.destination.key
        log.warning("%s is parked: %s", key, subscription.parked)
        await self._tell(subscription, tell_parked(subscription))

    async def tell_open(self, subscription: Subscription) -> None:
        """Tell that a parked channel takes posts again, and what makes them come. Never raises."""
        await self._tell(subscription, tell_open(subscription))

    async def tell(self, workspace: str, person: str, said: Answer) -> None:
        """Tell ``person`` of ``workspace`` once, however unclear Slack's answer is.

        Raises:
            SendError: it did not arrive, as far as can be told; ``SendRefusedForNow`` where it
                may at another time.
        """
        await self._send(workspace, person, draw_answer(said, is_public=False))

    async def _tell(self, subscription: Subscription, said: str) -> None:
        person, workspace = subscription.subscribed_by, subscription.destination.workspace
        if not person:
            return
        try:
            await self._send(workspace, person, Drawn((section(said),), said))
        except Exception as error:  # noqa: BLE001 - a notice must not hold up posts
            why = str(error) if isinstance(error, SendError) else type(error).__name__
            key = subscription.destination.key
            log.warning("%s: who subscribed it could not be told (%s)", key, why)

    async def _send(self, workspace: str, person: str, drawn: Drawn) -> None:
        """Post it to the person; again only where the first try cannot be found.

        Raises:
            SendError: it was not posted, as far as can be told.
        """
        opened = await self._calls.ask(
            workspace,
            "conversations.open",
            lambda client: client.conversations_open(users=person),
            urgency=Urgency.BACKLOG,
        )
        direct, notice = str(opened["channel"]["id"]), secrets.token_hex(8)
        try:
            await self._post(workspace, direct, drawn, notice)
        except SendUnclear:
            await asyncio.sleep(self._look_after_s)
            if not await self._is_there(workspace, direct, notice):
                await self._post(workspace, direct, drawn, notice)

    async def _post(self, workspace: str, direct: str, drawn: Drawn, notice: str) -> None:
        metadata = {"event_type": EVENT_TYPE, "event_payload": {"notice": notice}}
        await self._calls.ask(
            workspace,
            "chat.postMessage",
            lambda client: client.chat_postMessage(
                channel=direct,
                text=drawn.text,
                blocks=list(drawn.blocks),
                metadata=metadata,
                unfurl_links=False,
                unfurl_media=False,
            ),
            channel=direct,
            urgency=Urgency.BACKLOG,
            doing=Doing.POST,
        )

    async def _is_there(self, workspace: str, direct: str, notice: str) -> bool:
        said = await self._calls.ask(
            workspace,
            "conversations.history",
            lambda client: client.conversations_history(
                channel=direct, limit=LOOKED_THROUGH, include_all_metadata=True
            ),
            channel=direct,
        )
        return any(_notice_of(one) == notice for one in said["messages"])


def tell_parked(subscription: Subscription) -> str:
    """The notice in mrkdwn; what is owed is not lost."""
    reason = inert(subscription.parked, MAX_REASON)
    return (
        f"I had to stop posting news in {_place(subscription)}: {reason}.\n"
        "What comes meanwhile is kept: `/alerts resume` there posts it, `/alerts unsubscribe`"
        " ends it."
    )


def tell_open(subscription: Subscription) -> str:
    """That the channel can be posted to again, in mrkdwn."""
    return (
        f"I can post in {_place(subscription)} again. `/alerts resume` there posts what came "
        "meanwhile and goes on."
    )


def _place(subscription: Subscription) -> str:
    there = subscription.destination
    return channel(there.thread, there.channel) if there.thread else channel(there.channel)


def _notice_of(message: dict[str, Any]) -> str:
    metadata = message.get("metadata") or {}
    return str((metadata.get("event_payload") or {}).get("notice") or "")
