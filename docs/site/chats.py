"""The page of the commands of the chats, from the one table that all platforms share."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from bot.commands.command import Command, Need, Option, OptionKind
from bot.commands.examples import find_example
from bot.commands.table import TABLE

HEAD = """# Commands

Every command of Discord, Slack and `newsbot ask`: one table in the code, from which this page is
made. Names and descriptions stand in English and in Simplified Chinese; either is understood.

- **Discord** offers commands and options as you type: `/alerts subscribe scope:pair`.
- **Slack** and the **console** take the same line as text, or plain words in any order:
  `/alerts subscribe pair daily 09:00`. A command marked *form* opens one on Slack when nothing
  is typed behind it.
- An option that may be left out says what holds then. *Needed* ones may not.

What the answers look like, and who may do what: [Discord](discord.md), [Slack](slack.md).
"""

WHO = {
    Need.NOTHING: "everybody",
    Need.CHANNELS: "who may manage channels (Discord), who manages (Slack: `slack.managers`)",
    Need.SERVER: "who may manage the server (Discord), who manages (Slack: `slack.managers`)",
}

KINDS = {
    OptionKind.TEXT: "text",
    OptionKind.WHOLE: "a whole number",
    OptionKind.YES: "yes or no",
    OptionKind.PICK: "one of",
    OptionKind.COMPANY: "a company",
    OptionKind.COMPANIES: "companies, with commas between",
    OptionKind.EVENTS: "kinds of event, with commas between",
    OptionKind.STORY: "a story: its id, or words of its headline",
    OptionKind.SUBJECT: "a company, outlet or story",
    OptionKind.MUTED: "something that is muted here",
    OptionKind.WATCH: "a company watched here",
    OptionKind.FEED: "a feed: its address, or its number",
    OptionKind.TIME_ZONE: "a time zone, as in Europe/Berlin",
    OptionKind.CHANNEL: "a channel",
    OptionKind.ROLE: "a role (Discord), a user group (Slack)",
    OptionKind.FILE: "a file",
}


def tell_commands() -> str:
    """The page, as Markdown."""
    parts = [HEAD]
    for noun, rows in groupby(TABLE, key=lambda command: command.noun):
        commands = tuple(rows)
        parts.append(f"## /{noun} (/{commands[0].zh_noun})\n")
        parts += ["\n".join(_tell(command)) for command in commands]
    return "\n".join(parts)


def _tell(command: Command) -> Iterator[str]:
    yield f"### /{command.noun} {command.verb}\n"
    yield f"`/{command.zh_noun} {command.zh_verb}`: {command.help.zh}\n"
    yield f"{command.help.en}.\n"
    yield f"- for {WHO[command.need]}"
    if command.is_for_servers:
        yield "- in channels, not in a conversation with the bot alone"
    if command.has_form:
        yield "- form on Slack"
    yield f"- as in `{find_example(command)}`\n"
    if command.options:
        yield "| option | 选项 | is | what for | 说明 |"
        yield "| --- | --- | --- | --- | --- |"
        yield from (_row(option) for option in command.options)
        yield ""


def _row(option: Option) -> str:
    name = f"`{option.name}`{' *needed*' if option.is_required else ''}"
    cells = (name, f"`{option.zh}`", _is(option), option.help.en, option.help.zh)
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _is(option: Option) -> str:
    if option.picks:
        return f"{KINDS[option.kind]} " + ", ".join(f"`{pick.value}`" for pick in option.picks)
    if option.least is not None or option.most is not None:
        return f"{KINDS[option.kind]}, {option.least} to {option.most}"
    return KINDS[option.kind]
