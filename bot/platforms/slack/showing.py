"""Views put where people see them, and what a form that was handed in is acknowledged with."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.commands.answer import Answer, Tone, refuse
from bot.commands.forms import field_of
from bot.platforms.slack.answers import draw_answer
from bot.platforms.slack.failures import error_of
from bot.platforms.slack.modal import Memory, View, draw_errors, draw_result

FAILURES = (SlackApiError, aiohttp.ClientError, OSError, TimeoutError)
"""What a call of the Web API can end in."""

NOT_OPENED = refuse(
    "Slack did not let me open the form. Try it again, or type what you want behind the command; "
    "/news help shows how"
)

STOPPED = refuse(
    "I was stopped before I was done. See with /alerts list or /watch list what is set, then try "
    "again"
)
"""What is said of work that a stop of the program broke off."""

LAST_WORD_S = 1.0
"""Seconds for saying so; part of the ten of a stop."""

_FULL = "push_limit_reached"

T = TypeVar("T")

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Opening:
    """Opens one modal, above another one where ``above`` names it.

    Attributes:
        trigger_id: allows for one modal within three seconds.
        view_id: of what was opened.
    """

    client: AsyncWebClient
    trigger_id: str
    above: str = ""
    view_id: str = ""

    async def show(self, view: View) -> Answer | None:
        """Open ``view``; None, or why Slack does not."""
        try:
            shown = await self._ask(view)
        except FAILURES as error:
            log.warning("a modal did not open: %s", error_of(error) or error)
            return NOT_OPENED
        self.view_id = str((shown.get("view") or {}).get("id", ""))
        return None

    async def _ask(self, view: View) -> Any:
        if not self.above:
            return await self.client.views_open(trigger_id=self.trigger_id, view=view)
        try:
            return await self.client.views_push(trigger_id=self.trigger_id, view=view)
        except SlackApiError as error:
            if error_of(error) != _FULL:
                raise
        return await self.client.views_update(view_id=self.above, view=view)


def respond(view: Mapping[str, Any], memory: Memory, answer: Answer) -> dict[str, Any]:
    """What the form in ``view`` is acknowledged with, by ``answer``.

    A refusal goes to the field that it is about; one that is about none, above the form, which
    stays below as it was written. Slack stacks three modals.
    """
    shown = draw_result(answer, lang=memory.lang)
    if answer.tone is not Tone.REFUSED:
        return {"response_action": "update", "view": shown}
    complaint = field_of(answer, memory.command)
    if errors := draw_errors(view, {complaint.field: complaint.text}):
        return errors
    below = view.get("previous_view_id")
    has_room = not below or below == view.get("root_view_id")
    return {"response_action": "push" if has_room else "update", "view": shown}


def team_of(body: Mapping[str, Any]) -> str:
    """The workspace in which the app is installed that a view is from.

    Where the app is installed for an organisation, only the view or the person may tell.
    """
    view, team, user = (body.get(key) or {} for key in ("view", "team", "user"))
    installed = view.get("app_installed_team_id") or team.get("id")
    return str(installed or user.get("team_id") or view.get("team_id") or "")


async def ask(call: Awaitable[Any]) -> bool:
    """Whether Slack took it; what it did not is in the log."""
    try:
        await call
    except FAILURES as error:
        log.warning("a view was not changed: %s", error_of(error) or error)
        return False
    return True


async def send_message(client: AsyncWebClient, user: str, answer: Answer) -> None:
    """The last resort: the answer in the conversation with the bot."""
    drawn = draw_answer(answer, is_public=False)
    await ask(
        client.chat_postMessage(
            channel=user,
            text=drawn.text,
            blocks=list(drawn.blocks),
            unfurl_links=False,
            unfurl_media=False,
        )
    )


async def end(task: asyncio.Future[Any]) -> None:
    """Break ``task`` off; when this returns, nothing of it works any more."""
    if not task.done():
        task.cancel()
        await asyncio.wait({task})


def find_last(task: asyncio.Future[T], otherwise: T) -> T:
    """What ``task`` came to, ``otherwise`` where it was broken off or broke."""
    is_over = task.done() and not task.cancelled() and task.exception() is None
    return task.result() if is_over else otherwise


async def say_last(saying: Awaitable[Any]) -> None:
    """Have a last word said by a program that stops, which that holds up for a moment at most."""
    try:
        async with asyncio.timeout(LAST_WORD_S):
            await saying
    except Exception as error:  # noqa: BLE001 - there is nobody left to tell
        log.warning("a last word did not arrive: %s", error)
