"""What people do in Discord, answered: commands, buttons, what is offered while they type.

Discord waits three seconds for a first answer. Work that takes longer than ``DEFER_AFTER_S`` is
announced, and the answer put into that announcement by an edit, which may be repeated; a
further message may not. A defect of ours becomes an apology with a reference that stands in
the log beside the traceback, never a silence.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import discord

from bot.commands.actions import find_action_or_none
from bot.commands.answer import Answer, refuse
from bot.commands.command import Action, Call, Command, Office, Option, OptionKind
from bot.commands.running import apologise, run_action, run_command
from bot.commands.suggest import Suggestion, suggest
from bot.model import Destination, Platform
from bot.platforms.discord.answers import draw_answer
from bot.platforms.discord.components import Drawn
from bot.platforms.discord.rights import (
    check_picked_or_none,
    check_rights_or_none,
    check_subject_or_none,
    find_rights,
    warn_of_roles,
)
from bot.platforms.discord.tree import PickedRole, Place, read_upload
from bot.platforms.discord.views import make_files, make_view
from bot.ports import Clock

DEFER_AFTER_S = 1.0
"""Work that takes longer is announced first; two seconds are left for the announcement."""

UNKNOWN_INTERACTION, ALREADY_ANSWERED = 10062, 40060
"""Source: Discord documentation, "Opcodes and Status Codes", JSON error codes."""

SETTLED = frozenset({UNKNOWN_INTERACTION, ALREADY_ANSWERED})
"""Codes after which no further answer can arrive."""

BAD_REQUEST = 400

LONGEST_LABEL = 100
"""Characters. Source: Discord documentation, "Application Commands", choices."""

ANSWERS_TO_BUTTONS = "n1"
"""First part of every ``custom_id`` of ours: "n1:<action>:<subject>"."""

FindSuggestions = Callable[[Call, OptionKind, str], Awaitable[Sequence[Suggestion]]]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Reception:
    """Takes what people do to the commands, and the answers back.

    Args:
        command_ids: of our commands at Discord, by name ("news recent"), as far as known.
        defer_after_s: see ``DEFER_AFTER_S``.
        after: called when a command or a button has done its work.
    """

    office: Office
    clock: Clock
    command_ids: Mapping[str, int] = field(default_factory=dict)
    defer_after_s: float = DEFER_AFTER_S
    find_action: Callable[[str], Action | None] = find_action_or_none
    find_suggestions: FindSuggestions = suggest
    after: list[Callable[[], None]] = field(default_factory=list)
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

    async def tell(self, interaction: discord.Interaction, text: str) -> None:
        """Answer with a refusal of one line; never raises."""
        await self._show(interaction, "a command", refuse(text))

    async def use(
        self, interaction: discord.Interaction, command: Command, values: Mapping[str, Any]
    ) -> None:
        """Answer a slash command; never raises."""
        call = self._make_call(interaction, {})
        what = f"/{command.noun} {command.verb}"
        refused = check_rights_or_none(what, command.need, call, values) or check_picked_or_none(
            values, here=interaction.permissions
        )

        async def read() -> Mapping[str, Any]:
            return {name: await self._read(value) for name, value in values.items()}

        async def work() -> Answer:
            return warn_of_roles(await run_command(command, call, read=read), values)

        await self._answer(interaction, what, work, refused)

    async def press(self, interaction: discord.Interaction) -> None:
        """Answer a button of ours, however old its message is; never raises.

        Everything needed is in the button's ``custom_id``: nothing is remembered between.
        """
        said: Mapping[str, Any] = interaction.data or {}
        custom_id = str(said.get("custom_id", ""))
        prefix, _, rest = custom_id.partition(":")
        if prefix != ANSWERS_TO_BUTTONS:
            log.info("button %r is none of ours", custom_id)
            return
        name, _, subject = rest.partition(":")
        action = self.find_action(name)
        call = self._make_call(interaction, {"subject": subject})
        what = f"button {name}"
        if action is None:
            old = "This button belongs to an older version of me and does nothing any more"
            await self._show(interaction, what, refuse(old))
            return
        refused = check_rights_or_none(
            "this button", action.need, call, {}
        ) or check_subject_or_none(action, call)
        await self._answer(interaction, what, lambda: run_action(action, call), refused)

    async def suggest(
        self, interaction: discord.Interaction, command: Command, option: Option, text: str
    ) -> list[tuple[str, str]]:
        """(label, value) for what is typed so far; none where that cannot be told."""
        given: dict[str, Any] = {}
        for name, value in vars(interaction.namespace).items():
            if name != option.name and isinstance(value, str | int | bool):
                given[name] = value
            elif isinstance(value, discord.abc.Snowflake):  # a channel or a role
                given[name] = str(value.id)
        try:
            async with asyncio.timeout(self.defer_after_s * 2):
                call = self._make_call(interaction, given)
                found = await self.find_suggestions(call, option.kind, text)
        except Exception:
            log.exception("no suggestions for /%s %s", command.noun, command.verb)
            return []
        return list(make_distinct(found))

    async def _read(self, value: Any) -> Any:
        match value:
            case Place():
                return value.key
            case PickedRole():
                return value.id
            case discord.Attachment():
                return await read_upload(value, max_bytes=self.office.max_bytes)
            case _:
                return value

    def _make_call(self, interaction: discord.Interaction, values: Mapping[str, Any]) -> Call:
        return Call(
            place=find_place(interaction),
            user=str(interaction.user.id),
            now=self.clock(),
            office=self.office,
            values=values,
            may=find_rights(interaction.permissions),
            is_direct=not interaction.is_guild_integration(),
            lang=interaction.locale.value,
        )

    async def _answer(
        self,
        interaction: discord.Interaction,
        what: str,
        work: Callable[[], Awaitable[Answer]],
        refused: Answer | None,
    ) -> None:
        """Do ``work``, which never raises, unless it is refused; show what came of it."""
        me = asyncio.current_task()
        assert me is not None
        self._busy.add(me)
        try:
            if refused is not None:
                await self._show(interaction, what, refused)
                return
            doing = asyncio.ensure_future(work())
            try:
                done, _ = await asyncio.wait({doing}, timeout=self.defer_after_s)
                if not done:
                    await _announce(interaction, what)
                await self._show(interaction, what, await doing)
                for call in self.after:
                    call()
            finally:
                if not doing.done():
                    doing.cancel()
                    await asyncio.wait({doing})
        finally:
            self._busy.discard(me)

    async def _show(self, interaction: discord.Interaction, what: str, answer: Answer) -> None:
        """Put ``answer`` where the person sees it; what Discord refuses becomes an apology."""
        try:
            await _put(interaction, draw_answer(answer, command_ids=self.command_ids))
        except discord.HTTPException as error:
            if error.status != BAD_REQUEST or error.code in SETTLED:
                _log_unanswered(what, error)
                return
            await _put_apology(interaction, what, error)
        except (aiohttp.ClientError, OSError) as error:
            _log_unanswered(what, error)
        except Exception as error:  # noqa: BLE001 - it could not be drawn; the log has it
            if interaction.client.is_closed():  # and so is the session that it would go through
                _log_unanswered(what, error)
                return
            await _put_apology(interaction, what, error)


def make_distinct(found: Sequence[Suggestion]) -> Iterator[tuple[str, str]]:
    """(label, value) of each; Discord shows no label twice, so a second one has its value too."""
    seen: set[str] = set()
    for one in found:
        label = one.label
        if label in seen:
            label = f"{label[: LONGEST_LABEL - 1 - len(one.value)]} {one.value}"
        if label not in seen and len(label) <= LONGEST_LABEL:
            seen.add(label)
            yield label, one.value


def find_place(interaction: discord.Interaction) -> Destination:
    """Where somebody did something; outside the bot's servers there is no workspace."""
    channel = interaction.channel
    workspace = str(interaction.guild_id) if interaction.is_guild_integration() else ""
    if isinstance(channel, discord.Thread):
        return Destination(
            Platform.DISCORD, workspace, str(channel.parent_id), thread=str(channel.id)
        )
    return Destination(Platform.DISCORD, workspace, str(channel.id) if channel else "")


async def _announce(interaction: discord.Interaction, what: str) -> None:
    try:
        await interaction.response.defer(ephemeral=True, thinking=True)
    except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
        _log_unanswered(what, error)


async def _put(interaction: discord.Interaction, drawn: Drawn) -> None:
    view, nobody = make_view(drawn.components), discord.AllowedMentions.none()
    if interaction.response.is_done():
        await interaction.edit_original_response(
            view=view, attachments=make_files(drawn), allowed_mentions=nobody
        )
        return
    await interaction.response.send_message(
        view=view, files=make_files(drawn), ephemeral=True, allowed_mentions=nobody
    )


async def _put_apology(interaction: discord.Interaction, what: str, error: Exception) -> None:
    apology = apologise(error, what, find_place(interaction))
    await _put_plain(interaction, what, apology.title)


async def _put_plain(interaction: discord.Interaction, what: str, text: str) -> None:
    """The last resort: text that nothing of ours draws."""
    try:
        if interaction.response.is_done():
            await interaction.edit_original_response(content=text)
        else:
            await interaction.response.send_message(text, ephemeral=True)
    except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
        _log_unanswered(what, error)


def _log_unanswered(what: str, error: Exception) -> None:
    code = error.code if isinstance(error, discord.HTTPException) else 0
    if code == UNKNOWN_INTERACTION:
        log.warning("%s: Discord waited three seconds for an answer, and no longer", what)
    elif code == ALREADY_ANSWERED:
        log.info("%s: answered already", what)  # by an attempt whose answer was lost
    else:
        log.warning("%s: the answer did not arrive: %s", what, error)
