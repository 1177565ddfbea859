"""The first tables: teams, members, cards, stations, scans, records, duty days, jobs."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

# SQLite only hands out ids by itself for INTEGER, not BIGINT.
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:

    op.create_table(
        "calendar_days",
        sa.Column("day_on", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.CheckConstraint(
            "kind IN ('workday', 'weekend', 'holiday', 'makeup_workday')", name=op.f("ck_calendar_days_kind")
        ),
        sa.PrimaryKeyConstraint("day_on", name=op.f("pk_calendar_days")),
    )
    op.create_table(
        "job_runs",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("job", sa.String(length=24), nullable=False),
        sa.Column("period", sa.String(length=32), nullable=False),
        sa.Column("ran_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("runs", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job_runs")),
        sa.UniqueConstraint("job", "period", name=op.f("uq_job_runs_job_period")),
    )
    op.create_table(
        "settings",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("value", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_settings")),
    )
    op.create_table(
        "teams",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("level", sa.String(length=24), nullable=False),
        sa.Column("parent_id", BIG_ID, nullable=True),
        sa.CheckConstraint("level IN ('brigade', 'squadron', 'detachment')", name=op.f("ck_teams_level")),
        sa.ForeignKeyConstraint(["parent_id"], ["teams.id"], name=op.f("fk_teams_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_teams")),
        sa.UniqueConstraint("code", name=op.f("uq_teams_code")),
    )
    op.create_index(op.f("ix_teams_parent_id"), "teams", ["parent_id"], unique=False)
    op.create_table(
        "units",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("successor_id", BIG_ID, nullable=True),
        sa.ForeignKeyConstraint(["successor_id"], ["units.id"], name=op.f("fk_units_successor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_units")),
        sa.UniqueConstraint("name", name=op.f("uq_units_name")),
    )
    op.create_table(
        "admins",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("username", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("team_id", BIG_ID, nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_admins_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_admins")),
        sa.UniqueConstraint("username", name=op.f("uq_admins_username")),
    )
    op.create_index(op.f("ix_admins_team_id"), "admins", ["team_id"], unique=False)
    op.create_table(
        "members",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("volunteer_no", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("search_keys", sa.String(length=240), nullable=False),
        sa.Column("team_id", BIG_ID, nullable=False),
        sa.Column("unit_id", BIG_ID, nullable=True),
        sa.Column("status", sa.String(length=24), nullable=False),
        sa.Column("status_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("national_id_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("national_id_hash", sa.String(length=64), nullable=True),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("activation_hash", sa.String(length=64), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("status IN ('active', 'suspended', 'left')", name=op.f("ck_members_status")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_members_team_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_members_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_members")),
        sa.UniqueConstraint("national_id_hash", name=op.f("uq_members_national_id_hash")),
        sa.UniqueConstraint("volunteer_no", name=op.f("uq_members_volunteer_no")),
    )
    op.create_index(op.f("ix_members_team_id"), "members", ["team_id"], unique=False)
    op.create_index(op.f("ix_members_unit_id"), "members", ["unit_id"], unique=False)
    op.create_table(
        "stations",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("team_id", BIG_ID, nullable=True),
        sa.CheckConstraint("kind IN ('u_station', 'i_city', 'organ_station')", name=op.f("ck_stations_kind")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_stations_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stations")),
        sa.UniqueConstraint("code", name=op.f("uq_stations_code")),
    )
    op.create_index(op.f("ix_stations_team_id"), "stations", ["team_id"], unique=False)
    op.create_table(
        "activities",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("category", sa.String(length=24), nullable=False),
        sa.Column("station_id", BIG_ID, nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "category IN ('civil_travel', 'civic_talk', 'community_visit', 'beautification', 'warmth')",
            name=op.f("ck_activities_category"),
        ),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_activities_window")),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_activities_station_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activities")),
    )
    op.create_index("ix_activities_station_id_ends_at", "activities", ["station_id", "ends_at"], unique=False)
    op.create_table(
        "cards",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("member_id", BIG_ID, nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("assurance", sa.String(length=24), nullable=False),
        sa.Column("identity_hash", sa.String(length=64), nullable=False),
        sa.Column("serial", sa.String(length=32), nullable=True),
        sa.Column("hint", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state = 'active') = (ended_at IS NULL)", name=op.f("ck_cards_ended")),
        sa.CheckConstraint("assurance IN ('standard', 'low')", name=op.f("ck_cards_assurance")),
        sa.CheckConstraint("kind IN ('qr', 'nfc')", name=op.f("ck_cards_kind")),
        sa.CheckConstraint("state IN ('active', 'lost', 'revoked', 'expired')", name=op.f("ck_cards_state")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_cards_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cards")),
        sa.UniqueConstraint("serial", name=op.f("uq_cards_serial")),
    )
    op.create_index("ix_cards_identity_hash", "cards", ["identity_hash"], unique=False)
    op.create_index(op.f("ix_cards_member_id"), "cards", ["member_id"], unique=False)
    op.create_index(
        "uq_cards_identity_in_use",
        "cards",
        ["identity_hash"],
        unique=True,
        sqlite_where=sa.text("state IN ('active', 'lost')"),
        postgresql_where=sa.text("state IN ('active', 'lost')"),
    )
    op.create_table(
        "duty_days",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("status", sa.String(length=24), nullable=False),
        sa.Column("proposed_on", sa.Date(), nullable=True),
        sa.Column("duty_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.JSON(), nullable=False),
        sa.Column("decided_by_id", BIG_ID, nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("announced_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status <> 'confirmed' OR duty_on IS NOT NULL", name=op.f("ck_duty_days_confirmed")
        ),
        sa.CheckConstraint(
            "status IN ('proposed', 'needs_decision', 'unknown', 'none', 'confirmed', 'cancelled')",
            name=op.f("ck_duty_days_status"),
        ),
        sa.ForeignKeyConstraint(["decided_by_id"], ["admins.id"], name=op.f("fk_duty_days_decided_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_days")),
        sa.UniqueConstraint("duty_on", name=op.f("uq_duty_days_duty_on")),
        sa.UniqueConstraint("month", name=op.f("uq_duty_days_month")),
    )
    op.create_table(
        "terminals",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("station_id", BIG_ID, nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("direction", sa.String(length=24), nullable=False),
        sa.Column("reader_profile", sa.String(length=24), nullable=False),
        sa.Column("key_hash", sa.String(length=64), nullable=True),
        sa.Column("enrolment_hash", sa.String(length=64), nullable=True),
        sa.Column("enrolment_ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("enrolled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_contact_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("pending", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.String(length=32), nullable=True),
        sa.Column("clock_offset_ms", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("direction IN ('both', 'in', 'out')", name=op.f("ck_terminals_direction")),
        sa.CheckConstraint("kind IN ('kiosk', 'scanner')", name=op.f("ck_terminals_kind")),
        sa.CheckConstraint(
            "reader_profile IN ('hex', 'hex_reversed', 'decimal10', 'decimal10_reversed', '6h8d', '2h4h')",
            name=op.f("ck_terminals_reader_profile"),
        ),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_terminals_station_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_terminals")),
        sa.UniqueConstraint("enrolment_hash", name=op.f("uq_terminals_enrolment_hash")),
    )
    op.create_index(op.f("ix_terminals_station_id"), "terminals", ["station_id"], unique=False)
    op.create_table(
        "quarantined_scans",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("terminal_id", BIG_ID, nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=24), nullable=False),
        sa.Column("detail", sa.String(length=500), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["terminal_id"], ["terminals.id"], name=op.f("fk_quarantined_scans_terminal_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quarantined_scans")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_quarantined_scans_fingerprint")),
    )
    op.create_index(
        op.f("ix_quarantined_scans_terminal_id"), "quarantined_scans", ["terminal_id"], unique=False
    )
    op.create_table(
        "scans",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("terminal_id", BIG_ID, nullable=False),
        sa.Column("station_id", BIG_ID, nullable=False),
        sa.Column("direction", sa.String(length=24), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=True),
        sa.Column("boot", sa.Uuid(), nullable=True),
        sa.Column("medium", sa.String(length=24), nullable=False),
        sa.Column("identity_hash", sa.String(length=64), nullable=False),
        sa.Column("card_id", BIG_ID, nullable=True),
        sa.Column("member_id", BIG_ID, nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_time_suspect", sa.Boolean(), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("age_ms", sa.BigInteger(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("activity_id", BIG_ID, nullable=True),
        sa.Column("plan_starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("plan_ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("status", sa.String(length=24), nullable=False),
        sa.Column("outcome", sa.String(length=24), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.CheckConstraint("direction IN ('both', 'in', 'out')", name=op.f("ck_scans_direction")),
        sa.CheckConstraint("medium IN ('qr', 'nfc', 'keyboard', 'manual')", name=op.f("ck_scans_medium")),
        sa.CheckConstraint(
            "status IN ('accepted', 'duplicate', 'refused', 'quarantined')", name=op.f("ck_scans_status")
        ),
        sa.ForeignKeyConstraint(["activity_id"], ["activities.id"], name=op.f("fk_scans_activity_id")),
        sa.ForeignKeyConstraint(["card_id"], ["cards.id"], name=op.f("fk_scans_card_id")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_scans_member_id")),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_scans_station_id")),
        sa.ForeignKeyConstraint(["terminal_id"], ["terminals.id"], name=op.f("fk_scans_terminal_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scans")),
    )
    op.create_index("ix_scans_member_id_at", "scans", ["member_id", "at"], unique=False)
    op.create_index("ix_scans_terminal_id_seq", "scans", ["terminal_id", "seq"], unique=False)
    op.create_table(
        "scan_undos",
        sa.Column("scan_id", sa.Uuid(), nullable=False),
        sa.Column("terminal_id", BIG_ID, nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["scan_id"], ["scans.id"], name=op.f("fk_scan_undos_scan_id")),
        sa.ForeignKeyConstraint(["terminal_id"], ["terminals.id"], name=op.f("fk_scan_undos_terminal_id")),
        sa.PrimaryKeyConstraint("scan_id", name=op.f("pk_scan_undos")),
    )
    op.create_table(
        "service_records",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("member_id", BIG_ID, nullable=False),
        sa.Column("station_id", BIG_ID, nullable=False),
        sa.Column("activity_id", BIG_ID, nullable=True),
        sa.Column("opening_scan_id", sa.Uuid(), nullable=False),
        sa.Column("closing_scan_id", sa.Uuid(), nullable=True),
        sa.Column("checked_in_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("checked_out_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("limit_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("served_on", sa.Date(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("duty_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "minutes >= 0 AND (state = 'closed' OR minutes = 0)", name=op.f("ck_service_records_minutes")
        ),
        sa.CheckConstraint(
            "state IN ('open', 'closed', 'forgotten', 'left', 'superseded')",
            name=op.f("ck_service_records_state"),
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
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_service_records_member_id")),
        sa.ForeignKeyConstraint(
            ["opening_scan_id"],
            ["scans.id"],
            name=op.f("fk_service_records_opening_scan_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_service_records_station_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_records")),
        sa.UniqueConstraint("opening_scan_id", name=op.f("uq_service_records_opening_scan_id")),
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
        op.f("ix_service_records_closing_scan_id"), "service_records", ["closing_scan_id"], unique=False
    )
    op.create_index(
        "uq_service_records_open",
        "service_records",
        ["member_id"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "record_changes",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("record_id", BIG_ID, nullable=False),
        sa.Column("scan_id", sa.Uuid(), nullable=True),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["record_id"], ["service_records.id"], name=op.f("fk_record_changes_record_id")
        ),
        sa.ForeignKeyConstraint(
            ["scan_id"],
            ["scans.id"],
            name=op.f("fk_record_changes_scan_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_record_changes")),
    )
    op.create_index(op.f("ix_record_changes_record_id"), "record_changes", ["record_id"], unique=False)
    op.create_index(op.f("ix_record_changes_scan_id"), "record_changes", ["scan_id"], unique=False)


def downgrade() -> None:

    op.drop_index(op.f("ix_record_changes_scan_id"), table_name="record_changes")
    op.drop_index(op.f("ix_record_changes_record_id"), table_name="record_changes")
    op.drop_table("record_changes")
    op.drop_index(
        "uq_service_records_open",
        table_name="service_records",
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.drop_index(op.f("ix_service_records_closing_scan_id"), table_name="service_records")
    op.drop_index("ix_service_records_served_on_duty_on", table_name="service_records")
    op.drop_index("ix_service_records_member_id_checked_in_at", table_name="service_records")
    op.drop_index(
        "ix_service_records_limit_at_open",
        table_name="service_records",
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.drop_table("service_records")
    op.drop_table("scan_undos")
    op.drop_index("ix_scans_terminal_id_seq", table_name="scans")
    op.drop_index("ix_scans_member_id_at", table_name="scans")
    op.drop_table("scans")
    op.drop_index(op.f("ix_quarantined_scans_terminal_id"), table_name="quarantined_scans")
    op.drop_table("quarantined_scans")
    op.drop_index(op.f("ix_terminals_station_id"), table_name="terminals")
    op.drop_table("terminals")
    op.drop_table("duty_days")
    op.drop_index(
        "uq_cards_identity_in_use",
        table_name="cards",
        sqlite_where=sa.text("state IN ('active', 'lost')"),
        postgresql_where=sa.text("state IN ('active', 'lost')"),
    )
    op.drop_index(op.f("ix_cards_member_id"), table_name="cards")
    op.drop_index("ix_cards_identity_hash", table_name="cards")
    op.drop_table("cards")
    op.drop_index("ix_activities_station_id_ends_at", table_name="activities")
    op.drop_table("activities")
    op.drop_index(op.f("ix_stations_team_id"), table_name="stations")
    op.drop_table("stations")
    op.drop_index(op.f("ix_members_unit_id"), table_name="members")
    op.drop_index(op.f("ix_members_team_id"), table_name="members")
    op.drop_table("members")
    op.drop_index(op.f("ix_admins_team_id"), table_name="admins")
    op.drop_table("admins")
    op.drop_table("units")
    op.drop_index(op.f("ix_teams_parent_id"), table_name="teams")
    op.drop_table("teams")
    op.drop_table("settings")
    op.drop_table("job_runs")
    op.drop_table("calendar_days")
