"""A database of any earlier version with something in every table, as that version wrote it.

The tables are made by the migrations up to a revision, and the rows below have the columns
that there were by then; the engine's own types turn them into what it keeps.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from alembic import command
from sqlalchemy import Connection, MetaData, insert

from bot.model import Destination, Platform, make_delivery_id
from bot.store.address import parse_url
from bot.store.columns import EPOCH, MICROSECOND
from bot.store.engines import Database
from bot.store.migrate import _make_config, known_revisions
from bot.store.rows import digest_key, digest_link_or_none
from tests.builders import NOW

REVISIONS = sorted(known_revisions())
TITLE = "Huawei fails to get AT&T to sell its phones in the US 📵"
SLACK = Destination(Platform.SLACK, "T1", "C1")
DISCORD = Destination(Platform.DISCORD, "10", "20", "30")
POST = "1515486600.000100"
"""The platform's id of the post that s1 has on Slack."""

Row = dict[str, Any]


def number(moment: datetime) -> int:
    """As moments are kept."""
    return (moment - EPOCH) // MICROSECOND


AT = number(NOW)
HOUR = timedelta(hours=1) // MICROSECOND


def upgrade_to(connection: Connection, revision: str) -> None:
    """Run the migrations up to ``revision``."""
    config = _make_config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


async def build(url: str, revision: str, *, feed_url: str = "https://wire.example/rss") -> int:
    """Make the database at ``url`` one of ``revision``, with data; how many rows.

    Args:
        feed_url: of the feed that is polled.
    """
    database = Database(parse_url(url))
    try:
        async with database.writing() as connection:
            await connection.run_sync(upgrade_to, revision)
            return await connection.run_sync(fill, feed_url)
    finally:
        await database.aclose()


def fill(connection: Connection, feed_url: str) -> int:
    """Add the rows below to the tables and columns that are there."""
    there = MetaData()
    there.reflect(connection)
    count = 0
    for table in there.sorted_tables:
        for row in make_rows(feed_url).get(table.name, ()):
            known = {name: value for name, value in row.items() if name in table.columns}
            connection.execute(insert(table), known)
            count += 1
    return count


Kept = frozenset[tuple[str, str]]
"""A row: the names of its columns, each with its value."""


async def read(url: str) -> dict[str, list[Kept]]:
    """Every row of every table, in order."""
    database = Database(parse_url(url))
    try:
        async with database.reading() as connection:
            return await connection.run_sync(_read)
    finally:
        await database.aclose()


def _read(connection: Connection) -> dict[str, list[Kept]]:
    there = MetaData()
    there.reflect(connection)
    return {
        table.name: sorted(
            (
                frozenset((name, repr(value)) for name, value in row.items())
                for row in connection.execute(table.select()).mappings()
            ),
            key=sorted,
        )
        for table in there.sorted_tables
    }


def make_rows(feed_url: str) -> Mapping[str, list[Row]]:
    """The rows of each table."""
    return {
        "feeds": _feeds(feed_url),
        "entries": _entries(),
        "entry_keys": [
            {"feed_id": one, "key": digest_key(key), "entry_id": entry}
            for entry, one, key in ((1, 1, "guid:deal"), (2, 1, "guid:tart"), (3, 2, "guid:old"))
        ],
        "entry_edits": [
            {"entry_id": 1, "revision": 1, "link": None, "title": "Huawei fails", "summary": "",
             "text_hash": "0" * 32, "replaced_at": AT}
        ],
        "stories": _stories(),
        "story_terms": [{"term": "@huawei", "updated_at": AT, "story_id": "s1"}],
        "story_coverage": [
            {"story_id": story, "position": 0, "outlet": "Example Wire", "title": title,
             "link": f"https://wire.example/{key}", "feed_id": 1, "entry_key": f"guid:{key}",
             "seen_at": AT, "published_at": AT}
            for story, title, key in (("s1", TITLE, "deal"), ("s2", "Huawei confirms it", "yes"))
        ],
        "story_companies": [
            {"story_id": story, "role": role, "position": 0, "company": company}
            for story in ("s1", "s2")
            for role, company in (("maker", "huawei"), ("carrier", "att"))
        ],
        "subscriptions": [
            {"id": 7, **_place(SLACK), "scope": "pair", "subscribed_at": AT, "rhythm": "daily",
             "events": '["deal"]', "companies": '["huawei"]', "min_outlets": 2,
             "at": "08:30:00", "time_zone": "Europe/Berlin", "quiet_start": "22:00:00",
             "quiet_end": "07:00:00", "ping_role": "S1", "ping_is_for_pairs": True,
             "ping_events": "[]", "opens_threads": True, "paused_until": AT + HOUR,
             "parked": "", "subscribed_by": "U1"},
            {"id": 9, **_place(DISCORD), "scope": "any", "subscribed_at": AT},
        ],
        "mutes": [
            {"subscription_id": 7, "kind": "company", "subject": "zte", "position": 0,
             "until": None, "muted_by": "U1"}
        ],
        "feedback": [
            {"story_id": "s1", "platform": "slack", "workspace": "T1", "said_by": "U1",
             "said_at": AT, "companies": '["huawei"]', "headline": TITLE}
        ],
        "watches": [
            {"id": 3, "platform": "slack", "workspace": "T1", "slug": "orange", "name": "Orange",
             "role": "carrier", "aliases": '["Orange SA"]', "needs": "[]", "unless": "[]",
             "exact_case": None, "is_alone": False, "added_at": AT}
        ],
        "audit": [
            {"id": 5, **_place(SLACK), "at": AT, "said_by": "U1", "said": "subscribed “pair”"}
        ],
        "deliveries": _deliveries(),
        "hub_subscriptions": [
            {"feed_id": 1, "hub": "https://hub.example/", "topic": feed_url, "token": "t" * 32,
             "secret": "invented", "state": "held", "asked_at": AT, "next_try_at": AT + 9 * HOUR,
             "lease_until": AT + 9 * HOUR, "failures": 0, "error": ""}
        ],
        "meta": [
            {"name": "beat", "value": NOW.isoformat()},
            {"name": "note:stopped at", "value": (NOW + timedelta(seconds=1)).isoformat()},
        ],
        "processes": [
            {"name": "box-1", "roles": "all", "host": "box", "started_at": AT, "beat_at": AT}
        ],
        "budgets": [{"name": "slack T1", "next_at": AT}],
        "seen_events": [{"id": "Ev1", "seen_at": AT}],
        **_slack(),
    }  # fmt: skip


def _place(place: Destination) -> Row:
    return {
        "platform": place.platform.value,
        "workspace": place.workspace,
        "channel": place.channel,
        "thread": place.thread,
    }


def _feeds(feed_url: str) -> list[Row]:
    common = {
        "lang": "en", "body_hash": "ab" * 32, "first_poll_done": True, "failures": 0,
        "error": "", "moved_to": "", "polled_at": AT, "changed_at": AT, "fetched_whole_at": AT,
    }  # fmt: skip
    return [
        common
        | {"id": 1, "url": feed_url, "given_url": feed_url, "origin": "configured",
           "is_retired": False, "title": "Example Wire", "outlet": "Example Wire",
           "next_due_at": AT, "interval_s": 900.5, "etag": '"v1"', "last_modified": "yesterday",
           "added_at": AT, "answered_at": AT, "marks": b"", "gap_s": 3600.25, "flagged_at": AT,
           "told": "", "told_at": None, "hub": "https://hub.example/", "topic": feed_url},
        common
        | {"id": 2, "url": "https://old.example/rss", "given_url": "https://older.example/rss",
           "origin": "added", "is_retired": True, "title": "手机前线", "outlet": "",
           "next_due_at": AT, "interval_s": None, "etag": None, "last_modified": None,
           "moved_to": "https://new.example/rss", "moved_since": AT, "added_by": "slack/T1",
           "failures": 3, "error": "no answer"},
    ]  # fmt: skip


def _entries() -> list[Row]:
    common = {
        "guid": None, "link": None, "link_key": None, "summary": "", "body": "",
        "outlet": "Example Wire", "reasons": "[]", "text_hash": "0" * 32, "revision": 1,
        "seen_at": AT, "published_at": AT, "listed_at": AT,
    }  # fmt: skip
    link = "https://wire.example/deal"
    return [
        common
        | {"id": 1, "feed_id": 1, "key": digest_key("guid:deal"), "story_id": "s1",
           "guid": "deal", "link": link, "link_key": digest_link_or_none(link), "title": TITLE,
           "summary": "AT&T walked away.", "body": "AT&T walked away. 华为 said so.",
           "reasons": '["pair"]', "revision": 2},
        common | {"id": 2, "feed_id": 1, "key": digest_key("guid:tart"), "story_id": "",
                  "title": "Village bakes its longest apple tart"},
        common | {"id": 3, "feed_id": 2, "key": digest_key("guid:old"), "story_id": "",
                  "title": "旧闻"},
    ]  # fmt: skip


def _stories() -> list[Row]:
    common = {
        "summary": "AT&T walked away.", "link": "https://wire.example/deal",
        "outlet": "Example Wire", "event": "deal-off", "is_pair": True, "is_history": False,
        "opened_at": AT, "updated_at": AT, "published_at": AT, "words": '["att", "huawei"]',
        "lang": "en", "revision": 1, "reasons": '["opened"]',
    }  # fmt: skip
    return [
        common | {"id": "s1", "headline": TITLE},
        common
        | {"id": "s2", "headline": "Huawei confirms it", "tie": "confirmed", "link": None,
           "tie_story_id": "s1", "tie_headline": TITLE, "tie_link": "https://wire.example/deal"},
    ]  # fmt: skip


def _deliveries() -> list[Row]:
    common = {
        "revision": 1, "sent_revision": 0, "message_ref": "", "attempts": 0,
        "next_attempt_at": AT, "lease_until": None, "error": "", "opened_at": AT,
    }  # fmt: skip
    return [
        common
        | {"id": make_delivery_id("s1", SLACK), "story_id": "s1", **_place(SLACK),
           "state": "sent", "sent_revision": 1, "message_ref": POST},
        common
        | {"id": make_delivery_id("s1", DISCORD), "story_id": "s1", **_place(DISCORD),
           "state": "sending", "lease_until": AT + HOUR, "unclear_since": AT},
        common
        | {"id": make_delivery_id("s2", SLACK), "story_id": "s2", **_place(SLACK),
           "state": "owed", "next_attempt_at": AT + 1000 * HOUR, "is_gathered": True},
        common
        | {"id": make_delivery_id("s2", DISCORD), "story_id": "s2", **_place(DISCORD),
           "state": "failed", "attempts": 50, "error": "refused"},
    ]  # fmt: skip


def _slack() -> Mapping[str, list[Row]]:
    installed = NOW.replace(tzinfo=None)
    app = {
        "client_id": "1.2", "app_id": "A1", "enterprise_id": None, "team_id": "T1",
        "team_name": "Acmé", "bot_token": "xoxb-invented", "bot_id": "B1", "bot_user_id": "U0",
        "bot_scopes": "chat:write", "is_enterprise_install": False, "installed_at": installed,
    }  # fmt: skip
    return {
        "slack_installations": [app | {"id": 11, "user_id": "U1", "token_type": "bot"}],
        "slack_bots": [app | {"id": 12}],
        "slack_oauth_states": [{"id": 13, "state": "invented", "expire_at": installed}],
    }
