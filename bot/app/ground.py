"""Lays what the parts of a bot stand on: store, fetcher, workers, what knows companies."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.app.lock import sole_process
from bot.app.parts import close_after, fetch_limits, make_metrics_or_none, parser_pool
from bot.app.polling import open_poller
from bot.commands.command import Office
from bot.errors import SettingsInvalid
from bot.fetching import HttpFetcher, WebFeedFinder
from bot.matching import Matcher
from bot.model import ALL_ROLES, Catalogue, ProcessRole
from bot.ports import Clock
from bot.scheduling.absence import Absence
from bot.scheduling.workers import ParserPool
from bot.settings import Settings
from bot.store import SqlStore, is_away, open_store, parse_url, sqlite_path_or_none
from bot.stories import TERM_RULE
from bot.telemetry.observed import ObservedPoller

if TYPE_CHECKING:
    from bot.app.cluster import Joint
    from bot.scheduling.cluster.presence import Presence
    from bot.telemetry.metrics import Metrics

JUDGES = frozenset({ProcessRole.POLL, ProcessRole.GATEWAY, ProcessRole.WEB})
"""Roles that judge entries, and so at once: of feeds, of hubs, or for somebody who waits."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What every part of one process is given.

    Attributes:
        gather: how long an edit waits for more reports.
        joint: with other processes on the same PostgreSQL; None where there can be none.
        presence: of this process in that PostgreSQL; None where it is SQLite.
        metrics: what is counted, where there is a status page.
        polls: polls a feed, with all that it asks.
        office: what commands work with.
    """

    settings: Settings
    clock: Clock
    roles: frozenset[ProcessRole]
    gather: timedelta
    catalogue: Catalogue
    joint: Joint | None
    presence: Presence | None
    store: SqlStore
    fetcher: HttpFetcher
    parser: ParserPool
    metrics: Metrics | None
    polls: ObservedPoller
    office: Office


async def lay_ground(
    stack: AsyncExitStack,
    settings: Settings,
    catalogue: Catalogue,
    *,
    clock: Clock,
    roles: frozenset[ProcessRole],
    is_single_round: bool,
) -> Ground:
    """Open all of it; ``stack`` closes it.

    Raises:
        OperatorError: settings, catalogue or database are unusable.
    """
    gather = timedelta(seconds=0 if is_single_round else settings.deliver.gather_s)
    stack.enter_context(sole_process(settings.database.url))
    joint = None if is_single_round else await _join_others_or_none(settings, roles, clock)
    store = await _open_store(stack, settings, joint)
    presence = await _appear_or_none(stack, store, joint, roles, clock)
    fetcher = await stack.enter_async_context(HttpFetcher(fetch_limits(settings), clock=clock))
    parser = await stack.enter_async_context(parser_pool(settings))
    if ProcessRole.POLL in roles:
        parser.start_soon()  # while the matcher is made
    matcher = Matcher(catalogue)
    if not roles.isdisjoint(JUDGES):
        matcher.prepare()
    metrics = None if is_single_round else make_metrics_or_none(settings)
    polls = await open_poller(
        stack, settings, store, catalogue, matcher,
        fetcher=fetcher, parser=parser, gather=gather, metrics=metrics, clock=clock,
    )  # fmt: skip
    await store.index_stories(since=clock() - close_after(settings), rule=TERM_RULE)
    # Of people in a chat nobody may lead us to the operator's own machines.
    finder = WebFeedFinder(fetcher.strangers, parser=parser, links=parser, clock=clock)
    office = Office(store, catalogue, matcher, finder=finder, close_after=close_after(settings))
    return Ground(
        settings, clock, roles, gather, catalogue, joint, presence, store, fetcher, parser, metrics,
        polls, office,
    )  # fmt: skip


async def _join_others_or_none(
    settings: Settings, roles: frozenset[ProcessRole], clock: Clock
) -> Joint | None:
    """What joins this process to others on the same PostgreSQL; None where it is SQLite.

    Raises:
        SettingsInvalid: the roles ask for others where there can be none.
    """
    if parse_url(settings.database.url).get_backend_name() == "sqlite":
        if roles != ALL_ROLES:
            raise SettingsInvalid(
                "run.roles (--role): an SQLite file serves one process, which has all roles; "
                "leave them out, or set database.url to a PostgreSQL that all processes reach"
            )
        return None
    from bot.app.cluster import Joint  # noqa: PLC0415  # Procrastinate takes 10 MB

    joint = Joint(settings, clock)
    await joint.prepare()
    return joint


async def _open_store(stack: AsyncExitStack, settings: Settings, joint: Joint | None) -> SqlStore:
    url = settings.database.url
    on_owed = joint.owing if joint else None
    store = await stack.enter_async_context(await open_store(url, on_owed=on_owed))
    stack.enter_context(store.database.explained(is_opening=False))
    if sqlite_path_or_none(parse_url(url)) is not None:
        await store.release_leases()
    return store


async def _appear_or_none(
    stack: AsyncExitStack,
    store: SqlStore,
    joint: Joint | None,
    roles: frozenset[ProcessRole],
    clock: Clock,
) -> Presence | None:
    """Say in a PostgreSQL that this process is at work there, before anything is read.

    So it is not replaced by a backup under what was read; SQLite is held by ``sole_process``.
    """
    if store.database.is_sqlite:
        return None
    from bot.scheduling.cluster.presence import Presence, this_process  # noqa: PLC0415

    absence = joint.absence if joint else Absence(is_away)
    presence = Presence(store, this_process(roles, now=clock()), clock=clock, absence=absence)
    return await stack.enter_async_context(presence)
