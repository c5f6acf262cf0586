import logging

import pytest

from feedsvc.serving import access_log


def noted(caplog: pytest.LogCaptureFixture, target: str, agent: str) -> tuple[str, str]:
    with caplog.at_level(logging.INFO, logger="feedsvc.access"):
        access_log.note("GET", target, 200, 7, agent)
    [record] = caplog.records
    assert isinstance(record.args, tuple)
    return str(record.args[1]), str(record.args[4])


def test_line_has_its_fields(caplog: pytest.LogCaptureFixture) -> None:
    noted(caplog, "/feeds/recent.rss", "curl/8.5")

    assert caplog.messages == [
        "answered method=GET path=/feeds/recent.rss status=200 bytes=7 agent=curl/8.5"
    ]


@pytest.mark.parametrize("target", ["/a?token=x", "/a?", "/a#x", "/a?b?c#d"])
def test_path_has_no_query(caplog: pytest.LogCaptureFixture, target: str) -> None:
    assert noted(caplog, target, "")[0] == "/a"


def test_line_breaks_and_controls_are_escaped(caplog: pytest.LogCaptureFixture) -> None:
    path, agent = noted(caplog, "/a\x1b[2J\nb", "x\u202ey\r\nz")

    assert (path + agent).isprintable()


def test_line_is_not_endless(caplog: pytest.LogCaptureFixture) -> None:
    path, agent = noted(caplog, "/" + "a" * 9000, "b" * 9000)

    assert len(path + agent) < 1000


def test_nothing_is_on_when_the_level_is_higher() -> None:
    before = access_log.logger.level
    access_log.logger.setLevel(logging.WARNING)
    is_on = access_log.is_on()
    access_log.logger.setLevel(before)

    assert not is_on


def test_lines_of_a_turn_are_written_together(caplog: pytest.LogCaptureFixture) -> None:
    notes = access_log.Notes()
    with caplog.at_level(logging.INFO, logger="feedsvc.access"):
        notes.add("GET", "/feeds/recent.rss?key=x", 304, 0, "curl/8.5")
        notes.add("HEAD", "/feeds/recent.atom", 200, 0, "a\nb")
        before = caplog.messages[:]
        notes.write()
        notes.write()

    assert before == []
    [both] = caplog.messages
    assert both.splitlines() == [
        "answered method=GET path=/feeds/recent.rss status=304 bytes=0 agent=curl/8.5",
        "answered method=HEAD path=/feeds/recent.atom status=200 bytes=0 agent=a b",
    ]


def test_the_key_of_a_private_feed_is_not_written(caplog: pytest.LogCaptureFixture) -> None:
    path, _ = noted(caplog, f"/feeds/private/{'k' * 43}.rss?x", "")

    assert path == "/feeds/private/…"
    assert "kkk" not in caplog.text
