"""`feedsvc import` as a shell sees it."""

import errno
import json
import os
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tests.cli.conftest import Run
from tests.unit.reading.test_feeds import RSS
from tests.wxr import category, item, wxr

WHOLE = wxr(category("news", "News"), item(1), item(2), item(3, kind="page"))
FAULTY = wxr(item(1), *(item(n, date="0000-00-00 00:00:00") for n in range(2, 30)))


def test_wordpress_is_taken_over_once(run: Run, folder: Path) -> None:
    (folder / "export.xml").write_bytes(WHOLE)

    first = run("import", "wordpress", "export.xml")
    again = run("import", "wordpress", "export.xml")

    assert (first.code, first.err) == (0, "")
    assert first.out.splitlines() == [
        "wordpress old.example.org:",
        "  2 articles added",
        "  0 updated",
        "  0 unchanged since they were taken",
        "  1 left out: pages (take them with --pages)",
        "  0 could not be taken",
        "  0 notes on articles that were taken",
        "  0 entries that subscribers would see as new",
    ]
    assert "  2 unchanged since" in again.out


def test_dry_run_from_standard_input_stores_nothing(run: Run) -> None:
    tried = run("import", "wordpress", "--dry-run", "-", stdin=WHOLE)

    assert tried.code == 0
    assert "2 articles would be added" in tried.out
    assert json.loads(run("article", "list", "--json").out) == []


def test_faults_are_named_and_told_by_the_exit_status(run: Run, folder: Path) -> None:
    (folder / "export.xml").write_bytes(FAULTY)

    failed = run("import", "wordpress", "export.xml")
    report = json.loads(run("import", "wordpress", "--json", "export.xml").out)

    assert failed.code == 1
    assert "feedsvc: not taken: post 2 'Article 2', line 18 is published, but" in failed.err
    assert "... and 8 more; --json names them" in failed.err
    assert len(report["refused"]) == report["refused_count"] == 28
    assert report["new_to_subscribers"] == []


def test_what_differs_is_told(run: Run, folder: Path) -> None:
    run("article", "add", "--title", "Ours", "--body-file", "-", stdin=b"x")
    (folder / "export.xml").write_bytes(
        wxr(item(1, title=""), item(2)).replace(b">1.2<", b"><")
    )

    told = run("import", "wordpress", "export.xml")

    assert told.code == 1
    assert "subscribers of recent would see as new: 'Ours'" in told.err
    assert "note: post 1 '', line 8 had no title" in told.err
    assert "note: the export's version is ''" in told.err


def test_broken_file_is_refused_as_input(run: Run, folder: Path) -> None:
    (folder / "export.xml").write_bytes(WHOLE[:-30])

    assert run("import", "wordpress", "export.xml").code == 2
    assert run("import", "wordpress", "none.xml").err.startswith(
        "feedsvc: none.xml cannot be read: No such file"
    )


def test_all_is_written_out_and_taken_over(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "export.xml").write_bytes(WHOLE)
    run("import", "wordpress", "export.xml")

    written = run("export", "json", "newsroom.json")
    xml = run("export", "wordpress", "newsroom.xml")

    assert (written.code, xml.code) == (0, 0)
    assert written.out.startswith("wrote newsroom.json: ")
    assert "2 unchanged" not in run("import", "wordpress", "--dry-run", "newsroom.xml").out
    assert run("import", "json", "newsroom.json").code == 4
    monkeypatch.setenv("FEEDSVC_DATA", str(folder / "other"))
    assert run("import", "json", "newsroom.json").out == "2 articles added\n"
    assert sorted(path.name for path in folder.glob(".new-*")) == []


def test_a_pipe_or_a_device_stays_one(run: Run, folder: Path) -> None:
    """As /dev/stdout, which root would lose."""
    pipe = folder / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)

    written = run("export", "json", "pipe")
    with os.fdopen(reader, "rb") as file:
        feed = json.load(file)

    assert (written.code, written.out, feed["items"]) == (0, "", [])
    assert pipe.is_fifo()


def test_a_link_stays_one(run: Run, folder: Path) -> None:
    (folder / "dated.json").touch()
    (folder / "newest.json").symlink_to("dated.json")

    assert run("export", "json", "newest.json").code == 0

    assert (folder / "newest.json").is_symlink()
    assert json.loads((folder / "dated.json").read_bytes())["items"] == []


def test_what_could_not_be_put_in_place_is_not_left_behind(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)

    told = run("export", "json", "newsroom.json")

    assert (told.code, told.err) == (
        2,
        "feedsvc: newsroom.json cannot be written: No space left on device\n",
    )
    assert list(folder.glob(".new-*")) == []


def test_export_that_cannot_be_written_is_told(run: Run) -> None:
    told = run("export", "json", "nowhere/newsroom.json")

    assert told.code == 2
    assert (
        told.err
        == "feedsvc: nowhere/newsroom.json cannot be written: No such file or directory\n"
    )


@pytest.fixture
def elsewhere(folder: Path) -> Iterator[str]:
    """Another machine that serves the current folder, on this one."""
    handler = partial(SimpleHTTPRequestHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_feed_is_taken_from_an_address_that_is_allowed(
    run: Run, folder: Path, elsewhere: str
) -> None:
    (folder / "feed.xml").write_bytes(RSS.encode("latin-1"))

    refused = run("import", "feed", f"http://{elsewhere}/feed.xml")
    with (folder / "config.toml").open("a") as settings:
        settings.write(f"[outbound]\nallowed = ['{elsewhere}']\n")
    taken = run("import", "feed", "--json", f"http://{elsewhere}/feed.xml")
    missing = run("import", "feed", f"http://{elsewhere}/none.xml")

    assert refused.code != 0
    assert json.loads(taken.out)["added"] == 1
    assert missing.code == 2
    assert "answers 404" in missing.err


def test_feed_is_taken_from_a_file(run: Run, folder: Path) -> None:
    (folder / "feed.xml").write_bytes(RSS.encode("latin-1"))

    assert "1 articles would be added" in run("import", "feed", "--dry-run", "feed.xml").out
    assert run("import", "feed", "feed.xml").code == 1  # one has no date
