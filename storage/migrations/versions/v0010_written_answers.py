"""Mails of an inbox that are for a person: who answers by one, and to which meeting, where our Message-ID tells."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add two columns, which mails that lay there before leave empty, and an index by which a meeting's are found."""
    op.add_column("left_mail", sa.Column("person_id", NUMBER, nullable=True))
    op.add_column("left_mail", sa.Column("instance_id", NUMBER, nullable=True))
    op.create_index(op.f("ix_left_mail_instance_id"), "left_mail", ["instance_id"], unique=False)
