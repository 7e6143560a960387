"""What lets a feed be read in part, polled at its own rhythm, and told of when it fails.

Revision: 0007. Follows: 0006.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TEXT = sa.Text()
MOMENT = sa.BigInteger()  # microseconds since 1970


def upgrade() -> None:
    """Add the columns; what earlier versions did not note is not known."""
    for name in ("added_person", "trouble", "flaw", "told", "hub", "topic"):
        op.add_column("feeds", sa.Column(name, TEXT, nullable=False, server_default=""))
    for name in ("added_at", "answered_at", "failing_since", "flagged_at", "told_at"):
        op.add_column("feeds", sa.Column(name, MOMENT))
    op.add_column("feeds", sa.Column("marks", sa.LargeBinary()))
    op.add_column("feeds", sa.Column("gap_s", sa.Float()))
    was_flagged = sa.text("flagged_at IS NOT NULL")
    op.create_index(
        "ix_feeds_flagged",
        "feeds",
        ["flagged_at"],
        sqlite_where=was_flagged,
        postgresql_where=was_flagged,
    )
    _create_hub_subscriptions()


def _create_hub_subscriptions() -> None:
    op.create_table(
        "hub_subscriptions",
        sa.Column("feed_id", sa.Integer(), nullable=False),
        sa.Column("hub", TEXT, nullable=False),
        sa.Column("topic", TEXT, nullable=False),
        sa.Column("token", TEXT, nullable=False),
        sa.Column("secret", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("next_try_at", MOMENT, nullable=False),
        sa.Column("lease_until", MOMENT),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("error", TEXT, nullable=False),
        sa.ForeignKeyConstraint(
            ["feed_id"],
            ["feeds.id"],
            name="fk_hub_subscriptions_feed_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("feed_id", name="pk_hub_subscriptions"),
        sa.UniqueConstraint("token", name="uq_hub_subscriptions_token"),
    )
    op.create_index("ix_hub_subscriptions_next_try_at", "hub_subscriptions", ["next_try_at"])
