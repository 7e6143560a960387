"""What tests of the drain share: a real outbox, a platform of our own, and the time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import text

from bot.delivery.drain import PLACES, Drain
from bot.delivery.office import PostOffice
from bot.delivery.retry import RetryRules
from bot.model import Catalogue, Delivery, Destination, Platform, make_delivery_id
from bot.ports import Sender
from bot.store import SqlStore
from bot.summaries import make_message
from tests.builders import NOW, delivery, story
from tests.contract.polls import commit_stories
from tests.delivery.senders import KeepingSender

SLACK, OTHER = (Destination(Platform.SLACK, "T1", channel) for channel in ("C1", "C2"))
DISCORD = Destination(Platform.DISCORD, "G1", "1")
LEASE = timedelta(seconds=60)


class Outbox:
    """A store, a sender for Slack, a drain between them, and the time."""

    def __init__(self, store: SqlStore) -> None:
        self.store = store
        self.sender = KeepingSender()
        self.now = NOW

    def office(self, *, senders: Iterable[Sender] = (), **changes: Any) -> PostOffice:
        """What posts are made with; with further ``senders`` if there are any."""
        return replace(
            PostOffice(
                store=self.store,
                senders=[self.sender, *senders],
                render=partial(make_message, catalogue=Catalogue()),
                clock=lambda: self.now,
                rules=RetryRules(max_attempts=3),
                lease=LEASE,
            ),
            **changes,
        )

    def drain(self, *, places: int = PLACES, **changes: Any) -> Drain:
        """A drain; ``changes`` are of its office."""
        return Drain(self.office(**changes), places=places)

    async def owe(
        self,
        *story_ids: str,
        to: Destination = SLACK,
        revision: int = 1,
        opened_at: datetime = NOW,
        **changes: Any,
    ) -> None:
        """Open stories one after the other, or move them on to ``revision``.

        Args:
            opened_at: when the first of them was opened.
            changes: of the deliveries.
        """
        stories = [
            story(story_id, opened_at=opened_at + timedelta(seconds=place), revision=revision)
            for place, story_id in enumerate(story_ids)
        ]
        owed = tuple(delivery(s.id, to, revision=revision, **changes) for s in stories)
        await commit_stories(self.store, *stories, owed=owed)

    async def owe_digest(self, *story_ids: str, **changes: Any) -> None:
        """Owe these as one post, now."""
        await self.owe(*story_ids, is_gathered=True, **changes)

    async def forget_subscriptions(self) -> None:
        """As where people leave, and a poll that had asked before owes them all the same."""
        async with self.store.database.writing() as connection:
            await connection.execute(text("delete from subscriptions"))

    async def state(self, story_id: str, to: Destination = SLACK) -> tuple[str, int, str]:
        """State, failed attempts and error of a delivery."""
        asked = text("select state, attempts, error from deliveries where id = :id")
        async with self.store.database.reading() as connection:
            row = (await connection.execute(asked, {"id": make_delivery_id(story_id, to)})).one()
        return row.state, row.attempts, row.error

    async def states(self) -> dict[str, list[str]]:
        """The stories of all deliveries by the state of these."""
        asked = text("select state, story_id from deliveries order by story_id")
        async with self.store.database.reading() as connection:
            rows = (await connection.execute(asked)).all()
        found: dict[str, list[str]] = {}
        for row in rows:
            found.setdefault(row.state, []).append(row.story_id)
        return found

    async def delivery(self, story_id: str, to: Destination = SLACK) -> Delivery:
        found = await self.store.find_delivery_or_none(make_delivery_id(story_id, to))
        assert found is not None
        return found
