"""Where feeds were while the newsroom was a WordPress: what subscribers still ask for.

WordPress gives one feed many addresses: with `feed/` and without, with a name of the format
or without, with or without a slash at the end, below a category's whole line of parents, and
as a query at the site root. They are answered here as they were there, with the bytes of the
feed at its own address, because only some readers follow a redirect for good.
"""

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote

from feedsvc.model import Format

_NAMES = {
    "feed": Format.RSS,
    "rss2": Format.RSS,
    "rss": Format.RSS,  # RSS 0.92, which every reader of it took 2.0 for
    "rdf": Format.RSS,  # RSS 1.0 likewise
    "atom": Format.ATOM,
    "json": Format.JSON,  # of the JSON Feed plugin
}
_FEED = r"(?:feed(?:/(?P<name>feed|rdf|rss2?|atom|json))?|(?P<bare>rdf|rss2?|atom))/?"
_RECENT = re.compile(f"/{_FEED}")
_CATEGORY = re.compile(f"/(?P<folder>category)/(?:[^/]+/)*?(?P<slug>[^/]+?)/{_FEED}")
_SUBJECT = re.compile(f"/(?P<folder>tag|author)/(?P<slug>[^/]+?)/{_FEED}")
_FILE = re.compile(r"/wp-(?P<name>feed|rdf|rss2?|atom)\.php")  # before WordPress 1.5
# What narrows a query down to something of which there is no feed here.
_NARROWING_NAMES = """
    attachment_id author author_name cat day m monthnum name p page_id pagename post_type s
    tag tag_id taxonomy term w year
"""
_NARROWING = frozenset(_NARROWING_NAMES.split())


@dataclass(frozen=True, slots=True, kw_only=True)
class OldFeed:
    """What an old address asks for; `name` as it is written there, None for all posts.

    `folder` is what is named: a category, tag or author.
    """

    name: str | None
    format: Format
    folder: str = "category"


def parse_old_path(path: str, query: str) -> OldFeed | None:
    """Return what a URL path of a WordPress asks for, or None when it asks for no feed.

    The query counts at the site root only. `path` is decoded as far as the caller decodes;
    a category may come percent-encoded or not.
    """
    if path == "/":
        return _from_query(query) if "feed" in query else None
    tried = (known.fullmatch(path) for known in (_RECENT, _CATEGORY, _SUBJECT, _FILE))
    found = next((each for each in tried if each), None)
    if found is None:
        return None
    parts = found.groupdict()
    format_ = _NAMES[parts["name"] or parts.get("bare") or "feed"]
    slug = parts.get("slug")
    if slug is None:
        return OldFeed(name=None, format=format_)
    return OldFeed(name=unquote(slug), format=format_, folder=parts["folder"])


def _from_query(query: str) -> OldFeed | None:
    """Read `feed=rss2` and perhaps `category_name=…`; the last of a name counts, as in PHP."""
    given = dict(parse_qsl(query, keep_blank_values=True))
    format_ = _NAMES.get(given.get("feed", ""))
    if format_ is None or _NARROWING & given.keys():
        return None
    category = given.get("category_name", "").strip("/").rpartition("/")[2]
    return OldFeed(name=category or None, format=format_)
