"""Callbacks are asked whether they want what was asked for in their name (WebSub, 5.3)."""

import hmac
import logging
import secrets
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import urlencode

from feedsvc.config import WebSub
from feedsvc.errors import OutboundError
from feedsvc.model import HubMode, Intent, SubscriptionKind
from feedsvc.outbound import Limits, Outbound, Request
from feedsvc.says import english
from feedsvc.storage.database import Transaction
from feedsvc.storage.hub import intents, subscriptions
from feedsvc.workflow.hub import cloud
from feedsvc.workflow.hub.accepting import PEACE
from feedsvc.workflow.newsroom import Newsroom

logger = logging.getLogger(__name__)
_LIMITS = Limits(seconds=10, body_bytes=1000)
_IGNORED = Limits(seconds=10, body_bytes=0)
_TAKEN = "this hub has as many subscriptions as it takes; try another one, or poll the feed"


def verify(room: Newsroom, outbound: Outbound, intent: Intent) -> None:
    """Ask a callback once, and do as it says; whoever does not answer can ask us again.

    Raises:
        UnavailableError: the database cannot answer now.
    """
    if intent.mode is HubMode.DENIED:
        _tell(room, outbound, intent)
        return
    problem = _ask(outbound, intent)
    if problem:
        _refuse(room, intent, problem)
        return
    with room.database.write() as tx:
        if not intents.settle(tx, intent):
            return  # asked for anew meanwhile, perhaps with another secret
        outcome = _do(tx, intent, room.config.websub, room.clock.now())
    logger.info("%s topic=%s host=%s", outcome, intent.topic, intent.host)


def deny(tx: Transaction, intent: Intent, reason: str, now: datetime) -> None:
    """Have a callback told that it is not subscribed, or not any more (WebSub, 5.2)."""
    denial = replace(
        intent, mode=HubMode.DENIED, reason=reason, source="", secret=None, created=now
    )
    intents.put(tx, denial, now)


def _ask(outbound: Outbound, intent: Intent) -> str:
    """Return why a callback does not confirm; "" if it does."""
    challenge = secrets.token_urlsafe(32)
    try:
        answer = outbound.send(_question(intent, challenge))
    except OutboundError as error:
        return english(str(error))
    if not answer.is_good:
        return f"it answered {answer.status}"
    if intent.mode is HubMode.CLOUD_CALLER:
        return ""
    is_echo = hmac.compare_digest(answer.body, challenge.encode())
    return "" if is_echo else "it did not send the challenge back"


def _question(intent: Intent, challenge: str) -> Request:
    if intent.mode is HubMode.CLOUD_CALLER:
        return cloud.notification(intent.callback, intent.topic, _IGNORED)
    if intent.mode is HubMode.CLOUD_NAMED:
        values = {"url": intent.topic, "challenge": challenge}
        return Request(url=_with(intent.callback, values), limits=_LIMITS)
    values = {
        "hub.mode": intent.mode.value,
        "hub.topic": intent.topic,
        "hub.challenge": challenge,
    }
    if intent.mode is HubMode.SUBSCRIBE:
        values["hub.lease_seconds"] = str(intent.lease_seconds)
    return Request(url=_with(intent.callback, values), limits=_LIMITS)


def _with(callback: str, values: dict[str, str]) -> str:
    """Return a callback with more parameters; those that it has stay as they are."""
    return f"{callback}{'&' if '?' in callback else '?'}{urlencode(values)}"


def _refuse(room: Newsroom, intent: Intent, problem: str) -> None:
    """Leave all as it is, and a host that nobody subscribes from in peace for a while."""
    now = room.clock.now()
    with room.database.write() as tx:
        intents.failed(tx, intent, now)
        if not subscriptions.count_of(tx, intent.host):
            intents.put_off(tx, intent.host, now + PEACE)
    logger.info("not confirmed topic=%s host=%s: %s", intent.topic, intent.host, problem)


def _do(tx: Transaction, intent: Intent, settings: WebSub, now: datetime) -> str:
    if intent.mode is HubMode.UNSUBSCRIBE:
        subscriptions.end(tx, intent.topic, intent.callback)
        return "unsubscribed"
    if intent.mode.is_cloud and _is_sent_all(tx, intent, now):
        return "left as it is, because WebSub sends it the whole feed,"
    if _is_full(tx, intent, settings, now):
        if not intent.mode.is_cloud:  # which has no word for it
            deny(tx, intent, _TAKEN, now)
        return "denied, because websub.max_subscriptions or max_per_host is reached,"
    expires = now + timedelta(seconds=intent.lease_seconds)
    subscriptions.confirm(tx, intent, now, expires)
    return "subscribed"


def _is_sent_all(tx: Transaction, intent: Intent, now: datetime) -> bool:
    """Whether a callback has a WebSub subscription, which a lesser one must not replace."""
    found = subscriptions.find(tx, intent.topic, intent.callback)
    return found is not None and found.kind is SubscriptionKind.WEBSUB and found.expires > now


def _is_full(tx: Transaction, intent: Intent, settings: WebSub, now: datetime) -> bool:
    """Whether there is no place for one more; who has one keeps it, who had one does not."""
    subscriptions.prune(tx, now)
    if subscriptions.find(tx, intent.topic, intent.callback) is not None:
        return False
    return (
        subscriptions.count_of(tx, intent.host) >= settings.max_per_host
        or subscriptions.count(tx) >= settings.max_subscriptions
    )


def _tell(room: Newsroom, outbound: Outbound, intent: Intent) -> None:
    """Tell a callback that it gets nothing; what it says to that is its business."""
    values = {
        "hub.mode": intent.mode.value,
        "hub.topic": intent.topic,
        "hub.reason": intent.reason,
    }
    try:
        outbound.send(Request(url=_with(intent.callback, values), limits=_IGNORED))
    except OutboundError as error:
        logger.info("could not be denied host=%s: %s", intent.host, error)
    with room.database.write() as tx:
        intents.settle(tx, intent)
