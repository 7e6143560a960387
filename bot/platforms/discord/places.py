"""Whether posts would arrive in a channel, and what to change there if not."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator

import aiohttp
import discord

from bot.delivery.pace import Urgency
from bot.errors import SendError
from bot.model import Destination
from bot.platforms.discord.rest import Rest
from bot.ports import PlaceProblem

NEEDED = discord.Permissions(
    view_channel=True,
    send_messages=True,
    send_messages_in_threads=True,
    create_public_threads=True,
    read_message_history=True,
)
"""What the bot asks for when it is invited, and no more."""

UNKNOWN_CHANNEL = 10003
"""Source: Discord documentation, "Opcodes and Status Codes", JSON error codes."""

Channel = discord.abc.GuildChannel | discord.Thread

log = logging.getLogger(__name__)


class DiscordPlaces:
    """Looks a channel up where the gateway's client keeps it, else asks Discord.

    Args:
        find_client: gives the gateway's client that has a server, None while there is none.
    """

    def __init__(self, rest: Rest, *, find_client: Callable[[int], discord.Client | None]) -> None:
        self._rest = rest
        self._find_client = find_client

    async def enter(self, destination: Destination) -> None:
        """Nothing is to be done: a bot is in every channel of its servers that it may see."""

    async def find_problems(self, destination: Destination) -> tuple[PlaceProblem, ...]:
        """Why posts there would fail or look poor, the gravest first; () where all is fine.

        Where Discord cannot be asked, nothing is known against the place.
        """
        try:
            found = self._find_kept_or_none(destination) or await self._fetch(destination)
        except discord.NotFound as error:
            is_gone = error.code == UNKNOWN_CHANNEL
            text = "That channel does not exist any more"
            return (PlaceProblem(text, is_grave=True, is_gone=is_gone),)
        except discord.Forbidden:
            return (PlaceProblem(_cannot_see(), is_grave=True),)
        except discord.InvalidData:
            text = "That is no channel of this server that posts can go to"
            return (PlaceProblem(text, is_grave=True),)
        except (
            discord.DiscordException,
            aiohttp.ClientError,
            OSError,
            SendError,
        ) as error:
            log.warning("permissions in %s are not known: %s", destination.key, error)
            return ()
        channel, permissions = found
        problems = sorted(_judge(channel, permissions), key=lambda one: not one.is_grave)
        return tuple(problems)

    def _find_kept_or_none(
        self, destination: Destination
    ) -> tuple[Channel, discord.Permissions] | None:
        guild_id = int(destination.workspace)
        client = self._find_client(guild_id)
        guild = client.get_guild(guild_id) if client else None
        if guild is None or guild.unavailable or guild.me is None:
            return None
        channel = guild.get_channel_or_thread(int(destination.thread or destination.channel))
        if channel is None or (isinstance(channel, discord.Thread) and channel.parent is None):
            return None
        return channel, channel.permissions_for(guild.me)

    async def _fetch(self, destination: Destination) -> tuple[Channel, discord.Permissions]:
        """Ask Discord; three requests, four for a thread.

        Raises:
            discord.DiscordException, aiohttp.ClientError, OSError, SendError: no answer.
        """
        client = self._rest.client
        assert client.user is not None
        async with self._rest.traffic.call(Urgency.FRESH):
            guild = await client.fetch_guild(int(destination.workspace), with_counts=False)
            member = await guild.fetch_member(client.user.id)
            parent = await guild.fetch_channel(int(destination.channel))
            assert not isinstance(parent, discord.Thread)
            channel: Channel = parent
            if destination.thread:
                channel = await guild.fetch_channel(int(destination.thread))
        permissions = parent.permissions_for(member)
        return channel, permissions


def _cannot_see() -> str:
    return "I cannot see that channel: allow me View Channel there"


def _judge(channel: Channel, may: discord.Permissions) -> Iterator[PlaceProblem]:
    """What stands in the way of posts, and what makes them poorer."""
    if not may.view_channel:
        yield PlaceProblem(_cannot_see(), is_grave=True)
        return
    if isinstance(channel, discord.Thread):
        yield from _judge_thread(channel, may)
        return
    is_forum = isinstance(channel, discord.ForumChannel)
    if not may.send_messages:
        right = "Create Posts" if is_forum else "Send Messages"
        yield PlaceProblem(f"I may not post there: allow me {right}", is_grave=True)
    if not may.read_message_history:
        # A thread takes no nonce: one that was cut off can only be looked for.
        yield PlaceProblem(_FORUM_HISTORY if is_forum else _HISTORY, is_grave=is_forum)
    if is_forum and not may.send_messages_in_threads:
        yield PlaceProblem(
            "I may not write below a post there, so a story's turns are missed: allow me "
            "Send Messages in Posts",
            is_grave=False,
        )
    if not is_forum and not (may.create_public_threads and may.send_messages_in_threads):
        yield PlaceProblem(
            "I may not open threads there, so follow-ups come as replies: for threads allow me "
            "Create Public Threads and Send Messages in Threads",
            is_grave=False,
        )


def _judge_thread(thread: discord.Thread, may: discord.Permissions) -> Iterator[PlaceProblem]:
    if not may.send_messages_in_threads:
        yield PlaceProblem(
            "I may not post in that thread: allow me Send Messages in Threads", is_grave=True
        )
    if thread.locked and not may.manage_threads:
        yield PlaceProblem("That thread is locked: unlock it", is_grave=True)
    if not may.read_message_history:
        yield PlaceProblem(_HISTORY, is_grave=False)


_HISTORY = (
    "I may not read older messages there, so follow-ups are no replies and after a crash a "
    "story may come twice: allow me Read Message History"
)

_FORUM_HISTORY = (
    "I may not look there for a post that was cut off, and would make it twice: allow me Read "
    "Message History"
)
