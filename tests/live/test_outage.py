"""Promise 5: with the database gone feeds are still served, also after a restart."""

from pathlib import Path

import pytest

from tests import postgres
from tests.live.process import Answer, ServiceProcess, wait_until

pytestmark = pytest.mark.live
FEED = "/feeds/recent.rss"


def add(service: ServiceProcess, title: str) -> Answer:
    """Publish an article and return the feed that shows it."""
    service.run("article", "add", "--title", title, "--body-file", "-", text="Text.")
    wait_until(lambda: title.encode() in service.get(FEED).body)
    return service.get(FEED)


def is_served_as(service: ServiceProcess, before: Answer) -> bool:
    whole = service.get(FEED)
    again = service.get(FEED, {"If-None-Match": before.headers["etag"]})
    same = (whole.body, whole.headers["etag"]) == (before.body, before.headers["etag"])
    return same and whole.status == 200 and again.status == 304


@pytest.mark.checklist("HTTP-08", "HTTP-44")
def test_feeds_outlive_the_database_and_a_restart(cluster: Path, tmp_path: Path) -> None:
    url = f"postgresql://postgres@/postgres?host={cluster}"
    service = ServiceProcess(tmp_path, database={"url": url})
    with postgres.serving(cluster):
        service.run("migrate")
        service.start()
        before = add(service, "Before the outage")

    try:
        assert is_served_as(service, before)
        assert service.get("/").status == 503
        assert service.get("/desk/").status in {302, 303, 503}
        assert service.get("/readyz").status == 503
        assert service.get("/healthz").status == 200

        service.kill()
        service.start()
        assert is_served_as(service, before)

        with postgres.serving(cluster):
            after = add(service, "After the outage")
            assert b"Before the outage" in after.body
            assert service.get("/readyz").status == 200
    finally:
        service.kill()


def test_unprepared_database_stops_the_start_with_the_remedy(
    cluster: Path, tmp_path: Path
) -> None:
    url = f"postgresql://postgres@/postgres?host={cluster}"
    service = ServiceProcess(tmp_path, database={"url": url})

    with (
        postgres.serving(cluster),
        pytest.raises(AssertionError, match="run 'feedsvc migrate'"),
    ):
        service.start()


@pytest.mark.checklist("HTTP-45")
def test_first_start_without_a_database_answers_503(tmp_path: Path) -> None:
    url = f"postgresql://postgres@/postgres?host={tmp_path}/nowhere"
    with ServiceProcess(tmp_path, database={"url": url}) as service:
        answer = service.get(FEED)

    assert answer.status == 503
    assert int(answer.headers["retry-after"]) > 0
    assert answer.headers["cache-control"] == "no-store"


def test_removed_database_file_is_noticed_and_taken_up_again(tmp_path: Path) -> None:
    """Promise 1: nothing is acknowledged that a removed file would take with it."""
    with ServiceProcess(tmp_path) as service:
        before = add(service, "Before the file went")
        file = tmp_path / "data" / "feedsvc.sqlite3"
        aside = [
            each.rename(tmp_path / each.name) for each in file.parent.glob(f"{file.name}*")
        ]

        with pytest.raises(AssertionError, match="put the database back"):
            service.run("article", "add", "--title", "Lost", "--body-file", "-", text="x")
        wait_until(lambda: service.get("/readyz").status == 503)
        assert is_served_as(service, before)

        service.kill()
        service.start()
        assert is_served_as(service, before)
        assert not file.exists()

        for each in aside:
            each.rename(file.parent / each.name)
        assert b"Before the file went" in add(service, "After it came back").body
