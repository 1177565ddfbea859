"""Second factors that go: whoever lost everything, or gets a new start password, has only a password."""

from sqlalchemy import delete

from volunteer.db import db
from volunteer.models.sign_ins import Passkey, RecoveryCode, SecondFactor
from volunteer.queries.sign_ins import Person, owned_by


def drop_factors(person: Person) -> None:
    """Remove every second factor, passkey and recovery code, inside the transaction."""
    db.session.execute(delete(SecondFactor).where(owned_by(SecondFactor, person)))
    db.session.execute(delete(Passkey).where(owned_by(Passkey, person)))
    db.session.execute(delete(RecoveryCode).where(owned_by(RecoveryCode, person)))
