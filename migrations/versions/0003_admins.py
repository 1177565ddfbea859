"""Appointments of admins; everybody who is an admin today stays the admin of the same team."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("admins", sa.Column("start_hash", sa.String(length=200), nullable=True))
    op.create_table(
        "appointments",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("admin_id", BIG_ID, nullable=False),
        sa.Column("role", sa.String(length=24), nullable=False),
        sa.Column("team_id", BIG_ID, nullable=True),
        sa.Column("station_id", BIG_ID, nullable=True),
        sa.Column("from_on", sa.Date(), nullable=True),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("is_deputy", sa.Boolean(), nullable=False),
        sa.Column("appointed_by_id", BIG_ID, nullable=True),
        sa.Column("appointed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_by_id", BIG_ID, nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "role IN ('team_admin', 'station_leader', 'auditor', 'system_admin')",
            name=op.f("ck_appointments_role"),
        ),
        sa.CheckConstraint(
            "(role = 'station_leader' AND station_id IS NOT NULL AND team_id IS NULL)"
            " OR (role <> 'station_leader' AND station_id IS NULL AND team_id IS NOT NULL)",
            name=op.f("ck_appointments_place"),
        ),
        sa.CheckConstraint(
            "until_on IS NULL OR from_on IS NULL OR until_on >= from_on", name=op.f("ck_appointments_term")
        ),
        sa.ForeignKeyConstraint(["admin_id"], ["admins.id"], name=op.f("fk_appointments_admin_id")),
        sa.ForeignKeyConstraint(
            ["appointed_by_id"], ["admins.id"], name=op.f("fk_appointments_appointed_by_id")
        ),
        sa.ForeignKeyConstraint(["ended_by_id"], ["admins.id"], name=op.f("fk_appointments_ended_by_id")),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_appointments_station_id")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_appointments_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointments")),
    )
    for column in ("admin_id", "station_id", "team_id"):
        op.create_index(op.f(f"ix_appointments_{column}"), "appointments", [column], unique=False)
    is_open = sa.text("until_on IS NULL")
    for name, columns in (
        ("uq_appointments_team_open", ["admin_id", "role", "team_id"]),
        ("uq_appointments_station_open", ["admin_id", "station_id"]),
    ):
        op.create_index(
            name, "appointments", columns, unique=True, sqlite_where=is_open, postgresql_where=is_open
        )
    op.execute(
        "INSERT INTO appointments (admin_id, role, team_id, is_deputy, appointed_at)"
        " SELECT id, 'team_admin', team_id, false, created_at FROM admins"
    )


def downgrade() -> None:
    op.drop_table("appointments")
    with op.batch_alter_table("admins") as table:
        table.drop_column("start_hash")
