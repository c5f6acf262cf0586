"""`feedsvc publish s3://…`: what whoever types it gets to see."""

import json
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.cli.test_publish import names_of, write
from tests.s3 import S3Server

pytestmark = pytest.mark.xdist_group("s3")


@pytest.fixture
def bucket(run: Run, s3_environment: S3Server) -> str:
    """An empty bucket, beside a newsroom with one article."""
    write(run, "It rains", "News")
    return s3_environment.new_bucket()


def test_every_feed_is_written_once(run: Run, bucket: str, s3_environment: S3Server) -> None:
    first = run("publish", f"s3://{bucket}/a/b")
    again = run("publish", f"s3://{bucket}/a/b")

    wanted = names_of("recent", "category/news")
    assert (first.code, first.err) == (0, "")
    assert set(first.out.splitlines()) == {f"wrote {name}" for name in wanted}
    assert s3_environment.names(bucket) == {f"a/b/{name}" for name in wanted}
    assert b"It rains" in s3_environment.get(bucket, "a/b/feeds/category/news.json").body
    assert again == (0, "nothing to do: 24 files are as published\n", "")


def test_the_server_may_stand_in_the_settings(
    run: Run,
    bucket: str,
    folder: Path,
    s3_environment: S3Server,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    with (folder / "config.toml").open("a") as settings:
        settings.write(f"[publish]\nendpoint = '{s3_environment.url}'\nsiblings = false\n")

    report = json.loads(run("publish", "--json", f"s3://{bucket}").out)

    assert set(report["written"]) == s3_environment.names(bucket)
    assert len(report["written"]) == 6


def test_a_bucket_that_is_not_there_is_told(run: Run, bucket: str) -> None:
    result = run("publish", "s3://not-there")

    assert result.code == 75
    assert result.err == (
        "feedsvc: cannot publish to s3://not-there: there is no bucket not-there; make it, or"
        " correct the name\n"
    )


def test_without_credentials_it_says_what_to_set(
    run: Run, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")

    result = run("publish", f"s3://{bucket}")

    assert result.code == 2
    assert "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment" in result.err


def test_without_the_package_it_says_how_to_install_it(
    run: Run, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("bucket", "object_store"):
        monkeypatch.delitem(sys.modules, f"feedsvc.publishing.{module}", raising=False)
    monkeypatch.setitem(sys.modules, "obstore", None)

    result = run("publish", f"s3://{bucket}")

    assert (result.code, result.out) == (2, "")
    assert result.err == (
        "feedsvc: publishing to a bucket needs the package obstore: "
        "pip install 'feedsvc[publish]'\n"
    )


def test_other_schemes_are_refused(run: Run, bucket: str) -> None:
    result = run("publish", "gs://my-news")

    assert result.code == 2
    assert "a bucket is named like s3://my-bucket/news" in result.err
