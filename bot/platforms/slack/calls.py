"""One call of Slack's Web API: in its turn, limited in time, and judged.

Everything that asks Slack goes this way, so that the limits of a workspace are kept by all.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.delivery.pace import Urgency
from bot.model import Destination, Platform
from bot.platforms.slack.failures import REFUSED_TOKEN, Doing, error_of, judge, retry_after_s
from bot.platforms.slack.pacer import Pacer
from bot.platforms.slack.workspaces import Workspaces

MAX_ASKED = 3
"""So often a call is made that is answered 429, if the waits are short."""

EXPIRED = "token_expired"
"""Slack's word for a token that may be followed by another one."""

log = logging.getLogger(__name__)

Ask = Callable[[AsyncWebClient], Awaitable[AsyncSlackResponse]]

Answered = dict[str, Any]
"""Slack's answer, whose "ok" is true."""


class Calls:
    """Makes calls of the Web API; what goes wrong is a SendError.

    Attributes:
        workspaces: where the tokens are.
    """

    def __init__(self, workspaces: Workspaces, pacer: Pacer) -> None:
        self.workspaces = workspaces
        self._pacer = pacer

    async def call(
        self,
        destination: Destination,
        method: str,
        ask: Ask,
        *,
        urgency: Urgency = Urgency.FRESH,
        doing: Doing = Doing.READ,
    ) -> Answered:
        """What Slack answers to ``ask``, which makes one request of ``method``.

        After a 429, which means that nothing was done, it is made again if the wait is short; so
        it is with a new token, if there is one, after one that expired.

        Args:
            destination: its workspace is asked, and its channel is the one that posts go to.

        Raises:
            SendError: as ``judge`` has it; by our own pace ``SendRefusedForNow`` with
                ``is_paced`` where the turn of this call comes later.
        """
        for attempt in range(1, MAX_ASKED + 1):
            try:
                return await self._ask_once(destination, method, ask, urgency)
            except Exception as error:
                said = judge(error, doing=doing)
                if isinstance(error, AttributeError | ValueError):
                    log.debug("slack: %s was not understood", method, exc_info=error)
                word = error_of(error)
                if word in REFUSED_TOKEN:
                    self.workspaces.refuse(destination.workspace, word)
                is_again = retry_after_s(error) is not None or word == EXPIRED
                if not is_again or attempt == MAX_ASKED:
                    raise said from error
        raise AssertionError("the last attempt returns or raises")

    async def ask(
        self,
        workspace: str,
        method: str,
        ask: Ask,
        *,
        channel: str = "",
        urgency: Urgency = Urgency.FRESH,
        doing: Doing = Doing.READ,
    ) -> Answered:
        """As ``call``, of a workspace where no post is owed.

        Args:
            channel: that is posted to or read, if any.

        Raises:
            SendError: as ``call``.
        """
        place = Destination(Platform.SLACK, workspace, channel)
        return await self.call(place, method, ask, urgency=urgency, doing=doing)

    async def _ask_once(
        self, destination: Destination, method: str, ask: Ask, urgency: Urgency
    ) -> Answered:
        client = await self.workspaces.find_client(destination.workspace)
        at, channel = destination.workspace, destination.channel
        async with self._pacer.turn(method, workspace=at, channel=channel, urgency=urgency):
            try:
                answer = await ask(client)
            except Exception as error:
                if (wait_s := retry_after_s(error)) is not None:
                    self._pacer.hold(method, workspace=at, channel=channel, seconds=wait_s)
                raise
        data = answer.data
        if not isinstance(data, dict):
            raise ValueError(f"{method}: the answer is no JSON object")  # noqa: TRY004 - as slack_sdk
        return data
