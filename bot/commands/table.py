"""Every command of every platform, in the order in which help lists them."""

from __future__ import annotations

from bot.commands.alerts import ALERTS
from bot.commands.answer import Answer
from bot.commands.command import Call, Command, Words
from bot.commands.feeding import FEEDS
from bot.commands.help import tell_help
from bot.commands.news import NEWS
from bot.commands.watching import WATCH


async def _help(call: Call) -> Answer:
    return tell_help(TABLE, call.place.platform)


_HELP = Command(
    "news",
    "help",
    "新闻",
    "帮助",
    Words("What the bot does, and all its commands", "机器人能做什么，以及全部命令"),
    _help,
)

TABLE: tuple[Command, ...] = (*NEWS, _HELP, *ALERTS, *WATCH, *FEEDS)

_BY_WORDS = {
    (noun, verb): command
    for command in TABLE
    for noun in (command.noun, command.zh_noun)
    for verb in (command.verb, command.zh_verb)
}


def find_command_or_none(noun: str, verb: str) -> Command | None:
    """The row of "/noun verb", each in any language of the table and in any case."""
    return _BY_WORDS.get((noun.strip().casefold(), verb.strip().casefold()))
