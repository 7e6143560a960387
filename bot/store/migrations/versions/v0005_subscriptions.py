"""What a destination wants in full, what it does not want, and how its posts are made.

Revision: 0005. Follows: 0004.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TEXT = sa.Text()
MOMENT = sa.BigInteger()  # microseconds since 1970
PLACE = ("platform", "workspace", "channel", "thread")


def upgrade() -> None:
    """Add the columns and tables; a subscription of before is live and wants what it wanted."""
    _widen_subscriptions()
    _make_mutes_and_feedback()
    _widen_deliveries()
    _index_deliveries()
    op.add_column("feeds", _filled("added_by", TEXT, ""))


def _filled(
    name: str, kind: sa.types.TypeEngine[Any], default: str | sa.ColumnElement[bool]
) -> sa.Column[Any]:
    """A column that is never NULL."""
    return sa.Column(name, kind, nullable=False, server_default=default)


def _widen_subscriptions() -> None:
    for column in (
        _filled("events", TEXT, "[]"),
        _filled("companies", TEXT, "[]"),
        _filled("min_outlets", sa.Integer(), "1"),
        _filled("rhythm", TEXT, "live"),
        _filled("at", TEXT, "09:00:00"),
        _filled("time_zone", TEXT, "UTC"),
        sa.Column("quiet_start", TEXT),
        sa.Column("quiet_end", TEXT),
        sa.Column("ping_role", TEXT),
        _filled("ping_is_for_pairs", sa.Boolean(), sa.false()),
        _filled("ping_events", TEXT, "[]"),
        _filled("opens_threads", sa.Boolean(), sa.false()),
        sa.Column("paused_until", MOMENT),
        _filled("parked", TEXT, ""),
        _filled("subscribed_by", TEXT, ""),
    ):
        op.add_column("subscriptions", column)


def _make_mutes_and_feedback() -> None:
    op.create_table(
        "mutes",
        sa.Column(
            "subscription_id",
            sa.Integer(),
            sa.ForeignKey("subscriptions.id", name="fk_mutes_subscription_id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("subject", TEXT, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("until", MOMENT),
        sa.Column("muted_by", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("subscription_id", "kind", "subject", name="pk_mutes"),
    )
    op.create_table(
        "feedback",
        sa.Column("story_id", TEXT, nullable=False),
        sa.Column("platform", TEXT, nullable=False),
        sa.Column("workspace", TEXT, nullable=False),
        sa.Column("said_by", TEXT, nullable=False),
        sa.Column("said_at", MOMENT, nullable=False),
        sa.Column("companies", TEXT, nullable=False),
        sa.Column("headline", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("story_id", "platform", "workspace", "said_by", name="pk_feedback"),
    )
    op.create_index("ix_feedback_platform", "feedback", ["platform", "workspace", "said_at"])


def _widen_deliveries() -> None:
    """A first post that was under way when the program ended may be there: since when, unknown.

    The time of its attempt is never later than the call was.
    """
    for column in (
        _filled("opened_at", MOMENT, "0"),
        sa.Column("unclear_since", MOMENT),
        _filled("was_unclear", sa.Boolean(), sa.false()),
        _filled("ping", TEXT, ""),
        _filled("is_gathered", sa.Boolean(), sa.false()),
        _filled("opens_thread", sa.Boolean(), sa.false()),
        _filled("digest_id", TEXT, ""),
    ):
        op.add_column("deliveries", column)
    op.execute(
        "UPDATE deliveries SET opened_at ="
        " (SELECT stories.opened_at FROM stories WHERE stories.id = deliveries.story_id)"
    )
    op.execute(
        "UPDATE deliveries SET unclear_since = next_attempt_at, was_unclear = true"
        " WHERE state = 'sending' AND sent_revision = 0"
    )


def _index_deliveries() -> None:
    for name in ("state", "story_id"):
        op.drop_index(f"ix_deliveries_{name}", "deliveries")
    op.create_index("ix_deliveries_story_id", "deliveries", ["story_id", *PLACE])
    op.create_index(
        "ix_deliveries_platform", "deliveries", [*PLACE, "state", "opened_at", "story_id"]
    )
    for name, columns, condition in (
        ("due", ["next_attempt_at", "opened_at", "story_id", "id"], "state = 'owed'"),
        ("lease_until", ["lease_until"], "state = 'sending'"),
        ("fresh", ["opened_at", "id"], "state = 'owed' AND sent_revision = 0"),
        ("digest_id", ["digest_id"], "digest_id <> ''"),
    ):
        op.create_index(
            f"ix_deliveries_{name}",
            "deliveries",
            columns,
            sqlite_where=sa.text(condition),
            postgresql_where=sa.text(condition),
        )
