"""A bucket as an outlet: an object for each feed, format and coding, for a CDN to serve.

```
PREFIX/feeds/recent.rss              what everybody can read; see `publish.plain`
PREFIX/feeds/recent.rss.gz .br .zst  the same, coded, with Content-Encoding
```

A bucket cannot choose a coding for whoever asks, so each object has one. Each also carries
which revision of the feed it is and a digest of what was written, which is how ours are told
from other people's, and how an older revision is kept from replacing a newer one (promise 4),
whatever else publishes to the same bucket.

Nothing is put in place as a whole: objects change one after the other. Those that are new come
before any that is replaced, because what is replaced may lead to what is new.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from hashlib import sha256

from feedsvc.config import Config
from feedsvc.errors import ConflictError
from feedsvc.http.caching import stored_cache_control
from feedsvc.model import Coding, Representation
from feedsvc.publishing.bucket_notes import Noted, Notes
from feedsvc.publishing.object_store import Found, ObjectStore
from feedsvc.publishing.outlet_names import file_name, slug_of
from feedsvc.publishing.report import Report
from feedsvc.publishing.sets import gather

_FOLDER = "feeds"  # where all our names begin
_CONNECTIONS = 8
_ATTEMPTS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """An object as it should be."""

    name: str
    body: bytes = field(repr=False)
    headers: Mapping[str, str]
    digest: str
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outcome:
    """What is there now, and why that is not what was wanted ("" where it is)."""

    found: Found | None
    is_written: bool = False
    refusal: str = ""


class Bucket:
    """The objects of one bucket that are ours. Use it within `opened`, once."""

    def __init__(self, store: ObjectStore, notes: Notes, config: Config) -> None:
        self._store = store
        self._notes = notes
        self._settings = config.publish
        self._freshness = stored_cache_control(config.cache)
        self._pool = ThreadPoolExecutor(_CONNECTIONS)
        self._noted: dict[str, Noted] = {}
        self._listed: dict[str, str] = {}  # tags of what was not looked at yet
        self._found: dict[str, Found] = {}

    @contextmanager
    def opened(self) -> Iterator[None]:
        """See what is there; in the end, note what we know of it.

        Raises:
            UnavailableError: the bucket cannot be used, or another process here keeps it.
        """
        with ExitStack() as stack:
            stack.enter_context(self._notes.opened())
            self._noted = self._notes.read()
            self._listed = self._store.tags(_FOLDER)
            stack.callback(self._note)
            stack.enter_context(self._pool)
            yield

    def put(self, representations: Iterable[Representation], report: Report) -> None:
        """Write those of some feeds that are not there yet; remove codings that are no more.

        Raises:
            UnavailableError: the bucket cannot be used now.
        """
        groups = gather(representations).values()
        wanted = [each for group in groups for each in self._wanted(group)]
        names = {each.name for each in wanted}
        others = [name for name in _names(groups) if name not in names]
        self._look_at([*names, *others])
        self._write([each for each in wanted if each.name not in self._found], report)
        self._write([each for each in wanted if each.name in self._found], report)
        self._remove(others, report)

    def keep_only(self, slugs: Collection[str], report: Report) -> None:
        """Remove our objects of every other feed.

        Raises:
            UnavailableError: the bucket cannot be used now.
        """
        known = set(slugs)
        gone = [name for name in (*self._listed, *self._found) if _is_of_others(name, known)]
        self._look_at(gone)
        self._remove(gone, report)
        self._note()

    def _wanted(self, group: Sequence[Representation]) -> Iterator[_Wanted]:
        """Return the objects of a set: one for every program, and one for each coding."""
        by_coding = {each.coding: each for each in group}
        plain = by_coding.get(Coding(self._settings.plain)) or by_coding[Coding.IDENTITY]
        yield self._object(plain, Coding.IDENTITY)
        if self._settings.siblings:
            for coding in by_coding.keys() - {Coding.IDENTITY}:
                yield self._object(by_coding[coding], coding)

    def _object(self, made: Representation, name: Coding) -> _Wanted:
        headers = {"Content-Type": made.format.media_type, "Cache-Control": self._freshness}
        if made.coding is not Coding.IDENTITY:
            headers["Content-Encoding"] = made.coding.value
        said = "\n".join([made.validators.etag, *headers.values()])
        return _Wanted(
            name=file_name(made.slug, made.format, name),
            body=made.body,
            headers=headers,
            digest=sha256(said.encode()).hexdigest()[:32],
            revision=made.revision,
        )

    def _look_at(self, names: Iterable[str]) -> None:
        """Find out whose the listed objects are: by our notes, else by asking."""
        unknown = []
        for name in names:
            tag, noted = self._listed.get(name), self._noted.get(name)
            if tag is not None and noted is not None and noted[0] == tag:
                self._found[name] = Found(tag=tag, digest=noted[1], revision=noted[2])
                del self._listed[name]
            elif tag is not None:
                unknown.append(name)
        for name, found in zip(unknown, self._pool.map(self._store.look, unknown), strict=True):
            self._learn(name, found)

    def _learn(self, name: str, found: Found | None) -> None:
        self._listed.pop(name, None)
        if found is None:
            self._found.pop(name, None)
        else:
            self._found[name] = found

    def _write(self, wanted: Sequence[_Wanted], report: Report) -> None:
        for each, outcome in zip(wanted, self._pool.map(self._bring, wanted), strict=True):
            self._learn(each.name, outcome.found)
            if outcome.refusal:
                report.failed[each.name] = outcome.refusal
            elif outcome.is_written:
                report.written.append(each.name)
            else:
                report.unchanged += 1

    def _bring(self, wanted: _Wanted) -> _Outcome:
        """Write an object over the one we know of; if that is gone, over what is there."""
        found = self._found.get(wanted.name)
        for _ in range(_ATTEMPTS):
            if found is not None and found.digest == wanted.digest:
                return _Outcome(found=found)
            if refusal := _refusal(found, wanted):
                return _Outcome(found=found, refusal=refusal)
            try:
                return _Outcome(found=self._send(wanted, found), is_written=True)
            except ConflictError:
                found = self._store.look(wanted.name)
        return _Outcome(found=found, refusal="another program keeps changing it; stop that one")

    def _send(self, wanted: _Wanted, over: Found | None) -> Found:
        return self._store.write(
            wanted.name,
            wanted.body,
            wanted.headers,
            Found(tag="", digest=wanted.digest, revision=wanted.revision),
            over,
        )

    def _remove(self, names: Iterable[str], report: Report) -> None:
        ours = [name for name in names if name in self._found and self._found[name].is_ours]
        for name, _ in zip(ours, self._pool.map(self._store.remove, ours), strict=True):
            del self._found[name]
            report.removed.append(name)

    def _note(self) -> None:
        """Note what we know, unless nothing is new since the last time."""
        notes = {
            name: (found.tag, found.digest, found.revision)
            for name, found in self._found.items()
            if found.digest is not None and found.revision is not None
        }
        if notes != self._noted:
            self._notes.write(notes)
            self._noted = notes


def _names(groups: Iterable[Sequence[Representation]]) -> list[str]:
    """Return every name that sets can have."""
    return [
        file_name(group[0].slug, group[0].format, coding)
        for group in groups
        for coding in Coding
    ]


def _is_of_others(name: str, slugs: Collection[str]) -> bool:
    slug = slug_of(name)
    return slug is not None and slug not in slugs


def _refusal(found: Found | None, wanted: _Wanted) -> str:
    """Say why an object may not be replaced; "" where it may."""
    if found is None:
        return ""
    if found.digest is None or found.revision is None:
        return "the object there is not ours; move it away, or publish to another prefix"
    if found.revision > wanted.revision:
        return (
            f"the bucket has revision {found.revision}, newer than {wanted.revision} here; if"
            " another feedsvc was quicker all is well, and if this database was restored from"
            " a copy, remove the object"
        )
    return ""
