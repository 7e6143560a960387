"""What an operator said of stories stands, whatever feeds do afterwards or meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from bot.errors import StoriesMoved
from bot.fetching import HttpFetcher
from bot.model import Platform, Posts, RepairOutcome, Subscription
from bot.pipeline.repairs import DECIDED_AT_MOST, Repaired, Repairer
from bot.store import SqlStore
from tests.builders import NOW
from tests.delivery.senders import KeepingSender
from tests.fetching.lab import limits
from tests.pipeline.lab import CATALOGUE, ECHO, NEWS, STORIES, Item, Newsroom, make_poller
from tests.pipeline.operators import (
    MIX,
    MIX_AGAIN,
    MIX_EDITED,
    NEWS_EDITED,
    POST,
    TAG,
    Operator,
    open_two,
    restarted,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture
def operator(room: Newsroom) -> Operator:
    return Operator(room, KeepingSender(Platform.CONSOLE))


async def test_a_merge_stands_after_a_restart_and_whatever_feeds_do(operator: Operator) -> None:
    kept, merged = await open_two(operator)
    await operator.merge(kept, merged)
    await operator.post()

    async with restarted(operator.room) as room:
        again = Operator(room, operator.sender)
        room.clock.move(days=1)
        await room.poll(POST)
        await room.publish(NEWS)
        assert await again.post() == []

        await room.publish(MIX_EDITED, path=POST)
        await room.publish(NEWS_EDITED)
        await room.publish(MIX_AGAIN, NEWS_EDITED)

        told = await again.story(holding=NEWS_EDITED.title)
        assert (told.id, told.headline) == (kept.id, NEWS_EDITED.title)
        titles = [NEWS_EDITED.title, ECHO.title, MIX_EDITED.title, MIX_AGAIN.title]
        assert await again.titles_of(told) == titles
        assert [each.title for each in told.coverage] == titles[:3]
        assert len(await room.store.find_stories(STORIES)) == 1
        pointer = await room.store.find_story_or_none(merged.id)
        assert pointer is not None
        assert (pointer.is_merged, pointer.headline) == (True, MIX.title)
        assert {(how, message.story_id) for how, message in await again.post()} == {
            ("edit", kept.id)
        }


async def test_a_split_stands_after_a_restart_and_whatever_feeds_do(operator: Operator) -> None:
    story, _ = await open_two(operator)
    done = await operator.split(story, "Tagesblatt")
    await operator.post()
    new_id = done.repair.other.id

    async with restarted(operator.room) as room:
        again = Operator(room, operator.sender)
        room.clock.move(days=1)
        await room.poll(TAG)
        await room.publish(NEWS)
        assert await again.post() == []

        moved = replace(ECHO, title="AT&T walks away from a plan to sell Huawei phones")
        await room.publish(moved, path=TAG)
        (how, edit) = (await again.post())[0]
        assert (how, edit.story_id, edit.headline) == ("edit", new_id, moved.title)

        await room.publish(NEWS_EDITED)
        (how, edit) = (await again.post())[0]
        assert (how, edit.story_id, edit.headline) == ("edit", story.id, NEWS_EDITED.title)

        alike = Item("alike", NEWS.title, NEWS.summary)
        await room.publish(alike, NEWS_EDITED)
        joined = await again.story(holding=alike.title)
        assert joined.id in {story.id, new_id}
        first, second = (
            await again.story(holding=NEWS_EDITED.title),
            await again.story(holding=moved.title),
        )
        assert {first.id, second.id} == {story.id, new_id}


async def test_a_story_given_back_takes_further_reports(operator: Operator) -> None:
    kept, merged = await open_two(operator)
    await operator.merge(kept, merged)
    await operator.split(kept, await operator.number_of(MIX.title))

    await operator.room.publish(MIX_AGAIN, path=TAG)

    joined = await operator.story(holding=MIX_AGAIN.title)
    assert joined.id == merged.id
    assert [each.outlet for each in joined.also_covered_by] == ["Tagesblatt"]


async def test_an_edit_that_comes_while_stories_are_repaired_goes_where_they_went(
    operator: Operator,
) -> None:
    """The poll has read which story its entry is in; then the operator moves it."""
    kept, merged = await open_two(operator)
    repairs: list[Repaired | None] = []

    class Interrupted(SqlStore):
        """Lets the operator in once, between the poll's reading and its decision."""

        async def find_subscriptions(
            self, platform: Platform | None = None, workspace: str | None = None
        ) -> tuple[Subscription, ...]:
            if not repairs:
                repairs.append(None)
                repairs.append(await operator.merge(kept, merged))
            return await super().find_subscriptions(platform, workspace)

    room = operator.room
    async with HttpFetcher(limits(), clock=room.clock) as fetcher:
        poller = make_poller(Interrupted(room.store.database), fetcher, room.parser, room.clock)
        later = Newsroom(room.store, room.server, fetcher, room.parser, poller, room.clock)
        await later.publish(MIX_EDITED, path=POST)

    assert len(repairs) == 2
    told = await operator.story(holding=MIX_EDITED.title)
    assert told.id == kept.id
    assert MIX_EDITED.title in [each.title for each in told.coverage]


async def test_a_repair_is_decided_anew_where_a_poll_came_between(operator: Operator) -> None:
    kept, merged = await open_two(operator)
    tries = []

    class Busy(SqlStore):
        """A poll writes to the story each time somebody is about to repair it."""

        async def commit_repair(self, outcome: RepairOutcome) -> Mapping[str, Posts]:
            tries.append(outcome)
            if len(tries) < polls:
                busy = replace(MIX, title=f"{MIX.title}, try {len(tries)} of {polls}")
                await operator.room.publish(busy, path=POST)
            return await super().commit_repair(outcome)

    repairer = Repairer(Busy(operator.room.store.database), CATALOGUE, by="the operator")
    polls = 3
    await repairer.merge(kept.id, merged.id, now=NOW)
    assert len(tries) == 3
    assert (await operator.story(holding=NEWS.title)).id == kept.id

    tries.clear()
    polls = 100
    number = await operator.number_of(MIX.title)
    with pytest.raises(StoriesMoved, match="Try again"):
        await repairer.split(kept.id, [number], now=NOW)
    assert len(tries) == DECIDED_AT_MOST
