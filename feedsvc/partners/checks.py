"""Everything that is looked at, by partner."""

from collections.abc import Sequence

from feedsvc.model import Partner
from feedsvc.partners.findings import FeedRule, Finding, Rule, Seen, SeenFeed, Severity
from feedsvc.partners.flipboard import FLIPBOARD
from feedsvc.partners.msn import MSN
from feedsvc.partners.others import APPLE, FEEDLY, GOOGLE, NEWSLETTER
from feedsvc.partners.readers import READERS
from feedsvc.partners.smartnews import SMARTNEWS

ALL = (READERS, FEEDLY, FLIPBOARD, MSN, SMARTNEWS, APPLE, GOOGLE, NEWSLETTER)
RULES = {rules.partner: rules for rules in ALL}


def check_article(partner: Partner, seen: Seen) -> tuple[Finding, ...]:
    """Return what a partner would refuse or dislike of an article, what matters most first."""
    return _found(partner, [(r, r.look(seen)) for r in RULES[partner].articles])


def check_feed(partner: Partner, seen: SeenFeed) -> tuple[Finding, ...]:
    """Return what a partner would refuse or dislike of a feed as a whole."""
    return _found(partner, [(r, r.look(seen)) for r in RULES[partner].feeds])


def _found(
    partner: Partner, looked: Sequence[tuple[Rule | FeedRule, str]]
) -> tuple[Finding, ...]:
    findings = [
        Finding(partner=partner, rule=rule.name, severity=rule.severity, text=text)
        for rule, text in looked
        if text
    ]
    return tuple(sorted(findings, key=lambda found: found.severity is not Severity.ERROR))
