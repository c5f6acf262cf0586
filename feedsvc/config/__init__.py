"""One frozen tree of settings, read once at start.

Settings come from a TOML file; a few, and every secret, may come from the environment
instead (see `ENVIRONMENT`), a secret also from a file that the environment names (see
`SECRETS`). Whatever is unknown or impossible stops the start with a sentence that names the
setting.
"""

from feedsvc.config.reading import ENVIRONMENT, SECRETS, load, parse
from feedsvc.config.settings import (
    CLOUD_PATH,
    HUB_PATH,
    Cache,
    Config,
    Data,
    Database,
    Desk,
    Feeds,
    Log,
    Outbound,
    Partners,
    Publish,
    Schedule,
    Search,
    Server,
    Site,
    Statistics,
    WebSub,
)

__all__ = [
    "CLOUD_PATH",
    "ENVIRONMENT",
    "HUB_PATH",
    "SECRETS",
    "Cache",
    "Config",
    "Data",
    "Database",
    "Desk",
    "Feeds",
    "Log",
    "Outbound",
    "Partners",
    "Publish",
    "Schedule",
    "Search",
    "Server",
    "Site",
    "Statistics",
    "WebSub",
    "load",
    "parse",
]
