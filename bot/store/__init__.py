"""The Store port on SQLAlchemy Core: one schema for SQLite and PostgreSQL."""

from bot.store.address import check_place, conninfo_of, describe_url, parse_url, sqlite_path_or_none
from bot.store.advice import is_away
from bot.store.migrate import current_revision, head_revision, upgrade
from bot.store.store import SqlStore, open_store

__all__ = [
    "SqlStore",
    "check_place",
    "conninfo_of",
    "current_revision",
    "describe_url",
    "head_revision",
    "is_away",
    "open_store",
    "parse_url",
    "sqlite_path_or_none",
    "upgrade",
]
