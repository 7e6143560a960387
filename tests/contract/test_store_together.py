"""The store's contract: polls that ask and commit at the same time. On both engines."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.errors import StoriesMoved
from bot.model import CONSOLE, Feed, FeedOrigin, FeedSpec, Subscription, Validators
from bot.ports import PollOutcome
from bot.store import SqlStore
from tests.builders import NOW, delivery, entry, story
from tests.contract.polls import (
    add_feed,
    as_read,
    commit_stories,
    edited,
    find_known,
    new_entry,
    outcome,
)

HOUR = timedelta(hours=1)


async def add_feeds(store: SqlStore, count: int) -> list[Feed]:
    return [await add_feed(store, f"https://{n}.example/rss") for n in range(count)]


async def commit_all(store: SqlStore, *outcomes: PollOutcome) -> list[BaseException | None]:
    """Commit at once; what each call raised."""
    return await asyncio.gather(*map(store.commit_poll, outcomes), return_exceptions=True)


async def tags(store: SqlStore) -> list[str | None]:
    """The ETags of all feeds, by id."""
    feeds = sorted(await store.find_feeds(), key=lambda feed: feed.id)
    return [feed.validators.etag for feed in feeds]


def tagged(feed: Feed, tag: str) -> Feed:
    return replace(feed, validators=Validators(tag))


async def test_each_feed_is_as_its_own_poll_left_it(store: SqlStore) -> None:
    feeds = await add_feeds(store, 12)

    await commit_all(
        store,
        *(
            outcome(
                tagged(feed, f"v{feed.id}"),
                new_entry("Shared"),
                *(new_entry(f"{feed.id}: {n}") for n in range(feed.id % 4)),
            )
            for feed in reversed(feeds)
        ),
    )

    assert await tags(store) == [f"v{feed.id}" for feed in feeds]
    for feed in feeds:
        titles = ["Shared", *(f"{feed.id}: {n}" for n in range(feed.id % 4))]
        known = await find_known(store, feed, *titles)
        assert [one.text_hash for one in known] == [new_entry(t).text_hash for t in titles]
        assert len({one.id for one in known}) == len(titles)


async def test_of_many_that_add_one_feed_at_once_one_adds_it(store: SqlStore) -> None:
    spec = FeedSpec("https://new.example/rss")

    added = await asyncio.gather(
        *(store.add_feed(spec, origin=FeedOrigin.ADDED, now=NOW) for _ in range(4))
    )

    assert sorted(is_new for _, is_new in added) == [False, False, False, True]
    assert len({feed.id for feed, _ in added}) == 1


async def test_each_is_told_what_its_own_feed_knows(store: SqlStore) -> None:
    feeds = await add_feeds(store, 8)
    await commit_all(store, *(outcome(feed, new_entry(f"Of {feed.id}")) for feed in feeds))
    keys = [key for feed in feeds for key in entry(f"Of {feed.id}").keys]

    found = await asyncio.gather(*(store.find_known(feed.id, keys) for feed in feeds))

    assert [set(known) for known in found] == [set(entry(f"Of {f.id}").keys) for f in feeds]
    assert await store.find_known(feeds[0].id, []) == {}


async def test_an_outcome_that_cannot_be_written_takes_no_other_with_it(store: SqlStore) -> None:
    feeds = await add_feeds(store, 6)
    outcomes = [outcome(tagged(feed, "new"), new_entry("One")) for feed in feeds]
    outcomes[2] = replace(outcomes[2], feed=replace(feeds[2], id=999))
    outcomes[4] = replace(outcomes[4], deliveries=(delivery("no such story"),))
    await store.subscribe(Subscription(CONSOLE), now=NOW)

    errors = await commit_all(store, *outcomes)

    assert isinstance(errors[2], LookupError)
    assert "999" in str(errors[2])
    assert [type(error).__name__ for error in errors] == [
        *("NoneType", "NoneType", "LookupError", "NoneType", "IntegrityError", "NoneType")
    ]
    assert await tags(store) == ["new", "new", None, "new", None, "new"]
    assert (await store.load_counts(NOW)).entries == 4


async def test_a_feed_that_is_gone_is_missed_among_many(store: SqlStore) -> None:
    feeds = await add_feeds(store, 3)
    outcomes = [outcome(tagged(feed, "new")) for feed in feeds]
    outcomes[1] = replace(outcomes[1], feed=replace(feeds[1], id=999))

    errors = await commit_all(store, *outcomes)

    assert [type(error) for error in errors] == [type(None), LookupError, type(None)]
    assert await tags(store) == ["new", None, "new"]


async def test_of_two_that_write_one_story_the_second_decides_anew(store: SqlStore) -> None:
    await commit_stories(store, story("s1"))
    feeds = await add_feeds(store, 5)
    (read,) = await as_read(store, story("s1"))
    joined = [replace(read, headline=f"As {n} has it", revision=2) for n in (1, 3)]

    errors = await commit_all(
        store,
        outcome(tagged(feeds[0], "new")),
        outcome(tagged(feeds[1], "new"), stories=(joined[0],)),
        outcome(tagged(feeds[2], "new")),
        outcome(tagged(feeds[3], "new"), new_entry("Lost"), stories=(joined[1],)),
        outcome(tagged(feeds[4], "new")),
    )

    assert [type(error) for error in errors] == [*[type(None)] * 3, StoriesMoved, type(None)]
    (found,) = await store.find_stories_by_id(["s1"])
    assert (found.headline, found.version) == ("As 1 has it", 2)
    wire, *others = await tags(store)
    assert (wire, others) == (None, ["new", "new", "new", None, "new"])
    assert await find_known(store, feeds[3], "Lost") == []


async def test_polls_of_one_feed_are_written_in_the_order_of_their_calls(store: SqlStore) -> None:
    feed, other = await add_feeds(store, 2)

    await commit_all(
        store,
        outcome(tagged(feed, "1"), new_entry("One")),
        outcome(tagged(feed, "2"), stories=(story("s1"),)),
        outcome(tagged(other, "new"), new_entry("One")),
        outcome(tagged(feed, "3"), new_entry("One"), new_entry("Two")),
    )

    assert await tags(store) == ["3", "new"]
    assert (await store.load_counts(NOW)).entries == 3


async def test_edits_of_one_entry_at_once_are_kept_one_by_one(store: SqlStore) -> None:
    feed = await add_feed(store)
    await store.commit_poll(outcome(feed, new_entry("Old")))
    (old,) = await find_known(store, feed, "Old")

    await commit_all(store, *(outcome(feed, edited=(edited(old, f"New {n}"),)) for n in range(3)))

    assert (await store.load_counts(NOW)).edits == 3


async def test_edits_of_many_feeds_keep_their_old_texts(store: SqlStore) -> None:
    feeds = await add_feeds(store, 4)
    await commit_all(store, *(outcome(feed, new_entry("Old"), new_entry("Same")) for feed in feeds))
    outcomes = []
    for feed in feeds:
        old, same = await find_known(store, feed, "Old", "Same")
        at = NOW + feed.id * HOUR
        change = edited(old, f"New {feed.id}")
        outcomes.append(outcome(feed, edited=(change,), listed=(same.id,), at=at))

    await commit_all(store, *outcomes)

    assert (await store.load_counts(NOW)).edits == 4
    for feed in feeds:
        # Under its new keys too, and under the old ones still.
        new, old, same = await find_known(store, feed, f"New {feed.id}", "Old", "Same")
        assert new == old
        assert {new.listed_at, same.listed_at} == {NOW + feed.id * HOUR}


@pytest.mark.parametrize("given_up", [0, 5, 11])
async def test_who_is_cancelled_harms_nobody(store: SqlStore, given_up: int) -> None:
    feeds = await add_feeds(store, 12)
    for attempt in range(8):
        tag = f"v{attempt}"
        polls = [
            asyncio.create_task(
                store.commit_poll(outcome(tagged(feed, tag), new_entry(f"{tag} of {feed.id}")))
            )
            for feed in feeds
        ]
        for _ in range(attempt * attempt):
            await asyncio.sleep(0)
        polls[given_up].cancel()
        await asyncio.wait(polls)

        assert [poll.cancelled() for poll in polls].count(True) <= 1
        there = await tags(store)
        assert [there[n] for n in range(12) if n != given_up] == [tag] * 11
        is_there = bool(await find_known(store, feeds[given_up], f"{tag} of {feeds[given_up].id}"))
        assert is_there == (there[given_up] == tag)
