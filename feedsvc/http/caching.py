"""What caches and readers are told about freshness (RFC 9111, RFC 5861).

One family of directives: `s-maxage`, `proxy-revalidate` and `must-revalidate` forbid serving
stale (RFC 9111, section 4.2.4) and would cancel the `stale-` directives, so they are never
sent; nor are `no-cache` and `private`, on which some readers drop what they hold. Only feeds
that are read with a key are `private`: no cache of many may keep what is for one.
"""

from datetime import datetime

from feedsvc.config import Cache

NO_STORE = "no-store"  # for answers about the moment: 412, 429, 503

_MISSING_SECONDS = (60, 300)


def cache_control(cache: Cache, now: datetime, next_change: datetime | None) -> str:
    """Return the `Cache-Control` of a feed whose bytes can next change at `next_change`.

    `max-age` is the time until then, within the configured bounds. When nobody knows the
    time (None: no scheduler has told yet), or it has passed, it is the lower bound: freshness
    is not promised on a guess.
    """
    return _lasting(cache, _fresh(cache, now, next_change))


def private_cache_control(cache: Cache, now: datetime, next_change: datetime | None) -> str:
    """Return the same for a feed that is read with a key: for its reader's own cache."""
    return f"private, max-age={_fresh(cache, now, next_change)}"


def _fresh(cache: Cache, now: datetime, next_change: datetime | None) -> int:
    seconds = 0 if next_change is None else int((next_change - now).total_seconds())
    return _clamp(seconds, cache.min_seconds, cache.max_seconds)


def stored_cache_control(cache: Cache) -> str:
    """Return the `Cache-Control` of a feed that others serve: it is the same at all times."""
    return _lasting(cache, cache.min_seconds)


def archive_cache_control(cache: Cache, *, is_final: bool) -> str:
    """Return the `Cache-Control` of an archive document.

    The last one is going to lead to the next when that is closed. A final one hardly ever
    changes, so nobody need ask again (RFC 8246); but what was withdrawn from it has to leave
    caches too, so how long they may keep it is for the operator to say.
    """
    if not is_final:
        return f"public, max-age={min(cache.max_seconds, cache.archive_seconds)}"
    return f"public, max-age={cache.archive_seconds}, immutable"


def missing_cache_control(cache: Cache) -> str:
    """Return the `Cache-Control` of a 404 or 410: short, a category may be made later."""
    return f"public, max-age={_clamp(cache.min_seconds, *_MISSING_SECONDS)}"


def _lasting(cache: Cache, seconds: int) -> str:
    return (
        f"public, max-age={seconds}"
        f", stale-while-revalidate={cache.stale_while_revalidate}"
        f", stale-if-error={cache.stale_if_error}"
    )


def _clamp(value: int, low: int, high: int) -> int:
    return max(low, min(value, high))
