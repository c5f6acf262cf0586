"""What users do with their own account: password, sessions, and showing who they are again."""

import logging
from datetime import timedelta

from feedsvc.errors import SignInError
from feedsvc.model import Action, Change, Session
from feedsvc.says import says
from feedsvc.storage import accounts as rows
from feedsvc.storage import second_factors
from feedsvc.storage.database import Transaction
from feedsvc.workflow import audit, factors
from feedsvc.workflow.accounts import known_of
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.passwords import check_password
from feedsvc.workflow.signing_in import BAD_CODE, is_code, is_open, verified

logger = logging.getLogger(__name__)
CONFIRMED_FOR = timedelta(minutes=10)
_WRONG = says("this is not your password")


def is_confirmed(room: Newsroom, session: Session) -> bool:
    """Whether its user has lately shown who they are (ASVS 5.0, 7.5.1).

    What is asked for then is nothing that whoever finds an open browser may do.
    """
    return room.clock.now() - session.confirmed <= CONFIRMED_FOR


def confirm(room: Newsroom, session: Session, password: str, *, address: str) -> None:
    """Take a password as a sign that the user is still the one who signed in.

    Raises:
        SignInError: it is not their password.
        ThrottledError: too many failures; `retry_after` says how long to wait.
    """
    _demand_password(room, session, password, address)
    with room.database.write() as tx:
        rows.confirm_session(tx, session.id, room.clock.now())


def must_show_factor(room: Newsroom, session: Session) -> bool:
    """Whether a second factor is asked for before those of its user are changed."""
    with room.database.read() as tx:
        return factors.is_to_be_shown(room, tx, session)


def confirm_by_code(room: Newsroom, session: Session, code: str, *, address: str) -> None:
    """Take a code as a sign that the user still has what they sign in with.

    Raises:
        SignInError: it is neither of their app nor a recovery code, or was used before.
        ThrottledError: too many failures; `retry_after` says how long to wait.
    """
    with room.database.write() as tx:
        is_good = is_code(room, tx, session.user, code, address)
        if is_good:
            rows.note_factor(tx, session.id, room.clock.now())
    if not is_good:
        raise SignInError(BAD_CODE)


def needs_current_password(room: Newsroom, session: Session) -> bool:
    """Whether another password takes the current one: not right after a one-time link."""
    return not (session.by_link and is_confirmed(room, session))


def change_password(
    room: Newsroom, session: Session, current: str, new: str, *, address: str
) -> None:
    """Give oneself another password, and end every other session.

    Raises:
        SignInError: `current` is not the password.
        ThrottledError: too many failures; `retry_after` says how long to wait.
        InputError: the new password cannot be taken.
    """
    user = session.user
    check_password(new, known_of(room, user.name, user.display_name))
    if needs_current_password(room, session):
        _demand_password(room, session, current, address)
    hashed = room.hashing.make(new)
    with room.database.write() as tx:
        rows.set_password_hash(tx, user.id, hashed)
        rows.end_sessions_of(tx, user.id, but=session.id)
        rows.drop_links_of(tx, user.id)
        second_factors.end_steps_of(tx, user.id)
        rows.confirm_session(tx, session.id, room.clock.now())
        audit.note(room, tx, session.by, Action.PASSWORD_CHANGED, audit.of_user(user))
    logger.info("changed their own password user=%s", user.name)


def sessions(room: Newsroom, session: Session) -> tuple[Session, ...]:
    """Return the open sessions of who asks, the last used first."""
    with room.database.read() as tx:
        found = rows.sessions_of(tx, session.user.id)
    latest = sorted(found, key=lambda each: (each.last_seen, each.id), reverse=True)
    return tuple(each for each in latest if is_open(room, each))


def end_session(room: Newsroom, session: Session, ended: str) -> None:
    """End a session of one's own; that of somebody else, or none, stays as it is."""
    with room.database.write() as tx:
        if rows.end_session_of(tx, session.user.id, ended):
            _note_ended(room, tx, session, 1)


def end_other_sessions(room: Newsroom, session: Session) -> None:
    """End every session of one's own but this."""
    with room.database.write() as tx:
        count = rows.end_sessions_of(tx, session.user.id, but=session.id)
        if count:
            _note_ended(room, tx, session, count)
    logger.info("ended their other sessions user=%s", session.user.name)


def _note_ended(room: Newsroom, tx: Transaction, session: Session, count: int) -> None:
    subject = audit.of_user(session.user)
    change: Change = ({}, {"sessions": count})
    audit.note(room, tx, session.by, Action.SESSION_ENDED, subject, change)


def _demand_password(room: Newsroom, session: Session, password: str, address: str) -> None:
    try:
        verified(room, session.user.name, password, address=address)
    except SignInError:
        raise SignInError(_WRONG) from None
