"""Putting the parts of a running service together, and taking them apart again."""

import logging
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from threading import Thread
from typing import TYPE_CHECKING

from feedsvc.cli.answering import FOR_FEEDS_SECONDS, OTHERS_HAVE_SECONDS
from feedsvc.cli.leading import Once
from feedsvc.cli.role import Role
from feedsvc.publishing.shelves import fill
from feedsvc.scheduling.scheduler import Scheduler
from feedsvc.serving import server
from feedsvc.serving.archives import ArchiveAnswers
from feedsvc.serving.front import Counted, Front
from feedsvc.serving.health import Health
from feedsvc.serving.readership import Readership
from feedsvc.serving.server import ALONE, Operations, Post
from feedsvc.serving.worker import AFTER_FEEDS
from feedsvc.tally import Count
from feedsvc.visits import Visits
from feedsvc.web import create_app, create_health_app, create_operations_app
from feedsvc.wiring import Service

if TYPE_CHECKING:
    from socket import socket

    from _typeshed.wsgi import WSGIApplication

logger = logging.getLogger(__name__)
_FOR_OTHERS_SECONDS = 0.001  # the same, of threads that render beside pages


def run(
    service: Service,
    announce: Callable[[str], None],
    *,
    is_prepared: bool = True,
    post: Post = ALONE,
    role: Role = Role.ALL,
    may_lead: bool = True,
) -> None:
    """Serve what the role says, and run the schedule, until a signal ends it.

    What is published is served at once (with the database away: what this host knew
    before), while the schedule catches up.

    Args:
        service: what to run.
        announce: is given the address that is listened on.
        is_prepared: False if the database was away and is to be made fit on its return.
        post: the sockets and the supervisor, if others provide them.
        role: what to answer for.
        may_lead: False where another process renders for this one.

    Raises:
        ConfigError: the address cannot be used, or the schedule is none.
    """
    fill_shelves(service, is_prepared=is_prepared, has_readers=role is not Role.DESK)
    leads = may_lead and role is not Role.FEEDS
    scheduler = Scheduler(service, may_lead=leads, sweeps=may_lead)
    readership = counted(service, post.visits) if role is not Role.DESK else None
    has_pages = post.passing is None
    if not has_pages:
        sys.setswitchinterval(FOR_FEEDS_SECONDS)
        service.follower.let_others_store(OTHERS_HAVE_SECONDS)
    app = application(service, role, readership, has_pages=has_pages)
    beside = _Beside(service, scheduler, readership, is_prepared=is_prepared)
    _serve(service, app, beside, announce, post)


def run_pages(
    service: Service,
    say_ready: Callable[[], None],
    *,
    is_prepared: bool,
    post: Post,
    leads: bool = False,
    is_new: bool = False,
) -> None:
    """Answer what workers pass on, until a signal ends it.

    No shelf is kept here; the schedule runs so that an edit wakes who renders, which is this
    process where it leads. It goes after those that serve feeds, wherever they share a core: a
    tenth of it is left to it.

    Args:
        service: what to run.
        say_ready: is called once it is ready.
        is_prepared: False if the database was away and is to be made fit on its return.
        post: where requests come from.
        leads: whether this process regenerates, too.
        is_new: whether nothing is published yet; ready is then who leads and has published
            something, so that those who serve begin with it.

    Raises:
        ConfigError: waitress is of another version, or the schedule is none.
    """
    os.nice(AFTER_FEEDS)
    service.memory.keep_no_bodies()
    ready = Once(say_ready)
    scheduler = Scheduler(
        service, may_lead=leads, follows=False, sweeps=leads, on_published=ready
    )
    if leads:  # pages need not wait for long while feeds are made in threads
        sys.setswitchinterval(_FOR_OTHERS_SECONDS)
    beside = _Beside(service, scheduler, None, is_prepared=is_prepared, on_started=ready)

    def announce(_address: str) -> None:
        if not (leads and is_new):
            ready()

    post = replace(post, on_leaving=scheduler.wind_up)
    _serve(service, application(service, Role.ALL), beside, announce, post)


class _Beside:
    """What goes on beside serving: the schedule, and who counts readers, if anybody does."""

    def __init__(
        self,
        service: Service,
        scheduler: Scheduler,
        readership: Readership | None,
        *,
        is_prepared: bool,
        on_started: Callable[[], None] = lambda: None,
    ) -> None:
        self._service = service
        self._scheduler = scheduler
        self._readership = readership
        self._is_prepared = is_prepared
        self._on_started = on_started
        self._starting = Thread(target=self._start, name="scheduler start")

    def start(self) -> None:
        """Begin, without waiting for what is due."""
        self._starting.start()
        if self._readership:
            self._readership.start()

    def _start(self) -> None:
        self._scheduler.start(is_prepared=self._is_prepared)
        self._on_started()

    def stop(self) -> None:
        """End it all, and let the database go."""
        self._scheduler.wind_up()
        self._starting.join()
        self._scheduler.stop()
        if self._readership:
            self._readership.stop()
        self._service.database.close()


def _serve(
    service: Service,
    app: "WSGIApplication",
    beside: _Beside,
    announce: Callable[[str], None],
    post: Post,
) -> None:
    def on_ready(address: str) -> None:
        beside.start()
        announce(address)

    server.run(
        app,
        service.config,
        on_ready=on_ready,
        on_stop=beside.stop,
        clock=service.clock,
        post=replace(post, explains=True),
    )


def counted(service: Service, visits: Visits) -> Readership | None:
    """Return what counts readers; None where `statistics.enabled` says that nobody does."""
    if not service.config.statistics.enabled:
        return None
    leave = partial(service.memory.bodies.leave, "counts of readers")
    return Readership(
        service.config,
        service.database,
        service.clock,
        service.follower,
        visits,
        on_size=leave,
    )


def application(
    service: Service,
    role: Role,
    readership: Readership | None = None,
    *,
    has_pages: bool = True,
) -> "WSGIApplication":
    """Return what a process of this role answers, for any WSGI server.

    Args:
        service: what answers.
        role: what it answers for.
        readership: counts readers, if anybody does.
        has_pages: False where another process has those of this role.
    """
    if role is Role.DESK:
        # Feeds are not found here, and not redirected: their public address is where this
        # request came from, so a proxy with the wrong rule would send it round for ever.
        return Counted(create_app(service), service.tally)
    front = Front(
        _behind(service, role, has_pages=has_pages),
        service.memory,
        service.config,
        service.clock,
        service.tally,
    )
    front.counting = readership.counting if readership else None
    front.archives = ArchiveAnswers(front.answers, service.room)
    return front


def _behind(service: Service, role: Role, *, has_pages: bool) -> "WSGIApplication":
    if role is Role.FEEDS:
        return create_health_app(service)
    if has_pages:
        return create_app(service)
    return Health(service.config, service.memory, service.database.plain)


def operations(service: Service, sockets: "tuple[socket, ...]") -> Operations | None:
    """Return the operators' door, if `server.operations` opened one."""
    if not sockets:
        return None
    from feedsvc.serving.metrics import MEDIA_TYPE, Metrics  # noqa: PLC0415 - 1 MB that few use

    app = create_operations_app(service, Metrics(service).text, MEDIA_TYPE)
    return Operations(app=app, sockets=sockets)


def fill_shelves(service: Service, *, is_prepared: bool, has_readers: bool = True) -> None:
    """Never begin with an older revision than readers may have from another process."""
    if not has_readers:
        service.memory.keep_no_bodies()
    fill(service.follower, is_prepared=is_prepared)
    if is_prepared:
        service.tally.put(Count.FOLLOWED, service.follower.sequence)
    service.database.close()  # a connection that has read ten thousand feeds holds megabytes
