"""Looking for a post that may be there: in a channel's history, among a forum's threads.

A nonce is good for some minutes and for messages alone. Later, and for posts in forums, only
the place itself tells: each post of ours has its delivery's id in the ids of its buttons.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterable, Iterator
from datetime import datetime, timedelta
from itertools import chain

import discord
from discord.utils import snowflake_time

from bot.errors import SendParked
from bot.platforms.discord.failures import HIDDEN_FORUM, NO_RIGHT

MARGIN = timedelta(seconds=60)
"""How far our clock may be ahead of Discord's."""

MAX_MESSAGES = 2_000
"""Messages read from each end of a channel's history at most, a hundred a request."""

MAX_THREADS = 300
"""Archived threads of a forum read at most."""

log = logging.getLogger(__name__)


async def find_message_or_none(
    client: discord.Client, channel_id: int, key: str, *, since: datetime, blind: set[int]
) -> discord.PartialMessage | None:
    """Our message in a channel or thread whose buttons carry ``key``.

    Without Read Message History Discord shows an empty history; that is logged once for a
    channel, and the nonce is all that keeps a post from being made twice then.

    Args:
        since: when the first call was made that may have posted it.
        blind: channels of which it was logged; added to.

    Raises:
        discord.HTTPException: the history could not be asked for.
    """
    channel = client.get_partial_messageable(channel_id)
    after = since - MARGIN
    newest = channel.history(limit=MAX_MESSAGES)
    count, is_whole = 0, False
    # The last call is the likeliest to have made it, and much may have been said since the first.
    async for message in newest:
        count += 1
        if is_whole := message.created_at < after:
            break
        if _is_ours(message, client, key):
            return channel.get_partial_message(message.id)
    if not count and channel_id not in blind and await _is_hidden(client, channel_id, after):
        blind.add(channel_id)
        log.warning(
            "discord: the history of channel %d is hidden from the bot, so a post that was cut"
            " off may come twice there; allow it Read Message History",
            channel_id,
        )
    if is_whole or count < MAX_MESSAGES:
        return None
    async for message in channel.history(limit=MAX_MESSAGES, after=after, oldest_first=True):
        if _is_ours(message, client, key):
            return channel.get_partial_message(message.id)
    return None


async def find_thread_or_none(
    client: discord.Client, forum: discord.ForumChannel, key: str, *, since: datetime
) -> discord.PartialMessage | None:
    """The first message of our thread in ``forum`` whose buttons carry ``key``.

    Raises:
        SendParked: the bot may not look there; whether there is one is unclear.
        discord.HTTPException: the threads could not be asked for.
    """
    try:
        return await _find_thread_or_none(client, forum, key, after=since - MARGIN)
    except discord.Forbidden as error:
        if error.code not in NO_RIGHT:
            raise
        raise SendParked(HIDDEN_FORUM, is_unclear=True) from error


async def _find_thread_or_none(
    client: discord.Client, forum: discord.ForumChannel, key: str, *, after: datetime
) -> discord.PartialMessage | None:
    async for thread in _list_threads(forum, after):
        if thread.parent_id != forum.id or thread.owner_id != _own_id(client):
            continue
        place = client.get_partial_messageable(thread.id)
        first = place.get_partial_message(thread.id)  # a forum's thread has its first message's id
        try:
            message = await first.fetch()
        except discord.NotFound:
            continue
        if carries(message.components, key):
            return first
    return None


def carries(components: Iterable[object], key: str) -> bool:
    """Whether some button says ``key`` as its subject, the last part of its id."""
    return any(custom_id.endswith(f":{key}") for custom_id in _custom_ids(components))


def _custom_ids(components: Iterable[object]) -> Iterator[str]:
    for one in components:
        if custom_id := getattr(one, "custom_id", None):
            yield str(custom_id)
        accessory = getattr(one, "accessory", None)
        inner = chain(getattr(one, "children", ()), [accessory] if accessory else [])
        yield from _custom_ids(inner)


async def _list_threads(
    forum: discord.ForumChannel, after: datetime
) -> AsyncIterator[discord.Thread]:
    """Active threads of the server, then archived ones of the forum, made since ``after``."""
    for thread in await forum.guild.active_threads():
        if snowflake_time(thread.id) >= after:
            yield thread
    # Ordered by when they were archived, which is never before they were made.
    async for thread in forum.archived_threads(limit=MAX_THREADS):
        if thread.archive_timestamp < after:
            return
        if snowflake_time(thread.id) >= after:
            yield thread


async def _is_hidden(client: discord.Client, channel_id: int, after: datetime) -> bool:
    """Whether the channel knows of a message that its empty history does not show."""
    channel = await client.fetch_channel(channel_id)
    last = getattr(channel, "last_message_id", None)
    return last is not None and snowflake_time(last) > after


def _is_ours(message: discord.Message, client: discord.Client, key: str) -> bool:
    return message.author.id == _own_id(client) and carries(message.components, key)


def _own_id(client: discord.Client) -> int:
    return client.user.id if client.user else 0
