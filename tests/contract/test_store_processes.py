"""The store's contract: who is at work, what is to be given out, and decisions kept apart."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bot.errors import StoriesMoved, Trouble
from bot.model import ALL_ROLES, BUCKETS, LONGEST_WAIT, Process, ProcessRole, bucket_of
from bot.store import SqlStore, is_away, open_store
from bot.store.deciding import MOST_KEYS
from tests.builders import NOW, story
from tests.contract.polls import add_feed, commit_stories, outcome

WITHIN = timedelta(seconds=15)

_END_WHO_DECIDES = """
    SELECT pg_terminate_backend(pid) FROM pg_locks
    WHERE locktype = 'advisory' AND (classid::bigint << 32) | objid::bigint
        = hashtextextended(current_schema() || ' stories', 0)
"""


def process(name: str, *roles: ProcessRole) -> Process:
    return Process(name, frozenset(roles) or ALL_ROLES, "host", started_at=NOW, beat_at=NOW)


async def test_processes_are_found_by_what_they_said_last(store: SqlStore) -> None:
    first, second = process("a", ProcessRole.POLL), process("b")
    for one in (second, first, first):
        await store.record_process(one)

    found = await store.find_processes(NOW, within=WITHIN)

    assert [(one.name, one.roles) for one in found] == [("a", first.roles), ("b", ALL_ROLES)]
    await store.forget_process("a")
    await store.record_process(replace(second, roles=frozenset()))
    (left,) = await store.find_processes(NOW, within=WITHIN)
    assert (left.name, left.roles) == ("b", frozenset())


async def test_a_process_that_says_nothing_is_not_found_and_in_the_end_forgotten(
    store: SqlStore,
) -> None:
    await store.record_process(process("silent"))
    async with store.database.writing() as connection:
        await connection.execute(text("UPDATE processes SET beat_at = beat_at - 60000000"))
    assert await store.find_processes(NOW, within=WITHIN) == ()
    assert len(await store.find_processes(NOW, within=timedelta(minutes=2))) == 1

    async with store.database.writing() as connection:
        await connection.execute(text("UPDATE processes SET beat_at = beat_at - 90000000000"))
    await store.record_process(process("other"))

    found = await store.find_processes(NOW, within=timedelta(days=9))
    assert [one.name for one in found] == ["other"]


async def test_parts_with_a_due_feed_are_found(store: SqlStore) -> None:
    urls = ["https://a.example/1", "https://b.example/2", "https://c.example/3"]
    parts = [bucket_of(url) for url in urls]
    assert len(set(parts)) == 3
    due, later, lost = [await add_feed(store, url) for url in urls]
    for feed, due_at in ((later, NOW + timedelta(hours=1)), (lost, NOW + 2 * LONGEST_WAIT)):
        await store.commit_poll(outcome(replace(feed, next_due_at=due_at)))

    assert await store.find_due_buckets(NOW) == tuple(sorted((parts[0], parts[2])))
    assert due.url == urls[0]
    found = await store.find_due_feeds(NOW, limit=9, buckets={parts[0], parts[1]})
    assert [feed.url for feed in found] == [due.url]
    await store.remove_feed(urls[0])
    assert await store.find_due_buckets(NOW) == (parts[2],)


async def test_a_feed_that_moves_goes_to_the_part_of_its_new_host(store: SqlStore) -> None:
    feed = await add_feed(store, "https://a.example/1")
    other = "https://b.example/1"
    assert 0 <= bucket_of(other) < BUCKETS

    moved = replace(feed, spec=replace(feed.spec, url=other))
    await store.commit_poll(outcome(moved))

    assert await store.find_due_buckets(NOW) == (bucket_of(other),)


async def test_an_unchanged_answer_ends_a_failure_that_another_process_wrote(
    store: SqlStore,
) -> None:
    feed = await add_feed(store)
    failed = replace(feed, failures=1, error="no answer", trouble=Trouble.SLOW, failing_since=NOW)
    await store.commit_poll(outcome(failed))
    answered = replace(feed, answered_at=NOW, polled_at=NOW)

    await store.commit_poll(outcome(answered, before=feed))

    (found,) = await store.find_feeds()
    assert (found.failures, found.error, found.trouble) == (0, "", Trouble.NONE)
    assert found.failing_since is None


@pytest.mark.parametrize("others", [1, MOST_KEYS + 1])
async def test_decisions_of_two_stores_that_share_a_key_wait_for_each_other(
    store: SqlStore, database_url: str, others: int
) -> None:
    if store.database.is_sqlite:
        async with store.deciding(["key"]):
            pass  # one process, which has a lock of its own
        return
    said: list[str] = []
    entered, leave = asyncio.Event(), asyncio.Event()

    async def decide_first() -> None:
        async with store.deciding(["key", *map(str, range(others))]):
            entered.set()
            await leave.wait()
            said.append("first")

    async def decide(keys: list[str], name: str) -> None:
        async with await open_store(database_url) as second, second.deciding(keys):
            said.append(name)

    async with asyncio.TaskGroup() as group:
        group.create_task(decide_first())
        await entered.wait()
        waiting = group.create_task(decide(["other", "key"], "second"))
        if others < MOST_KEYS:
            await decide(["something else"], "stranger")  # waits for nobody
        await asyncio.sleep(0.3)
        assert not waiting.done()
        leave.set()

    assert said == [*(["stranger"] if others < MOST_KEYS else []), "first", "second"]


async def test_what_was_decided_is_not_written_once_the_locks_are_lost(store: SqlStore) -> None:
    feed = await add_feed(store)
    if store.database.is_sqlite:
        async with store.deciding(["key"]) as commit:
            await commit(outcome(feed, stories=(story("s1"),)))  # one process, no locks
        assert await store.find_stories_by_id(["s1"])
        return
    async with store.deciding(["key"]) as commit:
        async with store.database.writing() as connection:
            await connection.execute(text(_END_WHO_DECIDES))
        async with store.deciding(["key"]) as commit_other:
            await commit_other(outcome(feed, stories=(story("s2"),)))
        with pytest.raises(DBAPIError) as caught:
            await commit(outcome(feed, stories=(story("s1"),)))

    assert is_away(caught.value)
    assert [one.id for one in await store.find_stories_by_id(["s1", "s2"])] == ["s2"]


async def test_who_decides_anew_does_so_under_the_same_locks(
    store: SqlStore, database_url: str
) -> None:
    await commit_stories(store, story("s1"))
    feed = await add_feed(store)
    if store.database.is_sqlite:
        return  # see above
    async with await open_store(database_url) as second, asyncio.TaskGroup() as group:

        async def decide() -> None:
            async with second.deciding(["key"]) as commit:
                assert await second.find_stories_by_id(["s2"])
                await commit(outcome(feed, stories=(story("s3"),)))

        async with store.deciding(["key"]) as commit:
            waiting = group.create_task(decide())
            with pytest.raises(StoriesMoved):
                await commit(outcome(feed, stories=(story("s1", headline="Unread"), story("s2"))))
            await asyncio.sleep(0.3)
            assert not waiting.done()
            assert await store.find_stories_by_id(["s2"]) == ()
            await commit(outcome(feed, stories=(story("s2"),)))
            await asyncio.wait_for(waiting, 30)  # that is all it waited for

    assert len(await store.find_stories_by_id(["s2", "s3"])) == 2
