"""What has come out is sent to whoever subscribed (WebSub, section 7).

What is sent is the feed as it is then, so a delivery that comes late is never an old one. One
process at a time has a subscription to itself, and looks once more before it sends whether it
still has; so nobody gets an older revision after a newer one.
"""

import hmac
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from feedsvc.config import Config
from feedsvc.errors import OutboundError
from feedsvc.model import (
    HubMode,
    Intent,
    IntentId,
    Representation,
    Subscription,
    SubscriptionKind,
)
from feedsvc.outbound import Limits, Outbound, Request, Response
from feedsvc.says import english
from feedsvc.storage.database import Transaction
from feedsvc.storage.hub import subscriptions
from feedsvc.workflow.hub import topics
from feedsvc.workflow.hub.cloud import notification
from feedsvc.workflow.hub.verifying import deny
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.retrying import next_attempt

logger = logging.getLogger(__name__)
RARELY = timedelta(days=1)  # between attempts with a callback that was given up
_LIMITS = Limits(seconds=10, body_bytes=0)  # nobody cares for what a subscriber says
_GONE = 410
_REMOVED = "this feed is no longer published here"


def pass_on(tx: Transaction, topic: str, revision: int, now: datetime) -> int:
    """Have a topic sent to all who subscribed to it; return how many they are.

    Nothing is sent here, and whoever does not answer is not tried any sooner for it.
    """
    return subscriptions.want(tx, topic, revision, now, now + RARELY)


def deliver(room: Newsroom, outbound: Outbound, claimed: Subscription) -> None:
    """Send what is published of a topic to one who subscribed to it.

    Raises:
        UnavailableError: the database cannot answer now.
    """
    now = room.clock.now()
    with room.database.read() as tx:
        to = subscriptions.still(tx, claimed, now)
        news = _news(tx, room.config, to) if to else None
    if to is None:
        return
    if news is None:
        _end(room, to, _REMOVED)
        return
    try:
        response = outbound.send(news.request)
    except OutboundError as error:
        _put_off(room, to, english(str(error)), None)
        return
    _settle(room, to, news.revision, response)


def signature(secret: str, body: bytes) -> str:
    """Return `X-Hub-Signature` of a body (WebSub, section 7.1)."""
    return f"sha256={hmac.new(secret.encode(), body, 'sha256').hexdigest()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _News:
    """What a subscriber is sent, and the revision that it then has."""

    request: Request
    revision: int


def _news(tx: Transaction, config: Config, to: Subscription) -> _News | None:
    """Return what is to be sent; None where there is nothing to send any more."""
    if to.kind is SubscriptionKind.CLOUD:
        if config.cloud is None or not topics.is_ours(tx, config.site, to.topic):
            return None
        # What came out since may not be everywhere yet: that is told with its own ping.
        return _News(request=notification(to.callback, to.topic, _LIMITS), revision=to.revision)
    content = topics.content(tx, config.site, to.topic)
    if content is None:
        return None
    return _News(request=_request(config, to, content), revision=content.revision)


def _request(config: Config, to: Subscription, content: Representation) -> Request:
    headers = {
        "Content-Type": content.format.media_type,
        "Link": f'<{config.own_hub}>; rel="hub", <{to.topic}>; rel="self"',
    }
    if to.secret is not None:
        headers["X-Hub-Signature"] = signature(to.secret, content.body)
    return Request(
        url=to.callback, method="POST", headers=headers, body=content.body, limits=_LIMITS
    )


def _settle(room: Newsroom, to: Subscription, revision: int, response: Response) -> None:
    if response.status == _GONE:
        with room.database.write() as tx:
            subscriptions.end(tx, to.topic, to.callback)
        logger.info("ended by its callback topic=%s host=%s", to.topic, to.host)
        return
    if not response.is_good:
        _put_off(room, to, f"it answered {response.status}", response)
        return
    with room.database.write() as tx:
        subscriptions.delivered(tx, to, revision)
    logger.info("delivered topic=%s revision=%d host=%s", to.topic, revision, to.host)


def _put_off(room: Newsroom, to: Subscription, problem: str, response: Response | None) -> None:
    """Try again later; the subscription stays until its lease ends (WebSub, section 7)."""
    now = room.clock.now()
    again = next_attempt(now, to.attempts, response)
    with room.database.write() as tx:
        subscriptions.failed(tx, to, problem, again, now + RARELY)
    logger.warning("could not deliver topic=%s host=%s: %s", to.topic, to.host, problem)


def _end(room: Newsroom, to: Subscription, reason: str) -> None:
    now = room.clock.now()
    with room.database.write() as tx:
        subscriptions.end(tx, to.topic, to.callback)
        if to.kind is SubscriptionKind.WEBSUB:
            deny(tx, _about(to, now), reason, now)
    logger.info("ended topic=%s host=%s: %s", to.topic, to.host, reason)


def _about(to: Subscription, now: datetime) -> Intent:
    return Intent(
        id=IntentId(0),
        mode=HubMode.DENIED,
        topic=to.topic,
        callback=to.callback,
        host=to.host,
        source="",
        lease_seconds=0,
        created=now,
    )
