"""Ways in: name and password, a one-time link, the first set-up; and the sessions they open.

Guessing is slowed, never locked: after a few failures on an account, or from an address,
the next attempt must wait, and the wait doubles. Whoever knows the password gets in after a
few minutes at most, whatever others try.
"""

import logging
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from feedsvc.errors import (
    ConflictError,
    ForbiddenError,
    NotFoundError,
    PasskeyStepError,
    SecondStepError,
    SignInError,
    ThrottledError,
    UnavailableError,
)
from feedsvc.model import Action, By, Session, User, UserId
from feedsvc.says import says
from feedsvc.storage import accounts as rows
from feedsvc.storage import second_factors
from feedsvc.storage.database import Transaction, one_at_a_time
from feedsvc.workflow import audit, factors, permission, second_factor
from feedsvc.workflow.accounts import checked_user, existing, folded, store_user
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.passwords import needs_rehash, new_token, token_hash
from feedsvc.workflow.permission import Right
from feedsvc.workflow.secret import keyed

logger = logging.getLogger(__name__)
LINK_LIFE = timedelta(minutes=60)
STEP_LIFE = timedelta(minutes=10)
WINDOW = timedelta(hours=1)
FREE_ON_ACCOUNT = 5
FREE_FROM_ADDRESS = 20
LONGEST_WAIT = 300  # seconds
_NOBODY = UserId(0)  # numbers begin with 1
TOUCH_AFTER = timedelta(minutes=5)  # how exact "last seen" is, to spare writes
_TOO_LATE = says("too much time has gone by; sign in from the beginning")
BAD_CODE = says("this code is not the one, or it was used before; wait for the next one")
_OWN_LINK = says("your own password is changed on the page of your account")
_REFUSAL = says("this name and password do not open the desk")


def sign_in(room: Newsroom, name: str, password: str, *, address: str, agent: str) -> str:
    """Open a session and return its token, which is stored nowhere.

    Unknown name, wrong password and a disabled user look and last the same.

    Raises:
        SignInError: it is not the password of an enabled user.
        SecondStepError: it is, and a code is needed as well (`sign_in_by_code`).
        PasskeyStepError: it is, and a passkey is demanded (`passkeys.sign_in`).
        ThrottledError: too many failures; `retry_after` says how long to wait.
    """
    user = verified(room, name, password, address=address)
    with room.database.write() as tx:
        admitted = _admit(room, tx, user, agent, address)
    return _session_token(admitted)


def verified(room: Newsroom, name: str, password: str, *, address: str) -> User:
    """Return the user whose name and password these are; every way to guess passes here.

    Raises:
        SignInError: it is not the password of an enabled user.
        ThrottledError: too many failures; `retry_after` says how long to wait.
    """
    name, now = folded(name)[:200], room.clock.now()
    account, source = _hashes(room, name, address)
    with room.database.write() as tx:
        one_at_a_time(tx)  # guesses made at once count before any of them is looked at
        _throttle(tx, account, source, now)
        rows.add_attempt(tx, account, source, now)
        user = rows.find_user(tx, name)
        hashed = rows.password_hash(tx, user.id if user else _NOBODY)
    stored = None if user is None or user.disabled else hashed
    if not room.hashing.matches(stored, password) or user is None or stored is None:
        _note_failure(room, account, name, address, is_known=user is not None)
        logger.warning("refused a sign-in account=%s", account[:12])
        raise SignInError(_REFUSAL)
    rehashed = room.hashing.make(password) if needs_rehash(stored) else None
    with room.database.write() as tx:
        rows.clear_attempts(tx, account)
        if rehashed:
            rows.replace_password_hash(tx, user.id, stored, rehashed)
    return user


def _note_failure(
    room: Newsroom, account: str, name: str, address: str, *, is_known: bool
) -> None:
    """Note a failed sign-in to an account that there is; to others it lasts as long."""
    with room.database.write() as tx:
        rows.touch_attempts(tx, account)  # so that something is committed in any case
        audit.note_failed(room, tx, name, address, is_known=is_known)


def session(room: Newsroom, token: str) -> Session | None:
    """Return the session of a token, if it may still be used.

    Who must set up a second factor first is said in it; one that was opened without the factor
    that is demanded, by who has it, ends.
    """
    now, hashed = room.clock.now(), token_hash(token)
    with room.database.read() as tx:
        found = rows.find_session(tx, hashed)
        if found is None or found.user.disabled or not is_open(room, found):
            return None
        found = factors.looked_at(room, tx, found)
    if found is None:
        with suppress(UnavailableError), room.database.write() as tx:
            rows.end_session(tx, hashed)
        return None
    if now - found.last_seen >= TOUCH_AFTER:
        # On a full disk, say: nobody is kept from reading by what is only a note.
        with suppress(UnavailableError), room.database.write() as tx:
            rows.touch_session(tx, hashed, now)
    return found


def is_open(room: Newsroom, found: Session) -> bool:
    """Whether a session is neither too old nor unused for too long."""
    now, desk = room.clock.now(), room.config.desk
    is_idle = now - found.last_seen > timedelta(hours=desk.idle_hours)
    return not is_idle and now - found.created <= timedelta(days=desk.session_days)


def sign_out(room: Newsroom, token: str, *, address: str = "") -> None:
    """End a session for good; ending one that is not there is harmless."""
    with room.database.write() as tx:
        found = rows.find_session(tx, token_hash(token))
        if found is None:
            return
        rows.end_session(tx, found.id)
        by = By.of(found.user, address)
        audit.note(room, tx, by, Action.SIGN_OUT, audit.of_user(found.user))


def make_sign_in_link(room: Newsroom, name: str, *, by: By) -> str:
    """Return a token that signs a user in once, within the hour; an earlier one is void.

    So is what was begun with one, and waits for a code.

    Raises:
        ForbiddenError: only admins do this, and for others: with a link of one's own, an open
            browser would be enough to set another password.
        NotFoundError: there is no such user, or they are disabled.
    """
    permission.demand(by, Right.PEOPLE)
    with room.database.write() as tx:
        user = existing(tx, name)
        if user.id == by.user_id:
            raise ForbiddenError(_OWN_LINK)
        if user.disabled:
            raise NotFoundError(f"the user {user.name} is disabled; enable them first")
        token = new_token()
        expires = room.clock.now() + LINK_LIFE
        rows.drop_links_of(tx, user.id)
        second_factors.end_steps_of(tx, user.id)
        rows.add_link(tx, token_hash=token_hash(token), user_id=user.id, expires=expires)
        audit.note(room, tx, by, Action.LINK_MADE, audit.of_user(user))
    logger.info("made a sign-in link for user=%s by=%s", user.name, by.name)
    return token


def link_is_good(room: Newsroom, token: str) -> bool:
    """Whether a one-time link would sign somebody in now; looking does not use it up."""
    with room.database.read() as tx:
        return rows.has_link(tx, token_hash(token), room.clock.now(), for_setup=False)


def sign_in_by_link(room: Newsroom, token: str, *, agent: str, address: str = "") -> str:
    """Open a session with a one-time link and return its token.

    Raises:
        SignInError: the link is unknown, used or expired.
        SecondStepError: it was good, and a code is needed as well (`sign_in_by_code`).
        PasskeyStepError: it was good, and a passkey is demanded (`passkeys.sign_in`).
    """
    with room.database.write() as tx:
        taken = rows.take_link(tx, token_hash(token), room.clock.now())
        user = rows.find_user_by_id(tx, taken[0]) if taken and taken[0] else None
        if user is None or user.disabled:
            raise SignInError(says("this link was used or is too old; ask for a new one"))
        logger.info("signed in by link user=%s", user.name)
        admitted = _admit(room, tx, user, agent, address, by_link=True)
    return _session_token(admitted)


def sign_in_by_code(room: Newsroom, step: str, code: str, *, address: str, agent: str) -> str:
    """Open a session with the second factor, and return its token.

    Args:
        room: where.
        step: what `SecondStepError` said.
        code: of the app, or a recovery code.
        address: where the attempt comes from.
        agent: what the browser says of itself.

    Raises:
        SignInError: it is not a good code, or too much time has gone by.
        ThrottledError: too many failures; `retry_after` says how long to wait.
    """
    now = room.clock.now()
    with room.database.read() as tx:
        found = second_factors.find_step(tx, token_hash(step), now)
        user = rows.find_user_by_id(tx, found[0]) if found else None
    if found is None or user is None or user.disabled:
        raise SignInError(_TOO_LATE)
    with room.database.write() as tx:
        if is_code(room, tx, user, code, address):
            second_factors.end_step(tx, token_hash(step))
            note_sign_in(room, tx, user, address, "code")
            return open_session(room, tx, user, agent, by_link=found[1], by_factor=True)
    raise SignInError(BAD_CODE)


def is_code(room: Newsroom, tx: Transaction, user: User, code: str, address: str) -> bool:
    """Use up a code of the app, or a recovery code; every way to guess one passes here.

    What comes of a wrong one is stored: whoever is told False commits.

    Raises:
        ThrottledError: too many failures; `retry_after` says how long to wait.
    """
    now = room.clock.now()
    # Nothing that somebody types as a name is kept under this: nobody holds others back.
    account, source = keyed(room, f"codes of {user.id}"), keyed(room, f"address {address}")
    one_at_a_time(tx)  # so that guesses made at once are counted one after the other
    _throttle(tx, account, source, now)
    if second_factor.take_code(tx, user.id, code, now):
        rows.clear_attempts(tx, account)
        return True
    rows.add_attempt(tx, account, source, now)
    audit.note_failed(room, tx, user.name, address)
    logger.warning("refused a code account=%s", account[:12])
    return False


def make_setup_token(room: Newsroom) -> str:
    """Return a token with which the first user can be made, within the hour.

    Raises:
        ConflictError: there are users already.
    """
    with room.database.write() as tx:
        _refuse_second_setup(tx)
        token = new_token()
        expires = room.clock.now() + LINK_LIFE
        rows.add_link(tx, token_hash=token_hash(token), user_id=None, expires=expires)
    return token


def setup_is_open(room: Newsroom, token: str) -> bool:
    """Whether this token would make the first user now."""
    with room.database.read() as tx:
        known = rows.has_link(tx, token_hash(token), room.clock.now(), for_setup=True)
        return known and not rows.has_users(tx)


def redeem_setup(
    room: Newsroom, token: str, name: str, password: str, display_name: str = ""
) -> User:
    """Make the first user, who is an admin.

    Raises:
        InputError: the name or the password cannot be taken; the token stays good.
        SignInError: the token is unknown, used or expired.
        ConflictError: there are users already.
    """
    new = checked_user(room, name, password, display_name)
    with room.database.write() as tx:
        _refuse_second_setup(tx)
        if rows.take_link(tx, token_hash(token), room.clock.now()) != (None,):
            raise SignInError(
                says("this link was used or is too old; restart the service for a new one")
            )
        return store_user(room, tx, new, by=By.system("setup"))


def _refuse_second_setup(tx: Transaction) -> None:
    if rows.has_users(tx):
        raise ConflictError(
            says("the first user exists already; sign in, or use 'feedsvc user add'")
        )


@dataclass(frozen=True, slots=True)
class _Step:
    """What goes on with a sign-in that needs a code as well, or a passkey and no code."""

    token: str
    takes_code: bool


def _admit(
    room: Newsroom,
    tx: Transaction,
    user: User,
    agent: str,
    address: str,
    *,
    by_link: bool = False,
) -> str | _Step:
    """Open a session, unless somebody has a second factor that is to be shown."""
    if not factors.signs_in_with_one(room, tx, user):
        note_sign_in(room, tx, user, address, "link" if by_link else "password")
        return open_session(room, tx, user, agent, by_link=by_link)
    step, expires = new_token(), room.clock.now() + STEP_LIFE
    second_factors.add_step(tx, token_hash(step), user.id, by_link=by_link, expires=expires)
    return _Step(step, takes_code=second_factors.is_on(tx, user.id))


def end_step(room: Newsroom, tx: Transaction, step: str, user: User) -> bool:
    """Use up what a password or a link began for this user; return whether it was a link."""
    found = second_factors.find_step(tx, token_hash(step), room.clock.now())
    if found is None or found[0] != user.id:
        return False
    second_factors.end_step(tx, token_hash(step))
    return found[1]


def note_sign_in(room: Newsroom, tx: Transaction, user: User, address: str, way: str) -> None:
    """Note that somebody has signed in, and by what."""
    by = By.of(user, address)
    audit.note(room, tx, by, Action.SIGN_IN, audit.of_user(user), ({}, {"by": way}))


def _session_token(admitted: str | _Step) -> str:
    if isinstance(admitted, _Step):
        if not admitted.takes_code:
            raise PasskeyStepError(says("your passkey is needed as well"), admitted.token)
        raise SecondStepError(says("a code is needed as well"), admitted.token)
    return admitted


def open_session(
    room: Newsroom,
    tx: Transaction,
    user: User,
    agent: str,
    *,
    by_link: bool = False,
    by_factor: bool = False,
) -> str:
    """Store the session of somebody who has shown who they are, and return its token."""
    token, now = new_token(), room.clock.now()
    session = Session(
        id=token_hash(token),
        user=user,
        csrf_secret=new_token(),
        agent=agent[:200].encode("utf-8", "replace").decode(),
        created=now,
        last_seen=now,
        confirmed=now,
        by_link=by_link,
        by_factor=by_factor,
    )
    rows.add_session(tx, session)
    return token


def _hashes(room: Newsroom, name: str, address: str) -> tuple[str, str]:
    """Return what is kept of a name and an address: nothing that leads back to them."""
    return keyed(room, f"account {name}"), keyed(room, f"address {address}")


def _throttle(tx: Transaction, account: str, source: str, now: datetime) -> None:
    since = now - WINDOW
    waits = [
        _wait(*rows.attempts_on(tx, account, since), FREE_ON_ACCOUNT, now),
        _wait(*rows.attempts_from(tx, source, since), FREE_FROM_ADDRESS, now),
    ]
    if max(waits) > 0:
        raise ThrottledError(
            says("too many attempts; try again in %(most)s seconds", most=max(waits)),
            retry_after=max(waits),
        )


def _wait(failures: int, last: datetime | None, free: int, now: datetime) -> int:
    if failures < free or last is None:
        return 0
    pause: int = min(LONGEST_WAIT, 1 << min(failures - free, 10))
    return max(0, pause - int((now - last).total_seconds()))
