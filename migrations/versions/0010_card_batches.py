"""Cards: temporary ones, replacements, their history, batches, and binding by tapping at a terminal."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

# SQLite only hands out ids by itself for INTEGER, not BIGINT.
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("cards", sa.Column("valid_until", sa.DateTime(timezone=True), nullable=True))
    # In words of SQL: a whole new table, the other way on SQLite, would lose the checks of the old one.
    type_ = BIG_ID.compile(op.get_bind().dialect)
    op.execute(
        f"ALTER TABLE cards ADD COLUMN replaces_id {type_} "
        "CONSTRAINT fk_cards_replaces_id REFERENCES cards (id)"
    )
    op.create_index("uq_cards_replaces_id", "cards", ["replaces_id"], unique=True)
    op.create_index("ix_cards_valid_until", "cards", ["valid_until"], unique=False)
    op.create_table(
        "card_events",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("card_id", BIG_ID, nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("admin_id", BIG_ID, nullable=True),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.CheckConstraint(
            "kind IN ('issued', 'bound', 'enrolled', 'lost', 'found', 'revoked', 'replaced', 'expired')",
            name=op.f("ck_card_events_kind"),
        ),
        sa.ForeignKeyConstraint(["admin_id"], ["admins.id"], name=op.f("fk_card_events_admin_id")),
        sa.ForeignKeyConstraint(["card_id"], ["cards.id"], name=op.f("fk_card_events_card_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_card_events")),
    )
    op.create_index(op.f("ix_card_events_card_id"), "card_events", ["card_id"], unique=False)
    # What is known of the cards there are.
    op.execute(
        "INSERT INTO card_events (card_id, kind, at, note) "
        "SELECT id, CASE kind WHEN 'qr' THEN 'issued' ELSE 'bound' END, issued_at, '' FROM cards ORDER BY id"
    )
    op.execute(
        "INSERT INTO card_events (card_id, kind, at, note) "
        "SELECT id, state, ended_at, '' FROM cards WHERE ended_at IS NOT NULL ORDER BY id"
    )
    op.create_table(
        "card_batches",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("admin_id", BIG_ID, nullable=False),
        sa.Column("team_id", BIG_ID, nullable=False),
        sa.Column("is_subtree", sa.Boolean(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["admin_id"], ["admins.id"], name=op.f("fk_card_batches_admin_id")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_card_batches_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_card_batches")),
    )
    op.create_index(op.f("ix_card_batches_admin_id"), "card_batches", ["admin_id"], unique=False)
    _create_enrolments()


def _create_enrolments() -> None:
    op.create_table(
        "card_enrolments",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("terminal_id", BIG_ID, nullable=False),
        sa.Column("member_id", BIG_ID, nullable=False),
        sa.Column("admin_id", BIG_ID, nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("result", sa.String(length=24), nullable=True),
        sa.Column("card_id", BIG_ID, nullable=True),
        sa.CheckConstraint(
            "(result IS NULL) = (finished_at IS NULL)", name=op.f("ck_card_enrolments_finished")
        ),
        sa.CheckConstraint(
            "result IN ('bound', 'skipped', 'stopped')", name=op.f("ck_card_enrolments_result")
        ),
        sa.ForeignKeyConstraint(["admin_id"], ["admins.id"], name=op.f("fk_card_enrolments_admin_id")),
        sa.ForeignKeyConstraint(["card_id"], ["cards.id"], name=op.f("fk_card_enrolments_card_id")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_card_enrolments_member_id")),
        sa.ForeignKeyConstraint(
            ["terminal_id"], ["terminals.id"], name=op.f("fk_card_enrolments_terminal_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_card_enrolments")),
    )
    op.create_index(op.f("ix_card_enrolments_admin_id"), "card_enrolments", ["admin_id"], unique=False)
    op.create_index("ix_card_enrolments_terminal_id", "card_enrolments", ["terminal_id"], unique=False)
    op.create_index(
        "uq_card_enrolments_open",
        "card_enrolments",
        ["terminal_id"],
        unique=True,
        sqlite_where=sa.text("opened_at IS NOT NULL AND finished_at IS NULL"),
        postgresql_where=sa.text("opened_at IS NOT NULL AND finished_at IS NULL"),
    )
