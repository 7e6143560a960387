"""The store's contract: companies that people watch. Every test runs on both engines."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

from bot.model import Platform, Role, Watch
from bot.ports import StoryQuery
from bot.store import SqlStore, open_store
from bot.store.watches import ASKED_EVERY_S
from tests.builders import NOW, story
from tests.contract.polls import commit_stories

ORANGE = Watch(
    "Orange",
    role=Role.CARRIER,
    aliases=("Orange Polska", "橙"),
    needs=("operator",),
    unless=("juice", "county"),
    exact_case=True,
    is_alone=True,
    platform=Platform.SLACK,
    workspace="T1",
)
FAIRPHONE = Watch("Fairphone")


async def test_a_watch_comes_back_as_it_was_saved(store: SqlStore) -> None:
    await store.save_watch(ORANGE, now=NOW)
    await store.save_watch(FAIRPHONE, now=NOW)

    assert await store.find_watches() == (ORANGE, FAIRPHONE)


async def test_a_watch_of_the_same_name_takes_the_place_of_the_first(store: SqlStore) -> None:
    changed = replace(ORANGE, name="ORANGE", needs=(), exact_case=None, is_alone=False)
    elsewhere = replace(ORANGE, workspace="T2")
    await store.save_watch(ORANGE, now=NOW)
    await store.save_watch(elsewhere, now=NOW)

    await store.save_watch(changed, now=NOW + timedelta(hours=1))

    assert await store.find_watches() == (changed, elsewhere)


async def test_a_removed_watch_is_gone_for_its_workspace_only(store: SqlStore) -> None:
    elsewhere = replace(ORANGE, workspace="T2")
    await store.save_watch(ORANGE, now=NOW)
    await store.save_watch(elsewhere, now=NOW)

    assert await store.remove_watch(Platform.SLACK, "T1", "orange")
    assert not await store.remove_watch(Platform.SLACK, "T1", "orange")
    assert not await store.remove_watch(Platform.CONSOLE, "", "orange")
    assert await store.find_watches() == (elsewhere,)


async def test_every_change_is_a_new_revision_and_nothing_else_is(store: SqlStore) -> None:
    revisions = [await store.watches_revision()]
    await store.save_watch(FAIRPHONE, now=NOW)
    revisions.append(await store.watches_revision())
    await store.save_watch(replace(FAIRPHONE, aliases=("FP",)), now=NOW)
    revisions.append(await store.watches_revision())
    await store.remove_watch(Platform.CONSOLE, "", "Fairphone")
    revisions.append(await store.watches_revision())
    await store.remove_watch(Platform.CONSOLE, "", "Fairphone")
    await store.record_beat(NOW)

    assert revisions == [0, 1, 2, 3]
    assert await store.watches_revision() == 3


async def test_what_another_process_changes_is_known_a_moment_later(
    store: SqlStore, database_url: str
) -> None:
    async with await open_store(database_url) as other:
        before = await other.watches_revision()
        await store.save_watch(FAIRPHONE, now=NOW)
        await asyncio.sleep(ASKED_EVERY_S)

        assert (before, await other.watches_revision()) == (0, 1)


async def test_stories_go_with_a_watch_that_gets_another_id(store: SqlStore) -> None:
    told = story(others=("other", "orange"), watched=("orange",), is_relevant=False)
    await commit_stories(store, told, story("s2", others=("orange", "orange-2")))

    await store.save_watch(ORANGE, now=NOW, renamed=("orange", "orange-2"))

    asked = StoryQuery(since=NOW - timedelta(days=1), watched=("orange-2",))
    first, second = await store.find_stories(asked)
    assert (first.others, first.watched) == (
        ("other", "orange", "orange-2"),
        ("orange", "orange-2"),
    )
    assert second.others == ("orange", "orange-2")
