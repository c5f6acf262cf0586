"""The processes of a service: what their supervisor does, and what each of them does.

Where everything is served there are three kinds: workers answer for feeds, and pass on what
pages are asked; a leader renders, or who answers pages where there is one worker only. So an
interpreter that is busy with a page or with rendering keeps no reader of feeds waiting.
"""

import logging
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from math import ceil
from socket import socket

from feedsvc import wiring
from feedsvc.cli.failing import exit_code_of
from feedsvc.cli.leading import lead
from feedsvc.cli.serving import Role, operations, run, run_pages
from feedsvc.clock import SystemClock
from feedsvc.config import Config
from feedsvc.errors import UnavailableError
from feedsvc.scheduling.triggers import schedule_trigger
from feedsvc.serving import binding
from feedsvc.serving.hardened import refuse_unknown_waitress
from feedsvc.serving.hashing_aside import HashingAside
from feedsvc.serving.passing import Passing, is_for_feeds, is_for_pages, pair
from feedsvc.serving.server import Post
from feedsvc.serving.supervisor import ROWS, Plan, Supervisor
from feedsvc.serving.worker import Station
from feedsvc.storage import feeds
from feedsvc.tally import Board
from feedsvc.visits import Visits
from feedsvc.wiring import Service

logger = logging.getLogger(__name__)
_WORKERS_FOR_ONE = 2  # with pages: few ask for those, and what is slow there is the database


def prepare(service: Service, *, migrate: bool = False) -> bool:
    """Make the database fit; while it is away, feeds are served from this host's disk."""
    try:
        wiring.prepare(service, migrate=migrate)
    except UnavailableError as error:
        logger.error("started without the database: %s", error)  # noqa: TRY400 - foreseen
        return False
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ground:
    """What processes begin on.

    `is_prepared` is False if the database was away and is to be made fit on its return;
    `is_new` says that nothing is published yet.
    """

    is_prepared: bool = True
    is_new: bool = False


class Workers:
    """Runs a service: a supervisor, workers, and where they render for nobody a leader.

    Args:
        sockets: what was opened for us; if nothing was, we open what the settings say.
        read: reads the settings; again for each hand-over.
        announce: shows whoever starts a new service the way in.
        role: what the workers answer for.
    """

    def __init__(
        self,
        sockets: tuple[socket, ...],
        read: Callable[[], Config],
        announce: Callable[[Service], None],
        role: Role,
    ) -> None:
        self._sockets = sockets
        self._read = read
        self._announce = announce
        self._role = role
        self._operations: tuple[socket, ...] = ()
        self._feeds_end, self._pages_end = pair()
        self._board = Board(ROWS)
        self._visits = Visits()  # before the fork, so that all workers share it
        self._clock = SystemClock()  # the workers' too, so that it remembers for them

    def run(self, settings: Config, *, migrate: bool) -> int:
        """Serve until a signal ends it; return the exit status.

        Raises:
            ConfigError: the address cannot be used, or the schedule is none.
        """
        _check(settings)
        self._sockets = self._sockets or tuple(binding.listen(settings.server))
        self._operations = binding.listen_for_operators(settings.server)
        if self._operations:
            import_module("feedsvc.serving.metrics")  # before the fork, once for all
        sockets = (*self._sockets, *self._operations, self._feeds_end, self._pages_end)
        try:
            plan = self._plan(settings, self._prepare(settings, migrate=migrate))
        except Exception:
            for opened in sockets:
                opened.close()
            raise
        return Supervisor(sockets, self._clock, plan, self._renew, self._board).run()

    def _renew(self) -> Plan:
        """Read the settings again; address and port stay those of the open sockets."""
        settings = self._read()
        _check(settings)
        return self._plan(settings, _Ground())

    def _plan(self, settings: Config, ground: _Ground) -> Plan:
        def work(station: Station) -> int:
            return self._work(settings, station, ground)

        def leading(station: Station) -> int:
            return self._lead(settings, station, ground)

        def paging(station: Station) -> int:
            return self._page(settings, station, ground, leads=not leads_apart)

        # A process takes some 20 MB. Where one worker is enough, whoever answers pages leads.
        leads_apart = self._is_whole and settings.server.workers > 1
        # Other settings mark feeds dirty, which must not be before the last worker with the
        # settings of before has ended: it would publish them as they were.
        return Plan(
            count=settings.server.workers,
            work=work,
            lead=leading if leads_apart else None,
            leads_first=ground.is_new,
            pages=paging if self._is_whole else None,
            pages_count=ceil(settings.server.workers / _WORKERS_FOR_ONE)
            if self._is_whole
            else 0,
            pages_lead=self._is_whole and not leads_apart,
            settle=lambda: self._settle(settings),
        )

    def _settle(self, settings: Config) -> None:
        self._prepare(settings, migrate=False)

    def _prepare(self, settings: Config, *, migrate: bool) -> _Ground:
        service = wiring.build(settings, self._clock)
        try:
            is_prepared = prepare(service, migrate=migrate)
            is_new = is_prepared and not _is_anything_published(service)
            return _Ground(is_prepared=is_prepared, is_new=is_new)
        finally:
            service.database.close()  # no connection may live on into a worker

    def _work(self, settings: Config, station: Station, ground: _Ground) -> int:
        """Be one worker, from the fork to the end; return its exit status."""

        def on_ready(_address: str) -> None:
            if station.is_first:
                self._announce(service)
                sys.stdout.flush()
            station.say_ready()

        self._pages_end.close()
        try:
            tally = self._board.take(station.place)
            service = wiring.build(settings, self._clock, tally, HashingAside())
            passing = Passing(self._feeds_end, is_for_feeds) if self._is_whole else None
            post = Post(
                sockets=self._sockets,
                passing=passing,
                is_supervised=True,
                operations=operations(service, self._operations),
                tally=tally,
                visits=self._visits,
            )
            run(
                service,
                on_ready,
                is_prepared=ground.is_prepared,
                post=post,
                role=self._role,
                may_lead=not self._is_whole,
            )
        except Exception as error:  # noqa: BLE001 - the outermost loop of this process
            return exit_code_of(error)
        return 0

    def _page(self, settings: Config, station: Station, ground: _Ground, *, leads: bool) -> int:
        """Be a process for pages, from the fork to the end; return its exit status."""
        for sock in (*self._operations, self._feeds_end):
            sock.close()
        try:
            tally = self._board.take(station.place)
            service = wiring.build(settings, self._clock, tally, HashingAside())
            post = Post(
                sockets=self._sockets,
                listens=False,
                passing=Passing(self._pages_end, is_for_pages),
                is_supervised=True,
                tally=tally,
                visits=self._visits,
            )
            run_pages(
                service,
                station.say_ready,
                is_prepared=ground.is_prepared,
                post=post,
                leads=leads,
                is_new=ground.is_new,
            )
        except Exception as error:  # noqa: BLE001 - the outermost loop of this process
            return exit_code_of(error)
        return 0

    def _lead(self, settings: Config, station: Station, ground: _Ground) -> int:
        """Be the leader, from the fork to the end; return the exit status."""
        for sock in (*self._sockets, *self._operations, self._feeds_end, self._pages_end):
            sock.close()
        try:
            tally = self._board.take(station.place)
            service = wiring.build(settings, self._clock, tally)
            lead(service, station, is_prepared=ground.is_prepared, is_new=ground.is_new)
        except Exception as error:  # noqa: BLE001 - the outermost loop of this process
            return exit_code_of(error)
        return 0

    @property
    def _is_whole(self) -> bool:
        """Whether feeds and pages are served, and by processes of their own."""
        return self._role is Role.ALL


def _is_anything_published(service: Service) -> bool:
    try:
        with service.database.read() as tx:
            return bool(feeds.published_since(tx, 0, 1))
    except UnavailableError:
        return True  # readers get what this host knew before


def _check(settings: Config) -> None:
    """Find out before the fork what would end every worker."""
    refuse_unknown_waitress()
    schedule_trigger(settings.schedule)
