"""Registrations: what was measured, judged and aimed at."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create the table of registrations; nothing that is there changes."""
    op.create_table(
        "registration",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("programme_id", NUMBER, nullable=False),
        sa.Column("instance_id", NUMBER, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kommune", sa.String(), nullable=True),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("period", sa.String(), nullable=False),
        sa.Column("group_name", sa.String(), nullable=False),
        sa.Column("value", sa.Float(), nullable=True),
        sa.Column("yes", sa.Integer(), nullable=True),
        sa.Column("n", sa.Integer(), nullable=True),
        sa.Column("definition", sa.JSON(), nullable=True),
        sa.Column("instrument", sa.String(), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_kind", sa.String(), nullable=False),
        sa.Column("actor_id", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("overridden", sa.JSON(), nullable=False),
        sa.Column("corrects", NUMBER, nullable=True),
        sa.Column("idempotency_key", sa.String(), nullable=True),
        sa.Column("prev_hash", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.CheckConstraint("seq > 0", name=op.f("ck_registration_seq")),
        sa.CheckConstraint("n IS NULL OR n >= 0", name=op.f("ck_registration_n")),
        sa.CheckConstraint(
            "yes IS NULL OR (yes >= 0 AND n IS NOT NULL AND yes <= n)", name=op.f("ck_registration_yes")
        ),
        sa.CheckConstraint("corrects IS NULL OR corrects < id", name=op.f("ck_registration_corrects")),
        sa.CheckConstraint(
            "subject IN ('measure', 'verdict', 'target', 'agreement')", name=op.f("ck_registration_subject")
        ),
        sa.CheckConstraint("period IN ('', 'foer', 'efter')", name=op.f("ck_registration_period")),
        sa.CheckConstraint(
            "actor_kind IN ('person', 'system', 'token', 'import')", name=op.f("ck_registration_actor_kind")
        ),
        sa.ForeignKeyConstraint(["programme_id"], ["instance.id"], name=op.f("fk_registration_programme_id")),
        sa.ForeignKeyConstraint(["instance_id"], ["instance.id"], name=op.f("fk_registration_instance_id")),
        sa.ForeignKeyConstraint(["kommune"], ["kommune.code"], name=op.f("fk_registration_kommune")),
        sa.ForeignKeyConstraint(["corrects"], ["registration.id"], name=op.f("fk_registration_corrects")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registration")),
        sa.UniqueConstraint("instance_id", "seq", name=op.f("uq_registration_instance_id_seq")),
        sa.UniqueConstraint("instance_id", "idempotency_key", name=op.f("uq_registration_instance_id_idempotency_key")),
        sa.UniqueConstraint("corrects", name=op.f("uq_registration_corrects")),
    )
    op.create_index(op.f("ix_registration_programme_id_id"), "registration", ["programme_id", "id"], unique=False)
