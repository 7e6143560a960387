"""Opens a bot: store, fetcher, workers, senders, and what people talk to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from rich.console import Console

from bot.app.chores import DROP_OLD, TEND_HUBS, WATCH_FEEDS
from bot.app.feedwatch import FeedWatch
from bot.app.ground import Ground, lay_ground
from bot.app.keeping import Keeper
from bot.app.posting import open_sides, post_office, subscribe_console
from bot.app.sides import Side, talk, wait_until_settled
from bot.catalogue import load_catalogue, load_feed_list
from bot.delivery.drain import Drain
from bot.delivery.office import PostOffice
from bot.model import ALL_ROLES, Catalogue, FeedSpec, ProcessRole
from bot.pipeline.hubs import HubDesk
from bot.platforms.console import ConsoleSender
from bot.ports import Clock, Store
from bot.scheduling.clock import utc_now
from bot.scheduling.engine import Engine, RoleChore
from bot.scheduling.jobs import Rounds
from bot.scheduling.life import note_stop
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.telemetry.metrics import Metrics

FIRST_POLLS_APART_S = 0.1
"""New feeds of a running bot are first polled so far apart, not all in one second."""

BOUNDS_NOTE = "bounds of feeds at the last start"
"""What ``_tell_bounds`` said when feeds were last synchronised."""

LOG_IN_S = 20.0
"""A single round waits so long for the platforms' log-ins; what it then cannot post waits for
the next round."""


TALKERS = frozenset({ProcessRole.DELIVER, ProcessRole.GATEWAY})
"""Roles for which platforms are connected."""


@dataclass(frozen=True, slots=True)
class Bot:
    """A bot that is ready to run.

    Attributes:
        rounds: polls and delivers, all by itself.
        engine: does that in ``run``; it is ``rounds`` unless there may be other processes.
        watch: tells people of feeds that broke; ``engine`` does it too while it runs.
        feeds: the configured feeds, in order.
        sides: the platforms that are connected.
        page: where the status page is, or the probes of a process without; or "".
        metrics: what is counted, where there is a status page.
        roles: what this process does.
    """

    settings: Settings
    catalogue: Catalogue
    store: Store
    rounds: Rounds
    engine: Engine
    watch: FeedWatch
    clock: Clock
    feeds: tuple[FeedSpec, ...]
    sides: tuple[Side, ...] = ()
    page: str = ""
    metrics: Metrics | None = None
    roles: frozenset[ProcessRole] = ALL_ROLES

    async def sync_feeds(self, *, at_once: bool) -> None:
        """Make the store poll the configured feeds; new ones at once, or one by one.

        Feeds that we refused are due at once where the settings that refused them are others
        than at the last start; else they wait on, or a round from cron would ask them each time.
        Of several processes those do so that schedule, and have the same list.
        """
        if ProcessRole.SCHEDULE not in self.roles:
            return
        spread_s = 0.0 if at_once else FIRST_POLLS_APART_S * len(self.feeds)
        bounds = _tell_bounds(self.settings)
        await self.store.sync_feeds(
            self.feeds,
            now=self.clock(),
            spread=timedelta(seconds=spread_s),
            retry_refused=await self.store.load_note(BOUNDS_NOTE) != bounds,
        )
        await self.store.save_note(BOUNDS_NOTE, bounds)

    async def run(self, stop: asyncio.Event) -> None:
        """Poll, post and answer people until ``stop``, then finish the work in hand.

        What goes wrong with the answering stops neither the polls nor the posts.
        """
        talking = asyncio.create_task(talk(_find_heard(self.sides, self.roles), stop), name="talk")
        try:
            await self.engine.run(stop)
        finally:
            if not stop.is_set():  # else it ends by itself, once answers under way have arrived
                talking.cancel()
            await asyncio.wait({talking})
        if ProcessRole.SCHEDULE in self.roles:
            await note_stop(self.store, self.clock())


@asynccontextmanager
async def open_bot(
    settings: Settings,
    *,
    console: Console,
    clock: Clock = utc_now,
    roles: frozenset[ProcessRole] = ALL_ROLES,
    is_single_round: bool = False,
) -> AsyncIterator[Bot]:
    """Everything that polls and posts; closed in the reverse order of opening.

    Args:
        console: gets the posts where no platform is connected.
        roles: what this process does, of what several do on one PostgreSQL.
        is_single_round: it polls once and ends, so that no edit can wait for more reports, and
            nobody talks to it; the posts of a round are made at its end in any case.

    Raises:
        OperatorError: settings, catalogue, feed list or database are unusable, or the
            database failed while the bot was at work.
    """
    catalogue = load_catalogue(settings.config_dir)
    feeds = _load_feeds(settings, catalogue, roles)
    async with AsyncExitStack() as stack:
        ground = await lay_ground(
            stack, settings, catalogue, clock=clock, roles=roles, is_single_round=is_single_round
        )
        sides: tuple[Side, ...] = ()
        if not roles.isdisjoint(TALKERS):
            sides = await open_sides(stack, ground)
        paper = ConsoleSender(console)
        if ProcessRole.DELIVER in roles:
            await subscribe_console(ground.store, sides, clock=clock)
        office = post_office(ground, paper, sides)
        watch = FeedWatch(ground.store, sides, partial(paper.tell, clock=clock), clock=clock)
        hubs = None
        if settings.web.is_on and ProcessRole.WEB in roles and not is_single_round:
            hubs = await _open_hubs(stack, ground)
        chores = _make_chores(ground, watch, hubs)
        rounds = _make_rounds(ground, Drain(office), chores)
        engine = await _open_joint_or_none(stack, ground, office, chores) or rounds
        for side in sides:
            side.call_when_done(engine.wake)
        if hubs is not None:
            hubs.call_when_done(engine.wake)
        page = ""
        if is_single_round:
            await wait_until_settled(sides, at_most_s=LOG_IN_S)
        elif ground.metrics is not None:
            page = await _open_page(stack, ground, ground.metrics, _find_heard(sides, roles))
        yield Bot(
            settings, catalogue, ground.store, rounds, engine, watch, clock, feeds, sides, page,
            ground.metrics, roles,
        )  # fmt: skip


def _find_heard(sides: tuple[Side, ...], roles: frozenset[ProcessRole]) -> tuple[Side, ...]:
    """The platforms on which this process answers people, of those it is connected to."""
    return sides if ProcessRole.GATEWAY in roles else ()


def _tell_bounds(settings: Settings) -> str:
    """The settings that decide what we refuse of feeds (``bot.errors.SETTLED_BY_US``)."""
    fetch, parse = settings.fetch, settings.parse
    addresses = ",".join(sorted(fetch.allow_addresses))
    return f"{addresses} {fetch.max_bytes} {parse.timeout_s:g} {parse.max_memory_mb}"


async def _open_joint_or_none(
    stack: AsyncExitStack, ground: Ground, office: PostOffice, chores: Sequence[RoleChore]
) -> Engine | None:
    """What shares the work with other processes, where there may be any."""
    if ground.joint is None or ground.presence is None:
        return None
    opened = ground.joint.open_engine(ground.presence, ground.store, ground.polls, office, chores)
    return await stack.enter_async_context(opened)


async def _open_hubs(stack: AsyncExitStack, ground: Ground) -> HubDesk:
    """The desk that hubs push to.

    The library of its door is loaded only where one is wanted.
    """
    from bot.app.hubs import open_hubs  # noqa: PLC0415

    opened = open_hubs(
        ground.settings, ground.store, ground.fetcher, ground.polls, clock=ground.clock
    )
    return await stack.enter_async_context(opened)


async def _open_page(
    stack: AsyncExitStack, ground: Ground, metrics: Metrics, heard: tuple[Side, ...]
) -> str:
    """Where the status page is, or what machines ask where this process shows none.

    Its libraries are loaded only where one is wanted.

    Args:
        heard: the platforms on which this process answers people.
    """
    from bot.app.status import open_status  # noqa: PLC0415
    from bot.app.vitals import Pulse  # noqa: PLC0415

    stack.enter_context(metrics.reading_log())
    metrics.watch_workers("documents", ground.parser)
    metrics.watch_gateways(heard)
    pulse = Pulse(ground.settings, ground.store, heard, metrics, clock=ground.clock)
    await stack.enter_async_context(pulse.taken())
    opened = open_status(
        ground.settings, ground.office, pulse.probes,
        has_pages=ProcessRole.WEB in ground.roles, clock=ground.clock,
    )  # fmt: skip
    return await stack.enter_async_context(opened)


def _load_feeds(
    settings: Settings, catalogue: Catalogue, roles: frozenset[ProcessRole]
) -> tuple[FeedSpec, ...]:
    """The configured feeds; of several processes those that schedule know them."""
    if ProcessRole.SCHEDULE not in roles:
        return ()
    return load_feed_list(settings.feeds_path, companies=catalogue.companies.values())


def _make_chores(ground: Ground, watch: FeedWatch, hubs: HubDesk | None) -> tuple[RoleChore, ...]:
    keeper = Keeper(ground.store, ground.settings, ground.clock)
    works = {WATCH_FEEDS: watch.look, DROP_OLD: keeper.drop_old}
    if hubs is not None:
        works[TEND_HUBS] = hubs.tend
    return tuple(RoleChore(*timing, work) for timing, work in works.items())


def _make_rounds(ground: Ground, drain: Drain, chores: Sequence[RoleChore]) -> Rounds:
    settings = ground.settings
    return Rounds(
        store=ground.store,
        poller=ground.polls,
        drain=drain,
        clock=ground.clock,
        concurrency=settings.fetch.concurrency,
        chores=[(chore.work, chore.every_s) for chore in chores],
    )
