"""Tells those who chose a feed that it broke, is back, or fell silent: each of these once.

What was told is kept with the feed and is written before it is told, by compare and set: of
two processes one tells, and after a restart nobody is told again. So a kill between the
writing and the telling (a second, once in months for a feed) costs that notice, while the
other order would tell twice. What is lost so is not lost for good: ``/feeds health`` and
``newsbot feeds list`` say it, and so does the notice that the feed is back. Where a platform
says that it did not take the notice, or a defect of ours kept it back, the mark is taken back,
and the next look tries again. What is wrong with one notice keeps back no other.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.app.sides import Side
from bot.app.waits import Waits
from bot.commands.answer import Answer
from bot.commands.feednotices import (
    HELD_AT_MOST,
    MAX_LISTED,
    OPERATOR,
    Batch,
    Notice,
    Recipient,
    batch_of,
    find_batches,
    find_failing_batches,
    offline_since,
    plan_notices,
    seems_offline,
    tell_notice,
)
from bot.commands.health import label_feed
from bot.commands.troubles import tell_trouble
from bot.errors import SendError, SendRefusedForNow
from bot.model import Feed
from bot.model.condition import SILENT_AFTER, TOLD_BY, Turn
from bot.ports import Clock, Store
from bot.prose.moments import tell_moment

LOOK_EVERY_S = 300.0
"""How often it is looked for what is to be told."""

TELL_S = 120.0
"""No notice takes longer; a platform that hangs must not keep back those of others."""

FIRST_WAIT = timedelta(minutes=10)
"""That a feed is back waits so long for those that broke with it: most are back by then where
the network was away..."""

MATES_WAIT = timedelta(hours=6)
"""...and once the first of them were told, so long for the rest: these are asked at times of
their own, and each would be a notice."""

REFUSED_AT_MOST = timedelta(days=1)
"""So long it is tried again to tell of a feed what its platform refuses for now."""

WAITING_NOTE = "feeds that are back wait for others"
"""The note that says since when."""

BEGUN_NOTE = "feeds of which some were told to be back"
"""Likewise."""

REFUSED_NOTE = "feeds of which nobody could be told"
"""Likewise."""

OFFLINE_NOTE = "nobody answered at"
"""The note that says until when our own network seemed to be down."""

_APART = timedelta(microseconds=1)
"""Between two notices to one person: the moment tells later which feeds were told together."""

log = logging.getLogger(__name__)

TellOperator = Callable[[Answer], Awaitable[None]]


class FeedWatch:
    """Looks now and then for what became of feeds.

    Args:
        tell_operator: shows a notice of the operator's own feeds, beside the log.
    """

    def __init__(
        self, store: Store, sides: Sequence[Side], tell_operator: TellOperator, *, clock: Clock
    ) -> None:
        self._store = store
        self._sides = {side.sender.platform: side for side in sides}
        self._tell_operator = tell_operator
        self._clock = clock
        self._is_offline = False  # as the log was told
        self._waiting = Waits(store, WAITING_NOTE)
        self._begun = Waits(store, BEGUN_NOTE)
        self._refused = Waits(store, REFUSED_NOTE)

    async def look(self) -> None:
        """Tell what was not told yet; to be done every ``LOOK_EVERY_S`` seconds."""
        now = self._clock()
        feeds = await self._store.find_ailing_feeds(quiet_before=now - SILENT_AFTER)
        refused: set[str] = set()
        await self._look_at(feeds, refused, now=now)
        await self._refused.keep(refused, now=now)

    async def _look_at(self, feeds: Sequence[Feed], refused: set[str], *, now: datetime) -> None:
        """``refused`` is given what was refused for now."""
        if not feeds:
            return
        last_answer = await self._store.last_answer_or_none()
        is_offline = seems_offline(feeds, last_answer=last_answer)
        not_before: datetime | None = None
        if is_offline:
            since = offline_since(feeds, last_answer=last_answer)
            self._log_offline(since, now=now)
            if now - since < HELD_AT_MOST:
                await self._store.save_note(OFFLINE_NOTE, now.isoformat())
                return
        else:
            not_before = await self._load_offline_until()
        self._is_offline = is_offline
        waiting = await self._find_waiting(feeds, now=now)
        back: set[str] = set()
        told_to: Counter[Recipient] = Counter()
        for notice in plan_notices(feeds, now=now, not_before=not_before):
            waits = waiting if notice.turn is Turn.BACK else ()
            ready = [feed for feed in notice.feeds if batch_of(feed) not in waits]
            at = now + told_to[notice.recipient] * _APART
            marked = await self._mark(replace(notice, feeds=tuple(ready)), now=at)
            if marked.feeds and notice.turn is not Turn.SPEAKS:
                untold = await self._announce(marked, now=at, is_offline=is_offline)
                refused |= untold
                if notice.turn is Turn.BACK and not untold:
                    back |= {_name(batch_of(feed)) for feed in marked.feeds}
            told_to[notice.recipient] += 1
        await self._note_back(feeds, back, now=now)

    async def _mark(self, notice: Notice, *, now: datetime) -> Notice:
        """``notice`` of those feeds that nobody else tells of; what cannot be marked is left."""
        marked = []
        try:
            for feed in notice.feeds:
                if await self._store.note_told(feed, TOLD_BY[notice.turn], now=now):
                    marked.append(feed)  # noqa: PERF401 - those before an error are told
        except Exception:
            log.exception("it could not be noted of feeds what people are told; tried again later")
        return replace(notice, feeds=tuple(marked))

    async def _announce(self, notice: Notice, *, now: datetime, is_offline: bool) -> set[str]:
        """Tell it; what is to be tried again is returned."""
        try:
            async with asyncio.timeout(TELL_S):
                await self._tell(notice, tell_notice(notice, is_offline=is_offline), now=now)
        except SendRefusedForNow as error:
            log.info("%s; people are told of their feeds later", error)
            return await self._try_later(notice, str(error), now=now)
        except (SendError, TimeoutError) as error:
            _log_untold(notice, str(error) or "no answer in time", now=now)
        except Exception as error:
            log.exception("people could not be told of their feeds; tried again later")
            return await self._try_later(notice, type(error).__name__, now=now)
        return set()

    async def _try_later(self, notice: Notice, why: str, *, now: datetime) -> set[str]:
        """Take the marks back of what was not refused for too long; it is returned."""
        again: set[str] = set()
        given_up = []
        try:
            since = await self._refused.load()
            for feed in notice.feeds:
                name = f"{feed.id} {notice.turn}"
                if now - since.get(name, now) >= REFUSED_AT_MOST:
                    given_up.append(feed)
                    continue
                await self._take_back(feed, notice.turn, now=now)
                again.add(name)
        except Exception:
            log.exception("some of these feeds count as told of all the same")
        if given_up:
            _log_untold(replace(notice, feeds=tuple(given_up)), why, now=now)
        return again

    async def _tell(self, notice: Notice, said: Answer, *, now: datetime) -> None:
        who = notice.recipient
        if who == OPERATOR:
            _log_feeds(notice, now=now)
            with suppress(SendError):  # nobody reads the console; the log has it
                await self._tell_operator(said)
        elif who.person and (side := self._sides.get(who.platform)):
            await side.tell(who.workspace, who.person, said)
        else:  # added before people were noted, or on a platform that is not connected now
            _log_feeds(notice, now=now)

    async def _find_waiting(self, feeds: Sequence[Feed], *, now: datetime) -> Collection[Batch]:
        """The batches of which those that are back wait for the rest."""
        partly = {_name(batch): batch for batch in find_batches(feeds)}
        since = await self._waiting.keep(partly, now=now)
        begun = await self._begun.load()
        wait = {name: MATES_WAIT if name in begun else FIRST_WAIT for name in partly}
        return [batch for name, batch in partly.items() if now - since[name] < wait[name]]

    async def _note_back(self, feeds: Sequence[Feed], told: set[str], *, now: datetime) -> None:
        """Of the batches ``told`` some are told to be back; the rest of each waits from now on."""
        failing = {_name(batch) for batch in find_failing_batches(feeds)}
        begun = told | set(await self._begun.load())
        await self._begun.keep(begun & failing, now=now)
        await self._waiting.keep(set(await self._waiting.load()) - told, now=now)

    async def _take_back(self, before: Feed, turn: Turn, *, now: datetime) -> None:
        marked = replace(before, told=TOLD_BY[turn], told_at=now)
        was_at = before.told_at or before.changed_at or before.failing_since or now
        await self._store.note_told(marked, before.told, now=was_at)

    async def _load_offline_until(self) -> datetime | None:
        noted = await self._store.load_note(OFFLINE_NOTE)
        return datetime.fromisoformat(noted) if noted else None

    def _log_offline(self, since: datetime, *, now: datetime) -> None:
        if not self._is_offline:
            log.info(  # the polls warn of it, and sooner
                "no feed has answered since %s; the network of this machine seems to be down, "
                "so nobody is told of feeds that fail",
                tell_moment(since, now=now),
            )
        self._is_offline = True


async def find_outage_or_none(store: Store) -> datetime | None:
    """Since when nobody answers, by what is known from before this start; None if all is well."""
    feeds = await store.find_ailing_feeds(quiet_before=datetime.min.replace(tzinfo=UTC))
    last_answer = await store.last_answer_or_none()
    if not seems_offline(feeds, last_answer=last_answer):
        return None
    return offline_since(feeds, last_answer=last_answer)


def _name(batch: Batch) -> str:
    who, told_at = batch
    return f"{who.platform}/{who.workspace}/{who.person} {told_at}"


def _log_untold(notice: Notice, why: str, *, now: datetime) -> None:
    who = notice.recipient
    log.warning("%s of %s/%s could not be told (%s)", who.person, who.platform, who.workspace, why)
    _log_feeds(notice, now=now)


def _log_feeds(notice: Notice, *, now: datetime) -> None:
    level = logging.INFO if notice.turn is Turn.BACK else logging.WARNING
    for feed in notice.feeds[:MAX_LISTED]:
        log.log(level, "%s", _say(notice.turn, feed, now=now))
    if (more := len(notice.feeds) - MAX_LISTED) > 0:
        log.log(level, "and %d more feeds; `newsbot feeds list` has all of them", more)


def _say(turn: Turn, feed: Feed, *, now: datetime) -> str:
    match turn:
        case Turn.BROKE:
            at = feed.failing_since
            since = f" since {tell_moment(at, now=now)}" if at else ""
            return f"feed {label_feed(feed)} is broken{since}: {tell_trouble(feed)}"
        case Turn.FELL_SILENT:
            since = f" since {tell_moment(feed.changed_at, now=now)}" if feed.changed_at else ""
            return f"feed {label_feed(feed)} is silent: nothing new{since}"
        case _:
            return f"feed {label_feed(feed)} can be read again"
