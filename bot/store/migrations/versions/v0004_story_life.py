"""What stories are found under, how they hang on earlier ones, and who wrote them last.

Revision: 0004. Follows: 0003.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TEXT = sa.Text()
MOMENT = sa.BigInteger()  # microseconds since 1970


def upgrade() -> None:
    """Add the columns and the table; the terms of open stories are filled in at start."""
    op.add_column("stories", sa.Column("tie", TEXT, nullable=False, server_default=""))
    for name in ("tie_story_id", "tie_headline", "tie_link"):
        op.add_column("stories", sa.Column(name, TEXT))
    op.add_column("stories", sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
    op.create_table(
        "story_terms",
        sa.Column("term", TEXT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column(
            "story_id",
            TEXT,
            sa.ForeignKey("stories.id", name="fk_story_terms_story_id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("term", "updated_at", "story_id", name="pk_story_terms"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_story_terms_story_id", "story_terms", ["story_id"])
    op.create_index("ix_stories_tie_story_id", "stories", ["tie_story_id"])
    op.create_index("ix_deliveries_story_id", "deliveries", ["story_id"])
