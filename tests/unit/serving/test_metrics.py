"""What `/metrics` says, also with the database away."""

from dataclasses import replace

from feedsvc.model import Coding, Format
from feedsvc.serving.front import Counted
from feedsvc.serving.metrics import MEDIA_TYPE, Metrics
from feedsvc.storage.database import Database
from feedsvc.tally import ORDINARY, Count, kind
from feedsvc.web import create_app, create_operations_app
from feedsvc.wiring import Service
from tests.live.metrics import parse, total


def test_kinds_of_answers_have_their_labels(service: Service) -> None:
    service.tally.add(kind(Format.ATOM, Coding.ZSTD, "304 Not Modified"), 7)
    service.tally.add(ORDINARY + kind(Format.JSON, None, "404 Not Found"), 2)

    counts = parse(Metrics(service).text().decode())

    fast = {"lane": "fast", "format": "atom", "coding": "zstd", "status": "304"}
    assert total(counts, "answers_total", **fast) == 7
    missing = {"lane": "ordinary", "format": "json", "coding": "", "status": "4xx"}
    assert total(counts, "answers_total", **missing) == 2
    assert total(counts, "answers_total") == 9


def test_database_that_is_away_is_said_and_the_rest_stays(service: Service) -> None:
    gone = Database("postgresql://nobody@127.0.0.1:1/none")
    room = replace(service.room, database=gone)
    service.tally.add(Count.CONNECTIONS, 3)

    counts = parse(Metrics(replace(service, database=gone, room=room)).text().decode())

    assert total(counts, "database_up") == 0
    assert total(counts, "connections_total") == 3
    assert ("feedsvc_feeds_dirty", ()) not in counts


def test_slowest_process_says_how_far_behind_the_host_is(service: Service) -> None:
    counts = parse(Metrics(service).text().decode())

    assert total(counts, "publications_behind") == 0
    assert total(counts, "feeds_dirty") == 1  # the feed of all articles is made with the room
    assert total(counts, "leader") == 0


def test_leader_is_one_whose_lease_has_not_ended(service: Service) -> None:
    until = int(service.clock.now().timestamp()) + 5
    service.tally.put(Count.LEADS_UNTIL, until)

    assert total(parse(Metrics(service).text().decode()), "leader") == 1


def test_it_is_served_as_prometheus_expects(service: Service) -> None:
    app = create_operations_app(service, Metrics(service).text, MEDIA_TYPE)

    response = app.test_client().get("/metrics")

    assert response.content_type == "text/plain; version=0.0.4; charset=utf-8"
    assert total(parse(response.text), "workers") == 1
    assert response.headers["Cache-Control"] == "no-store"
    assert app.test_client().get("/desk/").status_code == 404


def test_application_without_a_front_is_counted(service: Service) -> None:
    app = create_app(service)
    app.wsgi_app = Counted(app.wsgi_app, service.tally)  # type: ignore[method-assign]

    app.test_client().get("/healthz")

    assert service.tally.board.total(Count.PAGES_2XX) == 1
