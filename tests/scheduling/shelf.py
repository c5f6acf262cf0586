"""What a process of a test would answer with."""

from feedsvc.model import RECENT, Coding, Format
from feedsvc.wiring import Service


def shows(service: Service, title: str) -> bool:
    found = service.memory.find(RECENT, Format.JSON)
    body = service.memory.body(found.labels[Coding.IDENTITY]) if found else None
    return title.encode() in (body or b"")
