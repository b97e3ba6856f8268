"""Stand-ins: who takes over in a role for one absence."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create one table; nothing that is there changes."""
    op.create_table(
        "stand_in",
        sa.Column("role_id", NUMBER, nullable=False),
        sa.Column("person_id", NUMBER, nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["role_id"], ["role_assignment.id"], name=op.f("fk_stand_in_role_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_stand_in_person_id")),
        sa.PrimaryKeyConstraint("role_id", name=op.f("pk_stand_in")),
    )
    op.create_index(op.f("ix_stand_in_person_id"), "stand_in", ["person_id"], unique=False)
