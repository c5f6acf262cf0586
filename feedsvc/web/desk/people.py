"""People: who uses the desk, for admins."""

import secrets

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from feedsvc.errors import ConflictError, InputError
from feedsvc.model import Role, User, UserId
from feedsvc.says import says
from feedsvc.web.auth import editor, visit
from feedsvc.web.desk.account_forms import ROLE_NAMES, ROLES, PersonForm, role_of
from feedsvc.wiring import Service
from feedsvc.workflow import accounts, factors, second_factor, signing_in

_OK, _BAD, _CONFLICT = 200, 400, 409
_CHOOSE = says("Choose one of these.")


class People:
    """The views of everybody's accounts."""

    def __init__(self, service: Service) -> None:
        self._room = service.room
        self._site = service.config.site

    def listing(self) -> ResponseReturnValue:
        """Show everybody, and the form for one more."""
        return self._list(PersonForm(meta=_meta()), {})

    def add(self) -> ResponseReturnValue:
        """Add somebody, and show the link by which they come in first."""
        form = PersonForm(request.form, meta=_meta())
        name, role = form.name.data or "", role_of(form.role.data or "")
        if role is None:
            return self._list(form, {"role": _CHOOSE}, _BAD)
        try:
            user = accounts.add_user(
                self._room,
                name,
                secrets.token_urlsafe(24),  # nobody knows it: they set one of their own
                form.display_name.data or "",
                by=editor(),
                role=role,
            )
        except InputError as error:
            return self._list(form, error.fields or {"": str(error)}, _BAD)
        except ConflictError as error:
            return self._list(form, {"name": str(error)}, _CONFLICT)
        return self._link(user)

    def open(self, user_id: int) -> ResponseReturnValue:
        """Show one of them."""
        return self._person(self._found(user_id))

    def change_role(self, user_id: int) -> ResponseReturnValue:
        """Say what somebody is to the newsroom."""
        user, role = self._found(user_id), role_of(request.form.get("role", ""))
        if role is None:
            return self._person(user, _CHOOSE, _BAD)
        try:
            accounts.set_role(self._room, user.name, role, by=editor())
        except ConflictError as error:
            return self._person(user, str(error), _CONFLICT)
        return _back(user)

    def disable(self, user_id: int) -> ResponseReturnValue:
        """Shut somebody out."""
        user = self._found(user_id)
        try:
            accounts.disable_user(self._room, user.name, by=editor())
        except ConflictError as error:
            return self._person(user, str(error), _CONFLICT)
        return _back(user)

    def enable(self, user_id: int) -> ResponseReturnValue:
        """Let somebody in again."""
        user = self._found(user_id)
        accounts.enable_user(self._room, user.name, by=editor())
        return _back(user)

    def make_link(self, user_id: int) -> ResponseReturnValue:
        """Make a link that signs somebody in once, and show it this once."""
        return self._link(self._found(user_id))

    def take_second_factor(self, user_id: int) -> ResponseReturnValue:
        """Take codes and passkeys away from somebody who has lost them."""
        user = self._found(user_id)
        second_factor.take_away(self._room, user.name, by=editor())
        return _back(user)

    def _is_demanded(self, role: Role) -> bool:
        return factors.is_demanded(self._room, role)

    def _found(self, user_id: int) -> User:
        return accounts.of_id(self._room, UserId(user_id))

    def _link(self, user: User) -> ResponseReturnValue:
        token = signing_in.make_sign_in_link(self._room, user.name, by=editor())
        address = self._site.url(url_for("desk.link", token=token))
        return render_template("desk/person_link.html", user=user, address=address)

    def _list(
        self, form: PersonForm, errors: dict[str, str], status: int = _OK
    ) -> ResponseReturnValue:
        people = accounts.users(self._room)
        html = render_template(
            "desk/people.html",
            people=people,
            without=factors.without(self._room, people),
            is_demanded=self._is_demanded,
            form=form,
            errors=errors,
            roles=ROLES,
            role_names=ROLE_NAMES,
        )
        return make_response(html, status)

    def _person(self, user: User, problem: str = "", status: int = _OK) -> ResponseReturnValue:
        html = render_template(
            "desk/person.html",
            user=user,
            form=PersonForm(data={"role": user.role.value}, meta=_meta()),
            problem=problem,
            roles=ROLES,
            has_second_factor=factors.has_any(self._room, user.id),
            without=factors.without(self._room, (user,)),
            is_demanded=self._is_demanded,
            is_own=editor().user_id == user.id,
            role=ROLE_NAMES[user.role],
            notice=request.args.get("notice", ""),
        )
        return make_response(html, status)


def _back(user: User) -> ResponseReturnValue:
    return redirect(url_for("desk.person", user_id=user.id, notice="saved"), 303)


def _meta() -> dict[str, str]:
    return {"csrf_context": visit().csrf_token}
