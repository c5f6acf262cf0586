"""Of whom a second factor is demanded (`desk.second_factor`), and who has one.

A second factor is an app for codes that has shown one, or a passkey that can be used here. What
is demanded is looked at where sessions are: one that lacks it opens the page on which a factor
is set up (`Session.must_set_up`), or nothing if there is one that was not shown.
"""

import ipaddress
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from functools import cache
from importlib.util import find_spec
from urllib.parse import urlsplit

from feedsvc.config import Site
from feedsvc.errors import ForbiddenError
from feedsvc.model import By, Role, Session, User, UserId
from feedsvc.says import says
from feedsvc.storage import accounts as rows
from feedsvc.storage import passkeys, second_factors
from feedsvc.storage.database import Transaction
from feedsvc.workflow.newsroom import Newsroom

SHOWN_FOR = timedelta(minutes=10)
_LEAST: Mapping[str, Role | None] = {
    "offered": None,
    "admins": Role.ADMIN,
    "editors": Role.EDITOR,
    "everybody": Role.REPORTER,
}
_LAST = says(
    "a second factor is demanded of you, and this is the last you have; set up another one "
    "first"
)
_SHOW = says("show a code of your app, a recovery code or a passkey first")
_NONE = says("a second factor is demanded of you, and you have none; set one up first")


def passkeys_are_offered(site: Site) -> bool:
    """Whether there can be passkeys: with the extra, on a host with a name and https."""
    parts = urlsplit(site.base_url)
    host = parts.hostname or ""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        is_local = host == "localhost" or host.endswith(".localhost")
        return _is_installed() and (parts.scheme == "https" or is_local)
    return False


@cache
def _is_installed() -> bool:
    return find_spec("webauthn") is not None


def is_demanded(room: Newsroom, role: Role) -> bool:
    """Whether people of this role do nothing at the desk without a second factor."""
    least = _LEAST[room.config.desk.second_factor]
    return least is not None and role.reaches(least)


def has_one(room: Newsroom, tx: Transaction, user_id: UserId) -> bool:
    """Whether somebody has a second factor that they can use."""
    if second_factors.is_on(tx, user_id):
        return True
    return passkeys_are_offered(room.config.site) and bool(passkeys.holders(tx, [user_id]))


def signs_in_with_one(room: Newsroom, tx: Transaction, user: User) -> bool:
    """Whether signing in takes a second factor of somebody, besides a password or a link."""
    if second_factors.is_on(tx, user.id):
        return True
    return is_demanded(room, user.role) and has_one(room, tx, user.id)


def is_to_be_shown(room: Newsroom, tx: Transaction, session: Session) -> bool:
    """Whether a factor is asked for before those of the user of a session are changed.

    It is of whoever signs in with one, so that a session and a password in wrong hands do not
    change by what their owner signs in (ASVS 5.0, 7.5.1). What opened the session does not
    count: somebody else may have come by it.
    """
    if not signs_in_with_one(room, tx, session.user):
        return False
    shown = rows.factor_shown(tx, session.id)
    return shown is None or room.clock.now() - shown > SHOWN_FOR


def demand_shown(room: Newsroom, tx: Transaction, session: Session) -> None:
    """Let pass who has lately shown a factor in this session, or has none to show.

    Raises:
        ForbiddenError: it is to be shown first.
    """
    if is_to_be_shown(room, tx, session):
        raise ForbiddenError(_SHOW)


def looked_at(room: Newsroom, tx: Transaction, session: Session) -> Session | None:
    """Return a session as what is demanded of its user lets it be; None if it is none."""
    if not is_demanded(room, session.user.role):
        return session
    if not has_one(room, tx, session.user.id):
        return replace(session, must_set_up=True)
    return session if session.by_factor else None


def strengthen(room: Newsroom, tx: Transaction, session: Session) -> None:
    """Note that a second factor was shown in a session; where it is demanded, others end."""
    if is_demanded(room, session.user.role):
        rows.strengthen_session(tx, session.user.id, session.id)


def keep_one(room: Newsroom, tx: Transaction, user: User) -> None:
    """Let pass, after one was taken away, who has another or need not.

    Raises:
        ForbiddenError: it was the last of somebody of whom one is demanded.
    """
    if is_demanded(room, user.role) and not has_one(room, tx, user.id):
        raise ForbiddenError(_LAST)


def demand_of(room: Newsroom, tx: Transaction, by: By) -> None:
    """Let pass who has a second factor or need not; the machine itself, and programs, need not.

    Raises:
        ForbiddenError: one is demanded of them, and they have none.
    """
    if by.user_id is None or not is_demanded(room, by.role):
        return
    if not has_one(room, tx, by.user_id):
        raise ForbiddenError(_NONE)


def is_last(room: Newsroom, session: Session) -> bool:
    """Whether somebody has one factor alone, and may not take it away."""
    if not is_demanded(room, session.user.role):
        return False
    with room.database.read() as tx:
        codes = second_factors.is_on(tx, session.user.id)
        keys = passkeys.of_user(tx, session.user.id)
    usable = len(keys) if passkeys_are_offered(room.config.site) else 0
    return codes + usable == 1


def without(room: Newsroom, users: tuple[User, ...]) -> frozenset[UserId]:
    """Return which of these users have no second factor that they can use."""
    ids = [user.id for user in users]
    with room.database.read() as tx:
        holders = second_factors.holders(tx, ids)
        if passkeys_are_offered(room.config.site):
            holders |= passkeys.holders(tx, ids)
    return frozenset(ids) - holders


def has_any(room: Newsroom, user_id: UserId) -> bool:
    """Whether somebody has anything that `second_factor.take_away` would take away."""
    with room.database.read() as tx:
        return second_factors.is_on(tx, user_id) or bool(passkeys.holders(tx, [user_id]))
