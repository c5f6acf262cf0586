"""Hubs are told which topics have changed (WebSub, section 6), after readers can have them.

A publication only notes, in its own transaction, what is to be told; so it never waits for a
hub, and nothing is forgotten when a process dies. Whoever looks next claims what is due. A hub
that fails is tried again later and later, with chance mixed in, so that a hub that
comes back is not met by everybody at once.
"""

import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from urllib.parse import urlencode

from feedsvc.errors import OutboundError
from feedsvc.model import Ping
from feedsvc.outbound import Limits, Outbound, Request, Response
from feedsvc.says import english
from feedsvc.storage.hub import pings
from feedsvc.workflow.hub.delivering import pass_on
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.retrying import next_attempt

logger = logging.getLogger(__name__)
AT_ONCE = 4  # hubs; each may take its time
BATCH = 20
PATIENCE = timedelta(minutes=2)  # what a process that died had claimed is due again then
_LIMITS = Limits(seconds=10)


def announce(room: Newsroom, outbound: Outbound) -> int:
    """Tell hubs what is due, and return how many were told.

    With nothing due this is one look into an index and no write.

    Raises:
        UnavailableError: the database cannot answer now.
    """
    count = 0
    while waiting := _claim(room):
        with ThreadPoolExecutor(AT_ONCE, "hub") as threads:
            count += sum(threads.map(lambda ping: _tell(room, outbound, ping), waiting))
    return count


def _claim(room: Newsroom) -> tuple[Ping, ...]:
    now = room.clock.now()
    with room.database.read() as tx:
        if not pings.is_any_due(tx, now):
            return ()
    with room.database.write() as tx:
        return pings.claim(tx, now, now + PATIENCE, BATCH)


def _tell(room: Newsroom, outbound: Outbound, ping: Ping) -> bool:
    if ping.hub == room.config.own_hub:
        return _pass_on(room, ping)
    try:
        response = outbound.send(_request(ping))
    except OutboundError as error:
        _put_off(room, ping, english(str(error)), None)
        return False
    if not response.is_good:
        _put_off(room, ping, f"the hub answered {response.status}", response)
        return False
    with room.database.write() as tx:
        pings.told(tx, ping)
    logger.info("told hub=%s topic=%s revision=%d", ping.hub, ping.topic, ping.revision)
    return True


def _pass_on(room: Newsroom, ping: Ping) -> bool:
    """Our own hub is told by one transaction, so it is told once, whoever dies or stalls."""
    with room.database.write() as tx:
        if not pings.told(tx, ping):  # somebody else was faster, or something newer is out
            return False
        count = pass_on(tx, ping.topic, ping.revision, room.clock.now())
    logger.info(
        "told our hub topic=%s revision=%d subscribers=%d", ping.topic, ping.revision, count
    )
    return True


def _request(ping: Ping) -> Request:
    """Return what hubs take: `hub.url` as the best known do, `hub.topic` for the others."""
    form = {"hub.mode": "publish", "hub.url": ping.topic, "hub.topic": ping.topic}
    return Request(
        url=ping.hub,
        method="POST",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
        body=urlencode(form).encode(),
        limits=_LIMITS,
    )


def _put_off(room: Newsroom, ping: Ping, problem: str, response: Response | None) -> None:
    again = next_attempt(room.clock.now(), ping.attempts, response)
    with room.database.write() as tx:
        pings.failed(tx, ping, problem, again)
    if again is None:
        logger.error(
            "gave up telling hub=%s topic=%s: %s; see that the hub is right, or remove it from "
            "websub.hubs; the next publication is told again",
            ping.hub,
            ping.topic,
            problem,
        )
    else:
        logger.warning("could not tell hub=%s topic=%s: %s", ping.hub, ping.topic, problem)
