"""Codes of an app (TOTP, RFC 6238) as a second factor, and recovery codes that stand in for it.

The secret is stored as it is, because codes are made from it here, too. A code counts once: the
time step of the last one is kept, and no earlier one is taken any more. Recovery codes have 120
random bits, so that their SHA-256 is as good as a slow hash (ASVS 5.0, 6.5.2).
"""

import base64
import hmac
import logging
import secrets
from dataclasses import dataclass
from datetime import datetime

import pyotp

from feedsvc.errors import InputError
from feedsvc.model import Action, By, Session, User, UserId
from feedsvc.says import says
from feedsvc.storage import accounts as rows
from feedsvc.storage import passkeys, second_factors
from feedsvc.storage.database import Transaction, one_at_a_time
from feedsvc.workflow import audit, factors, permission
from feedsvc.workflow.accounts import existing
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.passwords import token_hash
from feedsvc.workflow.permission import Right

logger = logging.getLogger(__name__)
STEP_SECONDS = 30
RECOVERY_CODES = 10
_DRIFT = (0, -1, 1)  # steps that a clock may be off
_CODE_BYTES = 15
_GROUP = 6  # letters


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What an app is to remember: the secret as text, and as the address of a QR code."""

    secret: str
    address: str


def begin(room: Newsroom, session: Session) -> Offer:
    """Make a secret, which counts once a code made from it has been given."""
    secret = pyotp.random_base32()
    with room.database.write() as tx:
        one_at_a_time(tx)
        if second_factors.is_on(tx, session.user.id):
            raise InputError(says("you have a second factor already; take it away first"))
        second_factors.begin(tx, session.user.id, secret)
    return _offer(room, session, secret)


def confirm(room: Newsroom, session: Session, code: str) -> tuple[str, ...]:
    """Switch the second factor on, and return the recovery codes, which are shown this once.

    Every other session ends.

    Raises:
        InputError: it is not the code of the app; `pending` shows the secret again.
    """
    user, now = session.user, room.clock.now()
    codes = _new_codes()
    with room.database.write() as tx:
        one_at_a_time(tx)
        if second_factors.is_on(tx, user.id) or not _take_app_code(tx, user.id, code, now):
            problem = says("this is not the code that the app shows now")
            raise InputError(problem, {"code": problem})
        second_factors.confirm(tx, user.id, now)
        second_factors.set_recovery_codes(tx, user.id, map(_hash, codes))
        rows.end_sessions_of(tx, user.id, but=session.id)
        rows.strengthen_session(tx, user.id, session.id)
        audit.note(room, tx, session.by, Action.FACTOR_SET, audit.of_user(user))
    logger.info("switched on a second factor user=%s", user.name)
    return codes


def pending(room: Newsroom, session: Session) -> Offer | None:
    """Return what was offered last and does not count yet."""
    with room.database.read() as tx:
        if second_factors.is_on(tx, session.user.id):
            return None
        secret = second_factors.secret(tx, session.user.id)
    return _offer(room, session, secret) if secret else None


def is_on(room: Newsroom, user_id: UserId) -> bool:
    """Whether somebody needs a code to sign in."""
    with room.database.read() as tx:
        return second_factors.is_on(tx, user_id)


def codes_left(room: Newsroom, user_id: UserId) -> int:
    """Return how many recovery codes somebody has."""
    with room.database.read() as tx:
        return second_factors.recovery_codes_left(tx, user_id)


def renew_codes(room: Newsroom, session: Session) -> tuple[str, ...]:
    """Return new recovery codes, which are shown this once; those of before open nothing.

    Raises:
        InputError: there is no second factor that they could stand in for.
    """
    codes = _new_codes()
    with room.database.write() as tx:
        if not second_factors.is_on(tx, session.user.id):
            raise InputError(says("you have no second factor"))
        second_factors.set_recovery_codes(tx, session.user.id, map(_hash, codes))
        audit.note(room, tx, session.by, Action.CODES_RENEWED, audit.of_user(session.user))
    logger.info("made new recovery codes user=%s", session.user.name)
    return codes


def switch_off(room: Newsroom, session: Session) -> None:
    """Do without codes from now on; every other session ends.

    Raises:
        ForbiddenError: a second factor is demanded of them, and they have no other.
    """
    with room.database.write() as tx:
        one_at_a_time(tx)
        if second_factors.is_on(tx, session.user.id):
            subject = audit.of_user(session.user)
            audit.note(room, tx, session.by, Action.FACTOR_REMOVED, subject)
        second_factors.remove(tx, session.user.id)
        factors.keep_one(room, tx, session.user)
        rows.end_sessions_of(tx, session.user.id, but=session.id)
    logger.info("switched off their second factor user=%s", session.user.name)


def take_away(room: Newsroom, name: str, *, by: By) -> User:
    """Let the password alone do for somebody who has lost their phone, and return who it is.

    Passkeys go with it: they may be on that phone. Of whom a second factor is demanded sets up
    another one before anything else.

    Raises:
        ForbiddenError: only admins do this for others, and not for themselves where a second
            factor is demanded of them.
        NotFoundError: there is no such user.
    """
    permission.demand(by, Right.PEOPLE)
    with room.database.write() as tx:
        user = existing(tx, name)
        second_factors.remove(tx, user.id)
        passkeys.remove_all(tx, user.id)
        if by.user_id == user.id:
            factors.keep_one(room, tx, user)
        rows.end_sessions_of(tx, user.id)
        audit.note(room, tx, by, Action.FACTOR_REMOVED, audit.of_user(user))
    logger.info("took away the second factor of user=%s by=%s", user.name, by.name)
    return user


def take_code(tx: Transaction, user_id: UserId, code: str, now: datetime) -> bool:
    """Use a code of the app or a recovery code up; False if it is neither."""
    if _take_app_code(tx, user_id, code, now):
        return True
    return second_factors.use_recovery_code(tx, user_id, _hash(code))


def _take_app_code(tx: Transaction, user_id: UserId, code: str, now: datetime) -> bool:
    secret = second_factors.secret(tx, user_id)
    if secret is None:
        return False
    given = "".join(code.split()).encode("utf-8", "replace")
    app, current = pyotp.TOTP(secret), int(now.timestamp()) // STEP_SECONDS
    for step in (current + drift for drift in _DRIFT):
        if hmac.compare_digest(app.generate_otp(step).encode(), given):
            return second_factors.use_step(tx, user_id, step)
    return False


def _offer(room: Newsroom, session: Session, secret: str) -> Offer:
    address = pyotp.TOTP(secret).provisioning_uri(
        name=session.user.name, issuer_name=room.config.site.title
    )
    return Offer(secret=secret, address=address)


def _new_codes() -> tuple[str, ...]:
    return tuple(_new_code() for _ in range(RECOVERY_CODES))


def _new_code() -> str:
    letters = base64.b32encode(secrets.token_bytes(_CODE_BYTES)).decode().lower()
    groups = [letters[at : at + _GROUP] for at in range(0, len(letters), _GROUP)]
    return "-".join(groups)


def _hash(code: str) -> str:
    """Return what is kept of a recovery code, however it was typed."""
    return token_hash("".join(code.replace("-", " ").split()).lower())
