"""Forms in Slack: opened, filled in anew for another channel, handed in, answered.

Slack waits three seconds for a first word. Work that takes longer is announced in the modal and
its answer put there afterwards; where somebody has closed it by then, the answer comes as a
message. Whatever is refused leaves the form as it was written.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, TypeVar

from slack_sdk.web.async_client import AsyncWebClient

from bot.commands.answer import Answer, Tone, refuse
from bot.commands.command import Command, Office
from bot.commands.forms import field_of
from bot.commands.running import apologise
from bot.commands.table import find_command_or_none
from bot.model import Destination
from bot.platforms.slack.filling import (
    Body,
    Filling,
    Handed,
    find_kept,
    key_of,
    read_handed_or_none,
    title_of,
)
from bot.platforms.slack.modal import (
    Memory,
    draw_result,
    draw_waiting,
    draw_working,
    read_memory_or_none,
)
from bot.platforms.slack.offers import MANAGERS, find_rules
from bot.platforms.slack.people import People
from bot.platforms.slack.rights import Rights
from bot.platforms.slack.showing import (
    STOPPED,
    Opening,
    ask,
    end,
    find_last,
    respond,
    say_last,
    send_message,
    team_of,
)
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
T = TypeVar("T")

log = logging.getLogger(__name__)


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
        waited_s: float = 0.0,
    ) -> Answer | None:
        """Show the form of ``command``; None, or why it does not open.

        Args:
            channel: which the form is about, where that is not ``place``: "C1" or "C1/ts".
            waited_s: seconds since Slack allowed for it, which count.
        """
        memory = Memory(command, place, channel=channel or key_of(place), lang=lang)
        opens = Opening(client, trigger_id)
        return await self._open(opens, memory, user, channel, waited_s=waited_s)

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
        memory = Memory(command, place, channel=channel or key_of(place))
        return await self._open(opens, memory, user, channel)

    async def reload(self, ack: Ack, body: Body, client: AsyncWebClient) -> None:
        """Fill the form in for the channel or the company that was chosen in it.

        What somebody wrote already stays.
        """
        await ack()
        if handed := read_handed_or_none(body):
            await self._tracked(self._reload(client, handed))

    async def submit(self, ack: Ack, body: Body, client: AsyncWebClient) -> None:
        """Do what the form says; the acknowledgment is what the person sees next."""
        if handed := read_handed_or_none(body):
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
        try:
            done, _ = await asyncio.wait({doing}, timeout=self.wait_s)
            if done:
                await opens.show(draw_result(doing.result()))
                return
            await opens.show(draw_waiting())
            shown = draw_result(await doing)
            await ask(client.views_update(view_id=opens.view_id, view=shown))
        except asyncio.CancelledError:
            await end(doing)
            if opens.view_id:
                shown = draw_result(find_last(doing, STOPPED))
                await say_last(ask(client.views_update(view_id=opens.view_id, view=shown)))
            raise
        finally:
            await end(doing)

    @property
    def _filling(self) -> Filling:
        return Filling(self.office, self.clock, self.rights, self.people)

    async def _open(
        self, opens: Opening, memory: Memory, user: str, channel: str, *, waited_s: float = 0.0
    ) -> Answer | None:
        what = title_of(memory.command)
        making = self._start(self._filling.fill(memory, user, channel))
        try:
            done, _ = await asyncio.wait({making}, timeout=max(0.0, self.wait_s - waited_s))
            if not done and (refused := await opens.show(draw_working(what, memory))):
                return refused
            made = await making
            if done:
                return made if isinstance(made, Answer) else await opens.show(made.draw())
            if isinstance(made, Answer):
                shown = draw_result(made, lang=memory.lang)
            else:
                shown = made.draw_in_place()
            await ask(opens.client.views_update(view_id=opens.view_id, view=shown))
        except Exception as error:  # noqa: BLE001 - the person is told, the log has it
            return apologise(error, f"the form of {what}", memory.place)
        else:
            return None
        finally:
            await end(making)

    async def _reload(self, client: AsyncWebClient, handed: Handed) -> None:
        filled, refused = await self._filling.fill_again(handed)
        errors = {"channel": refused.title} if refused else {}
        shown = filled.draw(kept=find_kept(handed.view, filled.form), errors=errors)
        view_id, hash_ = handed.view.get("id"), handed.view.get("hash")
        await ask(client.views_update(view_id=view_id, hash=hash_, view=shown))

    async def _submit(self, ack: Ack, client: AsyncWebClient, handed: Handed) -> None:
        memory = handed.memory
        what = title_of(memory.command)
        doing = self._start(self._filling.do(client, handed))
        is_announced = False
        try:
            done, _ = await asyncio.wait({doing}, timeout=self.wait_s)
            if done:
                answer = doing.result()
                await ack(**respond(handed.view, memory, answer))
            else:
                await ack(response_action="update", view=draw_working(what, memory))
                is_announced = True
                await asyncio.sleep(SETTLE_S)
                answer = await doing
                await self._tell_late(client, handed, answer)
        except asyncio.CancelledError:
            await end(doing)
            answer = find_last(doing, STOPPED)
            await say_last(_tell_last(client, handed, answer, is_announced=is_announced))
            raise
        except Exception as error:  # noqa: BLE001 - the person is told, the log has it
            answer = apologise(error, f"a form of {what}", memory.place)
            await send_message(client, handed.user, answer)
        finally:
            await end(doing)
        if answer.tone is not Tone.REFUSED:
            self.after(memory.place.workspace, handed.user)

    async def _tell_late(self, client: AsyncWebClient, handed: Handed, answer: Answer) -> None:
        """Put the answer where the form was; what was refused, with the form as it was written."""
        memory = handed.memory
        shown = draw_result(answer, lang=memory.lang)
        if answer.tone is Tone.REFUSED:
            filled, _ = await self._filling.fill_again(handed)
            complaint = field_of(answer, memory.command)
            errors = {complaint.field: complaint.text} if complaint.field else {}
            shown = filled.draw_in_place(problem=None if errors else answer, errors=errors)
        if not await ask(client.views_update(view_id=handed.view.get("id"), view=shown)):
            await send_message(client, handed.user, answer)

    async def _suggest(self, body: Body) -> list[dict[str, Any]]:
        typed, action_id = str(body.get("value") or ""), str(body.get("action_id", ""))
        if action_id.startswith(MANAGERS):
            return await find_rules(typed, team_of(body), people=self.people)
        if (handed := read_handed_or_none(body)) is None:
            return []
        return await self._filling.suggest(handed, action_id.rpartition(":")[2], typed)

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


async def _tell_last(
    client: AsyncWebClient, handed: Handed, answer: Answer, *, is_announced: bool
) -> None:
    """The last word of a program that stops: in the modal that says "working", or a message.

    A form that is still there as it was written stays.
    """
    shown = draw_result(answer, lang=handed.memory.lang)
    view_id = handed.view.get("id")
    if not (is_announced and await ask(client.views_update(view_id=view_id, view=shown))):
        await send_message(client, handed.user, answer)
