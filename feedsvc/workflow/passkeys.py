"""Passkeys: added to an account, used to sign in, removed.

A passkey is on a device that has made sure who holds it (by a finger, a face, a PIN), so it is
two factors at once: no password and no code are asked for. It belongs to our host's name, so
pages of others cannot ask for it.
"""

import hmac
import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import import_module
from secrets import token_hex
from types import ModuleType
from urllib.parse import urlsplit

from feedsvc.errors import InputError, NotFoundError, SignInError
from feedsvc.model import Action, Change, Passkey, PasskeyId, Session, User
from feedsvc.rendering.text import plain_text
from feedsvc.says import says
from feedsvc.storage import accounts as rows
from feedsvc.storage import passkeys
from feedsvc.storage.database import Transaction, one_at_a_time
from feedsvc.workflow import audit, factors, own_account
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.passwords import new_token, token_hash
from feedsvc.workflow.secret import keyed
from feedsvc.workflow.signing_in import end_step, note_sign_in, open_session

logger = logging.getLogger(__name__)
CHALLENGE_LIFE = timedelta(minutes=5)
MOST = 20
_MAX_NAME = 60
_SECONDS = 12  # hexadecimal digits of when a challenge expires
_LENGTH = _SECONDS + 32  # of a challenge without its seal
_MAX_ANSWER = 20_000  # characters; a real one has about a thousand
_TOO_LATE = says("too much time has gone by; try again")
_UNKNOWN = says("this passkey opens nothing here; sign in with your password")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a browser is asked: `options` as JSON, and the challenge that comes back with it."""

    options: str
    challenge: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back: the challenge, and as JSON `text` what the device has signed.

    `visitor` is what tells the browser that answers from others, as when it was asked.
    """

    challenge: str
    text: str
    visitor: str = ""


def ask_to_add(room: Newsroom, session: Session) -> Asked:
    """Return what a browser needs to make a passkey for who is signed in.

    Raises:
        InputError: they have as many as there may be.
        NotFoundError: there are no passkeys here.
    """
    protocol = _protocol(room)
    with room.database.read() as tx:
        known = passkeys.of_user(tx, session.user.id)
    if len(known) >= MOST:
        raise InputError(says("you have as many passkeys as there may be; remove one first"))
    challenge = _challenge(room, session)
    options = protocol.to_create(_party(room), session.user, challenge, known)
    return Asked(options=options, challenge=challenge)


def add(room: Newsroom, session: Session, challenge: str, answer: str, name: str) -> None:
    """Store the passkey that a browser has made.

    Raises:
        InputError: it is no answer to what was asked, or it comes too late, also because the
            session has ended.
        ForbiddenError: a factor that they have is to be shown first.
        NotFoundError: there are no passkeys here.
    """
    _take(room, challenge, session)
    made = _protocol(room).created(_party(room), challenge, _checked(answer))
    passkey = Passkey(
        id=PasskeyId(0),
        user_id=session.user.id,
        name=plain_text(name)[:_MAX_NAME] or says("Passkey"),
        credential_id=made.credential_id,
        public_key=made.public_key,
        sign_count=made.sign_count,
        created=room.clock.now(),
    )
    with room.database.write() as tx:
        one_at_a_time(tx)
        if rows.find_session(tx, session.id) is None:  # it ended while this was on its way
            raise InputError(says("your session has ended; sign in again"))
        factors.demand_shown(room, tx, session)
        if passkeys.find(tx, passkey.credential_id) is not None:
            raise InputError(says("this passkey is here already"))
        passkeys.add(tx, passkey)
        subject = audit.of_user(session.user)
        change: Change = ({}, {"name": passkey.name})
        audit.note(room, tx, session.by, Action.PASSKEY_ADDED, subject, change)
        factors.strengthen(room, tx, session)
        rows.note_factor(tx, session.id, passkey.created)
    logger.info("added a passkey user=%s", session.user.name)


def remove(room: Newsroom, session: Session, passkey_id: PasskeyId) -> None:
    """Let a passkey of one's own open nothing any more; one of others stays.

    Raises:
        ForbiddenError: it is the last second factor of somebody of whom one is demanded, or
            one is to be shown first.
    """
    with room.database.write() as tx:
        one_at_a_time(tx)
        factors.demand_shown(room, tx, session)
        name = passkeys.remove(tx, session.user.id, passkey_id)
        if name is not None:
            subject = audit.of_user(session.user)
            change: Change = ({"name": name}, {})
            audit.note(room, tx, session.by, Action.PASSKEY_REMOVED, subject, change)
            factors.keep_one(room, tx, session.user)
    logger.info("removed a passkey user=%s", session.user.name)


def of(room: Newsroom, session: Session) -> tuple[Passkey, ...]:
    """Return the passkeys of who is signed in."""
    with room.database.read() as tx:
        return passkeys.of_user(tx, session.user.id)


def ask_to_sign_in(room: Newsroom, *, visitor: str = "") -> Asked:
    """Return what a browser needs to sign somebody in with whatever passkey it has.

    Nothing is stored: anybody may ask, as often as they like. The challenge bears its end and
    our seal, which holds for one visitor only.

    Args:
        room: where.
        visitor: what tells the browser that asks from others; the same comes with its answer.

    Raises:
        NotFoundError: there are no passkeys here.
    """
    protocol, expires = _protocol(room), room.clock.now() + CHALLENGE_LIFE
    text = f"{int(expires.timestamp()):0{_SECONDS}x}{token_hex(16)}"
    challenge = _sealed(room, text, visitor)
    return Asked(options=protocol.to_sign(_party(room), challenge), challenge=challenge)


def sign_in(
    room: Newsroom, answer: Answer, *, agent: str, address: str = "", step: str = ""
) -> str:
    """Open a session with a passkey and return its token.

    Args:
        room: where.
        answer: to what `ask_to_sign_in` asked.
        agent: what the browser says of itself.
        address: where the attempt comes from.
        step: what `PasskeyStepError` said, after a password or a one-time link. Who came by
            a link may not know the password; without a step of theirs nobody came by one.

    Raises:
        SignInError: it is no good passkey of an enabled user, or comes too late.
        NotFoundError: there are no passkeys here.
    """
    signed = _signed(room, answer)
    with room.database.write() as tx:
        user = _use(room, tx, signed)
        note_sign_in(room, tx, user, address, "passkey")
        by_link = end_step(room, tx, step, user)
        return open_session(room, tx, user, agent, by_link=by_link, by_factor=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Signed:
    """What a passkey of ours has signed, which counts once."""

    challenge: str
    passkey: Passkey
    count: int
    expires: datetime


def _signed(room: Newsroom, answer: Answer) -> _Signed:
    """Look at what was signed, and by which passkey."""
    protocol = _protocol(room)
    try:
        expires = _end_of(room, answer.challenge, answer.visitor)
        passkey = _found(room, protocol.named(_checked(answer.text)))
        count = protocol.signed(_party(room), answer.challenge, answer.text, passkey)
    except InputError as error:
        logger.warning("refused a passkey")
        raise SignInError(str(error)) from None
    return _Signed(challenge=answer.challenge, passkey=passkey, count=count, expires=expires)


def _use(room: Newsroom, tx: Transaction, signed: _Signed) -> User:
    """Let it count, once, and return whose passkey it is."""
    if not passkeys.note_answered(tx, token_hash(signed.challenge), signed.expires):
        raise SignInError(_TOO_LATE)
    # It may have been taken away while we looked at what it has signed.
    is_there = passkeys.use(tx, signed.passkey.id, signed.count, room.clock.now())
    user = rows.find_user_by_id(tx, signed.passkey.user_id)
    if not is_there or user is None or user.disabled:
        raise SignInError(_UNKNOWN)
    return user


def confirm(room: Newsroom, session: Session, answer: Answer) -> None:
    """Take a passkey as a sign that the user is still the one who signed in.

    Args:
        room: where.
        session: of the one.
        answer: to what `ask_to_sign_in` asked.

    Raises:
        SignInError: it is no passkey of theirs, or comes too late.
        NotFoundError: there are no passkeys here.
    """
    signed, now = _signed(room, answer), room.clock.now()
    with room.database.write() as tx:
        if _use(room, tx, signed).id != session.user.id:
            raise SignInError(says("this is not a passkey of yours"))
        rows.note_factor(tx, session.id, now)
        if not own_account.is_confirmed(room, session):  # a link counts as long as it does
            rows.confirm_session(tx, session.id, now)


def _found(room: Newsroom, credential_id: bytes) -> Passkey:
    with room.database.read() as tx:
        found = passkeys.find(tx, credential_id)
    if found is None:
        raise InputError(_UNKNOWN)
    return found


def _challenge(room: Newsroom, session: Session) -> str:
    challenge, expires = new_token(), room.clock.now() + CHALLENGE_LIFE
    with room.database.write() as tx:
        passkeys.add_challenge(tx, token_hash(challenge), session.user.id, expires)
    return challenge


def _take(room: Newsroom, challenge: str, session: Session) -> None:
    now, user_id = room.clock.now(), session.user.id
    with room.database.write() as tx:
        if not passkeys.take_challenge(tx, token_hash(challenge), user_id, now):
            raise InputError(_TOO_LATE)


def _sealed(room: Newsroom, text: str, visitor: str) -> str:
    return text + keyed(room, f"passkey challenge {text} {visitor}")


def _end_of(room: Newsroom, challenge: str, visitor: str) -> datetime:
    """Return when a challenge of ours expires."""
    ours = _sealed(room, challenge[:_LENGTH], visitor)
    if not hmac.compare_digest(_bytes(challenge), _bytes(ours)):
        raise InputError(_TOO_LATE)
    expires = datetime.fromtimestamp(int(challenge[:_SECONDS], 16), UTC)
    if expires <= room.clock.now():
        raise InputError(_TOO_LATE)
    return expires


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")


def _checked(answer: str) -> str:
    if len(answer) > _MAX_ANSWER:
        raise InputError(says("the device answered more than can be"))
    return answer


def _party(room: Newsroom) -> object:
    site = urlsplit(room.config.site.base_url)
    return _protocol(room).Party(
        id=site.hostname or "",
        name=room.config.site.title,
        origin=f"{site.scheme}://{site.netloc}",
    )


def _protocol(room: Newsroom) -> ModuleType:
    if not factors.passkeys_are_offered(room.config.site):
        raise NotFoundError(says("there are no passkeys here; sign in with your password"))
    return import_module("feedsvc.workflow.passkey_protocol")
