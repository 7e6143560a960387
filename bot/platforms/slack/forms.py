"""Forms in Slack: opened, filled in anew for another channel, handed in, answered.

Slack waits three seconds for a first word. Work that takes longer is announced in the modal and
its answer put there afterwards; where somebody has closed it by then, the answer comes as a
message. Whatever is refused leaves the form as it was written.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from slack_sdk.web.async_client import AsyncWebClient

from bot.commands.answer import Answer, Tone, refuse
from bot.commands.command import Call, Command, Office
from bot.commands.forms import Form, field_of, find_changed, make_form, read_form
from bot.commands.running import apologise, run_command
from bot.commands.table import find_command_or_none
from bot.model import Destination
from bot.platforms.slack.fields import Given, PickedFile, read_field_id_or_none
from bot.platforms.slack.modal import (
    FORM,
    Memory,
    View,
    draw_form,
    draw_result,
    draw_waiting,
    draw_working,
    read_memory_or_none,
    read_submission,
)
from bot.platforms.slack.offers import MANAGERS, find_offers, find_rules, name_groups
from bot.platforms.slack.people import People
from bot.platforms.slack.rights import Named, Rights, name_values
from bot.platforms.slack.showing import Opening, ask, respond, send_message, team_of
from bot.platforms.slack.uploads import load_upload
from bot.ports import Clock

WAIT_S = 1.5
"""Work that takes longer is announced; as much is left for the announcement.

Source: Slack documentation, "Handling user interaction": an acknowledgment within 3 seconds, a
``trigger_id`` that expires after as many.
"""

SETTLE_S = 0.7
"""Seconds between an announcement and the answer: the first goes back the way the form came, the
second by a request of its own, and must not overtake it."""

SUGGEST_S = 2.0
"""Suggestions that take longer are none."""

OLD_FORM = refuse("This form belongs to an older version of me. Close it and open it again")

Ack = Callable[..., Awaitable[Any]]
Body = Mapping[str, Any]
T = TypeVar("T")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Handed:
    """A form as Slack sent it.

    Attributes:
        given: what it holds.
    """

    view: Body
    memory: Memory
    user: str
    given: Given


@dataclass(frozen=True, slots=True)
class Forms:
    """Takes what people do with forms; nothing here raises.

    Args:
        after: called with the workspace and the person when a form was handed in and done.
        wait_s: see ``WAIT_S``.
    """

    office: Office
    clock: Clock
    rights: Rights
    people: People
    after: Callable[[str, str], None] = lambda _workspace, _user: None
    wait_s: float = WAIT_S
    _busy: set[asyncio.Task[Any]] = field(default_factory=set)

    async def finish(self) -> None:
        """Wait until everything under way is answered; new things are still taken."""
        if self._busy:
            await asyncio.wait(self._busy)

    async def break_off(self) -> None:
        """Give up what is under way; when this returns, nothing of it works any more."""
        for task in self._busy:
            task.cancel()
        await self.finish()

    async def open(
        self,
        client: AsyncWebClient,
        trigger_id: str,
        place: Destination,
        user: str,
        command: Command,
        *,
        channel: str = "",
        lang: str = "",
    ) -> Answer | None:
        """Show the form of ``command``; None, or why it does not open.

        Args:
            channel: which the form is about, where that is not ``place``: "C1" or "C1/ts".
        """
        memory = Memory(command, place, channel=channel or _key_of(place), lang=lang)
        return await self._open(Opening(client, trigger_id), memory, user, channel)

    async def press(
        self, ack: Ack, body: Body, client: AsyncWebClient, place: Destination, user: str
    ) -> Answer | None:
        """Show the form that a button names; None, or why it does not open."""
        await ack()
        pressed: Body = next(iter(body.get("actions") or ()), {})
        noun, verb, channel = (*str(pressed.get("value") or "").split(".", 2), "", "", "")[:3]
        command = find_command_or_none(noun, verb)
        if command is None:
            return OLD_FORM
        view = body.get("view") or {}
        above = str(view.get("id", "")) if view.get("type") == "modal" else ""
        opens = Opening(client, str(body.get("trigger_id", "")), above)
        memory = Memory(command, place, channel=channel or _key_of(place))
        return await self._open(opens, memory, user, channel)

    async def reload(self, ack: Ack, body: Body, client: AsyncWebClient) -> None:
        """Fill the form in for the channel or the company that was chosen in it.

        What somebody wrote already stays.
        """
        await ack()
        if handed := _read_or_none(body):
            await self._tracked(self._reload(client, handed))

    async def submit(self, ack: Ack, body: Body, client: AsyncWebClient) -> None:
        """Do what the form says; the acknowledgment is what the person sees next."""
        if handed := _read_or_none(body):
            await self._tracked(self._submit(ack, client, handed))
        else:
            await ack(response_action="update", view=draw_result(OLD_FORM))

    async def suggest(self, ack: Ack, body: Body) -> None:
        """Offer what fits what is typed into a field."""
        options: list[dict[str, Any]] = []
        try:
            async with asyncio.timeout(SUGGEST_S):
                options = await self._suggest(body)
        except Exception:
            log.exception("no suggestions in a form")
        await ack(options=options)

    async def show(self, client: AsyncWebClient, view: Body, answer: Answer) -> None:
        """Put the answer to a button of a modal in that modal's place."""
        memory = read_memory_or_none(view)
        shown = draw_result(answer, lang=memory.lang if memory else "")
        await ask(client.views_update(view_id=view.get("id"), view=shown))

    async def show_pushed(
        self, client: AsyncWebClient, trigger_id: str, answer: Answer | Awaitable[Answer]
    ) -> None:
        """Put the answer to a button of the Home tab into a modal, once it is there."""
        opens = Opening(client, trigger_id)
        if isinstance(answer, Answer):
            await opens.show(draw_result(answer))
            return
        doing = asyncio.ensure_future(answer)
        done, _ = await asyncio.wait({doing}, timeout=self.wait_s)
        if done:
            await opens.show(draw_result(doing.result()))
            return
        await opens.show(draw_waiting())
        shown = draw_result(await doing)
        await ask(client.views_update(view_id=opens.view_id, view=shown))

    async def _open(self, opens: Opening, memory: Memory, user: str, channel: str) -> Answer | None:
        what = _title_of(memory.command)
        making = self._start(self._prepare(memory, user, channel))
        try:
            done, _ = await asyncio.wait({making}, timeout=self.wait_s)
            if not done and (refused := await opens.show(draw_working(what, memory))):
                return refused
            made = await making
            if done:
                return made if isinstance(made, Answer) else await opens.show(made)
            shown = draw_result(made, lang=memory.lang) if isinstance(made, Answer) else made
            await ask(opens.client.views_update(view_id=opens.view_id, view=shown))
        except Exception as error:  # noqa: BLE001 - the person is told, the log has it
            return apologise(error, f"the form of {what}", memory.place)
        else:
            return None
        finally:
            await _end(making)

    async def _prepare(self, memory: Memory, user: str, channel: str) -> View | Answer:
        """The form as a modal, or why this person may not have it."""
        command, place = memory.command, memory.place
        named = Named(channels=(channel,)) if channel else Named()
        what = _title_of(command)
        refused = await self.rights.check_or_none(what, command.need, user, place, named)
        if refused is not None:
            return refused
        values = {"channel": channel} if channel else {}
        form = await make_form(self._make_call(memory, user, values), command)
        return draw_form(form, memory, names=await self._name_groups(form, place.workspace))

    async def _reload(self, client: AsyncWebClient, handed: _Handed) -> None:
        form, after, refused = await self._make_again(handed)
        errors = {"channel": refused.title} if refused else {}
        kept = [block for block in _blocks_of(handed.view) if _name_of(block) in form.typed]
        names = await self._name_groups(form, after.place.workspace)
        shown = draw_form(form, after, names=names, kept=kept, errors=errors)
        view_id, hash_ = handed.view.get("id"), handed.view.get("hash")
        await ask(client.views_update(view_id=view_id, hash=hash_, view=shown))

    async def _make_again(self, handed: _Handed) -> tuple[Form, Memory, Answer | None]:
        """The form filled in for what is chosen in it now, with what was written kept.

        Of a channel that is not theirs to see, people are shown nothing: the third is why.
        """
        memory, user, given = handed.memory, handed.user, handed.given
        command = memory.command
        texts = {name: said for name, said in given.items() if isinstance(said, str)}
        chosen = {name: texts[name] for name in ("channel", "name") if texts.get(name)}
        named = name_values(command.options, chosen)
        what = _title_of(command)
        refused = await self.rights.check_or_none(what, command.need, user, memory.place, named)
        about = {} if refused else chosen
        typed = find_changed(memory.marks, texts) | chosen
        call = self._make_call(memory, user, about)
        if refused:  # nothing of where it was asked for either: the form is about no place
            call = replace(call, place=replace(call.place, channel="", thread=""))
        form = await make_form(call, command, typed=typed)
        channel = chosen.get("channel", memory.channel)
        return form, replace(memory, channel=channel, generation=memory.generation + 1), refused

    async def _submit(self, ack: Ack, client: AsyncWebClient, handed: _Handed) -> None:
        memory = handed.memory
        what = _title_of(memory.command)
        doing = self._start(self._do(client, handed))
        try:
            done, _ = await asyncio.wait({doing}, timeout=self.wait_s)
            if done:
                answer = doing.result()
                await ack(**respond(handed.view, memory, answer))
            else:
                await ack(response_action="update", view=draw_working(what, memory))
                await asyncio.sleep(SETTLE_S)
                answer = await doing
                await self._tell_late(client, handed, answer)
        except Exception as error:  # noqa: BLE001 - the person is told, the log has it
            answer = apologise(error, f"a form of {what}", memory.place)
            await send_message(client, handed.user, answer)
        finally:
            await _end(doing)
        if answer.tone is not Tone.REFUSED:
            self.after(memory.place.workspace, handed.user)

    async def _do(self, client: AsyncWebClient, handed: _Handed) -> Answer:
        """The answer to the command that the form says."""
        memory, user, given = handed.memory, handed.user, handed.given
        command, place = memory.command, memory.place
        files = {name: said for name, said in given.items() if isinstance(said, PickedFile)}
        texts = {name: said for name, said in given.items() if name not in files}
        values = read_form(command, memory.marks, texts)
        named = name_values(command.options, values)
        what = _title_of(command)
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

    async def _tell_late(self, client: AsyncWebClient, handed: _Handed, answer: Answer) -> None:
        """Put the answer where the form was; what was refused, with the form as it was written."""
        memory = handed.memory
        shown = draw_result(answer, lang=memory.lang)
        if answer.tone is Tone.REFUSED:
            form, after, _ = await self._make_again(handed)
            complaint = field_of(answer, memory.command)
            errors = {complaint.field: complaint.text} if complaint.field else {}
            problem = None if errors else answer
            names = await self._name_groups(form, memory.place.workspace)
            shown = draw_form(form, after, names=names, problem=problem, errors=errors)
        if not await ask(client.views_update(view_id=handed.view.get("id"), view=shown)):
            await send_message(client, handed.user, answer)

    async def _suggest(self, body: Body) -> list[dict[str, Any]]:
        view, typed = body.get("view") or {}, str(body.get("value") or "")
        action_id = str(body.get("action_id", ""))
        if action_id.startswith(MANAGERS):
            return await find_rules(typed, team_of(body), people=self.people)
        name = action_id.rpartition(":")[2]
        memory, user = read_memory_or_none(view), _user_of(body)
        if memory is None:
            return []
        options = memory.command.options
        option = next((one for one in options if one.name == name), None)
        if option is None:
            return []
        given = read_submission(view, memory)
        values = {key: said for key, said in given.items() if isinstance(said, str) and said}
        named = Named(channels=name_values(options, values).channels)
        what = _title_of(memory.command)
        place = memory.place
        if await self.rights.check_or_none(what, memory.command.need, user, place, named):
            return []
        call = self._make_call(memory, user, values)
        return await find_offers(call, option.kind, typed, people=self.people)

    async def _name_groups(self, form: Form, workspace: str) -> Mapping[str, str]:
        """Names of the user groups that the form shows."""
        shown = {form.shown(one) for one in form.fields}
        return await name_groups(self.people, workspace, shown)

    def _make_call(self, memory: Memory, user: str, values: Mapping[str, Any]) -> Call:
        return Call(
            place=memory.place,
            user=user,
            now=self.clock(),
            office=self.office,
            values=values,
            lang=memory.lang,
        )

    def _start(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        task = asyncio.create_task(work)
        self._busy.add(task)
        task.add_done_callback(self._busy.discard)
        return task

    async def _tracked(self, work: Coroutine[Any, Any, None]) -> None:
        """Do ``work``; a defect in it is logged."""
        try:
            await self._start(work)
        except Exception:
            log.exception("a form broke")


def _read_or_none(body: Body) -> _Handed | None:
    """None for what is no form of this version."""
    view = body.get("view") or {}
    memory = read_memory_or_none(view)
    if memory is None or view.get("callback_id") != FORM:
        return None
    return _Handed(view, memory, _user_of(body), read_submission(view, memory))


async def _end(task: asyncio.Task[Any]) -> None:
    if not task.done():
        task.cancel()
        await asyncio.wait({task})


def _user_of(body: Body) -> str:
    return str((body.get("user") or {}).get("id", ""))


def _title_of(command: Command) -> str:
    return f"/{command.noun} {command.verb}"


def _key_of(place: Destination) -> str:
    return f"{place.channel}/{place.thread}" if place.thread else place.channel


def _blocks_of(view: Body) -> list[str]:
    return [str(block.get("block_id", "")) for block in view.get("blocks") or ()]


def _name_of(block_id: str) -> str:
    found = read_field_id_or_none(block_id)
    return found[0] if found else ""
