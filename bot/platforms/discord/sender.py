"""Posts and edits on Discord, each exactly once.

A post carries its delivery's id twice. As nonce, by which Discord gives back the post that
was made with it in the last minutes instead of making another; so within a call, whatever
became of an attempt, the same is tried again. And in its buttons, by which it is found later:
where an earlier call ended unclear, the place is searched before anything is posted.

Source: Discord documentation, "Message Resource", Create Message (nonce, enforce_nonce). It
names minutes and no number.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType

import discord

from bot.delivery.pace import Urgency, find_urgency
from bot.delivery.parking import explain
from bot.errors import PostGone, SendError, SendParked, SendRefused, SendUnclear
from bot.model import Delivery, Destination, Digest, Message, Platform
from bot.platforms.discord.asking import Asking, Post
from bot.platforms.discord.card import draw_post
from bot.platforms.discord.components import Drawn
from bot.platforms.discord.digest import draw_digest
from bot.platforms.discord.failures import NO_RIGHT, Doing, code_of
from bot.platforms.discord.forums import Forums, make_thread_name
from bot.platforms.discord.reconcile import find_message_or_none
from bot.platforms.discord.rest import Rest
from bot.platforms.discord.views import make_look, make_new_look
from bot.ports import Clock, Places
from bot.prose.inert import clean_text

NOT_TEXT = 50008  # Discord's code for a channel that takes no messages; a forum is one
CLOSED = 50083  # and for a thread that is archived
HAS_THREAD = 160004  # and for a message that has a thread already

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Spot:
    """A channel or thread that takes messages, and the one there that is replied to."""

    channel_id: int
    reference: discord.MessageReference | None = None


class DiscordSender:
    """The Sender of Discord.

    Args:
        rest: logged in or not; while it is not, everything is put off.
        clock: gives the time as aware UTC.
        places: asked, when a place refuses posts, what a person must change there.
        command_ids: ids of our commands by name, as far as they are known by then.
    """

    def __init__(
        self,
        rest: Rest,
        *,
        clock: Clock,
        places: Places | None = None,
        command_ids: Mapping[str, int] = MappingProxyType({}),
    ) -> None:
        self._rest = rest
        self._clock = clock
        self._places = places
        self._command_ids = command_ids
        self._blind: set[int] = set()
        self._asking = Asking(rest)
        self._forums = Forums(self._asking)

    @property
    def platform(self) -> Platform:
        """The platform it speaks to."""
        return Platform.DISCORD

    @property
    def is_up(self) -> bool:
        """Whether it makes sense to send: logged in, with a token that is taken."""
        return self._rest.is_up

    async def send(
        self, delivery: Delivery, message: Message | Digest, *, reply_to: str = ""
    ) -> str:
        """Post ``message``, or edit the post ``delivery.message_ref`` names; give its id.

        The id is "<channel or thread>/<message>". A channel that is a forum gets a thread for
        each post; replies to that post go into it. Edits are idempotent.

        Raises:
            SendUnclear: it may be there; call again with ``unclear_since``.
            SendRefusedForNow: it is not there; ``retry_after_s`` where Discord named a time.
            SendParked: the message says what a person must change; ``is_unclear`` where the
                post may be there.
            PostGone: people deleted the post, or closed the thread it is in.
            SendRefused: a defect of ours: Discord does not take what we drew.
        """
        post = Post(
            delivery,
            message,
            find_urgency(delivery, message, now=self._clock()),
            self._draw(delivery, message),
        )
        try:
            if delivery.message_ref:
                return await self._edit(post, delivery.message_ref)
            return await self._post(post, reply_to)
        except SendRefused as refused:
            log.error("delivery %s: %s", delivery.id, refused)  # noqa: TRY400 - no traceback of theirs
            raise
        except SendParked as parked:
            raise await self._explain(parked, delivery.destination) from parked

    def _draw(self, delivery: Delivery, message: Message | Digest) -> Drawn:
        if isinstance(message, Digest):
            return draw_digest(delivery, message, command_ids=self._command_ids)
        return draw_post(delivery, message)

    # new posts

    async def _post(self, post: Post, reply_to: str) -> str:
        own = Spot(_own_channel(post.delivery.destination))
        spot = await self._find_spot(post, own, reply_to) if reply_to else own
        if spot.channel_id != own.channel_id:
            try:
                return await self._post_at(spot, post)
            except SendParked as parked:
                if parked.is_unclear:  # it may be in the thread: the next call looks there first
                    raise SendUnclear(f"{parked}; the post may be there") from parked
                # The thread is closed or gone; the channel may take it all the same.
                log.info("delivery %s: not into its thread: %s", post.delivery.id, parked)
                spot = own
        if self._forums.knows(own.channel_id):
            return await self._post_in_forum(own, post)
        try:
            return await self._post_at(spot, post)
        except SendParked as parked:
            if code_of(parked) == NOT_TEXT and await self._forums.look(own.channel_id, post):
                return await self._post_in_forum(own, post)
            raise

    async def _post_at(self, spot: Spot, post: Post) -> str:
        delivery = post.delivery
        if delivery.unclear_since is not None:
            found = await self._find_or_none(spot, post, since=delivery.unclear_since)
            if found is not None:
                return await self._bring_up_to_date(post, found)
        made = await self._asking.ask(post, lambda client: _create(client, spot, post))
        ref = f"{spot.channel_id}/{made.id}"
        if delivery.unclear_since is not None:
            # A nonce of an earlier call gives back the post of that call.
            return await self._bring_up_to_date(post, ref)
        return ref

    async def _find_or_none(self, spot: Spot, post: Post, *, since: datetime) -> str | None:
        """The post of an earlier call: at ``spot``, or in the channel if a thread was closed then.

        Raises:
            SendError: ``spot`` could not be searched.
        """
        found = await self._look_at(spot.channel_id, post, since=since)
        own = _own_channel(post.delivery.destination)
        if found is None and own != spot.channel_id:
            with suppress(SendParked):  # a forum has no history
                found = await self._look_at(own, post, since=since)
        return found

    async def _look_at(self, channel_id: int, post: Post, *, since: datetime) -> str | None:
        found = await self._asking.ask(
            post,
            lambda client: find_message_or_none(
                client, channel_id, post.delivery.id, since=since, blind=self._blind
            ),
        )
        return f"{channel_id}/{found.id}" if found else None

    async def _post_in_forum(self, forum: Spot, post: Post) -> str:
        since = post.delivery.unclear_since
        if since is not None:
            found = await self._forums.find_or_none(forum.channel_id, post, since=since)
            if found is not None:
                return await self._bring_up_to_date(post, f"{found}/{found}")
        made = await self._forums.create(forum.channel_id, post)
        return f"{made}/{made}"

    async def _bring_up_to_date(self, post: Post, ref: str) -> str:
        """Edit a post of an earlier call; it may show an older revision.

        The post is there in any case. Where it was drawn as the other kind (of a digest only one
        story is left, say), Discord refuses the edit, and it stays as it is.
        """
        if post.delivery.revision > 1 and isinstance(post.message, Message):
            edit = replace(post.delivery, message_ref=ref)
            drawn = self._draw(edit, post.message)
            try:
                await self._edit(replace(post, delivery=edit, drawn=drawn), ref)
            except SendRefused as refused:
                log.warning("delivery %s stays as it was posted: %s", edit.id, refused)
        return ref

    # replies

    async def _find_spot(self, post: Post, own: Spot, reply_to: str) -> Spot:
        """Where a reply goes: beside the post, into the thread it is in, or into one of its own."""
        channel_id, message_id = _read_ref(reply_to)
        destination = post.delivery.destination
        if (
            channel_id == own.channel_id
            and post.delivery.opens_thread
            and not destination.thread
            and await self._open_thread(post, channel_id, message_id)
        ):
            return Spot(message_id)  # a thread has the id of the message it hangs on
        reference = discord.MessageReference(
            message_id=message_id, channel_id=channel_id, fail_if_not_exists=False
        )
        return Spot(channel_id, reference)

    async def _open_thread(self, post: Post, channel_id: int, message_id: int) -> bool:
        """Have a thread on the message; False where that cannot be."""

        async def open_it(client: discord.Client) -> bool:
            channel = await client.fetch_channel(channel_id)
            if not isinstance(channel, discord.TextChannel):
                return False
            await channel.get_partial_message(message_id).create_thread(
                name=make_thread_name(_find_subject(post.message))
            )
            return True

        try:
            return await self._asking.ask(post, open_it)
        except (SendParked, SendRefused, PostGone) as error:
            if code_of(error) == HAS_THREAD:
                return True
            log.info("delivery %s: no thread for the reply: %s", post.delivery.id, error)
            return False

    # edits

    async def _edit(self, post: Post, ref: str) -> str:
        channel_id, message_id = _read_ref(ref)
        edit = replace(post, urgency=max(post.urgency, Urgency.EDIT))

        async def edit_it(client: discord.Client) -> None:
            place = client.get_partial_messageable(channel_id)
            await place.get_partial_message(message_id).edit(**make_look(edit.drawn))

        async def open_and_edit_it(client: discord.Client) -> None:
            thread = await client.fetch_channel(channel_id)
            if isinstance(thread, discord.Thread):
                await thread.edit(archived=False)
            await edit_it(client)

        try:
            await self._asking.ask(edit, edit_it, doing=Doing.EDIT)
        except PostGone as gone:
            if code_of(gone) != CLOSED:
                raise
            try:
                await self._asking.ask(edit, open_and_edit_it, doing=Doing.EDIT)
            except SendParked as parked:
                if post.delivery.destination.thread:
                    raise  # new posts would not arrive either
                raise PostGone(f"its thread is closed: {parked}") from parked
        return ref

    # what people are told

    async def _explain(self, parked: SendParked, destination: Destination) -> SendParked:
        """``parked`` with what is missing, where that can be found out."""
        if self._places is None or code_of(parked) not in NO_RIGHT:
            return parked
        return await explain(parked, self._places, destination)


async def _create(client: discord.Client, spot: Spot, post: Post) -> discord.Message:
    channel = client.get_partial_messageable(spot.channel_id)
    return await channel.send(
        **make_new_look(post.drawn),
        nonce=post.delivery.id,
        reference=spot.reference,  # type: ignore[arg-type]  # None is its default
    )


def _find_subject(message: Message | Digest) -> Message | Digest:
    """What a thread on an earlier post is about: the story that ``message`` answers."""
    tie = None if isinstance(message, Digest) else message.tie
    if isinstance(message, Digest) or tie is None or not clean_text(tie.headline):
        return message
    return replace(message, headline=tie.headline)


def _own_channel(destination: Destination) -> int:
    """The id of what posts are sent to.

    Raises:
        SendError: it is no id of Discord's.
    """
    try:
        return int(destination.thread or destination.channel)
    except ValueError:
        raise SendRefused(f"{destination.key} names no channel of Discord") from None


def _read_ref(ref: str) -> tuple[int, int]:
    """The two ids of a post's id."""
    try:
        channel, message = map(int, ref.split("/"))
    except ValueError:
        raise SendError(f"{ref!r} is no id of a post on Discord") from None
    return channel, message
