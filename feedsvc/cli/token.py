"""`feedsvc token`: what programs are known by."""

from datetime import timedelta
from pathlib import Path

import click

from feedsvc.cli.acting import acting
from feedsvc.cli.start import open_service
from feedsvc.cli.writing import as_json, json_option, local, table
from feedsvc.model import ApiToken, Scope
from feedsvc.workflow import tokens

_EPILOG = """
\b
Examples:
  feedsvc token add cms --scope publish
  feedsvc token add statistics --scope read --days 90
  feedsvc token revoke cms
"""


@click.group(epilog=_EPILOG)
def command() -> None:
    """Add and revoke the tokens of programs that use the API.

    The API is at /api/v1/ of the site; /api/v1/openapi.json describes it.
    """


@command.command(epilog="\b\nExample:\n  feedsvc token add cms --scope publish")
@click.argument("name")
@click.option(
    "--scope",
    type=click.Choice([scope.value for scope in Scope]),
    default=Scope.WRITE.value,
    show_default=True,
    help="read: see articles in every state; write: and write drafts; publish: and decide "
    "what readers see.",
)
@click.option(
    "--days", type=click.IntRange(1, 3650), help="How long it is good; else for ever."
)
@click.pass_obj
def add(file: Path | None, name: str, scope: str, days: int | None) -> None:
    """Print a new token. It is shown this once: give it to the program at once."""
    with open_service(file) as service:
        expires = service.clock.now() + timedelta(days=days) if days else None
        token, secret = tokens.issue(
            service.room, name, Scope(scope), expires=expires, by=acting()
        )
    click.echo(f"token {token.name} with the scope {token.scope}, shown this once:", err=True)
    click.echo(secret)


@command.command("list", epilog="\b\nExample:\n  feedsvc token list --json")
@json_option
@click.pass_obj
def list_(file: Path | None, *, is_json: bool) -> None:
    """List the tokens, also those that are no good any more."""
    with open_service(file) as service:
        found, now = tokens.tokens(service.room), service.clock.now()
    if is_json:
        click.echo(as_json([_json(token) for token in found]))
        return
    if not found:
        click.echo("no tokens yet; add one with 'feedsvc token add NAME'", err=True)
    zone = service.config.site.zone
    rows = [
        (
            token.name,
            token.scope,
            "good" if token.is_good(now) else "revoked" if token.revoked else "expired",
            f"last used {local(token.last_used, zone)}" if token.last_used else "never used",
        )
        for token in found
    ]
    click.echo(table(rows), nl=False)


@command.command(epilog="\b\nExample:\n  feedsvc token revoke cms")
@click.argument("name")
@click.pass_obj
def revoke(file: Path | None, name: str) -> None:
    """Let a token open nothing any more, at once and everywhere."""
    with open_service(file) as service:
        token = tokens.revoke(service.room, name, by=acting())
    click.echo(f"revoked token {token.name}")


def _json(token: ApiToken) -> dict[str, object]:
    return {
        "name": token.name,
        "scope": token.scope,
        "created": token.created,
        "expires": token.expires,
        "last_used": token.last_used,
        "revoked": token.revoked,
    }
