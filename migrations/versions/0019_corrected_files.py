"""Corrections of a file in the member's history; which privacy notice each member has opened."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"

# SQLite only hands out ids by itself for INTEGER, not BIGINT.
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
KINDS = ("joined", "transferred", "rested", "returned", "retired", "left", "merged", "merged_away")
FILE_KINDS = ("renamed", "id_replaced", "id_removed")


def upgrade() -> None:
    _allow_kinds([*KINDS, *FILE_KINDS])
    op.create_table(
        "notice_readings",
        sa.Column("member_id", BIG_ID, nullable=False, autoincrement=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_notice_readings_member_id")),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_notice_readings")),
    )
    op.create_index(
        "ix_consents_taken_back",
        "consents",
        ["purpose", "member_id"],
        sqlite_where=sa.text("is_given = 0"),
        postgresql_where=sa.text("NOT is_given"),
    )


def downgrade() -> None:
    op.drop_index("ix_consents_taken_back", "consents")
    op.drop_table("notice_readings")
    op.execute(f"DELETE FROM member_events WHERE {_one_of(FILE_KINDS)}")
    _allow_kinds(KINDS)


def _allow_kinds(kinds: Sequence[str]) -> None:
    with op.batch_alter_table("member_events") as table:
        table.drop_constraint(op.f("ck_member_events_kind"), type_="check")
        table.create_check_constraint(op.f("ck_member_events_kind"), _one_of(kinds))


def _one_of(kinds: Sequence[str]) -> str:
    return f"kind IN ({', '.join(repr(kind) for kind in kinds)})"
