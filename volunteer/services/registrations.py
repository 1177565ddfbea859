"""People ask to join without an account; a team's admin says yes or no."""

import secrets
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from sqlalchemy import delete

from volunteer.db import db, transaction
from volunteer.domain.consents import Purpose
from volunteer.domain.contacts import NONCE_BYTES, ContactKind, clean_contact, ending_of, seal_contact
from volunteer.domain.jobs import UNCLAIMED, Claim
from volunteer.domain.member_changes import EventKind
from volunteer.domain.members import clean_name, clean_volunteer_no
from volunteer.domain.names import search_text
from volunteer.domain.refusals import VolunteerNoTaken
from volunteer.domain.registration_refusals import RegistrationDecided, RegistrationWaiting
from volunteer.domain.registrations import (
    FORGOTTEN_AFTER,
    RegistrationState,
    clean_registration_code,
    clean_reply,
    consented_to,
    hash_phone,
    keep_consents,
    make_registration_code,
    require_consent,
)
from volunteer.domain.terminals import hash_secret
from volunteer.models.consents import Consent
from volunteer.models.member_changes import MemberEvent
from volunteer.models.members import Member
from volunteer.models.people import MemberContact
from volunteer.models.registrations import Registration
from volunteer.models.teams import Team
from volunteer.queries.members import find_free_number, find_member
from volunteer.queries.registrations import get_registration_in, is_waiting
from volunteer.queries.teams import get_team, get_team_by_id, require_open
from volunteer.queries.units import find_open_unit, get_open_unit


@dataclass(frozen=True)
class Application:
    """What somebody who wants to join tells."""

    name: str
    phone: str
    team_code: str
    unit_id: int | None
    agreed: frozenset[Purpose]


@dataclass(frozen=True)
class Decision:
    """Which admin decides about which request, with the scope, when and where that is."""

    registration_id: int
    admin_id: int
    scope: frozenset[int]
    now: datetime
    zone: tzinfo


def register(application: Application, contact_key: bytes, now: datetime) -> str:
    """Keep the request, and give the code by which the applicant sees what came of it.

    The code is shown once and stored only as a digest; the telephone number is sealed.
    """
    name = clean_name(application.name)
    phone = clean_contact(ContactKind.PHONE, application.phone)
    require_consent(application.agreed)
    code = make_registration_code()
    digest = hash_phone(phone, contact_key)
    with transaction():
        team = get_team(application.team_code)
        unit = get_open_unit(application.unit_id) if application.unit_id is not None else None
        if is_waiting(name, digest):
            raise RegistrationWaiting()
        registration = Registration(
            name=name,
            team_id=team.id,
            unit_id=unit.id if unit else None,
            phone_sealed=seal_contact(phone, contact_key, secrets.token_bytes(NONCE_BYTES)),
            phone_hash=digest,
            phone_ending=ending_of(ContactKind.PHONE, phone) or "",
            consent=keep_consents(application.agreed),
            code_hash=hash_secret(clean_registration_code(code)),
            created_at=now,
        )
        db.session.add(registration)
    return code


def renew_code(registration_id: int, code: str, scope: frozenset[int]) -> None:
    """Let this code open the request from now on and the one before no more, for an applicant who lost it."""
    with transaction():
        registration = _get_undecided(registration_id, scope)
        registration.code_hash = hash_secret(clean_registration_code(code))


def approve_registration(volunteer_no: str, decision: Decision) -> Member:
    """Take the applicant in under this number, or the next free one of the team where none is typed.

    The consents go into the member's file, and the telephone number as it was sealed, where the
    applicant agreed to be contacted later too; else it is erased.
    Where the unit was dissolved meanwhile, its people's new one is entered; without one, none.
    """
    wanted = clean_volunteer_no(volunteer_no) if volunteer_no.strip() else None
    with transaction():
        registration = _get_waiting(decision)
        team = require_open(get_team_by_id(registration.team_id))
        number = wanted or find_free_number(team)
        if find_member(number):
            raise VolunteerNoTaken(volunteer_no=number)
        member = _enter(registration, team, number, decision)
        registration.member_id = member.id
        _decide(registration, RegistrationState.APPROVED, "", decision)
    return member


def reject_registration(reply: str, decision: Decision) -> None:
    """Turn the applicant away with a sentence; the telephone number is erased."""
    reply = clean_reply(reply, is_needed=True)
    with transaction():
        _decide(_get_waiting(decision), RegistrationState.REJECTED, reply, decision)


def forget_applicants(now: datetime, claim: Claim = UNCLAIMED) -> int:
    """Delete requests of people not taken in, once the answer has stood long enough; how many."""
    kept = (RegistrationState.WAITING, RegistrationState.APPROVED)
    with transaction():
        if not claim.take():
            return 0
        gone: Any = db.session.execute(
            delete(Registration).where(
                Registration.state.not_in(kept),
                Registration.decided_at < now - FORGOTTEN_AFTER,
            )
        )
        claim.note(gone.rowcount)
    return int(gone.rowcount)


def _get_waiting(decision: Decision) -> Registration:
    return _get_undecided(decision.registration_id, decision.scope)


def _get_undecided(registration_id: int, scope: frozenset[int]) -> Registration:
    registration = get_registration_in(scope, registration_id)
    if registration.state != RegistrationState.WAITING:
        raise RegistrationDecided()
    return registration


def _enter(registration: Registration, team: Team, number: str, decision: Decision) -> Member:
    unit = find_open_unit(registration.unit_id) if registration.unit_id else None
    member = Member(
        volunteer_no=number,
        name=registration.name,
        search_keys=search_text(registration.name),
        team_id=team.id,
        unit_id=unit.id if unit else None,
        status_at=decision.now,
        created_at=decision.now,
    )
    db.session.add(member)
    db.session.flush()
    consents = consented_to(registration.consent)
    may_contact = any(purpose == Purpose.CONTACT for purpose, _ in consents)
    if registration.phone_sealed and may_contact:
        db.session.add(
            MemberContact(
                member_id=member.id,
                kind=ContactKind.PHONE,
                value_sealed=registration.phone_sealed,
                ending=registration.phone_ending,
                created_at=decision.now,
            )
        )
    db.session.add_all(
        Consent(
            member_id=member.id,
            purpose=purpose,
            version=version,
            is_given=True,
            decided_on=registration.created_at.astimezone(decision.zone).date(),
            recorded_at=decision.now,
        )
        for purpose, version in consents
    )
    db.session.add(
        MemberEvent(
            member_id=member.id,
            kind=EventKind.JOINED,
            effective_on=decision.now.astimezone(decision.zone).date(),
            before={},
            after={"team_id": team.id, "team": team.name, "volunteer_no": number},
            reason="",
            admin_id=decision.admin_id,
            at=decision.now,
        )
    )
    return member


def _decide(registration: Registration, state: RegistrationState, reply: str, decision: Decision) -> None:
    registration.state, registration.reply = state, reply
    registration.phone_sealed = None
    registration.decided_by_id, registration.decided_at = decision.admin_id, decision.now
