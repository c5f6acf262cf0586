"""What `/metrics` says, read by prometheus_client's own parser."""

import http.client
import re
from urllib.parse import urlsplit

from prometheus_client.parser import text_string_to_metric_families

from tests.live.process import Answer, ServiceProcess

Counts = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def parse(text: str) -> Counts:
    """Return every value by name and labels; no name stands twice."""
    families = list(text_string_to_metric_families(text))
    assert len({family.name for family in families}) == len(families)
    assert all(family.documentation for family in families)
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


def total(counts: Counts, name: str, **labels: str) -> float:
    """Return the sum of what has these labels."""
    return sum(
        value
        for (found, has), value in counts.items()
        if found == f"feedsvc_{name}" and labels.items() <= dict(has).items()
    )


def get(address: str, path: str) -> Answer:
    """Ask for a path over a connection of its own."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=20)
    try:
        connection.request("GET", path)
        return Answer(connection.getresponse())
    finally:
        connection.close()


def door(service: ServiceProcess) -> str:
    """Return where a service answers operators."""
    found = re.findall(r'"open to operators" address=(\S+)', service.log.read_text())
    assert found
    return str(found[-1])


def scrape(address: str) -> Counts:
    """Ask as Prometheus does."""
    return parse(get(address, "/metrics").body.decode())
