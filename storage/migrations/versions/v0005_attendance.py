"""Attendance: who comes and who came, and the addresses of calendar feeds."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create three tables; nothing that is there changes."""
    op.create_table(
        "attendance",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("programme_id", NUMBER, nullable=False),
        sa.Column("instance_id", NUMBER, nullable=False),
        sa.Column("kommune", sa.String(), nullable=True),
        sa.Column("person_id", NUMBER, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("answer", sa.String(), nullable=True),
        sa.Column("came", sa.Boolean(), nullable=True),
        sa.Column("sequence", sa.Integer(), nullable=True),
        sa.Column("way", sa.String(), nullable=False),
        sa.Column("actor_kind", sa.String(), nullable=False),
        sa.Column("actor_id", sa.String(), nullable=False),
        sa.Column("happened_at", INSTANT, nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("idempotency_key", sa.String(), nullable=True),
        sa.CheckConstraint("seq > 0", name=op.f("ck_attendance_seq")),
        sa.CheckConstraint("(answer IS NULL) <> (came IS NULL)", name=op.f("ck_attendance_one")),
        sa.CheckConstraint("sequence IS NULL OR sequence >= 0", name=op.f("ck_attendance_sequence")),
        sa.CheckConstraint("answer IN ('kommer', 'kommer_ikke', 'maaske')", name=op.f("ck_attendance_answer")),
        sa.CheckConstraint("way IN ('kalender', 'link', 'kommando', 'konsulent')", name=op.f("ck_attendance_way")),
        sa.CheckConstraint(
            "actor_kind IN ('person', 'system', 'token', 'import')", name=op.f("ck_attendance_actor_kind")
        ),
        sa.ForeignKeyConstraint(["programme_id"], ["instance.id"], name=op.f("fk_attendance_programme_id")),
        sa.ForeignKeyConstraint(["instance_id"], ["instance.id"], name=op.f("fk_attendance_instance_id")),
        sa.ForeignKeyConstraint(["kommune"], ["kommune.code"], name=op.f("fk_attendance_kommune")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_attendance_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attendance")),
        sa.UniqueConstraint("instance_id", "seq", name=op.f("uq_attendance_instance_id_seq")),
        sa.UniqueConstraint("instance_id", "idempotency_key", name=op.f("uq_attendance_instance_id_idempotency_key")),
    )
    op.create_index(
        op.f("ix_attendance_person_id_instance_id"), "attendance", ["person_id", "instance_id"], unique=False
    )
    op.create_table(
        "calendar_reply",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("instance_id", NUMBER, nullable=True),
        sa.Column("person_id", NUMBER, nullable=True),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("answer", sa.String(), nullable=True),
        sa.Column("sender", sa.String(), nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("settled_at", INSTANT, nullable=True),
        sa.CheckConstraint(
            "why IN ('ukendt_moede', 'ikke_indkaldt', 'afsender', 'modforslag', 'videregivet', 'afvist')",
            name=op.f("ck_calendar_reply_why"),
        ),
        sa.ForeignKeyConstraint(["instance_id"], ["instance.id"], name=op.f("fk_calendar_reply_instance_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_calendar_reply_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_reply")),
        sa.UniqueConstraint("key", name=op.f("uq_calendar_reply_key")),
    )
    op.create_index(op.f("ix_calendar_reply_settled_at_id"), "calendar_reply", ["settled_at", "id"], unique=False)
    op.create_table(
        "calendar_address",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("secret_hash", sa.String(), nullable=False),
        sa.Column("person_id", NUMBER, nullable=True),
        sa.Column("programme_id", NUMBER, nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("revoked_at", INSTANT, nullable=True),
        sa.CheckConstraint("length(secret_hash) = 64", name=op.f("ck_calendar_address_secret_hash")),
        sa.CheckConstraint("(person_id IS NULL) <> (programme_id IS NULL)", name=op.f("ck_calendar_address_one")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_calendar_address_person_id")),
        sa.ForeignKeyConstraint(["programme_id"], ["instance.id"], name=op.f("fk_calendar_address_programme_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_address")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_calendar_address_secret_hash")),
    )
    op.create_index(op.f("ix_calendar_address_person_id"), "calendar_address", ["person_id"], unique=False)
    op.create_index(op.f("ix_calendar_address_programme_id"), "calendar_address", ["programme_id"], unique=False)
