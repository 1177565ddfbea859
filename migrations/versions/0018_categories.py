"""Categories of the brigade's own beside the built-in ones, among which training is one now."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

# SQLite only hands out ids by itself for INTEGER, not BIGINT.
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "activity_categories",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("name_en", sa.String(length=40), nullable=False),
        sa.Column("made_by_id", BIG_ID, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["made_by_id"], ["admins.id"], name=op.f("fk_activity_categories_made_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity_categories")),
    )
    op.create_index(
        "uq_activity_categories_name",
        "activity_categories",
        ["name"],
        unique=True,
        sqlite_where=sa.text("ended_on IS NULL"),
        postgresql_where=sa.text("ended_on IS NULL"),
    )
    with op.batch_alter_table("activities") as table:
        table.drop_constraint(op.f("ck_activities_category"), type_="check")
    # A training stood under one of the five categories of service, for want of its own.
    op.execute("UPDATE activities SET category = 'training' WHERE is_training")
