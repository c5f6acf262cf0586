"""The forms of accounts: one's own, and those of others."""

from wtforms import PasswordField, StringField

from feedsvc.model import Role
from feedsvc.says import says
from feedsvc.web.auth import DeskForm

ROLES = (
    (Role.REPORTER, says("Reporter: writes, and hands in for review")),
    (Role.EDITOR, says("Editor: does everything with articles")),
    (Role.ADMIN, says("Admin: looks after users and feeds, too")),
)
ROLE_NAMES = {
    Role.REPORTER: says("Reporter"),
    Role.EDITOR: says("Editor"),
    Role.ADMIN: says("Admin"),
}


class PasswordForm(DeskForm):
    """Another password for oneself."""

    current = PasswordField(says("Your password now"), default="")
    password = PasswordField(says("New password"), default="")


class ConfirmForm(DeskForm):
    """What shows who is there, besides what was sent."""

    confirm_password = PasswordField(says("Your password"), default="")
    confirm_code = StringField(says("Code"), default="")


class CodeForm(DeskForm):
    """A code of an app, or one that stands in for it."""

    code = StringField(says("Code"), default="")


class PasskeyForm(DeskForm):
    """What somebody calls a passkey."""

    passkey_name = StringField(says("Name of the device"), default="")


class PersonForm(DeskForm):
    """Somebody who is to use the desk."""

    name = StringField(says("Sign-in name"), default="")
    display_name = StringField(says("Name as colleagues know it"), default="")
    role = StringField(says("Role"), default=Role.REPORTER.value)


def role_of(text: str) -> Role | None:
    """Return the role that a form names."""
    try:
        return Role(text)
    except ValueError:
        return None
