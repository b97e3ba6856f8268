"""The first schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create all tables, and say whose they are."""
    op.create_table(
        "kommune",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("official_name", sa.String(), nullable=False),
        sa.Column("name_key", sa.String(), nullable=False),
        sa.Column("population", sa.Integer(), nullable=True),
        sa.CheckConstraint("length(code) = 4", name=op.f("ck_kommune_code")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_kommune")),
    )
    op.create_index(op.f("ix_kommune_name_key"), "kommune", ["name_key"], unique=False)
    op.create_table(
        "meta",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_meta")),
    )
    op.create_table(
        "person",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("is_shared_mailbox", sa.Boolean(), nullable=False),
        sa.Column("paused_until", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
    )
    op.create_index(op.f("ix_person_email"), "person", ["email"], unique=False)
    op.create_table(
        "workflow_version",
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("format", sa.Integer(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("overlay", sa.JSON(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("version > 0 AND format > 0", name=op.f("ck_workflow_version_numbers")),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_workflow_version")),
    )
    op.create_index(
        "uq_workflow_version_published",
        "workflow_version",
        ["key", "version"],
        unique=True,
        sqlite_where=sa.text("overlay IS NULL"),
        postgresql_where=sa.text("overlay IS NULL"),
    )
    op.create_table(
        "instance",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("parent_id", NUMBER, nullable=True),
        sa.Column("programme_id", NUMBER, nullable=False),
        sa.Column("kommune", sa.String(), nullable=True),
        sa.Column("workflow_hash", sa.String(), nullable=False),
        sa.Column("position", sa.JSON(), nullable=False),
        sa.Column("entered", sa.JSON(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("planned_start", sa.Date(), nullable=True),
        sa.Column("planned_end", sa.Date(), nullable=True),
        sa.Column("precision", sa.String(), nullable=False),
        sa.Column("actual_start", sa.Date(), nullable=True),
        sa.Column("actual_end", sa.Date(), nullable=True),
        sa.Column("effective_on", sa.Date(), nullable=True),
        sa.Column("fixed_by", sa.String(), nullable=True),
        sa.Column("date_reason", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("head", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("parent_id IS NOT NULL OR programme_id IN (0, id)", name=op.f("ck_instance_root")),
        sa.CheckConstraint("parent_id IS NULL OR parent_id <> id", name=op.f("ck_instance_parent")),
        sa.CheckConstraint("revision >= 0", name=op.f("ck_instance_revision")),
        sa.ForeignKeyConstraint(["kommune"], ["kommune.code"], name=op.f("fk_instance_kommune")),
        sa.ForeignKeyConstraint(["parent_id"], ["instance.id"], name=op.f("fk_instance_parent_id")),
        sa.ForeignKeyConstraint(
            ["programme_id"],
            ["instance.id"],
            name=op.f("fk_instance_programme_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["workflow_hash"], ["workflow_version.hash"], name=op.f("fk_instance_workflow_hash")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instance")),
        sa.UniqueConstraint("parent_id", "kind", "key", name=op.f("uq_instance_parent_id_kind_key")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_instance_programme_id_kind_kommune"), "instance", ["programme_id", "kind", "kommune"], unique=False
    )
    op.create_table(
        "kommune_region",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.Column("region", sa.String(), nullable=False),
        sa.CheckConstraint("to_on IS NULL OR to_on >= from_on", name=op.f("ck_kommune_region_days")),
        sa.ForeignKeyConstraint(["code"], ["kommune.code"], name=op.f("fk_kommune_region_code")),
        sa.PrimaryKeyConstraint("code", "from_on", name=op.f("pk_kommune_region")),
    )
    op.create_table(
        "history",
        sa.Column("instance_id", NUMBER, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("actor_kind", sa.String(), nullable=False),
        sa.Column("actor_id", sa.String(), nullable=False),
        sa.Column("region", sa.String(), nullable=True),
        sa.Column("from_state", sa.String(), nullable=True),
        sa.Column("to_state", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("overridden", sa.JSON(), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("corrects", sa.Integer(), nullable=True),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("undo", sa.JSON(), nullable=False),
        sa.Column("idempotency_key", sa.String(), nullable=True),
        sa.Column("decision_seq", sa.Integer(), nullable=False),
        sa.Column("programme_id", NUMBER, nullable=False),
        sa.Column("kommune", sa.String(), nullable=True),
        sa.Column("prev_hash", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.CheckConstraint("actor_kind IN ('person', 'system', 'token', 'import')", name=op.f("ck_history_actor_kind")),
        sa.CheckConstraint(
            "kind IN ('birth', 'event', 'join', 'timer', 'plan', 'correction')", name=op.f("ck_history_kind")
        ),
        sa.CheckConstraint("corrects IS NULL OR (corrects > 0 AND corrects < seq)", name=op.f("ck_history_corrects")),
        sa.CheckConstraint("idempotency_key IS NULL OR decision_seq = seq", name=op.f("ck_history_idempotency_key")),
        sa.CheckConstraint("seq > 0 AND decision_seq > 0 AND decision_seq <= seq", name=op.f("ck_history_seq")),
        sa.ForeignKeyConstraint(["instance_id"], ["instance.id"], name=op.f("fk_history_instance_id")),
        sa.ForeignKeyConstraint(["kommune"], ["kommune.code"], name=op.f("fk_history_kommune")),
        sa.ForeignKeyConstraint(["programme_id"], ["instance.id"], name=op.f("fk_history_programme_id")),
        sa.PrimaryKeyConstraint("instance_id", "seq", name=op.f("pk_history")),
        sa.UniqueConstraint("instance_id", "idempotency_key", name=op.f("uq_history_instance_id_idempotency_key")),
    )
    op.create_index(
        op.f("ix_history_programme_id_recorded_at_instance_id_seq"),
        "history",
        ["programme_id", "recorded_at", "instance_id", "seq"],
        unique=False,
    )
    op.create_table(
        "outbox",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("instance_id", NUMBER, nullable=False),
        sa.Column("programme_id", NUMBER, nullable=False),
        sa.Column("kommune", sa.String(), nullable=True),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("intent", sa.String(), nullable=False),
        sa.Column("template", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("region", sa.String(), nullable=True),
        sa.Column("entry_seq", sa.Integer(), nullable=True),
        sa.Column("nudge_values", sa.JSON(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("uid", sa.String(), nullable=True),
        sa.Column("sequence", sa.Integer(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.Column("result", sa.JSON(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "intent IN ('nudge', 'notice', 'invitation', 'cancellation')", name=op.f("ck_outbox_intent")
        ),
        sa.CheckConstraint("status IN ('pending', 'sent', 'withdrawn', 'dead', 'held')", name=op.f("ck_outbox_status")),
        sa.CheckConstraint("fence >= 0 AND attempts >= 0", name=op.f("ck_outbox_numbers")),
        sa.ForeignKeyConstraint(["instance_id"], ["instance.id"], name=op.f("fk_outbox_instance_id")),
        sa.ForeignKeyConstraint(["kommune"], ["kommune.code"], name=op.f("fk_outbox_kommune")),
        sa.ForeignKeyConstraint(["programme_id"], ["instance.id"], name=op.f("fk_outbox_programme_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("instance_id", "key", name=op.f("uq_outbox_instance_id_key")),
    )
    op.create_index(
        "ix_outbox_pending",
        "outbox",
        ["not_before", "id"],
        unique=False,
        sqlite_where=sa.text("status = 'pending'"),
        postgresql_where=sa.text("status = 'pending'"),
    )
    op.create_index(op.f("ix_outbox_programme_id_status_id"), "outbox", ["programme_id", "status", "id"], unique=False)
    op.create_table(
        "role_assignment",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("person_id", NUMBER, nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("programme_id", NUMBER, nullable=True),
        sa.Column("kommune", sa.String(), nullable=True),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.Column("substitute_id", NUMBER, nullable=True),
        sa.CheckConstraint(
            "substitute_id IS NULL OR substitute_id <> person_id", name=op.f("ck_role_assignment_substitute")
        ),
        sa.CheckConstraint("to_on IS NULL OR to_on >= from_on", name=op.f("ck_role_assignment_days")),
        sa.ForeignKeyConstraint(["kommune"], ["kommune.code"], name=op.f("fk_role_assignment_kommune")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_role_assignment_person_id")),
        sa.ForeignKeyConstraint(["programme_id"], ["instance.id"], name=op.f("fk_role_assignment_programme_id")),
        sa.ForeignKeyConstraint(["substitute_id"], ["person.id"], name=op.f("fk_role_assignment_substitute_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_assignment")),
    )
    op.create_index(op.f("ix_role_assignment_person_id"), "role_assignment", ["person_id"], unique=False)
    op.create_index(
        op.f("ix_role_assignment_role_programme_id_kommune"),
        "role_assignment",
        ["role", "programme_id", "kommune"],
        unique=False,
    )
    op.create_table(
        "timer",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("instance_id", NUMBER, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("anchor", sa.String(), nullable=False),
        sa.Column("anchor_value", sa.String(), nullable=False),
        sa.Column("local_on", sa.Date(), nullable=False),
        sa.Column("local_at", sa.Time(), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("calendar_version", sa.String(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("lateness", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("leased_by", sa.String(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("retry_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.Column("kommune", sa.String(), nullable=True),
        sa.CheckConstraint("lateness IN ('late', 'skip', 'merge')", name=op.f("ck_timer_lateness")),
        sa.CheckConstraint(
            "status IN ('armed', 'fired', 'cancelled', 'skipped', 'done')", name=op.f("ck_timer_status")
        ),
        sa.CheckConstraint("generation > 0 AND attempts >= 0", name=op.f("ck_timer_numbers")),
        sa.ForeignKeyConstraint(["instance_id"], ["instance.id"], name=op.f("fk_timer_instance_id")),
        sa.ForeignKeyConstraint(["kommune"], ["kommune.code"], name=op.f("fk_timer_kommune")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timer")),
        sa.UniqueConstraint("instance_id", "key", name=op.f("uq_timer_instance_id_key")),
    )
    op.create_index(
        "ix_timer_armed",
        "timer",
        ["due_at", "id"],
        unique=False,
        sqlite_where=sa.text("status = 'armed'"),
        postgresql_where=sa.text("status = 'armed'"),
    )
    op.create_table(
        "delivery",
        sa.Column("outbox_id", NUMBER, nullable=False),
        sa.Column("person_id", NUMBER, nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("status IN ('accepted')", name=op.f("ck_delivery_status")),
        sa.ForeignKeyConstraint(["outbox_id"], ["outbox.id"], name=op.f("fk_delivery_outbox_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_delivery_person_id")),
        sa.PrimaryKeyConstraint("outbox_id", "person_id", name=op.f("pk_delivery")),
        sa.UniqueConstraint("message_id", name=op.f("uq_delivery_message_id")),
    )
    op.execute("INSERT INTO meta (key, value) VALUES ('owner', 'samskabt')")
