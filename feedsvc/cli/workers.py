"""The processes of a service: what their supervisor does, and what each of them does.

Where everything is served there are three kinds: workers answer for feeds, and pass on what
pages are asked; a leader renders, or who answers pages where there is one worker only. So an
interpreter that is busy with a page or with rendering keeps no reader of feeds waiting.

Memory that a process shares with others is its own from when it writes there, if only a count
of references. So with one worker the supervisor imports what that one needs, and the one other
process imports the rest for itself. Where there are several others, they share it all.
"""

import logging
import sys
from collections.abc import Callable
from dataclasses import replace
from math import ceil
from socket import socket
from types import ModuleType
from typing import TYPE_CHECKING

from feedsvc.cli.answering import answer
from feedsvc.cli.errand import sent
from feedsvc.cli.failing import exit_code_of
from feedsvc.cli.ground import Common, Ground
from feedsvc.cli.loading import loaded
from feedsvc.cli.program import Program
from feedsvc.cli.role import Role
from feedsvc.clock import SystemClock
from feedsvc.config import Config
from feedsvc.errors import FeedsvcError
from feedsvc.scheduling.moments import next_moment
from feedsvc.serving import binding
from feedsvc.serving.hardened import refuse_unknown_waitress
from feedsvc.serving.passing import pair
from feedsvc.serving.supervisor import ROWS, Plan, Supervisor
from feedsvc.serving.worker import Station
from feedsvc.tally import Board
from feedsvc.visits import Visits

if TYPE_CHECKING:
    from feedsvc.wiring import Service

logger = logging.getLogger(__name__)
# What pages and leading need, and preparing; the supervisor has none of it.
_WHOLE, _PREPARING = "feedsvc.cli.whole", "feedsvc.cli.preparing"
_WORKERS_FOR_ONE = 2  # with pages: few ask for those, and what is slow there is the database


class Workers:
    """Runs a service: a supervisor, workers, and where they render for nobody a leader.

    Args:
        sockets: what was opened for us; if nothing was, we open what the settings say.
        read: reads the settings; again for each hand-over.
        welcome: says what is shown to whoever starts the service.
        role: what the workers answer for.
    """

    def __init__(
        self,
        sockets: tuple[socket, ...],
        read: Callable[[], Config],
        welcome: "Callable[[Service], str]",
        role: Role,
    ) -> None:
        self._program = Program()
        self._read = read
        self._welcome = welcome
        feeds_end, pages_end = pair()
        self._common = Common(
            role=role,
            sockets=sockets,
            operations=(),
            feeds_end=feeds_end,
            pages_end=pages_end,
            clock=SystemClock(),  # the workers' too, so that it remembers for them
            board=Board(ROWS),
            visits=Visits(),  # before the fork, so that all workers share it
        )

    def run(self, settings: Config, *, migrate: bool) -> int:
        """Serve until a signal ends it; return the exit status.

        Raises:
            ConfigError: the address cannot be used, or the schedule is none.
        """
        _check(settings)
        self._common = replace(
            self._common,
            sockets=self._common.sockets or tuple(binding.listen(settings.server)),
            operations=binding.listen_for_operators(settings.server),
        )
        try:
            ground = sent(lambda: self._prepared(settings, migrate=migrate))
            if not self._is_lean or settings.server.workers > 1:
                self._load_once_for_all()
            plan = self._plan(settings, ground)
        except BaseException:
            for opened in self._opened:
                opened.close()
            raise
        common = self._common
        supervisor = Supervisor(self._opened, common.clock, plan, self._renew, common.board)
        return supervisor.run()

    def _load_once_for_all(self) -> None:
        """Import what several processes need, or a worker too."""
        self._loaded(_WHOLE)
        if self._common.operations:
            self._loaded("feedsvc.serving.metrics")

    def _loaded(self, module: str) -> ModuleType:
        """Import what the supervisor may have not, of this version of the program."""
        if module not in sys.modules:
            self._program.make_sure()
        return loaded(module)

    def _prepared(self, settings: Config, *, migrate: bool) -> Ground:
        laid: Ground = self._loaded(_PREPARING).lay(
            settings, self._common.clock, self._welcome, migrate=migrate
        )
        return laid

    def _looked_at(self, settings: Config) -> Ground:
        found: Ground = self._loaded(_PREPARING).look(settings, self._common.clock)
        return found

    def _renew(self) -> Plan:
        """Read the settings again; address and port stay those of the open sockets."""
        settings = self._read()
        _check(settings)
        return self._plan(settings, _while_serving(lambda: self._looked_at(settings)))

    def _plan(self, settings: Config, ground: Ground) -> Plan:
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
        _while_serving(lambda: self._prepared(settings, migrate=False))

    def _work(self, settings: Config, station: Station, ground: Ground) -> int:
        """Be one worker, from the fork to the end; return its exit status."""

        def on_ready(_address: str) -> None:
            if station.is_first and ground.welcome:
                print(ground.welcome, flush=True)
            station.say_ready()

        self._common.pages_end.close()
        try:
            if self._is_lean:
                answer(settings, self._common, ground, station, on_ready)
            else:
                self._loaded(_WHOLE).work(settings, self._common, ground, station, on_ready)
        except Exception as error:  # noqa: BLE001 - the outermost loop of this process
            return exit_code_of(error)
        return 0

    def _page(self, settings: Config, station: Station, ground: Ground, *, leads: bool) -> int:
        """Be a process for pages, from the fork to the end; return its exit status."""
        for sock in (*self._common.operations, self._common.feeds_end):
            sock.close()
        try:
            self._loaded(_WHOLE).page(settings, self._common, ground, station, leads=leads)
        except Exception as error:  # noqa: BLE001 - the outermost loop of this process
            return exit_code_of(error)
        return 0

    def _lead(self, settings: Config, station: Station, ground: Ground) -> int:
        """Be the leader, from the fork to the end; return the exit status."""
        for sock in self._opened:
            sock.close()
        try:
            self._loaded(_WHOLE).lead_(settings, self._common, ground, station)
        except Exception as error:  # noqa: BLE001 - the outermost loop of this process
            return exit_code_of(error)
        return 0

    @property
    def _opened(self) -> tuple[socket, ...]:
        common = self._common
        return *common.sockets, *common.operations, common.feeds_end, common.pages_end

    @property
    def _is_lean(self) -> bool:
        """Whether workers need nothing of what the others import.

        Whoever tells operators' programs how the service is asks the database for all of it.
        """
        return self._is_whole and not self._common.operations

    @property
    def _is_whole(self) -> bool:
        """Whether feeds and pages are served, and by processes of their own."""
        return self._common.role is Role.ALL


def _while_serving(work: Callable[[], Ground]) -> Ground:
    """Have something done, whose failing must not end those who serve.

    It imports what is on the disk, and that may be another version by now.

    Raises:
        FeedsvcError: it failed.
    """
    try:
        return sent(work)
    except FeedsvcError:
        raise
    except Exception as error:
        logger.exception("the process that prepares the service failed")
        raise FeedsvcError(
            f"a fault in feedsvc: {type(error).__name__}; if another version was installed,"
            " restart the service"
        ) from error


def _check(settings: Config) -> None:
    """Find out before the fork what would end every worker."""
    refuse_unknown_waitress()
    next_moment(settings.schedule)
