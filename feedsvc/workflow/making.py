"""A feed is made of what was read: rendered and compressed, without time or database."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial

from msgspec import Struct
from msgspec.structs import replace

from feedsvc.config import Config
from feedsvc.model import CORRECTIONS, ArticleId, Coding, Format
from feedsvc.publishing.seal import Bare, Coded, code, without_plain
from feedsvc.rendering.document import render
from feedsvc.says import english
from feedsvc.workflow.compose import compose
from feedsvc.workflow.cores import usable
from feedsvc.workflow.snapshot import Work

CORES = usable()
MANY = 8  # feeds; fewer are made on one core, the others stay free for readers


class Made(Struct, frozen=True, kw_only=True):
    """What a feed's work has led to: its bytes by format and coding, and what was left out.

    `aside` says why articles were set aside, where that is not what is noted beside them; ""
    where they read well again.
    """

    coded: Mapping[Format, Mapping[Coding, Coded | Bare]]
    aside: Mapping[ArticleId, str]
    entries: int
    left_out: int = 0

    def to_be_stored(self) -> "Made":
        """Return the same with no more bytes than are stored of it."""
        return replace(
            self,
            coded={format_: without_plain(each) for format_, each in self.coded.items()},
        )


Result = tuple[Work, Callable[[], Made]]  # the call waits for it, or raises what went wrong


def make(config: Config, work: Work) -> Made:
    """Render and compress: all that needs neither the time nor the database."""
    feed = replace(work.feed, archives=work.feed.archives + len(work.ends))
    composed = compose(config, feed, work.articles, work.tombstones)
    rendered = render(composed.document)
    aside = (*composed.set_aside, *rendered.set_aside)
    return Made(
        coded={
            format_: code(body, work.previous.get(format_), rendered.parts[format_])
            for format_, body in rendered.bodies.items()
        },
        aside=_to_be_noted(work, {bad.article_id: english(bad.reason) for bad in aside}),
        entries=len(composed.document.entries) - len(rendered.set_aside),
        left_out=len(composed.left_out),
    )


def _to_be_noted(work: Work, reasons: Mapping[ArticleId, str]) -> Mapping[ArticleId, str]:
    if work.feed.slug == CORRECTIONS:  # which does not show the articles themselves
        return {}
    return {
        article.id: reasons.get(article.id, "")
        for article in work.articles
        if reasons.get(article.id, "") != article.set_aside
    }


@contextmanager
def beside(config: Config, batch: Sequence[Work]) -> Iterator[list[Result]]:
    """Have every feed of a large batch made in threads, first come, first served.

    When the work is given up, what has not begun is cancelled, and the rest waited for. Few
    are made by who wants to have them: a thread for a moment costs more than it is worth.
    """
    if len(batch) < MANY:
        yield [(work, partial(make, config, work)) for work in batch]
        return
    threads = ThreadPoolExecutor(CORES, "making")
    try:
        yield [(work, _in_thread(threads, config, work)) for work in batch]
    finally:
        threads.shutdown(cancel_futures=True)


def _in_thread(threads: ThreadPoolExecutor, config: Config, work: Work) -> Callable[[], Made]:
    """Have a feed made by a thread; where the system gives none, by who wants to have it."""
    try:
        return threads.submit(make, config, work).result
    except RuntimeError:
        return partial(make, config, work)
