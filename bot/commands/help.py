"""What the bot is, where to start, and every command with one line."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from bot.commands.answer import Answer, Facts, Heading, Hint, Lines, Part
from bot.commands.command import Command, Need, Option
from bot.commands.examples import find_example
from bot.model import Platform

_ABOUT = (
    (
        "I read news feeds for stories about handset makers and carriers, put the "
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


def tell_help(table: Sequence[Command], platform: Platform) -> Answer:
    """The answer to ``/news help``: every command there is, as people of ``platform`` use them."""
    parts: list[Part] = [Lines(_ABOUT), Heading("Where to start"), *_START]
    is_chat = platform is not Platform.CONSOLE
    how = ", in a message to me or with my name in it" if is_chat else ""
    lines = [f"Or ask in plain words{how}: “anything on Huawei and AT&T this week?”"]
    if platform is not Platform.DISCORD:
        lines.append("Options are typed as key:value or in plain words; /alerts help tells more.")
    parts.append(Lines(tuple(lines)))
    for noun, rows in groupby(table, key=lambda command: command.noun):
        commands = tuple(rows)
        parts.append(Heading(_head(noun, commands, platform)))
        parts += (Hint(f"/{noun} {one.verb}", one.help.en) for one in commands)
    return Answer("What I can do", tuple(parts))


def tell_noun(rows: Sequence[Command], platform: Platform) -> Answer:
    """What the commands of one noun do, how they are typed, and an example of each."""
    noun = rows[0].noun
    parts: list[Part] = []
    for row in rows:
        parts.append(Hint(f"/{noun} {row.verb}", row.help.en))
        if row.options:
            parts.append(Lines((f"as in {find_example(row)}",)))
    return Answer(_head(noun, rows, platform), tuple(parts))


def tell_command(row: Command) -> Answer:
    """What a command does, its options, and how it is typed."""
    options = tuple((one.name, _tell_option(one)) for one in row.options)
    parts: list[Part] = [Lines((f"{row.help.en}.",))]
    if options:
        parts.append(Facts(options))
    return Answer(
        f"/{row.noun} {row.verb}", (*parts, Hint(find_example(row), "is how it is typed"))
    )


def _tell_option(option: Option) -> str:
    picks = ", ".join(str(pick.value) for pick in option.picks)
    needed = " (needed)" if option.is_required else ""
    return f"{option.help.en}{f': {picks}' if picks else ''}{needed}"


def _head(noun: str, commands: Sequence[Command], platform: Platform) -> str:
    """What a group of commands is about, and who may use it where not everybody may."""
    topic = _TOPICS.get(noun, noun.capitalize())
    needs = {command.need for command in commands}
    if Need.NOTHING in needs or platform is Platform.CONSOLE:
        return topic
    if platform is Platform.SLACK:  # who that is can be chosen there
        return f"{topic} (those who may change things here)"
    who = "managers of the server" if needs == {Need.SERVER} else "managers of channels"
    return f"{topic} ({who})"


_TOPICS = {
    "news": "Ask for news",
    "alerts": "Have stories posted in a channel",
    "watch": "Look for further companies",
    "feeds": "Choose what is read",
}
