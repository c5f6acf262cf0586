"""Those who make feeds beside each other, without processes."""

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from threading import Thread

from feedsvc.storage.database import Database
from feedsvc.workflow import hands
from feedsvc.workflow.hands import Hand, Hire
from feedsvc.workflow.newsroom import Newsroom


def thread(work: Callable[[Newsroom, Connection], None] = hands.help_) -> Hire:
    """Return what begins a thread in the place of a process; its line ends with it.

    It has connections of its own, as a process has.
    """

    def hire(room: Newsroom, _others: Sequence[Hand]) -> Hand:
        ours, its = Pipe()
        url = room.database.engine.url.render_as_string(hide_password=False)
        own = replace(room, database=Database(url))

        def run() -> None:
            with its, closing(own.database):
                work(own, its)

        begun = Thread(target=run)
        begun.start()
        return Hand(ours, lambda: "is a thread", lambda: None, begun.join)

    return hire
