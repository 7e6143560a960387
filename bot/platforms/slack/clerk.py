"""What somebody asked in Slack, done: read, checked against their rights, and answered.

Nothing here raises: what people can mend is told them, a defect of ours becomes an apology.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from bot.commands.actions import find_action_or_none
from bot.commands.answer import Answer, refuse
from bot.commands.chatting import answer_typed, find_known
from bot.commands.command import Action, Call, Command, Need, Office
from bot.commands.running import run, run_action, run_command
from bot.commands.table import TABLE
from bot.commands.typed import Typed, TypedCommand, read_typed
from bot.commands.typedvalues import Known
from bot.errors import InputInvalid
from bot.platforms.slack.asked import Asked
from bot.platforms.slack.named import name_subject, name_values
from bot.platforms.slack.people import People
from bot.platforms.slack.references import find_references, tidy
from bot.platforms.slack.rights import MANAGING, Rights
from bot.ports import Clock

ONLY_LOOKS = frozenset({Need.NOTHING})

LISTS = frozenset({("alerts", "list"), ("feeds", "list")})
"""Commands that show people what they may know of, and change nothing."""

BARE_WORDS = 2
"""Words of a command alone: "/alerts subscribe"."""

OLD_BUTTON = "This button belongs to an older version of me and does nothing any more"


@dataclass(frozen=True, slots=True)
class Clerk:
    """Runs commands, buttons and questions for people in Slack."""

    office: Office
    clock: Clock
    people: People
    rights: Rights
    table: Sequence[Command] = TABLE
    find_action: Callable[[str], Action | None] = find_action_or_none

    async def read(self, asked: Asked, text: str) -> Typed:
        """What ``text`` asks for, in Slack's own way to write channels, groups and links.

        Raises:
            InputInvalid: it is a command of ours, but not understood; the message says what to
                write.
        """
        if bare := self._read_bare_or_none(text):
            return bare
        references = await find_references(self.people, asked.workspace, text)
        known = await find_known(self.make_call(asked, {}), references.read_ref)
        return read_typed(tidy(text), known, table=self.table, has_forms=True)

    def _read_bare_or_none(self, text: str) -> TypedCommand | None:
        """A command that opens its form: nothing is asked for it, since the form cannot wait."""
        if len(text.split()) != BARE_WORDS:
            return None
        known = Known(self.clock())
        try:
            typed = read_typed(tidy(text), known, table=self.table, has_forms=True)
        except InputInvalid:
            return None
        if isinstance(typed, TypedCommand) and typed.is_bare and typed.command.has_form:
            return typed
        return None

    async def run_command(
        self, asked: Asked, command: Command, values: Mapping[str, Any]
    ) -> Answer:
        """The answer to a command."""
        what, named = f"/{command.noun} {command.verb}", name_values(command.options, values)
        # Who changed what is for those who may change things.
        only_looks = (command.noun, command.verb) in LISTS and not values.get("changes")

        async def work() -> Answer:
            refused = await self.rights.check_or_none(
                what, command.need, asked.user, asked.place, named, only_looks=only_looks
            )
            if refused is not None:
                return refused
            # What everybody may do is the same for all: Slack is not asked who they are.
            is_open = only_looks or command.need is Need.NOTHING
            may = ONLY_LOOKS if is_open else ONLY_LOOKS | MANAGING
            return await run_command(command, self.make_call(asked, values, may=may))

        return await run(what, self.make_call(asked, values), work)

    async def run_action(self, asked: Asked, name: str, subject: str) -> Answer:
        """The answer to a button, however old the message is that it stands in."""
        action, values = self.find_action(name), {"subject": subject}
        if action is None:
            return refuse(OLD_BUTTON)

        async def work() -> Answer:
            named = await name_subject(self.office.store, name, subject, asked.place)
            refused = await self.rights.check_or_none(
                "this button", action.need, asked.user, asked.place, named
            )
            if refused is not None:
                return refused
            may = await self.rights.find(asked.user, asked.place, named)
            return await run_action(action, self.make_call(asked, values, may=may))

        return await run(f"button {name}", self.make_call(asked, values), work)

    async def run_typed(self, asked: Asked, typed: Typed) -> Answer:
        """The answer to whatever was typed."""
        if isinstance(typed, TypedCommand):
            return await self.run_command(asked, typed.command, typed.values)
        call = self.make_call(asked, {})
        return await run("a question", call, lambda: answer_typed(call, typed))

    def make_call(
        self, asked: Asked, values: Mapping[str, Any], *, may: frozenset[Need] = ONLY_LOOKS
    ) -> Call:
        """The call of somebody who may do ``may``; in their language, where that is known."""
        person = self.people.recall_person_or_none(asked.workspace, asked.user)
        return Call(
            place=asked.place,
            user=asked.user,
            now=self.clock(),
            office=self.office,
            values=values,
            may=may,
            lang=person.lang if person else "",
            sees=partial(self.rights.sees, asked.user),
        )
