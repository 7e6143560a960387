"""The first schema: feeds, entries, stories, subscriptions, deliveries.

Revision: 0001. Follows: nothing.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TEXT = sa.Text()
MOMENT = sa.BigInteger()  # microseconds since 1970
ENTRY_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make every table."""
    _make_feeds()
    _make_entries()
    _make_edits_and_keys()
    _make_stories()
    _make_deliveries()


def _make_feeds() -> None:
    is_polled = sa.column("is_retired") == sa.false()
    op.create_table(
        "feeds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("url", TEXT, nullable=False),
        sa.Column("given_url", TEXT, nullable=False),
        sa.Column("origin", TEXT, nullable=False),
        sa.Column("is_retired", sa.Boolean(), nullable=False),
        sa.Column("title", TEXT, nullable=False),
        sa.Column("outlet", TEXT, nullable=False),
        sa.Column("lang", TEXT, nullable=False),
        sa.Column("next_due_at", MOMENT, nullable=False),
        sa.Column("interval_s", sa.Float()),
        sa.Column("etag", TEXT),
        sa.Column("last_modified", TEXT),
        sa.Column("body_hash", TEXT, nullable=False),
        sa.Column("first_poll_done", sa.Boolean(), nullable=False),
        sa.Column("polled_at", MOMENT),
        sa.Column("changed_at", MOMENT),
        sa.Column("fetched_whole_at", MOMENT),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("error", TEXT, nullable=False),
        sa.Column("moved_to", TEXT, nullable=False),
        sa.Column("moved_since", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_feeds"),
        sa.UniqueConstraint("given_url", name="uq_feeds_given_url"),
        sa.UniqueConstraint("url", name="uq_feeds_url"),
    )
    op.create_index(
        "ix_feeds_due", "feeds", ["next_due_at"], sqlite_where=is_polled, postgresql_where=is_polled
    )


def _make_entries() -> None:
    is_in_no_story = sa.text("story_id = ''")
    op.create_table(
        "entries",
        sa.Column("id", ENTRY_ID, nullable=False),
        sa.Column("feed_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("story_id", TEXT, nullable=False),
        sa.Column("guid", TEXT),
        sa.Column("link", TEXT),
        sa.Column("title", TEXT, nullable=False),
        sa.Column("summary", TEXT, nullable=False),
        sa.Column("body", TEXT, nullable=False),
        sa.Column("outlet", TEXT, nullable=False),
        sa.Column("reasons", TEXT, nullable=False),
        sa.Column("text_hash", TEXT, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.Column("published_at", MOMENT, nullable=False),
        sa.Column("listed_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["feed_id"], ["feeds.id"], name="fk_entries_feed_id"),
        sa.PrimaryKeyConstraint("id", name="pk_entries"),
    )
    op.create_index(
        "ix_entries_forgettable",
        "entries",
        ["listed_at"],
        sqlite_where=is_in_no_story,
        postgresql_where=is_in_no_story,
    )


def _make_edits_and_keys() -> None:
    op.create_table(
        "entry_edits",
        sa.Column("entry_id", ENTRY_ID, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("link", TEXT),
        sa.Column("title", TEXT, nullable=False),
        sa.Column("summary", TEXT, nullable=False),
        sa.Column("text_hash", TEXT, nullable=False),
        sa.Column("replaced_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["entries.id"], name="fk_entry_edits_entry_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("entry_id", "revision", name="pk_entry_edits"),
    )
    op.create_table(
        "entry_keys",
        sa.Column("feed_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("entry_id", ENTRY_ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["entries.id"], name="fk_entry_keys_entry_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("feed_id", "key", name="pk_entry_keys"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_entry_keys_entry_id", "entry_keys", ["entry_id"])


def _make_stories() -> None:
    op.create_table(
        "stories",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("headline", TEXT, nullable=False),
        sa.Column("summary", TEXT, nullable=False),
        sa.Column("link", TEXT),
        sa.Column("outlet", TEXT, nullable=False),
        sa.Column("event", TEXT, nullable=False),
        sa.Column("is_pair", sa.Boolean(), nullable=False),
        sa.Column("is_history", sa.Boolean(), nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("published_at", MOMENT, nullable=False),
        sa.Column("words", TEXT, nullable=False),
        sa.Column("lang", TEXT, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("reasons", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_stories"),
    )
    op.create_index("ix_stories_published_at", "stories", ["published_at"])
    op.create_index("ix_stories_updated_at", "stories", ["updated_at"])
    op.create_table(
        "story_companies",
        sa.Column("story_id", TEXT, nullable=False),
        sa.Column("role", TEXT, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("company", TEXT, nullable=False),
        sa.ForeignKeyConstraint(
            ["story_id"], ["stories.id"], name="fk_story_companies_story_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("story_id", "role", "position", name="pk_story_companies"),
    )
    op.create_index("ix_story_companies_company", "story_companies", ["company", "story_id"])
    op.create_table(
        "story_coverage",
        sa.Column("story_id", TEXT, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("outlet", TEXT, nullable=False),
        sa.Column("title", TEXT, nullable=False),
        sa.Column("link", TEXT),
        sa.Column("feed_id", sa.Integer(), nullable=False),
        sa.Column("entry_key", TEXT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.Column("published_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["story_id"], ["stories.id"], name="fk_story_coverage_story_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("story_id", "position", name="pk_story_coverage"),
    )


def _make_deliveries() -> None:
    op.create_table(
        "subscriptions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("platform", TEXT, nullable=False),
        sa.Column("workspace", TEXT, nullable=False),
        sa.Column("channel", TEXT, nullable=False),
        sa.Column("thread", TEXT, nullable=False),
        sa.Column("scope", TEXT, nullable=False),
        sa.Column("subscribed_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_subscriptions"),
        sa.UniqueConstraint(
            "platform",
            "workspace",
            "channel",
            "thread",
            name="uq_subscriptions_platform_workspace_channel_thread",
        ),
    )
    op.create_table(
        "deliveries",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("story_id", TEXT, nullable=False),
        sa.Column("platform", TEXT, nullable=False),
        sa.Column("workspace", TEXT, nullable=False),
        sa.Column("channel", TEXT, nullable=False),
        sa.Column("thread", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("sent_revision", sa.Integer(), nullable=False),
        sa.Column("message_ref", TEXT, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", MOMENT, nullable=False),
        sa.Column("lease_until", MOMENT),
        sa.Column("error", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["story_id"], ["stories.id"], name="fk_deliveries_story_id"),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
    )
    op.create_index("ix_deliveries_state", "deliveries", ["state", "next_attempt_at"])
    op.create_table(
        "meta",
        sa.Column("name", TEXT, nullable=False),
        sa.Column("value", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_meta"),
    )
