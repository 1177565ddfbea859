"""The ledger, its seals and its sums. Entries and seals are append-only; triggers say so too."""

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from volunteer.domain.ledger import EntryKind, Measure, Proof
from volunteer.domain.policies import OfficeHours
from volunteer.domain.proposals import ProposalState
from volunteer.models.columns import Base, Digest, PrimaryKey, State, one_of


class StoredPolicy(Base):
    """One version of the policy, proposed by one and approved by another; the first came by itself."""

    __tablename__ = "policies"
    __table_args__ = (
        CheckConstraint(one_of("office_hours", OfficeHours), name="office_hours"),
        CheckConstraint(one_of("state", ProposalState), name="state"),
        CheckConstraint("decided_by_id <> proposed_by_id", name="two_people"),
        CheckConstraint(
            "state <> 'approved' OR proposed_by_id IS NULL OR decided_by_id IS NOT NULL", name="approved"
        ),
        CheckConstraint("rounding_minutes > 0 AND cap_minutes > 0 AND grace_minutes >= 0", name="lengths"),
        CheckConstraint("at_once_minutes <= parent_minutes", name="ladder"),
    )

    id: Mapped[PrimaryKey]
    from_on: Mapped[date]
    grace_minutes: Mapped[int]
    cap_minutes: Mapped[int]
    at_once_minutes: Mapped[int]
    parent_minutes: Mapped[int]
    rounding_minutes: Mapped[int]
    most_pairs: Mapped[int]
    office_hours: Mapped[State]
    reason: Mapped[str] = mapped_column(String(200))
    state: Mapped[State]
    proposed_by_id: Mapped[int | None] = mapped_column(ForeignKey("admins.id"))
    proposed_at: Mapped[datetime]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("admins.id"))
    decided_at: Mapped[datetime | None]


class SettledDay(Base):
    """A local day whose records are settled: every station had reported, or an admin said why not to wait."""

    __tablename__ = "settled_days"
    __table_args__ = (CheckConstraint("closed_by_id IS NULL OR reason <> ''", name="reason"),)

    day_on: Mapped[date] = mapped_column(primary_key=True)
    policy_id: Mapped[int] = mapped_column(ForeignKey("policies.id"))
    closed_at: Mapped[datetime]
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("admins.id"))
    reason: Mapped[str] = mapped_column(String(200), default="")


class LedgerEntry(Base):
    """Minutes credited, or taken back. See ``domain.ledger``."""

    __tablename__ = "ledger_entries"
    __table_args__ = (
        UniqueConstraint("member_id", "seq"),
        CheckConstraint(one_of("kind", EntryKind), name="kind"),
        CheckConstraint(one_of("measure", Measure), name="measure"),
        CheckConstraint(one_of("proof", Proof), name="proof"),
        CheckConstraint(
            "(kind = 'credit' AND minutes > 0 AND reverses IS NULL)"
            " OR (kind = 'reversal' AND minutes < 0 AND reverses IS NOT NULL)",
            name="minutes",
        ),
        # What a person entered carries who entered it and who approved it, and they are two.
        CheckConstraint(
            "measure = 'metered' OR (correction_id IS NOT NULL AND entered_by_id IS NOT NULL"
            " AND approved_by_id IS NOT NULL AND entered_by_id <> approved_by_id)",
            name="declared",
        ),
        Index("ix_ledger_entries_member_id_served_on", "member_id", "served_on"),
    )

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"))
    seq: Mapped[int]
    kind: Mapped[State]
    minutes: Mapped[int]
    measure: Mapped[State]
    proof: Mapped[State]
    record_id: Mapped[int] = mapped_column(ForeignKey("service_records.id"), index=True)
    served_on: Mapped[date] = mapped_column(index=True)
    checked_in_at: Mapped[datetime]
    checked_out_at: Mapped[datetime]
    station_id: Mapped[int] = mapped_column(ForeignKey("stations.id"))
    activity_id: Mapped[int | None] = mapped_column(ForeignKey("activities.id"))
    # Where the member was on that day.
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))
    policy_id: Mapped[int] = mapped_column(ForeignKey("policies.id"))
    correction_id: Mapped[int | None] = mapped_column(ForeignKey("corrections.id"))
    entered_by_id: Mapped[int | None] = mapped_column(ForeignKey("admins.id"))
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("admins.id"))
    reverses: Mapped[int | None] = mapped_column(ForeignKey("ledger_entries.number"), unique=True)
    reason: Mapped[str] = mapped_column(String(200))
    recorded_at: Mapped[datetime]
    previous_hash: Mapped[Digest]
    hash: Mapped[Digest]


class LedgerHead(Base):
    """Where a member's chain ends; can be made anew from the entries."""

    __tablename__ = "ledger_heads"

    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"), primary_key=True)
    seq: Mapped[int]
    hash: Mapped[Digest]
    # The number of that entry: a seal covers the heads with higher ones than the seal before.
    number: Mapped[int] = mapped_column(BigInteger, index=True)


class LedgerSeal(Base):
    """One seal over everything before it."""

    __tablename__ = "ledger_seals"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sealed_at: Mapped[datetime]
    last_entry: Mapped[int] = mapped_column(BigInteger)
    heads_hash: Mapped[Digest]
    last_event: Mapped[int] = mapped_column(BigInteger)
    event_hash: Mapped[Digest]
    previous_hash: Mapped[Digest]
    hash: Mapped[Digest]
    public_key: Mapped[Digest]
    signature: Mapped[str] = mapped_column(String(128))


class MemberTotal(Base):
    """A member's settled minutes of one month: what the ledger adds up to."""

    __tablename__ = "member_totals"
    __table_args__ = (CheckConstraint(one_of("measure", Measure), name="measure"),)

    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"), primary_key=True)
    # The first day of the month.
    month_on: Mapped[date] = mapped_column(primary_key=True)
    measure: Mapped[State] = mapped_column(primary_key=True)
    minutes: Mapped[int]
    records: Mapped[int]


class TeamTotal(Base):
    """The settled minutes of one day by team and unit: what the ledger adds up to."""

    __tablename__ = "team_totals"
    __table_args__ = (
        CheckConstraint(one_of("measure", Measure), name="measure"),
        Index("ix_team_totals_day_on", "day_on"),
    )

    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"), primary_key=True)
    # 0: no unit. A key column cannot be null.
    unit_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    day_on: Mapped[date] = mapped_column(primary_key=True)
    measure: Mapped[State] = mapped_column(primary_key=True)
    minutes: Mapped[int] = mapped_column(BigInteger)
    records: Mapped[int]
