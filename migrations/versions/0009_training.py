"""Training records and commendations with their evidence (Order 67 articles 8 and 9)."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

# SQLite only hands out ids by itself for INTEGER, not BIGINT.
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
IN_FORCE = sa.text("voided_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "evidence_files",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("stored_name", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("media_type", sa.String(length=24), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("uploaded_by_id", BIG_ID, nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["uploaded_by_id"], ["admins.id"], name=op.f("fk_evidence_files_uploaded_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence_files")),
        sa.UniqueConstraint("stored_name", name=op.f("uq_evidence_files_stored_name")),
    )
    op.create_table(
        "training_records",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("member_id", BIG_ID, nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("content", sa.String(length=500), nullable=False),
        sa.Column("learning_minutes", sa.Integer(), nullable=False),
        sa.Column("organiser", sa.String(length=120), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("activity_id", BIG_ID, nullable=True),
        *_entered("training_records"),
        sa.CheckConstraint("learning_minutes > 0", name=op.f("ck_training_records_learning_minutes")),
        sa.ForeignKeyConstraint(
            ["activity_id"], ["activities.id"], name=op.f("fk_training_records_activity_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_training_records")),
    )
    op.create_table(
        "commendations",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("member_id", BIG_ID, nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("granted_on", sa.Date(), nullable=False),
        sa.Column("granting_unit", sa.String(length=120), nullable=False),
        *_entered("commendations"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commendations")),
    )
    op.create_index(op.f("ix_training_records_held_on"), "training_records", ["held_on"], unique=False)
    op.create_index(
        op.f("ix_training_records_activity_id"), "training_records", ["activity_id"], unique=False
    )
    op.create_index(op.f("ix_commendations_granted_on"), "commendations", ["granted_on"], unique=False)
    for name, day in (("training_records", "held_on"), ("commendations", "granted_on")):
        op.create_index(op.f(f"ix_{name}_evidence_id"), name, ["evidence_id"], unique=False)
        op.create_index(
            f"uq_{name}_in_force",
            name,
            ["member_id", "name", day],
            unique=True,
            sqlite_where=IN_FORCE,
            postgresql_where=IN_FORCE,
        )


def _entered(name: str) -> list[sa.Column[object] | sa.ForeignKeyConstraint]:
    """Whose it is, who entered it with which proof, and who took it back."""
    return [
        sa.Column("evidence_id", BIG_ID, nullable=True),
        sa.Column("entered_by_id", BIG_ID, nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("voided_by_id", BIG_ID, nullable=True),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f(f"fk_{name}_member_id")),
        sa.ForeignKeyConstraint(["evidence_id"], ["evidence_files.id"], name=op.f(f"fk_{name}_evidence_id")),
        sa.ForeignKeyConstraint(["entered_by_id"], ["admins.id"], name=op.f(f"fk_{name}_entered_by_id")),
        sa.ForeignKeyConstraint(["voided_by_id"], ["admins.id"], name=op.f(f"fk_{name}_voided_by_id")),
    ]
