"""Links of admins to their own persons wait until a second person confirms them.

Links that there are stay as they are: they were made under the older rule, and carry no instant.
Imports keep everybody who had a hand in them; of those before, the audit knows who that was.
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
}
POINTERS = {"waiting_member_id": "members", "person_confirmed_by_id": "admins"}
INSTANTS = ("waiting_at", "person_confirmed_at")
IMPORTS = sa.table("imports", sa.column("id"), sa.column("admin_id"), sa.column("hand_ids", sa.JSON()))
EVENTS = sa.table("audit_events", sa.column("act"), sa.column("admin_id"), sa.column("changes", sa.JSON()))
ACTS = ("admin.begin_import", "admin.import_row", "admin.write_import", "admin.undo_import")


def upgrade() -> None:
    with op.batch_alter_table("admins") as table:
        for name in INSTANTS:
            table.add_column(sa.Column(name, sa.DateTime(timezone=True), nullable=True))
        for name, target in POINTERS.items():
            table.add_column(sa.Column(name, BIG_ID, nullable=True))
            table.create_foreign_key(op.f(f"fk_admins_{name}"), target, [name], ["id"])
        for name, condition in CHECKS.items():
            table.create_check_constraint(op.f(f"ck_admins_{name}"), condition)
    op.add_column("imports", sa.Column("hand_ids", sa.JSON(), nullable=True))
    _fill_hands()
    with op.batch_alter_table("imports") as table:
        table.alter_column("hand_ids", existing_type=sa.JSON(), nullable=False)


def _fill_hands() -> None:
    connection = op.get_bind()
    hands = {
        one.id: {one.admin_id} for one in connection.execute(sa.select(IMPORTS.c.id, IMPORTS.c.admin_id))
    }
    acts = sa.select(EVENTS.c.admin_id, EVENTS.c.changes).where(
        EVENTS.c.act.in_(ACTS), EVENTS.c.admin_id.is_not(None)
    )
    for admin_id, changes in connection.execute(acts):
        for change in changes:
            # Of what was done to many rows at once no id is told.
            if change["table"] == "imports" and "id" in change and int(change["id"]) in hands:
                hands[int(change["id"])].add(admin_id)
    for import_id, admin_ids in hands.items():
        connection.execute(
            sa.update(IMPORTS).where(IMPORTS.c.id == import_id).values(hand_ids=sorted(admin_ids))
        )


def downgrade() -> None:
    op.drop_column("imports", "hand_ids")
    with op.batch_alter_table("admins") as table:
        for name in CHECKS:
            table.drop_constraint(op.f(f"ck_admins_{name}"), type_="check")
        for name in POINTERS:
            table.drop_constraint(op.f(f"fk_admins_{name}"), type_="foreignkey")
            table.drop_column(name)
        for name in INSTANTS:
            table.drop_column(name)
