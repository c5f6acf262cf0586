"""What our hub is asked for over the web: looked at, then left to be verified.

Anybody may name any callback, so nothing is sent anywhere but one question, whether this is
really wanted; and a host that does not say yes is asked again after a minute at the earliest,
whoever asks for it and how often.
"""

import logging
import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from feedsvc.config import WebSub
from feedsvc.errors import InputError, NotFoundError, OutboundError, ThrottledError
from feedsvc.model import HubMode, Intent, IntentId
from feedsvc.outbound import Outbound
from feedsvc.storage.database import Transaction
from feedsvc.storage.hub import intents, subscriptions
from feedsvc.workflow.hub import topics
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.secret import keyed

logger = logging.getLogger(__name__)
PEACE = timedelta(minutes=1)  # for a host that did not confirm
FORGOTTEN = timedelta(hours=1)  # an intent that nobody got round to
MOST_WAITING = 1000
MOST_OF_ONE = 300  # with one callback host, or from one address
BUSY_SECONDS = 60
_LONGEST_CALLBACK = 1000  # characters
_LONGEST_SECRET = 200  # bytes; WebSub, 5.1, asks for less than so many
_URL = re.compile(r"[!-~]+")
_SECONDS = re.compile("[0-9]{1,18}")


def ask(
    room: Newsroom, outbound: Outbound, form: Mapping[str, str], *, address: str, safe: bool
) -> None:
    """Take a request to subscribe or unsubscribe (WebSub, section 5.1); verified later.

    Args:
        room: whose feeds are subscribed to.
        outbound: what will speak to callbacks.
        form: the fields of the request as they came; unknown ones are not looked at.
        address: who asks.
        safe: whether a secret may travel as this request did.

    Raises:
        InputError: a field is missing or cannot be taken; the text says which and why.
        NotFoundError: the topic is none of this service.
        ThrottledError: too much is waiting to be verified already.
    """
    now = room.clock.now()
    mode = _mode(form)
    callback = form.get("hub.callback", "")
    host = host_of(outbound, callback, "hub.callback")
    intent = Intent(
        id=IntentId(0),
        mode=mode,
        topic=form.get("hub.topic", ""),
        callback=callback,
        host=host,
        secret=_secret(form, safe=safe),
        lease_seconds=_lease_seconds(form, room.config.websub),
        created=now,
        source=keyed(room, f"address {address}"),
    )
    with room.database.write() as tx:
        if not topics.is_ours(tx, room.config.site, intent.topic):
            raise NotFoundError(
                "hub.topic is no feed of this service; it must be the self link of one, such "
                f"as {topics.example(room.config.site)}"
            )
        store(tx, intent, now)
    logger.info("asked mode=%s topic=%s host=%s", mode, intent.topic, host)


def _mode(form: Mapping[str, str]) -> HubMode:
    mode = form.get("hub.mode", "")
    if mode not in {HubMode.SUBSCRIBE, HubMode.UNSUBSCRIBE}:
        raise InputError("hub.mode must be subscribe or unsubscribe")
    return HubMode(mode)


def host_of(outbound: Outbound, callback: str, field: str) -> str:
    """Return the host of a callback, as far as it can be vetted without speaking to it.

    Raises:
        InputError: it is none that is spoken to; the text begins with the field's name.
    """
    if not _URL.fullmatch(callback) or len(callback) > _LONGEST_CALLBACK:
        raise InputError(
            f"{field} must be a URL of at most {_LONGEST_CALLBACK} ASCII characters"
        )
    if "#" in callback:
        raise InputError(f"{field} must have no fragment")
    try:
        return outbound.vet(callback)
    except OutboundError as error:
        raise InputError(f"{field}: {error}") from None


def _secret(form: Mapping[str, str], *, safe: bool) -> str | None:
    secret = form.get("hub.secret") or None
    if secret is None:
        return None
    if len(secret.encode("utf-8", "replace")) >= _LONGEST_SECRET or "\0" in secret:
        raise InputError(f"hub.secret must be less than {_LONGEST_SECRET} bytes of text")
    if not safe:
        raise InputError("a hub.secret must not travel over plain http; leave it out")
    return secret


def _lease_seconds(form: Mapping[str, str], settings: WebSub) -> int:
    """Return how long a subscription lasts: as asked for, within what the settings allow."""
    asked = form.get("hub.lease_seconds", "")
    if not asked:
        return settings.lease_seconds
    if not _SECONDS.fullmatch(asked) or not int(asked):
        raise InputError("hub.lease_seconds must be a positive whole number")
    return min(max(int(asked), settings.min_lease_seconds), settings.max_lease_seconds)


def store(tx: Transaction, intent: Intent, now: datetime) -> None:
    """Have a callback asked about an intent, at once or when its host has had its peace.

    Raises:
        ThrottledError: too much is waiting to be verified already.
    """
    intents.prune(tx, failed_before=now - PEACE, made_before=now - FORGOTTEN)
    crowd = intents.crowd(tx, intent.host, intent.source)
    if crowd.all >= MOST_WAITING or max(crowd.of_host, crowd.of_source) >= MOST_OF_ONE:
        raise ThrottledError(
            "too many requests wait to be verified; try again in a minute", BUSY_SECONDS
        )
    failure = intents.last_failure(tx, intent.host)
    is_trusted = subscriptions.count_of(tx, intent.host) > 0
    due = now if failure is None or is_trusted else failure + PEACE
    intents.put(tx, intent, max(now, due), failure)
