"""Every table there is: ours, and those that slack_sdk keeps beside them.

For what looks at a database as a whole: copies, backups, checks. What is asked every day is
asked of schema.py.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    TypeDecorator,
)
from sqlalchemy.types import TypeEngine

from bot.store.schema import metadata

PASSING = ("processes", "budgets", "seen_events")
"""Tables of what happens at the moment, and where: of no use elsewhere, and wrong later."""

_ID, _WORDS, _SCOPES = String(32), String(200), String(1000)


def make_whole_schema() -> MetaData:
    """Our tables, and those of slack_sdk 3.47 as the sixth migration makes them."""
    whole = MetaData(naming_convention=metadata.naming_convention)
    _add_installations(whole)
    _add_bots(whole)
    Table(
        "slack_oauth_states",
        whole,
        Column("id", Integer, primary_key=True),
        Column("state", _WORDS, nullable=False),
        Column("expire_at", DateTime, nullable=False),
    )
    for table in metadata.sorted_tables:
        table.to_metadata(whole)
    return whole


def make_plain_tables() -> tuple[Table, ...]:
    """What is copied from one database to another, each after those that it refers to.

    Their values are as they are kept: moments as numbers, lists as JSON. Nothing of them is
    understood, so nothing is lost, and half the time is saved.
    """
    plain = MetaData()
    return tuple(
        Table(
            table.name,
            plain,
            *(
                Column(column.name, _plain(column.type), primary_key=column.primary_key)
                for column in table.columns
            ),
        )
        for table in make_whole_schema().sorted_tables
        if table.name not in PASSING
    )


def _plain(kind: TypeEngine[object]) -> TypeEngine[object]:
    return kind.impl_instance if isinstance(kind, TypeDecorator) else kind


def _add_installations(whole: MetaData) -> None:
    Table(
        "slack_installations",
        whole,
        Column("id", Integer, primary_key=True),
        *_app_columns(),
        Column("enterprise_url", _WORDS),
        *_team_columns(),
        Column("user_id", _ID, nullable=False),
        Column("user_token", _WORDS),
        Column("user_scopes", _SCOPES),
        Column("user_refresh_token", _WORDS),
        Column("user_token_expires_at", DateTime),
        Column("incoming_webhook_url", _WORDS),
        Column("incoming_webhook_channel", _WORDS),
        Column("incoming_webhook_channel_id", _WORDS),
        Column("incoming_webhook_configuration_url", _WORDS),
        Column("is_enterprise_install", Boolean, nullable=False),
        Column("token_type", _ID),
        Column("installed_at", DateTime, nullable=False),
        Index(
            "slack_installations_idx",
            *("client_id", "enterprise_id", "team_id", "user_id", "installed_at"),
        ),
    )


def _add_bots(whole: MetaData) -> None:
    Table(
        "slack_bots",
        whole,
        Column("id", Integer, primary_key=True),
        *_app_columns(),
        *_team_columns(),
        Column("is_enterprise_install", Boolean, nullable=False),
        Column("installed_at", DateTime, nullable=False),
        Index("slack_bots_idx", "client_id", "enterprise_id", "team_id", "installed_at"),
    )


def _app_columns() -> tuple[Column[str], ...]:
    return (
        Column("client_id", _ID, nullable=False),
        Column("app_id", _ID, nullable=False),
        Column("enterprise_id", _ID),
        Column("enterprise_name", _WORDS),
    )


def _team_columns() -> tuple[Column[object], ...]:
    return (
        Column("team_id", _ID),
        Column("team_name", _WORDS),
        Column("bot_token", _WORDS),
        Column("bot_id", _ID),
        Column("bot_user_id", _ID),
        Column("bot_scopes", _SCOPES),
        Column("bot_refresh_token", _WORDS),
        Column("bot_token_expires_at", DateTime),
    )
