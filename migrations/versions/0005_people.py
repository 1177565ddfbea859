"""People: files of members, contacts, skills, times, consents, privacy notices, erasures, access log."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

# SQLite only hands out ids by itself for INTEGER, not BIGINT.
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "access_log",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("admin_id", BIG_ID, nullable=True),
        sa.Column("member_id", BIG_ID, nullable=True),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("detail", sa.String(length=200), nullable=False),
        sa.CheckConstraint(
            "kind IN ('viewed_file', 'viewed_contact', 'viewed_national_id', 'changed_file', "
            "'viewed_consents', 'recorded_consent', 'exported', 'imported', 'printed_card', "
            "'printed_letter', 'own_data', 'erased')",
            name=op.f("ck_access_log_kind"),
        ),
        sa.CheckConstraint("(admin_id IS NULL) <> (member_id IS NULL)", name=op.f("ck_access_log_who")),
        sa.CheckConstraint("count >= 0", name=op.f("ck_access_log_count")),
        sa.ForeignKeyConstraint(["admin_id"], ["admins.id"], name=op.f("fk_access_log_admin_id")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_access_log_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_log")),
    )
    op.create_index(op.f("ix_access_log_at"), "access_log", ["at"], unique=False)
    op.create_index(op.f("ix_access_log_admin_id"), "access_log", ["admin_id"], unique=False)
    op.create_index(op.f("ix_access_log_member_id"), "access_log", ["member_id"], unique=False)
    op.create_table(
        "access_log_members",
        sa.Column("entry_id", BIG_ID, nullable=False),
        sa.Column("member_id", BIG_ID, nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["access_log.id"], name=op.f("fk_access_log_members_entry_id")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_access_log_members_member_id")),
        sa.PrimaryKeyConstraint("entry_id", "member_id", name=op.f("pk_access_log_members")),
    )
    op.create_index(
        op.f("ix_access_log_members_member_id"), "access_log_members", ["member_id"], unique=False
    )
    op.create_table(
        "people",
        sa.Column("member_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("sex", sa.String(length=24), nullable=True),
        sa.Column("born_on", sa.Date(), nullable=True),
        sa.Column("residence", sa.String(length=120), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("sex IN ('male', 'female')", name=op.f("ck_people_sex")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_people_member_id")),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_people")),
    )
    op.create_table(
        "member_contacts",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("member_id", BIG_ID, nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("value_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("ending", sa.String(length=4), nullable=True),
        sa.Column("note", sa.String(length=60), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('phone', 'email', 'wechat', 'emergency')", name=op.f("ck_member_contacts_kind")
        ),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_member_contacts_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_member_contacts")),
    )
    op.create_index(op.f("ix_member_contacts_member_id"), "member_contacts", ["member_id"], unique=False)
    op.create_index(op.f("ix_member_contacts_ending"), "member_contacts", ["ending"], unique=False)
    for table in ("member_skills", "member_service_kinds"):
        op.create_table(
            table,
            sa.Column("member_id", BIG_ID, nullable=False),
            sa.Column("name", sa.String(length=40), nullable=False),
            sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f(f"fk_{table}_member_id")),
            sa.PrimaryKeyConstraint("member_id", "name", name=op.f(f"pk_{table}")),
        )
        op.create_index(op.f(f"ix_{table}_name"), table, ["name"], unique=False)
    op.create_table(
        "member_free_times",
        sa.Column("member_id", BIG_ID, nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("part", sa.String(length=24), nullable=False),
        sa.CheckConstraint("weekday BETWEEN 1 AND 7", name=op.f("ck_member_free_times_weekday")),
        sa.CheckConstraint(
            "part IN ('morning', 'afternoon', 'evening')", name=op.f("ck_member_free_times_part")
        ),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_member_free_times_member_id")),
        sa.PrimaryKeyConstraint("member_id", "weekday", "part", name=op.f("pk_member_free_times")),
    )
    op.create_table(
        "consents",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("member_id", BIG_ID, nullable=False),
        sa.Column("purpose", sa.String(length=24), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("is_given", sa.Boolean(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("admin_id", BIG_ID, nullable=True),
        sa.Column("note", sa.String(length=120), nullable=False),
        sa.CheckConstraint(
            "purpose IN ('recording', 'contact', 'name', 'honour_board', 'photo')",
            name=op.f("ck_consents_purpose"),
        ),
        sa.ForeignKeyConstraint(["admin_id"], ["admins.id"], name=op.f("fk_consents_admin_id")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_consents_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents")),
    )
    op.create_index(
        "ix_consents_member_id_purpose_id", "consents", ["member_id", "purpose", "id"], unique=False
    )
    op.create_table(
        "privacy_notices",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sections", sa.JSON(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by_id", BIG_ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["published_by_id"], ["admins.id"], name=op.f("fk_privacy_notices_published_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_privacy_notices")),
        sa.UniqueConstraint("version", name=op.f("uq_privacy_notices_version")),
    )
    op.create_table(
        "erasure_requests",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("member_id", BIG_ID, nullable=False),
        sa.Column("parts", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", BIG_ID, nullable=True),
        sa.Column("reply", sa.String(length=500), nullable=False),
        sa.CheckConstraint(
            "state IN ('waiting', 'done', 'refused', 'taken_back')", name=op.f("ck_erasure_requests_state")
        ),
        sa.CheckConstraint(
            "(state = 'waiting') = (decided_at IS NULL)", name=op.f("ck_erasure_requests_decided")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["admins.id"], name=op.f("fk_erasure_requests_decided_by_id")
        ),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_erasure_requests_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasure_requests")),
    )
    op.create_index("ix_erasure_requests_member_id", "erasure_requests", ["member_id"], unique=False)
    op.create_index(
        "uq_erasure_requests_waiting",
        "erasure_requests",
        ["member_id"],
        unique=True,
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
