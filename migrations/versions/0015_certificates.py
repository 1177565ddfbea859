"""Certificates and their batches."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

# SQLite only hands out ids by itself for INTEGER, not BIGINT.
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


ACCESS_KINDS = (
    "kind IN ('viewed_file', 'viewed_contact', 'viewed_national_id', 'changed_file', "
    "'viewed_consents', 'recorded_consent', 'exported', 'imported', 'printed_card', "
    "'printed_letter', 'own_data', 'erased', 'certified', 'took_certificate')"
)


def upgrade() -> None:
    _create_certificates()
    if op.get_bind().dialect.name == "sqlite":
        _rebuild_access_log()
    else:
        op.drop_constraint(op.f("ck_access_log_kind"), "access_log")
        op.create_check_constraint(op.f("ck_access_log_kind"), "access_log", ACCESS_KINDS)


def _rebuild_access_log() -> None:
    """SQLite changes no check: a new table takes the rows and the name of the old one."""
    op.create_table(
        "access_log_new",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("admin_id", BIG_ID, nullable=True),
        sa.Column("member_id", BIG_ID, nullable=True),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("detail", sa.String(length=200), nullable=False),
        sa.CheckConstraint(ACCESS_KINDS, name=op.f("ck_access_log_kind")),
        sa.CheckConstraint("(admin_id IS NULL) <> (member_id IS NULL)", name=op.f("ck_access_log_who")),
        sa.CheckConstraint("count >= 0", name=op.f("ck_access_log_count")),
        sa.ForeignKeyConstraint(["admin_id"], ["admins.id"], name=op.f("fk_access_log_admin_id")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_access_log_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_log")),
    )
    columns = "id, at, admin_id, member_id, kind, count, detail"
    op.execute(f"INSERT INTO access_log_new ({columns}) SELECT {columns} FROM access_log")
    op.drop_table("access_log")
    op.rename_table("access_log_new", "access_log")
    for name in ("at", "admin_id", "member_id"):
        op.create_index(op.f(f"ix_access_log_{name}"), "access_log", [name], unique=False)


def _create_certificates() -> None:
    op.create_table(
        "certificate_batches",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("admin_id", BIG_ID, nullable=False),
        sa.Column("team_id", BIG_ID, nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("issuer", sa.String(length=120), nullable=False),
        sa.Column("recording_unit", sa.String(length=120), nullable=False),
        sa.Column("handler", sa.String(length=120), nullable=False),
        sa.Column("responsible_person", sa.String(length=120), nullable=False),
        sa.Column("contact", sa.String(length=120), nullable=False),
        sa.Column("verify_url", sa.String(length=200), nullable=False),
        sa.Column("waiting", sa.JSON(), nullable=False),
        sa.Column("skipped", sa.JSON(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["admin_id"], ["admins.id"], name=op.f("fk_certificate_batches_admin_id")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_certificate_batches_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate_batches")),
    )
    op.create_index(
        op.f("ix_certificate_batches_admin_id"), "certificate_batches", ["admin_id"], unique=False
    )
    op.create_table(
        "certificates",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("serial", sa.String(length=32), nullable=False),
        sa.Column("member_id", BIG_ID, nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("metered_minutes", sa.Integer(), nullable=False),
        sa.Column("declared_minutes", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("last_entry", sa.BigInteger(), nullable=False),
        sa.Column("issuer", sa.String(length=120), nullable=False),
        sa.Column("handler", sa.String(length=120), nullable=False),
        sa.Column("responsible_person", sa.String(length=120), nullable=False),
        sa.Column("issued_by_id", BIG_ID, nullable=True),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("batch_id", BIG_ID, nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_by_id", BIG_ID, nullable=True),
        sa.Column("revoke_reason", sa.String(length=200), nullable=False),
        sa.Column("replaces_id", BIG_ID, nullable=True),
        sa.CheckConstraint("revoked_at IS NULL OR revoke_reason <> ''", name=op.f("ck_certificates_revoked")),
        sa.CheckConstraint("last_on >= first_on", name=op.f("ck_certificates_period")),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["certificate_batches.id"], name=op.f("fk_certificates_batch_id")
        ),
        sa.ForeignKeyConstraint(["issued_by_id"], ["admins.id"], name=op.f("fk_certificates_issued_by_id")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_certificates_member_id")),
        sa.ForeignKeyConstraint(
            ["replaces_id"], ["certificates.id"], name=op.f("fk_certificates_replaces_id")
        ),
        sa.ForeignKeyConstraint(["revoked_by_id"], ["admins.id"], name=op.f("fk_certificates_revoked_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificates")),
        sa.UniqueConstraint("replaces_id", name=op.f("uq_certificates_replaces_id")),
        sa.UniqueConstraint("serial", name=op.f("uq_certificates_serial")),
    )
    op.create_index(op.f("ix_certificates_batch_id"), "certificates", ["batch_id"], unique=False)
    op.create_index(op.f("ix_certificates_member_id"), "certificates", ["member_id"], unique=False)
