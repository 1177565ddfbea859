"""The review desk."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

# SQLite only hands out ids by itself for INTEGER, not BIGINT.
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "review_items",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("member_id", BIG_ID, nullable=True),
        sa.Column("team_id", BIG_ID, nullable=False),
        sa.Column("station_id", BIG_ID, nullable=True),
        sa.Column("terminal_id", BIG_ID, nullable=True),
        sa.Column("day_on", sa.Date(), nullable=False),
        sa.Column("level", sa.String(length=24), nullable=False),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.Column("rows", sa.JSON(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("decided_by_id", BIG_ID, nullable=True),
        sa.Column("decided_person_id", BIG_ID, nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.CheckConstraint(
            "kind IN ('long_day', 'forgotten', 'left', 'two_places', 'impossible_total', 'many_pairs', 'office_hours', 'suspect_clock', 'late_scan', 'repeated_seq', 'quarantined', 'identity_clash')",
            name=op.f("ck_review_items_kind"),
        ),
        sa.CheckConstraint("level IN ('none', 'parent', 'brigade')", name=op.f("ck_review_items_level")),
        sa.CheckConstraint("state <> 'muted' OR reason <> ''", name=op.f("ck_review_items_muted")),
        sa.CheckConstraint(
            "state IN ('open', 'accepted', 'rejected', 'muted', 'gone')", name=op.f("ck_review_items_state")
        ),
        sa.CheckConstraint(
            "state NOT IN ('accepted', 'rejected', 'muted') OR decided_by_id IS NOT NULL",
            name=op.f("ck_review_items_decided"),
        ),
        sa.CheckConstraint("decided_person_id <> member_id", name=op.f("ck_review_items_not_for_oneself")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["admins.id"], name=op.f("fk_review_items_decided_by_id")),
        sa.ForeignKeyConstraint(
            ["decided_person_id"], ["members.id"], name=op.f("fk_review_items_decided_person_id")
        ),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_review_items_member_id")),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_review_items_station_id")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_review_items_team_id")),
        sa.ForeignKeyConstraint(["terminal_id"], ["terminals.id"], name=op.f("fk_review_items_terminal_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_items")),
        sa.UniqueConstraint("key", name=op.f("uq_review_items_key")),
    )
    op.create_index("ix_review_items_member_id_day_on", "review_items", ["member_id", "day_on"], unique=False)
    op.create_index("ix_review_items_state_kind", "review_items", ["state", "kind"], unique=False)
    op.create_index(op.f("ix_review_items_team_id"), "review_items", ["team_id"], unique=False)
    op.create_table(
        "reviewed_records",
        sa.Column("item_id", BIG_ID, nullable=False),
        sa.Column("record_id", BIG_ID, nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["review_items.id"], name=op.f("fk_reviewed_records_item_id")),
        sa.ForeignKeyConstraint(
            ["record_id"], ["service_records.id"], name=op.f("fk_reviewed_records_record_id")
        ),
        sa.PrimaryKeyConstraint("item_id", "record_id", name=op.f("pk_reviewed_records")),
    )
    op.create_index(op.f("ix_reviewed_records_record_id"), "reviewed_records", ["record_id"], unique=False)
    op.create_index("ix_scans_received_at", "scans", ["received_at"], postgresql_using="brin")
