"""Letters: mails to one person each, and what a person wants to hear."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Let the outbox hold intents alone: who gets which mail, and how that goes, stands in letters from now on."""
    with op.batch_alter_table("outbox") as outbox:
        outbox.drop_constraint(op.f("ck_outbox_status"), type_="check")
        outbox.drop_constraint(op.f("ck_outbox_numbers"), type_="check")
        outbox.drop_column("lease_until")
        outbox.drop_column("fence")
        outbox.add_column(sa.Column("waits", sa.String(), nullable=True))
        outbox.create_check_constraint(
            op.f("ck_outbox_status"),
            "status IN ('pending', 'posted', 'sent', 'withdrawn', 'dead', 'held', 'doubtful')",
        )
        outbox.create_check_constraint(op.f("ck_outbox_numbers"), "attempts >= 0")
    with op.batch_alter_table("delivery") as delivery:
        delivery.drop_constraint(op.f("uq_delivery_message_id"), type_="unique")
    op.create_table(
        "letter",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("person_id", NUMBER, nullable=False),
        sa.Column("shape", sa.String(), nullable=False),
        sa.Column("send_on", sa.Date(), nullable=False),
        sa.Column("week", sa.String(), nullable=False),
        sa.Column("has_nudge", sa.Boolean(), nullable=False),
        sa.Column("is_urgent", sa.Boolean(), nullable=False),
        sa.Column("is_once", sa.Boolean(), nullable=False),
        sa.Column("cut_at", INSTANT, nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("not_before", INSTANT, nullable=False),
        sa.Column("lease_until", INSTANT, nullable=True),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("is_doubtful", sa.Boolean(), nullable=False),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.Column("settled_at", INSTANT, nullable=True),
        sa.CheckConstraint("shape IN ('mail', 'digest')", name=op.f("ck_letter_shape")),
        sa.CheckConstraint(
            "status IN ('pending', 'sent', 'withdrawn', 'dead', 'held', 'doubtful')", name=op.f("ck_letter_status")
        ),
        sa.CheckConstraint("fence >= 0 AND attempts >= 0", name=op.f("ck_letter_numbers")),
        sa.CheckConstraint("length(week) = 8", name=op.f("ck_letter_week")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_letter_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter")),
        sa.UniqueConstraint("key", name=op.f("uq_letter_key")),
        sa.UniqueConstraint("message_id", name=op.f("uq_letter_message_id")),
    )
    op.create_index(
        "ix_letter_pending",
        "letter",
        ["not_before", "id"],
        unique=False,
        sqlite_where=sa.text("status = 'pending'"),
        postgresql_where=sa.text("status = 'pending'"),
    )
    op.create_index(op.f("ix_letter_person_id_week"), "letter", ["person_id", "week"], unique=False)
    op.create_index(op.f("ix_letter_status_id"), "letter", ["status", "id"], unique=False)
    op.create_table(
        "letter_item",
        sa.Column("letter_id", NUMBER, nullable=False),
        sa.Column("outbox_id", NUMBER, nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.CheckConstraint(
            "status IN ('pending', 'sent', 'dropped', 'dead', 'held', 'doubtful')", name=op.f("ck_letter_item_status")
        ),
        sa.ForeignKeyConstraint(["letter_id"], ["letter.id"], name=op.f("fk_letter_item_letter_id")),
        sa.ForeignKeyConstraint(["outbox_id"], ["outbox.id"], name=op.f("fk_letter_item_outbox_id")),
        sa.PrimaryKeyConstraint("letter_id", "outbox_id", name=op.f("pk_letter_item")),
    )
    op.create_index(op.f("ix_letter_item_outbox_id"), "letter_item", ["outbox_id"], unique=False)
    op.create_table(
        "person_preference",
        sa.Column("person_id", NUMBER, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("opted_out", sa.Boolean(), nullable=False),
        sa.Column("paused_until", sa.Date(), nullable=True),
        sa.Column("digest", sa.String(), nullable=True),
        sa.Column("set_at", INSTANT, nullable=False),
        sa.CheckConstraint("digest IN ('day', 'week')", name=op.f("ck_person_preference_digest")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_person_preference_person_id")),
        sa.PrimaryKeyConstraint("person_id", "kind", name=op.f("pk_person_preference")),
    )
    op.create_table(
        "nudge_outcome",
        sa.Column("letter_id", NUMBER, nullable=False),
        sa.Column("outbox_id", NUMBER, nullable=False),
        sa.Column("person_id", NUMBER, nullable=False),
        sa.Column("instance_id", NUMBER, nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("region", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=True),
        sa.Column("entry_seq", sa.Integer(), nullable=True),
        sa.Column("sent_at", INSTANT, nullable=False),
        sa.Column("moved_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["letter_id"], ["letter.id"], name=op.f("fk_nudge_outcome_letter_id")),
        sa.ForeignKeyConstraint(["outbox_id"], ["outbox.id"], name=op.f("fk_nudge_outcome_outbox_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_nudge_outcome_person_id")),
        sa.ForeignKeyConstraint(["instance_id"], ["instance.id"], name=op.f("fk_nudge_outcome_instance_id")),
        sa.PrimaryKeyConstraint("letter_id", "outbox_id", name=op.f("pk_nudge_outcome")),
    )
    op.create_index(
        op.f("ix_nudge_outcome_instance_id_person_id"), "nudge_outcome", ["instance_id", "person_id"], unique=False
    )
    op.create_index(
        "ix_nudge_outcome_open",
        "nudge_outcome",
        ["instance_id"],
        unique=False,
        sqlite_where=sa.text("moved_at IS NULL"),
        postgresql_where=sa.text("moved_at IS NULL"),
    )
