"""What lets several processes share the work: parts of the feeds, who is there, what is shared.

Revision: 0008. Follows: 0007.
"""

from __future__ import annotations

import zlib

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TEXT = sa.Text()
MOMENT = sa.BigInteger()  # microseconds since 1970
BUCKETS = 32
AT_ONCE = 1_000


def upgrade() -> None:
    """Add the tables, and say of every feed which part it is in."""
    op.add_column("feeds", sa.Column("bucket", sa.Integer(), nullable=False, server_default="0"))
    _fill_buckets()
    if op.get_bind().dialect.name == "postgresql":  # where it is SQLite one process polls all
        is_polled = sa.text("is_retired = false")
        op.create_index(
            "ix_feeds_bucket", "feeds", ["bucket", "next_due_at"], postgresql_where=is_polled
        )
    op.create_table(
        "processes",
        sa.Column("name", TEXT, nullable=False),
        sa.Column("roles", TEXT, nullable=False),
        sa.Column("host", TEXT, nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("beat_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_processes"),
    )
    op.create_table(
        "budgets",
        sa.Column("name", TEXT, nullable=False),
        sa.Column("next_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_budgets"),
    )
    op.create_table(
        "seen_events",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_seen_events"),
    )
    op.create_index("ix_seen_events_seen_at", "seen_events", ["seen_at"])


def _fill_buckets() -> None:
    connection = op.get_bind()
    feeds = sa.table("feeds", sa.column("id"), sa.column("url"), sa.column("bucket"))
    rows = connection.execute(sa.select(feeds.c.id, feeds.c.url)).all()
    fill = (
        sa.update(feeds)
        .where(feeds.c.id == sa.bindparam("feed_id"))
        .values(bucket=sa.bindparam("in_bucket"))
    )
    values = [{"feed_id": row.id, "in_bucket": _bucket_of(row.url)} for row in rows]
    for start in range(0, len(values), AT_ONCE):
        connection.execute(fill, values[start : start + AT_ONCE])


def _bucket_of(url: str) -> int:
    """As ``bot.model.bucket_of`` had it when this was written."""
    parts = url.split("/", 3)
    host = parts[2] if len(parts) > 2 else url
    return zlib.crc32(host.lower().encode("utf-8", "replace")) % BUCKETS
