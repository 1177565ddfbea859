"""Certificates: issued from the ledger, frozen, verified, revoked, replaced. Never changed.

Drawing takes time, so it happens before the transaction; inside it the ledger is summed
again, and a paper that would say something else by then is not kept. A batch keeps each
certificate together with the note that it is done, so that it goes on exactly where it was
interrupted, and no member gets two.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, tzinfo
from typing import Any, cast

from volunteer.db import db, transaction
from volunteer.domain.cells import tidy_text
from volunteer.domain.certificates import (
    LONGEST_REASON,
    AlreadyReplaced,
    AlreadyRevoked,
    CertificateUnverified,
    Counted,
    Letterhead,
    NobodyEntitled,
    NothingSettled,
    OwnCertificate,
    RevocationUnfounded,
    clean_address,
    clean_letterhead,
    clean_serial,
    clean_verification_code,
    freeze,
    make_serial,
    make_verification_code,
    require_period,
    require_signatories,
)
from volunteer.domain.jobs import UNCLAIMED, Claim
from volunteer.domain.ledger import hash_of
from volunteer.domain.members import require_length
from volunteer.domain.refusals import Collision, Refusal
from volunteer.domain.terminals import hash_secret, is_right
from volunteer.models.certificates import Certificate, CertificateBatch
from volunteer.models.duty_days import Setting
from volunteer.models.members import Admin, Member
from volunteer.queries.certificate_batches import (
    find_same_batch,
    list_entitled,
    list_unfinished_batches,
    lock_batch,
)
from volunteer.queries.certificates import (
    ADDRESS_SETTING,
    SETTINGS,
    count_ledger,
    find_certificate,
    find_replacement,
    get_certificate_in,
    list_own_prints,
    list_served,
)
from volunteer.queries.merges import list_group_ids
from volunteer.queries.teams import get_team_by_id

# The frozen content and the code become the signed document.
Draw = Callable[[Mapping[str, Any], str], bytes]
# Nobody's code: an unknown serial is compared as well, so that it takes as long.
_NOBODYS = hash_secret("")
# So many at one waking: the next is seconds away, and other jobs want their turn.
AT_ONCE = 25
REPLACED = "重新出具"


@dataclass(frozen=True)
class Wish:
    """Which certificate is wanted, and by whom; without an admin the member prints it alone."""

    member_id: int
    first_on: date | None
    last_on: date | None
    letterhead: Letterhead
    verify_url: str
    # Kind and masked number of the document, where the member wants it on the paper.
    document: Mapping[str, str] | None = None
    issued_by: Admin | None = None
    replaces_id: int | None = None
    batch_id: int | None = None


@dataclass(frozen=True)
class Prepared:
    """What will stand on the paper, and the sums it was made from."""

    content: dict[str, Any]
    counted: Counted
    member_ids: list[int]
    first_on: date
    last_on: date


def issue_certificate(wish: Wish, draw: Draw, now: datetime, zone: tzinfo) -> Certificate:
    """Issue one certificate. A member who prints the same again on the same day gets the same one."""
    prepared = prepare(wish, now.astimezone(zone).date())
    if wish.issued_by is None:
        for printed in list_own_prints(prepared.member_ids, prepared.counted.last_entry):
            if _without_serial(printed.content) == _without_serial(prepared.content):
                return printed
    code = make_verification_code()
    document = draw(prepared.content, code)
    with transaction():
        return keep(wish, prepared, code, document, now)


def prepare(wish: Wish, today: date) -> Prepared:
    """What the certificate would say; refuses one for oneself, and one over nothing."""
    first_on, last_on = require_period(wish.first_on, wish.last_on, today)
    letterhead = clean_letterhead(wish.letterhead)
    if wish.issued_by is not None:
        require_signatories(letterhead)
    ids = list_group_ids(wish.member_id)
    _require_other(wish.issued_by, ids)
    counted = count_ledger(ids, first_on, last_on)
    if counted.minutes <= 0:
        raise NothingSettled()
    member = db.session.get_one(Member, ids[0])
    values = {
        "serial": make_serial(today.year),
        "issued_on": today,
        "name": member.name,
        "volunteer_no": member.volunteer_no,
        "team": get_team_by_id(member.team_id).name,
        "document": dict(wish.document) if wish.document else None,
        "first_on": first_on,
        "last_on": last_on,
        "metered_minutes": counted.metered_minutes,
        "declared_minutes": counted.declared_minutes,
        "times": counted.times,
        "last_entry": counted.last_entry,
        "verify_url": wish.verify_url,
        "replaces": _serial_of(wish.replaces_id),
        **asdict(letterhead),
    }
    return Prepared(freeze(values, list_served(ids, first_on, last_on)), counted, ids, first_on, last_on)


def keep(wish: Wish, prepared: Prepared, code: str, document: bytes, now: datetime) -> Certificate:
    """Keep what was drawn, within the caller's transaction; refuses where the ledger has moved on."""
    if count_ledger(prepared.member_ids, prepared.first_on, prepared.last_on) != prepared.counted:
        raise Collision()
    content, letterhead = prepared.content, clean_letterhead(wish.letterhead)
    certificate = Certificate(
        serial=content["serial"],
        member_id=prepared.member_ids[0],
        first_on=prepared.first_on,
        last_on=prepared.last_on,
        metered_minutes=prepared.counted.metered_minutes,
        declared_minutes=prepared.counted.declared_minutes,
        content=content,
        content_hash=hash_of(content),
        code_hash=hash_secret(code),
        last_entry=prepared.counted.last_entry,
        issuer=letterhead.issuer,
        handler=letterhead.handler,
        responsible_person=letterhead.responsible_person,
        issued_by_id=wish.issued_by.id if wish.issued_by else None,
        issued_at=now,
        document=document,
        batch_id=wish.batch_id,
        replaces_id=wish.replaces_id,
    )
    if wish.replaces_id is not None:
        _replace(wish.replaces_id, wish.issued_by, now)
    db.session.add(certificate)
    db.session.flush()
    return certificate


def _replace(certificate_id: int, by: Admin | None, now: datetime) -> None:
    if find_replacement(certificate_id):
        raise AlreadyReplaced()
    old = db.session.get_one(Certificate, certificate_id)
    if old.revoked_at is None:
        old.revoked_at, old.revoked_by_id, old.revoke_reason = now, by.id if by else None, REPLACED


def revoke_certificate(
    scope: Iterable[int], certificate_id: int, reason: str, by: Admin, now: datetime
) -> Certificate:
    """The certificate holds no longer; the reason stays with it, and whoever verifies it is told so."""
    reason = require_length(tidy_text(reason), LONGEST_REASON)
    if not reason:
        raise RevocationUnfounded()
    admin_id, person_id = by.id, by.member_id
    with transaction():
        certificate: Certificate = get_certificate_in(scope, certificate_id).Certificate
        if person_id is not None and person_id in list_group_ids(certificate.member_id):
            raise OwnCertificate()
        if certificate.revoked_at is not None:
            raise AlreadyRevoked()
        db.session.info["reason"] = reason
        certificate.revoked_at, certificate.revoked_by_id = now, admin_id
        certificate.revoke_reason = reason
    return certificate


def verify_certificate(serial: str, code: str) -> Certificate:
    """The certificate with this serial and code; a wrong code and an unknown serial are refused alike."""
    wanted = clean_serial(serial)
    certificate = find_certificate(wanted) if wanted else None
    is_known = is_right(clean_verification_code(code), certificate.code_hash if certificate else _NOBODYS)
    if certificate is None or not is_known:
        raise CertificateUnverified()
    return certificate


def set_letterhead(letterhead: Letterhead, verify_url: str) -> None:
    """What new certificates say of who issues them, and where they are verified.

    An empty unit falls back to the brigade's name, an empty address to the one that is asked.
    """
    values, address = asdict(clean_letterhead(letterhead)), clean_address(verify_url)
    with transaction():
        db.session.merge(Setting(name=ADDRESS_SETTING, value=address))
        for field, setting in SETTINGS.items():
            db.session.merge(Setting(name=setting, value=values[field]))


def start_batch(
    team_id: int, team_ids: Iterable[int], wish: Wish, by: Admin, now: datetime, zone: tzinfo
) -> CertificateBatch:
    """Begin certificates for everybody of these teams for whom the ledger holds time in the period.

    ``wish`` says the period and who issues; its member is nobody yet. Asked for twice while the
    first is not complete, it is that one.
    """
    first_on, last_on = require_period(wish.first_on, wish.last_on, now.astimezone(zone).date())
    letterhead = require_signatories(clean_letterhead(wish.letterhead))
    admin_id = by.id
    with transaction():
        begun = find_same_batch(admin_id, team_id, first_on, last_on)
        if begun:
            return begun
        waiting = [row.id for row in list_entitled(team_ids, first_on, last_on)]
        if not waiting:
            raise NobodyEntitled()
        batch = CertificateBatch(
            admin_id=admin_id,
            team_id=team_id,
            first_on=first_on,
            last_on=last_on,
            **asdict(letterhead),
            verify_url=wish.verify_url,
            waiting=waiting,
            skipped=[],
            total=len(waiting),
            done=0,
            started_at=now,
        )
        db.session.add(batch)
    return batch


def continue_batches(draw: Draw, now: datetime, zone: tzinfo, claim: Claim = UNCLAIMED) -> int:
    """Make the next certificates of the batches that are not complete; how many were made."""
    with transaction():
        if not claim.take():
            return 0
    made = 0
    for batch_id in list_unfinished_batches():
        while made < AT_ONCE and _make_next(batch_id, draw, now, zone, claim):
            made += 1
    return made


def _make_next(batch_id: int, draw: Draw, now: datetime, zone: tzinfo, claim: Claim) -> bool:
    """Make one certificate; False where none is left, or the ledger moved on and it is tried again later."""
    batch = db.session.get_one(CertificateBatch, batch_id)
    waiting = cast("list[int]", batch.waiting)
    if not waiting:
        return False
    wish, code = _wish_of(batch, waiting[0]), make_verification_code()
    try:
        prepared = prepare(wish, now.astimezone(zone).date())
        document = draw(prepared.content, code)
        with transaction():
            if not claim.take():
                return False
            batch = lock_batch(batch_id)
            if batch.waiting != waiting:
                return True
            keep(wish, prepared, code, document, now)
            _note_done(batch, now)
            claim.note(1)
    except Collision:
        return False
    except Refusal as refusal:
        _skip(batch_id, waiting, refusal, now, claim)
    return True


def _wish_of(batch: CertificateBatch, member_id: int) -> Wish:
    head = {name: getattr(batch, name) for name in SETTINGS}
    admin = db.session.get_one(Admin, batch.admin_id)
    return Wish(
        member_id,
        batch.first_on,
        batch.last_on,
        Letterhead(**head),
        batch.verify_url,
        issued_by=admin,
        batch_id=batch.id,
    )


def _skip(batch_id: int, waiting: list[int], refusal: Refusal, now: datetime, claim: Claim) -> None:
    """Note why a member gets no certificate, and go on with the next."""
    sentence = refusal.sentence
    with transaction():
        if not claim.take():
            return
        batch = lock_batch(batch_id)
        if batch.waiting != waiting:
            return
        reason = {"member_id": waiting[0], "msgid": sentence.msgid, "params": dict(sentence.params)}
        batch.skipped = [*cast("list[Any]", batch.skipped), reason]
        _note_done(batch, now)


def _note_done(batch: CertificateBatch, now: datetime) -> None:
    batch.waiting = cast("list[int]", batch.waiting)[1:]
    batch.done += 1
    if not batch.waiting:
        batch.finished_at = now


def _require_other(by: Admin | None, member_ids: list[int]) -> None:
    if by is not None and by.member_id is not None and by.member_id in member_ids:
        raise OwnCertificate()


def _serial_of(certificate_id: int | None) -> str:
    return db.session.get_one(Certificate, certificate_id).serial if certificate_id else ""


def _without_serial(content: Any) -> dict[str, Any]:
    return {name: value for name, value in content.items() if name != "serial"}
