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
