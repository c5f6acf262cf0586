"""What a request for an archive document is answered with.

These are made when somebody asks, in the thread that answers, one at a time: hardly anybody
asks twice, caches in front keep them, and a crawler that walks through the whole archive
takes no more of a process than one core's share. A few are kept, for a crawler's next visit
and for the other codings and methods.
"""

from collections.abc import Sequence
from dataclasses import replace
from threading import Lock

from feedsvc.errors import NotFoundError, UnavailableError
from feedsvc.http.caching import archive_cache_control
from feedsvc.http.feed_paths import ArchivePath, archive_path
from feedsvc.model import Format, Representation
from feedsvc.publishing.shelved import Shelved
from feedsvc.rendering.kept import Kept
from feedsvc.serving.answers import Answer, Answers, Request, Variants, later, unread
from feedsvc.workflow import archive
from feedsvc.workflow.archive import Version
from feedsvc.workflow.newsroom import Newsroom

BUDGET = 8_000_000  # bytes of documents, in all codings
PATIENCE_SECONDS = 10.0
_BUSY = "Archive documents are asked for faster than they are made; please come back shortly."
_AWAY = "The archive cannot be read at this moment; please come back shortly."


class _Made:
    """A document, with the answers that were given of it, as a feed and as a page."""

    def __init__(self, made: Sequence[Representation], format_: Format, link: str) -> None:
        shelved = Shelved.of([each.label for each in made])
        self.variants, self.pages = (
            Variants(shelved, format_, link, as_page=as_page) for as_page in (False, True)
        )
        self.bodies = {each.coding: each.body for each in made}


class ArchiveAnswers:
    """Answers requests for the archive documents of feeds."""

    def __init__(self, answers: Answers, room: Newsroom) -> None:
        self._answers = answers
        self._room = room
        self._kept: Kept[Version, _Made] = Kept(BUDGET)
        self._making = Lock()

    def answer(self, request: Request, asked: ArchivePath) -> Answer:
        """Return the answer to a request, for a document that is there or not."""
        moment = self._answers.moments.current()
        if answer := unread(request.method, moment):
            return answer
        try:
            version, made = self._find(asked)
        except NotFoundError:
            return self._answers.select(request, None, moment)
        except UnavailableError:
            return later(moment, _AWAY)
        if made is None:
            return later(moment, _BUSY)
        caching = archive_cache_control(self._room.config.cache, is_final=version.is_final)
        dated = replace(moment, cache_control=caching)
        variants = made.pages if request.as_page else made.variants
        answer = self._answers.select(request, variants, dated)
        if answer.label is None:
            return answer
        body = made.bodies[answer.label.coding]
        return Answer(answer.status, answer.fields, body, kind=answer.kind)

    def _find(self, asked: ArchivePath) -> tuple[Version, _Made | None]:
        """Return the document as it is to be now; without it where others take too long."""
        version = archive.version(self._room, asked.slug, asked.number)
        if kept := self._kept.get(asked, version):
            return version, kept
        if not self._making.acquire(timeout=PATIENCE_SECONDS):
            return version, None
        try:
            # Another thread may have made it while this one waited.
            kept = self._kept.get(asked, version)
            return (version, kept) if kept else self._make(asked)
        finally:
            self._making.release()

    def _make(self, asked: ArchivePath) -> tuple[Version, _Made]:
        version, made = archive.make(self._room, asked.slug, asked.number, asked.format)
        site = self._room.config.site
        found = _Made(made, asked.format, f'<{site.url(archive_path(asked))}>; rel="self"')
        self._kept.put(asked, version, found, sum(len(each.body) for each in made))
        return version, found
