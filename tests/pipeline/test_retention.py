"""What is old is dropped, and what a feed lists is no news because its story was."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.app.keeping import Keeper
from bot.settings import Settings
from bot.settings.model import KeepSettings, StoriesSettings
from tests.builders import NOW
from tests.delivery.lab import LEASE
from tests.pipeline.lab import NEWS, NOISE, STORIES, WIRE, Newsroom

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.parametrize("is_edited", [False, True])
async def test_an_entry_listed_again_after_its_story_went_is_not_posted(
    is_edited: bool, room: Newsroom
) -> None:
    await room.go_live()
    await room.publish(NEWS)
    for owed in await room.store.lease_deliveries(room.clock(), limit=9, lease=LEASE):
        await room.store.mark_sent(
            owed.delivery.id, revision=1, message_ref="post", edits_at=room.clock()
        )
    room.clock.move(days=40)
    settings = Settings(keep=KeepSettings(stories_days=30))
    await Keeper(room.store, settings, room.clock).drop_old()
    assert await room.store.find_stories(STORIES) == ()

    again = replace(NEWS, title=f"{NEWS.title}, says AT&T") if is_edited else NEWS
    report = await room.publish(again)

    assert (report.new, report.edited, report.flagged) == (0, int(is_edited), 0)
    assert await room.store.find_stories(STORIES) == ()
    assert await room.deliveries() == []


async def test_by_default_stories_are_kept_for_ever(room: Newsroom) -> None:
    await room.go_live()
    await room.publish(NEWS)
    room.clock.move(days=4000)
    await Keeper(room.store, Settings(), room.clock).drop_old()

    (kept,) = await room.store.find_stories(replace(STORIES, since=STORIES.since - timedelta(9)))
    assert kept.headline == NEWS.title


async def test_entries_that_no_feed_lists_any_more_are_forgotten(
    room: Newsroom, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    await room.go_live(WIRE, NEWS, NOISE)
    room.clock.move(days=91)
    await room.publish(NEWS)
    await Keeper(room.store, Settings(), room.clock).drop_old()

    assert "dropped 1 entries that no feed lists any more" in caplog.messages
    assert (await room.store.load_counts(room.clock())).entries == 1  # the one of a story


@pytest.mark.parametrize(("hours", "expected"), [(84, 0), (85, 1)])
async def test_stories_that_are_quiet_for_as_long_as_was_set_are_closed(
    room: Newsroom, hours: int, expected: int
) -> None:
    await room.go_live(WIRE, NEWS, NOISE)
    since = NOW - timedelta(days=99)
    (story,) = await room.store.find_candidates(["@huawei"], since=since, per_term=9)
    room.clock.move(days=3, hours=12, seconds=1)
    settings = Settings(stories=StoriesSettings(close_after_h=hours))
    await Keeper(room.store, settings, room.clock).drop_old()

    kept = await room.store.find_candidates(["@huawei"], since=since, per_term=9)
    assert len(kept) == expected
    assert await room.store.find_story_or_none(story.id) == story  # closed, not lost
