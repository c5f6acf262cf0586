"""Users, their sessions, one-time links, and failed attempts."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, func, insert, select, update

from feedsvc.model import Role, Session, User, UserId
from feedsvc.storage.database import Transaction
from feedsvc.storage.tables.accounts import SessionRow, SignInAttemptRow, SignInLinkRow
from feedsvc.storage.tables.users import UserRow

_USER = (
    UserRow.id,
    UserRow.name,
    UserRow.display_name,
    UserRow.role,
    UserRow.disabled,
    UserRow.created,
)
_SESSION = (
    SessionRow.token_hash,
    SessionRow.csrf_secret,
    SessionRow.agent,
    SessionRow.created,
    SessionRow.last_seen,
    SessionRow.confirmed,
    SessionRow.by_link,
    SessionRow.by_factor,
)
_SESSIONS = select(*_SESSION, *_USER).join(UserRow, UserRow.id == SessionRow.user_id)


def _user(
    number: int,
    name: str,
    display_name: str,
    role: str,
    disabled: bool,  # noqa: FBT001 - columns, by their places
    created: datetime,
) -> User:
    return User(
        id=UserId(number),
        name=name,
        display_name=display_name,
        role=Role(role),
        disabled=disabled,
        created=created,
    )


def add_user(
    tx: Transaction,
    *,
    name: str,
    display_name: str,
    role: Role,
    password_hash: str,
    now: datetime,
) -> User:
    """Store a user; the name must be case folded and free."""
    added = insert(UserRow).values(
        name=name,
        display_name=display_name,
        role=role.value,
        password_hash=password_hash,
        created=now,
    )
    return _user(*tx.execute(added.returning(*_USER)).one())


def find_user(tx: Transaction, name: str) -> User | None:
    """Return the user of this case-folded name."""
    row = tx.execute(select(*_USER).where(UserRow.name == name)).first()
    return _user(*row) if row else None


def users(tx: Transaction, limit: int = 1000) -> tuple[User, ...]:
    """Return the users by name."""
    rows = tx.execute(select(*_USER).order_by(UserRow.name).limit(limit))
    return tuple(_user(*row) for row in rows)


def names(tx: Transaction, wanted: Collection[UserId]) -> dict[UserId, str]:
    """Return the names of some users."""
    query = select(UserRow.id, UserRow.name).where(UserRow.id.in_(wanted))
    return {UserId(number): name for number, name in tx.execute(query)}


def has_users(tx: Transaction) -> bool:
    """Whether anybody can sign in at all."""
    return tx.scalar(select(UserRow.id).limit(1)) is not None


def password_hash(tx: Transaction, user_id: UserId) -> str | None:
    """Return the stored hash, for checking a password."""
    return tx.scalar(select(UserRow.password_hash).where(UserRow.id == user_id))


def set_password_hash(tx: Transaction, user_id: UserId, value: str) -> None:
    """Store another hash."""
    tx.execute(update(UserRow).where(UserRow.id == user_id).values(password_hash=value))


def replace_password_hash(tx: Transaction, user_id: UserId, stored: str, value: str) -> None:
    """Store another hash of the same password; none if the password was changed meanwhile."""
    same = update(UserRow).where(UserRow.id == user_id, UserRow.password_hash == stored)
    tx.execute(same.values(password_hash=value))


def set_role(tx: Transaction, user_id: UserId, role: Role) -> None:
    """Store what the user is to the newsroom."""
    tx.execute(update(UserRow).where(UserRow.id == user_id).values(role=role.value))


def set_disabled(tx: Transaction, user_id: UserId, *, disabled: bool) -> None:
    """Say whether the user may sign in."""
    tx.execute(update(UserRow).where(UserRow.id == user_id).values(disabled=disabled))


def add_session(tx: Transaction, session: Session) -> None:
    """Store a new session."""
    names = (
        "csrf_secret",
        "agent",
        "by_link",
        "by_factor",
        "created",
        "last_seen",
        "confirmed",
    )
    values = {name: getattr(session, name) for name in names}
    tx.execute(
        insert(SessionRow).values(token_hash=session.id, user_id=session.user.id, **values)
    )


def find_session(tx: Transaction, token_hash: str) -> Session | None:
    """Return a session with its user, whatever its age."""
    row = tx.execute(_SESSIONS.where(SessionRow.token_hash == token_hash)).first()
    return None if row is None else _to_session(row)


def _to_session(row: Row[*tuple[Any, ...]]) -> Session:
    return Session(
        id=row.token_hash,
        user=_user(*row[len(_SESSION) :]),
        csrf_secret=row.csrf_secret,
        agent=row.agent,
        created=row.created,
        last_seen=row.last_seen,
        confirmed=row.confirmed or row.created,
        by_link=row.by_link,
        by_factor=row.by_factor,
    )


def sessions_of(tx: Transaction, user_id: UserId, limit: int = 1000) -> tuple[Session, ...]:
    """Return the sessions of a user, whatever their age, in no order."""
    query = _SESSIONS.where(SessionRow.user_id == user_id).limit(limit)
    return tuple(map(_to_session, tx.execute(query)))


def confirm_session(tx: Transaction, token_hash: str, now: datetime) -> None:
    """Note that the user of a session has shown who they are, with their password."""
    changed = update(SessionRow).where(SessionRow.token_hash == token_hash)
    tx.execute(changed.values(confirmed=now, by_link=False))


def strengthen_session(tx: Transaction, user_id: UserId, token_hash: str) -> None:
    """Note that the user of a session has shown a second factor, and end those without."""
    mine = update(SessionRow).where(SessionRow.token_hash == token_hash)
    tx.execute(mine.values(by_factor=True))
    weak = delete(SessionRow).where(SessionRow.user_id == user_id)
    tx.execute(weak.where(SessionRow.by_factor.is_(False)))


def note_factor(tx: Transaction, token_hash: str, now: datetime) -> None:
    """Note that the user of a session has shown a second factor in it."""
    changed = update(SessionRow).where(SessionRow.token_hash == token_hash)
    tx.execute(changed.values(factor_shown=now))


def factor_shown(tx: Transaction, token_hash: str) -> datetime | None:
    """Return when the user of a session last showed a second factor in it."""
    query = select(SessionRow.factor_shown).where(SessionRow.token_hash == token_hash)
    return tx.scalar(query)


def touch_session(tx: Transaction, token_hash: str, now: datetime) -> None:
    """Note that a session was used."""
    changed = update(SessionRow).where(SessionRow.token_hash == token_hash)
    tx.execute(changed.values(last_seen=now))


def end_session(tx: Transaction, token_hash: str) -> None:
    """Forget a session."""
    tx.execute(delete(SessionRow).where(SessionRow.token_hash == token_hash))


def end_session_of(tx: Transaction, user_id: UserId, token_hash: str) -> bool:
    """Forget a session, if it is this user's; False if it is not."""
    mine = delete(SessionRow).where(SessionRow.user_id == user_id)
    mine = mine.where(SessionRow.token_hash == token_hash)
    return tx.execute(mine.returning(SessionRow.token_hash)).first() is not None


def end_sessions_of(tx: Transaction, user_id: UserId, *, but: str = "") -> int:
    """Forget every session of a user, but one; return how many there were."""
    theirs = delete(SessionRow).where(SessionRow.user_id == user_id)
    theirs = theirs.where(SessionRow.token_hash != but)
    return len(tx.execute(theirs.returning(SessionRow.token_hash)).all())


def drop_links_of(tx: Transaction, user_id: UserId) -> None:
    """Forget the one-time links of a user."""
    tx.execute(delete(SignInLinkRow).where(SignInLinkRow.user_id == user_id))


def add_link(
    tx: Transaction, *, token_hash: str, user_id: UserId | None, expires: datetime
) -> None:
    """Store a one-time link; without a user it is for setting up the first."""
    tx.execute(
        insert(SignInLinkRow).values(token_hash=token_hash, user_id=user_id, expires=expires)
    )


def has_link(tx: Transaction, token_hash: str, now: datetime, *, for_setup: bool) -> bool:
    """Whether a one-time link is there and not expired."""
    query = select(SignInLinkRow.token_hash).where(
        SignInLinkRow.token_hash == token_hash,
        SignInLinkRow.expires > now,
        SignInLinkRow.user_id.is_(None) if for_setup else SignInLinkRow.user_id.is_not(None),
    )
    return tx.scalar(query) is not None


def take_link(tx: Transaction, token_hash: str, now: datetime) -> tuple[UserId | None] | None:
    """Use up a one-time link; None if it is unknown, used or expired."""
    used = (
        delete(SignInLinkRow)
        .where(SignInLinkRow.token_hash == token_hash, SignInLinkRow.expires > now)
        .returning(SignInLinkRow.user_id)
    )
    found = tx.execute(used).first()
    if found is None:
        return None
    return (None if found[0] is None else UserId(found[0]),)


def find_user_by_id(tx: Transaction, user_id: UserId) -> User | None:
    """Return one user."""
    row = tx.execute(select(*_USER).where(UserRow.id == user_id)).first()
    return _user(*row) if row else None


def add_attempt(tx: Transaction, account_hash: str, address_hash: str, now: datetime) -> None:
    """Note a failed sign-in."""
    tx.execute(
        insert(SignInAttemptRow).values(
            account_hash=account_hash, address_hash=address_hash, at=now
        )
    )


def touch_attempts(tx: Transaction, account_hash: str) -> None:
    """Write the attempts on an account once more, as they are."""
    mine = update(SignInAttemptRow).where(SignInAttemptRow.account_hash == account_hash)
    tx.execute(mine.values(at=SignInAttemptRow.at))


def clear_attempts(tx: Transaction, account_hash: str) -> None:
    """Forget the failed attempts on an account, after a good one."""
    tx.execute(delete(SignInAttemptRow).where(SignInAttemptRow.account_hash == account_hash))


def attempts_on(
    tx: Transaction, account_hash: str, since: datetime
) -> tuple[int, datetime | None]:
    """Return how many attempts on an account failed since a time, and when the last did."""
    query = select(func.count(), func.max(SignInAttemptRow.at)).where(
        SignInAttemptRow.account_hash == account_hash, SignInAttemptRow.at > since
    )
    count, last = tx.execute(query).one()
    return count, last


def attempts_from(
    tx: Transaction, address_hash: str, since: datetime
) -> tuple[int, datetime | None]:
    """Return how many attempts from an address failed since a time, and when the last did."""
    query = select(func.count(), func.max(SignInAttemptRow.at)).where(
        SignInAttemptRow.address_hash == address_hash, SignInAttemptRow.at > since
    )
    count, last = tx.execute(query).one()
    return count, last


def prune(
    tx: Transaction, *, idle_since: datetime, began_before: datetime, now: datetime
) -> None:
    """Forget sessions, links and attempts that can no longer matter."""
    tx.execute(
        delete(SessionRow).where(
            (SessionRow.last_seen < idle_since) | (SessionRow.created < began_before)
        )
    )
    tx.execute(delete(SignInLinkRow).where(SignInLinkRow.expires <= now))
    tx.execute(delete(SignInAttemptRow).where(SignInAttemptRow.at < idle_since))
