"""rssCloud: programs ask to be told that a feed has changed, for 25 hours, and fetch it then.

It is one kind more of subscription at our hub: the same queue, bounds and deliveries. Whoever
names a host has that host asked with a challenge. Whoever names none means the address that
asks, which is told once as it will be told later, and has to be content.
"""

import logging
import re
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlencode

from feedsvc.errors import InputError, NotFoundError
from feedsvc.model import HubMode, Intent, IntentId
from feedsvc.outbound import Limits, Outbound, Request
from feedsvc.storage.database import Transaction
from feedsvc.workflow.hub import topics
from feedsvc.workflow.hub.accepting import host_of, store
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.secret import keyed

logger = logging.getLogger(__name__)
LASTS_SECONDS = 25 * 3600  # programs ask again every day, with an hour to spare
MOST_URLS = 20  # in one request
_SCHEMES = {"http-post": "http", "https-post": "https"}
_HTTPS = 443  # of which other clouds say https whatever the protocol
_LAST_PORT = 65_535
_PORT = re.compile("[0-9]{1,5}")
_DOMAIN = re.compile(r"[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]")
_URL_FIELD = re.compile("url[0-9]{1,3}")


def please_notify(
    room: Newsroom, outbound: Outbound, form: Mapping[str, str], *, address: str
) -> int:
    """Take a request to be told of feeds; verified later. Return of how many.

    Args:
        room: whose feeds they are.
        outbound: what will speak to callbacks.
        form: the fields of the request as they came; unknown ones are not looked at.
        address: who asks, and is told where no domain is named.

    Raises:
        InputError: a field is missing or cannot be taken; the text says which and why.
        NotFoundError: one of the addresses is no feed of this service; none is taken then.
        ThrottledError: too much is waiting to be verified already.
    """
    now = room.clock.now()
    mode = HubMode.CLOUD_NAMED if form.get("domain") else HubMode.CLOUD_CALLER
    callback = _callback(form, address)
    host = host_of(outbound, callback, "domain, port and path")
    urls = _urls(form)
    source = keyed(room, f"address {address}")
    with room.database.write() as tx:
        for url in urls:
            _vet_topic(tx, room, url)
            store(tx, _intent(mode, url, callback, host, source, now), now)
    logger.info("asked mode=%s topics=%d host=%s", mode, len(urls), host)
    return len(urls)


def notification(callback: str, topic: str, limits: Limits) -> Request:
    """Return what tells a callback that a feed has changed."""
    return Request(
        url=callback,
        method="POST",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
        body=urlencode({"url": topic}).encode(),
        limits=limits,
    )


def _callback(form: Mapping[str, str], address: str) -> str:
    protocol = form.get("protocol", "")
    if protocol not in _SCHEMES:
        raise InputError("protocol must be http-post or https-post")
    given = form.get("port", "")
    port = int(given) if _PORT.fullmatch(given) else 0
    if not 0 < port <= _LAST_PORT:
        raise InputError("port must be a number from 1 to 65535")
    scheme = "https" if port == _HTTPS else _SCHEMES[protocol]
    path = form.get("path", "")
    slash = "" if path.startswith("/") else "/"
    return f"{scheme}://{_domain(form, address)}:{port}{slash}{path}"


def _domain(form: Mapping[str, str], address: str) -> str:
    domain = form.get("domain", "")
    if not domain:
        return f"[{address}]" if ":" in address else address
    if not _DOMAIN.fullmatch(domain):
        raise InputError("domain must be the name of a host, without http:// and port")
    return domain


def _urls(form: Mapping[str, str]) -> list[str]:
    """Return the feeds that are asked for, each once."""
    urls = list(dict.fromkeys(url for name, url in form.items() if _URL_FIELD.fullmatch(name)))
    if not 0 < len(urls) <= MOST_URLS:
        raise InputError(f"url1, url2 ... must name one to {MOST_URLS} feeds")
    return urls


def _vet_topic(tx: Transaction, room: Newsroom, url: str) -> None:
    if not topics.is_ours(tx, room.config.site, url):
        raise NotFoundError(
            "url1, url2 ... must be self links of feeds of this service, such as "
            f"{topics.example(room.config.site)}"
        )


def _intent(
    mode: HubMode, url: str, callback: str, host: str, source: str, now: datetime
) -> Intent:
    return Intent(
        id=IntentId(0),
        mode=mode,
        topic=url,
        callback=callback,
        host=host,
        source=source,
        lease_seconds=LASTS_SECONDS,
        created=now,
    )
