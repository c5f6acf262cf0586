"""The dashboard is one that Grafana reads, and asks for nothing that `/metrics` lacks."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from feedsvc.model import RECENT, ReaderKind, Software, Traffic
from feedsvc.scheduling.leader import Leadership
from feedsvc.serving.metrics import Metrics
from feedsvc.storage.readers import taking_in
from feedsvc.wiring import Service
from feedsvc.workflow.refresh import refresh
from feedsvc.workflow.watching.handing_over import Batch, hand_over, hour_of
from feedsvc.workflow.writing import edit
from tests.conftest import ROOT
from tests.factories import by, given
from tests.live.metrics import parse

BOARD = json.loads((ROOT / "docs" / "grafana" / "feedsvc.json").read_text("utf-8"))
PANELS: list[dict[str, Any]] = BOARD["panels"]
WIDTH = 24


def queries() -> Iterator[str]:
    for panel in PANELS:
        yield from (target["expr"] for target in panel.get("targets", []))


def test_it_has_what_grafana_needs() -> None:
    """As the dashboard schema has it (grafana.com, "Dashboard JSON model"), version 39."""
    assert BOARD["id"] is None  # or an import would take somebody else's place
    assert BOARD["uid"]
    assert BOARD["title"] == "feedsvc"
    assert BOARD["schemaVersion"] == 39
    assert {"time", "timezone", "templating", "annotations", "refresh"} <= BOARD.keys()
    names = [variable["name"] for variable in BOARD["templating"]["list"]]
    assert names == ["datasource", "instance"]


def test_every_panel_is_whole() -> None:
    numbers = [panel["id"] for panel in PANELS]
    assert len(set(numbers)) == len(numbers)
    for panel in PANELS:
        assert panel["title"]
        if panel["type"] == "row":
            assert panel["panels"] == []
            continue
        assert panel["type"] in {"stat", "timeseries", "bargauge"}
        assert panel["description"]
        assert panel["datasource"]["uid"] == "${datasource}"
        references = [target["refId"] for target in panel["targets"]]
        assert references
        assert len(set(references)) == len(references)
        assert panel["fieldConfig"].keys() == {"defaults", "overrides"}


def test_panels_do_not_overlap() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in PANELS:
        at = panel["gridPos"]
        assert at["x"] + at["w"] <= WIDTH
        cells = {
            (at["x"] + column, at["y"] + line)
            for column in range(at["w"])
            for line in range(at["h"])
        }
        assert not cells & taken, panel["title"]
        taken |= cells


@pytest.fixture
def names(service: Service) -> dict[str, set[str]]:
    """Every name that `/metrics` says, and the labels that it has."""
    edit.create(service.room, given(), by=by("asha"))
    lease = Leadership(service.database, service.clock, 10).claim()
    assert lease is not None
    refresh(service.room, lease)
    now = service.clock.now()
    counts = {(RECENT, "curl", hour_of(now)): Traffic(requests=20)}
    software = {Software("curl", ReaderKind.LIBRARY)}
    hand_over(
        service.room.database, service.room.clock, Batch(software=software, counts=counts)
    )
    with service.database.write() as tx:
        taking_in.note_presence(tx.plainly(), "press/w/1/1", int(now.timestamp()), 0)
    found: dict[str, set[str]] = {}
    text = Metrics(service).text().decode()
    for name in re.findall(r"^# TYPE (\S+)", text, re.MULTILINE):
        found[name] = set()
    for name, labels in parse(text):
        found.setdefault(name, set()).update(label for label, _ in labels)
    return found


def test_every_metric_that_it_names_is_there(names: dict[str, set[str]]) -> None:
    asked = {name for query in queries() for name in re.findall(r"feedsvc_\w+", query)}

    assert asked <= names.keys()
    assert len(asked) >= 20


def test_every_label_that_it_names_is_there(names: dict[str, set[str]]) -> None:
    for query in queries():
        for name, selector in re.findall(r"(feedsvc_\w+)\{([^}]*)\}", query):
            labels = {each.partition("=")[0] for each in selector.split(",")}
            unknown = labels - names[name] - {"instance"}
            assert not unknown, f"{name} has no {unknown}"


def test_brackets_are_closed() -> None:
    for query in queries():
        for opening, closing in ("()", "{}", "[]"):
            assert query.count(opening) == query.count(closing), query
