"""Who is told of news: hubs, and the subscribers of our own."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NewType

from msgspec import Struct

PingId = NewType("PingId", int)
IntentId = NewType("IntentId", int)
SubscriptionId = NewType("SubscriptionId", int)


class Ping(Struct, frozen=True, kw_only=True):
    """What a hub is still to be told: that this revision of a topic is out.

    `topic` is the self link that it knows. `attempts` have failed; `due` is when the next is
    made, None once nobody tries any more.
    """

    id: PingId
    hub: str
    topic: str
    revision: int
    attempts: int = 0
    due: datetime | None
    problem: str = ""


class HubMode(StrEnum):
    """What a callback is asked to confirm, or told (WebSub, sections 5.2 and 5.3).

    The last two are of rssCloud: somebody named a host, or meant the one that asked.
    """

    SUBSCRIBE = "subscribe"
    UNSUBSCRIBE = "unsubscribe"
    DENIED = "denied"
    CLOUD_NAMED = "cloud named"
    CLOUD_CALLER = "cloud caller"

    @property
    def is_cloud(self) -> bool:
        """Whether it is of rssCloud."""
        return self in {HubMode.CLOUD_NAMED, HubMode.CLOUD_CALLER}


class SubscriptionKind(StrEnum):
    """What a subscriber is sent: the whole feed, or word that it has changed."""

    WEBSUB = "websub"
    CLOUD = "rsscloud"


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """What somebody asked our hub for, which the callback is still to confirm.

    `host` is the callback's, `source` a word for who asked. `reason` belongs to a denial.
    """

    id: IntentId
    mode: HubMode
    topic: str
    callback: str
    host: str
    source: str
    secret: str | None = field(default=None, repr=False)
    lease_seconds: int
    reason: str = ""
    created: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """Who is sent a topic by our hub, until `expires`, unless renewed.

    `revision` is the newest that came out since it subscribed; 0 if none did. Whoever
    delivers has it to themselves until `held`. `attempts` have failed since one succeeded;
    `due` is when the next is made, None where nothing is to be sent.
    """

    id: SubscriptionId
    kind: SubscriptionKind = SubscriptionKind.WEBSUB
    topic: str
    callback: str
    host: str
    secret: str | None = field(default=None, repr=False)
    expires: datetime
    revision: int
    attempts: int = 0
    due: datetime | None
    held: datetime | None
    problem: str = ""
