"""Corrections, make-up records and voids; declared records beside metered ones; messages."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

# SQLite only hands out ids by itself for INTEGER, not BIGINT.
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    type_ = BIG_ID.compile(op.get_bind().dialect)
    # In words of SQL: a whole new table, the other way on SQLite, would lose the checks of the old one.
    op.execute(
        f"ALTER TABLE admins ADD COLUMN member_id {type_} "
        "CONSTRAINT fk_admins_member_id REFERENCES members (id)"
    )
    op.create_index("uq_admins_member_id", "admins", ["member_id"], unique=True)
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    (_rebuild_evidence_files if is_sqlite else _alter_evidence_files)()
    _create_corrections()
    (_rebuild_service_records if is_sqlite else _alter_service_records)()
    _index_service_records()


def _alter_evidence_files() -> None:
    op.alter_column("evidence_files", "uploaded_by_id", nullable=True)
    op.add_column(
        "evidence_files",
        sa.Column(
            "uploaded_by_member_id",
            BIG_ID,
            sa.ForeignKey("members.id", name="fk_evidence_files_uploaded_by_member_id"),
            nullable=True,
        ),
    )
    op.create_check_constraint(
        op.f("ck_evidence_files_who"),
        "evidence_files",
        "(uploaded_by_id IS NULL) <> (uploaded_by_member_id IS NULL)",
    )


def _rebuild_evidence_files() -> None:
    op.create_table(
        "evidence_files_new",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("stored_name", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("media_type", sa.String(length=24), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("uploaded_by_id", BIG_ID, nullable=True),
        sa.Column("uploaded_by_member_id", BIG_ID, nullable=True),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(uploaded_by_id IS NULL) <> (uploaded_by_member_id IS NULL)", name=op.f("ck_evidence_files_who")
        ),
        sa.ForeignKeyConstraint(
            ["uploaded_by_id"], ["admins.id"], name=op.f("fk_evidence_files_uploaded_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["uploaded_by_member_id"], ["members.id"], name=op.f("fk_evidence_files_uploaded_by_member_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence_files")),
        sa.UniqueConstraint("stored_name", name=op.f("uq_evidence_files_stored_name")),
    )
    _move("evidence_files", "id, stored_name, name, media_type, size, sha256, uploaded_by_id, uploaded_at")


def _move(table: str, columns: str) -> None:
    """Give the new table the rows and the name of the old one."""
    op.execute(f"INSERT INTO {table}_new ({columns}) SELECT {columns} FROM {table}")
    op.drop_table(table)
    op.rename_table(f"{table}_new", table)


def _create_corrections() -> None:
    op.create_table(
        "messages",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("member_id", BIG_ID, nullable=True),
        sa.Column("admin_id", BIG_ID, nullable=True),
        sa.Column("sentence", sa.JSON(), nullable=False),
        sa.Column("path", sa.String(length=200), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(admin_id IS NULL) <> (member_id IS NULL)", name=op.f("ck_messages_recipient")),
        sa.ForeignKeyConstraint(["admin_id"], ["admins.id"], name=op.f("fk_messages_admin_id")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_messages_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
        sa.UniqueConstraint("key", name=op.f("uq_messages_key")),
    )
    op.create_index(op.f("ix_messages_admin_id"), "messages", ["admin_id"], unique=False)
    op.create_index(op.f("ix_messages_member_id"), "messages", ["member_id"], unique=False)
    op.create_table(
        "paper_sheets",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("activity_id", BIG_ID, nullable=True),
        sa.Column("station_id", BIG_ID, nullable=False),
        sa.Column("served_on", sa.Date(), nullable=False),
        sa.Column("evidence_id", BIG_ID, nullable=True),
        sa.Column("entered_by_id", BIG_ID, nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["activity_id"], ["activities.id"], name=op.f("fk_paper_sheets_activity_id")),
        sa.ForeignKeyConstraint(["entered_by_id"], ["admins.id"], name=op.f("fk_paper_sheets_entered_by_id")),
        sa.ForeignKeyConstraint(
            ["evidence_id"], ["evidence_files.id"], name=op.f("fk_paper_sheets_evidence_id")
        ),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_paper_sheets_station_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_sheets")),
    )
    op.create_index(op.f("ix_paper_sheets_evidence_id"), "paper_sheets", ["evidence_id"], unique=False)
    op.create_table(
        "corrections",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("member_id", BIG_ID, nullable=False),
        sa.Column("scan_id", sa.Uuid(), nullable=True),
        sa.Column("corrects_id", BIG_ID, nullable=True),
        sa.Column("original", sa.JSON(), nullable=True),
        sa.Column("asked_for", sa.JSON(), nullable=True),
        sa.Column("station_id", BIG_ID, nullable=True),
        sa.Column("activity_id", BIG_ID, nullable=True),
        sa.Column("checked_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checked_out_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("served_on", sa.Date(), nullable=True),
        sa.Column("proof", sa.String(length=24), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("evidence_id", BIG_ID, nullable=True),
        sa.Column("sheet_id", BIG_ID, nullable=True),
        sa.Column("asked_by_member", sa.Boolean(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("entered_by_id", BIG_ID, nullable=True),
        sa.Column("entered_person_id", BIG_ID, nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("notice_until_on", sa.Date(), nullable=True),
        sa.Column("decided_by_id", BIG_ID, nullable=True),
        sa.Column("decided_person_id", BIG_ID, nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reply", sa.String(length=300), nullable=False),
        sa.CheckConstraint(
            "(kind IN ('makeup_record', 'paper')) = (scan_id IS NULL AND corrects_id IS NULL)",
            name=op.f("ck_corrections_original"),
        ),
        sa.CheckConstraint(
            "(state IN ('asked', 'proposed')) = (decided_at IS NULL)", name=op.f("ck_corrections_decided")
        ),
        sa.CheckConstraint(
            "kind = 'void' OR (station_id IS NOT NULL AND checked_in_at IS NOT NULL AND checked_out_at > checked_in_at AND served_on IS NOT NULL)",
            name=op.f("ck_corrections_wish"),
        ),
        sa.CheckConstraint(
            "kind IN ('correction', 'makeup_record', 'void', 'check_out', 'paper')",
            name=op.f("ck_corrections_kind"),
        ),
        sa.CheckConstraint(
            "proof IN ('card', 'rotating_code', 'leader', 'paper', 'declared')",
            name=op.f("ck_corrections_proof"),
        ),
        sa.CheckConstraint(
            "state <> 'approved' OR (entered_by_id IS NOT NULL AND entered_person_id IS NOT NULL AND decided_by_id IS NOT NULL AND decided_person_id IS NOT NULL)",
            name=op.f("ck_corrections_approved"),
        ),
        sa.CheckConstraint(
            "state IN ('asked', 'proposed', 'approved', 'rejected', 'withdrawn')",
            name=op.f("ck_corrections_state"),
        ),
        sa.CheckConstraint("decided_by_id <> entered_by_id", name=op.f("ck_corrections_two_accounts")),
        sa.CheckConstraint(
            "decided_person_id <> entered_person_id", name=op.f("ck_corrections_enterer_and_approver")
        ),
        sa.CheckConstraint(
            "decided_person_id <> member_id", name=op.f("ck_corrections_approver_and_beneficiary")
        ),
        sa.CheckConstraint(
            "entered_person_id <> member_id", name=op.f("ck_corrections_enterer_and_beneficiary")
        ),
        sa.CheckConstraint(
            "scan_id IS NULL OR corrects_id IS NULL", name=op.f("ck_corrections_one_original")
        ),
        sa.ForeignKeyConstraint(["activity_id"], ["activities.id"], name=op.f("fk_corrections_activity_id")),
        sa.ForeignKeyConstraint(["corrects_id"], ["corrections.id"], name=op.f("fk_corrections_corrects_id")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["admins.id"], name=op.f("fk_corrections_decided_by_id")),
        sa.ForeignKeyConstraint(
            ["decided_person_id"], ["members.id"], name=op.f("fk_corrections_decided_person_id")
        ),
        sa.ForeignKeyConstraint(["entered_by_id"], ["admins.id"], name=op.f("fk_corrections_entered_by_id")),
        sa.ForeignKeyConstraint(
            ["entered_person_id"], ["members.id"], name=op.f("fk_corrections_entered_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["evidence_id"], ["evidence_files.id"], name=op.f("fk_corrections_evidence_id")
        ),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_corrections_member_id")),
        sa.ForeignKeyConstraint(["scan_id"], ["scans.id"], name=op.f("fk_corrections_scan_id")),
        sa.ForeignKeyConstraint(["sheet_id"], ["paper_sheets.id"], name=op.f("fk_corrections_sheet_id")),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_corrections_station_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_corrections")),
    )
    op.create_index(op.f("ix_corrections_evidence_id"), "corrections", ["evidence_id"], unique=False)
    op.create_index(op.f("ix_corrections_member_id"), "corrections", ["member_id"], unique=False)
    op.create_index(op.f("ix_corrections_sheet_id"), "corrections", ["sheet_id"], unique=False)
    op.create_index(
        "uq_corrections_corrects_waiting",
        "corrections",
        ["corrects_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('asked', 'proposed')"),
        postgresql_where=sa.text("state IN ('asked', 'proposed')"),
    )
    op.create_index(
        "uq_corrections_scan_waiting",
        "corrections",
        ["scan_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('asked', 'proposed')"),
        postgresql_where=sa.text("state IN ('asked', 'proposed')"),
    )
    op.create_table(
        "objections",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("correction_id", BIG_ID, nullable=False),
        sa.Column("member_id", BIG_ID, nullable=False),
        sa.Column("text", sa.String(length=300), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["correction_id"], ["corrections.id"], name=op.f("fk_objections_correction_id")
        ),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_objections_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_objections")),
    )
    op.create_index(op.f("ix_objections_correction_id"), "objections", ["correction_id"], unique=False)


def _alter_service_records() -> None:
    op.alter_column("service_records", "opening_scan_id", nullable=True)
    op.add_column("service_records", sa.Column("proof", sa.String(24), server_default="card", nullable=False))
    op.add_column(
        "service_records", sa.Column("is_settled", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    for name in ("correction_id", "voided_by_id"):
        link = sa.ForeignKey("corrections.id", name=f"fk_service_records_{name}")
        op.add_column("service_records", sa.Column(name, BIG_ID, link, nullable=True))
    op.drop_constraint(op.f("ck_service_records_state"), "service_records")
    checks = {
        "state": "state IN ('open', 'closed', 'forgotten', 'left', 'superseded', 'void')",
        "proof": "proof IN ('card', 'rotating_code', 'leader', 'paper', 'declared')",
        "origin": "(opening_scan_id IS NULL) = (correction_id IS NOT NULL)",
        "void": "(state = 'void') = (voided_by_id IS NOT NULL)",
    }
    for name, text in checks.items():
        op.create_check_constraint(op.f(f"ck_service_records_{name}"), "service_records", text)


def _rebuild_service_records() -> None:
    op.create_table(
        "service_records_new",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("member_id", BIG_ID, nullable=False),
        sa.Column("station_id", BIG_ID, nullable=False),
        sa.Column("activity_id", BIG_ID, nullable=True),
        sa.Column("opening_scan_id", sa.Uuid(), nullable=True),
        sa.Column("closing_scan_id", sa.Uuid(), nullable=True),
        sa.Column("checked_in_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("checked_out_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("limit_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("served_on", sa.Date(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("duty_on", sa.Date(), nullable=True),
        sa.Column("proof", sa.String(length=24), server_default="card", nullable=False),
        sa.Column("is_settled", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.Column("correction_id", BIG_ID, nullable=True),
        sa.Column("voided_by_id", BIG_ID, nullable=True),
        sa.CheckConstraint(
            "(state = 'void') = (voided_by_id IS NOT NULL)", name=op.f("ck_service_records_void")
        ),
        sa.CheckConstraint(
            "minutes >= 0 AND (state = 'closed' OR minutes = 0)", name=op.f("ck_service_records_minutes")
        ),
        sa.CheckConstraint(
            "proof IN ('card', 'rotating_code', 'leader', 'paper', 'declared')",
            name=op.f("ck_service_records_proof"),
        ),
        sa.CheckConstraint(
            "state IN ('open', 'closed', 'forgotten', 'left', 'superseded', 'void')",
            name=op.f("ck_service_records_state"),
        ),
        sa.CheckConstraint(
            "(opening_scan_id IS NULL) = (correction_id IS NOT NULL)", name=op.f("ck_service_records_origin")
        ),
        sa.CheckConstraint("checked_out_at >= checked_in_at", name=op.f("ck_service_records_order")),
        sa.ForeignKeyConstraint(
            ["activity_id"], ["activities.id"], name=op.f("fk_service_records_activity_id")
        ),
        sa.ForeignKeyConstraint(
            ["closing_scan_id"],
            ["scans.id"],
            name=op.f("fk_service_records_closing_scan_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["correction_id"], ["corrections.id"], name=op.f("fk_service_records_correction_id")
        ),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_service_records_member_id")),
        sa.ForeignKeyConstraint(
            ["opening_scan_id"],
            ["scans.id"],
            name=op.f("fk_service_records_opening_scan_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_service_records_station_id")),
        sa.ForeignKeyConstraint(
            ["voided_by_id"], ["corrections.id"], name=op.f("fk_service_records_voided_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_records")),
        sa.UniqueConstraint("opening_scan_id", name=op.f("uq_service_records_opening_scan_id")),
    )
    _move(
        "service_records",
        "id, member_id, station_id, activity_id, opening_scan_id, closing_scan_id, checked_in_at, checked_out_at, limit_at, served_on, minutes, state, duty_on",
    )
    # The indexes went with the old table.
    op.create_index(
        op.f("ix_service_records_closing_scan_id"), "service_records", ["closing_scan_id"], unique=False
    )
    op.create_index(
        "ix_service_records_limit_at_open",
        "service_records",
        ["limit_at"],
        unique=False,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index(
        "ix_service_records_member_id_checked_in_at",
        "service_records",
        ["member_id", "checked_in_at"],
        unique=False,
    )
    op.create_index(
        "ix_service_records_served_on_duty_on", "service_records", ["served_on", "duty_on"], unique=False
    )
    op.create_index(
        "uq_service_records_open",
        "service_records",
        ["member_id"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )


def _index_service_records() -> None:
    op.create_index(
        "ix_service_records_unsettled",
        "service_records",
        ["served_on", "member_id"],
        unique=False,
        sqlite_where=sa.text("is_settled = 0"),
        postgresql_where=sa.text("NOT is_settled"),
    )
    for name, column, is_unique in (
        ("uq_service_records_correction_id", "correction_id", True),
        ("ix_service_records_voided_by_id", "voided_by_id", False),
    ):
        is_there = sa.text(f"{column} IS NOT NULL")
        op.create_index(
            name,
            "service_records",
            [column],
            unique=is_unique,
            sqlite_where=is_there,
            postgresql_where=is_there,
        )
