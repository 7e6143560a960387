"""One call of Slack's Web API: in its turn, limited in time, and judged.

Everything that asks Slack goes this way, so that the limits of a workspace are kept by all.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.delivery.pace import Urgency
from bot.errors import SendError, SendParked, SendRefusedForNow
from bot.model import Destination, Platform
from bot.platforms.slack.failures import (
    DOUBTED_S,
    OF_TOKEN,
    Doing,
    error_of,
    judge,
    retry_after_s,
)
from bot.platforms.slack.pacer import Pacer
from bot.platforms.slack.workspaces import Workspaces

MAX_ASKED = 3
"""So often a call is made that is answered 429, if the waits are short."""

BELIEVED_S = 3_600.0
"""After so many seconds Slack is believed what it says of a place, though auth.test denies it:
of some places a token is kept out while it is good for all others."""

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
        self._doubted_since_s: dict[Destination, float] = {}

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
        it is where the token is not taken and there is another one by now. A word about the token
        is passed on only if auth.test says the same.

        Args:
            destination: its workspace is asked, and its channel is the one that posts go to.

        Raises:
            SendError: as ``judge`` has it; by our own pace ``SendRefusedForNow`` with
                ``is_paced`` where the turn of this call comes later.
        """
        for attempt in range(1, MAX_ASKED + 1):
            client = None
            try:
                client = await self.workspaces.find_client(destination.workspace)
                answer = await self._ask_once(client, destination, method, ask, urgency)
            except Exception as error:
                said = judge(error, doing=doing)
                if isinstance(error, AttributeError | ValueError):
                    log.debug("slack: %s was not understood", method, exc_info=error)
                is_again = retry_after_s(error) is not None
                if client is not None and error_of(error) in OF_TOKEN:
                    doubt = await self._doubt_or_none(destination, client, said)
                    said, is_again = doubt or said, doubt is None
                if not is_again or attempt == MAX_ASKED:
                    raise said from error
            else:
                self._doubted_since_s.pop(destination, None)
                return answer
        raise AssertionError("the last attempt returns or raises")

    async def _doubt_or_none(
        self, destination: Destination, client: AsyncWebClient, said: SendError
    ) -> SendError | None:
        """What to make of ``said`` about the token of ``client``; None if there is another now."""
        try:
            now = await self.workspaces.check_token(destination.workspace, client)
        except SendError as sure:
            return judge(sure)
        if now is not client:
            return None
        since_s = self._doubted_since_s.setdefault(destination, time.monotonic())
        if isinstance(said, SendParked) and time.monotonic() - since_s >= BELIEVED_S:
            return said
        told = f"{said}; but Slack takes the token"
        return SendRefusedForNow(told, retry_after_s=DOUBTED_S, is_general=True)

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
        self,
        client: AsyncWebClient,
        destination: Destination,
        method: str,
        ask: Ask,
        urgency: Urgency,
    ) -> Answered:
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
