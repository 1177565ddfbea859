"""Teams and units: what they were called and where they stood before, who belonged to them, and their end.

No row is written for what there is: a fact that no past row covers has always held.
"""

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations

revision = "0002"
down_revision = "0001"

# SQLite only hands out ids by itself for INTEGER, not BIGINT.
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
PARTY_KINDS = "party_kind IN ('party_branch', 'general_branch', 'party_committee')"


def upgrade() -> None:
    # SQLite builds the table anew and would forget the constraint that it had.
    level = sa.CheckConstraint("level IN ('brigade', 'squadron', 'detachment')", name=op.f("ck_teams_level"))
    with op.batch_alter_table("teams", table_args=(level,)) as batch:
        batch.add_column(sa.Column("founded_on", sa.Date(), nullable=True))
        batch.add_column(sa.Column("successor_id", BIG_ID, nullable=True))
        _add_shared_columns(batch)
        batch.create_foreign_key(op.f("fk_teams_successor_id"), "teams", ["successor_id"], ["id"])
        batch.create_check_constraint(op.f("ck_teams_party_kind"), PARTY_KINDS)
        batch.create_check_constraint(
            op.f("ck_teams_successor"), "successor_id IS NULL OR dissolved_on IS NOT NULL"
        )
        batch.create_index(op.f("ix_teams_successor_id"), ["successor_id"])
    with op.batch_alter_table("units") as batch:
        _add_shared_columns(batch)
        batch.create_check_constraint(op.f("ck_units_party_kind"), PARTY_KINDS)

    _create_spans(
        "team_spans",
        sa.Column("team_id", BIG_ID, nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("parent_id", BIG_ID, nullable=True),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_team_spans_team_id")),
        sa.ForeignKeyConstraint(["parent_id"], ["teams.id"], name=op.f("fk_team_spans_parent_id")),
        sa.UniqueConstraint("team_id", "until_on", name=op.f("uq_team_spans_team_id_until_on")),
    )
    _create_spans(
        "unit_spans",
        sa.Column("unit_id", BIG_ID, nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_unit_spans_unit_id")),
        sa.UniqueConstraint("unit_id", "until_on", name=op.f("uq_unit_spans_unit_id_until_on")),
    )
    _create_spans(
        "member_teams",
        sa.Column("member_id", BIG_ID, nullable=False),
        sa.Column("team_id", BIG_ID, nullable=False),
        sa.Column("unit_id", BIG_ID, nullable=True),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_member_teams_member_id")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_member_teams_team_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_member_teams_unit_id")),
        sa.UniqueConstraint("member_id", "until_on", name=op.f("uq_member_teams_member_id_until_on")),
    )
    op.create_index(op.f("ix_member_teams_team_id"), "member_teams", ["team_id"], unique=False)
    op.create_index(op.f("ix_member_teams_unit_id"), "member_teams", ["unit_id"], unique=False)


def _add_shared_columns(batch: BatchOperations) -> None:
    batch.add_column(sa.Column("dissolved_on", sa.Date(), nullable=True))
    batch.add_column(sa.Column("party_branch", sa.String(length=120), nullable=False, server_default=""))
    batch.add_column(sa.Column("party_kind", sa.String(length=24), nullable=True))


def _create_spans(table: str, *parts: sa.schema.SchemaItem) -> None:
    op.create_table(
        table,
        sa.Column("id", BIG_ID, nullable=False),
        *parts,
        sa.Column("from_on", sa.Date(), nullable=True),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.CheckConstraint("from_on < until_on", name=op.f(f"ck_{table}_order")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
