"""How reader software treats us: a report for the operator; nobody is refused for it."""

from enum import StrEnum

from feedsvc.model import ReaderKind, Software, Traffic

FEW = 10  # requests, or times between two of them, of which nothing can be said
_POOR, _SOME = 0.5, 0.1  # shares that make a complaint


class Complaint(StrEnum):
    """What reader software does that costs its newsroom something."""

    UNCONDITIONAL = "unconditional"  # most requests have no validator
    ALTERED = "altered"  # validators come back changed
    UNCOMPRESSED = "uncompressed"  # takes no compressed bodies
    EARLY = "early"  # comes before the max-age is over
    AGAIN = "again"  # fetches everything once more within a day


def score(traffic: Traffic) -> int:
    """Return how well software treats a server, 0 to 100.

    40 points are for validators, 15 each for giving them back unchanged, for taking compressed
    bodies, for waiting as long as the `max-age` says, and for not fetching everything anew
    within a day (after Rachel Kroll's feed reader score project). Who was seen to come back
    a few times only is hardly judged by how soon it did.
    """
    conditional = traffic.share_conditional or 0
    early = traffic.early / max(traffic.intervals, FEW)
    again = traffic.again_day / traffic.requests if traffic.requests else 0
    echoed, compressed = traffic.share_echoed or 0, traffic.share_compressed or 0
    return round(40 * conditional + 15 * (echoed + compressed + (1 - early) + (1 - again)))


def complaints(traffic: Traffic) -> tuple[Complaint, ...]:
    """Return what software does that costs something."""
    found = {
        Complaint.UNCONDITIONAL: (traffic.share_conditional or 0) < _POOR,
        Complaint.ALTERED: traffic.conditional > 0 and (traffic.share_echoed or 0) < _POOR,
        Complaint.UNCOMPRESSED: (traffic.share_compressed or 0) < _POOR,
        Complaint.EARLY: traffic.early > max(traffic.intervals, FEW) * _POOR,
        Complaint.AGAIN: traffic.again_day > traffic.requests * _SOME,
    }
    return tuple(complaint for complaint, is_so in found.items() if is_so)


def is_person(software: Software) -> bool:
    """Whether one that asks is one reader, more or less, and counted as a direct one."""
    return software.kind not in {ReaderKind.AGGREGATOR, ReaderKind.BOT}
