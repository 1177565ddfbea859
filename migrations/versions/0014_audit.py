"""The audit, append-only, and the samples drawn from the ledger."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

# SQLite only hands out ids by itself for INTEGER, not BIGINT.
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


# No statement changes or removes a row of these again, whoever sends it.
APPEND_ONLY = ("audit_events",)


def _refuse_changes() -> None:
    """Triggers that refuse UPDATE and DELETE, on PostgreSQL also TRUNCATE."""
    if op.get_bind().dialect.name == "sqlite":
        for table in APPEND_ONLY:
            for act in ("update", "delete"):
                op.execute(
                    f"CREATE TRIGGER {table}_no_{act} BEFORE {act.upper()} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
                )
        return
    op.execute(
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
    )
    for table in APPEND_ONLY:
        for act in ("update", "delete"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{act} BEFORE {act.upper()} ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
            )
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def upgrade() -> None:
    op.create_table(
        "audit_events",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("admin_id", BIG_ID, nullable=True),
        sa.Column("actor", sa.String(length=120), nullable=False),
        sa.Column("act", sa.String(length=60), nullable=False),
        sa.Column("member_id", BIG_ID, nullable=True),
        sa.Column("team_id", BIG_ID, nullable=True),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit_events")),
    )
    op.create_index(op.f("ix_audit_events_act"), "audit_events", ["act"], unique=False)
    op.create_index("ix_audit_events_admin_id_at", "audit_events", ["admin_id", "at"], unique=False)
    op.create_index(op.f("ix_audit_events_at"), "audit_events", ["at"], unique=False)
    op.create_index("ix_audit_events_member_id_at", "audit_events", ["member_id", "at"], unique=False)
    op.create_index("ix_audit_events_team_id_at", "audit_events", ["team_id", "at"], unique=False)
    op.create_table(
        "audit_samples",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("drawn_by_id", BIG_ID, nullable=False),
        sa.Column("team_id", BIG_ID, nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("seed", sa.String(length=64), nullable=False),
        sa.Column("team_ids", sa.JSON(), nullable=False),
        sa.Column("last_entry", sa.BigInteger(), nullable=False),
        sa.Column("population", sa.Integer(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("conclusion", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(["drawn_by_id"], ["admins.id"], name=op.f("fk_audit_samples_drawn_by_id")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_audit_samples_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_samples")),
    )
    op.create_table(
        "audit_sample_entries",
        sa.Column("sample_id", BIG_ID, nullable=False),
        sa.Column("entry_number", sa.BigInteger(), nullable=False),
        sa.Column("result", sa.String(length=24), nullable=True),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checked_by_id", BIG_ID, nullable=True),
        sa.CheckConstraint(
            "result IN ('right', 'wrong', 'unclear')", name=op.f("ck_audit_sample_entries_result")
        ),
        sa.ForeignKeyConstraint(
            ["checked_by_id"], ["admins.id"], name=op.f("fk_audit_sample_entries_checked_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["entry_number"], ["ledger_entries.number"], name=op.f("fk_audit_sample_entries_entry_number")
        ),
        sa.ForeignKeyConstraint(
            ["sample_id"], ["audit_samples.id"], name=op.f("fk_audit_sample_entries_sample_id")
        ),
        sa.PrimaryKeyConstraint("sample_id", "entry_number", name=op.f("pk_audit_sample_entries")),
    )
    _refuse_changes()
