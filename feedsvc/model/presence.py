"""Who has the form of an article open."""

from datetime import datetime

from msgspec import Struct

from feedsvc.model.access import UserId


class Present(Struct, frozen=True, kw_only=True):
    """Somebody who has an article open, by the name that colleagues know."""

    user_id: UserId
    name: str
    since: datetime
    until: datetime
