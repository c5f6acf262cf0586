"""A bucket as an outlet, on a real S3 server over real sockets."""

import random
import socket
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from feedsvc import config as configuration
from feedsvc.config import Publish
from feedsvc.errors import ConfigError, ConflictError, UnavailableError
from feedsvc.model import Coding, Format, Representation
from feedsvc.publishing.bucket import Bucket
from feedsvc.publishing.bucket_address import Address, parse_address
from feedsvc.publishing.bucket_notes import Notes
from feedsvc.publishing.object_store import Found, ObjectStore
from feedsvc.publishing.outlet_names import file_name
from feedsvc.publishing.report import Report
from tests.s3 import CREDENTIALS, S3Server, answering
from tests.unit.publishing.making import make_representation, make_set
from tests.unit.publishing.shelf_checks import BOTH, RSS, WINE, sets_of

pytestmark = pytest.mark.xdist_group("s3")
SLUGS = [key[0] for key in BOTH]
NAMES = [f"feeds/recent.rss{end}" for end in ("", ".br", ".gz", ".zst")]
QUICK = timedelta(seconds=2)


class Place:
    """One bucket, published to by one host."""

    def __init__(self, server: S3Server, folder: Path, bucket: str, **settings: object) -> None:
        self.server = server
        self.bucket = bucket
        self.folder = folder
        self.config = configuration.parse({"publish": settings}, "test")
        self.address = parse_address(f"s3://{bucket}/site", self.config.publish)

    def opened(self, kind: type[ObjectStore] = ObjectStore) -> Bucket:
        return Bucket(
            kind(self.address, QUICK), Notes(self.folder, str(self.address)), self.config
        )

    def publish(
        self, representations: Sequence[Representation], slugs: Collection[str] = SLUGS
    ) -> Report:
        """Publish as one run of the command does."""
        bucket, report = self.opened(), Report()
        with bucket.opened():
            bucket.put(representations, report)
            bucket.keep_only(slugs, report)
        return report

    def bodies(self) -> dict[str, bytes]:
        return {
            name.removeprefix("site/"): body
            for name, body in self.server.objects(self.bucket).items()
        }

    def another(self, folder: Path, **settings: object) -> "Place":
        """The same bucket, from another host."""
        return Place(self.server, folder, self.bucket, **settings)


@pytest.fixture
def place(s3_environment: S3Server, tmp_path: Path) -> Place:
    return Place(s3_environment, tmp_path / "notes", s3_environment.new_bucket())


def expected(representations: Sequence[Representation]) -> dict[str, bytes]:
    return {
        file_name(each.slug, each.format, each.coding): each.body for each in representations
    }


def test_every_object_says_what_it_is(place: Place) -> None:
    report = place.publish(sets_of(7))

    assert place.bodies() == expected(sets_of(7))
    assert sorted(report.written) == sorted(place.bodies())
    for key in BOTH:
        for each in make_set(*key, 7):
            name = "site/" + file_name(each.slug, each.format, each.coding)
            headers = place.server.get(place.bucket, name).headers
            coding = None if each.coding is Coding.IDENTITY else each.coding.value
            assert headers["content-type"] == each.format.media_type
            assert headers.get("content-encoding") == coding
            assert headers["cache-control"] == (
                "public, max-age=60, stale-while-revalidate=300, stale-if-error=86400"
            )


def test_only_what_changed_is_written(place: Place) -> None:
    place.publish(sets_of(1))
    wine = "site/feeds/category/wine.atom"
    before = place.server.get(place.bucket, wine).headers["last-modified"]

    report = place.publish([*make_set(*RSS, 2), *make_set(*WINE, 1)])

    assert sorted(report.written) == NAMES
    assert (report.unchanged, report.removed, report.failed) == (4, [], {})
    assert place.server.get(place.bucket, wine).headers["last-modified"] == before


@pytest.mark.parametrize("harm", ["kept", "lost", "damaged"])
def test_after_a_restart_nothing_is_written_again(place: Place, harm: str) -> None:
    """By this host's notes, and without them by what the objects say of themselves."""
    place.publish(sets_of(1))
    (notes,) = place.folder.glob("*/objects.json")
    match harm:
        case "lost":
            notes.unlink()
        case "damaged":
            notes.write_bytes(b'{"feeds')
        case _:
            pass

    report = place.publish(sets_of(1))

    assert (report.written, report.unchanged, report.failed) == ([], 8, {})


def test_notes_are_not_believed_against_the_bucket(place: Place) -> None:
    place.publish(sets_of(1))
    place.server.ask("DELETE", f"/{place.bucket}/site/{NAMES[0]}")
    place.another(place.folder.parent / "b").publish(sets_of(2))

    report = place.publish(sets_of(3))

    assert (len(report.written), report.failed) == (8, {})
    assert place.bodies() == expected(sets_of(3))


def test_changed_headers_are_written(place: Place) -> None:
    place.publish(sets_of(1, (RSS,)))
    longer = place.another(place.folder)
    longer.config = configuration.parse({"cache": {"min_seconds": 120}}, "test")

    report = longer.publish(sets_of(1, (RSS,)))

    assert sorted(report.written) == NAMES
    headers = place.server.get(place.bucket, f"site/{NAMES[0]}").headers
    assert "max-age=120" in headers["cache-control"]


def test_gzip_may_stand_under_the_plain_name(place: Place) -> None:
    gzip = place.another(place.folder, plain="gzip", siblings=False)

    gzip.publish([*make_set(*RSS, 1), make_representation(*WINE, revision=1)])

    answer = place.server.get(place.bucket, f"site/{NAMES[0]}")
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.body == make_representation(*RSS, 1, Coding.GZIP).body
    small = place.server.get(place.bucket, "site/feeds/category/wine.atom")
    assert "content-encoding" not in small.headers
    assert set(place.bodies()) == {NAMES[0], "feeds/category/wine.atom"}


def test_codings_that_are_no_more_are_removed(place: Place) -> None:
    place.publish(sets_of(1, (RSS,)))

    report = place.another(place.folder, siblings=False).publish(sets_of(1, (RSS,)))

    assert sorted(report.removed) == NAMES[1:]
    assert set(place.bodies()) == {NAMES[0]}


def test_feeds_that_are_gone_are_removed_and_nothing_else(place: Place) -> None:
    place.publish(sets_of(1))
    for name in ("feeds/category/beer.rss", "feeds/index.html", "notes"):
        place.server.ask("PUT", f"/{place.bucket}/site/{name}", b"mine")

    report = place.publish(sets_of(1, (RSS,)), ["recent"])

    assert sorted(report.removed) == sorted(expected(make_set(*WINE, 1)))
    assert set(place.bodies()) == {
        *NAMES,
        "feeds/category/beer.rss",
        "feeds/index.html",
        "notes",
    }


def test_what_is_new_comes_before_what_leads_to_it(place: Place) -> None:
    place.publish(sets_of(1, (RSS,)), ["recent"])

    report = place.publish(sets_of(2))

    assert [name.split("/")[1].split(".")[0] for name in report.written] == (
        ["category"] * 4 + ["recent"] * 4
    )


def test_a_strangers_object_in_the_way_is_left_and_told(place: Place) -> None:
    place.server.ask("PUT", f"/{place.bucket}/site/{NAMES[2]}", b"mine")

    report = place.publish(sets_of(1))

    assert list(report.failed) == [NAMES[2]]
    assert "is not ours; move it away, or publish to another prefix" in report.failed[NAMES[2]]
    assert place.bodies()[NAMES[2]] == b"mine"
    assert len(report.written) == 7


@pytest.mark.parametrize("before", [[], [1]], ids=["where nothing was", "over what was"])
def test_never_an_older_revision_over_a_newer_one(
    place: Place, tmp_path: Path, before: list[int]
) -> None:
    """Promise 4: another host was quicker, after this one had looked at the bucket."""
    for revision in before:
        place.publish(sets_of(revision))
    slow, report = place.opened(), Report()
    with slow.opened():
        place.another(tmp_path / "other").publish(sets_of(3))
        slow.put(sets_of(2), report)
        same = Report()
        slow.put(sets_of(3), same)
        newer = Report()
        slow.put(sets_of(4), newer)

    assert report.written == []
    assert "the bucket has revision 3, newer than 2 here" in report.failed[NAMES[0]]
    assert (same.written, same.unchanged) == ([], 8)
    assert len(newer.written) == 8
    assert place.bodies() == expected(sets_of(4))


def test_objects_that_went_meanwhile_are_made_again(place: Place) -> None:
    place.publish(sets_of(1))
    bucket, report = place.opened(), Report()
    with bucket.opened():
        for name in place.bodies():
            place.server.ask("DELETE", f"/{place.bucket}/site/{name}")
        bucket.put(sets_of(2), report)
        for name in NAMES:
            place.server.ask("DELETE", f"/{place.bucket}/site/{name}")
        bucket.keep_only([], report)

    assert len(report.written) == len(report.removed) == 8
    assert place.bodies() == {}


def test_without_notes_an_object_that_went_is_forgotten(place: Place, tmp_path: Path) -> None:
    place.publish(sets_of(1))
    bucket, report = place.another(tmp_path / "other").opened(), Report()
    with bucket.opened():
        for name in place.bodies():
            place.server.ask("DELETE", f"/{place.bucket}/site/{name}")
        bucket.keep_only([], report)

    assert report.is_empty


class Contested(ObjectStore):
    """A bucket in which another program is always quicker."""

    def write(
        self,
        name: str,
        body: bytes,
        headers: Mapping[str, str],
        now: Found,
        over: Found | None,
    ) -> Found:
        super().write(name, body + b".", headers, now, over)
        raise ConflictError(name)


class Churning(Contested):
    """The same, and what that writes is never what we want."""

    def look(self, name: str) -> Found | None:
        found = super().look(name)
        return Found(tag="", digest="", revision=0) if found else None


def test_a_bucket_that_never_rests_is_told(place: Place) -> None:
    bucket, report = place.opened(Churning), Report()
    with bucket.opened():
        bucket.put([make_representation()], report)

    assert report.failed == {NAMES[0]: "another program keeps changing it; stop that one"}


def test_one_process_of_a_host_keeps_a_bucket(place: Place) -> None:
    with (
        place.opened().opened(),
        pytest.raises(UnavailableError, match="another 'feedsvc publish' keeps s3://news-"),
        place.opened().opened(),
    ):
        pass


def test_notes_that_cannot_be_written_are_told(place: Place) -> None:
    place.folder.write_text("")

    with pytest.raises(UnavailableError, match=r"cannot write .*let this user write there"):
        place.publish(sets_of(1))


def test_notes_are_dropped_where_there_is_no_room(tmp_path: Path) -> None:
    notes = Notes(tmp_path, "s3://news")
    with notes.opened():
        notes.write({"feeds/recent.rss": ("a", "b", 1)})
        (folder,) = tmp_path.iterdir()
        folder.chmod(0)
        (folder / "objects.json").rename(tmp_path / "kept")
        (folder / "objects.json").mkdir()
        notes.write({})
        folder.chmod(0o700)

        assert notes.read() == {}


@pytest.mark.parametrize("seed", range(2))
def test_after_any_publications_the_bucket_is_the_shelf(
    place: Place, tmp_path: Path, seed: int
) -> None:
    """Several hosts, with and without notes, restarts, feeds that come and go."""
    chance = random.Random(seed)  # noqa: S311 - a test, and the same each time
    keys = [
        (f"category/c{number}", format_)
        for number in range(3)
        for format_ in (Format.RSS, Format.JSON)
    ]
    shelf: dict[tuple[str, Format], tuple[Representation, ...]] = {}
    hosts = [place, place.another(tmp_path / "other")]
    for revision in range(1, 7):
        for key in chance.sample(keys, chance.randrange(len(keys))):
            made = make_set(*key, revision)
            shelf[key] = made[: chance.choice([1, 4])]
        gone = f"category/c{chance.randrange(6)}"
        shelf = {key: made for key, made in shelf.items() if key[0] != gone}
        everything = [each for made in shelf.values() for each in made]
        report = chance.choice(hosts).publish(everything, {key[0] for key in shelf})
        assert report.failed == {}

        assert place.bodies() == expected(everything)


_ERROR = "<Error><Code>{}</Code><Message>No.</Message></Error>"


@pytest.mark.parametrize(
    ("status", "code", "said"),
    [
        (404, "NoSuchBucket", "there is no bucket my-news; make it, or correct the name"),
        (403, "AccessDenied", "allow it s3:ListBucket on the bucket and s3:GetObject"),
        (403, "", "the access key may not do this with the bucket my-news"),
        (403, "InvalidAccessKeyId", "correct AWS_ACCESS_KEY_ID"),
        (403, "SignatureDoesNotMatch", "correct AWS_SECRET_ACCESS_KEY"),
        (400, "ExpiredToken", "the session has expired; get other credentials"),
        (403, "RequestTimeTooSkewed", "the clock of this machine is too far from the server's"),
        (301, "PermanentRedirect", "in another region than us-east-1; set publish.region"),
        (501, "NotImplemented", "does not know conditional writes"),
        (503, "SlowDown", "answered SlowDown 503; try again later"),
        (400, "", "answered 400; try again later"),
    ],
)
def test_what_the_server_refuses_is_said_with_the_remedy(
    s3_environment: S3Server, status: int, code: str, said: str
) -> None:
    with answering((status, _ERROR.format(code) if code else "")) as (url, _):
        store = ObjectStore(_address(url), timedelta(milliseconds=300))

        with pytest.raises(UnavailableError) as caught:
            store.tags("feeds")

    assert str(caught.value).startswith("cannot publish to s3://my-news: ")
    assert said in str(caught.value)


@pytest.mark.parametrize("step", ["look", "write", "remove"])
def test_a_refusal_is_told_at_every_step(s3_environment: S3Server, step: str) -> None:
    with answering((403, _ERROR.format("AccessDenied"))) as (url, _):
        store = ObjectStore(_address(url), QUICK)
        steps: dict[str, Callable[[], object]] = {
            "look": lambda: store.look("x"),
            "write": lambda: store.write("x", b"", {}, Found(tag=""), None),
            "remove": lambda: store.remove("x"),
        }

        with pytest.raises(UnavailableError, match="the access key may not do this"):
            steps[step]()


def test_a_busy_server_is_asked_again(s3_environment: S3Server) -> None:
    empty = "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>"
    with answering((503, ""), (500, ""), (200, empty)) as (url, asked):
        found = ObjectStore(_address(url)).tags("feeds")

    assert (found, len(asked)) == ({}, 3)


def test_a_server_that_does_not_answer_is_told(s3_environment: S3Server) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        url = f"http://127.0.0.1:{probe.getsockname()[1]}"

    with pytest.raises(UnavailableError, match="does not answer; check"):
        ObjectStore(_address(url), timedelta(milliseconds=300)).tags("feeds")


def _address(url: str) -> Address:
    return Address(bucket="my-news", prefix="", endpoint=url, region="us-east-1")


@pytest.mark.parametrize(
    ("url", "settings", "environment", "endpoint", "prefix"),
    [
        ("s3://my-news", {}, {}, "https://s3.us-east-1.amazonaws.com", ""),
        ("s3://my-news/", {"region": "x"}, {}, "https://s3.x.amazonaws.com", ""),
        ("s3://my-news/a/b/", {}, {"AWS_REGION": "y"}, "https://s3.y.amazonaws.com", "a/b"),
        ("s3://my-news", {}, {"AWS_ENDPOINT_URL": "http://h:1/"}, "http://h:1", ""),
        ("s3://my-news", {"endpoint": "http://g"}, {"AWS_ENDPOINT_URL": "x"}, "http://g", ""),
    ],
)
def test_an_address_is_read_with_settings_and_environment(
    url: str, settings: dict[str, str], environment: dict[str, str], endpoint: str, prefix: str
) -> None:
    publish = msgspec.convert(settings, Publish)

    address = parse_address(url, publish, CREDENTIALS | environment)

    assert (address.endpoint, address.prefix) == (endpoint, prefix)
    assert str(address) == f"s3://my-news/{prefix}".rstrip("/")


@pytest.mark.parametrize(
    "url",
    [
        *("s3://", "s3:///x", "s3://a", "gs://my-news", "s3://my news", "s3://my-news/a?b"),
        *("s3://my-news/a/../b", "s3://my-news/a//b", "http://my-news/", "s3://u:p@h/x"),
    ],
)
def test_what_is_no_bucket_is_refused(url: str) -> None:
    with pytest.raises(ConfigError, match="a bucket is named like s3://my-bucket/news"):
        parse_address(url, Publish(), CREDENTIALS)


@pytest.mark.parametrize("known", [{}, {"AWS_ACCESS_KEY_ID": "a"}, {"AWS_PROFILE": "b"}])
def test_without_credentials_nothing_is_tried(known: dict[str, str]) -> None:
    with pytest.raises(ConfigError, match="there are no credentials; set AWS_ACCESS_KEY_ID"):
        parse_address("s3://my-news", Publish(), known)
