"""What the bot is, where to start, and every command with one line."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from bot.commands.answer import Answer, Heading, Hint, Lines, Part
from bot.commands.command import Command, Need

_ABOUT = (
    (
        "I read hundreds of news feeds for stories about handset makers and carriers, put the "
        "reports of all outlets on a story together, and post each story once."
    ),
)
_START = (
    Hint("/alerts subscribe", "posts new stories in this channel"),
    Hint("/news recent", "shows what happened lately"),
    Hint("/watch add", "looks for a company of your own as well"),
)


def tell_hello() -> Answer:
    """The answer to a plain greeting or cry for help, short since all read it."""
    return Answer(
        "What I can do",
        (
            Lines(
                (
                    "I post each story about handset makers and carriers once, from all outlets.",
                    "Ask me: “anything on Huawei and AT&T this week?”",
                    "Or: “latest bans”",
                )
            ),
            Hint("/news help", "shows everything"),
        ),
    )


def tell_help(table: Sequence[Command]) -> Answer:
    """The answer to ``/news help``: every command there is."""
    parts: list[Part] = [Lines(_ABOUT), Heading("Where to start"), *_START]
    parts.append(
        Lines(
            (
                (
                    "Or ask in plain words, in a message to me or with my name in it: "
                    "“anything on Huawei and AT&T this week?”"
                ),
            )
        )
    )
    for noun, rows in groupby(table, key=lambda command: command.noun):
        commands = tuple(rows)
        parts.append(Heading(_head(noun, commands)))
        parts += (Hint(f"/{noun} {one.verb}", one.help.en) for one in commands)
    return Answer("What I can do", tuple(parts))


def _head(noun: str, commands: Sequence[Command]) -> str:
    """What a group of commands is about, and who may use it where not everybody may."""
    topic = _TOPICS.get(noun, noun.capitalize())
    needs = {command.need for command in commands}
    if Need.NOTHING in needs:
        return topic
    who = "managers of the server" if needs == {Need.SERVER} else "managers of channels"
    return f"{topic} ({who})"


_TOPICS = {
    "news": "Ask for news",
    "alerts": "Have stories posted in a channel",
    "watch": "Look for further companies",
    "feeds": "Choose what is read",
}
