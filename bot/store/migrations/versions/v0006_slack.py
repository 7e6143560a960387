"""Who changed what; and the tables in which slack_sdk keeps installations of many workspaces.

The latter are as slack_sdk 3.47 makes them; they are its own, and read and written by it alone.

Revision: 0006. Follows: 0005.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TEXT = sa.Text()
MOMENT = sa.BigInteger()  # microseconds since 1970
ID = sa.String(32)
WORDS = sa.String(200)
SCOPES = sa.String(1000)
TIME = sa.DateTime()


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("platform", TEXT, nullable=False),
        sa.Column("workspace", TEXT, nullable=False),
        sa.Column("channel", TEXT, nullable=False),
        sa.Column("thread", TEXT, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("said_by", TEXT, nullable=False),
        sa.Column("said", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )
    op.create_index("ix_audit_platform", "audit", ["platform", "workspace", "at", "id"])
    _make_installations()
    _make_bots()
    op.create_table(
        "slack_oauth_states",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("state", WORDS, nullable=False),
        sa.Column("expire_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_slack_oauth_states"),
    )


def _make_installations() -> None:
    op.create_table(
        "slack_installations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("client_id", ID, nullable=False),
        sa.Column("app_id", ID, nullable=False),
        sa.Column("enterprise_id", ID),
        sa.Column("enterprise_name", WORDS),
        sa.Column("enterprise_url", WORDS),
        sa.Column("team_id", ID),
        sa.Column("team_name", WORDS),
        sa.Column("bot_token", WORDS),
        sa.Column("bot_id", ID),
        sa.Column("bot_user_id", ID),
        sa.Column("bot_scopes", SCOPES),
        sa.Column("bot_refresh_token", WORDS),
        sa.Column("bot_token_expires_at", TIME),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("user_token", WORDS),
        sa.Column("user_scopes", SCOPES),
        sa.Column("user_refresh_token", WORDS),
        sa.Column("user_token_expires_at", TIME),
        sa.Column("incoming_webhook_url", WORDS),
        sa.Column("incoming_webhook_channel", WORDS),
        sa.Column("incoming_webhook_channel_id", WORDS),
        sa.Column("incoming_webhook_configuration_url", WORDS),
        sa.Column("is_enterprise_install", sa.Boolean(), nullable=False),
        sa.Column("token_type", ID),
        sa.Column("installed_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_slack_installations"),
    )
    op.create_index(
        "slack_installations_idx",
        "slack_installations",
        ["client_id", "enterprise_id", "team_id", "user_id", "installed_at"],
    )


def _make_bots() -> None:
    op.create_table(
        "slack_bots",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("client_id", ID, nullable=False),
        sa.Column("app_id", ID, nullable=False),
        sa.Column("enterprise_id", ID),
        sa.Column("enterprise_name", WORDS),
        sa.Column("team_id", ID),
        sa.Column("team_name", WORDS),
        sa.Column("bot_token", WORDS),
        sa.Column("bot_id", ID),
        sa.Column("bot_user_id", ID),
        sa.Column("bot_scopes", SCOPES),
        sa.Column("bot_refresh_token", WORDS),
        sa.Column("bot_token_expires_at", TIME),
        sa.Column("is_enterprise_install", sa.Boolean(), nullable=False),
        sa.Column("installed_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_slack_bots"),
    )
    op.create_index(
        "slack_bots_idx", "slack_bots", ["client_id", "enterprise_id", "team_id", "installed_at"]
    )
