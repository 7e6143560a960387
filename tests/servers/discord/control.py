"""The server steered over HTTP, for tests in other processes and for a person's hands.

``POST /control/ACTION`` with a JSON object of the action's arguments answers JSON;
``{"error": ...}`` with 400 where that cannot be done. Channels, people and guilds are
named by name or id; "@ada" as a channel is the direct messages with ada.
"""

from __future__ import annotations

import base64
import dataclasses
import inspect
import json
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from aiohttp import web

from tests.servers.discord import components, world
from tests.servers.discord.draw import draw
from tests.servers.discord.faults import Fault, Faults
from tests.servers.discord.interactions import Interaction
from tests.servers.discord.refusal import NotOffered
from tests.servers.discord.server import DiscordServer
from tests.servers.discord.world import Channel, Guild, Message, User

KINDS = {
    "text": world.TEXT,
    "announcement": world.ANNOUNCEMENT,
    "forum": world.FORUM,
    "voice": world.VOICE,
}


def describe_message(message: Message) -> dict[str, Any]:
    """What a test or a person wants to know of a message."""
    return {
        "id": str(message.id),
        "channel": str(message.channel_id),
        "author": message.author.name,
        "text": message.text,
        "drawn": draw(message),
        "fields": message.fields,
        "custom_ids": list(message.custom_ids),
        "pings": list(message.pings),
        "nonce": message.nonce,
        "versions": len(message.versions),
        "is_ephemeral": message.is_ephemeral,
        "is_deleted": message.is_deleted,
    }


def describe_interaction(found: Interaction) -> dict[str, Any]:
    """What became of an interaction."""
    shown = found.original
    return {
        "interaction": str(found.id),
        "callback": found.callback,
        "is_answered": found.answered.is_set(),
        "answer": None if shown is None else describe_message(shown),
        "followups": [describe_message(each) for each in found.followups],
        "choices": found.choices,
        "modal": found.modal,
    }


class Controls:
    """The actions; each method is one, its keyword arguments are the JSON's keys."""

    def __init__(self, server: DiscordServer) -> None:
        self._server = server

    def find(self, name: str) -> Callable[..., Any]:
        """The action called ``name``.

        Raises:
            NotOffered: there is none.
        """
        if name.startswith("_") or name == "find" or not hasattr(self, name):
            raise NotOffered(f"no action {name!r}")
        found: Callable[..., Any] = getattr(self, name)
        return found

    # looking

    def state(self) -> dict[str, Any]:
        """Addresses, names and counts."""
        server, limiter = self._server, self._server.limiter
        return {
            "api_base": server.api_base,
            "gateway_url": server.gateway_url,
            "token": server.token,
            "application_id": str(server.application_id),
            "is_ready": server.gateway.is_ready,
            "guilds": {str(g.id): g.name for g in server.guilds.values()},
            "channels": {str(c.id): c.name for c in server.channels.values()},
            "users": {str(u.id): u.name for u in server.users.values()},
            "commands": [c["name"] for c in server.commands.values()],
            "syncs": len(server.syncs),
            "asked": Counter(asked.operation for asked in server.asked),
            "statuses": Counter(str(asked.status) for asked in server.asked),
            "struck": Counter(str(fault.answer) for _, _, fault in server.faults.struck),
            "overruns": limiter.overruns,
            "injected": limiter.injected,
            "invalid": {str(status): n for status, n in limiter.invalid.items()},
            "nonce_hits": server.nonce_hits,
            "gateway": server.gateway.counts,
        }

    def messages(self, *, channel: str = "", last: int = 0) -> list[dict[str, Any]]:
        """The messages of a channel, oldest first; all of them, or the last few."""
        return [describe_message(m) for m in self._channel(channel).posts[-last:]]

    def buttons(self) -> list[dict[str, str]]:
        """Every button and menu that may be used, those of older messages first."""
        found = []
        for message in sorted(self._all_messages(), key=lambda m: m.id):
            for _, each in components.walk(message.fields.get("components")):
                if each.get("custom_id") and not message.is_deleted:
                    label = each.get("label") or each.get("placeholder") or ""
                    place = {"message": str(message.id), "custom_id": each["custom_id"]}
                    found.append(place | {"label": label})
        return found

    def opened(self) -> str:
        """The id of the last interaction that opened a modal."""
        found = [each for each in self._server.interactions if each.modal]
        if not found:
            raise NotOffered("no modal was opened")
        return str(found[-1].id)

    def asked(self, *, operation: str = "") -> list[dict[str, Any]]:
        """Every request to the API so far, or those of one operation."""
        every = self._server.asked
        return [dataclasses.asdict(a) for a in every if operation in {"", a.operation}]

    def commands(self) -> list[dict[str, Any]]:
        """The commands as they were synced."""
        return list(self._server.commands.values())

    # making

    def guild(self, *, name: str, permissions: int = world.EVERYDAY) -> dict[str, str]:
        """Make a guild."""
        return {"id": str(self._server.add_guild(name, permissions=permissions).id)}

    def channel(
        self, *, name: str, guild: str = "", kind: str = "text", tags: tuple[str, ...] = ()
    ) -> dict[str, str]:
        """Make a channel; ``kind`` is text, announcement, forum or voice."""
        made = self._server.add_channel(self._guild(guild), name, kind=KINDS[kind], tags=tags)
        return {"id": str(made.id)}

    def role(self, *, name: str, guild: str = "") -> dict[str, str]:
        """Make a role."""
        return {"id": str(self._server.add_role(self._guild(guild), name).id)}

    def user(
        self, *, name: str, permissions: int = world.EVERYDAY, locale: str = "en-US"
    ) -> dict[str, str]:
        """Make a person."""
        made = self._server.add_user(name, permissions=permissions, locale=locale)
        return {"id": str(made.id)}

    def permissions(self, *, channel: str, permissions: int | None = None) -> None:
        """Set what the bot may do in a channel."""
        self._server.set_permissions(self._channel(channel), permissions)

    def refuse(self, *, channel: str, code: int) -> None:
        """Answer a code to whatever is asked of a channel; 0 ends that."""
        self._channel(channel).error = code

    def remove(self, *, channel: str) -> None:
        """Delete a channel."""
        self._server.remove_channel(self._channel(channel))

    def delete(self, *, message: str) -> None:
        """Delete a message, as a moderator does."""
        self._server.delete(self._message(message))

    # doing what people do

    async def say(
        self,
        *,
        text: str,
        channel: str = "",
        user: str = "",
        files: dict[str, tuple[str, str]] | None = None,
        wait_s: float = 5.0,
    ) -> dict[str, Any]:
        """Run a slash command, or write a message (``@bot`` mentions the bot).

        ``files`` are (name, base64) by attachment option. Waits for the answer.
        """
        here, who = self._channel(channel), self._user(user)
        if not text.startswith("/"):
            said = self._server.say(text, channel=here, user=who)
            return {"message": str(said.id)}
        given = {k: (name, base64.b64decode(raw)) for k, (name, raw) in (files or {}).items()}
        asked = self._server.slash(text, channel=here, user=who, files=given)
        return await self._outcome(asked, wait_s)

    async def autocomplete(
        self, *, text: str, channel: str = "", user: str = ""
    ) -> list[dict[str, Any]]:
        """What is offered for the last option of a command."""
        here, who = self._channel(channel), self._user(user)
        return await self._server.autocomplete(text, channel=here, user=who)

    async def press(
        self,
        *,
        message: str,
        custom_id: str,
        values: tuple[str, ...] = (),
        user: str = "",
        wait_s: float = 5.0,
    ) -> dict[str, Any]:
        """Press a button, or choose from a menu."""
        target, who = self._message(message), self._user(user)
        pressed = self._server.press(target, custom_id, user=who, values=values)
        return await self._outcome(pressed, wait_s)

    async def submit(
        self, *, interaction: str, values: dict[str, str], wait_s: float = 5.0
    ) -> dict[str, Any]:
        """Fill in the modal an interaction opened."""
        sent = self._server.submit(self._interaction(interaction), values)
        return await self._outcome(sent, wait_s)

    async def answer(self, *, interaction: str, wait_s: float = 0.0) -> dict[str, Any]:
        """What an interaction was answered, waiting for it."""
        return await self._outcome(self._interaction(interaction), wait_s)

    async def _outcome(self, found: Interaction, wait_s: float) -> dict[str, Any]:
        with suppress(TimeoutError):  # told by is_answered
            await self._server.wait_until(found.answered.is_set, timeout_s=wait_s)
        return describe_interaction(found)

    # going wrong

    def faults(
        self,
        *,
        script: tuple[dict[str, Any], ...] = (),
        chances: tuple[tuple[float, dict[str, Any]], ...] = (),
        seed: int = 0,
    ) -> None:
        """Replace the faults; the keys of each are those of ``Fault``."""
        drawn = [(chance, Fault(**fault)) for chance, fault in chances]
        self._server.faults = Faults([Fault(**fault) for fault in script], drawn, seed)

    def limits(self, *, is_on: bool = True, global_per_s: int = 50) -> None:
        """Switch the rate limits, or set the global one."""
        self._server.limiter.is_on = is_on
        self._server.limiter.global_per_s = global_per_s

    def gateway(self, *, do: str, code: int = 0) -> None:
        """``do``: drop, silence, reconnect, invalidate; refuse, kill_resume, or heal both."""
        gateway = self._server.gateway
        acts: dict[str, Callable[[], None]] = {
            "drop": lambda: gateway.drop(code),
            "silence": gateway.silence,
            "reconnect": gateway.ask_reconnect,
            "invalidate": gateway.invalidate,
        }
        if do in acts:
            acts[do]()
        elif do in {"refuse", "kill_resume", "heal"}:
            gateway.is_refusing = do == "refuse"
            gateway.is_resume_dead = do == "kill_resume"
        else:
            raise NotOffered(f"{do!r} is none of {[*acts, 'refuse', 'kill_resume', 'heal']}")

    # finding

    def _channel(self, name: str) -> Channel:
        if not name:
            return self._server.channel
        if name.startswith("@"):
            return self._server.direct_channel(self._user(name[1:]))
        bare = name.removeprefix("#")
        for channel in self._server.channels.values():
            if bare in {channel.name, str(channel.id)}:
                return channel
        raise NotOffered(f"no channel {name!r}")

    def _user(self, name: str) -> User:
        for user in self._server.users.values():
            if name in {user.name, str(user.id)}:
                return user
        if name:
            raise NotOffered(f"no user {name!r}; there are ada, grace and those you made")
        return self._server.manager

    def _guild(self, name: str) -> Guild:
        for guild in self._server.guilds.values():
            if name in {guild.name, str(guild.id)}:
                return guild
        if name:
            raise NotOffered(f"no guild {name!r}")
        return self._server.guild

    def _all_messages(self) -> list[Message]:
        own = [m for i in self._server.interactions for m in [i.original, *i.followups] if m]
        posted = [m for c in self._server.channels.values() for m in c.messages.values()]
        return list({message.id: message for message in [*posted, *own]}.values())

    def _message(self, name: str) -> Message:
        for message in self._all_messages():
            if str(message.id) == name:
                return message
        raise NotOffered(f"no message {name!r}")

    def _interaction(self, name: str) -> Interaction:
        for found in self._server.interactions:
            if str(found.id) == name:
                return found
        raise NotOffered(f"no interaction {name!r}")


class ControlledServer(DiscordServer):
    """The server with ``/control`` beside the API."""

    def extend(self, app: web.Application) -> None:
        """Add ``/control``."""
        app.router.add_post("/control/{action}", self._control)

    async def _control(self, request: web.Request) -> web.Response:
        name = request.match_info["action"]
        try:
            given = await request.json() if request.can_read_body else {}
            result = Controls(self).find(name)(**given)
            if inspect.isawaitable(result):
                result = await result
        except (NotOffered, TypeError, ValueError, KeyError, TimeoutError) as error:
            said = str(error) or type(error).__name__
            return web.json_response({"error": said}, status=400)
        self.wake()
        raw = json.dumps(result, default=str)
        return web.Response(text=raw, content_type="application/json")
