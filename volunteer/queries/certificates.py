"""Certificates: what the ledger holds for one, and those that were issued."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, case, func, or_, select
from sqlalchemy.orm import aliased

from volunteer.db import db
from volunteer.domain.categories import BUILT_IN
from volunteer.domain.certificates import CertificateUnknown, Counted, Letterhead, Served, join_alike
from volunteer.domain.ledger import EntryKind, Measure
from volunteer.domain.records import GONE
from volunteer.models.activities import Activity
from volunteer.models.certificates import Certificate
from volunteer.models.columns import table_of
from volunteer.models.duty_days import Setting
from volunteer.models.ledger import LedgerEntry
from volunteer.models.members import Admin, Member
from volunteer.models.records import ServiceRecord
from volunteer.models.stations import Station
from volunteer.models.teams import Team
from volunteer.queries.categories import list_category_names
from volunteer.queries.teams import find_brigade

SETTINGS = {
    "issuer": "certificate_issuer",
    "recording_unit": "certificate_recording_unit",
    "handler": "certificate_handler",
    "responsible_person": "certificate_responsible",
    "contact": "certificate_contact",
}
ADDRESS_SETTING = "certificate_verify_url"
# What service without an activity is called in the content; the paper knows the words.
ON_STATION = "on_station"
ENTRIES = table_of(LedgerEntry).c


def find_letterhead() -> Letterhead:
    """Who issues certificates as the brigade set it; its own name where it did not."""
    statement = select(Setting.name, Setting.value).where(Setting.name.in_(SETTINGS.values()))
    kept: dict[str, str] = {name: value for name, value in db.session.execute(statement)}
    brigade = find_brigade()
    name = brigade.name if brigade else ""
    values = {field: kept.get(setting, "") for field, setting in SETTINGS.items()}
    issuer = values.pop("issuer") or name
    return Letterhead(issuer, values.pop("recording_unit") or issuer, **values)


def find_verify_address() -> str:
    """Where certificates are verified, as the brigade set it; empty where it did not."""
    setting = db.session.get(Setting, ADDRESS_SETTING)
    return setting.value if setting else ""


def count_ledger(member_ids: Iterable[int], first_on: date, last_on: date) -> Counted:
    """The sums of these members' ledger entries of the period: credits less reversals."""
    metered = case((ENTRIES.measure == str(Measure.METERED), ENTRIES.minutes), else_=0)
    sign = case((ENTRIES.kind == str(EntryKind.CREDIT), 1), else_=-1)
    statement = select(
        func.coalesce(func.sum(metered), 0).label("metered"),
        func.coalesce(func.sum(ENTRIES.minutes), 0).label("minutes"),
        func.coalesce(func.sum(sign), 0).label("times"),
        func.coalesce(func.max(ENTRIES.number), 0).label("last_entry"),
    ).where(_of(member_ids, first_on, last_on))
    row = db.session.execute(statement).one()
    measured = int(row.metered)
    return Counted(measured, int(row.minutes) - measured, int(row.times), int(row.last_entry))


def list_served(member_ids: Iterable[int], first_on: date, last_on: date) -> list[Served]:
    """The content of the service by activity and place, oldest first; what was reversed is not in it."""
    reversal = aliased(LedgerEntry)
    metered = case((LedgerEntry.measure == Measure.METERED, LedgerEntry.minutes), else_=0)
    lines = (
        select(
            LedgerEntry.activity_id,
            LedgerEntry.station_id,
            func.min(LedgerEntry.served_on).label("first_on"),
            func.max(LedgerEntry.served_on).label("last_on"),
            func.count().label("times"),
            func.sum(LedgerEntry.minutes).label("minutes"),
            func.sum(metered).label("metered"),
        )
        .outerjoin(reversal, reversal.reverses == LedgerEntry.number)
        .where(
            _of(member_ids, first_on, last_on),
            LedgerEntry.kind == EntryKind.CREDIT,
            reversal.number.is_(None),
        )
        .group_by(LedgerEntry.activity_id, LedgerEntry.station_id)
        .subquery()
    )
    held, keeper = aliased(Team), aliased(Team)
    statement = (
        select(
            lines,
            Activity,
            Station.name.label("station"),
            held.name.label("held"),
            keeper.name.label("keeper"),
        )
        .select_from(lines)
        .join(Station, Station.id == lines.c.station_id)
        .outerjoin(Activity, Activity.id == lines.c.activity_id)
        .outerjoin(held, held.id == Activity.team_id)
        .outerjoin(keeper, keeper.id == Station.team_id)
    )
    brigade = find_brigade()
    above = brigade.name if brigade else ""
    rows = list(db.session.execute(statement))
    own = _own_names(row.Activity.category for row in rows if row.Activity)
    return join_alike(_line(row, above, own) for row in rows)


def _own_names(categories: Iterable[str]) -> dict[str, str]:
    """The brigade's own categories may be renamed: the paper keeps what they are called on its day."""
    if set(categories) <= set(BUILT_IN):
        return {}
    return {code: name for code, (name, _) in list_category_names().items()}


def _line(row: Row[Any], brigade: str, own: Mapping[str, str]) -> Served:
    activity: Activity | None = row.Activity
    sums = (row.first_on, row.last_on, row.times, int(row.metered), int(row.minutes) - int(row.metered))
    if activity is None:
        return Served(row.station, ON_STATION, row.station, row.keeper or brigade, "", *sums)
    return Served(
        activity.name,
        own.get(activity.category, activity.category),
        activity.place or row.station,
        activity.organising_unit or row.held or brigade,
        activity.person_in_charge,
        *sums,
    )


def _of(member_ids: Iterable[int], first_on: date, last_on: date) -> ColumnElement[bool]:
    return and_(ENTRIES.member_id.in_(list(member_ids)), ENTRIES.served_on.between(first_on, last_on))


def count_unsettled(member_ids: Iterable[int], first_on: date, last_on: date) -> int:
    """How many records of the period the ledger does not hold yet: they are not on the paper."""
    statement = select(func.count(ServiceRecord.id)).where(
        ServiceRecord.member_id.in_(list(member_ids)),
        ServiceRecord.served_on.between(first_on, last_on),
        ServiceRecord.is_settled.is_(False),
        ServiceRecord.state.not_in(GONE),
    )
    return db.session.execute(statement).scalar_one()


def find_first_served_on(member_ids: Iterable[int]) -> date | None:
    """The first day that the ledger knows of these members, or None."""
    statement = select(func.min(LedgerEntry.served_on)).where(LedgerEntry.member_id.in_(list(member_ids)))
    return db.session.execute(statement).scalar_one_or_none()


_ISSUED = (
    select(Certificate, Member, Team.name.label("team_name"), Admin.name.label("admin_name"))
    .join(Member, Member.id == Certificate.member_id)
    .join(Team, Team.id == Member.team_id)
    .outerjoin(Admin, Admin.id == Certificate.issued_by_id)
)


def search_certificates(
    scope: Iterable[int], text: str, *, offset: int = 0, limit: int = 50
) -> tuple[int, list[Row[Any]]]:
    """How many certificates of members of these teams fit, and a page of them, newest first.

    Fits: part of the serial, of the volunteer number or of the name.
    """
    chosen: list[ColumnElement[bool]] = [Member.team_id.in_(list(scope))]
    if text:
        chosen.append(
            or_(
                Certificate.serial.contains(text, autoescape=True),
                Member.volunteer_no.contains(text.upper(), autoescape=True),
                Member.name.contains(text, autoescape=True),
            )
        )
    counting = select(func.count(Certificate.id)).join(Member, Member.id == Certificate.member_id)
    count = db.session.execute(counting.where(*chosen)).scalar_one()
    page = _ISSUED.where(*chosen).order_by(Certificate.id.desc()).offset(offset).limit(limit)
    return count, list(db.session.execute(page))


def list_certificates_of(member_ids: Iterable[int]) -> list[Row[Any]]:
    """All certificates of one person, newest first."""
    statement = _ISSUED.where(Certificate.member_id.in_(list(member_ids)))
    return list(db.session.execute(statement.order_by(Certificate.id.desc())))


def get_certificate_in(scope: Iterable[int], certificate_id: int) -> Row[Certificate, Member, str, str]:
    """The certificate of a member of these teams, with the member; refuses where there is none."""
    return _get(Certificate.id == certificate_id, Member.team_id.in_(list(scope)))


def get_certificate_of(member_ids: Iterable[int], certificate_id: int) -> Row[Certificate, Member, str, str]:
    """The certificate of this person; refuses where there is none."""
    return _get(Certificate.id == certificate_id, Certificate.member_id.in_(list(member_ids)))


def _get(*chosen: ColumnElement[bool]) -> Row[Certificate, Member, str, str]:
    row = db.session.execute(_ISSUED.where(*chosen)).one_or_none()
    if row is None:
        raise CertificateUnknown()
    return row


def find_certificate(serial: str) -> Certificate | None:
    """The certificate with this serial, or None."""
    return db.session.execute(select(Certificate).where(Certificate.serial == serial)).scalar_one_or_none()


def find_replacement(certificate_id: int) -> Certificate | None:
    """The certificate that took the place of this one, or None."""
    statement = select(Certificate).where(Certificate.replaces_id == certificate_id)
    return db.session.execute(statement).scalar_one_or_none()


def list_own_prints(member_ids: Iterable[int], last_entry: int) -> list[Certificate]:
    """The valid certificates that this person printed without an admin, counting up to the same entry."""
    statement = select(Certificate).where(
        Certificate.member_id.in_(list(member_ids)),
        Certificate.issued_by_id.is_(None),
        Certificate.revoked_at.is_(None),
        Certificate.last_entry == last_entry,
    )
    return list(db.session.execute(statement).scalars())
