"""What a poll may have decided, for the store's contract."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.model import Coverage, Delivery, Feed, FeedOrigin, FeedSpec, Story, Subscription
from bot.ports import EditedEntry, KnownEntry, NewEntry, PollOutcome, Store
from tests.builders import NOW, entry


def text_hash(*texts: str) -> str:
    """Some hash of what people read."""
    return hashlib.sha256("\n".join(texts).encode(errors="replace")).hexdigest()


def new_entry(title: str, **changes: Any) -> NewEntry:
    """An entry seen for the first time; ``story_id`` and the like may be given."""
    made = entry(title, **changes.pop("entry", {}))
    defaults: dict[str, Any] = {"seen_at": NOW, "published_at": NOW, "outlet": "Example Wire"}
    return NewEntry(made, text_hash(made.title, made.summary), **(defaults | changes))


def edited(known: KnownEntry, title: str, **changes: Any) -> EditedEntry:
    """The known entry with another title and the keys of its new one."""
    made = entry(title, **changes)
    digest = text_hash(made.title, made.summary)
    return EditedEntry(known.id, made, digest, NOW, NOW, True, known.story_id)


def outcome(feed: Feed, *new: NewEntry, at: datetime = NOW, **changes: Any) -> PollOutcome:
    """A poll of ``feed`` at ``at`` that brought ``new``."""
    return PollOutcome(feed=feed, at=at, new=new, **changes)


async def add_feed(store: Store, url: str = "https://wire.example/rss", **changes: Any) -> Feed:
    """Have the store poll ``url``, due now."""
    feed, _ = await store.add_feed(FeedSpec(url, **changes), origin=FeedOrigin.ADDED, now=NOW)
    return feed


async def commit_stories(
    store: Store,
    *stories: Story,
    owed: tuple[Delivery, ...] = (),
    to_strangers: bool = False,
    **changes: Any,
) -> None:
    """One poll that opened or changed ``stories`` and owes ``owed``.

    A destination that is not subscribed is so from here on, unless ``to_strangers``.
    """
    feed = await add_feed(store)
    if not to_strangers:
        await subscribe_all(store, owed)
    read = await as_read(store, *stories)
    await store.commit_poll(outcome(feed, stories=read, deliveries=owed, **changes))


async def subscribe_all(store: Store, owed: Iterable[Delivery]) -> None:
    """Have every destination of ``owed`` subscribed; those that are stay as they are."""
    for place in dict.fromkeys(one.destination for one in owed):
        if await store.find_subscription_or_none(place) is None:
            await store.subscribe(Subscription(place), now=NOW)


async def as_read(store: Store, *stories: Story) -> tuple[Story, ...]:
    """``stories`` as they are when somebody reads them now and changes them to be so."""
    found = await store.find_stories_by_id([story.id for story in stories])
    versions = {story.id: story.version for story in found}
    return tuple(replace(story, version=versions.get(story.id, 0)) for story in stories)


def written(story: Story, *, times: int = 1) -> Story:
    """``story`` as it is read after it was written."""
    return replace(story, version=times)


async def find_known(store: Store, feed: Feed, *titles: str) -> list[KnownEntry]:
    """The entries with ``titles`` that the store knows."""
    keys = [key for title in titles for key in entry(title).keys]
    known = await store.find_known(feed.id, keys)
    return [known[key] for key in keys if key in known]


def reports(*outlets: str) -> tuple[Coverage, ...]:
    """A report by each of ``outlets``, in order."""
    return tuple(
        Coverage(outlet, f"{outlet} reports", None, 1, f"guid:{outlet}", NOW, NOW)
        for outlet in outlets
    )
