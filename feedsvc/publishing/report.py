"""What a publication to an outlet did, for whoever asked for it."""

from dataclasses import dataclass, field


@dataclass(slots=True, kw_only=True)
class Report:
    """What was done: names of files, and why some could not be written or removed."""

    written: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    unchanged: int = 0
    failed: dict[str, str] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to tell."""
        return not (self.written or self.removed or self.failed)
