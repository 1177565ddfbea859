"""A scan keeps whether the plan that ran there and then let nobody check in."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.add_column("scans", sa.Column("plan_is_blocked", sa.Boolean(), nullable=True))


def downgrade() -> None:
    op.drop_column("scans", "plan_is_blocked")
