"""Why each entry is in its story, and finding entries by story and by link.

Revision: 0002. Follows: 0001.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store.rows import digest_link_or_none

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

AT_ONCE = 5_000  # entries read and changed together


def upgrade() -> None:
    """Add the two columns, fill in the digests of links, then make the indexes."""
    op.add_column("entries", sa.Column("link_key", sa.LargeBinary(), nullable=True))
    op.add_column("entries", sa.Column("filed", sa.Text(), nullable=False, server_default=""))
    _digest_links()
    is_in_a_story = sa.column("story_id") != sa.literal_column("''")
    op.create_index(
        "ix_entries_story",
        "entries",
        ["story_id"],
        sqlite_where=is_in_a_story,
        postgresql_where=is_in_a_story,
    )
    op.create_index("ix_entries_link_key", "entries", ["link_key"])


def _digest_links() -> None:
    entries = sa.table(
        "entries",
        sa.column("id", sa.BigInteger()),
        sa.column("link", sa.Text()),
        sa.column("link_key", sa.LargeBinary()),
    )
    connection = op.get_bind()
    change = (
        sa.update(entries)
        .where(entries.c.id == sa.bindparam("entry_id"))
        .values(link_key=sa.bindparam("digest"))
    )
    last = -1
    while True:
        rows = connection.execute(
            sa.select(entries.c.id, entries.c.link)
            .where(entries.c.id > last, entries.c.link.is_not(None))
            .order_by(entries.c.id)
            .limit(AT_ONCE)
        ).all()
        if not rows:
            return
        digests = [{"entry_id": row.id, "digest": digest_link_or_none(row.link)} for row in rows]
        connection.execute(change, digests)
        last = rows[-1].id
