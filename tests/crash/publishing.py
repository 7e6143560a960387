"""What a program that is killed does: publishes stories, and posts them until all are there.

What it has published and posted is in the database alone, so that each life of it goes on
where the last one ended.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from bot.delivery.drain import Drain
from bot.delivery.office import PostOffice
from bot.model import (
    Delivery,
    DeliveryState,
    Destination,
    Message,
    Platform,
    Source,
    Story,
    Tie,
    TieKind,
)
from bot.model import make_delivery_id as make_id
from bot.ports import Sender
from bot.store import SqlStore
from tests.builders import coverage, message, story
from tests.contract.polls import commit_stories

DIGEST_S = 3
"""Seconds that are gathered into one digest."""

GROWS_EVERY, GROWS_AFTER = 5, 10
"""Every so-manieth story is told by a second outlet when so many more have come."""

TURNS_EVERY, TURNS_AFTER = 7, 3
"""Every so-manieth story turns the one that came so many before."""


def now() -> datetime:
    return datetime.now(UTC)


def make_headline(number: int) -> str:
    """The headline by which the story is known again."""
    return f"Story {number:04d} of Huawei"


def find_turned_or_none(number: int) -> int | None:
    """The number of the story that a story turns, if it does."""
    is_turn = number % TURNS_EVERY == TURNS_EVERY - 1
    return number - TURNS_AFTER if is_turn else None


@dataclass(frozen=True)
class Places:
    """Where stories are owed.

    Attributes:
        digest: its posts are digests.
        threads: replies there go into threads only; () for none.
        has_turns: some stories turn earlier ones.
    """

    all: tuple[Destination, ...]
    digest: Destination
    threads: tuple[Destination, ...] = ()
    has_turns: bool = False


class Publisher:
    """Commits stories one after the other, as polls do."""

    def __init__(self, store: SqlStore, places: Places) -> None:
        self._store = store
        self._places = places

    async def publish(self, stories: int, *, pause_s: float) -> None:
        """Open what is not open yet, in order, and let some grow."""
        for number in range(stories + GROWS_AFTER):
            if number < stories and await self._find_or_none(number) is None:
                await self._commit(self._open(number))
                await asyncio.sleep(pause_s)
            grown = number - GROWS_AFTER
            if 0 <= grown < stories and grown % GROWS_EVERY == 0:
                told = await self._find_or_none(grown)
                assert told is not None
                if told.revision == 1:
                    second = coverage("Meridian Journal", entry_key="guid:2")
                    more = (*told.coverage, second)
                    await self._commit(replace(told, revision=2, coverage=more, updated_at=now()))

    async def _find_or_none(self, number: int) -> Story | None:
        return await self._store.find_story_or_none(f"s{number:04d}")

    def _open(self, number: int) -> Story:
        at = now()
        turned = find_turned_or_none(number) if self._places.has_turns else None
        tie = None
        if turned is not None:
            tie = Tie(TieKind.DENIED, f"s{turned:04d}", make_headline(turned), None)
        return story(
            f"s{number:04d}", headline=make_headline(number), opened_at=at, updated_at=at, tie=tie
        )

    async def _commit(self, told: Story) -> None:
        owed = tuple(self._owe(told, place) for place in self._places.all)
        await commit_stories(self._store, told, owed=owed)

    def _owe(self, told: Story, place: Destination) -> Delivery:
        is_gathered = place == self._places.digest
        due_at = now()
        if is_gathered:
            slot = math.ceil(due_at.timestamp() / DIGEST_S) * DIGEST_S
            due_at = datetime.fromtimestamp(slot, UTC)
        return Delivery(
            make_id(told.id, place), told.id, place, DeliveryState.OWED, told.revision, due_at,
            is_gathered=is_gathered, opens_thread=place in self._places.threads,
        )  # fmt: skip


def render(told: Story) -> Message:
    also = tuple(Source(one.outlet, None) for one in told.also_covered_by)
    return message(
        story_id=told.id, headline=told.headline, also=also, revision=told.revision, link=None,
        summary="", makers=("Huawei",), carriers=(), is_pair=False,
    )  # fmt: skip


def make_parser() -> argparse.ArgumentParser:
    """The options of every worker; ``read_places`` reads its places."""
    parser = argparse.ArgumentParser()
    for name in ("--database", "--api-base", "--token", "--places"):
        parser.add_argument(name, required=True)
    parser.add_argument("--stories", type=int, required=True)
    parser.add_argument("--lease-s", type=float, default=60.0)
    parser.add_argument("--pause-ms", type=float, default=20.0)
    return parser


def read_places(text: str, platform: Platform) -> tuple[Destination, ...]:
    """Workspaces and channels, as JSON."""
    return tuple(Destination(platform, *ids) for ids in json.loads(text))


def quieten() -> None:
    """Log what matters when a worker fails, and not each post that is tried again."""
    logging.basicConfig(level=logging.WARNING)
    logging.getLogger("bot.delivery").setLevel(logging.ERROR)


async def publish_and_post(
    store: SqlStore,
    places: Places,
    arguments: argparse.Namespace,
    make_sender: Callable[[], Awaitable[Sender]],
) -> None:
    """Until everything is published and posted.

    Args:
        make_sender: waits until the platform is there; stories are published meanwhile.
    """
    await store.release_leases()
    publishing = asyncio.create_task(
        Publisher(store, places).publish(arguments.stories, pause_s=arguments.pause_ms / 1000)
    )
    drain = Drain(
        PostOffice(
            store=store,
            senders=[await make_sender()],
            render=render,
            clock=now,
            lease=timedelta(seconds=arguments.lease_s),
        )
    )
    while not publishing.done() or await store.next_attempt_at() is not None:
        await drain.drain()
        await asyncio.sleep(0.02)
    await publishing
