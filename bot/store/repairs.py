"""Repairs: what an operator says of stories, read whole and written at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from sqlalchemy import and_, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import StoriesMoved
from bot.model import (
    DeliveryState,
    Destination,
    Entry,
    Feed,
    KeptEntry,
    Move,
    Posts,
    RepairOutcome,
    Story,
    TieKind,
)
from bot.parsing import list_keys
from bot.store.engines import DatabasePart, uninterrupted
from bot.store.feed_rows import feed_from_row
from bot.store.outbox_rows import destination_from_row
from bot.store.owing import keep_wanted, owe_deliveries
from bot.store.rows import AnyRow, digest_key
from bot.store.schema import (
    PLACE,
    deliveries,
    entries,
    entry_keys,
    feeds,
    is_digest,
    is_in_a_story,
    stories,
    story_coverage,
)
from bot.store.slices import slices
from bot.store.stories import load_stories, put_stories

OWED, SENDING, _, FAILED, GONE = (state.value for state in DeliveryState)


class SqlRepairs(DatabasePart):
    """The share of the RepairStore port that nobody else needs."""

    @uninterrupted
    async def find_kept_entries(self, story_id: str) -> tuple[KeptEntry, ...]:
        """Every entry of a story, in the order they were filed.

        The store keeps digests of keys; which texts they are of, the coverage tells, of this
        story and of those merged into it, and else the entry itself.
        """
        of_story = is_in_a_story & (entries.c.story_id == story_id)
        async with self.database.reading() as connection:
            wanted = select(entries).where(of_story).order_by(entries.c.id)
            rows = (await connection.execute(wanted)).all()
            feed_ids = {row.feed_id for row in rows}
            polled = await connection.execute(select(feeds).where(feeds.c.id.in_(feed_ids)))
            by_id = {row.id: feed_from_row(row) for row in polled}
            told = await _load_told_keys(connection, story_id)
            digests: defaultdict[int, list[bytes]] = defaultdict(list)
            known_by = (
                select(entry_keys.c.entry_id, entry_keys.c.key)
                .join(entries, entries.c.id == entry_keys.c.entry_id)
                .where(of_story)
            )
            for key in await connection.execute(known_by):
                digests[key.entry_id].append(key.key)
        return tuple(
            _kept_from_row(row, by_id[row.feed_id], digests[row.id], told[row.feed_id])
            for row in rows
        )

    @uninterrupted
    async def find_tied_stories(self, story_id: str) -> tuple[Story, ...]:
        """The stories that turn this one or were merged into it, in order of opening."""
        wanted = (
            select(stories)
            .where(stories.c.tie != "", stories.c.tie_story_id == story_id)
            .order_by(stories.c.opened_at, stories.c.id)
        )
        async with self.database.reading() as connection:
            return await connection.run_sync(load_stories, wanted)

    @uninterrupted
    async def find_destinations(self, story_ids: Collection[str]) -> frozenset[Destination]:
        """Where any of these stories was posted, is owed, or was given up; not where it is gone."""
        wanted = select(*(deliveries.c[name] for name in PLACE)).where(
            deliveries.c.story_id.in_(story_ids), deliveries.c.state != GONE
        )
        async with self.database.reading() as connection:
            return frozenset(map(destination_from_row, await connection.execute(wanted)))

    @uninterrupted
    async def commit_repair(self, outcome: RepairOutcome) -> Mapping[str, Posts]:
        """Write all of ``outcome`` in one transaction; what becomes of posts, by story.

        Where nobody is subscribed any more nothing is owed. Locks in the order polls lock:
        stories, entries, subscriptions, deliveries, each by id.

        Raises:
            StoriesMoved: a story was written by somebody else since it was read, or an
                entry is not where it was.
            Exception: for this and any other reason, nothing of it is written.
        """
        async with self.database.writing() as connection:
            changed = await _find_changed(connection, outcome.stories)
            await connection.run_sync(partial(put_stories, self.database), changed=outcome.stories)
            await _move_entries(connection, outcome.move)
            wanted = await connection.run_sync(keep_wanted, outcome.deliveries)
            outcome = replace(outcome, deliveries=wanted)
            posts = await _settle_posts(connection, changed, outcome)
            if outcome.deliveries:
                owe = partial(owe_deliveries, self.database)
                await connection.run_sync(owe, owed=outcome.deliveries)
        return posts


async def _load_told_keys(
    connection: AsyncConnection, story_id: str
) -> defaultdict[int, dict[bytes, str]]:
    """The keys in the coverage of a story and of those merged into it: by feed, by digest."""
    is_merged = (stories.c.tie == TieKind.MERGED.value) & (stories.c.tie_story_id == story_id)
    rows = await connection.execute(
        select(story_coverage.c.feed_id, story_coverage.c.entry_key)
        .join(stories, stories.c.id == story_coverage.c.story_id)
        .where(or_(stories.c.id == story_id, is_merged))
    )
    told: defaultdict[int, dict[bytes, str]] = defaultdict(dict)
    for row in rows:
        told[row.feed_id][digest_key(row.entry_key)] = row.entry_key
    return told


def _kept_from_row(
    row: AnyRow, feed: Feed, digests: Collection[bytes], told: Mapping[bytes, str]
) -> KeptEntry:
    entry = Entry(
        keys=(),
        guid=row.guid,
        link=row.link,
        title=row.title,
        summary=row.summary,
        body=row.body,
        published_at=row.published_at,
        outlet_name=row.outlet,
    )
    # Whether the publisher gave it a date is not known any more.
    forms = (*list_keys(entry), *list_keys(replace(entry, published_at=None)))
    texts = {digest_key(key): key for key in forms} | dict(told)
    known = sorted(texts[digest] for digest in digests if digest in texts)
    # Without its text the decisive key still tells the entry from all others.
    decisive = texts.get(row.key, f"kept:{row.key.hex()}")
    return KeptEntry(
        id=row.id,
        feed=feed,
        entry=replace(entry, keys=tuple(dict.fromkeys((decisive, *known)))),
        outlet=row.outlet,
        seen_at=row.seen_at,
        published_at=row.published_at,
        filed=row.filed,
    )


async def _find_changed(connection: AsyncConnection, written: Sequence[Story]) -> dict[str, Story]:
    """Those of ``written`` that people see change, with the rows of all of them locked.

    Stricter than polls are: what stands with the version read may be somebody else's repair,
    which looks much like this one.

    Raises:
        StoriesMoved: one was written by somebody else since it was read.
    """
    standing = await connection.execute(
        select(stories.c.id, stories.c.version, stories.c.revision)
        .where(stories.c.id.in_([story.id for story in written]))
        .order_by(stories.c.id)
        .with_for_update()
    )
    rows = {row.id: row for row in standing}
    for story in written:
        version = rows[story.id].version if story.id in rows else 0
        if version != story.version:
            raise StoriesMoved(f"story {story.id} was written since it was read; decided anew")
    return {
        story.id: story
        for story in written
        if story.id not in rows or story.revision > rows[story.id].revision
    }


async def _move_entries(connection: AsyncConnection, move: Move) -> None:
    """Put entries into their new story.

    Raises:
        StoriesMoved: one of them is not in the story it was in.
    """
    ids = sorted(move.entry_ids)
    moved = 0
    for some in slices(ids):
        change = (
            update(entries)
            .where(entries.c.id.in_(some), entries.c.story_id == move.start)
            .values(story_id=move.end, filed=move.filed)
        )
        moved += (await connection.execute(change)).rowcount
    if moved != len(ids):
        raise StoriesMoved(f"an entry of story {move.start} is in another one; decided anew")


async def _settle_posts(
    connection: AsyncConnection, changed: Mapping[str, Story], outcome: RepairOutcome
) -> dict[str, Posts]:
    """Have posts that are there edited, and drop those that nobody has and nobody is owed.

    One that is being sent or was tried may be there by now, so it counts as such;
    ``mark_sent`` sees that there is a later revision. What is gone stays gone, and a digest
    stays as it is.
    """
    owed = {delivery.id for delivery in outcome.deliveries}
    standing = await connection.execute(
        select(deliveries)
        .where(deliveries.c.story_id.in_(changed))
        .order_by(deliveries.c.id)
        .with_for_update()
    )
    settled: set[str] = set()
    edited: defaultdict[str, set[str]] = defaultdict(set)
    dropped: defaultdict[str, set[str]] = defaultdict(set)
    broken_up: set[str] = set()
    for row in standing:
        if row.state == GONE or _stays(row):
            settled.add(row.id)
        elif row.sent_revision or row.state == SENDING or _may_be_there(row):
            edited[row.story_id].add(row.id)
            revision = changed[row.story_id].revision
            values = _edit_values(row, revision, at=outcome.at)
            await connection.execute(
                update(deliveries).where(deliveries.c.id == row.id).values(values)
            )
        elif row.id not in owed:
            dropped[row.story_id].add(row.id)
            broken_up.update({row.digest_id} - {""})
    await _drop(connection, _all(dropped.values()), broken_up)
    there = settled.union(_all(edited.values()))
    new: defaultdict[str, set[str]] = defaultdict(set)
    for delivery in outcome.deliveries:
        if delivery.id not in there:
            new[delivery.story_id].add(delivery.id)
    return {
        story_id: Posts(len(edited[story_id]), len(new[story_id]), len(dropped[story_id]))
        for story_id in changed
    }


async def _drop(
    connection: AsyncConnection, ids: Collection[str], digests: Collection[str]
) -> None:
    """Forget deliveries; what else was to be in their digests is gathered anew."""
    await connection.execute(delete(deliveries).where(deliveries.c.id.in_(ids)))
    if digests:
        rest = and_(is_digest, deliveries.c.digest_id.in_(digests))
        locked = select(deliveries.c.id).where(rest).order_by(deliveries.c.id).with_for_update()
        left = (await connection.scalars(locked)).all()
        anew = update(deliveries).where(deliveries.c.id.in_(left), rest)
        await connection.execute(anew.values(digest_id=""))


def _stays(row: AnyRow) -> bool:
    """Whether it is in a digest that is there, or was given up and may be there."""
    is_given_up = row.state == FAILED and row.unclear_since is not None
    return bool(row.digest_id) and (row.sent_revision > 0 or is_given_up)


def _may_be_there(row: AnyRow) -> bool:
    """Whether an attempt may have made the post of ``row`` without our knowing."""
    return row.state == OWED and row.unclear_since is not None


def _edit_values(row: AnyRow, revision: int, *, at: datetime) -> dict[str, object]:
    """What makes a post owed once more; a platform that asked for time gets it."""
    if row.state == SENDING or not row.sent_revision:
        return {"revision": revision}
    waits = row.state == OWED and row.next_attempt_at > at
    return {
        "revision": revision,
        "state": OWED,
        "attempts": 0,
        "next_attempt_at": row.next_attempt_at if waits else at,
    }


def _all(sets: Iterable[set[str]]) -> list[str]:
    return sorted(set[str]().union(*sets))
