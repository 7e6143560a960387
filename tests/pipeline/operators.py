"""What tests of repairs share: an operator, two stories that were posted, a new start."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.delivery.drain import Drain
from bot.delivery.office import PostOffice
from bot.fetching import HttpFetcher
from bot.model import Message, Story
from bot.pipeline.repairs import Repaired, Repairer
from bot.store import open_store
from bot.stories import TERM_RULE
from bot.summaries import make_message
from tests.builders import NOW
from tests.delivery.senders import KeepingSender
from tests.fetching.lab import limits
from tests.pipeline.lab import CATALOGUE, ECHO, NEWS, STORIES, Item, Newsroom, make_poller

MIX = Item(
    "mix",
    "Verizon scraps its plan to sell the Xiaomi Mix 2",
    "Xiaomi had hoped to bring the Mix 2 to Verizon in March.",
)
MIX_EDITED = replace(MIX, title="Verizon scraps its plan to sell the Xiaomi Mix 2 in March")
MIX_AGAIN = Item(
    "mix-again",
    "Xiaomi Mix 2 not coming to Verizon, which scraps its plan",
    "Verizon will not sell the Xiaomi Mix 2 in March, both said.",
)
NEWS_EDITED = replace(NEWS, title="Huawei fails to get AT&T to sell its phones")
TAG, POST = "/tag", "/post"
"""Where the feeds of a second and a third outlet are served."""


@dataclass
class Operator:
    """An operator at a newsroom, and a channel that shows what was posted."""

    room: Newsroom
    sender: KeepingSender

    async def story(self, *, holding: str) -> Story:
        """The one story that people find with this headline among its reports."""
        found = [
            story
            for story in await self.room.store.find_stories(STORIES)
            if holding in await self.titles_of(story)
        ]
        (story,) = found
        return story

    async def titles_of(self, story: Story) -> list[str]:
        return [e.title for e in await self.room.store.find_entries_of(story.id, limit=99)]

    async def merge(self, kept: Story, merged: Story) -> Repaired:
        return await self._repairer().merge(kept.id, merged.id, now=self.room.clock())

    async def split(self, story: Story, *said: str) -> Repaired:
        return await self._repairer().split(story.id, said, now=self.room.clock())

    def _repairer(self) -> Repairer:
        return Repairer(self.room.store, CATALOGUE, by="the operator")

    async def number_of(self, title: str) -> str:
        """Of the entry with this title, as people say it."""
        ((entry),) = await self.room.store.find_entries_saying([title], in_story=True, limit=2)
        return str(entry.id)

    async def post(self) -> list[tuple[str, Message]]:
        """Send what is due; whether each was a new post or an edit, and what it said."""
        self.room.clock.move(minutes=1)
        before = len(self.sender.sent)
        drain = Drain(
            PostOffice(
                store=self.room.store,
                senders=[self.sender],
                render=lambda story: make_message(story, CATALOGUE),
                clock=self.room.clock,
            )
        )
        await drain.drain()
        return [
            ("edit" if delivery.message_ref else "new", message)
            for delivery, message in self.sender.sent[before:]
        ]


async def open_two(operator: Operator) -> tuple[Story, Story]:
    """Two stories that were posted: of NEWS and ECHO, and of MIX."""
    await operator.room.go_live()
    await operator.room.go_live(TAG, title="Tagesblatt")
    await operator.room.go_live(POST, title="Morning Post")
    await operator.room.publish(NEWS)
    await operator.room.publish(ECHO, path=TAG)
    await operator.room.publish(MIX, path=POST)
    await operator.post()
    return await operator.story(holding=NEWS.title), await operator.story(holding=MIX.title)


@asynccontextmanager
async def restarted(room: Newsroom) -> AsyncIterator[Newsroom]:
    """The same newsroom in a new process, whose program finds stories by other terms."""
    async with (
        await open_store(room.store.database.url.render_as_string()) as store,
        HttpFetcher(limits(), clock=room.clock) as fetcher,
    ):
        await store.index_stories(since=NOW - timedelta(days=5), rule=TERM_RULE + 1)
        poller = make_poller(store, fetcher, room.parser, room.clock)
        yield Newsroom(store, room.server, fetcher, room.parser, poller, room.clock)
