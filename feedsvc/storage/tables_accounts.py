"""The tables of what signs in besides a password."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, LargeBinary, String, false
from sqlalchemy.orm import Mapped, mapped_column

from feedsvc.storage.tables import Base


class SecondFactorRow(Base):
    """The secret that somebody's app makes codes from; it counts once `confirmed` is set.

    `last_step` is the time step of the last code that was taken, in units of 30 s since 1970.
    """

    __tablename__ = "second_factor"
    user_id: Mapped[int] = mapped_column(
        ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True
    )
    secret: Mapped[str] = mapped_column(String(64))
    confirmed: Mapped[datetime | None]
    last_step: Mapped[int] = mapped_column(BigInteger, default=0)


class RecoveryCodeRow(Base):
    """A code that takes the place of the app, once; only its SHA-256 is kept."""

    __tablename__ = "recovery_code"
    user_id: Mapped[int] = mapped_column(
        ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True
    )
    code_hash: Mapped[str] = mapped_column(String(64), primary_key=True)


class SignInStepRow(Base):
    """Somebody whose password was right, and who is still to give a code."""

    __tablename__ = "sign_in_step"
    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(
        ForeignKey("user_account.id", ondelete="CASCADE"), index=True
    )
    by_link: Mapped[bool] = mapped_column(default=False, server_default=false())
    expires: Mapped[datetime] = mapped_column(index=True)


class PasskeyRow(Base):
    """A key on somebody's device; only its public half is kept."""

    __tablename__ = "passkey"
    __table_args__ = ({"sqlite_autoincrement": True},)
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(
        ForeignKey("user_account.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[str]
    credential_id: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(BigInteger)
    created: Mapped[datetime]
    last_used: Mapped[datetime | None]


class PasskeyChallengeRow(Base):
    """What a device is to sign, once, to add a key of a user; or what it signed to sign in."""

    __tablename__ = "passkey_challenge"
    challenge_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="CASCADE"), index=True
    )
    expires: Mapped[datetime] = mapped_column(index=True)
