"""The store's contract: polls. Every test runs on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import Select, select
from sqlalchemy.exc import IntegrityError

from bot.model import CONSOLE, Subscription, Validators
from bot.ports import StoryQuery
from bot.store import SqlStore
from bot.store.schema import MAX_EDITS, entries, entry_edits
from tests.builders import NOW, delivery, story
from tests.contract.polls import add_feed, edited, find_known, new_entry, outcome

DAY = timedelta(days=1)
STORIES = StoryQuery(since=NOW - DAY)


@pytest.fixture(autouse=True)
async def subscribed(store: SqlStore) -> None:
    await store.subscribe(Subscription(CONSOLE), now=NOW)


async def read(store: SqlStore, wanted: Select[Any]) -> list[Any]:
    async with store.database.reading() as connection:
        return list((await connection.execute(wanted)).all())


async def test_a_poll_is_read_back_as_it_was_written(store: SqlStore) -> None:
    feed = await add_feed(store)
    polled = replace(
        feed,
        next_due_at=NOW + timedelta(seconds=900.25),
        interval_s=900.25,
        validators=Validators('W/"1"', "Tue, 09 Jan 2018 08:30:00 GMT"),
        body_hash="ab" * 32,
        first_poll_done=True,
        polled_at=NOW + timedelta(microseconds=1),
        changed_at=NOW,
        fetched_whole_at=NOW - DAY,
        failures=2,
        error="wire.example: 503",
        moved_to="https://wire.example/new",
        moved_since=NOW - 3 * DAY,
    )

    await store.commit_poll(outcome(polled))

    assert await store.find_feeds() == (polled,)


async def test_any_key_of_an_entry_finds_it(store: SqlStore) -> None:
    feed = await add_feed(store)
    keys = ("guid:1", "link:https://wire.example/1")
    new = new_entry("One", entry={"keys": keys}, published_at=NOW - DAY, story_id="")
    await store.commit_poll(outcome(feed, new))

    known = await store.find_known(feed.id, [*keys, "guid:other"])

    assert set(known) == set(keys)
    (one,) = set(known.values())
    assert (one.text_hash, one.published_at, one.listed_at) == (new.text_hash, NOW - DAY, NOW)


async def test_keys_belong_to_their_feed(store: SqlStore) -> None:
    feed, other = await add_feed(store), await add_feed(store, "https://other.example/rss")
    await store.commit_poll(outcome(feed, new_entry("One")))

    assert await find_known(store, other, "One") == []


async def test_the_same_outcome_twice_is_as_good_as_once(store: SqlStore) -> None:
    feed = await add_feed(store)
    await store.commit_poll(outcome(feed, new_entry("Old")))
    (old,) = await find_known(store, feed, "Old")
    twice = outcome(
        feed,
        new_entry("One", story_id="s1"),
        new_entry("Two"),
        edited=(edited(old, "Old, corrected"),),
        stories=(story(),),
        deliveries=(delivery(),),
    )

    await store.commit_poll(twice)
    once = await store.load_counts(NOW), await store.find_stories(STORIES)
    await store.commit_poll(twice)

    assert (await store.load_counts(NOW), await store.find_stories(STORIES)) == once
    assert (once[0].entries, once[0].edits, once[0].stories) == (3, 1, 1)


async def test_an_entry_is_known_though_only_one_of_its_keys_is(store: SqlStore) -> None:
    feed = await add_feed(store)
    await store.commit_poll(outcome(feed, new_entry("A", entry={"keys": ("guid:1", "link:1")})))
    await store.commit_poll(outcome(feed, new_entry("B", entry={"keys": ("guid:2", "link:1")})))

    assert [row.title for row in await read(store, select(entries.c.title))] == ["A"]


async def test_two_new_entries_may_share_a_key_and_the_first_keeps_it(store: SqlStore) -> None:
    feed = await add_feed(store)
    first = new_entry("A", entry={"keys": ("guid:1", "link:1")})
    second = new_entry("B", entry={"keys": ("guid:2", "link:1")})
    await store.commit_poll(outcome(feed, first, second))

    known = await store.find_known(feed.id, ["guid:1", "link:1", "guid:2"])

    assert known["link:1"] == known["guid:1"] != known["guid:2"]


async def test_an_outcome_that_breaks_a_rule_leaves_nothing(store: SqlStore) -> None:
    feed = await add_feed(store)
    broken = outcome(
        replace(feed, validators=Validators("etag of a poll that never was")),
        new_entry("One", story_id="s1"),
        stories=(story(),),
        deliveries=(delivery(), delivery("a story that is not there")),
    )

    with pytest.raises(IntegrityError):
        await store.commit_poll(broken)

    counts = await store.load_counts(NOW)
    assert (counts.entries, counts.stories, sum(counts.deliveries.values())) == (0, 0, 0)
    assert await store.find_feeds() == (feed,)


async def test_a_poll_of_a_feed_that_is_not_there_is_refused(store: SqlStore) -> None:
    feed = await add_feed(store)

    with pytest.raises(LookupError, match=r"wire\.example/rss: .* id 77"):
        await store.commit_poll(outcome(replace(feed, id=77), new_entry("One")))

    assert (await store.load_counts(NOW)).entries == 0


async def test_the_store_works_on_after_a_poll_that_failed(store: SqlStore) -> None:
    feed = await add_feed(store)
    with pytest.raises(IntegrityError):
        await store.commit_poll(outcome(feed, deliveries=(delivery("nothing"),)))

    await store.commit_poll(outcome(feed, new_entry("One")))

    assert len(await find_known(store, feed, "One")) == 1


async def test_an_edit_replaces_the_text_and_keeps_the_old_one(store: SqlStore) -> None:
    feed = await add_feed(store)
    await store.commit_poll(outcome(feed, new_entry("Deal near")))
    (known,) = await find_known(store, feed, "Deal near")

    await store.commit_poll(outcome(feed, at=NOW + DAY, edited=(edited(known, "Deal off"),)))

    (kept,) = await read(store, select(entry_edits))
    assert (kept.entry_id, kept.title, kept.replaced_at) == (known.id, "Deal near", NOW + DAY)
    (now_known,) = await find_known(store, feed, "Deal off")
    assert (now_known.id, now_known.listed_at) == (known.id, NOW + DAY)
    assert now_known.text_hash != known.text_hash
    assert (await find_known(store, feed, "Deal near"))[0].id == known.id


async def test_an_edit_of_the_date_alone_keeps_no_text(store: SqlStore) -> None:
    feed = await add_feed(store)
    await store.commit_poll(outcome(feed, new_entry("Deal")))
    (known,) = await find_known(store, feed, "Deal")
    moved = replace(edited(known, "Deal"), is_text_changed=False, published_at=NOW - DAY)

    await store.commit_poll(outcome(feed, edited=(moved,)))

    assert (await find_known(store, feed, "Deal"))[0].published_at == NOW - DAY
    assert (await store.load_counts(NOW)).edits == 0


async def test_edits_are_kept_up_to_a_bound_the_newest_ones(store: SqlStore) -> None:
    feed = await add_feed(store)
    await store.commit_poll(outcome(feed, new_entry("Text 0"), new_entry("Other 0")))
    known, other = await find_known(store, feed, "Text 0", "Other 0")

    for number in range(1, MAX_EDITS + 4):
        change = [edited(known, f"Text {number}")]
        if number <= 2:
            change.append(edited(other, f"Other {number}"))
        await store.commit_poll(outcome(feed, edited=tuple(change)))

    kept = await read(store, select(entry_edits).order_by(entry_edits.c.revision))
    texts = [row.title for row in kept if row.entry_id == known.id]
    assert texts == [f"Text {number}" for number in range(3, MAX_EDITS + 3)]
    assert [r.title for r in kept if r.entry_id == other.id] == ["Other 0", "Other 1"]


async def test_an_edit_of_an_entry_forgotten_meanwhile_does_no_harm(store: SqlStore) -> None:
    feed = await add_feed(store)
    await store.commit_poll(outcome(feed, new_entry("Gone"), new_entry("There")))
    gone, there = await find_known(store, feed, "Gone", "There")
    await store.commit_poll(outcome(feed, at=NOW + DAY, listed=(there.id,)))
    assert await store.forget_entries(NOW + DAY) == 1

    await store.commit_poll(outcome(feed, edited=(edited(gone, "A"), edited(there, "B"))))
    await store.commit_poll(outcome(feed, edited=(edited(gone, "A"),)))

    assert [row.title for row in await read(store, select(entries.c.title))] == ["B"]
    assert await find_known(store, feed, "A", "Gone") == []


async def test_polls_that_change_the_same_stories_do_not_lock_each_other_out(
    store: SqlStore,
) -> None:
    feeds = [await add_feed(store, f"https://{n}.example/rss") for n in range(8)]
    opened = [story(f"s{number:02}") for number in range(30)]

    async def poll_at_once(**ways: Any) -> None:
        """Half the feeds bring it in one order, half in the other."""
        polls = [replace(outcome(f), **dict(ways)) for f in feeds[::2]]
        polls += [replace(outcome(f), **{n: w[::-1] for n, w in ways.items()}) for f in feeds[1::2]]
        await asyncio.gather(*map(store.commit_poll, polls))

    for revision in range(1, 6):
        changed = tuple(replace(s, revision=revision, version=revision - 1) for s in opened)
        owed = tuple(delivery(s.id, revision=revision) for s in opened)
        await poll_at_once(stories=changed)
        await poll_at_once(deliveries=owed)

    found = await store.find_stories(replace(STORIES, limit=99))
    assert {(s.revision, s.version, len(s.coverage)) for s in found} == {(5, 5, 1)}


async def test_listed_entries_are_marked(store: SqlStore) -> None:
    feed = await add_feed(store)
    await store.commit_poll(outcome(feed, new_entry("One"), new_entry("Two")))
    one, two = await find_known(store, feed, "One", "Two")

    await store.commit_poll(outcome(feed, at=NOW + DAY, listed=(one.id,)))

    assert await find_known(store, feed, "One", "Two") == [replace(one, listed_at=NOW + DAY), two]


async def test_the_body_is_kept_only_for_entries_of_a_story(store: SqlStore) -> None:
    feed = await add_feed(store)
    ours = new_entry("Ours", entry={"body": "Long text."}, story_id="s1", reasons=("a pair",))
    other = new_entry("Other", entry={"body": "Long text."})
    await store.commit_poll(outcome(feed, ours, other, stories=(story(),)))
    known = await find_known(store, feed, "Ours", "Other")
    assert [k.story_id for k in known] == ["s1", ""]

    changed = tuple(edited(k, t, body="New text.") for k, t in zip(known, "AB", strict=True))
    bodies = select(entries.c.body, entries.c.reasons).order_by(entries.c.id)
    before = await read(store, bodies)
    await store.commit_poll(outcome(feed, edited=changed))

    assert [tuple(row) for row in before] == [("Long text.", ("a pair",)), ("", ())]
    assert [row.body for row in await read(store, bodies)] == ["New text.", ""]


async def test_an_edit_may_bring_an_entry_into_a_story(store: SqlStore) -> None:
    feed = await add_feed(store)
    await store.commit_poll(outcome(feed, new_entry("Breaking")))
    (known,) = await find_known(store, feed, "Breaking")

    news = replace(edited(known, "Breaking", body="Long text."), story_id="s1")
    await store.commit_poll(outcome(feed, edited=(news,), stories=(story(),)))

    (after,) = await find_known(store, feed, "Breaking")
    assert after.story_id == "s1"
    assert [row.body for row in await read(store, select(entries.c.body))] == ["Long text."]


async def test_a_thousand_entries_fit_into_one_poll(store: SqlStore) -> None:
    feed = await add_feed(store)
    titles = [f"Entry {number}" for number in range(1_000)]
    new = [
        new_entry(t, entry={"keys": (f"guid:{t.lower().replace(' ', '-')}", f"link:{t}")})
        for t in titles
    ]

    await store.commit_poll(outcome(feed, *new))

    known = await find_known(store, feed, *titles)
    assert [k.text_hash for k in known] == [n.text_hash for n in new]  # each by its own key
    await store.commit_poll(outcome(feed, at=NOW + DAY, listed=tuple(k.id for k in known)))
    assert {k.listed_at for k in await find_known(store, feed, *titles)} == {NOW + DAY}


@pytest.mark.parametrize(
    ("written", "read_back"),
    [
        ("华为与AT&T的合作告吹 📱 – «naïve» \N{RIGHT-TO-LEFT MARK}", None),
        ("nul \0 within", "nul \N{REPLACEMENT CHARACTER} within"),
        ("lone \ud83d surrogate", "lone ? surrogate"),
    ],
)
async def test_any_text_of_strangers_can_be_kept(
    store: SqlStore, written: str, read_back: str | None
) -> None:
    feed = await add_feed(store)
    keys = (f"guid:{written}",)
    ours = story(headline=written, reasons=(written,), words=(written,))
    new = new_entry(written, entry={"keys": keys}, story_id="s1")
    broken = replace(feed, error=written, validators=Validators(written, written))

    await store.commit_poll(outcome(broken, new, stories=(ours,)))

    expected = read_back or written
    (row,) = await read(store, select(entries.c.title))
    (found,) = await store.find_stories(STORIES)
    (known_feed,) = await store.find_feeds()
    assert (row.title, found.headline, known_feed.error) == (expected,) * 3
    assert (found.reasons, found.words) == ((written,), (written,))
    assert set(await store.find_known(feed.id, keys)) == set(keys)


async def test_a_key_may_be_longer_than_an_index_row(store: SqlStore) -> None:
    feed = await add_feed(store)
    keys = ("guid:" + "x" * 100_000, "guid:" + "x" * 99_999)
    await store.commit_poll(outcome(feed, new_entry("One", entry={"keys": keys[:1]})))

    assert set(await store.find_known(feed.id, keys)) == {keys[0]}


async def test_moments_come_back_in_utc_and_naive_ones_are_refused(store: SqlStore) -> None:
    feed = await add_feed(store)
    berlin = timezone(timedelta(hours=1))
    await store.commit_poll(outcome(replace(feed, next_due_at=NOW.astimezone(berlin))))
    (found,) = await store.find_feeds()
    assert found.next_due_at.isoformat() == NOW.isoformat()

    with pytest.raises(Exception, match="has none"):
        await store.commit_poll(outcome(replace(feed, next_due_at=datetime(2018, 1, 9))))  # noqa: DTZ001 - on purpose


async def test_entries_long_unlisted_are_forgotten_unless_in_a_story(store: SqlStore) -> None:
    feed = await add_feed(store)
    old = [new_entry(f"Old {n}") for n in range(3)]
    ours = new_entry("Ours", story_id="s1")
    await store.commit_poll(outcome(feed, *old, ours, stories=(story(),)))
    listed, changed, _ = await find_known(store, feed, "Old 0", "Old 1", "Old 2")
    await store.commit_poll(
        outcome(feed, at=NOW + DAY, listed=(listed.id,), edited=(edited(changed, "Old, new"),))
    )

    assert await store.forget_entries(NOW + DAY) == 1
    assert await find_known(store, feed, "Old 0", "Old 1", "Old 2", "Ours") == [
        replace(listed, listed_at=NOW + DAY),
        *await find_known(store, feed, "Old, new", "Ours"),
    ]
    assert await store.forget_entries(NOW + DAY * 2) == 2

    counts = await store.load_counts(NOW)
    assert (counts.entries, counts.edits) == (1, 0)
    await store.commit_poll(outcome(feed, *old))  # their keys are free again
    assert (await store.load_counts(NOW)).entries == 4
