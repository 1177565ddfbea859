"""Sessions, and what a person proves besides the password."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from volunteer.models.columns import Base, Digest, Name, PrimaryKey

ONE_PERSON = "(admin_id IS NULL) <> (member_id IS NULL)"


class SignIn(Base):
    """A session: one browser in which somebody is signed in. The token itself stands in the cookie only."""

    __tablename__ = "sign_ins"
    __table_args__ = (CheckConstraint(ONE_PERSON, name="person"),)

    id: Mapped[PrimaryKey]
    admin_id: Mapped[int | None] = mapped_column(ForeignKey("admins.id"), index=True)
    member_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"), index=True)
    token_hash: Mapped[Digest] = mapped_column(unique=True)
    # Changes with the password, so that a new one ends what was begun with the old one.
    password_mark: Mapped[str] = mapped_column(String(16))
    device: Mapped[Name]
    begun_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class SecondFactor(Base):
    """The TOTP secret of a person, sealed; it counts once a first code has confirmed it."""

    __tablename__ = "second_factors"
    __table_args__ = (CheckConstraint(ONE_PERSON, name="person"),)

    id: Mapped[PrimaryKey]
    admin_id: Mapped[int | None] = mapped_column(ForeignKey("admins.id"), unique=True)
    member_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"), unique=True)
    secret_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    # The half minute of the code used last: no code opens twice.
    last_step: Mapped[int] = mapped_column(BigInteger, default=0)
    begun_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]


class RecoveryCode(Base):
    """A one-time code for the day the telephone is lost; a keyed digest, gone once used."""

    __tablename__ = "recovery_codes"
    __table_args__ = (CheckConstraint(ONE_PERSON, name="person"),)

    id: Mapped[PrimaryKey]
    admin_id: Mapped[int | None] = mapped_column(ForeignKey("admins.id"), index=True)
    member_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"), index=True)
    code_hash: Mapped[Digest] = mapped_column(unique=True)


class Passkey(Base):
    """The public half of a WebAuthn credential, and the host name it was made for."""

    __tablename__ = "passkeys"
    __table_args__ = (CheckConstraint(ONE_PERSON, name="person"),)

    id: Mapped[PrimaryKey]
    admin_id: Mapped[int | None] = mapped_column(ForeignKey("admins.id"), index=True)
    member_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"), index=True)
    credential_id: Mapped[str] = mapped_column(String(1400), unique=True)
    rp_id: Mapped[str] = mapped_column(String(255))
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[Name]
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
