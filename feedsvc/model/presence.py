"""Who has the form of an article open."""

from dataclasses import dataclass
from datetime import datetime

from feedsvc.model.access import UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """Somebody who has an article open, by the name that colleagues know."""

    user_id: UserId
    name: str
    since: datetime
    until: datetime
