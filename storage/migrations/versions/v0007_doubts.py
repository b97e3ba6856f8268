"""Letters: to which address (by its hash) they last went, and indexes on what waits and what somebody has in hand."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

PENDING = sa.text("status = 'pending'")
HELD = sa.text("status = 'pending' AND lease_until IS NOT NULL")


def upgrade() -> None:
    """Add a column, which letters that went before leave empty, and indexes by which the next letter is found."""
    op.add_column("letter", sa.Column("sent_to", sa.String(), nullable=True))
    op.drop_index("ix_letter_pending", "letter")
    columns = ["status", "not_before", "id"]
    op.create_index("ix_letter_pending", "letter", columns, sqlite_where=PENDING, postgresql_where=PENDING)
    op.create_index("ix_letter_held", "letter", ["lease_until"], sqlite_where=HELD, postgresql_where=HELD)
