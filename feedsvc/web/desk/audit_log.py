"""Who did what: the audit log for admins, page by page, the newest first."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from feedsvc.model import AuditEntry, Subject
from feedsvc.storage.audit import Wanted
from feedsvc.web.auth import editor
from feedsvc.web.desk import audit_words
from feedsvc.web.desk.account_forms import ROLE_NAMES
from feedsvc.wiring import Service
from feedsvc.workflow import accounts, audit
from feedsvc.workflow.read import row_number

_LONGEST = 200  # of a name or an action; what rows are about may have any length


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the log is asked for, as it stands in the address."""

    who: str = ""
    action: str = ""
    about: str = ""

    @classmethod
    def of(cls, given: MultiDict[str, str]) -> Self:
        """Read an address."""
        asked = {name: given.get(name, "").replace("\0", "").strip() for name in _NAMES}
        return cls(
            who=asked["who"][:_LONGEST],
            action=asked["action"][:_LONGEST],
            about=asked["about"],
        )

    @property
    def wanted(self) -> Wanted:
        """Return what storage is asked."""
        kind, _, id_ = self.about.partition(":")
        subject = Subject(kind=kind, id=id_) if id_ else None
        return Wanted(who=self.who, action=self.action, about=subject)

    def address(self, **changes: str | int) -> dict[str, str | int]:
        """Return the parts of the address of the same log, with some of them changed."""
        parts = {name: getattr(self, name) for name in _NAMES} | changes
        return {name: value for name, value in parts.items() if value}


_NAMES = ("who", "action", "about")


class AuditLog:
    """The view of the audit log."""

    def __init__(self, service: Service) -> None:
        self._room = service.room
        self._zone = service.config.site.zone

    def show(self) -> ResponseReturnValue:
        """Show a page of rows; `next` in the address is where it begins."""
        asked, before = Asked.of(request.args), request.args.get("next", type=row_number)
        people = accounts.users(self._room)
        names = {int(user.id): user.name for user in people}
        return render_template(
            "desk/audit.html",
            page=audit.page(self._room, asked.wanted, by=editor(), before=before),
            asked=asked,
            is_first=before is None,
            users={user.name: user.display_name or user.name for user in people},
            groups=audit_words.GROUPS,
            role_names=ROLE_NAMES,
            what=audit_words.what,
            about=audit_words.about,
            place=lambda entry: _place(entry, {name: id_ for id_, name in names.items()}),
            facts=lambda entry: audit_words.facts(entry, self._zone, names),
        )


def _place(entry: AuditEntry, users: Mapping[str, int]) -> str:
    """Return the page of what something was done to; "" if it has none."""
    subject = entry.subject
    if subject.kind == "user" and subject.id in users:
        return url_for("desk.person", user_id=users[subject.id])
    if subject.kind == "article" and subject.id.isdecimal():
        return url_for("desk.history", article_id=int(subject.id))
    return ""
