"""Which pages of the desk are not for everybody, and what templates ask of rights.

Workflows demand rights by themselves. This table keeps those without a right from pages that
only show something; a page that is not in it is for everybody who is signed in.
"""

from collections.abc import Mapping

from flask import Blueprint, request

from feedsvc.model import Article
from feedsvc.web.auth import editor
from feedsvc.workflow import permission
from feedsvc.workflow.permission import Right

NEEDED: Mapping[str, Right] = {
    "desk.confirm": Right.PUBLISH,
    "desk.withdraw": Right.PUBLISH,
    "desk.operations": Right.OPERATE,
    "desk.audit": Right.AUDIT,
    "desk.feeds": Right.FEEDS,
    "desk.new_feed": Right.FEEDS,
    "desk.post_new_feed": Right.FEEDS,
    "desk.open_feed": Right.FEEDS,
    "desk.post_feed": Right.FEEDS,
    "desk.confirm_feed": Right.FEEDS,
    "desk.remove_feed": Right.FEEDS,
    "desk.confirm_feed_key": Right.FEEDS,
    "desk.new_feed_key": Right.FEEDS,
    "desk.people": Right.PEOPLE,
    "desk.add_person": Right.PEOPLE,
    "desk.person": Right.PEOPLE,
    "desk.change_role": Right.PEOPLE,
    "desk.disable_person": Right.PEOPLE,
    "desk.enable_person": Right.PEOPLE,
    "desk.make_link": Right.PEOPLE,
    "desk.take_second_factor": Right.PEOPLE,
}


def demand() -> None:
    """Let pass whoever may see what is asked for.

    Raises:
        ForbiddenError: they may not; says whom to ask.
    """
    needed = NEEDED.get(request.endpoint or "")
    if needed is not None:
        permission.demand(editor(), needed)


def register(desk: Blueprint) -> None:
    """Let templates ask `may("publish")` and `may_change(article)`."""
    desk.context_processor(words)


def words() -> dict[str, object]:
    """Return what templates ask."""
    return {"may": _may, "may_change": _may_change}


def _may(right: str) -> bool:
    return permission.may(editor(), Right(right))


def _may_change(article: Article) -> bool:
    return permission.may_change(editor(), article)
