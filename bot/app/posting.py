"""Joins what posts: the platforms that are connected, and what is owed to them."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from bot.app.ground import Ground
from bot.app.mirror import Mirror
from bot.app.sides import Side, tell_of_parked
from bot.delivery.office import PostOffice
from bot.delivery.outcomes import Note
from bot.delivery.retry import RetryRules
from bot.model import CONSOLE, Scope, Subscription
from bot.platforms.console import ConsoleSender
from bot.ports import Clock, Store
from bot.store import is_away
from bot.store.shared import SqlShared

if TYPE_CHECKING:
    from bot.telemetry.metrics import Metrics


async def open_sides(stack: AsyncExitStack, ground: Ground) -> tuple[Side, ...]:
    """The platforms that have a token; their libraries take 0.3 s each, of nobody else's time."""
    settings, office, joint, clock = ground.settings, ground.office, ground.joint, ground.clock
    database = ground.store.database
    shared = None if database.is_sqlite else SqlShared(database)  # a single round's too
    sides: list[Side] = []
    if settings.discord.token is not None:
        from bot.app.discord import open_discord  # noqa: PLC0415

        find_seat = joint.find_seat if joint else None
        discord = open_discord(settings, office, shared=shared, find_seat=find_seat, clock=clock)
        sides.append(await stack.enter_async_context(discord))
    if settings.slack.is_on:
        from bot.app.slack import open_slack  # noqa: PLC0415

        engine = database.guest_engine
        opened = open_slack(settings, office, engine=engine, shared=shared, clock=clock)
        sides.append(await stack.enter_async_context(opened))
    return tuple(sides)


async def subscribe_console(store: Store, sides: Sequence[Side], *, clock: Clock) -> None:
    """Have the console get every story where no platform is connected, and none where one is."""
    if sides:
        await store.unsubscribe(CONSOLE)
    elif await store.find_subscription_or_none(CONSOLE) is None:
        await store.subscribe(Subscription(CONSOLE, Scope.ANY), now=clock())


def post_office(ground: Ground, paper: ConsoleSender, sides: Sequence[Side]) -> PostOffice:
    """What posts are made with; ``paper`` is posted to where no side is."""
    chosen, clock = ground.settings.deliver, ground.clock
    mirror = Mirror(ground.store, ground.catalogue)
    return PostOffice(
        store=ground.store,
        senders=[side.sender for side in sides] or [paper],
        render=mirror.render,
        view=mirror.view,
        clock=clock,
        rules=RetryRules(max_attempts=chosen.max_attempts),
        lease=timedelta(seconds=chosen.lease_s),
        gather=ground.gather,
        on_parked=partial(tell_of_parked, sides),
        on_settled=_make_note(ground.metrics, clock),
        is_away=is_away,
    )


def _make_note(metrics: Metrics | None, clock: Clock) -> Note | None:
    """Counts deliveries, where anybody counts."""
    if metrics is None:
        return None
    return lambda settled: metrics.note_settled(settled, now=clock())
