"""Everything that is looked at, as a table for people: docs/partners.md holds it too."""

from feedsvc.model import Partner
from feedsvc.partners.checks import ALL
from feedsvc.partners.findings import FeedRule, Rule

_HEAD = "| partner | looked at | finds | outcome | who asks |\n|---|---|---|---|---|\n"


def table() -> str:
    """Return a Markdown table, one row a rule."""
    rows: list[str] = []
    for rules in ALL:
        rows += [_row(rules.partner, "article", rule) for rule in rules.articles]
        rows += [_row(rules.partner, "feed", rule) for rule in rules.feeds]
    return _HEAD + "".join(rows)


def _row(partner: Partner, kind: str, rule: Rule | FeedRule) -> str:
    return f"| {partner.label} | {kind} | {rule.what} | {rule.severity} | {rule.source} |\n"
