"""Whose an article is: who began it, until an editor gives it to somebody else."""

from feedsvc.errors import InputError
from feedsvc.model import Assigned, By, UserId
from feedsvc.says import says
from feedsvc.storage import accounts
from feedsvc.storage.database import Transaction
from feedsvc.workflow import permission
from feedsvc.workflow.permission import Right


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
