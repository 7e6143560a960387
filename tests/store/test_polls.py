"""What a poll costs: statements, counted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event

from bot.store import SqlStore
from bot.store.bulk import ROWS_AT_ONCE
from tests.builders import NOW, delivery, story
from tests.contract.polls import (
    add_feed,
    edited,
    find_known,
    new_entry,
    outcome,
    reports,
    subscribe_all,
)


@contextmanager
def counted() -> Iterator[list[str]]:
    """The first word of each statement that changes or reads rows, in whatever database."""
    verbs: list[str] = []

    def note(*arguments: Any) -> None:
        verb = arguments[2].split(maxsplit=1)[0]
        if verb not in {"BEGIN", "PRAGMA"}:  # SQLite's, that PostgreSQL does not show
            verbs.append(verb)

    event.listen(Engine, "before_cursor_execute", note)
    yield verbs
    event.remove(Engine, "before_cursor_execute", note)


async def test_a_poll_with_nothing_new_is_one_update(store: SqlStore) -> None:
    feed = await add_feed(store)

    with counted() as verbs:
        await store.commit_poll(outcome(feed))

    assert verbs == ["UPDATE"]


async def test_a_poll_takes_as_many_statements_for_many_entries_as_for_one(
    store: SqlStore,
) -> None:
    feed = await add_feed(store)

    for count in (1, 20, ROWS_AT_ONCE):
        with counted() as verbs:
            await store.commit_poll(
                outcome(feed, *(new_entry(f"{count}: {n}") for n in range(count)))
            )
        assert verbs == ["UPDATE", "SELECT", "INSERT", "INSERT"]


async def test_five_hundred_entries_take_five_times_the_rows_of_a_statement_at_most(
    store: SqlStore,
) -> None:
    feed = await add_feed(store)

    with counted() as verbs:
        await store.commit_poll(outcome(feed, *(new_entry(str(n)) for n in range(500))))

    assert verbs.count("INSERT") <= 1 + 500 // ROWS_AT_ONCE
    assert len(verbs) == verbs.count("INSERT") + 2


async def test_everything_a_poll_can_bring_takes_twenty_statements_at_most(
    store: SqlStore,
) -> None:
    feed = await add_feed(store)
    titles = [f"Old {number}" for number in range(30)]
    await store.commit_poll(outcome(feed, *map(new_entry, titles)))
    known = await find_known(store, feed, *titles)
    ids = [f"s{number}" for number in range(30)]

    await subscribe_all(store, [delivery()])
    with counted() as verbs:
        await store.commit_poll(
            outcome(
                feed,
                *(new_entry(story_id, story_id=story_id) for story_id in ids),
                edited=tuple(edited(entry, f"New {entry.id}") for entry in known[:15]),
                listed=tuple(entry.id for entry in known[15:]),
                stories=tuple(story(story_id, coverage=reports("A", "B")) for story_id in ids),
                deliveries=tuple(delivery(story_id) for story_id in ids),
            )
        )

    assert len(verbs) <= 20
    assert (await store.load_counts(NOW)).edits == 15
