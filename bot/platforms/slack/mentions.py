"""Plain questions: somebody writes to the bot alone, or names it in a message.

Slack shows a bot of ours no other messages. What begins as a command is run as one: Slack has
no slash commands in threads, and some people find it easier to write to the bot.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from logging import getLogger
from typing import Any

from bot.commands.allowance import Allowance, refuse_haste
from bot.commands.answer import Answer, Choice, Choices, refuse
from bot.commands.command import Command
from bot.commands.forms import needs_form
from bot.commands.running import apologise
from bot.commands.typed import Typed, TypedCommand, TypedPlain
from bot.errors import InputInvalid, SendError, SendRefusedForNow
from bot.platforms.slack.asked import BROADCAST, Asked
from bot.platforms.slack.clerk import Clerk
from bot.platforms.slack.replies import Replies
from bot.platforms.slack.workspaces import Workspaces

WRITTEN = frozenset({"", "file_share", BROADCAST})
"""Subtypes of messages that a person wrote: not edits, not notices of who joined.

Source: Slack documentation, "message event", subtypes.
"""

WAITS_S = (0.2, 1.0, 2.0, 4.0)
"""Seconds between looks at who the bot is, where that is not known yet."""

log = getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Listener:
    """Answers where it was asked: a question for all to see, a command for who gave it."""

    clerk: Clerk
    replies: Replies
    workspaces: Workspaces
    timer: Callable[[], float] = time.monotonic
    waits_s: tuple[float, ...] = WAITS_S
    _allowance: Allowance = field(default_factory=Allowance)

    async def hear(self, asked: Asked, event: Mapping[str, Any]) -> bool:
        """Answer ``event`` if it asks the bot something; never raises.

        Returns:
            Whether a command was run.
        """
        try:
            me = await self._find_me(asked.workspace)
        except SendError as error:
            log.warning("a message in workspace %s is not read: %s", asked.workspace, error)
            return False
        text = find_question_or_none(event, me=me)
        if text is None:
            return False
        who, now_s = f"{asked.workspace}/{asked.user}", self.timer()
        if not self._allowance.take(who, now_s):
            if wait_s := self._allowance.tell(who, now_s):
                log.info("user %s asks too fast and is not answered", who)
                await self._say(asked, refuse_haste(wait_s), is_private=True)
            return False
        try:
            typed = await self.clerk.read(asked, text)
        except InputInvalid as error:
            await self._say(asked, refuse(str(error)), is_private=True)
        except Exception as error:  # noqa: BLE001 - the person is told, the log has it
            await self._say(asked, apologise(error, "a message", asked.place), is_private=True)
        else:
            return await self._answer(asked, typed)
        return False

    async def _find_me(self, workspace: str) -> str:
        """The bot's own id there; at the start of the program Slack may not have told it yet.

        Raises:
            SendError: it is not known, and will not be soon.
        """
        for wait_s in self.waits_s:
            try:
                return (await self.workspaces.find_bot(workspace)).user_id
            except SendRefusedForNow:
                await asyncio.sleep(wait_s)
        return (await self.workspaces.find_bot(workspace)).user_id

    async def _answer(self, asked: Asked, typed: Typed) -> bool:
        if isinstance(typed, TypedCommand) and needs_form(typed.command, typed.values):
            await self._say(asked, offer_form(typed.command), is_private=True)
            return False
        answer = await self.clerk.run_typed(asked, typed)
        is_for_all = isinstance(typed, TypedPlain) and not answer.is_for_asker
        is_private = answer.is_private and not is_for_all
        await self._say(asked, answer, is_private=is_private)
        return isinstance(typed, TypedCommand)

    async def _say(self, asked: Asked, answer: Answer, *, is_private: bool) -> None:
        await self.replies.say(asked, "a message", answer, is_private=is_private)


def find_question_or_none(event: Mapping[str, Any], *, me: str) -> str | None:
    """What a person asks the bot ``me``, without its name; None where nobody asks it anything.

    A message in a channel comes as "app_mention", one to the bot alone as "message"; where the
    bot is named in a message to it alone, only the latter comes.
    """
    user = event.get("user")
    is_person = bool(user) and user != me and not event.get("bot_id") and not event.get("hidden")
    if not is_person or event.get("subtype", "") not in WRITTEN or event.get("edited"):
        return None
    is_direct = event.get("channel_type") == "im"
    if event.get("type") != "app_mention" and not is_direct:
        return None
    text = str(event.get("text") or "")
    return " ".join(re.sub(rf"<@{re.escape(me)}(?:\|[^>]*)?>", " ", text).split())


def offer_form(command: Command) -> Answer:
    """A button that opens the form of ``command``: a message cannot open one."""
    subject = f"{command.noun}.{command.verb}"
    label = Choice("form", subject, "Open the form")
    return Answer(f"/{command.noun} {command.verb}: {command.help.en}", (Choices((label,)),))
