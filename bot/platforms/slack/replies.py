"""Answers on their way to people: by response_url for one alone, as messages, with files.

A response_url takes five answers within half an hour, and nobody else sees them. What Slack
does not take is said once more in plain text with a reference, never left out.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient
from slack_sdk.webhook.webhook_response import WebhookResponse

from bot.commands.answer import Answer, File, Lines
from bot.commands.running import apologise
from bot.errors import SendError, SendParked, SendRefused, SendRefusedForNow, SendUnclear
from bot.platforms.slack.answers import draw_answer
from bot.platforms.slack.asked import Asked
from bot.platforms.slack.calls import Calls
from bot.platforms.slack.drawn import Drawn
from bot.platforms.slack.failures import Doing, error_of
from bot.platforms.slack.names import find_names
from bot.platforms.slack.people import People

ATTEMPTS = 3
"""At an answer; a second one of the same words harms less than none."""

AGAIN_S = 1.0
"""Seconds between two attempts, unless Slack names a time."""

LONGEST_S = 20.0
"""Seconds that are waited at most before an attempt, as somebody is waiting too."""

LONGEST_POST_S = 60.0
"""The same where the answer is a message, which has its turn among the posts of the channel."""

TOO_MANY, FINE, BROKEN = 429, 200, 500
"""Source: RFC 6585 §4; RFC 9110 §15.3.1, §15.6."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Replies:
    """Shows answers to people; nothing here raises.

    Args:
        session: for response_urls; its requests have a time limit.
        people: know the names that are written out where others can read them.
        again_s: see ``AGAIN_S``.
    """

    calls: Calls
    session: aiohttp.ClientSession
    people: People
    again_s: float = AGAIN_S

    async def whisper(self, asked: Asked, what: str, answer: Answer) -> None:
        """Show ``answer`` to who asked alone, where they asked."""
        drawn = await self._draw(asked, what, answer)
        if not asked.response_url:
            await self.say(asked, what, answer, is_private=True)
            return
        said = await self._send(asked, what, drawn)
        if said == "":
            return
        error = ValueError(f"Slack did not take the answer: {said}")
        plain = apologise(error, what, asked.place)
        await self._send(asked, what, Drawn((), plain.title))

    async def say(self, asked: Asked, what: str, answer: Answer, *, is_private: bool) -> None:
        """Write ``answer`` below the message that asked; if private, for who asked alone."""
        is_direct = asked.channel.startswith("D")
        is_alone = is_private and not is_direct
        drawn = await self._draw(asked, what, answer, is_public=not (is_private or is_direct))
        try:
            try:
                await self._post_patiently(asked, drawn, is_alone=is_alone)
            except SendRefused as error:
                plain = Drawn((), apologise(error, what, asked.place).title)
                await self._post_patiently(asked, plain, is_alone=is_alone)
        except SendParked as error:
            log.info("%s: asked in %s, where I may not write: %s", what, asked.place.key, error)
        except SendError as error:
            log.warning("%s: the answer did not arrive: %s", what, error)

    async def _post_patiently(self, asked: Asked, drawn: Drawn, *, is_alone: bool) -> None:
        """Post, again where it did not arrive or nobody knows.

        Raises:
            SendError: it is refused, or did not arrive in ``ATTEMPTS``.
        """
        for _ in range(ATTEMPTS - 1):
            try:
                await self._post(asked, drawn, is_alone=is_alone)
            except SendRefusedForNow as error:
                wait_s = self.again_s if error.retry_after_s is None else error.retry_after_s
                await asyncio.sleep(min(wait_s, LONGEST_POST_S))
            except SendUnclear:
                await asyncio.sleep(self.again_s)
            else:
                return
        await self._post(asked, drawn, is_alone=is_alone)

    async def _post(self, asked: Asked, drawn: Drawn, *, is_alone: bool) -> None:
        given: dict[str, Any] = {"channel": asked.channel, "text": drawn.text}
        if drawn.blocks:
            given["blocks"] = list(drawn.blocks)
        # What one person alone sees is shown in a thread only where others wrote in it before.
        # Source: Slack documentation, "chat.postEphemeral", thread_ts.
        if thread := asked.thread if is_alone else asked.reply_in:
            given["thread_ts"] = thread
        if is_alone:
            given["user"] = asked.user
            method, post = "chat.postEphemeral", AsyncWebClient.chat_postEphemeral
        else:
            given |= {"unfurl_links": False, "unfurl_media": False}
            method, post = "chat.postMessage", AsyncWebClient.chat_postMessage
        await self.calls.ask(
            asked.workspace,
            method,
            lambda client: post(client, **given),
            channel=asked.channel,
            doing=Doing.POST,
        )

    async def _draw(
        self, asked: Asked, what: str, answer: Answer, *, is_public: bool = False
    ) -> Drawn:
        """``answer`` as blocks, with its files sent ahead into the person's own conversation."""
        try:
            names = await find_names(self.people, asked.workspace, answer) if is_public else {}
            drawn = draw_answer(answer, is_public=is_public, names=names)
            if not drawn.files:
                return drawn
            told = Lines((await self.send_files(asked, drawn.files),))
            answer = replace(answer, parts=(*answer.parts, told))
            return draw_answer(answer, is_public=is_public, names=names)
        except Exception as error:  # noqa: BLE001 - it could not be drawn; the log has it
            return Drawn((), apologise(error, what, asked.place).title)

    async def send_files(self, asked: Asked, files: tuple[File, ...]) -> str:
        """Put ``files`` into the conversation with the bot; one line on what became of it."""
        try:
            opened = await self.calls.ask(
                asked.workspace,
                "conversations.open",
                lambda client: client.conversations_open(users=asked.user),
            )
            client = await self.calls.workspaces.find_client(asked.workspace)
            for one in files:
                await client.files_upload_v2(
                    channel=opened["channel"]["id"], content=one.content, filename=one.name
                )
        except (SlackClientError, SendError, aiohttp.ClientError, OSError, TimeoutError) as error:
            log.warning("a file did not arrive: %s", tell_failure(error))
            return f"The file did not arrive ({tell_failure(error)}); try it again in a minute."
        what = "The file is" if len(files) == 1 else f"{len(files)} files are"
        return f"{what} in your direct conversation with me, under Apps."

    async def _send(self, asked: Asked, what: str, drawn: Drawn) -> str:
        """Give ``drawn`` to the response_url; "" or why Slack does not take it as it is."""
        client = AsyncWebhookClient(asked.response_url, session=self.session, retry_handlers=[])
        client.proxy = None
        body: dict[str, Any] = {
            "response_type": "ephemeral",
            "replace_original": False,
            "text": drawn.text,
            "unfurl_links": False,
            "unfurl_media": False,
        }
        if drawn.blocks:
            body["blocks"] = list(drawn.blocks)
        if asked.thread:
            body["thread_ts"] = asked.thread
        failure = ""
        for attempt in range(ATTEMPTS):
            try:
                told = await client.send_dict(body)
            except (aiohttp.ClientError, OSError, TimeoutError) as error:
                failure, wait_s = tell_failure(error), AGAIN_S
            else:
                if told.status_code == FINE:
                    return ""
                failure = f"status {told.status_code}, {told.body[:100]!r}"
                if told.status_code < BROKEN and told.status_code != TOO_MANY:
                    return _judge(what, told, failure, is_plain=not drawn.blocks)
                wait_s = _find_delay(told.headers)
            if attempt + 1 < ATTEMPTS:
                await asyncio.sleep(wait_s)
        log.warning("%s: the answer did not arrive: %s", what, failure)
        return ""


def _judge(what: str, told: WebhookResponse, failure: str, *, is_plain: bool) -> str:
    """What to say instead; "" where nothing arrives through this response_url any more."""
    if "used_url" in told.body or "expired_url" in told.body or is_plain:
        log.warning("%s: the answer did not arrive: %s", what, failure)
        return ""
    return failure


def tell_failure(error: Exception) -> str:
    """Why a call of Slack's failed, in a few words."""
    if isinstance(error, SlackApiError):
        return error_of(error) or f"status {error.response.status_code}"
    if isinstance(error, TimeoutError):
        return "no answer in time"
    return " ".join(str(error).split())[:200] or type(error).__name__


def _find_delay(headers: Mapping[str, str]) -> float:
    said = next((value for key, value in headers.items() if key.lower() == "retry-after"), "")
    return min(float(said), LONGEST_S) if said.isdecimal() else AGAIN_S
