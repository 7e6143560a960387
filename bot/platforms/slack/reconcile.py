"""Looking for a post that may be there, in a channel's history or among a thread's replies.

Slack has no key under which a repeated request posts once. So each post of ours carries its
delivery's id, as metadata and as the id of a block, and before one is repeated of which nothing
is known, the place is searched for it. Where the bot may not look, it does not post either.

A history may be long: the newest messages are read, as the last call is the likeliest to have
made the post, and then those that follow the first call. What is between is not read. Where
Slack gives small pages at long intervals a search goes on in the next call where it stopped.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.delivery.pace import Urgency
from bot.delivery.parking import RESUME
from bot.errors import SendError, SendParked
from bot.model import Delivery
from bot.platforms.slack.calls import Calls
from bot.platforms.slack.failures import error_of
from bot.platforms.slack.workspaces import Bot

EVENT_TYPE = "newsbot_delivery"
"""Of the metadata on each post."""

MARGIN = timedelta(seconds=60)
"""How far our clock may be ahead of Slack's."""

AROUND = timedelta(minutes=10)
"""Of a history that is too long to be read, so much is read from the first call on, and of a
thread the last so much too."""

PAGE = 200
"""Messages asked for at a time; Slack may give 15."""

MAX_PAGES = 10
"""Pages read from each end of a history at most: 2,000 messages, or 150 where pages are small."""

MAX_GOING = 1_000
"""Searches that are remembered while they wait for their next page."""

HIDDEN = {
    "missing_scope": (
        "the app may not read the channel to see whether a post that was cut off is there, and"
        f" would make it twice; install it again with all its permissions, {RESUME}"
    ),
    "not_in_channel": (
        "the bot is not in the channel, so it cannot see whether a post that was cut off is"
        f" there, and would make it twice; invite it with /invite, {RESUME}"
    ),
}
"""Why a channel is parked where a post was cut off."""


def make_metadata(delivery: Delivery) -> dict[str, Any]:
    """What a post of ``delivery`` is known by."""
    payload = {"delivery": delivery.id, "revision": delivery.revision}
    return {"event_type": EVENT_TYPE, "event_payload": payload}


@dataclass(frozen=True, slots=True)
class Found:
    """A post of ours.

    Attributes:
        ts: its id in the channel.
        thread: the id of the post whose thread it is in, or "".
        revision: which one of its story it showed at first, 0 if that is not known.
    """

    ts: str
    thread: str
    revision: int


class _Way(Enum):
    """Where a search reads, in this order."""

    NEWEST = "newest"  # of a channel, from the last message back
    FIRST = "first"  # from the first call on
    LATEST = "latest"  # of a thread, the last replies


@dataclass(slots=True)
class _Search:
    """How far a search has come.

    Attributes:
        after: nothing older is ours (seconds since 1970).
        ways: still to be gone, the first of them now.
        last: when the last reply of the thread was made, as far as it is known.
    """

    after: float
    ways: list[_Way]
    cursor: str = ""
    pages: int = 0
    last: float = 0.0

    def turn_page(self, cursor: str) -> None:
        """Go on with the page that ``cursor`` names."""
        self.cursor = cursor
        self.pages += 1

    def end_way(self, *, is_whole: bool) -> None:
        """Nothing more is read here; nor elsewhere, if that was all there is."""
        del self.ways[: len(self.ways) if is_whole else 1]
        self.cursor, self.pages = "", 0


class Finder:
    """Searches channels and threads for our posts."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self._going: OrderedDict[tuple[str, str], _Search] = OrderedDict()

    async def find_or_none(
        self, delivery: Delivery, *, thread: str, since: datetime, urgency: Urgency
    ) -> Found | None:
        """Our post of ``delivery`` in its channel, or in a thread there.

        Args:
            thread: the id of the post whose thread is searched; "" for the channel.
            since: when the first call was made that may have posted it.

        Raises:
            SendParked: the bot may not look there; ``is_unclear``.
            SendError: Slack could not be asked; the next call goes on from here.
        """
        bot = await self._calls.workspaces.find_bot(delivery.destination.workspace)
        key = (delivery.id, thread)
        search = self._going.pop(key, None) or _start(since, thread)
        while search.ways:
            try:
                answer = await self._read_page(delivery, thread, search, urgency)
            except SendParked as parked:
                told = HIDDEN.get(error_of(parked), str(parked))
                raise SendParked(told, is_unclear=True) from parked
            except SendError as error:
                if error_of(error) != "invalid_cursor":
                    self._remember(key, search)
                raise
            for message in answer.get("messages", ()):
                if found := _read(message, bot, delivery.id):
                    return found
            _go_on(search, answer)
        return None

    def _remember(self, key: tuple[str, str], search: _Search) -> None:
        self._going[key] = search
        while len(self._going) > MAX_GOING:
            self._going.popitem(last=False)

    async def _read_page(
        self, delivery: Delivery, thread: str, search: _Search, urgency: Urgency
    ) -> dict[str, Any]:
        place = delivery.destination
        asked: dict[str, Any] = {"channel": place.channel, "limit": PAGE, **_bounds(search)}
        if search.cursor:
            asked["cursor"] = search.cursor
        if not thread:

            async def read(client: AsyncWebClient) -> AsyncSlackResponse:
                return await client.conversations_history(include_all_metadata=True, **asked)

            return await self._calls.call(place, "conversations.history", read, urgency=urgency)

        async def read_thread(client: AsyncWebClient) -> AsyncSlackResponse:
            return await client.conversations_replies(ts=thread, include_all_metadata=True, **asked)

        return await self._calls.call(place, "conversations.replies", read_thread, urgency=urgency)


def _start(since: datetime, thread: str) -> _Search:
    ways = [_Way.FIRST, _Way.LATEST] if thread else [_Way.NEWEST, _Way.FIRST]
    return _Search((since - MARGIN).timestamp(), ways)


def _bounds(search: _Search) -> dict[str, str]:
    """Between which times is read; from the newest on without any, else the order is not sure."""
    match search.ways[0]:
        case _Way.NEWEST:
            return {}
        case _Way.FIRST if _Way.LATEST in search.ways:
            return {"oldest": f"{search.after:.6f}"}  # replies come the oldest first
        case _Way.FIRST:
            latest = search.after + AROUND.total_seconds()
            return {"oldest": f"{search.after:.6f}", "latest": f"{latest:.6f}"}
    return {"oldest": f"{max(search.after, search.last - AROUND.total_seconds()):.6f}"}


def _go_on(search: _Search, answer: Mapping[str, Any]) -> None:
    """Take note of a page that was read."""
    messages = answer.get("messages", ())
    search.last = max([search.last, *(_seconds(one.get("latest_reply")) for one in messages)])
    cursor = (answer.get("response_metadata") or {}).get("next_cursor") or ""
    is_old = any(_seconds(one.get("ts")) < search.after for one in messages)
    if not cursor or (is_old and search.ways[0] is _Way.NEWEST):
        search.end_way(is_whole=True)
    elif search.pages + 1 >= MAX_PAGES:
        search.end_way(is_whole=False)
    else:
        search.turn_page(cursor)


def _read(message: Mapping[str, Any], bot: Bot, delivery_id: str) -> Found | None:
    """``message`` if it is our post of the delivery."""
    is_ours = message.get("user") == bot.user_id or message.get("bot_id") == bot.bot_id
    revision = _find_revision(message, delivery_id)
    if not is_ours or revision is None:
        return None
    ts, thread = str(message.get("ts", "")), str(message.get("thread_ts", ""))
    return Found(ts, thread if thread != ts else "", revision)


def _find_revision(message: Mapping[str, Any], delivery_id: str) -> int | None:
    """Which revision a post of the delivery shows, 0 if that is not known; None for others."""
    metadata = message.get("metadata") or {}
    payload = metadata.get("event_payload") or {}
    if metadata.get("event_type") == EVENT_TYPE and payload.get("delivery") == delivery_id:
        revision = payload.get("revision")
        return revision if isinstance(revision, int) else 0
    for block in message.get("blocks") or ():
        parts = str(block.get("block_id", "")).split(":")
        if parts[0] == "n1" and parts[1:2] == [delivery_id]:
            return 0
    return None


def _seconds(ts: object) -> float:
    try:
        return float(str(ts))
    except ValueError:
        return 0.0
