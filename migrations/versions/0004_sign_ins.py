"""Sessions that can be ended, second factors, passkeys, and counted attempts."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

# SQLite only hands out ids by itself for INTEGER, not BIGINT.
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
ONE_PERSON = "(admin_id IS NULL) <> (member_id IS NULL)"


def upgrade() -> None:
    op.create_table(
        "sign_ins",
        *_person("sign_ins"),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("password_mark", sa.String(length=16), nullable=False),
        sa.Column("device", sa.String(length=120), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sign_ins_token_hash")),
    )
    op.create_table(
        "second_factors",
        *_person("second_factors"),
        sa.Column("secret_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.UniqueConstraint("admin_id", name=op.f("uq_second_factors_admin_id")),
        sa.UniqueConstraint("member_id", name=op.f("uq_second_factors_member_id")),
    )
    op.create_table(
        "recovery_codes",
        *_person("recovery_codes"),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.UniqueConstraint("code_hash", name=op.f("uq_recovery_codes_code_hash")),
    )
    op.create_table(
        "passkeys",
        *_person("passkeys"),
        sa.Column("credential_id", sa.String(length=1400), nullable=False),
        sa.Column("rp_id", sa.String(length=255), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.UniqueConstraint("credential_id", name=op.f("uq_passkeys_credential_id")),
    )
    for table in ("sign_ins", "recovery_codes", "passkeys"):
        for column in ("admin_id", "member_id"):
            op.create_index(op.f(f"ix_{table}_{column}"), table, [column], unique=False)
    op.create_table(
        "attempts",
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("kind", "key_hash", name=op.f("pk_attempts")),
    )
    op.create_index(op.f("ix_attempts_begun_at"), "attempts", ["begun_at"], unique=False)


def _person(table: str) -> list[sa.schema.SchemaItem]:
    """The id and the admin or member, exactly one of them, that a row belongs to."""
    return [
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("admin_id", BIG_ID, nullable=True),
        sa.Column("member_id", BIG_ID, nullable=True),
        sa.CheckConstraint(ONE_PERSON, name=op.f(f"ck_{table}_person")),
        sa.ForeignKeyConstraint(["admin_id"], ["admins.id"], name=op.f(f"fk_{table}_admin_id")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f(f"fk_{table}_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    ]
