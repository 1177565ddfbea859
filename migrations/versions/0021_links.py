"""Links of admins to their own persons wait until a second person confirms them.

Links that there are stay as they are: they were made under the older rule, and carry no instant.
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
CHECKS = {
    "waiting": "(waiting_member_id IS NULL) = (waiting_at IS NULL)",
    "one_person": "waiting_member_id IS NULL OR member_id IS NULL",
    "confirmed": "person_confirmed_at IS NULL OR member_id IS NOT NULL",
    "confirmed_by": "person_confirmed_by_id IS NULL"
    " OR (person_confirmed_at IS NOT NULL AND person_confirmed_by_id <> id)",
    "password": "(password_by_id IS NULL) = (password_at IS NULL)",
}
POINTERS = {"waiting_member_id": "members", "person_confirmed_by_id": "admins", "password_by_id": "admins"}
INSTANTS = ("waiting_at", "person_confirmed_at", "password_at")


def upgrade() -> None:
    with op.batch_alter_table("admins") as table:
        for name in INSTANTS:
            table.add_column(sa.Column(name, sa.DateTime(timezone=True), nullable=True))
        for name, target in POINTERS.items():
            table.add_column(sa.Column(name, BIG_ID, nullable=True))
            table.create_foreign_key(op.f(f"fk_admins_{name}"), target, [name], ["id"])
        for name, condition in CHECKS.items():
            table.create_check_constraint(op.f(f"ck_admins_{name}"), condition)


def downgrade() -> None:
    with op.batch_alter_table("admins") as table:
        for name in CHECKS:
            table.drop_constraint(op.f(f"ck_admins_{name}"), type_="check")
        for name in POINTERS:
            table.drop_constraint(op.f(f"fk_admins_{name}"), type_="foreignkey")
            table.drop_column(name)
        for name in INSTANTS:
            table.drop_column(name)
