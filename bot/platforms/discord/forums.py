"""Posts in forums: each is a thread of its own, and threads take no nonce.

So a thread is never asked for again without a look among the forum's threads, not even by the
library, which would repeat the request after a 502.
"""

from __future__ import annotations

import asyncio
from datetime import datetime

import discord
from discord.utils import utcnow

from bot.delivery.parking import admit_unclear
from bot.errors import SendParked, SendRefused, SendRefusedForNow, SendUnclear
from bot.model import Digest, Message
from bot.platforms.discord.asking import Asking, Post
from bot.platforms.discord.failures import code_of
from bot.platforms.discord.reconcile import find_thread_or_none
from bot.platforms.discord.views import make_new_look
from bot.prose.fitting import cut
from bot.prose.inert import clean_text

MAX_NAME = 100
"""Units of a thread's name. Source: Discord documentation, "Channel Resource", name."""

WAITS_S = (2.0, 5.0, 10.0)
"""Seconds from an unclear answer to the look: long enough for a request that was cut off to have
had its effect."""

TAGGED_WRONG = frozenset({40067, 50035})
"""Codes of a forum whose tags changed since we looked: one is needed now, or ours is gone."""


class Forums:
    """The forums that are known to be some, for as long as the process lives."""

    def __init__(self, asking: Asking) -> None:
        self._asking = asking
        self._known: dict[int, discord.ForumChannel] = {}

    def knows(self, channel_id: int) -> bool:
        """Whether the channel was found to be a forum."""
        return channel_id in self._known

    async def look(self, channel_id: int, post: Post) -> bool:
        """Ask Discord whether the channel is a forum.

        Raises:
            SendError: it could not be asked.
        """
        channel = await self._asking.ask(post, lambda client: client.fetch_channel(channel_id))
        if not isinstance(channel, discord.ForumChannel):
            return False
        self._known[channel_id] = channel
        return True

    async def find_or_none(self, forum_id: int, post: Post, *, since: datetime) -> int | None:
        """The id of the thread that an earlier call made of ``post``, if it did.

        Raises:
            SendError: the forum could not be searched.
        """
        forum, key = self._known[forum_id], post.delivery.id
        found = await self._asking.ask(
            post, lambda client: find_thread_or_none(client, forum, key, since=since)
        )
        return found.id if found else None

    async def create(self, forum_id: int, post: Post) -> int:
        """Make a thread of ``post``; its id, which is that of its first message too.

        Raises:
            SendError: a thread was made only if that is unclear.
        """
        began_at = utcnow()
        for wait_s in WAITS_S:
            try:
                return await self._create_tagged(forum_id, post)
            except SendUnclear:
                await asyncio.sleep(wait_s)
            found = await self._look_after_unclear(forum_id, post, began_at)
            if found is not None:
                return found
        return await self._create_tagged(forum_id, post)

    async def _look_after_unclear(self, forum_id: int, post: Post, since: datetime) -> int | None:
        try:
            return await self.find_or_none(forum_id, post, since=since)
        except (SendParked, SendRefused, SendRefusedForNow) as error:
            raise admit_unclear(error) from error

    async def _create_tagged(self, forum_id: int, post: Post) -> int:
        try:
            return await self._create(forum_id, post)
        except (SendParked, SendRefused) as error:
            if code_of(error) not in TAGGED_WRONG or not await self.look(forum_id, post):
                raise
            return await self._create(forum_id, post)

    async def _create(self, forum_id: int, post: Post) -> int:
        forum = self._known[forum_id]

        async def create_it(_: discord.Client) -> int:
            made = await forum.create_thread(
                name=make_thread_name(post.message),
                **make_new_look(post.drawn),
                applied_tags=_choose_tags(forum, post.message),
            )
            return made.thread.id

        return await self._asking.ask(post, create_it, is_once=True)


def make_thread_name(message: Message | Digest) -> str:
    """The headline as the name of a thread; names take no markup, so nothing is escaped."""
    if isinstance(message, Digest):
        return f"{len(message.messages)} stories"
    return cut(clean_text(message.headline), MAX_NAME) or message.event.label.capitalize()


def _choose_tags(forum: discord.ForumChannel, message: Message | Digest) -> list[discord.ForumTag]:
    """The tag named as the kind of news, where there is one; any, where the forum needs one."""
    tags = [tag for tag in forum.available_tags if not tag.moderated]
    label = message.event.label if isinstance(message, Message) else ""
    named = [tag for tag in tags if tag.name.casefold() == label.casefold()]
    return (named or (tags if forum.flags.require_tag else []))[:1]
