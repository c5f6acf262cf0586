"""The memory shelf: what this process answers readers with.

The labels of everything that is out are always here, so 304, 412 and HEAD are answered from
memory whatever else is away. Of the bodies, those that are asked for are here.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from sys import getsizeof
from threading import Lock

from feedsvc.model import Coding, Format, Label, Representation
from feedsvc.publishing.bodies import Bodies
from feedsvc.publishing.sets import Key, gather
from feedsvc.publishing.shelved import Shelved

UNLIMITED = 2**63
Source = Callable[[Label], Iterable[Representation]]
_PLACES = {format_: place for place, format_ in enumerate(Format)}
_Held = tuple[bytes | None, ...]  # the packed labels of one feed, each format in its place
_PLACE = 60  # bytes that a feed takes in the shelf, and what the allocator adds to its parts
_NOTHING: _Held = (None,) * len(_PLACES)


class MemoryShelf:
    """The newest set of every feed and format.

    Readers never lock: what they hold never changes, an update puts another shelf in its
    place. So nobody sees a body beside the validators of another revision.

    `next_change` is when bytes can next change, as far as the scheduler has told. `gone` are
    the slugs of feeds that were here and have been removed.

    Args:
        limit: how many bytes bodies take that are kept ready.
        sources: where a body is looked for that is not, one after the other. Each gives
            checked representations, or nothing: of that set, or a newer set as a whole.
    """

    def __init__(self, limit: int = UNLIMITED, sources: Sequence[Source] = ()) -> None:
        self.next_change: datetime | None = None
        self.gone: frozenset[str] = frozenset()
        self.bodies = Bodies(limit)
        self._sources = sources
        self._shelf: dict[str, _Held] = {}  # by slug: ten thousand values, and not 30,000
        self._label_bytes = 0
        self._writing = Lock()  # guards read, change and swap of the shelf among writers

    def find(self, slug: str, format_: Format) -> Shelved | None:
        """Return the labels of a feed in one format, all of one revision."""
        packed = self._shelf.get(slug, _NOTHING)[_PLACES[format_]]
        return None if packed is None else Shelved(slug, format_, packed)

    def revision(self, key: Key) -> int | None:
        """Return which revision of a feed in a format is here."""
        held = self.find(*key)
        return held.revision if held else None

    def all(self) -> Iterator[Shelved]:
        """Yield the labels of everything."""
        for slug, held in self._shelf.items():
            for format_, packed in zip(_PLACES, held, strict=True):
                if packed is not None:
                    yield Shelved(slug, format_, packed)

    @property
    def state(self) -> object:
        """All of it: another object after every change, and never the same one again."""
        return self._shelf

    def keep_no_bodies(self) -> None:
        """Keep labels only: this process answers for no feed, and others have their share."""
        self.bodies = Bodies(0)

    def body(self, label: Label) -> bytes | None:
        """Return the body with a label, wherever it has to come from: this may take a while.

        None if it cannot be had now. If it is because a newer one is out, that is here
        afterwards.
        """
        etag = label.validators.etag
        ready = self.bodies.get(etag)
        if ready is not None:
            return ready
        for source in self._sources:
            found = tuple(source(label))
            for each in found:
                if each.validators.etag == etag:
                    self.bodies.put(etag, each.body)
                    return each.body
            self.update(found)
        with self._writing:  # an update under way lets go of bodies before it is seen
            return None

    def is_ready(self, slug: str, format_: Format, coding: Coding) -> bool:
        """Whether the body of what is out here is held: somebody asked for it lately."""
        held = self.find(slug, format_)
        label = held.labels.get(coding) if held else None
        return label is not None and label.validators.etag in self.bodies

    def update(self, news: Iterable[Label | Representation]) -> None:
        """Put each set that is newer than what is held in its place; ignore the others.

        Where bodies are given, they are kept as far as there is room.
        """
        news = list(news)
        bodies = [each for each in news if isinstance(each, Representation)]
        labels = [each.label if isinstance(each, Representation) else each for each in news]
        with self._writing:
            newer = {
                key: Shelved.of(group)
                for key, group in gather(labels).items()
                if self._is_newer(key, group[0].revision)
            }
            changed = self._beside_others(newer)
            shelf = self._counted(changed, self._shelf | changed) if newer else self._shelf
            self._exchange(newer, bodies)
            self.gone -= {slug for slug, _ in newer}
            self._shelf = shelf

    def drop(self, slugs: Collection[str]) -> None:
        """Forget feeds that are no more, in every format, but for their names."""
        with self._writing:
            self.gone |= frozenset(slugs)
            left = {slug: held for slug, held in self._shelf.items() if slug not in slugs}
            self._shelf = self._counted(slugs, left)

    def _counted(self, slugs: Collection[str], shelf: dict[str, _Held]) -> dict[str, _Held]:
        """Return another shelf, in which these feeds differ; bodies leave its labels room."""
        for slug in slugs:
            self._label_bytes += _taken(slug, shelf) - _taken(slug, self._shelf)
        self.bodies.leave("labels", self._label_bytes)
        return shelf

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to answer with: nothing was ever rendered or followed."""
        return not self._shelf

    def _is_newer(self, key: Key, revision: int) -> bool:
        held = self.revision(key)
        return held is None or held < revision

    def _beside_others(self, newer: Mapping[Key, Shelved]) -> dict[str, _Held]:
        """Return what is held of the feeds that are newer in some format."""
        changed: dict[str, _Held] = {}
        for (slug, format_), shelved in newer.items():
            held = changed.get(slug) or self._shelf.get(slug, _NOTHING)
            place = _PLACES[format_]
            changed[slug] = (*held[:place], shelved.packed, *held[place + 1 :])
        return changed

    def _exchange(self, newer: Mapping[Key, Shelved], bodies: Iterable[Representation]) -> None:
        """Put new bodies where those of before were, so that a feed that is read stays ready.

        Whoever asks for one of before in this moment is given it by a source.
        """
        for key, shelved in newer.items():
            if before := self.find(*key):
                self.bodies.discard(_tags(before) - _tags(shelved))
        for each in bodies:
            if (each.slug, each.format) in newer:
                self.bodies.offer(each.validators.etag, each.body)


def _taken(slug: str, shelf: Mapping[str, _Held]) -> int:
    """Return how many bytes the labels of a feed take, with its name and its place."""
    held = shelf.get(slug)
    if held is None:
        return 0
    packed = sum(getsizeof(each) for each in held if each is not None)
    return _PLACE + getsizeof(slug) + getsizeof(held) + packed


def _tags(shelved: Shelved) -> set[str]:
    return {each.validators.etag for each in shelved.labels.values()}
