"""What people do in Slack, answered: commands, buttons, forms, messages.

Everything arrives with its receipt given already (see bolt.py), except forms, whose receipt is
what the person sees next. Work that takes longer than ``ANNOUNCE_AFTER_S`` is announced, as
Slack shows nothing of it.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from bot.commands.answer import Answer, Tone, refuse
from bot.commands.forms import needs_form
from bot.commands.running import apologise
from bot.commands.typed import TypedCommand
from bot.errors import InputInvalid, SendError, SendParked
from bot.platforms.slack.asked import Asked
from bot.platforms.slack.clerk import Clerk
from bot.platforms.slack.events import WorkspaceEvents
from bot.platforms.slack.forms import Forms
from bot.platforms.slack.home import Homes
from bot.platforms.slack.mentions import Listener
from bot.platforms.slack.modal import draw_result
from bot.platforms.slack.replies import Replies
from bot.platforms.slack.showing import STOPPED, end, find_last, say_last
from bot.platforms.slack.workspaces import Workspaces

ANNOUNCE_AFTER_S = 3.0
"""Seconds after which somebody who typed a command is told that it is being worked on."""

CLIENT_S = 1.0
"""Seconds for finding the token of a workspace where Slack waits for the receipt."""

BUTTON = "n1"
"""First part of every ``action_id`` of ours: "n1:<action>:<number>"."""

LINK = "link"
"""The action of a button that is a link: the browser has done it already."""

NO_TOKEN = refuse("I am not connected to this workspace yet. Try it again in a minute")

CHANGING = frozenset({Tone.DONE, Tone.CAUTION})
"""How answers feel that may have changed something."""

WORKING = Answer("I am working on it; the answer follows here")

Body = Mapping[str, Any]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Reception:
    """Takes what people do, and the answers back; nothing here raises.

    Attributes:
        after: called with the workspace and the person when a command or a button is done.
        timer: seconds that never go back.
    """

    clerk: Clerk
    replies: Replies
    listener: Listener
    workspaces: Workspaces
    forms: Forms
    homes: Homes
    events: WorkspaceEvents
    announce_after_s: float = ANNOUNCE_AFTER_S
    after: list[Callable[[str, str], None]] = field(default_factory=list)
    timer: Callable[[], float] = time.monotonic
    _busy: set[asyncio.Task[None]] = field(default_factory=set)

    def take(self, work: Coroutine[Any, Any, None]) -> None:
        """Have ``work`` done beside what else is under way; a defect in it is logged."""

        async def do() -> None:
            try:
                await work
            except Exception:
                log.exception("something that was done in Slack got no answer")

        def end(task: asyncio.Task[None]) -> None:
            self._busy.discard(task)
            work.close()  # broken off before it began, it would complain of never being awaited

        task = asyncio.create_task(do(), name="slack request")
        self._busy.add(task)
        task.add_done_callback(end)

    async def finish(self) -> None:
        """Wait until everything under way is answered; new things are still taken."""
        while self._busy:
            await asyncio.wait(self._busy)
        await self.forms.finish()

    async def break_off(self) -> None:
        """Give up what is under way; when this returns, nothing of it works any more."""
        busy = set(self._busy)
        for task in busy:
            task.cancel()
        if busy:
            await asyncio.wait(busy)
        await self.forms.break_off()
        await self.homes.stop()

    def note_done(self, workspace: str, user: str) -> None:
        """Tell whoever wants to know that somebody has done something."""
        for call in self.after:
            call(workspace, user)

    async def use(self, asked: Asked, name: str, text: str) -> None:
        """Answer a slash command; without a verb it is answered with what there is."""
        await self._answer(asked, name, self._use(asked, name, text))

    async def _use(self, asked: Asked, name: str, text: str) -> Answer | None:
        """The answer to a slash command; None where a form has opened instead."""
        arrived_s = self.timer()
        try:
            await self._check_workspace(asked)
            typed = await self.clerk.read(asked, f"{name} {text}")
        except (InputInvalid, SendParked) as error:
            return refuse(str(error))
        except Exception as error:  # noqa: BLE001 - the person is told, the log has it
            return apologise(error, name, asked.place)
        if not isinstance(typed, TypedCommand) or not needs_form(typed.command, typed.values):
            return await self.clerk.run_typed(asked, typed)
        client = await self._find_client_or_none(asked)
        if client is None:
            return NO_TOKEN
        return await self.forms.open(
            client,
            asked.trigger_id,
            asked.place,
            asked.user,
            typed.command,
            waited_s=self.timer() - arrived_s,
        )

    async def press(self, asked: Asked, action: Body, body: Body) -> None:
        """Answer a button; all that is needed is in it, so nothing is remembered between."""
        prefix, _, rest = str(action.get("action_id", "")).partition(":")
        name = rest.partition(":")[0]
        if prefix == BUTTON and name == LINK:
            return
        if prefix != BUTTON:
            log.info("button %r is none of ours", str(action.get("action_id"))[:100])
        known = name if prefix == BUTTON else ""
        work = self._press(asked, known, str(action.get("value") or ""))
        await self._show_pressed(asked, body, f"button {name}", work)

    async def _press(self, asked: Asked, name: str, subject: str) -> Answer:
        try:
            await self._check_workspace(asked)
        except SendParked as error:
            return refuse(str(error))
        return await self.clerk.run_action(asked, name, subject)

    async def open_form(self, asked: Asked, body: Body, ack: AsyncAck) -> None:
        """Answer a button that opens a form."""
        client = await self._find_client_or_none(asked)
        if client is None:
            refused: Answer | None = NO_TOKEN
        else:
            refused = await self.forms.press(ack, body, client, asked.place, asked.user)
        if refused is not None:
            await self._show_pressed(asked, body, "button form", _give(refused))

    async def submit(self, asked: Asked, body: Body, ack: AsyncAck) -> None:
        """Take what was filled in; the form's own part gives the receipt."""
        client = await self._find_client_or_none(asked)
        if client is None:
            await ack(response_action="push", view=draw_result(NO_TOKEN))  # the form stays below
            return
        await self.forms.submit(ack, body, client)

    async def reload(self, asked: Asked, body: Body, ack: AsyncAck) -> None:
        """Another channel or company was chosen in a form."""
        client = await self._find_client_or_none(asked)
        if client is not None:
            await self.forms.reload(ack, body, client)

    async def suggest(self, body: Body, ack: AsyncAck) -> None:
        """Offer what fits what is typed so far."""
        await self.forms.suggest(ack, body)

    async def choose_managers(self, asked: Asked, body: Body, ack: AsyncAck) -> None:
        """Somebody chose in App Home who may manage."""
        del asked
        await self.homes.choose_managers(ack, body)

    async def hear(self, asked: Asked, event: Body) -> None:
        """Answer a message to the bot, or one with its name in it."""
        if await self.listener.hear(asked, event):
            self.note_done(asked.workspace, asked.user)

    async def show_home(self, asked: Asked) -> None:
        """Draw App Home for somebody who opened it."""
        self.homes.open(asked.workspace, asked.user)

    async def hear_workspace(self, workspace: str, event: Body) -> None:
        """Take note of what happened to channels, people, or the app itself."""
        await self.events.hear(workspace, event)

    async def _check_workspace(self, asked: Asked) -> None:
        """See whether the app works for the workspace.

        Raises:
            SendParked: it does not; the message says what would help.
        """
        try:
            await self.workspaces.find_bot(asked.workspace)
        except SendParked as error:
            log.warning("used in workspace %s: %s", asked.workspace, error)
            raise
        except SendError as error:  # the answer may find its way all the same
            log.info("workspace %s is not known for now: %s", asked.workspace, error)

    async def _find_client_or_none(self, asked: Asked) -> AsyncWebClient | None:
        try:
            async with asyncio.timeout(CLIENT_S):
                return await self.workspaces.find_client(asked.workspace)
        except (SendError, TimeoutError) as error:
            log.warning("no token for workspace %s in time: %s", asked.workspace, error)
            return None

    async def _answer(self, asked: Asked, what: str, work: Awaitable[Answer | None]) -> None:
        """Show what comes of ``work``, and announce it where that takes a while."""
        doing = asyncio.ensure_future(work)
        try:
            done, _ = await asyncio.wait({doing}, timeout=self.announce_after_s)
            if not done:
                await self.replies.whisper(asked, what, WORKING)
            answer = await doing
            if answer is not None:
                await self.replies.whisper(asked, what, answer)
                self._note(asked, answer)
        except asyncio.CancelledError:
            await end(doing)
            if (last := find_last(doing, STOPPED)) is not None:
                await say_last(self.replies.whisper(asked, what, last))
            raise
        finally:
            await end(doing)

    async def _show_pressed(
        self, asked: Asked, body: Body, what: str, work: Coroutine[Any, Any, Answer]
    ) -> None:
        """Show the answer to a button where it was pressed: in the message, the modal, or Home."""
        if not asked.view:
            await self._answer(asked, what, work)
            return

        async def note() -> Answer:
            answer = await work
            self._note(asked, answer)
            return answer

        client = await self._find_client_or_none(asked)
        if client is None:
            await note()  # nobody sees it, but it is done
        elif asked.is_modal:
            await self.forms.show(client, body["view"], await note())
        else:
            await self.forms.show_pushed(client, asked.trigger_id, note())

    def _note(self, asked: Asked, answer: Answer) -> None:
        if answer.tone in CHANGING:
            self.note_done(asked.workspace, asked.user)


async def _give(answer: Answer) -> Answer:
    return answer
