"""Upgrading: from nothing, twice, by several at once; and what is refused."""

from __future__ import annotations

import asyncio
import re
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from slack_sdk.oauth.installation_store.sqlalchemy import SQLAlchemyInstallationStore
from slack_sdk.oauth.state_store.sqlalchemy import SQLAlchemyOAuthStateStore
from sqlalchemy import Column, Connection, Index, MetaData, String, inspect, text

from bot.errors import DatabaseUnusable, Trouble
from bot.model import Destination, Platform, Scope, Subscription, Told, bucket_of
from bot.ports import StoryQuery
from bot.store import SqlStore, current_revision, head_revision, open_store, upgrade
from bot.store.address import parse_url
from bot.store.columns import EPOCH, MICROSECOND
from bot.store.engines import Database
from bot.store.migrate import _make_config
from bot.store.migrations import versions
from bot.store.schema import metadata
from bot.stories import TERM_RULE
from tests.builders import NOW
from tests.contract.polls import outcome

ROOT = Path(__file__).resolve().parents[2]
NEWEST = max(path.stem[1:5] for path in Path(versions.__path__[0]).glob("v*.py"))
STARTER = """
import asyncio, sys
from datetime import UTC, datetime
from bot.store import open_store

async def main():
    async with await open_store(sys.argv[1]) as store:
        await store.record_beat(datetime.now(UTC))

asyncio.run(main())
"""

OLD_FEED = """
INSERT INTO feeds (id, url, given_url, origin, is_retired, title, outlet, lang, next_due_at,
    body_hash, first_poll_done, failures, error, moved_to)
VALUES (1, 'u', 'u', 'added', false, '', '', '', 0, '', true, 0, '', '')
"""
OLD_STORY = """
INSERT INTO stories (id, headline, summary, outlet, event, is_pair, is_history, opened_at,
    updated_at, published_at, words, lang, revision, reasons)
VALUES ('s1', 'Headline', '', '', 'deal', true, false, :at, :at, :at, '[]', '', 1, '[]')
"""
OLD_COVERAGE = """
INSERT INTO story_coverage (story_id, position, outlet, title, link, feed_id, entry_key, seen_at,
    published_at)
VALUES ('s1', 0, 'Wire', 'Huawei signs a deal', 'https://wire.example/1', 1, 'k', :at, :at)
"""
OLD_ENTRY = """
INSERT INTO entries (id, feed_id, key, story_id, link, title, summary, body, outlet, reasons,
    text_hash, revision, seen_at, published_at, listed_at)
VALUES (:number, 1, '', '', :link, 'Title', '', '', '', '[]', '', 1, 0, 0, 0)
"""
OLD_DELIVERY = """
INSERT INTO deliveries (id, story_id, platform, workspace, channel, thread, state, revision,
    sent_revision, message_ref, attempts, next_attempt_at, lease_until, error)
VALUES (:id, 's1', 'slack', 'T1', :id, '', :state, 2, :sent, :ref, 0, :at, :until, '')
"""


def upgrade_to(connection: Connection, revision: str) -> None:
    config = _make_config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


async def execute(url: str, statement: str) -> None:
    database = Database(parse_url(url))
    async with database.writing() as connection:
        await connection.execute(text(statement))
    await database.aclose()


async def test_an_empty_database_is_brought_to_the_head(database_url: str) -> None:
    assert await current_revision(database_url) is None

    await upgrade(database_url)

    assert await current_revision(database_url) == head_revision() == NEWEST


async def test_upgrading_twice_keeps_what_is_there(database_url: str) -> None:
    async with await open_store(database_url) as store:
        await store.record_beat(NOW)

    await upgrade(database_url)

    async with await open_store(database_url, migrate=False) as store:
        assert await store.last_beat_or_none() == NOW


async def test_entries_of_the_first_version_are_found_by_their_links(database_url: str) -> None:
    database = Database(parse_url(database_url))
    links = ("https://wire.example/1", "http://wire.example/2?utm_source=rss", "http://[broken")
    async with database.writing() as connection:
        await connection.run_sync(upgrade_to, "0001")
        await connection.execute(text(OLD_FEED))
        for number, link in enumerate((*links, None)):
            await connection.execute(text(OLD_ENTRY), {"number": number, "link": link})
    await database.aclose()

    async with await open_store(database_url) as store:
        found = [
            await store.find_entries_at(link, limit=9)
            for link in (links[0], "https://wire.example/2", links[2], "https://wire.example/3")
        ]

    assert [[entry.link for entry in entries] for entries in found] == [
        *([link] for link in links),
        [],
    ]
    assert found[0][0].filed == ""


async def test_stories_of_the_first_version_are_for_everybody(database_url: str) -> None:
    database = Database(parse_url(database_url))
    async with database.writing() as connection:
        await connection.run_sync(upgrade_to, "0001")
        await connection.execute(text(OLD_STORY), {"at": (NOW - EPOCH) // MICROSECOND})
    await database.aclose()

    async with await open_store(database_url) as store:
        (found,) = await store.find_stories(StoryQuery(since=NOW))
        watches = await store.find_watches()

    assert (found.id, found.is_relevant, found.watched) == ("s1", True, ())
    assert watches == ()


async def test_open_stories_of_an_older_version_are_found_once_they_are_indexed(
    database_url: str,
) -> None:
    database = Database(parse_url(database_url))
    at = (NOW - EPOCH) // MICROSECOND
    async with database.writing() as connection:
        await connection.run_sync(upgrade_to, "0003")
        await connection.execute(text(OLD_FEED))
        await connection.execute(text(OLD_STORY), {"at": at})
        await connection.execute(text(OLD_COVERAGE), {"at": at})
        await connection.execute(
            text("INSERT INTO story_companies VALUES ('s1', 'maker', 0, 'huawei')")
        )
    await database.aclose()

    async with await open_store(database_url) as store:
        since = NOW - timedelta(days=5)
        assert await store.find_candidates(["@huawei"], since=since, per_term=9) == ()
        assert await store.index_stories(since=since, rule=TERM_RULE) == 1
        (found,) = await store.find_candidates(["@huawei"], since=since, per_term=9)
        (again,) = await store.find_candidates(["@huawei!deal"], since=since, per_term=9)

        assert (found.id, found.version, found.tie, found.is_merged) == ("s1", 1, None, False)
        assert again == found
        changed = replace(found, headline="The deal is off", revision=2)
        (feed,) = await store.find_feeds()
        await store.commit_poll(outcome(feed, stories=(changed,)))
        assert await store.find_story_or_none("s1") == replace(changed, version=2)


async def test_subscriptions_and_deliveries_of_an_older_version_stand(database_url: str) -> None:
    database = Database(parse_url(database_url))
    at = (NOW - EPOCH) // MICROSECOND
    hour_ms = timedelta(hours=1) // MICROSECOND
    async with database.writing() as connection:
        await connection.run_sync(upgrade_to, "0004")
        await connection.execute(text(OLD_FEED))
        await connection.execute(text(OLD_STORY), {"at": at})
        await connection.execute(
            text("INSERT INTO subscriptions VALUES (7, 'slack', 'T1', 'first', '', 'pair', :at)"),
            {"at": at},
        )
        for told in (
            {"id": "first", "state": "sending", "sent": 0, "ref": "", "until": at + hour_ms},
            {"id": "edit", "state": "sending", "sent": 1, "ref": "m1", "until": at + hour_ms},
            {"id": "owed", "state": "owed", "sent": 0, "ref": "", "until": None},
            {"id": "sent", "state": "sent", "sent": 2, "ref": "m2", "until": None},
        ):
            await connection.execute(text(OLD_DELIVERY), {"at": at, **told})
    await database.aclose()

    async with await open_store(database_url) as store:
        place = Destination(Platform.SLACK, "T1", "first")
        assert await store.find_subscriptions() == (Subscription(place, Scope.PAIR),)
        (feed,) = await store.find_feeds()
        assert feed.added_by == ""
        async with store.database.reading() as connection:
            opened = await connection.scalars(text("SELECT DISTINCT opened_at FROM deliveries"))
            assert opened.all() == [at]
        later = NOW + timedelta(hours=1)
        leased = await store.lease_deliveries(later, limit=9, lease=timedelta(hours=1))

        # Whoever sends the first one anew looks for its post first.
        since = {owed.delivery.id: owed.delivery.unclear_since for owed in leased}
        assert since == {"first": NOW, "edit": None, "owed": None}
        for delivery_id in since:
            await store.mark_retry(
                delivery_id, next_attempt_at=later, error="refused", is_unclear=False
            )
        again = await store.lease_deliveries(later, limit=9, lease=timedelta(hours=1))
        assert {owed.delivery.id: owed.delivery.unclear_since for owed in again} == since


async def test_feeds_of_the_sixth_version_go_on_where_they_were(database_url: str) -> None:
    at = (NOW - EPOCH) // MICROSECOND
    database = Database(parse_url(database_url))
    async with database.writing() as connection:
        await connection.run_sync(upgrade_to, "0006")
        await connection.execute(text(OLD_FEED))
        await connection.execute(
            text(
                "UPDATE feeds SET etag = 'v1', polled_at = :at, changed_at = :at, failures = 2,"
                " error = 'no answer', added_by = 'slack/T1'"
            ),
            {"at": at},
        )
        await connection.execute(text(OLD_ENTRY), {"number": 1, "link": "https://wire.example/1"})
        await connection.execute(text("UPDATE entries SET title = 'Old headline'"))
    await database.aclose()

    async with await open_store(database_url) as store:
        (feed,) = await store.find_due_feeds(NOW, limit=9)
        assert (feed.validators.etag, feed.polled_at, feed.failures) == ("v1", NOW, 2)
        assert (feed.added_by, feed.added_person, feed.added_at) == ("slack/T1", "", None)
        # What was never noted is not known, and so no part of its document is left unread.
        assert (feed.marks, feed.gap_s, feed.flagged_at, feed.answered_at) == (
            b"",
            None,
            None,
            None,
        )
        assert (feed.trouble, feed.failing_since, feed.flaw) == (Trouble.NONE, None, "")
        assert (feed.told, feed.told_at, feed.hub, feed.topic) == (Told.NOTHING, None, "", "")
        assert len(await store.find_entries_saying(["old"], in_story=False, limit=9)) == 1

        learned = replace(feed, marks=b"marks", gap_s=60.0, flagged_at=NOW, hub="hub", topic="it")
        await store.commit_poll(outcome(learned))

        assert await store.find_due_feeds(NOW, limit=9) == (learned,)
        assert await store.find_hub_offers(limit=9) == (replace(learned, marks=b""),)
        assert await store.note_told(learned, Told.BROKEN, now=NOW)


def whole_schema(store: SqlStore) -> MetaData:
    """Our tables, and those that the installed slack_sdk would make."""
    whole = MetaData()
    SQLAlchemyInstallationStore.build_installations_table(whole, "slack_installations")
    SQLAlchemyInstallationStore.build_bots_table(whole, "slack_bots")
    SQLAlchemyOAuthStateStore.build_oauth_states_table(whole, "slack_oauth_states")
    for table in metadata.sorted_tables:
        table.to_metadata(whole)
    if store.database.is_sqlite:  # of PostgreSQL alone
        indexes = whole.tables["feeds"].indexes
        indexes -= {one for one in indexes if one.name == "ix_feeds_bucket"}
    return whole


async def test_the_migrations_make_the_schema_the_program_uses(store: SqlStore) -> None:
    schema = whole_schema(store)

    def compare(connection: Connection) -> tuple[list[object], dict[str, object]]:
        differences = compare_metadata(MigrationContext.configure(connection), schema)
        inspector = inspect(connection)
        names: dict[str, object] = {
            table.name: (
                inspector.get_pk_constraint(table.name)["name"],
                sorted(str(key["name"]) for key in inspector.get_foreign_keys(table.name)),
            )
            for table in schema.sorted_tables
        }
        return differences, names

    async with store.database.reading() as connection:
        differences, names = await connection.run_sync(compare)

    assert differences == []
    assert names == {
        table.name: (
            f"pk_{table.name}",
            sorted(f"fk_{table.name}_{key.parent.name}" for key in table.foreign_keys),
        )
        for table in schema.sorted_tables
    }


async def test_a_column_that_slack_sdk_adds_would_be_noticed(store: SqlStore) -> None:
    newer = whole_schema(store)
    newer.tables["slack_bots"].append_column(Column("new", String(200)))
    newer.tables["slack_installations"].c.bot_token.type = String(400)
    newer.tables["slack_oauth_states"].append_constraint(Index("new_idx", "state"))

    def compare(connection: Connection) -> list[object]:
        return [*compare_metadata(MigrationContext.configure(connection), newer)]

    async with store.database.reading() as connection:
        told = str(await connection.run_sync(compare))

    assert len(re.findall("add_column|modify_type|add_index", told)) == 3, told


async def test_the_partial_indexes_are_partial_and_used(tmp_path: Path) -> None:
    plans = {
        "ix_feeds_due": "SELECT id FROM feeds WHERE is_retired = 0 AND next_due_at <= 9",
        "ix_feeds_flagged": "SELECT id FROM feeds WHERE flagged_at >= 9",
        "ix_entries_forgettable": "SELECT id FROM entries WHERE story_id = '' AND listed_at < 9",
        "ix_entries_link_key": "SELECT id FROM entries WHERE link_key = x'00' ORDER BY id DESC",
        "ix_deliveries_due": "SELECT id FROM deliveries WHERE state = 'owed' AND"
        " next_attempt_at <= 9 ORDER BY next_attempt_at, opened_at, story_id, id LIMIT 9",
        "ix_deliveries_fresh": "SELECT id FROM deliveries WHERE state = 'owed' AND"
        " sent_revision = 0 AND opened_at > 9 AND next_attempt_at <= 9 ORDER BY opened_at, id",
        "ix_deliveries_lease_until": "SELECT id FROM deliveries WHERE state = 'sending' AND"
        " lease_until <= 9",
        "ix_deliveries_digest_id": "SELECT id FROM deliveries WHERE digest_id <> '' AND"
        " digest_id = 'a'",
        "ix_entries_story": "SELECT id FROM entries WHERE story_id <> '' AND story_id = 's1'",
        "USING PRIMARY KEY (term=? AND updated_at>?)": "SELECT story_id FROM story_terms"
        " WHERE term = '@att' AND updated_at >= 9 ORDER BY updated_at DESC, story_id DESC LIMIT 24",
    }
    async with (
        await open_store(str(tmp_path / "news.sqlite3")) as store,
        store.database.reading() as connection,
    ):
        for index, query in plans.items():
            plan = (await connection.execute(text(f"EXPLAIN QUERY PLAN {query}"))).all()
            assert index in str(plan)
            assert "TEMP B-TREE" not in str(plan)


async def test_a_database_of_a_newer_program_is_left_alone(database_url: str) -> None:
    await upgrade(database_url)
    await execute(database_url, "UPDATE alembic_version SET version_num = '9999'")

    for migrate in (True, False):
        with pytest.raises(DatabaseUnusable, match=r"database\.url .* revision 9999, .* newer"):
            await open_store(database_url, migrate=migrate)
    with pytest.raises(DatabaseUnusable, match="install that version"):
        await upgrade(database_url)
    assert await current_revision(database_url) == "9999"


async def test_an_older_database_is_not_touched_without_leave(database_url: str) -> None:
    with pytest.raises(DatabaseUnusable, match=r"revision none .* run newsbot db upgrade"):
        await open_store(database_url, migrate=False)

    assert await current_revision(database_url) is None


async def test_asking_for_the_revision_creates_no_file(tmp_path: Path) -> None:
    path = tmp_path / "news.sqlite3"

    assert await current_revision(str(path)) is None
    assert not path.exists()


async def test_an_upgrade_that_fails_leaves_nothing_half_made(database_url: str) -> None:
    await execute(database_url, "CREATE TABLE subscriptions (id INTEGER)")  # in the way

    with pytest.raises(DatabaseUnusable, match="already exists"):
        await upgrade(database_url)
    assert await current_revision(database_url) is None

    await execute(database_url, "DROP TABLE subscriptions")
    await upgrade(database_url)
    assert await current_revision(database_url) == head_revision()


async def test_starters_at_once_upgrade_once(database_url: str) -> None:
    starters = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", STARTER, database_url, cwd=ROOT, stderr=asyncio.subprocess.PIPE
        )
        for _ in range(4)
    ]
    ended = await asyncio.gather(*(starter.communicate() for starter in starters))

    assert [starter.returncode for starter in starters] == [0] * 4, ended
    async with await open_store(database_url, migrate=False) as store:
        assert await store.last_beat_or_none() is not None


async def test_feeds_of_an_older_version_are_in_the_part_of_their_host(database_url: str) -> None:
    database = Database(parse_url(database_url))
    url = "https://Wire.example:8443/rss"
    async with database.writing() as connection:
        await connection.run_sync(upgrade_to, "0007")
        await connection.execute(text(OLD_FEED.replace("'u', 'u'", f"'{url}', '{url}'")))
    await database.aclose()

    async with await open_store(database_url) as store, store.database.reading() as connection:
        bucket = await connection.scalar(text("SELECT bucket FROM feeds"))

    assert bucket == bucket_of("https://wire.example:8443/other") != 0
