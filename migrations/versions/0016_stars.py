"""Star rules, nominations and judgements."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

# SQLite only hands out ids by itself for INTEGER, not BIGINT.
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "star_rules",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("scheme", sa.String(length=120), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("stars", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("tenure_months", sa.Integer(), nullable=False),
        sa.Column("judged_by", sa.String(length=24), nullable=False),
        sa.Column("is_metered_only", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("entered_by_id", BIG_ID, nullable=True),
        sa.Column("retired_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "judged_by IN ('organisation', 'district', 'city')", name=op.f("ck_star_rules_judged_by")
        ),
        sa.CheckConstraint("minutes > 0 AND tenure_months >= 0", name=op.f("ck_star_rules_thresholds")),
        sa.CheckConstraint("stars BETWEEN 1 AND 5", name=op.f("ck_star_rules_stars")),
        sa.ForeignKeyConstraint(["entered_by_id"], ["admins.id"], name=op.f("fk_star_rules_entered_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_star_rules")),
        sa.UniqueConstraint("scheme", "year", "stars", name=op.f("uq_star_rules_scheme_year_stars")),
    )
    op.create_table(
        "star_nominations",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("member_id", BIG_ID, nullable=False),
        sa.Column("rule_id", BIG_ID, nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("nominated_by_id", BIG_ID, nullable=False),
        sa.Column("nominated_person_id", BIG_ID, nullable=False),
        sa.Column("nominated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("judged_by_id", BIG_ID, nullable=True),
        sa.Column("judged_person_id", BIG_ID, nullable=True),
        sa.Column("judged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reply", sa.String(length=300), nullable=False),
        sa.Column("document", sa.String(length=120), nullable=False),
        sa.Column("withdrawn_by_id", BIG_ID, nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_by_id", BIG_ID, nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_by_id", BIG_ID, nullable=True),
        sa.Column("revoke_reason", sa.String(length=300), nullable=False),
        sa.CheckConstraint(
            "(state = 'proposed') = (judged_at IS NULL)", name=op.f("ck_star_nominations_judged")
        ),
        sa.CheckConstraint(
            "state IN ('asked', 'proposed', 'approved', 'rejected', 'withdrawn')",
            name=op.f("ck_star_nominations_state"),
        ),
        sa.CheckConstraint(
            "(state IN ('approved', 'rejected')) = (judged_by_id IS NOT NULL)"
            " AND (judged_by_id IS NULL) = (judged_person_id IS NULL)",
            name=op.f("ck_star_nominations_judge"),
        ),
        sa.CheckConstraint(
            "(state = 'withdrawn') = (withdrawn_by_id IS NOT NULL)",
            name=op.f("ck_star_nominations_withdrawn"),
        ),
        sa.CheckConstraint(
            "(published_at IS NULL) = (published_by_id IS NULL)"
            " AND (published_at IS NULL OR state = 'approved')",
            name=op.f("ck_star_nominations_published"),
        ),
        sa.CheckConstraint(
            "(revoked_at IS NULL) = (revoked_by_id IS NULL)"
            " AND (revoked_at IS NULL OR (published_at IS NOT NULL AND revoke_reason <> ''))",
            name=op.f("ck_star_nominations_revoked"),
        ),
        sa.CheckConstraint("judged_by_id <> nominated_by_id", name=op.f("ck_star_nominations_two_accounts")),
        sa.CheckConstraint(
            "judged_person_id <> member_id", name=op.f("ck_star_nominations_judge_and_nominee")
        ),
        sa.CheckConstraint(
            "judged_person_id <> nominated_person_id", name=op.f("ck_star_nominations_nominator_and_judge")
        ),
        sa.CheckConstraint(
            "nominated_person_id <> member_id", name=op.f("ck_star_nominations_nominator_and_nominee")
        ),
        sa.ForeignKeyConstraint(
            ["judged_by_id"], ["admins.id"], name=op.f("fk_star_nominations_judged_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["judged_person_id"], ["members.id"], name=op.f("fk_star_nominations_judged_person_id")
        ),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_star_nominations_member_id")),
        sa.ForeignKeyConstraint(
            ["nominated_by_id"], ["admins.id"], name=op.f("fk_star_nominations_nominated_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["nominated_person_id"], ["members.id"], name=op.f("fk_star_nominations_nominated_person_id")
        ),
        sa.ForeignKeyConstraint(["rule_id"], ["star_rules.id"], name=op.f("fk_star_nominations_rule_id")),
        sa.ForeignKeyConstraint(
            ["withdrawn_by_id"], ["admins.id"], name=op.f("fk_star_nominations_withdrawn_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["published_by_id"], ["admins.id"], name=op.f("fk_star_nominations_published_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["revoked_by_id"], ["admins.id"], name=op.f("fk_star_nominations_revoked_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_star_nominations")),
    )
    op.create_index(op.f("ix_star_nominations_member_id"), "star_nominations", ["member_id"], unique=False)
    op.create_index(op.f("ix_star_nominations_rule_id"), "star_nominations", ["rule_id"], unique=False)
    op.create_index(
        "uq_star_nominations_live",
        "star_nominations",
        ["member_id", "rule_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('proposed', 'approved') AND revoked_at IS NULL"),
        postgresql_where=sa.text("state IN ('proposed', 'approved') AND revoked_at IS NULL"),
    )
    _ship_rules()


# Longgang as it judged in 2023, and Shenzhen's fifth star: examples to begin with. (stars, hours, months, by)
LONGGANG = [
    (1, 100, 6, "organisation"),
    (2, 300, 6, "organisation"),
    (3, 600, 12, "organisation"),
    (4, 1000, 12, "district"),
]
SHENZHEN = [(5, 1500, 24, "city")]


def _ship_rules() -> None:
    rules = sa.table(
        "star_rules",
        *(sa.column(name) for name in ("scheme", "year", "stars", "minutes", "tenure_months", "judged_by")),
        sa.column("is_metered_only", sa.Boolean()),
        sa.column("source"),
    )
    rows = [
        {
            "scheme": scheme,
            "year": 2023,
            "stars": stars,
            "minutes": hours * 60,
            "tenure_months": months,
            "judged_by": judged_by,
            "is_metered_only": is_metered_only,
            "source": source,
        }
        for scheme, found, is_metered_only, source in (
            ("龙岗区", LONGGANG, False, "龙岗区星级志愿者认定（2023）"),
            ("深圳市", SHENZHEN, True, "深圳市五星级志愿者认定"),
        )
        for stars, hours, months, judged_by in found
    ]
    op.bulk_insert(rules, rows)
