"""What stands in a form and what it asks for: filled in, filled in anew, done. No view is shown.

Forms are shown, and their answers brought to people, in forms.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.commands.answer import Answer
from bot.commands.channels import find_channel
from bot.commands.command import Call, Command, Office
from bot.commands.forms import Form, find_changed, make_form, read_form
from bot.commands.running import run_command
from bot.model import Destination
from bot.platforms.slack.fields import Given, PickedFile, read_field_id_or_none
from bot.platforms.slack.modal import (
    FORM,
    Memory,
    View,
    draw_form,
    read_memory_or_none,
    read_submission,
)
from bot.platforms.slack.named import Named, name_values
from bot.platforms.slack.offers import find_offers, name_groups
from bot.platforms.slack.people import People
from bot.platforms.slack.rights import Rights
from bot.platforms.slack.showing import team_of
from bot.platforms.slack.uploads import load_upload
from bot.ports import Clock

Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Handed:
    """A form as Slack sent it.

    Attributes:
        given: what it holds.
    """

    view: Body
    memory: Memory
    user: str
    given: Given


@dataclass(frozen=True, slots=True)
class Filled:
    """A form that can be drawn.

    Attributes:
        names: of the user groups in it, by id.
    """

    form: Form
    memory: Memory
    names: Mapping[str, str]

    def draw(self, **how: Any) -> View:
        """The modal; see ``draw_form``."""
        return draw_form(self.form, self.memory, names=self.names, **how)

    def draw_in_place(self, **how: Any) -> View:
        """The modal that takes the place of another one, which has none of its fields."""
        memory = replace(self.memory, generation=max(1, self.memory.generation))
        return replace(self, memory=memory).draw(is_whole=True, **how)


@dataclass(frozen=True, slots=True)
class Filling:
    """Fills forms in and does what they say."""

    office: Office
    clock: Clock
    rights: Rights
    people: People

    async def fill(self, memory: Memory, user: str, channel: str) -> Filled | Answer:
        """The form, or why this person may not have it.

        Args:
            channel: which it is to be about, where somebody named one.
        """
        command = memory.command
        named = name_values(command.options, {"channel": channel})
        what = title_of(command)
        refused = await self.rights.check_or_none(what, command.need, user, memory.place, named)
        if refused is not None:
            return refused
        memory = self._note_person(memory, user)
        if not channel and memory.place.thread:  # of a command in a thread: see find_channel
            place = (await find_channel(self._make_call(memory, user, {}))).destination
            memory = replace(memory, place=place, channel=key_of(place))
        values = {"channel": channel} if channel else {}
        call = self._make_call(memory, user, values)
        return await self._name(await make_form(call, command, offered=memory.offered), memory)

    async def fill_again(self, handed: Handed) -> tuple[Filled, Answer | None]:
        """The form filled in for what is chosen in it now, with what was written kept.

        Of a channel that is not theirs to see, people are shown nothing: the second is why.
        """
        memory, user, given = handed.memory, handed.user, handed.given
        command = memory.command
        texts = {name: said for name, said in given.items() if isinstance(said, str)}
        chosen = {name: texts[name] for name in ("channel", "name") if texts.get(name)}
        named = name_values(command.options, chosen)
        what = title_of(command)
        refused = await self.rights.check_or_none(what, command.need, user, memory.place, named)
        about = {} if refused else chosen
        changed = find_changed(memory.marks, texts)
        # What was only offered is no wish of theirs, and no other channel's to have.
        written = {name: said for name, said in changed.items() if memory.offered.get(name) != said}
        call = self._make_call(memory, user, about)
        if refused:  # nothing of where it was asked for either: the form is about no place
            call = replace(call, place=replace(call.place, channel="", thread=""))
        form = await make_form(call, command, typed=written | chosen, offered=memory.offered)
        channel = chosen.get("channel", memory.channel)
        after = replace(memory, channel=channel, generation=memory.generation + 1)
        return await self._name(form, after), refused

    async def do(self, client: AsyncWebClient, handed: Handed) -> Answer:
        """The answer to the command that the form says."""
        memory, user, given = handed.memory, handed.user, handed.given
        command, place = memory.command, memory.place
        files = {name: said for name, said in given.items() if isinstance(said, PickedFile)}
        texts = {name: said for name, said in given.items() if name not in files}
        values = read_form(command, memory.marks, texts)
        named = name_values(command.options, values)
        what = title_of(command)
        refused = await self.rights.check_or_none(what, command.need, user, place, named)
        if refused is not None:
            return refused
        may = await self.rights.find(user, place, named)
        call = replace(self._make_call(memory, user, values), may=may)

        async def read() -> Mapping[str, Any]:
            loaded = {
                name: await load_upload(client, file, max_bytes=self.office.max_bytes)
                for name, file in files.items()
            }
            return values | loaded

        return await run_command(command, call, read=read)

    async def suggest(self, handed: Handed, name: str, typed: str) -> list[dict[str, Any]]:
        """What the field ``name`` offers for what is typed there."""
        memory, user = handed.memory, handed.user
        options = memory.command.options
        option = next((one for one in options if one.name == name), None)
        if option is None:
            return []
        values = {key: said for key, said in handed.given.items() if isinstance(said, str) and said}
        named = Named(channels=name_values(options, values).channels)
        what = title_of(memory.command)
        place = memory.place
        if await self.rights.check_or_none(what, memory.command.need, user, place, named):
            return []
        call = self._make_call(memory, user, values)
        return await find_offers(call, option.kind, typed, people=self.people)

    def _note_person(self, memory: Memory, user: str) -> Memory:
        """``memory`` with what is known of the person by now: Slack is not asked for this."""
        person = self.people.recall_person_or_none(memory.place.workspace, user)
        if person is None:
            return memory
        offered = {"time_zone": person.time_zone} if person.time_zone else {}
        return replace(memory, lang=memory.lang or person.lang, offered=offered)

    async def _name(self, form: Form, memory: Memory) -> Filled:
        shown = {form.shown(one) for one in form.fields}
        return Filled(form, memory, await name_groups(self.people, memory.place.workspace, shown))

    def _make_call(self, memory: Memory, user: str, values: Mapping[str, Any]) -> Call:
        return Call(
            place=memory.place,
            user=user,
            now=self.clock(),
            office=self.office,
            values=values,
            lang=memory.lang,
            sees=partial(self.rights.sees, user),
        )


def read_handed_or_none(body: Body) -> Handed | None:
    """None for what is no form of this version, or of another workspace than Slack says."""
    view = body.get("view") or {}
    memory = read_memory_or_none(view)
    if memory is None or view.get("callback_id") != FORM:
        return None
    if memory.place.workspace != team_of(body):
        return None
    return Handed(view, memory, user_of(body), read_submission(view, memory))


def find_kept(view: Body, form: Form) -> list[str]:
    """Blocks of ``view`` in which people wrote or chose what the form is about."""
    keys = {one.name for one in form.fields if one.is_key}
    blocks = [str(block.get("block_id", "")) for block in view.get("blocks") or ()]
    return [block for block in blocks if _name_of(block) in keys | set(form.typed)]


def user_of(body: Body) -> str:
    """Who did it."""
    return str((body.get("user") or {}).get("id", ""))


def title_of(command: Command) -> str:
    """The command as it is typed."""
    return f"/{command.noun} {command.verb}"


def key_of(place: Destination) -> str:
    """A channel or a thread as forms and buttons name it: "C1" or "C1/ts"."""
    return f"{place.channel}/{place.thread}" if place.thread else place.channel


def _name_of(block_id: str) -> str:
    found = read_field_id_or_none(block_id)
    return found[0] if found else ""
