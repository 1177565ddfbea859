"""Activities with the fields of Order 67 article 7, their states, and who takes part."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

# SQLite only hands out ids by itself for INTEGER, not BIGINT.
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXTS = {
    "place": 200,
    "content": 1000,
    "organising_unit": 120,
    "person_in_charge": 120,
    "risk_note": 500,
    "insurance_no": 60,
    "training_needed": 120,
    "uncountable_reason": 200,
    "cancel_reason": 200,
}


def upgrade() -> None:
    with op.batch_alter_table("activities") as table:
        table.add_column(sa.Column("team_id", BIG_ID, nullable=True))
        table.add_column(sa.Column("places", sa.Integer(), nullable=True))
        for name, length in TEXTS.items():
            table.add_column(sa.Column(name, sa.String(length=length), server_default="", nullable=False))
        table.add_column(sa.Column("risk_level", sa.String(length=24), server_default="none", nullable=False))
        table.add_column(
            sa.Column("is_training", sa.Boolean(), server_default=sa.text("false"), nullable=False)
        )
        table.add_column(
            sa.Column("is_countable", sa.Boolean(), server_default=sa.text("true"), nullable=False)
        )
        # What was entered before activities were published is published.
        table.add_column(sa.Column("state", sa.String(length=24), server_default="published", nullable=False))
        table.create_foreign_key(op.f("fk_activities_team_id"), "teams", ["team_id"], ["id"])
        table.create_check_constraint(
            op.f("ck_activities_state"), "state IN ('draft', 'published', 'cancelled')"
        )
        table.create_check_constraint(
            op.f("ck_activities_risk_level"), "risk_level IN ('none', 'low', 'high')"
        )
        table.create_check_constraint(op.f("ck_activities_places"), "places > 0")
        table.create_index(op.f("ix_activities_team_id"), ["team_id"], unique=False)
        table.create_index(op.f("ix_activities_starts_at"), ["starts_at"], unique=False)
    # Null is countable: what was held before there was a choice.
    op.add_column("scans", sa.Column("plan_is_countable", sa.Boolean(), nullable=True))
    op.create_table(
        "participations",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("activity_id", BIG_ID, nullable=False),
        sa.Column("member_id", BIG_ID, nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("reason", sa.String(length=200), server_default="", nullable=False),
        sa.Column("substitute_id", BIG_ID, nullable=True),
        sa.Column("state_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('signed_up', 'waiting', 'declined', 'on_leave', 'substituted')",
            name=op.f("ck_participations_state"),
        ),
        sa.CheckConstraint(
            "state <> 'substituted' OR substitute_id IS NOT NULL", name=op.f("ck_participations_substituted")
        ),
        sa.ForeignKeyConstraint(
            ["activity_id"], ["activities.id"], name=op.f("fk_participations_activity_id")
        ),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_participations_member_id")),
        sa.ForeignKeyConstraint(
            ["substitute_id"], ["members.id"], name=op.f("fk_participations_substitute_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_participations")),
        sa.UniqueConstraint("activity_id", "member_id", name=op.f("uq_participations_activity_id_member_id")),
    )
    op.create_index(op.f("ix_participations_member_id"), "participations", ["member_id"], unique=False)
    op.create_index(
        op.f("ix_participations_substitute_id"), "participations", ["substitute_id"], unique=False
    )
