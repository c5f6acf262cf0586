"""The processes that have the whole program: for pages, to lead, for a role alone."""

from collections.abc import Callable

from feedsvc import wiring
from feedsvc.cli.ground import Common, Ground
from feedsvc.cli.leading import lead
from feedsvc.cli.role import Role
from feedsvc.cli.serving import operations, run, run_pages
from feedsvc.config import Config
from feedsvc.serving.hashing_aside import HashingAside
from feedsvc.serving.passing import Passing, is_for_feeds, is_for_pages
from feedsvc.serving.server import Post
from feedsvc.serving.worker import Station


def work(
    settings: Config,
    common: Common,
    ground: Ground,
    station: Station,
    on_ready: Callable[[str], None],
) -> None:
    """Be a worker, for what the role says."""
    tally = common.board.take(station.place)
    service = wiring.build(settings, common.clock, tally, HashingAside())
    is_whole = common.role is Role.ALL
    post = Post(
        sockets=common.sockets,
        passing=Passing(common.feeds_end, is_for_feeds) if is_whole else None,
        is_supervised=True,
        operations=operations(service, common.operations),
        tally=tally,
        visits=common.visits,
    )
    run(
        service,
        on_ready,
        is_prepared=ground.is_prepared,
        post=post,
        role=common.role,
        may_lead=not is_whole,
    )


def page(
    settings: Config, common: Common, ground: Ground, station: Station, *, leads: bool
) -> None:
    """Be a process for pages, which leads too where nobody else does."""
    tally = common.board.take(station.place)
    service = wiring.build(settings, common.clock, tally, HashingAside())
    post = Post(
        sockets=common.sockets,
        listens=False,
        passing=Passing(common.pages_end, is_for_pages),
        is_supervised=True,
        tally=tally,
        visits=common.visits,
    )
    run_pages(
        service,
        station.say_ready,
        is_prepared=ground.is_prepared,
        post=post,
        leads=leads,
        is_new=ground.is_new,
    )


def lead_(settings: Config, common: Common, ground: Ground, station: Station) -> None:
    """Be the leader, who serves nobody."""
    service = wiring.build(settings, common.clock, common.board.take(station.place))
    lead(service, station, is_prepared=ground.is_prepared, is_new=ground.is_new)
