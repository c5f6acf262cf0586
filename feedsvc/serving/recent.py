"""A number of values, of which those that are asked for stay."""

from collections.abc import Hashable
from typing import Generic, TypeVar

Name = TypeVar("Name", bound=Hashable)
Value = TypeVar("Value")


class Recent(Generic[Name, Value]):
    """Values by name in two halves: what is not asked for while one fills is let go.

    Asking costs one look where most is asked for, and needs no lock: a value that two threads
    put at once is one too many, and nothing else.
    """

    def __init__(self, most: int) -> None:
        self._half = most // 2
        self._new: dict[Name, Value] = {}
        self._old: dict[Name, Value] = {}

    def get(self, name: Name) -> Value | None:
        """Return a value if it is still here."""
        found = self._new.get(name)
        if found is None:
            found = self._old.get(name)
            if found is not None:
                self.put(name, found)
        return found

    def put(self, name: Name, value: Value) -> None:
        """Keep a value."""
        if len(self._new) >= self._half:
            self._old, self._new = self._new, {}
        self._new[name] = value
