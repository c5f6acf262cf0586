"""Header fields that protect who reads a page."""

from collections.abc import Mapping

from feedsvc.config import Config

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' https: http: data:; media-src https: http:; frame-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HSTS_SECONDS = 31_536_000  # one year, without the other hosts of the domain: not ours to bind


def always(config: Config) -> Mapping[str, str]:
    """Return the fields of every answer but a feed, where who answers does not say otherwise.

    Only what is declared public may be kept by caches.
    """
    headers = {
        "Content-Security-Policy": POLICY,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "strict-origin-when-cross-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cache-Control": "no-store",
    }
    if config.site.base_url.startswith("https:"):
        headers["Strict-Transport-Security"] = f"max-age={HSTS_SECONDS}"
    return headers
