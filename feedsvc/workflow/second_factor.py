"""Codes of an app (TOTP, RFC 6238) as a second factor, and recovery codes that stand in for it.

The secret is stored as it is, because codes are made from it here, too. A code counts once: the
time step of the last one is kept, and no earlier one is taken any more.
"""

import hmac
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

import pyotp

from feedsvc.errors import InputError
from feedsvc.model import Action, By, Session, User, UserId
from feedsvc.says import says
from feedsvc.storage import accounts as rows
from feedsvc.storage import passkeys, second_factors
from feedsvc.storage.database import Transaction, one_at_a_time
from feedsvc.workflow import audit, factors, permission, recovery_codes
from feedsvc.workflow.accounts import existing
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.permission import Right

logger = logging.getLogger(__name__)
STEP_SECONDS = 30
_DRIFT = (0, -1, 1)  # steps that a clock may be off
SENT_TWICE = timedelta(minutes=1)  # who presses a button twice is shown one secret
_HAS_ONE = says("you have codes of an app already; replace that app, or switch them off first")
_NO_FACTOR = says("you have no second factor")


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What an app is to remember: the secret as text, and as the address of a QR code."""

    secret: str
    address: str


def begin(room: Newsroom, session: Session) -> Offer:
    """Make a secret, which counts once a code made from it has been given.

    Raises:
        InputError: there is one that counts (`replace`), or the session has ended.
        ForbiddenError: a passkey is to be shown first.
    """
    return _begin(room, session, replaces=False)


def replace(room: Newsroom, session: Session) -> Offer:
    """Make a secret that takes the place of the one that counts, once it has made a code.

    Until then codes of the app that there is are asked for, and no others.

    Raises:
        InputError: there is none that counts (`begin`), or the session has ended.
        ForbiddenError: a code or a passkey is to be shown first.
    """
    return _begin(room, session, replaces=True)


def _begin(room: Newsroom, session: Session, *, replaces: bool) -> Offer:
    now = room.clock.now()
    with room.database.write() as tx:
        one_at_a_time(tx)
        _check_begin(room, tx, session, replaces=replaces)
        secret, made = second_factors.offered(tx, session.id) or ("", now)
        if not secret or now - made > SENT_TWICE:
            secret = pyotp.random_base32()
            second_factors.offer(tx, session.id, secret, now)
    return _offer(room, session, secret)


def _check_begin(room: Newsroom, tx: Transaction, session: Session, *, replaces: bool) -> None:
    if rows.find_session(tx, session.id) is None:
        raise InputError(says("your session has ended; sign in again"))
    if second_factors.is_on(tx, session.user.id) is not replaces:
        raise InputError(_NO_FACTOR if replaces else _HAS_ONE)
    factors.demand_shown(room, tx, session)


def confirm(room: Newsroom, session: Session, code: str) -> tuple[str, ...]:
    """Let the secret that was offered count, and return the recovery codes, shown this once.

    Secret and recovery codes of before end with it, and so does every other session.

    Raises:
        InputError: it is not the code of the app; `pending` shows the secret again.
        ForbiddenError: a factor that they have is to be shown first.
    """
    user, now, codes = session.user, room.clock.now(), recovery_codes.new()
    with room.database.write() as tx:
        one_at_a_time(tx)
        factors.demand_shown(room, tx, session)
        secret = (second_factors.offered(tx, session.id) or ("",))[0]
        step = _step_of(secret, code, now) if secret else None
        if step is None:
            problem = says("this is not the code that the app shows now")
            raise InputError(problem, {"code": problem})
        is_other = second_factors.is_on(tx, user.id)
        second_factors.set_up(tx, user.id, secret, step, now)
        second_factors.set_recovery_codes(tx, user.id, map(recovery_codes.hashed, codes))
        second_factors.end_offer(tx, session.id)
        _open_alone(tx, session, now)
        action = Action.FACTOR_REPLACED if is_other else Action.FACTOR_SET
        audit.note(room, tx, session.by, action, audit.of_user(user))
    logger.info("set up codes user=%s instead_of_others=%s", user.name, is_other)
    return codes


def _open_alone(tx: Transaction, session: Session, now: datetime) -> None:
    """Let no session but this be open, in which a factor was shown just now."""
    rows.end_sessions_of(tx, session.user.id, but=session.id)
    rows.strengthen_session(tx, session.user.id, session.id)
    rows.note_factor(tx, session.id, now)


def pending(room: Newsroom, session: Session) -> Offer | None:
    """Return what this session was offered and does not count yet.

    Raises:
        ForbiddenError: a factor that they have is to be shown first.
    """
    with room.database.read() as tx:
        factors.demand_shown(room, tx, session)
        found = second_factors.offered(tx, session.id)
    return _offer(room, session, found[0]) if found else None


def is_on(room: Newsroom, user_id: UserId) -> bool:
    """Whether somebody needs a code to sign in."""
    with room.database.read() as tx:
        return second_factors.is_on(tx, user_id)


def codes_left(room: Newsroom, user_id: UserId) -> int:
    """Return how many recovery codes somebody has."""
    with room.database.read() as tx:
        return second_factors.recovery_codes_left(tx, user_id)


def renewal(room: Newsroom, user_id: UserId) -> str:
    """Return what a form for new recovery codes carries, so that it counts once."""
    with room.database.read() as tx:
        return recovery_codes.renewal(second_factors.recovery_codes(tx, user_id))


def renew_codes(room: Newsroom, session: Session, form: str) -> tuple[str, ...]:
    """Return new recovery codes, which are shown this once; those of before open nothing.

    A form that is sent twice makes the same codes twice: a browser shows the last answer, and
    what it shows is to count. There are none where others have been made since, or some have
    been used; then nothing is changed.

    Args:
        room: where.
        session: whose.
        form: what `renewal` gave it.

    Raises:
        InputError: there is no second factor that they could stand in for.
        ForbiddenError: a factor that they have is to be shown first.
    """
    codes = recovery_codes.of_form(session, form)
    hashes = set(map(recovery_codes.hashed, codes))
    with room.database.write() as tx:
        one_at_a_time(tx)
        if not second_factors.is_on(tx, session.user.id):
            raise InputError(_NO_FACTOR)
        factors.demand_shown(room, tx, session)
        unused = second_factors.recovery_codes(tx, session.user.id)
        if unused == hashes:
            return codes
        if not recovery_codes.may_follow(unused, form):
            return ()
        second_factors.set_recovery_codes(tx, session.user.id, hashes)
        audit.note(room, tx, session.by, Action.CODES_RENEWED, audit.of_user(session.user))
    logger.info("made new recovery codes user=%s", session.user.name)
    return codes


def switch_off(room: Newsroom, session: Session) -> None:
    """Do without codes from now on; every other session ends.

    Raises:
        ForbiddenError: a second factor is demanded of them, and they have no other; or one is
            to be shown first.
    """
    with room.database.write() as tx:
        one_at_a_time(tx)
        factors.demand_shown(room, tx, session)
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
    return second_factors.use_recovery_code(tx, user_id, recovery_codes.hashed(code))


def _take_app_code(tx: Transaction, user_id: UserId, code: str, now: datetime) -> bool:
    secret = second_factors.secret(tx, user_id)
    step = _step_of(secret, code, now) if secret else None
    return step is not None and second_factors.use_step(tx, user_id, step)


def _step_of(secret: str, code: str, now: datetime) -> int | None:
    """Return the time step, of those that may be now, to which a code of the app belongs."""
    given = "".join(code.split()).encode("utf-8", "replace")
    app, current = pyotp.TOTP(secret), int(now.timestamp()) // STEP_SECONDS
    for step in (current + drift for drift in _DRIFT):
        if hmac.compare_digest(app.generate_otp(step).encode(), given):
            return step
    return None


def _offer(room: Newsroom, session: Session, secret: str) -> Offer:
    address = pyotp.TOTP(secret).provisioning_uri(
        name=session.user.name, issuer_name=room.config.site.title
    )
    return Offer(secret=secret, address=address)
