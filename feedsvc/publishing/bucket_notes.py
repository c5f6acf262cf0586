"""What this host last wrote into a bucket, so that a restart need not ask for each object.

The notes only save questions: an object whose tag is not the noted one is looked at. So they
may be lost, or damaged, and nothing is overwritten or removed on their word alone.
"""

import fcntl
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from hashlib import sha256
from pathlib import Path

import msgspec

from feedsvc.errors import UnavailableError
from feedsvc.publishing.folders import (
    discard,
    make_folder,
    opened_folder,
    sweep_folder,
    temporary,
    write_file,
)

Noted = tuple[str, str, int]  # the bucket's tag, our digest, the feed's revision


class Notes:
    """A file of notes on one bucket, in a folder of its own. Use it within `opened`."""

    def __init__(self, folder: Path, address: str) -> None:
        self._address = address
        self._folder = folder / sha256(address.encode()).hexdigest()[:16]
        self._path = self._folder / "objects.json"

    @contextmanager
    def opened(self) -> Iterator[None]:
        """Keep the bucket to this process, as far as this host goes.

        Raises:
            UnavailableError: another process keeps it, or the folder cannot be written.
        """
        with ExitStack() as stack:
            try:
                make_folder(self._folder)
                descriptor = stack.enter_context(opened_folder(self._folder))
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise UnavailableError(
                    f"another 'feedsvc publish' keeps {self._address}; leave it to that one"
                ) from None
            except OSError as error:
                raise UnavailableError(
                    f"cannot write {self._folder}: {error.strerror}; let this user write there"
                ) from error
            sweep_folder(self._folder)
            yield

    def read(self) -> dict[str, Noted]:
        """Return the notes by the object's name; none where there are none that we can read."""
        with suppress(OSError, msgspec.DecodeError):
            return msgspec.json.decode(self._path.read_bytes(), type=dict[str, Noted])
        return {}

    def write(self, notes: Mapping[str, Noted]) -> None:
        """Replace the notes; without room for them, there are none."""
        beside = temporary(self._folder)
        try:
            write_file(beside, msgspec.json.encode(notes) + b"\n")
            beside.replace(self._path)
        except OSError:
            discard(beside)
            discard(self._path)
