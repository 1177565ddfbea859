"""Two halves of the same brigade: for every kind of thing in an address, one of ours and one of theirs."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any
from uuid import uuid4

from sqlalchemy import JSON, Boolean, Date, DateTime, Integer, LargeBinary, Uuid
from sqlalchemy.types import TypeDecorator

from tests.conftest import PASSWORD_HASH, installation
from volunteer.db import db
from volunteer.domain.imports import ImportKind
from volunteer.domain.national_ids import derive_id_keys
from volunteer.domain.stations import StationKind, TerminalKind
from volunteer.domain.teams import TeamLevel
from volunteer.models.activities import Activity, ActivityCategory, Participation
from volunteer.models.admins import Appointment
from volunteer.models.audit import AuditSample
from volunteer.models.card_events import CardBatch
from volunteer.models.certificates import Certificate, CertificateBatch
from volunteer.models.columns import Base
from volunteer.models.corrections import Correction, PaperSheet
from volunteer.models.erasures import ErasureRequest
from volunteer.models.member_changes import MemberEvent, Transfer
from volunteer.models.members import Admin
from volunteer.models.messages import Message
from volunteer.models.people import MemberContact
from volunteer.models.registrations import Registration
from volunteer.models.reviews import ReviewItem
from volunteer.models.sign_ins import Passkey, SignIn
from volunteer.models.stars import StarNomination
from volunteer.models.teams import Team, Unit
from volunteer.models.training_records import Commendation, EvidenceFile, TrainingRecord
from volunteer.queries.members import get_member
from volunteer.services.cards import issue_card
from volunteer.services.imports import start_import
from volunteer.services.members import add_member
from volunteer.services.stations import add_station
from volunteer.services.terminals import enrol_terminal, prepare_terminal

LIST = "姓名,志愿者编号\n张三,Z001\n".encode()
TODAY = date(2026, 9, 15)
NOW = datetime(2026, 9, 15, 2, 0, tzinfo=UTC)


@dataclass
class Side:
    """A squadron with a detachment below it, and what stands for each argument of an address there.

    ``values``: by argument, or by the folder and the argument where a name means several things.
    """

    squadron: Team
    detachment: Team
    values: dict[str, Any]


def make_side(app: Any, brigade: Team, mark: str) -> Side:
    """One half: everything in it belongs to the detachment ``FD`` + mark."""
    squadron = row(
        Team, {}, code=f"ZD{mark}", name=f"中队{mark}", level=TeamLevel.SQUADRON, parent_id=brigade.id
    )
    team = row(
        Team, {}, code=f"FD{mark}", name=f"分队{mark}", level=TeamLevel.DETACHMENT, parent_id=squadron.id
    )
    unit = row(Unit, {}, name=f"单位{mark}")
    member = add_member(f"M{mark}", f"成员{mark}", team.code, NOW)
    second = add_member(f"N{mark}", f"副员{mark}", team.code, NOW)
    member.unit_id = unit.id
    admin = Admin(
        username=f"admin{mark}",
        name=f"管理{mark}",
        team_id=team.id,
        password_hash=PASSWORD_HASH,
        waiting_member_id=second.id,
        waiting_at=NOW,
        created_at=NOW,
    )
    db.session.add(admin)
    db.session.commit()
    station = add_station(f"S{mark}", f"U站{mark}", StationKind.U_STATION, "", team.id)
    terminal, _ = enrol_terminal(prepare_terminal(station.code, NOW), TerminalKind.KIOSK, None, NOW)
    card, _ = issue_card(member.volunteer_no, installation(app).keys, NOW)
    links = {
        "teams": team.id,
        "members": member.id,
        "admins": admin.id,
        "stations": station.id,
        "units": unit.id,
    }
    links |= {"terminals": terminal.id, "cards": card.id}
    activity = row(Activity, links, category="warmth", team_id=team.id, ends_at=NOW.replace(hour=9))
    links["activities"] = activity.id

    def own(model: type[Base], **values: Any) -> int:
        return int(row(model, links, **values).id)  # type: ignore[attr-defined]

    keys = derive_id_keys(app.config["SECRET_KEY"])
    evidence = own(EvidenceFile, uploaded_by_id=admin.id)
    sheet_id = own(PaperSheet)
    own(
        Correction,
        kind="paper",
        state="proposed",
        proof="paper",
        served_on=TODAY,
        sheet_id=sheet_id,
        station_id=station.id,
        checked_in_at=NOW.replace(day=14),
        checked_out_at=NOW.replace(day=14, hour=3),
    )
    status = {"status": "active", "status_at": NOW.isoformat()}
    batch_id = own(CertificateBatch, waiting=[], skipped=[], finished_at=NOW)
    values: dict[str, Any] = {
        "volunteer_no": member.volunteer_no,
        "stations/code": station.code,
        "teams/code": team.code,
        "terminal_id": terminal.id,
        "card_id": card.id,
        "unit_id": unit.id,
        "admin_id": admin.id,
        "appointment_id": db.session.query(Appointment.id).filter_by(admin_id=admin.id).scalar(),
        "activity_id": activity.id,
        "participation_id": own(Participation, state="signed_up"),
        "category_id": own(ActivityCategory),
        "event_id": own(MemberEvent, kind="rested", before=status, after=status),
        "transfer_id": own(
            Transfer, state="proposed", from_team_id=team.id, team_id=squadron.id, decided_at=None
        ),
        "contact_id": own(MemberContact, kind="phone"),
        "erasure_id": own(ErasureRequest, state="waiting", parts=[]),
        "registration_id": own(Registration, state="waiting", consent=""),
        "sign_in_id": own(SignIn, member_id=None, ended_at=None),
        "import_id": start_import(
            ImportKind.MEMBERS,
            BytesIO(LIST),
            "list.csv",
            admin.id,
            team.id,
            [team.id],
            keys,
            datetime.now(UTC),
        ),
        "passkey_id": own(Passkey, member_id=None),
        "batch_id": own(CardBatch),
        "evidence_id": evidence,
        "record_id": own(TrainingRecord, evidence_id=evidence),
        "commendation_id": own(Commendation, evidence_id=evidence),
        "sample_id": own(AuditSample, team_ids=[team.id]),
        "review_id": own(
            ReviewItem,
            kind="quarantined",
            key=f"quarantined:{mark}",
            level="none",
            state="open",
            params={"scans": 1},
            rows={},
            decided_by_id=None,
        ),
        "certificate_id": own(
            Certificate,
            content={"name": member.name, "times": 1, "activities": []},
            issued_by_id=admin.id,
            batch_id=batch_id,
        ),
        "certificate_batch_id": batch_id,
        "correction_id": own(
            Correction,
            kind="makeup_record",
            state="proposed",
            proof="declared",
            served_on=TODAY,
            station_id=station.id,
            checked_in_at=NOW.replace(hour=0),
            checked_out_at=NOW,
            entered_by_id=None,
        ),
        "sheet_id": sheet_id,
        "message_id": own(Message, member_id=None, sentence={"msgid": "x", "params": {}}, path="/admin"),
        "nomination_id": own(
            StarNomination, state="proposed", rule_id=1, nominated_person_id=get_member(f"N{mark}").id
        ),
    }
    return Side(squadron, team, values)


def row(model: type[Base], links: dict[str, int], **values: Any) -> Any:
    """A row with these values; what else must not be empty is filled in, links with those of the side."""
    for column in model.__table__.columns:
        is_given = column.key in values or column.primary_key
        if is_given or column.nullable or column.default is not None or column.server_default is not None:
            continue
        target = next(iter(column.foreign_keys)).column.table.name if column.foreign_keys else ""
        values[column.key] = links[target] if target else _something(column.type)
    if "admin_id" in model.__table__.columns and "member_id" in values and values["member_id"] is None:
        values.setdefault("admin_id", links["admins"])
    made = model(**values)
    db.session.add(made)
    db.session.commit()
    return made


def _something(kind: Any) -> Any:
    plain = kind.impl if isinstance(kind, TypeDecorator) else kind
    for known, value in (
        (DateTime, NOW),
        (Date, TODAY),
        (Boolean, False),
        (Integer, 1),
        (LargeBinary, b"x" * 40),
        (JSON, {}),
        (Uuid, uuid4()),
    ):
        if isinstance(plain, known):
            return value
    return uuid4().hex[: min(plain.length or 8, 16)]
