"""What `/metrics` says, also with the database away."""

import dataclasses

import msgspec
from msgspec.structs import replace

from feedsvc.model import RECENT, Coding, Format, ReaderKind, Software, Traffic
from feedsvc.serving.front import Counted
from feedsvc.serving.gathering import Gathered
from feedsvc.serving.metrics import MEDIA_TYPE, Metrics
from feedsvc.storage.database import Database
from feedsvc.tally import ORDINARY, Count, kind
from feedsvc.visits import Visits
from feedsvc.web import create_app, create_operations_app
from feedsvc.wiring import Service
from feedsvc.workflow.watching.handing_over import Batch, hand_over, hour_of
from tests.fakes import FakeClock
from tests.live.metrics import parse, total
from tests.unit.serving.test_gathering import asked


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


def test_who_reads_is_told(service: Service, clock: FakeClock) -> None:
    hour, feedly = hour_of(clock.now()), Software("Feedly", ReaderKind.AGGREGATOR)
    asked = Traffic(requests=50, not_modified=30, sent=900, spared_by_304=4000, conditional=40)
    metrics = Metrics(service)
    made = Batch(
        software={feedly},
        counts={(RECENT, "Feedly", hour): asked, ("gone", "Feedly", hour): asked},
        claims={(hour // 24, RECENT, "Feedly", "rss"): (12, 12)},
    )
    hand_over(service.room.database, service.room.clock, made)

    counts = parse(metrics.text().decode())

    assert total(counts, "feed_requests_last_day", feed=RECENT, answer="304") == 30
    assert total(counts, "feed_requests_last_day", feed="", answer="200") == 20
    assert total(counts, "feed_sent_bytes_last_day", feed=RECENT) == 900
    assert total(counts, "feed_spared_bytes_last_day", by="304") == 8000
    assert total(counts, "feed_readers", feed=RECENT, kind="claimed") == 12
    assert total(counts, "readers", kind="claimed") == 12
    assert total(counts, "software_requests_last_day", software="Feedly") == 100
    assert 0 < total(counts, "software_score", software="Feedly") < 100
    assert total(counts, "claims_doubtful") == 0
    hand_over(
        service.room.database, service.room.clock, dataclasses.replace(made, id="another")
    )
    clock.advance(59)  # a minute old at most, however often it is asked for
    assert parse(metrics.text().decode()) == counts
    clock.advance(1)
    again = parse(metrics.text().decode())
    assert total(again, "software_requests_last_day", software="Feedly") == 200


def test_where_nobody_counts_nothing_is_told_of_readers(service: Service) -> None:
    off = msgspec.structs.replace(service.config.statistics, enabled=False)
    config = msgspec.structs.replace(service.config, statistics=off)
    quiet = replace(service, config=config, room=replace(service.room, config=config))

    names = {name for name, _ in parse(Metrics(quiet).text().decode())}

    assert "feedsvc_feed_requests_last_day" not in names
    assert "feedsvc_releases_overdue" in names


def test_labels_are_bounded(service: Service, clock: FakeClock) -> None:
    """Whatever anybody sends as a User-Agent: a series of ours more is memory elsewhere."""
    gathered = Gathered(Visits(), "")
    for number in range(500):
        gathered.add(asked(agent=f"Acme/{number} (evil)"), int(clock.now().timestamp()))
    hand_over(
        service.room.database, service.room.clock, gathered.sealed(lambda _day: b"secret")
    )

    labels = [dict(found) for _, found in parse(Metrics(service).text().decode())]

    assert {one["software"] for one in labels if "software" in one} == {"other"}
