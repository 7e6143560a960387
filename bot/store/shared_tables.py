"""Tables of what processes on one database share besides the news."""

from __future__ import annotations

from sqlalchemy import Column, Table, Text

from bot.store.columns import Moment
from bot.store.schema import metadata

# Who is at work on this database, in whichever role; see scheduling/cluster.
processes = Table(
    "processes",
    metadata,
    Column("name", Text, primary_key=True),
    Column("roles", Text, nullable=False),  # apart by spaces
    Column("host", Text, nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("beat_at", Moment, nullable=False),
)

# What several processes may do so often in all: when the next may, by the database's clock.
budgets = Table(
    "budgets",
    metadata,
    Column("name", Text, primary_key=True),
    Column("next_at", Moment, nullable=False),
)

# What a platform sent us once and may send again, to another process.
seen_events = Table(
    "seen_events",
    metadata,
    Column("id", Text, primary_key=True),
    Column("seen_at", Moment, nullable=False, index=True),
)
