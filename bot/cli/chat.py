"""``newsbot ask``: the commands and questions of a chat, typed at the console."""

from __future__ import annotations

import asyncio
import re
import shlex
import sys
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.setup import DatabaseOption, make_console, open_database, read_settings
from bot.scheduling.clock import utc_now

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from rich.console import Console

    from bot.commands.answer import Answer, Choice, File
    from bot.commands.command import Call, Office, OptionKind
    from bot.settings import Settings

PROMPT = "newsbot> "
MOST_COPIES = 100
PRESS = "press"
"""What presses a button: "press 1" the first of the last answer, "press mute-story:…" any."""

_PRESSED = re.compile(rf"{PRESS}\s+(?P<button>\d+|[a-z-]+:.*)")


def register(app: typer.Typer) -> None:
    """Add this command to ``app``."""
    app.command()(ask)


def ask(
    context: typer.Context,
    text: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="TEXT",
            help='As in a chat: "/alerts subscribe pair daily 09:00", "/news help", "anything on '
            'Huawei this week?". With none it is a prompt that Ctrl-D ends, or reads lines.',
        ),
    ] = None,
    database: DatabaseOption = None,
) -> None:
    """Ask, or use any command of the chats, on this database: `newsbot ask "/news help"`.

    Everything is allowed here, and /alerts is about what this console gets: that is what
    `newsbot run` prints while no token for Discord or Slack is set. A button of an answer is
    pressed by typing what stands beside it. A running bot takes changes up by itself.

    Exit code 1 where the answer is no, or that of a line that was read is.
    """
    settings = read_settings(context, database=database)
    desk = _Desk(settings, make_console(), is_single=bool(text))
    with asyncio.Runner() as runner:
        try:
            if text:
                runner.run(desk.answer(" ".join(text)))
            else:
                _read_lines(desk, runner)
        finally:
            runner.run(desk.close())
    if desk.refused and not desk.is_prompt:
        raise typer.Exit(1)


def _read_lines(desk: _Desk, runner: asyncio.Runner) -> None:
    desk.is_prompt = sys.stdin.isatty()
    if desk.is_prompt:
        with suppress(ImportError):
            import readline  # noqa: F401  # lines can be edited, and come again by arrow keys
        typer.echo("newsbot: /news help shows what there is; Ctrl-D ends", err=True)
    for line in _prompted() if desk.is_prompt else sys.stdin:
        if line.strip():
            runner.run(desk.answer(line))
            desk.console.print()


def _prompted() -> Iterator[str]:
    while True:
        try:
            yield input(PROMPT)
        except EOFError:
            typer.echo()
            return


@dataclass
class _Desk:
    """Where the operator asks.

    Attributes:
        is_single: one thing is asked, so no button can be pressed by its number.
        is_prompt: somebody types, one line after the other.
        buttons: of the last answer that had any, in order.
        refused: how many answers were refusals.
    """

    settings: Settings
    console: Console
    is_single: bool = False
    is_prompt: bool = False
    buttons: list[Choice] = field(default_factory=list)
    refused: int = 0
    _office: Office | None = None
    _is_made: bool = False
    _stack: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def close(self) -> None:
        """Close everything."""
        await self._stack.aclose()

    async def answer(self, line: str) -> None:
        """Answer a line; never raises for what stands in it."""
        from bot.commands.answer import Choices, File, Tone
        from bot.platforms.console import render_answer, show

        text = line.encode("utf-8", "replace").decode().strip()
        answer, now = await self._find_answer(text)
        self.refused += answer.tone is Tone.REFUSED
        if any(isinstance(part, Choices) for part in answer.parts):
            self.buttons.clear()
        show(self.console, render_answer(answer, now=now, press=self._tell_press))
        for part in answer.parts:
            if isinstance(part, File):
                typer.echo(f"newsbot: {_write(part)}", err=True)
        if answer.tone is Tone.DONE and (note := self._note(text)):
            typer.echo(f"newsbot: {note}", err=True)

    async def _find_answer(self, text: str) -> tuple[Answer, datetime]:
        """The answer to ``text``, and when it was asked for; help is told at once."""
        from bot.commands.chatting import answer_text, changes_something, find_help_or_none
        from bot.model import Platform

        now = utc_now()
        if helped := find_help_or_none(text, Platform.CONSOLE, now=now):
            return helped, now
        pressed = _PRESSED.fullmatch(text)
        call = await self._make_call(now, is_change=bool(pressed) or changes_something(text))
        if pressed:
            return await self._press(call, pressed["button"]), now
        hint = "write its path"
        return await answer_text(call, text, read_ref=self._read_ref, file_hint=hint), now

    def _note(self, text: str) -> str:
        """What a run of the bot makes of the console's subscription."""
        from bot.commands.typed import find_typed_or_none

        row = find_typed_or_none(text)
        words = (row.noun, row.verb) if row else ()
        is_connected = bool(self.settings.connected)
        if words == ("alerts", "subscribe") and is_connected:
            return (
                "a token for Discord or Slack is set, so `newsbot run` posts there, and ends what "
                "this console gets"
            )
        if words == ("alerts", "unsubscribe") and not is_connected:
            return (
                "while no token for Discord or Slack is set, `newsbot run` subscribes this console "
                "again; `/alerts pause` keeps it silent"
            )
        return ""

    async def _press(self, call: Call, said: str) -> Answer:
        from dataclasses import replace

        from bot.commands.actions import find_action_or_none
        from bot.commands.answer import refuse
        from bot.commands.running import run_action

        name, _, subject = said.partition(":")
        if said.isdecimal():
            number = int(said)
            if not 1 <= number <= len(self.buttons):
                return refuse(f"There is no button {said}; the last answer has {len(self.buttons)}")
            name, subject = self.buttons[number - 1].action, self.buttons[number - 1].subject
        action = find_action_or_none(name)
        if action is None:
            return refuse(f'I know no button "{name[:40]}"; type what stands beside a button')
        return await run_action(action, replace(call, values={"subject": subject}))

    def _tell_press(self, choice: Choice) -> str:
        if choice.action == "form":  # a form is filled in by typing
            return f"/{' '.join(choice.subject.split('.')[:2])}"
        self.buttons.append(choice)
        if self.is_single:
            return f"newsbot ask {shlex.quote(f'{PRESS} {choice.action}:{choice.subject}')}"
        return f"{PRESS} {len(self.buttons)}"

    async def _make_call(self, now: datetime, *, is_change: bool) -> Call:
        from bot.commands.command import Call, Need
        from bot.model import CONSOLE

        if self._office is None or (is_change and not self._is_made):
            self._office = await self._open(create=is_change)
        return Call(place=CONSOLE, user="", now=now, office=self._office, may=frozenset(Need))

    async def _open(self, *, create: bool) -> Office:
        """Everything that commands work with; a database is made only for a change."""
        from bot.app.operator import open_office

        await self._stack.aclose()
        self._is_made = create
        opened = open_database(self.settings, create=create)
        store = await self._stack.enter_async_context(opened)
        office = open_office(self.settings, store, clock=utc_now)
        return await self._stack.enter_async_context(office)

    def _read_ref(self, kind: OptionKind, text: str) -> object:
        from bot.commands.command import OptionKind, Upload
        from bot.errors import InputInvalid

        if kind is not OptionKind.FILE:
            return None
        path = Path(text)
        try:
            if path.stat().st_size > self.settings.fetch.max_bytes:
                raise InputInvalid(f"{path} is larger than fetch.max_bytes; split it.")
            return Upload(path.name, path.read_bytes())
        except OSError as error:
            raise InputInvalid(f"{path}: {error.strerror}") from None


def _write(file: File) -> str:
    """Keep ``file`` in this folder, and say where; nothing that is there is written over."""
    stem, suffix = Path(file.name).stem, Path(file.name).suffix
    for number in range(1, MOST_COPIES):
        path = Path(f"{stem}-{number}{suffix}" if number > 1 else f"{stem}{suffix}")
        try:
            with path.open("xb") as stream:
                stream.write(file.content)
        except FileExistsError:
            continue
        except OSError as error:
            return f"{path} cannot be written: {error.strerror}"
        return f"written to {path}"
    return f"not written: this folder has {file.name} {MOST_COPIES - 1} times already"
