"""From an editor's save to a hub that fetches the topic: it finds the article there."""

from pathlib import Path

import pytest

from tests.hubs import hub
from tests.live.process import ServiceProcess, wait_until


@pytest.mark.checklist("HUB-01", "HUB-04", "HUB-05")
@pytest.mark.live
def test_a_hub_finds_what_it_is_told_of(tmp_path: Path) -> None:
    with hub() as near:
        websub: dict[str, object] = {"hubs": [near.url]}
        allowed: dict[str, object] = {"allowed": [near.name]}
        with ServiceProcess(tmp_path, websub=websub, outbound=allowed) as service:
            first = {f"{service.url}/feeds/recent.{each}" for each in ("rss", "atom", "json")}
            wait_until(lambda: first <= set(near.told))
            near.told.clear()
            service.run(
                *("article", "add", "--title", "It rains", "--body-file", "-"), text="Rain."
            )
            topic = f"{service.url}/feeds/recent.atom"
            wait_until(lambda: topic in near.told)

            answer = service.get("/feeds/recent.atom")

    assert b"It rains" in answer.body
    assert f'<{near.url}>; rel="hub"' in answer.headers["link"]
    assert f'<{topic}>; rel="self"' in answer.headers["link"]
