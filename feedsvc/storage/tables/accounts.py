"""The tables of people: who may use the desk, by what they sign in, who is signed in."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String, false

import feedsvc.storage.tables.users  # noqa: F401 - rows refer to its
from feedsvc.storage.tables.base import Base, Col, column


class SessionRow(Base):
    """A signed-in browser; only the SHA-256 of its token is kept."""

    __tablename__ = "session"
    token_hash: Col[str] = column(String(64), primary_key=True)
    user_id: Col[int] = column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    csrf_secret: Col[str]
    agent: Col[str] = column(default="")
    created: Col[datetime] = column(index=True)
    last_seen: Col[datetime] = column(index=True)
    confirmed: Col[datetime | None]  # NULL: since it was created
    by_link: Col[bool] = column(default=False, server_default=false())
    by_factor: Col[bool] = column(default=False, server_default=false())
    factor_shown: Col[datetime | None]  # in it, after it was opened


class SignInLinkRow(Base):
    """A one-time way in: for a user, or (without one) for setting up the first."""

    __tablename__ = "sign_in_link"
    token_hash: Col[str] = column(String(64), primary_key=True)
    user_id: Col[int | None] = column(
        ForeignKey("user_account.id", ondelete="CASCADE"), index=True
    )
    expires: Col[datetime] = column(index=True)


class SignInAttemptRow(Base):
    """A failed sign-in, for slowing down the next; no raw address, no raw name."""

    __tablename__ = "sign_in_attempt"
    __table_args__ = (
        Index(None, "account_hash", "at"),
        Index(None, "address_hash", "at"),
        {"sqlite_autoincrement": True},
    )
    id: Col[int] = column(primary_key=True)
    account_hash: Col[str] = column(String(64))
    address_hash: Col[str] = column(String(64))
    at: Col[datetime] = column(index=True)


class SecondFactorRow(Base):
    """The secret that somebody's app makes codes from.

    One that is not `confirmed` counts for nothing: earlier versions kept offers here.
    `last_step` is the time step of the last code that was taken, in units of 30 s since 1970.
    """

    __tablename__ = "second_factor"
    user_id: Col[int] = column(
        ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True
    )
    secret: Col[str] = column(String(64))
    confirmed: Col[datetime | None]
    last_step: Col[int] = column(BigInteger, default=0)


class FactorOfferRow(Base):
    """A secret that one session was shown, which counts once an app has made a code from it."""

    __tablename__ = "factor_offer"
    session_hash: Col[str] = column(
        ForeignKey("session.token_hash", ondelete="CASCADE"), primary_key=True
    )
    secret: Col[str] = column(String(64))
    made: Col[datetime]


class RecoveryCodeRow(Base):
    """A code that takes the place of the app, once; only its SHA-256 is kept."""

    __tablename__ = "recovery_code"
    user_id: Col[int] = column(
        ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True
    )
    code_hash: Col[str] = column(String(64), primary_key=True)


class SignInStepRow(Base):
    """Somebody whose password was right, and who is still to give a code."""

    __tablename__ = "sign_in_step"
    token_hash: Col[str] = column(String(64), primary_key=True)
    user_id: Col[int] = column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    by_link: Col[bool] = column(default=False, server_default=false())
    expires: Col[datetime] = column(index=True)


class PasskeyRow(Base):
    """A key on somebody's device; only its public half is kept."""

    __tablename__ = "passkey"
    __table_args__ = ({"sqlite_autoincrement": True},)
    id: Col[int] = column(primary_key=True)
    user_id: Col[int] = column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    name: Col[str]
    credential_id: Col[bytes] = column(LargeBinary, unique=True)
    public_key: Col[bytes] = column(LargeBinary)
    sign_count: Col[int] = column(BigInteger)
    created: Col[datetime]
    last_used: Col[datetime | None]


class PasskeyChallengeRow(Base):
    """What a device is to sign, once, to add a key of a user; or what it signed to sign in."""

    __tablename__ = "passkey_challenge"
    challenge_hash: Col[str] = column(String(64), primary_key=True)
    user_id: Col[int | None] = column(
        ForeignKey("user_account.id", ondelete="CASCADE"), index=True
    )
    expires: Col[datetime] = column(index=True)
