"""How long texts may be for partners, as pages say it while somebody writes."""

from typing import NamedTuple

from feedsvc.model import Partner
from feedsvc.rendering import limits


class Length(NamedTuple):
    """How many characters a partner takes, or asks for."""

    partner: Partner
    least: int
    most: int


HEADLINE = (
    Length(Partner.MSN, limits.MSN_TITLE_REFUSED.value + 1, limits.MSN_TITLE_MOST.value),
    Length(Partner.APPLE, *(limit.value for limit in limits.APPLE_TITLE)),
)
EXCERPT = (Length(Partner.FLIPBOARD, 0, limits.FLIPBOARD_SUMMARY.value),)
