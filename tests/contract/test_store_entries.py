"""The store's contract: entries as people ask for them. Every test runs on both engines."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.ports import FiledEntry
from bot.store import SqlStore
from tests.builders import NOW, story
from tests.contract.polls import (
    add_feed,
    commit_stories,
    edited,
    find_known,
    new_entry,
    outcome,
    written,
)

DAY = timedelta(days=1)
LINK = "https://wire.example/deal"


def titles(found: tuple[FiledEntry, ...]) -> list[str]:
    return [entry.title for entry in found]


async def test_a_story_is_found_by_its_id(store: SqlStore) -> None:
    older = story("s2", published_at=NOW - DAY)
    await commit_stories(store, story("s1"), older)

    assert await store.find_story_or_none("s2") == written(older)
    assert await store.find_story_or_none("s3") is None
    found = await store.find_stories_by_id(["s2", "s3", "s1"])
    assert found == (written(story("s1")), written(older))
    assert await store.find_stories_by_id([]) == ()


async def test_an_entry_is_told_as_it_was_filed(store: SqlStore) -> None:
    feed = await add_feed(store)
    filed = new_entry(
        "Deal off",
        entry={"link": LINK},
        seen_at=NOW + DAY,
        published_at=NOW - DAY,
        outlet="Blatt",
        story_id="s1",
        reasons=("Huawei in the title", "因为"),
        filed="opened this story",
    )
    await store.commit_poll(outcome(feed, filed, stories=(story(),)))

    (found,) = await store.find_entries_of("s1", limit=5)

    assert replace(found, id=0) == FiledEntry(
        id=0,
        outlet="Blatt",
        title="Deal off",
        link=LINK,
        seen_at=NOW + DAY,
        published_at=NOW - DAY,
        story_id="s1",
        reasons=("Huawei in the title", "因为"),
        filed="opened this story",
    )


async def test_entries_of_a_story_come_in_the_order_they_were_filed(store: SqlStore) -> None:
    feed = await add_feed(store)
    names = [f"Report {number}" for number in (3, 1, 2)]
    await store.commit_poll(
        outcome(feed, *(new_entry(n, story_id="s1") for n in names), new_entry("Other"))
    )

    assert titles(await store.find_entries_of("s1", limit=9)) == names
    assert titles(await store.find_entries_of("s1", limit=2)) == names[:2]
    assert await store.find_entries_of("", limit=9) == ()


@pytest.mark.parametrize(
    "asked",
    [LINK, "http://wire.example/deal", "https://WIRE.example:443/deal?utm_source=x#xtor=1"],
)
async def test_an_entry_is_found_by_its_link_however_it_is_written(
    store: SqlStore, asked: str
) -> None:
    feed, other = await add_feed(store), await add_feed(store, "https://other.example/rss")
    first = new_entry("First", entry={"link": f"{LINK}?utm_campaign=rss"}, story_id="s1")
    second = new_entry("Second", entry={"link": LINK})
    third = new_entry("Third", entry={"link": f"{LINK}/more"})
    for source, entry in ((feed, first), (other, second), (other, third)):
        await store.commit_poll(outcome(source, entry))

    assert titles(await store.find_entries_at(asked, limit=9)) == ["Second", "First"]
    assert titles(await store.find_entries_at(asked, limit=1)) == ["Second"]


@pytest.mark.parametrize("asked", ["", "http://[", "nothing", "https://wire.example/\0"])
async def test_what_is_nobodys_link_finds_nothing(store: SqlStore, asked: str) -> None:
    feed = await add_feed(store)
    await store.commit_poll(outcome(feed, new_entry("No link", entry={"link": None})))

    assert await store.find_entries_at(asked, limit=9) == ()


async def test_entries_are_found_by_words_of_their_title(store: SqlStore) -> None:
    feed = await add_feed(store)
    ours = [new_entry(t, story_id="s1") for t in ("Huawei meets AT&T", "AT&T leaves HUAWEI")]
    others = [new_entry(t) for t in ("Huawei opera", "100% honour", "华为手机与运营商")]
    await store.commit_poll(outcome(feed, *ours, *others))

    async def find(*words: str, in_story: bool = False, limit: int = 9) -> list[str]:
        return titles(await store.find_entries_saying(words, in_story=in_story, limit=limit))

    assert await find("huawei", "at&t", in_story=True) == [
        "AT&T leaves HUAWEI",
        "Huawei meets AT&T",
    ]
    assert await find("huawei", in_story=True, limit=1) == ["AT&T leaves HUAWEI"]
    assert await find("HUAWEI") == ["Huawei opera"]
    assert await find("手机", "华为") == ["华为手机与运营商"]
    assert await find("0%") == ["100% honour"]
    assert await find("1_0") == await find("nul\0") == await find("\ud83d") == await find() == []


async def test_reasons_follow_an_edit(store: SqlStore) -> None:
    feed = await add_feed(store)
    before = new_entry(
        "Deal", entry={"link": LINK}, story_id="s1", reasons=("old",), filed="opened"
    )
    noise = new_entry("Breaking", reasons=())
    await store.commit_poll(outcome(feed, before, noise, stories=(story(),)))
    deal, breaking = await find_known(store, feed, "Deal", "Breaking")

    stays = replace(edited(deal, "Deal is off", link=f"{LINK}-off"), reasons=("new",))
    joins = replace(
        edited(breaking, "Breaking: deal off"), story_id="s1", reasons=("named",), filed="joined"
    )
    await store.commit_poll(outcome(feed, edited=(stays, joins)))

    found = await store.find_entries_of("s1", limit=9)
    assert [(e.title, e.reasons, e.filed, e.revision) for e in found] == [
        ("Deal is off", ("new",), "opened", 2),
        ("Breaking: deal off", ("named",), "joined", 2),
    ]
    assert await store.find_entries_at(LINK, limit=9) == ()
    assert titles(await store.find_entries_at(f"{LINK}-off", limit=9)) == ["Deal is off"]
