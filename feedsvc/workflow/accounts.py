"""Users: added, changed, shut out."""

import logging
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from feedsvc.errors import ConflictError, InputError, NotFoundError
from feedsvc.model import Action, By, Role, User, UserId
from feedsvc.says import says
from feedsvc.storage import accounts as rows
from feedsvc.storage import second_factors
from feedsvc.storage.database import Transaction, one_at_a_time
from feedsvc.workflow import audit, permission
from feedsvc.workflow.handed_in.fields import MAX_NAME, limited
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.passwords import check_password
from feedsvc.workflow.permission import Right

logger = logging.getLogger(__name__)
_NAME = re.compile(r"[a-z0-9][a-z0-9._@-]{0,63}")


def folded(name: str) -> str:
    """Return a user's name as it is stored: letter case does not count."""
    return name.strip().casefold()


def is_name(name: str) -> bool:
    """Whether somebody could have this folded name."""
    return _NAME.fullmatch(name) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewUser:
    """What is stored of a new user; `role` None lets the first be admin, others editors."""

    name: str
    display_name: str
    password_hash: str
    role: Role | None = None


def add_user(
    room: Newsroom,
    name: str,
    password: str,
    display_name: str = "",
    *,
    by: By,
    role: Role | None = None,
) -> User:
    """Store a user who can sign in at the desk; the first is an admin, others are editors.

    Raises:
        InputError: the name or the password cannot be taken.
        ForbiddenError: only admins add users.
        ConflictError: there is a user of this name.
    """
    permission.demand(by, Right.PEOPLE)
    new = checked_user(room, name, password, display_name, role)
    with room.database.write() as tx:
        one_at_a_time(tx)  # two at once would both be the first
        return store_user(room, tx, new, by=by)


def checked_user(
    room: Newsroom, name: str, password: str, display_name: str, role: Role | None = None
) -> NewUser:
    """Return a user as they may be stored.

    Raises:
        InputError: the name or the password cannot be taken.
    """
    name = folded(name)
    if not is_name(name):
        problem = says(
            "must be 1 to 64 letters a-z, digits or . _ @ - and start with one of the first"
        )
        raise InputError(f"the user name {problem}", {"name": problem})
    shown = _shown(display_name) or name
    check_password(password, known_of(room, name, shown))
    hashed = room.hashing.make(password)
    return NewUser(name=name, display_name=shown, password_hash=hashed, role=role)


def known_of(room: Newsroom, name: str, display_name: str) -> tuple[str, ...]:
    """Return what everybody knows of a user and their newsroom, and nobody's password is."""
    site = room.config.site
    host = (urlsplit(site.base_url).hostname or "").split(".")
    ends = (".".join(host[at:]) for at in range(len(host)))
    return (name, display_name, site.title, *ends)


def _shown(display_name: str) -> str:
    try:
        return limited(display_name, MAX_NAME)
    except InputError as error:
        problem = str(error)
        raise InputError(f"the display name {problem}", {"display_name": problem}) from None


def store_user(room: Newsroom, tx: Transaction, new: NewUser, *, by: By) -> User:
    """Store a checked user.

    Raises:
        ConflictError: there is a user of this name.
    """
    if rows.find_user(tx, new.name) is not None:
        raise ConflictError(says("there is a user %(name)s already", name=new.name))
    first = Role.EDITOR if rows.has_users(tx) else Role.ADMIN
    user = rows.add_user(
        tx,
        name=new.name,
        display_name=new.display_name,
        role=new.role or first,
        password_hash=new.password_hash,
        now=room.clock.now(),
    )
    facts = {"role": user.role.value, "display_name": user.display_name}
    audit.note(room, tx, by, Action.USER_CREATED, audit.of_user(user), ({}, facts))
    logger.info("added user=%s role=%s", user.name, user.role)
    return user


def set_role(room: Newsroom, name: str, role: Role, *, by: By) -> None:
    """Say what a user is to the newsroom, from their next request on.

    Raises:
        ForbiddenError: only admins say so.
        NotFoundError: there is no such user.
        ConflictError: nobody at the desk would be an admin any more.
    """
    permission.demand(by, Right.PEOPLE)
    with room.database.write() as tx:
        one_at_a_time(tx)
        user = existing(tx, name)
        if role is not Role.ADMIN:
            _keep_an_admin(tx, user, by)
        rows.set_role(tx, user.id, role)
        if role is not user.role:
            change = {"role": user.role.value}, {"role": role.value}
            audit.note(room, tx, by, Action.ROLE_CHANGED, audit.of_user(user), change)
    logger.info("changed user=%s role=%s by=%s", user.name, role, by.name)


def _keep_an_admin(tx: Transaction, user: User, by: By) -> None:
    """Keep those at the desk from shutting all of them out; the command line lets one in."""
    is_at_desk = by.user_id is not None
    admins = [each for each in rows.users(tx) if each.role is Role.ADMIN and not each.disabled]
    if is_at_desk and [each.id for each in admins] == [user.id]:
        raise ConflictError(
            says("%(name)s is the only admin; make somebody else admin first", name=user.name)
        )


def set_password(room: Newsroom, name: str, password: str, *, by: By) -> None:
    """Give a user another password, and end every session that the old one opened.

    Raises:
        InputError: the password cannot be taken.
        ForbiddenError: only admins do this for others.
        NotFoundError: there is no such user.
    """
    permission.demand(by, Right.PEOPLE)
    with room.database.read() as tx:
        user = existing(tx, name)
    check_password(password, known_of(room, user.name, user.display_name))
    hashed = room.hashing.make(password)
    with room.database.write() as tx:
        user = existing(tx, name)
        rows.set_password_hash(tx, user.id, hashed)
        rows.end_sessions_of(tx, user.id)
        rows.drop_links_of(tx, user.id)
        second_factors.end_steps_of(tx, user.id)
        audit.note(room, tx, by, Action.PASSWORD_CHANGED, audit.of_user(user))
    logger.info("changed the password of user=%s by=%s", user.name, by.name)


def disable_user(room: Newsroom, name: str, *, by: By) -> None:
    """Shut a user out, at once and everywhere.

    Raises:
        ForbiddenError: only admins do this.
        NotFoundError: there is no such user.
        ConflictError: nobody at the desk would be an admin any more.
    """
    _set_disabled(room, name, by, disabled=True)


def enable_user(room: Newsroom, name: str, *, by: By) -> None:
    """Let a user in again.

    Raises:
        ForbiddenError: only admins do this.
        NotFoundError: there is no such user.
    """
    _set_disabled(room, name, by, disabled=False)


def _set_disabled(room: Newsroom, name: str, by: By, *, disabled: bool) -> None:
    permission.demand(by, Right.PEOPLE)
    with room.database.write() as tx:
        one_at_a_time(tx)
        user = existing(tx, name)
        if disabled:
            _keep_an_admin(tx, user, by)
        rows.set_disabled(tx, user.id, disabled=disabled)
        rows.end_sessions_of(tx, user.id)
        rows.drop_links_of(tx, user.id)
        second_factors.end_steps_of(tx, user.id)
        if disabled != user.disabled:
            action = Action.USER_DISABLED if disabled else Action.USER_ENABLED
            audit.note(room, tx, by, action, audit.of_user(user))
    did = "disabled" if disabled else "enabled"
    logger.info("%s user=%s by=%s", did, user.name, by.name)


def users(room: Newsroom) -> tuple[User, ...]:
    """Return the users by name."""
    with room.database.read() as tx:
        return rows.users(tx)


def of_id(room: Newsroom, user_id: UserId) -> User:
    """Return one user by their number.

    Raises:
        NotFoundError: there is none.
    """
    with room.database.read() as tx:
        user = rows.find_user_by_id(tx, user_id)
    if user is None:
        raise NotFoundError(says("there is no such user"))
    return user


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
