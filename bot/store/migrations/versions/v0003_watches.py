"""Companies that people watch, and which stories are news to everybody.

Revision: 0003. Follows: 0002.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TEXT = sa.Text()
MOMENT = sa.BigInteger()  # microseconds since 1970


def upgrade() -> None:
    """Make the table; the stories there are were all opened for everybody."""
    op.create_table(
        "watches",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("platform", TEXT, nullable=False),
        sa.Column("workspace", TEXT, nullable=False),
        sa.Column("slug", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("role", TEXT, nullable=False),
        sa.Column("aliases", TEXT, nullable=False),
        sa.Column("needs", TEXT, nullable=False),
        sa.Column("unless", TEXT, nullable=False),
        sa.Column("exact_case", sa.Boolean()),
        sa.Column("is_alone", sa.Boolean(), nullable=False),
        sa.Column("added_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_watches"),
        sa.UniqueConstraint(
            "platform", "workspace", "slug", name="uq_watches_platform_workspace_slug"
        ),
    )
    for name in ("is_pair_to_all", "is_relevant"):
        op.add_column(
            "stories", sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.true())
        )
