"""The program that is killed: publishes stories and posts them, on the real store and sender.

What it has published and posted is in the database alone, so that each life of it goes on
where the last one ended.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from pydantic import SecretStr

from bot.delivery.drain import Drain
from bot.model import Delivery, DeliveryState, Destination, Message, Platform, Source, Story
from bot.model import make_delivery_id as make_id
from bot.platforms.discord.rest import open_rest
from bot.platforms.discord.sender import DiscordSender
from bot.settings.model import DiscordSettings
from bot.store import SqlStore, open_store
from tests.builders import coverage, message, story
from tests.contract.polls import commit_stories

DIGEST_S = 3
"""Seconds that are gathered into one digest."""

GROWS_EVERY, GROWS_AFTER = 5, 10
"""Every so-manieth story is told by a second outlet when so many more have come."""


def make_headline(number: int) -> str:
    """The headline by which the story is known again."""
    return f"Story {number:04d} of Huawei"


def now() -> datetime:
    return datetime.now(UTC)


class Publisher:
    """Commits stories one after the other, as polls do."""

    def __init__(self, store: SqlStore, places: Sequence[Destination], digest: Destination) -> None:
        self._store = store
        self._places = places
        self._digest = digest

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
        return story(f"s{number:04d}", headline=make_headline(number), opened_at=at, updated_at=at)

    async def _commit(self, told: Story) -> None:
        owed = tuple(self._owe(told, place) for place in self._places)
        await commit_stories(self._store, told, owed=owed)

    def _owe(self, told: Story, place: Destination) -> Delivery:
        is_gathered = place == self._digest
        due_at = now()
        if is_gathered:
            slot = math.ceil(due_at.timestamp() / DIGEST_S) * DIGEST_S
            due_at = datetime.fromtimestamp(slot, UTC)
        return Delivery(
            make_id(told.id, place), told.id, place, DeliveryState.OWED, told.revision, due_at,
            is_gathered=is_gathered,
        )  # fmt: skip


def render(told: Story) -> Message:
    also = tuple(Source(one.outlet, None) for one in told.also_covered_by)
    return message(
        story_id=told.id, headline=told.headline, also=also, revision=told.revision, link=None,
        summary="", makers=("Huawei",), carriers=(), is_pair=False,
    )  # fmt: skip


async def work(arguments: argparse.Namespace) -> None:
    """Until everything is published and posted."""
    places = [Destination(Platform.DISCORD, *ids) for ids in json.loads(arguments.places)]
    settings = DiscordSettings(
        token=SecretStr(arguments.token),
        api_base=arguments.api_base,
        max_requests_per_s=arguments.rate,
    )
    async with await open_store(arguments.database) as store, open_rest(settings) as rest:
        await store.release_leases()
        publisher = Publisher(store, places, digest=places[-1])
        pause_s = arguments.pause_ms / 1000
        publishing = asyncio.create_task(publisher.publish(arguments.stories, pause_s=pause_s))
        await rest.wait_until_settled()
        sender = DiscordSender(rest, clock=now)
        drain = Drain(
            store=store,
            senders=[sender],
            render=render,
            clock=now,
            lease=timedelta(seconds=arguments.lease_s),
        )
        while not publishing.done() or await store.next_attempt_at() is not None:
            await drain.drain()
            await asyncio.sleep(0.02)
        await publishing


def main() -> None:
    parser = argparse.ArgumentParser()
    for name in ("--database", "--api-base", "--token", "--places"):
        parser.add_argument(name, required=True)
    parser.add_argument("--stories", type=int, required=True)
    parser.add_argument("--rate", type=int, default=45)
    parser.add_argument("--lease-s", type=float, default=60.0)
    parser.add_argument("--pause-ms", type=float, default=20.0)
    logging.basicConfig(level=logging.WARNING)
    logging.getLogger("bot.delivery").setLevel(logging.ERROR)
    asyncio.run(work(parser.parse_args()))


if __name__ == "__main__":
    main()
