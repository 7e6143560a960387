"""Companies that people add while the bot is polling."""

from __future__ import annotations

import pytest

from bot.app import Mirror
from bot.model import CONSOLE, Destination, Platform, Role, Subscription, Tie, TieKind, Watch
from bot.ports import StoryQuery
from tests.builders import NOW, story
from tests.contract.polls import commit_stories
from tests.pipeline.lab import CATALOGUE, NEWS, STORIES, Item, Newsroom

pytestmark = pytest.mark.asyncio(loop_scope="module")

CUTS = Item("cuts", "Orange cuts 700 jobs in Spain", "The operator said so on Monday.")
JUICE = Item("juice", "Orange juice prices jump", "Growers lost a third of the crop.")
TEAM = Destination(Platform.SLACK, "T1", "C1")
ORANGE = Watch("Orange", platform=Platform.SLACK, workspace="T1")


async def stories(room: Newsroom, *watched: str) -> list[str]:
    asked = StoryQuery(since=STORIES.since, watched=watched)
    return [story.headline for story in await room.store.find_stories(asked)]


async def test_a_watch_is_taken_up_by_the_next_poll(room: Newsroom) -> None:
    await room.store.subscribe(Subscription(TEAM), now=NOW)
    await room.go_live()
    before = await room.publish(CUTS)

    await room.store.save_watch(ORANGE, now=NOW)
    again = Item("again", "Orange opens a store in Lyon")
    after = await room.publish(again, JUICE, CUTS)

    assert (before.flagged, after.flagged) == (0, 1)
    assert await stories(room) == []
    assert await stories(room, "orange") == [again.title]
    assert [owed.destination for owed in await room.deliveries()] == [TEAM]


async def test_a_watch_that_is_removed_is_looked_for_no_more(room: Newsroom) -> None:
    await room.store.save_watch(ORANGE, now=NOW)
    await room.go_live()
    await room.store.remove_watch(Platform.SLACK, "T1", "Orange")

    report = await room.publish(CUTS)

    assert (report.new, report.flagged) == (1, 0)


async def test_news_for_everybody_stays_so_with_a_watch(room: Newsroom) -> None:
    await room.store.save_watch(ORANGE, now=NOW)
    await room.store.subscribe(Subscription(TEAM), now=NOW)
    await room.go_live()

    await room.publish(NEWS)

    assert await stories(room) == [NEWS.title]
    assert {owed.destination for owed in await room.deliveries()} == {CONSOLE, TEAM}


async def test_a_story_for_watchers_that_becomes_news_for_all_is_owed_to_all(
    room: Newsroom,
) -> None:
    maker = Watch("Fairphone", Role.MAKER, platform=Platform.SLACK, workspace="T1")
    await room.store.save_watch(maker, now=NOW)
    await room.store.subscribe(Subscription(TEAM), now=NOW)
    await room.go_live()
    first = Item("first", "Fairphone 6 goes on sale in American stores", "It has ten screws.")
    await room.publish(first)
    owed_first = {owed.destination for owed in await room.deliveries()}

    summary = "It has ten screws, and AT&T sells it."
    changed = Item("first", "Fairphone 6 goes on sale in American stores of AT&T", summary)
    await room.publish(changed)

    assert owed_first == {TEAM}
    assert {owed.destination for owed in await room.deliveries()} == {CONSOLE, TEAM}
    assert await stories(room) == [changed.title]


@pytest.mark.parametrize("kind", [TieKind.REVERSED, TieKind.MERGED])
async def test_a_tie_gives_away_no_story_that_only_others_see(
    room: Newsroom, kind: TieKind
) -> None:
    await room.store.save_watch(ORANGE, now=NOW)
    first = story("first", headline="Orange to merge shops", is_relevant=False, watched=("orange",))
    tie = Tie(kind, first.id, first.headline, first.link)
    await commit_stories(room.store, first, story("turn", tie=tie))
    told = await room.store.find_story_or_none("turn")
    assert told is not None
    mirror = Mirror(room.store, CATALOGUE)

    team = mirror.render(await mirror.view(told, TEAM))
    console = mirror.render(await mirror.view(told, CONSOLE))

    assert (team.tie, console.tie) == (tie, None)


async def test_each_workspace_reads_the_names_it_knows(room: Newsroom) -> None:
    maker = Watch("Fairphone", Role.MAKER, platform=Platform.SLACK, workspace="T1")
    await room.store.save_watch(maker, now=NOW)
    await room.go_live()
    await room.publish(Item("both", "Fairphone 6 comes to AT&T stores", "AT&T sells the phone."))
    (story,) = await room.store.find_stories(STORIES)
    mirror = Mirror(room.store, CATALOGUE)

    team = mirror.render(await mirror.view(story, TEAM))
    console = mirror.render(await mirror.view(story, CONSOLE))

    assert (team.makers, team.carriers, team.is_pair) == (("Fairphone",), ("AT&T",), True)
    assert (console.makers, console.carriers, console.is_pair) == ((), ("AT&T",), False)
