"""Alembic runs this file for every command; the connection is handed over by migrate.py.

Source: Alembic, "Sharing a Connection across one or more programmatic migration commands".
"""

from __future__ import annotations

from alembic import context

from bot.store.schema import metadata

# The caller began the transaction and commits it, so an upgrade happens whole or not at
# all. Alembic believes SQLite cannot do that with DDL; it can where BEGIN is explicit.
context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
