"""The server: binds, serves until it is told to stop, and drains.

One thread runs the loop over all connections; a pool of threads runs the application.
"""

import logging
import resource
import signal
import socket
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field, replace
from ipaddress import ip_address
from threading import RLock, current_thread, main_thread
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from waitress.adjustments import Adjustments

from feedsvc.clock import Clock, SystemClock
from feedsvc.config import Config, Server
from feedsvc.http.bodies import MAX_BODY
from feedsvc.serving import binding
from feedsvc.serving.access_log import Notes
from feedsvc.serving.adopter import Adopter
from feedsvc.serving.channel import Channel, Patience
from feedsvc.serving.fast_lane import FastLane
from feedsvc.serving.front import Front
from feedsvc.serving.hardened import (
    MAX_HEADER,
    Dispatcher,
    refuse_unknown_waitress,
)
from feedsvc.serving.listener import Common, Listener
from feedsvc.serving.loop import Loop
from feedsvc.serving.passing import Passing
from feedsvc.serving.precedence import Precedence
from feedsvc.serving.worker import DRAIN, DRAIN_LAST, END
from feedsvc.tally import Tally, alone
from feedsvc.visits import Visits

if TYPE_CHECKING:
    from types import FrameType

    from _typeshed.wsgi import WSGIApplication

logger = logging.getLogger(__name__)

_TURN_SECONDS = 0.5
_SWEEP_SECONDS = 0.5
_DRAIN_TURN_SECONDS = 0.1
_FIRST_REQUEST_SECONDS = 1.0  # for a client that had just connected when we were stopped
_OPERATORS = 16  # connections of monitoring, whatever crowd the public is
_OTHER_DESCRIPTORS = 128  # files, database connections, pipes


@dataclass(frozen=True, slots=True, kw_only=True)
class Operations:
    """A door for operators: sockets of its own, and what is answered on them."""

    app: "WSGIApplication"
    sockets: tuple[socket.socket, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """What a server takes over from whoever started it: open sockets, and a supervisor.

    Without sockets it opens its own. With a supervisor it is told by `worker.DRAIN` and
    `worker.END`; alone, by SIGTERM or SIGINT, and a second one does not wait for anybody.
    `passing` is for where another kind of process answers a part of what is asked here. Who
    does not listen is given connections by the others alone. An application that `explains`
    looks for `http.bodies.TOO_LARGE`, and says itself what was too large. `on_leaving` is for
    who does not listen: called when a signal says that it will end, perhaps again.
    """

    sockets: tuple[socket.socket, ...] = ()
    listens: bool = True
    passing: Passing | None = None
    is_supervised: bool = False
    explains: bool = False
    on_leaving: Callable[[], None] = lambda: None
    operations: Operations | None = None
    tally: Tally = field(default_factory=alone)
    visits: Visits = field(default_factory=Visits)


ALONE = Post()


def run(
    app: "WSGIApplication",
    config: Config,
    *,
    on_ready: Callable[[str], None],
    on_stop: Callable[[], None] = lambda: None,
    clock: Clock | None = None,
    post: Post = ALONE,
) -> None:
    """Serve until a signal says otherwise, then finish what is under way and return.

    `on_ready` is given the address, once the socket is open. `on_stop` is called once at the
    end, whatever ended it.

    Raises:
        ConfigError: the address cannot be used, or waitress is of another version.
    """
    refuse_unknown_waitress()
    server = HttpServer(app, config, clock or SystemClock(), post)
    try:
        with _heeding(_orders(server, post)):
            on_ready(server.address)
            server.serve()
    finally:
        server.close()
        on_stop()


class HttpServer:
    """waitress, hardened, behind a loop of ours."""

    def __init__(
        self,
        app: "WSGIApplication",
        config: Config,
        clock: Clock,
        post: Post | None = None,
    ) -> None:
        post = post or Post()
        settings = config.server
        self._clock = clock
        self._drain_seconds = settings.drain_seconds
        self._must_stop = False
        self._must_end = False
        self._last_until: float | None = None  # when to drain, though others have not ended
        self._is_closed = False
        self._closing = RLock()  # guards the flag above; a signal may come while it is held
        self._next_sweep = 0.0
        self._sockets: dict[int, Any] = {}
        self._loop = Loop(self._sockets, clock)
        self._notes = Notes()
        opened = post.sockets or binding.listen(settings)
        self.address = binding.url(opened[0])
        self._dispatcher = Dispatcher()
        self._lane = _lane(app) if settings.fast_lane else None
        self._precedence: Precedence | None = None
        self._workers = settings.workers
        self._may_go_first = settings.real_time and self._lane is not None and post.listens
        common = Common(
            app=app,
            clock=clock,
            adjustments=_adjustments(config),
            dispatcher=self._dispatcher,
            patience=Patience(header=settings.header_seconds, body=settings.body_seconds),
            logs_access=settings.access_log,
            notes=self._notes,
            lane=self._lane,
            sockets=self._sockets,
            loop=self._loop,
            tally=post.tally,
            passing=post.passing,
            explains=post.explains,
        )
        self._passing = post.passing
        self._listens = post.listens
        self._listeners = list(_doors(opened, post, common))
        self._dispatchers = [self._dispatcher]
        if post.operations is not None:
            self._open_to_operators(common, post.operations)
        common.adjustments.connection_limit += len(self._sockets)  # clients, not our own
        for descriptor, one in self._sockets.items():
            self._loop.keep_asking(descriptor, one)
        self._dispatcher.set_thread_count(settings.threads)

    def _open_to_operators(self, common: Common, operations: Operations) -> None:
        """Let monitoring in beside the crowd, with a thread of its own, and uncounted."""
        adjustments, dispatcher = copy(common.adjustments), Dispatcher()
        adjustments.connection_limit += _OPERATORS + len(self._sockets)
        apart = replace(
            common,
            app=operations.app,
            adjustments=adjustments,
            dispatcher=dispatcher,
            logs_access=False,
            lane=None,
            tally=alone(),
            passing=None,
            explains=False,
        )
        self._listeners += [Listener(sock, apart) for sock in operations.sockets]
        self._dispatchers.append(dispatcher)
        logger.info("open to operators address=%s", binding.url(operations.sockets[0]))
        dispatcher.set_thread_count(1)

    def serve(self) -> None:
        """Serve until `stop` is called, then drain."""
        if self._listens:
            logger.info("listening address=%s", self.address)
        if self._may_go_first:
            self._precedence = Precedence(self._workers)
        while not self._must_stop:
            self._turn(_TURN_SECONDS)
            if self._last_until is not None:
                self._see_others_off(self._last_until)
        if self._precedence is not None:
            self._precedence.take_turns()
            self._precedence = None
        self._drain()
        self.close()

    def stop(self) -> None:
        """End `serve`; a second call ends the draining too. For any thread or signal."""
        self._must_end |= self._must_stop
        self.drain()

    def drain(self) -> None:
        """End `serve` and drain, however often this is called."""
        # No counting: a signal may come in the midst of this.
        self._must_stop = True
        with self._closing:
            if not self._is_closed:
                self._listeners[0].pull_trigger()

    def be_last(self) -> None:
        """Drain once those who pass connections on have ended; until then, take them."""
        if self._last_until is None and self._passing is not None:
            self._last_until = self._clock.monotonic() + self._drain_seconds
            self._passing.give_no_more()
            for listener in self._listeners:
                listener.is_draining = True  # every answer is the last of its connection

    def _see_others_off(self, until: float) -> None:
        self._let_go(0)
        have_ended = all(isinstance(one, Adopter) and one.has_ended for one in self._listeners)
        if have_ended or self._clock.monotonic() > until:
            self.drain()

    def end(self) -> None:
        """End `serve` and wait for nobody."""
        self._must_end = True
        self.drain()

    def close(self) -> None:
        """Close whatever is still open. It does no harm to call it twice."""
        with self._closing:
            if self._is_closed:
                return
            self._is_closed = True
        for channel in self._channels():
            channel.handle_close()
        if self._lane is not None:
            self._lane.finish()
        for dispatcher in self._dispatchers:
            dispatcher.shutdown(timeout=0 if self._must_end else 1)
        self._loop.close()
        if self._passing is not None:
            self._passing.close()
        for listener in self._listeners:
            listener.close()

    def _turn(self, seconds: float) -> None:
        now = self._clock.monotonic()
        if now >= self._next_sweep:
            self._next_sweep = now + _SWEEP_SECONDS
            for listener in self._listeners:
                listener.sweep(now)
            self._loop.ask()
            if self._lane is not None:
                self._lane.settle(now)
            if self._precedence is not None:
                self._precedence.look(now)
        self._loop.turn(seconds)
        self._notes.write()

    def _channels(self) -> list[Channel]:
        return [
            one for listener in self._listeners for one in listener.active_channels.values()
        ]

    def _drain(self) -> None:
        """Answer what has been asked, and ask everybody to leave."""
        begun = self._clock.monotonic()
        logger.info("draining connections=%d", len(self._channels()))
        for listener in self._listeners:
            listener.stop_listening()
        self._turn(0)  # requests that are here already are answered, not cut off
        while self._channels() and not self._must_end:
            waited = self._clock.monotonic() - begun
            if waited > self._drain_seconds:
                break
            self._let_go(waited)
            self._turn(_DRAIN_TURN_SECONDS)
        logger.info("drained unfinished=%d", len(self._channels()))

    def _let_go(self, waited: float) -> None:
        for channel in self._channels():
            if channel.is_idle() and (channel.has_asked or waited > _FIRST_REQUEST_SECONDS):
                channel.handle_close()


def _doors(opened: Iterable[socket.socket], post: Post, common: Common) -> Iterator[Listener]:
    """Return where connections come in; a socket that is not listened on here is closed."""
    known, *_ = opened = tuple(opened)
    if post.passing is not None:
        yield Adopter(post.passing.incoming, known, common)
    for sock in opened:
        if post.listens:
            yield Listener(sock, common)
        else:
            sock.close()


def _lane(app: "WSGIApplication") -> FastLane | None:
    return FastLane(app.answers, app.counting) if isinstance(app, Front) else None


def _adjustments(config: Config) -> Adjustments:
    """Return the settings of waitress; whatever is not named here is its default."""
    return Adjustments(
        threads=config.server.threads,
        connection_limit=_connection_limit(config.server),
        asyncore_use_poll=True,
        channel_request_lookahead=0,  # CVE-2024-49768 needs more
        expose_tracebacks=False,
        ident=None,
        log_socket_errors=False,
        max_request_body_size=MAX_BODY,
        max_request_header_size=MAX_HEADER,
        url_scheme=urlsplit(config.site.base_url).scheme,
        **_proxy(config.server.trusted_proxy),
    )


def _proxy(address: str) -> dict[str, Any]:
    """Believe one proxy about who asks and how; waitress drops what others say of that."""
    if not address:
        return {}
    return {
        "trusted_proxy": str(ip_address(address)),
        "trusted_proxy_headers": "x-forwarded-for x-forwarded-proto",
        "trusted_proxy_count": 1,
    }


def _connection_limit(settings: Server) -> int:
    """Make room for the connections, and take fewer where the system does not give it."""
    wanted = settings.max_connections + _OTHER_DESCRIPTORS
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return settings.max_connections
    room = wanted if hard == resource.RLIM_INFINITY else min(hard, wanted)
    resource.setrlimit(resource.RLIMIT_NOFILE, (room, hard))
    if room < wanted:
        logger.warning(
            "fewer connections than server.max_connections limit=%d advice=%s",
            max(room - _OTHER_DESCRIPTORS, 1),
            f"raise the limit of open files to {wanted} (ulimit -n, LimitNOFILE=)",
        )
    return max(room - _OTHER_DESCRIPTORS, 1)


Order = Callable[[], None]


def _orders(server: HttpServer, post: Post) -> Mapping[int, Order]:
    if not post.is_supervised:
        return {signal.SIGTERM: server.stop, signal.SIGINT: server.stop}
    if not post.listens:  # what others were asked before they end is still passed on

        def leaving(order: Order) -> Order:
            def both() -> None:
                post.on_leaving()
                order()

            return both

        return {
            DRAIN: leaving(server.be_last),
            signal.SIGINT: leaving(server.be_last),
            DRAIN_LAST: leaving(server.drain),
            END: server.end,
        }
    # The supervisor and a terminal or systemd say the same thing twice: no second signal.
    return {DRAIN: server.drain, signal.SIGINT: server.drain, END: server.end}


@contextmanager
def _heeding(orders: Mapping[int, Order]) -> Iterator[None]:
    """Let signals give orders; only a main thread may say so to Python."""
    if current_thread() is not main_thread():
        yield
        return

    def handle(number: int, _frame: "FrameType | None") -> None:
        orders[number]()

    before = {one: signal.signal(one, handle) for one in orders}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
