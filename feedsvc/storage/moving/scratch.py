"""Notes of a piece of work that is too large for memory: on disk, and gone with the work."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self


class Scratch:
    """Words by kind and name, found again in any order. For one thread."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    @classmethod
    @contextmanager
    def opened(cls) -> Iterator[Self]:
        """Open a new one in the folder for temporary files; nothing of it outlives the work."""
        with TemporaryDirectory(prefix="feedsvc-") as folder:
            connection = sqlite3.connect(Path(folder) / "notes.sqlite3", isolation_level=None)
            try:
                # Nothing here has to survive anything, so nothing is synced.
                connection.execute("PRAGMA journal_mode=OFF")
                connection.execute("PRAGMA synchronous=OFF")
                connection.execute(
                    "CREATE TABLE note (kind TEXT, name TEXT, value TEXT, "
                    "PRIMARY KEY (kind, name)) WITHOUT ROWID"
                )
                yield cls(connection)
            finally:
                connection.close()

    def claim(self, kind: str, name: str, value: str) -> str:
        """Note a word unless there is one; return the one that is there now."""
        self._connection.execute(
            "INSERT OR IGNORE INTO note VALUES (?, ?, ?)", (kind, name, value)
        )
        return self.get(kind, name) or value

    def put(self, kind: str, name: str, value: str) -> None:
        """Note a word, over the one that was there."""
        self._connection.execute(
            "INSERT OR REPLACE INTO note VALUES (?, ?, ?)", (kind, name, value)
        )

    def get(self, kind: str, name: str) -> str | None:
        """Return a word, or None if none was noted."""
        found = self._connection.execute(
            "SELECT value FROM note WHERE kind = ? AND name = ?", (kind, name)
        ).fetchone()
        return str(found[0]) if found else None

    def starting(self, kind: str, prefix: str, limit: int) -> list[str]:
        """Return the words whose names begin so, in the order of their names."""
        found = self._connection.execute(
            "SELECT value FROM note WHERE kind = ? AND name >= ? AND name < ? "
            "ORDER BY name LIMIT ?",
            (kind, prefix, prefix + "\U0010ffff", limit),
        )
        return [str(value) for (value,) in found]
