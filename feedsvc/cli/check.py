"""`feedsvc check`: what readers and partners would refuse or dislike."""

from pathlib import Path

import click

from feedsvc.cli.failing import FAILED
from feedsvc.cli.regenerate import demand_feeds
from feedsvc.cli.start import open_service
from feedsvc.cli.writing import as_json, json_option
from feedsvc.log import one_line
from feedsvc.model import ArticleId, Partner
from feedsvc.partners.findings import Finding
from feedsvc.partners.table import table
from feedsvc.workflow import preflight, read
from feedsvc.workflow.preflight import Alike, Report

_EPILOG = """
\b
Examples:
  feedsvc check feed recent --as msn
  feedsvc check article 12
"""
_FEED_EPILOG = """
\b
Examples:
  feedsvc check feed recent
  feedsvc check feed category/news --as msn
  feedsvc check feed recent --as flipboard --json | jq .accepted

Exit status 1 says that something would be refused; warnings alone are 0.
"""
_ARTICLE_EPILOG = """
\b
Examples:
  feedsvc check article 12
  feedsvc check article 12 --as msn --as smartnews
"""
_RULES_EPILOG = """
\b
Examples:
  feedsvc check rules
"""
_partners = click.Choice([partner.value for partner in Partner])


@click.group(epilog=_EPILOG)
def command() -> None:
    """Say what readers and partners would refuse or dislike, and what helps."""


@command.command(epilog=_FEED_EPILOG)
@click.argument("slug", metavar="FEED")
@click.option("--as", "name", type=_partners, help="Whose rules; else those of its profile.")
@json_option
@click.pass_obj
@click.pass_context
def feed(
    ctx: click.Context, file: Path | None, slug: str, name: str | None, *, is_json: bool
) -> None:
    """Look at what a feed shows now, and say once what is the same with several articles.

    Nothing is sent anywhere: links and pictures are judged by their addresses only.
    """
    with open_service(file) as service:
        demand_feeds(service, [slug])
        report = preflight.of_feed(service.room, slug, Partner(name) if name else None)
    click.echo(as_json(_json(report)) if is_json else _text(report), nl=is_json)
    ctx.exit(FAILED if report.is_refused else 0)


@command.command(epilog=_ARTICLE_EPILOG)
@click.argument("number", metavar="ID", type=click.IntRange(1, 2**63 - 1))
@click.option("--as", "names", type=_partners, multiple=True, help="Whose rules; all if none.")
@json_option
@click.pass_obj
@click.pass_context
def article(
    ctx: click.Context, file: Path | None, number: int, names: tuple[str, ...], *, is_json: bool
) -> None:
    """Look at one article, in whatever state it is."""
    partners = [Partner(name) for name in names] or list(Partner)
    with open_service(file) as service:
        found = read.article(service.room, ArticleId(number))
        findings = preflight.of_article(service.room, found, partners)
    if is_json:
        click.echo(as_json([_finding(each) for each in findings]))
    else:
        click.echo("".join(map(_named, findings)) or "nothing found\n", nl=False)
    ctx.exit(FAILED if preflight.is_refused(findings) else 0)


@command.command(epilog=_RULES_EPILOG)
def rules() -> None:
    """List everything that is looked at, and who asks for it."""
    click.echo(table(), nl=False)


def _text(report: Report) -> str:
    parts = []
    for group in report.alike:
        parts.append(f"{_which(group)}\n")
        parts += [f"  {_line(found)}" for found in group.findings]
    if report.findings:
        parts += ["the feed\n", *(f"  {_line(found)}" for found in report.findings)]
    return "".join([*parts, _summary(report)])


def _which(group: Alike) -> str:
    """Name an article, or the several of which the same was found."""
    first, *others = group.articles
    if not others:
        return f"{first.article_id}  {one_line(first.title)}"
    numbers = ", ".join(str(checked.article_id) for checked in group.articles)
    return f"{len(group.articles)} articles: {numbers}"


def _summary(report: Report) -> str:
    count, accepted = len(report.articles), report.accepted
    return (
        f"{report.partner.label}: {accepted} of {count} articles accepted, "
        f"{count - accepted} refused; {report.warnings} warnings\n"
    )


def _line(found: Finding) -> str:
    return f"{found.severity:<8} {one_line(found.text)}\n"


def _named(found: Finding) -> str:
    return f"{found.partner.label:<12} {_line(found)}"


def _json(report: Report) -> dict[str, object]:
    return {
        "feed": report.slug,
        "partner": report.partner,
        "entries": len(report.articles),
        "accepted": report.accepted,
        "warnings": report.warnings,
        "findings": [_finding(found) for found in report.findings],
        "articles": [
            {
                "id": checked.article_id,
                "title": checked.title,
                "accepted": not checked.is_refused,
                "findings": [_finding(found) for found in checked.findings],
            }
            for checked in report.articles
        ],
    }


def _finding(found: Finding) -> dict[str, str]:
    return {
        "partner": found.partner,
        "rule": found.rule,
        "severity": found.severity,
        "text": found.text,
    }
