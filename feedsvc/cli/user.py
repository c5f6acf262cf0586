"""`feedsvc user`: the people who use the desk."""

import sys
from datetime import timedelta
from pathlib import Path

import click

from feedsvc.cli.acting import acting
from feedsvc.cli.failing import say
from feedsvc.cli.start import open_service
from feedsvc.cli.writing import as_json, json_option, table
from feedsvc.errors import InputError
from feedsvc.model import Role, User
from feedsvc.wiring import Service
from feedsvc.workflow import accounts, factors, second_factor, signing_in
from feedsvc.workflow.signing_in import LINK_LIFE

_EPILOG = """
\b
Examples:
  feedsvc user add anna --display-name "Anna Das"
  pass show newsroom/anna | feedsvc user add anna --password-stdin
  feedsvc user add ravi --role reporter
  feedsvc user role ravi editor
  feedsvc user link anna     print an address that signs Anna in, once
"""

_ALONE = "user %s signs in with the password alone now"
_DEMANDED = (
    "user %s has no second factor any more, and desk.second_factor demands one: the next "
    "sign-in leads to the page on which another is set up, and to nothing else before"
)
_ROLES = click.Choice([role.value for role in Role])
_NO_ADMIN = (
    "nobody at the desk is an admin now; on this machine 'feedsvc user enable NAME' lets one "
    "in again, and 'feedsvc user role NAME admin' makes one"
)
_MINUTES = LINK_LIFE // timedelta(minutes=1)
_ONCE = f"signs in once, within {_MINUTES} minutes; links of before are void"
password_stdin = click.option(
    "--password-stdin", is_flag=True, help="Read the password from standard input."
)


def _epilog(example: str) -> str:
    return f"\b\nExample:\n  {example}"


@click.group(epilog=_EPILOG)
def command() -> None:
    """Add and change the people who use the desk.

    A user has a name for signing in and a display name that colleagues see. A reporter writes
    articles of their own and hands them to an editor; an editor does everything with
    articles; an admin also looks after users and feeds. There are no default accounts.
    """


@command.command(epilog=_epilog('feedsvc user add anna --display-name "Anna Das"'))
@click.argument("name")
@click.option("--display-name", default="", help="As colleagues know them; else NAME.")
@click.option("--role", type=_ROLES, help="Else editor; the first user is an admin.")
@password_stdin
@click.pass_obj
def add(
    file: Path | None,
    name: str,
    display_name: str,
    role: str | None,
    *,
    password_stdin: bool,
) -> None:
    """Add a user; asks for the password unless it comes from standard input."""
    with open_service(file) as service:
        password = _password(from_stdin=password_stdin)
        user = accounts.add_user(
            service.room,
            name,
            password,
            display_name,
            by=acting(),
            role=Role(role) if role else None,
        )
    where = service.config.site.url("/desk/")
    click.echo(f"added user {user.name} ({user.role}); they sign in at {where}")


@command.command(epilog=_epilog("feedsvc user role anna admin"))
@click.argument("name")
@click.argument("role", type=_ROLES)
@click.pass_obj
def role(file: Path | None, name: str, role: str) -> None:
    """Say what a user may do: reporter, editor or admin. It counts at once."""
    with open_service(file) as service:
        accounts.set_role(service.room, name, Role(role), by=acting())
        has_admin = _has_admin(service)
    click.echo(f"user {accounts.folded(name)} is {role} now")
    if not has_admin:
        say(_NO_ADMIN)


@command.command("list", epilog=_epilog("feedsvc user list --json"))
@json_option
@click.pass_obj
def list_(file: Path | None, *, is_json: bool) -> None:
    """List the users and their roles."""
    with open_service(file) as service:
        users = accounts.users(service.room)
    if is_json:
        click.echo(as_json([_json(user) for user in users]))
        return
    if not users:
        click.echo("no users yet; add one with 'feedsvc user add NAME'", err=True)
    rows = [
        (user.name, user.display_name, user.role, "disabled" if user.disabled else "")
        for user in users
    ]
    click.echo(table(rows), nl=False)


@command.command(epilog=_epilog("feedsvc user disable anna"))
@click.argument("name")
@click.pass_obj
def disable(file: Path | None, name: str) -> None:
    """Shut a user out, at once and everywhere. Their articles stay."""
    with open_service(file) as service:
        accounts.disable_user(service.room, name, by=acting())
        has_admin = _has_admin(service)
    click.echo(f"disabled user {accounts.folded(name)}")
    if not has_admin:
        say(_NO_ADMIN)


@command.command(epilog=_epilog("feedsvc user enable anna"))
@click.argument("name")
@click.pass_obj
def enable(file: Path | None, name: str) -> None:
    """Let a disabled user in again."""
    with open_service(file) as service:
        accounts.enable_user(service.room, name, by=acting())
    click.echo(f"enabled user {accounts.folded(name)}")


@command.command(epilog=_epilog("feedsvc user password anna"))
@click.argument("name")
@password_stdin
@click.pass_obj
def password(file: Path | None, name: str, *, password_stdin: bool) -> None:
    """Give a user another password and end their sessions."""
    with open_service(file) as service:
        new = _password(from_stdin=password_stdin)
        accounts.set_password(service.room, name, new, by=acting())
    click.echo(f"changed the password of user {accounts.folded(name)}")


@command.command(epilog=_epilog("feedsvc user reset-second-factor anna"))
@click.argument("name")
@click.pass_obj
def reset_second_factor(file: Path | None, name: str) -> None:
    """Take codes and passkeys away from a user who has lost them.

    Ends their sessions. The password alone signs them in then; where desk.second_factor
    demands another factor, it leads to nothing but the page on which they set one up.
    """
    with open_service(file) as service:
        user = second_factor.take_away(service.room, name, by=acting())
        is_demanded = factors.is_demanded(service.room, user.role)
    click.echo(_DEMANDED % user.name if is_demanded else _ALONE % user.name)


@command.command(epilog=_epilog("feedsvc user link anna"))
@click.argument("name")
@click.pass_obj
def link(file: Path | None, name: str) -> None:
    """Print an address that signs a user in, once, within an hour.

    For whoever forgot the password: send it over a channel you trust.
    """
    with open_service(file) as service:
        click.echo(sign_in_address(service, name))
    click.echo(_ONCE, err=True)


def sign_in_address(service: Service, name: str) -> str:
    """Return the address that signs a user in once."""
    token = signing_in.make_sign_in_link(service.room, name, by=acting())
    return service.config.site.url(f"/desk/sign-in/link/{token}")


def _has_admin(service: Service) -> bool:
    known = accounts.users(service.room)
    return any(user.role is Role.ADMIN and not user.disabled for user in known)


def _password(*, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise InputError("there is no terminal to ask for the password: use --password-stdin")
    text: str = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    return text


def _json(user: User) -> dict[str, object]:
    return {
        "name": user.name,
        "display_name": user.display_name,
        "role": user.role,
        "disabled": user.disabled,
        "created": user.created,
    }
