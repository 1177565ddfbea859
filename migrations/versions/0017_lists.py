"""Lists of training records and commendations can be imported too, and an import can be thrown away."""

from alembic import op

revision = "0017"
down_revision = "0016"

CHECKS = {
    "kind": "kind IN ('members', 'teams', 'admins', 'training', 'commendations')",
    "state": "state IN ('matching', 'judging', 'ready', 'writing', 'done', 'undoing', 'undone', 'discarded')",
}


def upgrade() -> None:
    """The closed lists of kinds and states, anew."""
    with op.batch_alter_table("imports") as table:
        for name, text in CHECKS.items():
            table.drop_constraint(op.f(f"ck_imports_{name}"), type_="check")
            table.create_check_constraint(op.f(f"ck_imports_{name}"), text)
