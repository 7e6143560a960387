"""Posts and edits on Slack, each exactly once.

Slack has no key by which a repeated post is known, so nothing is posted again of which nothing is
known: first the place is searched for it (see reconcile.py), and not before Slack has had the
time to finish what it was asked. That is counted from when we gave the request up, and where
another life or process of ours made it, from when we are told of it. Edits are idempotent.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.delivery.pace import Urgency, find_urgency
from bot.delivery.parking import admit_unclear, explain
from bot.errors import SendError, SendParked, SendRefused, SendUnclear
from bot.model import Delivery, Destination, Digest, Message, Platform
from bot.platforms.slack.calls import Calls
from bot.platforms.slack.card import draw_post
from bot.platforms.slack.clients import ANSWER_S
from bot.platforms.slack.digest import draw_digest
from bot.platforms.slack.drawn import Drawn
from bot.platforms.slack.failures import NO_RIGHT, NO_THREAD, Doing, error_of
from bot.platforms.slack.pacer import POST
from bot.platforms.slack.reconcile import Finder, Found, make_metadata
from bot.ports import Clock, Places

SETTLE_S = 3.0
"""Seconds in which Slack has finished a post after the connection broke, or it answered that
something went wrong. A search before that could miss it."""

LATE_S = ANSWER_S
"""Seconds in which it has finished one after nobody waited for the answer any more: it was slow
already. So it is where it is not known how a request ended."""

WAITS_S = (0.0, 5.0, 10.0)
"""Seconds, besides those for Slack to finish, before the same is tried again after an unclear
answer: so long Slack may be away and no post comes behind a younger one of its channel. Whoever
calls may break off earlier."""

MAX_TRIED = 10_000
"""Posts of which it is remembered when the last try has been finished."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Spot:
    """A channel, or a thread in it.

    Attributes:
        thread: the id of the post whose thread it is, or "".
        is_shown: a reply is shown in the channel too.
    """

    channel: str
    thread: str = ""
    is_shown: bool = False

    def make_ref(self, ts: str, thread: str) -> str:
        """The id of a post here; of one in a thread the thread's too, as replies go there."""
        return "/".join(part for part in (self.channel, ts, thread) if part)


@dataclass(frozen=True, slots=True)
class Post:
    """What is to be posted.

    Attributes:
        urgency: of every request that is made for it.
        drawn: how it looks.
    """

    delivery: Delivery
    message: Message | Digest
    urgency: Urgency
    drawn: Drawn


class SlackSender:
    """The Sender of Slack.

    Args:
        calls: connected or not; while they are not, everything is put off.
        clock: gives the time as aware UTC.
        places: asked, when a place refuses posts, what a person must change there.
        settle_s: seconds in which a post is made whose answer was cut off.
        late_s: the same where the answer was not awaited, or another process asked.
    """

    def __init__(
        self,
        calls: Calls,
        *,
        clock: Clock,
        places: Places | None = None,
        settle_s: float = SETTLE_S,
        late_s: float = LATE_S,
    ) -> None:
        self._calls = calls
        self._clock = clock
        self._places = places
        self._settle = timedelta(seconds=settle_s)
        self._late = timedelta(seconds=late_s)
        self._finder = Finder(calls)
        self._settled_at: dict[str, datetime] = {}

    @property
    def platform(self) -> Platform:
        """The platform it speaks to."""
        return Platform.SLACK

    @property
    def is_up(self) -> bool:
        """Whether it makes sense to send: some workspace's token is taken."""
        return self._calls.workspaces.is_up

    async def send(
        self, delivery: Delivery, message: Message | Digest, *, reply_to: str = ""
    ) -> str:
        """Post ``message``, or edit the post ``delivery.message_ref`` names; give its id.

        The id is "<channel>/<ts>", and "<channel>/<ts>/<ts of the thread>" of a post in a
        thread. A reply is shown in its channel too, unless ``delivery.opens_thread``.

        Raises:
            SendUnclear: it may be there; call again with ``unclear_since``.
            SendRefusedForNow: it is not there; ``retry_after_s`` where Slack or our pace named
                a time.
            SendParked: the message says what a person must change; ``is_unclear`` where the
                post may be there.
            PostGone: people deleted the post, or it can be changed no more.
            SendRefused: a defect of ours: Slack does not take what we drew.
        """
        urgency = find_urgency(delivery, message, now=self._clock())
        post = Post(delivery, message, urgency, _draw(delivery, message))
        try:
            if delivery.message_ref:
                return await self._edit(post, delivery.message_ref)
            return await self._post(post, reply_to)
        except SendRefused as refused:
            log.error("delivery %s: %s", delivery.id, refused)  # noqa: TRY400 - no traceback of theirs
            raise
        except SendParked as parked:
            raise await self._explain(parked, delivery.destination) from parked

    # new posts

    async def _post(self, post: Post, reply_to: str) -> str:
        own = Spot(post.delivery.destination.channel, post.delivery.destination.thread)
        spot = _find_spot(post.delivery, own, reply_to)
        if spot != own:
            try:
                return await self._post_at(spot, post, own)
            except SendParked as parked:
                if error_of(parked) not in NO_THREAD:
                    raise
                if parked.is_unclear:  # it may be in the thread: the next call looks there first
                    raise SendUnclear(f"{parked}; the post may be there") from parked
                # The thread is locked or gone; the channel may take it all the same.
                log.info("delivery %s: not into its thread: %s", post.delivery.id, parked)
        return await self._post_at(own, post, own)

    async def _post_at(self, spot: Spot, post: Post, own: Spot) -> str:
        """Post there, repeating what is unclear after a look whether it is there."""
        since, is_unclear = post.delivery.unclear_since, False
        for wait_s in (*WAITS_S, None):
            try:
                found = await self._find_or_none(spot, post, own, since) if since else None
                if found is not None:
                    return await self._bring_up_to_date(post, spot, found)
                since = since or self._clock()
                return await self._create(spot, post)
            except SendUnclear:
                is_unclear = True
                if wait_s is None:
                    raise
            except SendError as said:
                if is_unclear:
                    raise admit_unclear(said) from said
                raise
            await asyncio.sleep(wait_s)
        raise AssertionError("the last attempt returns or raises")

    async def _create(self, spot: Spot, post: Post) -> str:
        asked = _content(post)
        if spot.thread:
            asked |= {"thread_ts": spot.thread, "reply_broadcast": spot.is_shown}

        async def create(client: AsyncWebClient) -> AsyncSlackResponse:
            try:
                return await client.chat_postMessage(
                    channel=spot.channel, unfurl_links=False, unfurl_media=False, **asked
                )
            except (TimeoutError, asyncio.CancelledError):
                self._note_end(post.delivery.id, self._late)
                raise
            except Exception:
                self._note_end(post.delivery.id, self._settle)
                raise

        place = post.delivery.destination
        made = await self._calls.call(place, POST, create, urgency=post.urgency, doing=Doing.POST)
        if not made.get("ts"):
            raise SendUnclear("slack: the answer names no post")
        self._settled_at.pop(post.delivery.id, None)
        return spot.make_ref(str(made["ts"]), spot.thread)

    async def _find_or_none(
        self, spot: Spot, post: Post, own: Spot, since: datetime
    ) -> Found | None:
        """The post of an earlier call: at ``spot``, or in the channel if its thread was gone then.

        Raises:
            SendError: the place could not be searched.
        """
        await self._wait_until_settled(post.delivery.id)
        spots = [spot] if spot == own else [spot, own]
        for one in spots:
            try:
                found = await self._finder.find_or_none(
                    post.delivery, thread=one.thread, since=since, urgency=post.urgency
                )
            except SendParked as parked:
                if one == own or error_of(parked) not in NO_THREAD:
                    raise
                continue
            if found is not None:
                return found
        return None

    async def _wait_until_settled(self, delivery_id: str) -> None:
        if delivery_id not in self._settled_at:  # another may have asked until now
            self._note_end(delivery_id, self._late)
        left_s = (self._settled_at[delivery_id] - self._clock()).total_seconds()
        if left_s > 0:
            longest = max(self._settle, self._late)  # the clock may have been set
            await asyncio.sleep(min(left_s, longest.total_seconds()))

    def _note_end(self, delivery_id: str, wait: timedelta) -> None:
        """A request ends now, and what it asked for is done after ``wait`` at the latest."""
        settled_at = self._clock() + wait
        before = self._settled_at.pop(delivery_id, settled_at)
        self._settled_at[delivery_id] = max(settled_at, before)
        while len(self._settled_at) > MAX_TRIED:
            del self._settled_at[next(iter(self._settled_at))]

    async def _bring_up_to_date(self, post: Post, spot: Spot, found: Found) -> str:
        """Edit a post of an earlier call, if it shows an older revision.

        The post is there in any case; where Slack refuses the edit, it stays as it is.
        """
        self._settled_at.pop(post.delivery.id, None)
        ref = spot.make_ref(found.ts, found.thread)
        is_old = post.delivery.revision > max(found.revision, 1)
        if is_old and isinstance(post.message, Message):
            edit = replace(post.delivery, message_ref=ref)
            drawn = _draw(edit, post.message)
            try:
                await self._edit(replace(post, delivery=edit, drawn=drawn), ref)
            except SendRefused as refused:
                log.warning("delivery %s stays as it was posted: %s", edit.id, refused)
        return ref

    # edits

    async def _edit(self, post: Post, ref: str) -> str:
        channel, ts = _read_ref(ref)

        async def edit(client: AsyncWebClient) -> AsyncSlackResponse:
            # Unlike a post, an edit would have names and links looked for in it.
            return await client.chat_update(channel=channel, ts=ts, parse="none", **_content(post))

        place = post.delivery.destination
        urgency = max(post.urgency, Urgency.EDIT)
        await self._calls.call(place, "chat.update", edit, urgency=urgency, doing=Doing.EDIT)
        return ref

    # what people are told

    async def _explain(self, parked: SendParked, destination: Destination) -> SendParked:
        """``parked`` with what is missing, where that can be found out."""
        if self._places is None or error_of(parked) not in NO_RIGHT:
            return parked
        return await explain(parked, self._places, destination)


def _draw(delivery: Delivery, message: Message | Digest) -> Drawn:
    if isinstance(message, Digest):
        return draw_digest(delivery, message)
    return draw_post(delivery, message)


def _content(post: Post) -> dict[str, Any]:
    """What a post shows, and what it is known by."""
    return {
        "text": post.drawn.text,
        "blocks": list(post.drawn.blocks),
        "metadata": make_metadata(post.delivery),
    }


def _find_spot(delivery: Delivery, own: Spot, reply_to: str) -> Spot:
    """Where a post goes: to its own place, or into the thread of the post it answers."""
    if not reply_to or own.thread:
        return own
    channel, ts, *thread = reply_to.split("/")
    if channel != own.channel:
        return own
    # A thread hangs on its first post, whichever of its posts is answered.
    return Spot(channel, thread[0] if thread else ts, is_shown=not delivery.opens_thread)


def _read_ref(ref: str) -> tuple[str, str]:
    """The channel and the id there of a post's id."""
    channel, _, rest = ref.partition("/")
    if not channel or not rest:
        raise SendError(f"{ref!r} is no id of a post on Slack")
    return channel, rest.partition("/")[0]
