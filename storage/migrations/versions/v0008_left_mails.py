"""Mails of an inbox that are for a person: why, where each lies, and how often one broke its reader."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add one table; nothing that is there changes."""
    op.create_table(
        "left_mail",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("box", sa.String(), nullable=False),
        sa.Column("mail", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("seen_at", INSTANT, nullable=False),
        sa.Column("left_at", INSTANT, nullable=True),
        sa.CheckConstraint("why IN ('other', 'foreign', 'full', 'broke')", name=op.f("ck_left_mail_why")),
        sa.CheckConstraint("tries >= 0", name=op.f("ck_left_mail_tries")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_left_mail")),
        sa.UniqueConstraint("box", "mail", name=op.f("uq_left_mail_box_mail")),
    )
    op.create_index(op.f("ix_left_mail_left_at_id"), "left_mail", ["left_at", "id"], unique=False)
