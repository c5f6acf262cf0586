"""Whose an article is: who began it, until an editor gives it to somebody else."""

from collections.abc import Iterable

from feedsvc.errors import InputError
from feedsvc.model import Article, Assigned, By, UserId
from feedsvc.says import says
from feedsvc.storage import accounts
from feedsvc.storage.database import Transaction
from feedsvc.workflow import permission
from feedsvc.workflow.accounts import folded, is_name
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.permission import Right


def named(room: Newsroom, name: str) -> Assigned:
    """Return whose an article is to be by the name of a user; "" stands for nobody.

    Raises:
        InputError: there is nobody of this name.
    """
    wanted = folded(name)
    if not wanted:
        return Assigned(user_id=None)
    user = None
    if is_name(wanted):
        with room.database.read() as tx:
            user = accounts.find_user(tx, wanted)
    if user is None:
        problem = f"there is no user {wanted[:64]}; 'feedsvc user list' names them"
        raise InputError(f"the article was not stored: {problem}", {"assigned": problem})
    return Assigned(user_id=user.id)


def owners(room: Newsroom, articles: Iterable[Article]) -> dict[UserId, str]:
    """Return the names of those whose articles these are."""
    wanted = {one.owner_id for one in articles if one.owner_id is not None}
    if not wanted:
        return {}
    with room.database.read() as tx:
        return accounts.names(tx, wanted)


def owner_after(
    tx: Transaction, assigned: Assigned | None, before: UserId | None, *, by: By
) -> UserId | None:
    """Return whose the article is after it was given to somebody, or to nobody.

    Raises:
        ForbiddenError: only editors give articles away.
        InputError: there is nobody of this number who can sign in.
    """
    if assigned is None or assigned.user_id == before:
        return before
    permission.demand(by, Right.EDIT)
    number = assigned.user_id
    user = accounts.find_user_by_id(tx, number) if number is not None else None
    if number is not None and (user is None or user.disabled):
        problem = says("there is nobody here to give it to; choose one of the others")
        raise InputError(f"the article was not stored: {problem}", {"assigned": problem})
    return number
