"""Plain questions: somebody writes to the bot, or names it in a message.

Discord shows a bot only these messages without the message content intent, which is
privileged. Source: Discord documentation, "Gateway", message content intent.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import aiohttp
import discord

from bot.commands.allowance import Allowance, refuse_haste
from bot.commands.answer import Answer
from bot.commands.command import Call, Office
from bot.commands.running import run_plain
from bot.errors import SendError
from bot.model import Destination, Platform
from bot.platforms.discord.answers import draw_answer
from bot.platforms.discord.views import make_files, make_view
from bot.ports import Clock

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Listener:
    """Answers plain questions where they were asked, for all to see."""

    office: Office
    clock: Clock
    command_ids: Mapping[str, int] = field(default_factory=dict)
    _allowance: Allowance = field(default_factory=Allowance)

    async def hear(self, message: discord.Message, *, me: int, now_s: float) -> None:
        """Answer ``message`` if it is a question to the bot; never raises.

        Args:
            me: the bot's own id.
            now_s: seconds of a clock that never goes back.
        """
        text = find_question_or_none(message, me=me)
        if text is None:
            return
        if not self._allowance.take(str(message.author.id), now_s):
            wait_s = self._allowance.tell(str(message.author.id), now_s)
            if wait_s:
                log.info("user %s asks too fast and is not answered", message.author.id)
                await self._reply(message, refuse_haste(wait_s))
            return
        await self._reply(message, await self._find_answer(message, text))

    async def _reply(self, message: discord.Message, answer: Answer) -> None:
        try:
            drawn = draw_answer(answer, command_ids=self.command_ids)
            await message.reply(
                view=make_view(drawn.components),
                files=make_files(drawn),
                allowed_mentions=discord.AllowedMentions.none(),
                mention_author=False,
            )
        except discord.Forbidden:
            log.info("asked in channel %s, where the bot may not write", message.channel.id)
        except (discord.HTTPException, aiohttp.ClientError, OSError, SendError) as error:
            log.warning("a question in channel %s got no answer: %s", message.channel.id, error)
        except Exception:
            log.exception("the answer to a question could not be drawn")

    async def _find_answer(self, message: discord.Message, text: str) -> Answer:
        call = Call(
            place=_find_place(message),
            user=str(message.author.id),
            now=self.clock(),
            office=self.office,
            is_direct=message.guild is None,
        )
        return await run_plain(call, text)


def find_question_or_none(message: discord.Message, *, me: int) -> str | None:
    """What a person asks the bot ``me``, without its name; None where nobody asks it anything.

    A reply to a post of the bot's is talk among people, unless it names the bot in its text.
    """
    if message.author.bot or message.type not in {
        discord.MessageType.default,
        discord.MessageType.reply,
    }:
        return None
    named = re.compile(rf"<@!?{me}>")
    if message.guild is not None and not named.search(message.content):
        return None
    return " ".join(named.sub(" ", message.content).split())


def _find_place(message: discord.Message) -> Destination:
    workspace = str(message.guild.id) if message.guild else ""
    channel = message.channel
    if isinstance(channel, discord.Thread):
        return Destination(
            Platform.DISCORD, workspace, str(channel.parent_id), thread=str(channel.id)
        )
    return Destination(Platform.DISCORD, workspace, str(channel.id))
