"""Users: added, changed, shut out."""

import logging
import re

from feedsvc.errors import ConflictError, InputError, NotFoundError
from feedsvc.model import User
from feedsvc.rendering.text import plain_text
from feedsvc.storage import accounts as rows
from feedsvc.storage.database import Transaction
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.passwords import check_password

logger = logging.getLogger(__name__)
_NAME = re.compile(r"[a-z0-9][a-z0-9._@-]{0,63}")


def folded(name: str) -> str:
    """Return a user's name as it is stored: letter case does not count."""
    return name.strip().casefold()


def add_user(room: Newsroom, name: str, password: str, display_name: str = "") -> User:
    """Store a user who can sign in at the desk.

    Raises:
        InputError: the name or the password cannot be taken.
        ConflictError: there is a user of this name.
    """
    name, shown, hashed = checked_user(room, name, password, display_name)
    with room.database.write() as tx:
        return store_user(room, tx, name, shown, hashed)


def checked_user(
    room: Newsroom, name: str, password: str, display_name: str
) -> tuple[str, str, str]:
    """Return name, display name and password hash as they may be stored.

    Raises:
        InputError: the name or the password cannot be taken.
    """
    name = folded(name)
    if not _NAME.fullmatch(name):
        problem = (
            "must be 1 to 64 letters a-z, digits or . _ @ - and start with one of the first"
        )
        raise InputError(f"the user name {problem}", {"name": problem})
    check_password(password, (name, room.config.site.title))
    return name, plain_text(display_name)[:100] or name, room.hashing.make(password)


def store_user(room: Newsroom, tx: Transaction, name: str, shown: str, hashed: str) -> User:
    """Store a checked user.

    Raises:
        ConflictError: there is a user of this name.
    """
    if rows.find_user(tx, name) is not None:
        raise ConflictError(f"there is a user {name} already")
    now = room.clock.now()
    user = rows.add_user(tx, name=name, display_name=shown, password_hash=hashed, now=now)
    logger.info("added user=%s", name)
    return user


def set_password(room: Newsroom, name: str, password: str) -> None:
    """Give a user another password, and end every session that the old one opened.

    Raises:
        InputError: the password cannot be taken.
        NotFoundError: there is no such user.
    """
    check_password(password, (name, room.config.site.title))
    hashed = room.hashing.make(password)
    with room.database.write() as tx:
        user = existing(tx, name)
        rows.set_password_hash(tx, user.id, hashed)
        rows.end_sessions_of(tx, user.id)
    logger.info("changed the password of user=%s", user.name)


def disable_user(room: Newsroom, name: str) -> None:
    """Shut a user out, at once and everywhere.

    Raises:
        NotFoundError: there is no such user.
    """
    _set_disabled(room, name, disabled=True)


def enable_user(room: Newsroom, name: str) -> None:
    """Let a user in again.

    Raises:
        NotFoundError: there is no such user.
    """
    _set_disabled(room, name, disabled=False)


def _set_disabled(room: Newsroom, name: str, *, disabled: bool) -> None:
    with room.database.write() as tx:
        user = existing(tx, name)
        rows.set_disabled(tx, user.id, disabled=disabled)
        rows.end_sessions_of(tx, user.id)
    logger.info("%s user=%s", "disabled" if disabled else "enabled", user.name)


def users(room: Newsroom) -> tuple[User, ...]:
    """Return the users by name."""
    with room.database.read() as tx:
        return rows.users(tx)


def has_users(room: Newsroom) -> bool:
    """Whether anybody can sign in at all."""
    with room.database.read() as tx:
        return rows.has_users(tx)


def existing(tx: Transaction, name: str) -> User:
    """Return the user of this name.

    Raises:
        NotFoundError: there is none.
    """
    user = rows.find_user(tx, folded(name))
    if user is None:
        raise NotFoundError(f"there is no user {folded(name)}; 'feedsvc user list' names them")
    return user
