"""The ledger: policies, settled days, chained entries, seals, sums; scans that nobody can change."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

# SQLite only hands out ids by itself for INTEGER, not BIGINT.
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


# No statement changes or removes a row of these again, whoever sends it.
APPEND_ONLY = ("scans", "scan_undos", "ledger_entries", "ledger_seals")


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
        "policies",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("grace_minutes", sa.Integer(), nullable=False),
        sa.Column("cap_minutes", sa.Integer(), nullable=False),
        sa.Column("at_once_minutes", sa.Integer(), nullable=False),
        sa.Column("parent_minutes", sa.Integer(), nullable=False),
        sa.Column("rounding_minutes", sa.Integer(), nullable=False),
        sa.Column("most_pairs", sa.Integer(), nullable=False),
        sa.Column("office_hours", sa.String(length=24), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("proposed_by_id", BIG_ID, nullable=True),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by_id", BIG_ID, nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("office_hours IN ('flag', 'exclude')", name=op.f("ck_policies_office_hours")),
        sa.CheckConstraint(
            "state <> 'approved' OR proposed_by_id IS NULL OR decided_by_id IS NOT NULL",
            name=op.f("ck_policies_approved"),
        ),
        sa.CheckConstraint(
            "state IN ('asked', 'proposed', 'approved', 'rejected', 'withdrawn')",
            name=op.f("ck_policies_state"),
        ),
        sa.CheckConstraint("at_once_minutes <= parent_minutes", name=op.f("ck_policies_ladder")),
        sa.CheckConstraint("decided_by_id <> proposed_by_id", name=op.f("ck_policies_two_people")),
        sa.CheckConstraint(
            "rounding_minutes > 0 AND cap_minutes > 0 AND grace_minutes >= 0",
            name=op.f("ck_policies_lengths"),
        ),
        sa.ForeignKeyConstraint(["decided_by_id"], ["admins.id"], name=op.f("fk_policies_decided_by_id")),
        sa.ForeignKeyConstraint(["proposed_by_id"], ["admins.id"], name=op.f("fk_policies_proposed_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policies")),
    )
    op.create_table(
        "settled_days",
        sa.Column("day_on", sa.Date(), nullable=False),
        sa.Column("policy_id", BIG_ID, nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_by_id", BIG_ID, nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.CheckConstraint("closed_by_id IS NULL OR reason <> ''", name=op.f("ck_settled_days_reason")),
        sa.ForeignKeyConstraint(["closed_by_id"], ["admins.id"], name=op.f("fk_settled_days_closed_by_id")),
        sa.ForeignKeyConstraint(["policy_id"], ["policies.id"], name=op.f("fk_settled_days_policy_id")),
        sa.PrimaryKeyConstraint("day_on", name=op.f("pk_settled_days")),
    )
    # What the software counted by before there were versions: since ever.
    op.execute(
        "INSERT INTO policies (from_on, grace_minutes, cap_minutes, at_once_minutes, parent_minutes, "
        "rounding_minutes, most_pairs, office_hours, reason, state, proposed_at) VALUES "
        "('2000-01-01', 30, 720, 480, 720, 1, 3, 'flag', '', 'approved', CURRENT_TIMESTAMP)"
    )
    _create_ledger()
    _refuse_changes()


def _create_ledger() -> None:
    op.create_table(
        "ledger_seals",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_entry", sa.BigInteger(), nullable=False),
        sa.Column("heads_hash", sa.String(length=64), nullable=False),
        sa.Column("last_event", sa.BigInteger(), nullable=False),
        sa.Column("event_hash", sa.String(length=64), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("public_key", sa.String(length=64), nullable=False),
        sa.Column("signature", sa.String(length=128), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_ledger_seals")),
    )
    op.create_table(
        "team_totals",
        sa.Column("team_id", BIG_ID, nullable=False),
        sa.Column("unit_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("day_on", sa.Date(), nullable=False),
        sa.Column("measure", sa.String(length=24), nullable=False),
        sa.Column("minutes", sa.BigInteger(), nullable=False),
        sa.Column("records", sa.Integer(), nullable=False),
        sa.CheckConstraint("measure IN ('metered', 'declared')", name=op.f("ck_team_totals_measure")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_team_totals_team_id")),
        sa.PrimaryKeyConstraint("team_id", "unit_id", "day_on", "measure", name=op.f("pk_team_totals")),
    )
    op.create_index("ix_team_totals_day_on", "team_totals", ["day_on"], unique=False)
    op.create_table(
        "ledger_heads",
        sa.Column("member_id", BIG_ID, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_ledger_heads_member_id")),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_ledger_heads")),
    )
    op.create_index(op.f("ix_ledger_heads_number"), "ledger_heads", ["number"], unique=False)
    op.create_table(
        "member_totals",
        sa.Column("member_id", BIG_ID, nullable=False),
        sa.Column("month_on", sa.Date(), nullable=False),
        sa.Column("measure", sa.String(length=24), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("records", sa.Integer(), nullable=False),
        sa.CheckConstraint("measure IN ('metered', 'declared')", name=op.f("ck_member_totals_measure")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_member_totals_member_id")),
        sa.PrimaryKeyConstraint("member_id", "month_on", "measure", name=op.f("pk_member_totals")),
    )
    op.create_table(
        "ledger_entries",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("member_id", BIG_ID, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("measure", sa.String(length=24), nullable=False),
        sa.Column("proof", sa.String(length=24), nullable=False),
        sa.Column("record_id", BIG_ID, nullable=False),
        sa.Column("served_on", sa.Date(), nullable=False),
        sa.Column("checked_in_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("checked_out_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("station_id", BIG_ID, nullable=False),
        sa.Column("activity_id", BIG_ID, nullable=True),
        sa.Column("team_id", BIG_ID, nullable=False),
        sa.Column("unit_id", BIG_ID, nullable=True),
        sa.Column("policy_id", BIG_ID, nullable=False),
        sa.Column("correction_id", BIG_ID, nullable=True),
        sa.Column("entered_by_id", BIG_ID, nullable=True),
        sa.Column("approved_by_id", BIG_ID, nullable=True),
        sa.Column("reverses", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.CheckConstraint(
            "(kind = 'credit' AND minutes > 0 AND reverses IS NULL) OR (kind = 'reversal' AND minutes < 0 AND reverses IS NOT NULL)",
            name=op.f("ck_ledger_entries_minutes"),
        ),
        sa.CheckConstraint("kind IN ('credit', 'reversal')", name=op.f("ck_ledger_entries_kind")),
        sa.CheckConstraint(
            "measure = 'metered' OR (correction_id IS NOT NULL AND entered_by_id IS NOT NULL AND approved_by_id IS NOT NULL AND entered_by_id <> approved_by_id)",
            name=op.f("ck_ledger_entries_declared"),
        ),
        sa.CheckConstraint("measure IN ('metered', 'declared')", name=op.f("ck_ledger_entries_measure")),
        sa.CheckConstraint(
            "proof IN ('card', 'rotating_code', 'leader', 'paper', 'declared')",
            name=op.f("ck_ledger_entries_proof"),
        ),
        sa.ForeignKeyConstraint(
            ["activity_id"], ["activities.id"], name=op.f("fk_ledger_entries_activity_id")
        ),
        sa.ForeignKeyConstraint(
            ["approved_by_id"], ["admins.id"], name=op.f("fk_ledger_entries_approved_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["correction_id"], ["corrections.id"], name=op.f("fk_ledger_entries_correction_id")
        ),
        sa.ForeignKeyConstraint(
            ["entered_by_id"], ["admins.id"], name=op.f("fk_ledger_entries_entered_by_id")
        ),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_ledger_entries_member_id")),
        sa.ForeignKeyConstraint(["policy_id"], ["policies.id"], name=op.f("fk_ledger_entries_policy_id")),
        sa.ForeignKeyConstraint(
            ["record_id"], ["service_records.id"], name=op.f("fk_ledger_entries_record_id")
        ),
        sa.ForeignKeyConstraint(
            ["reverses"], ["ledger_entries.number"], name=op.f("fk_ledger_entries_reverses")
        ),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_ledger_entries_station_id")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_ledger_entries_team_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_ledger_entries_unit_id")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_ledger_entries")),
        sa.UniqueConstraint("member_id", "seq", name=op.f("uq_ledger_entries_member_id_seq")),
        sa.UniqueConstraint("reverses", name=op.f("uq_ledger_entries_reverses")),
    )
    op.create_index(
        "ix_ledger_entries_member_id_served_on", "ledger_entries", ["member_id", "served_on"], unique=False
    )
    op.create_index(op.f("ix_ledger_entries_record_id"), "ledger_entries", ["record_id"], unique=False)
    op.create_index(op.f("ix_ledger_entries_served_on"), "ledger_entries", ["served_on"], unique=False)
