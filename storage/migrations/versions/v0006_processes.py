"""Processes: who ticks and when last, and the indexes by which whoever watches finds what fails or is stuck."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
FAILING = sa.text("status = 'armed' AND retry_at IS NOT NULL")
STUCK = sa.text("status IN ('dead', 'doubtful', 'held')")


def upgrade() -> None:
    """Add the table of processes and two small indexes."""
    op.create_table(
        "process",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("beat_at", INSTANT, nullable=False),
        sa.Column("ticked_at", INSTANT, nullable=True),
        sa.Column("delivered_at", INSTANT, nullable=True),
        sa.Column("inbox_at", INSTANT, nullable=True),
        sa.Column("failing", sa.String(), nullable=True),
        sa.Column("failing_since", INSTANT, nullable=True),
        sa.Column("mail_failing", sa.String(), nullable=True),
        sa.Column("mail_failing_since", INSTANT, nullable=True),
        sa.Column("stopped_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_process")),
    )
    op.create_index("ix_timer_retry", "timer", ["retry_at"], sqlite_where=FAILING, postgresql_where=FAILING)
    op.create_index("ix_outbox_stuck", "outbox", ["status"], sqlite_where=STUCK, postgresql_where=STUCK)
