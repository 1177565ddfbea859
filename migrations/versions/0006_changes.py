"""Changes of members: what happened to them, waiting transfers, merged duplicates, requests to join."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

# SQLite only hands out ids by itself for INTEGER, not BIGINT.
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "member_events",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("member_id", BIG_ID, nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("admin_id", BIG_ID, nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by_id", BIG_ID, nullable=True),
        sa.CheckConstraint(
            "kind IN ('joined', 'transferred', 'rested', 'returned', 'retired', 'left', 'merged', "
            "'merged_away')",
            name=op.f("ck_member_events_kind"),
        ),
        sa.CheckConstraint(
            "(undone_at IS NULL) = (undone_by_id IS NULL)", name=op.f("ck_member_events_undone")
        ),
        sa.ForeignKeyConstraint(["admin_id"], ["admins.id"], name=op.f("fk_member_events_admin_id")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_member_events_member_id")),
        sa.ForeignKeyConstraint(["undone_by_id"], ["admins.id"], name=op.f("fk_member_events_undone_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_member_events")),
    )
    op.create_index(op.f("ix_member_events_member_id"), "member_events", ["member_id"], unique=False)
    op.create_table(
        "transfers",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("member_id", BIG_ID, nullable=False),
        sa.Column("from_team_id", BIG_ID, nullable=False),
        sa.Column("team_id", BIG_ID, nullable=False),
        sa.Column("unit_id", BIG_ID, nullable=True),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("proposed_by_id", BIG_ID, nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("reply", sa.String(length=200), nullable=False),
        sa.Column("decided_by_id", BIG_ID, nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('proposed', 'accepted', 'declined', 'withdrawn')", name=op.f("ck_transfers_state")
        ),
        sa.CheckConstraint("(state = 'proposed') = (decided_at IS NULL)", name=op.f("ck_transfers_decided")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["admins.id"], name=op.f("fk_transfers_decided_by_id")),
        sa.ForeignKeyConstraint(["from_team_id"], ["teams.id"], name=op.f("fk_transfers_from_team_id")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_transfers_member_id")),
        sa.ForeignKeyConstraint(["proposed_by_id"], ["admins.id"], name=op.f("fk_transfers_proposed_by_id")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_transfers_team_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_transfers_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfers")),
    )
    op.create_index(op.f("ix_transfers_from_team_id"), "transfers", ["from_team_id"], unique=False)
    op.create_index(op.f("ix_transfers_member_id"), "transfers", ["member_id"], unique=False)
    op.create_index(op.f("ix_transfers_team_id"), "transfers", ["team_id"], unique=False)
    op.create_index(
        "uq_transfers_waiting",
        "transfers",
        ["member_id"],
        unique=True,
        sqlite_where=sa.text("state = 'proposed'"),
        postgresql_where=sa.text("state = 'proposed'"),
    )
    op.create_table(
        "merges",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("duplicate_id", BIG_ID, nullable=False),
        sa.Column("kept_id", BIG_ID, nullable=False),
        sa.Column("merged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("duplicate_id <> kept_id", name=op.f("ck_merges_two")),
        sa.ForeignKeyConstraint(["duplicate_id"], ["members.id"], name=op.f("fk_merges_duplicate_id")),
        sa.ForeignKeyConstraint(["kept_id"], ["members.id"], name=op.f("fk_merges_kept_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merges")),
    )
    op.create_index(op.f("ix_merges_kept_id"), "merges", ["kept_id"], unique=False)
    op.create_index(
        "uq_merges_duplicate",
        "merges",
        ["duplicate_id"],
        unique=True,
        sqlite_where=sa.text("undone_at IS NULL"),
        postgresql_where=sa.text("undone_at IS NULL"),
    )
    op.create_table(
        "distinctions",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("first_id", BIG_ID, nullable=False),
        sa.Column("second_id", BIG_ID, nullable=False),
        sa.Column("admin_id", BIG_ID, nullable=False),
        sa.Column("judged_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("first_id < second_id", name=op.f("ck_distinctions_order")),
        sa.ForeignKeyConstraint(["admin_id"], ["admins.id"], name=op.f("fk_distinctions_admin_id")),
        sa.ForeignKeyConstraint(["first_id"], ["members.id"], name=op.f("fk_distinctions_first_id")),
        sa.ForeignKeyConstraint(["second_id"], ["members.id"], name=op.f("fk_distinctions_second_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_distinctions")),
        sa.UniqueConstraint("first_id", "second_id", name=op.f("uq_distinctions_first_id_second_id")),
    )
    op.create_index(op.f("ix_distinctions_second_id"), "distinctions", ["second_id"], unique=False)
    op.create_table(
        "registrations",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("team_id", BIG_ID, nullable=False),
        sa.Column("unit_id", BIG_ID, nullable=True),
        sa.Column("phone_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("phone_hash", sa.String(length=64), nullable=False),
        sa.Column("phone_ending", sa.String(length=4), nullable=False),
        sa.Column("consent", sa.String(length=40), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("reply", sa.String(length=200), nullable=False),
        sa.Column("member_id", BIG_ID, nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by_id", BIG_ID, nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'approved', 'rejected')", name=op.f("ck_registrations_state")
        ),
        sa.CheckConstraint(
            "(state = 'waiting') = (decided_at IS NULL)", name=op.f("ck_registrations_decided")
        ),
        sa.CheckConstraint("state = 'waiting' OR phone_sealed IS NULL", name=op.f("ck_registrations_erased")),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["admins.id"], name=op.f("fk_registrations_decided_by_id")
        ),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_registrations_member_id")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_registrations_team_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_registrations_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registrations")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_registrations_code_hash")),
    )
    op.create_index(op.f("ix_registrations_member_id"), "registrations", ["member_id"], unique=False)
    op.create_index(op.f("ix_registrations_phone_hash"), "registrations", ["phone_hash"], unique=False)
    op.create_index("ix_registrations_team_id_state", "registrations", ["team_id", "state"], unique=False)
    # Searching reads this and not the rows: they lie scattered, and sixty thousand of them take long.
    op.create_index(
        "ix_members_search",
        "members",
        ["team_id", "status", "volunteer_no", "name", "search_keys", "id"],
        unique=False,
    )
