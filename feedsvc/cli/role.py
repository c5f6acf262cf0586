"""What a process answers for."""

from enum import StrEnum


class Role(StrEnum):
    """What a process answers for. Whoever has no editors does not render either."""

    ALL = "all"
    FEEDS = "feeds"  # follows what others publish
    DESK = "desk"  # and site, and schedule: an edit is out at once
