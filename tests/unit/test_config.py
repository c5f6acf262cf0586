"""Settings: what is unknown or impossible stops the start with a sentence that names it."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from feedsvc import config
from feedsvc.config import Config, Server
from feedsvc.errors import ConfigError

_PASSWORD = "hunter2"
_URL = f"postgresql://feedsvc:{_PASSWORD}@db.example.org/news"


def _refusal(tree: dict[str, Any]) -> str:
    with pytest.raises(ConfigError) as caught:
        config.parse(tree, "config.toml")
    return str(caught.value)


def test_nothing_set_is_every_default() -> None:
    assert config.load(None, {}) == Config()


@pytest.mark.parametrize(
    ("memory_megabytes", "workers", "answers", "bodies"),
    [
        (256, 1, 16_000_000, 240_000_000),
        (64, 1, 8_000_000, 56_000_000),
        (64, 2, 4_000_000, 28_000_000),
    ],
)
def test_memory_of_workers_is_for_bodies_and_answers(
    memory_megabytes: int, workers: int, answers: int, bodies: int
) -> None:
    server = Server(memory_megabytes=memory_megabytes, workers=workers)

    assert (server.answer_bytes, server.body_bytes) == (answers, bodies)


def test_settings_cannot_change_after_the_start() -> None:
    with pytest.raises(AttributeError):
        Config().site.title = "Other"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("tree", "sentence"),
    [
        pytest.param(
            {"site": {"titel": "x"}},
            "unknown setting site.titel; did you mean title?",
            id="typo",
        ),
        pytest.param(
            {"sites": {}}, "unknown section [sites]; did you mean site?", id="section typo"
        ),
        pytest.param({"data": {"zzzz": 1}}, "; known are folder", id="nothing is close"),
        pytest.param(
            {"desk": {"picture_days": 61}},
            "desk.picture_days must be 0 or at least 62",
            id="pictures of unsaved texts",
        ),
        pytest.param({"site": 3}, "site must be a section: write [site]", id="no section"),
        pytest.param(
            {"title": "x"},
            "title stands outside every section; write it below [site]",
            id="setting outside",
        ),
        pytest.param(
            {"colour": "x"}, "colour stands outside every section", id="unknown, outside"
        ),
        pytest.param(
            {"colour": [{"name": "x"}]}, "unknown section [colour]", id="several unknown"
        ),
        pytest.param(
            {"server": {"port": "8080"}},
            "server.port must be a whole number, not text",
            id="kind",
        ),
        pytest.param(
            {"server": {"port": 65536}},
            "server.port must be a whole number, at most 65535",
            id="range",
        ),
        pytest.param(
            {"server": {"access_log": 1}},
            "must be true or false, not a whole number",
            id="switch",
        ),
        pytest.param(
            {"desk": {"partners": ["msm"]}}, "knows no 'msm'; did you mean msn?", id="partner"
        ),
        pytest.param(
            {"partners": {"accent_color": "#00FF00"}},
            "partners.accent_color must be six hexadecimal digits such as 00FF00",
            id="colour",
        ),
        pytest.param(
            {"partners": {"cover": "/cover.jpg"}},
            "partners.cover must be a full http or https URL",
            id="cover",
        ),
        pytest.param(
            {"partners": {"smartnews_description": "a\nb"}},
            "partners.smartnews_description must be one line",
            id="two lines for SmartNews",
        ),
        pytest.param(
            {"partners": {"smartnews_description": "x" * 31}},
            "text of at most 30 characters",
            id="long for SmartNews",
        ),
        pytest.param(
            {"websub": {"hubs": "https://hub.example.org/"}},
            "websub.hubs must be a list in brackets, not text",
            id="no list",
        ),
        pytest.param(
            {"server": {"port": 80.5}},
            "a whole number, not a number with a fraction",
            id="fraction",
        ),
        pytest.param(
            {"schedule": {"debounce_seconds": "1"}},
            "schedule.debounce_seconds must be a number, not text",
            id="no number",
        ),
        pytest.param({"site": {"title": ""}}, "text that is not empty", id="empty"),
        pytest.param(
            {"site": {"title": "x" * 201}}, "text of at most 200 characters", id="long"
        ),
        pytest.param({"site": {"title": " "}}, "must be one line of visible text", id="blank"),
        pytest.param(
            {"feeds": {"withdrawn_title": " "}},
            "feeds.withdrawn_title must be one line of visible text",
            id="blank title of what is withdrawn",
        ),
        pytest.param(
            {"site": {"title": "a\nb"}}, "must be one line of visible", id="two lines"
        ),
        pytest.param({"site": {"author": "a\x07"}}, "site.author must be one", id="control"),
        pytest.param(
            {"site": {"language": "english!"}}, "such as en, hi or or-IN", id="language"
        ),
        pytest.param(
            {"site": {"language": "english"}}, "such as en, hi or or-IN", id="language's name"
        ),
        pytest.param(
            {"site": {"timezone": "Asia/Calcuta"}},
            "did you mean Asia/Calcutta?",
            id="zone typo",
        ),
        pytest.param({"site": {"timezone": "x"}}, "try UTC or Asia/Kolkata", id="no zone"),
        pytest.param({"site": {"timezone": ""}}, "is no time zone", id="empty zone"),
        pytest.param({"site": {"timezone": "Asia"}}, "is no time zone", id="folder as zone"),
        pytest.param({"site": {"timezone": "../etc/passwd"}}, "is no time zone", id="path"),
        pytest.param(
            {"site": {"base_url": "news.example.org"}}, "must be like https", id="host"
        ),
        pytest.param({"site": {"base_url": "ftp://x.org"}}, "must be like https", id="scheme"),
        pytest.param({"site": {"base_url": "http://[::1"}}, "must be like https", id="bracket"),
        pytest.param({"site": {"base_url": "http://x:0"}}, "must be like https", id="port 0"),
        pytest.param({"site": {"base_url": "http://x:99999"}}, "must be like https", id="port"),
        pytest.param(
            {"site": {"base_url": "http://a:b@x.org"}}, "must be like https", id="user"
        ),
        pytest.param(
            {"site": {"base_url": "http://x y.org"}}, "must be like https", id="space"
        ),
        pytest.param(
            {"site": {"base_url": "http://x.org/?a"}}, "must be like https", id="query"
        ),
        pytest.param(
            {"site": {"base_url": "http://x.org/n"}}, "must have no path", id="path URL"
        ),
        pytest.param({"site": {"icon": "/icon.png"}}, "site.icon must be a full", id="icon"),
        pytest.param(
            {"server": {"trusted_proxy": "10.0.0.0/8"}},
            "server.trusted_proxy must be the one address",
            id="network as proxy",
        ),
        pytest.param(
            {"server": {"trusted_proxy": "*"}}, "must be the one address", id="any proxy"
        ),
        *(
            pytest.param(
                {"server": {"operations": place}},
                "server.operations must be an address and a port",
                id=f"door {place}",
            )
            for place in ("9464", ":9464", "localhost", "127.0.0.1:", "::1:x", "h:65536")
        ),
        pytest.param(
            {"websub": {"rsscloud": True}},
            "websub.rsscloud needs our own hub: set websub.embedded to true as well",
            id="cloud without a hub",
        ),
        pytest.param(
            {"websub": {"lease_seconds": 100}},
            "websub.lease_seconds must be between websub.min_lease_seconds and",
            id="short lease",
        ),
        pytest.param(
            {"websub": {"max_lease_seconds": 3600}},
            "websub.lease_seconds must be between",
            id="lease bounds",
        ),
        pytest.param(
            {"cache": {"min_seconds": 10, "max_seconds": 5}},
            "cache.min_seconds must not be greater than cache.max_seconds",
            id="contradiction",
        ),
        pytest.param({"schedule": {"cron": "* * *"}}, "must have five fields", id="short cron"),
        pytest.param(
            {"schedule": {"cron": "61 * * * *"}}, "has '61' as its minute", id="cron minute"
        ),
        pytest.param({"schedule": {"cron": "0 9-6 * * *"}}, "as its hour", id="cron backwards"),
        pytest.param({"schedule": {"cron": "0 0 0 * *"}}, "as its day", id="cron day"),
        pytest.param({"schedule": {"cron": "0 0 * foo *"}}, "as its month", id="cron month"),
        pytest.param({"schedule": {"cron": "0 0 * * 8"}}, "as its weekday", id="cron weekday"),
        pytest.param({"schedule": {"cron": "*/0 * * * *"}}, "as its minute", id="cron step"),
        pytest.param({"schedule": {"cron": "0 0 30 2 *"}}, "has a day 30", id="cron 30 Feb"),
        pytest.param({"schedule": {"cron": "0 0 31 4,jun *"}}, "never comes", id="cron 31 Jun"),
        pytest.param({"schedule": {"cron": "@daily * * * *"}}, "as its minute", id="cron word"),
        pytest.param(
            {"schedule": {"debounce_seconds": float("nan")}},
            "must be a number",
            id="not a number",
        ),
        pytest.param({"log": {"level": "loud"}}, "log.level must be debug, info", id="level"),
        pytest.param({"log": {"format": "xml"}}, "must be logfmt or json", id="log format"),
        pytest.param(
            {"database": {"url": "mysql://x/y"}}, "database.url must be", id="database"
        ),
        pytest.param(
            {"database": {"url": "sqlite://"}}, "database.url must be", id="in memory"
        ),
        pytest.param({"data": {"folder": "a\x00b"}}, "must be the path of a folder", id="NUL"),
        pytest.param({"data": {"folder": "a?b"}}, "without a question mark", id="query"),
    ],
)
def test_an_impossible_setting_is_named(tree: dict[str, Any], sentence: str) -> None:
    refusal = _refusal(tree)

    assert refusal.startswith("config.toml: ")
    assert sentence in refusal
    assert "\n" not in refusal


@pytest.mark.parametrize(
    "tree",
    [
        pytest.param({"site": {"title": "ଓଡ଼ିଶା\u200dଖବର"}}, id="joiner in a title"),
        pytest.param(
            {"site": {"base_url": "https://news.example.org/"}}, id="slash at the end"
        ),
        pytest.param({"site": {"base_url": "http://[::1]:8080"}}, id="IPv6"),
        pytest.param({"schedule": {"cron": "*/10 6-23 1,15 jan-jun mon-fri"}}, id="cron"),
        pytest.param({"schedule": {"cron": "0 0 * * 7"}}, id="Sunday is 7"),
        pytest.param({"schedule": {"cron": "0 0 29 feb *"}}, id="leap day"),
        pytest.param({"schedule": {"cron": "0 0 31 4/3 *"}}, id="July has a 31st"),
        pytest.param({"server": {"trusted_proxy": "::1"}}, id="proxy"),
        pytest.param({"database": {"url": _URL}}, id="PostgreSQL"),
        pytest.param({"database": {"url": "sqlite:///news.sqlite3"}}, id="SQLite"),
        pytest.param({"schedule": {"debounce_seconds": 0}}, id="no debounce"),
    ],
)
def test_a_possible_setting_is_taken(tree: dict[str, Any]) -> None:
    section = next(iter(tree))

    parsed = msgspec.to_builtins(config.parse(tree, "config.toml"))

    assert parsed[section] | tree[section] == parsed[section]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        pytest.param(None, "there is no settings file", id="missing"),
        pytest.param(b"[site\n", "is not valid TOML", id="syntax"),
        pytest.param(
            b"[site]\ntitle = '\xff'\n",
            "line 2: not UTF-8; save the file as UTF-8",
            id="not UTF-8",
        ),
        pytest.param(b"[site]\na = 1\na = 2\n", "is not valid TOML", id="twice"),
    ],
)
def test_a_bad_file_is_named(tmp_path: Path, content: bytes | None, sentence: str) -> None:
    file = tmp_path / "config.toml"
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(ConfigError, match=sentence) as caught:
        config.load(file, {})

    assert str(file) in str(caught.value)


def test_a_mark_that_an_editor_put_before_the_first_line_is_passed_over(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_bytes(b"\xef\xbb\xbf[site]\r\ntitle = 'From Windows'\r\n")

    assert config.load(file, {}).site.title == "From Windows"


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"cannot read the settings file .*: Is a directory"):
        config.load(tmp_path, {})


def test_the_environment_beats_the_file_and_the_command_line_beats_both(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text("[server]\nhost = 'file'\nport = 1\nthreads = 3\n")
    environment = {"FEEDSVC_HOST": "environment", "FEEDSVC_PORT": "2"}

    server = config.load(file, environment, {"server": {"port": 3}}).server

    assert (server.host, server.port, server.threads) == ("environment", 3, 3)


def test_an_empty_variable_is_not_set() -> None:
    assert config.load(None, {"FEEDSVC_BASE_URL": ""}) == Config()


def test_digits_are_text_where_text_is_wanted() -> None:
    assert config.load(None, {"FEEDSVC_DATA": "2026"}).data.folder == "2026"


@pytest.mark.parametrize("port", ["x", "70000", "-1", "²", "8080 "])
def test_a_bad_variable_is_named(port: str) -> None:
    with pytest.raises(ConfigError, match=r"FEEDSVC_PORT: server\.port must be a whole number"):
        config.load(None, {"FEEDSVC_PORT": port})


@pytest.mark.parametrize(
    ("variable", "meant"),
    [
        ("FEEDSVC_BASEURL", "FEEDSVC_BASE_URL"),
        ("FEEDSVC_PRT", "FEEDSVC_PORT"),
        ("FEEDSVC_DATABSE_URL_FILE", "FEEDSVC_DATABASE_URL_FILE"),
    ],
)
def test_a_misspelt_variable_is_named(variable: str, meant: str) -> None:
    with pytest.raises(ConfigError, match=f"{variable}.*did you mean {meant}"):
        config.load(None, {variable: "x"})


def test_a_variable_of_somebody_else_is_left_alone() -> None:
    """Kubernetes sets such for a service of our name."""
    assert config.load(None, {"FEEDSVC_SERVICE_HOST": "10.0.0.7"}) == config.load(None, {})


def test_a_secret_comes_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(_URL + "\n")

    settings = config.load(None, {"FEEDSVC_DATABASE_URL_FILE": str(file)})

    assert settings.database_url == _URL


def test_a_missing_secret_file_is_named() -> None:
    with pytest.raises(ConfigError, match="FEEDSVC_DATABASE_URL_FILE: cannot read /nowhere/x"):
        config.load(None, {"FEEDSVC_DATABASE_URL_FILE": "/nowhere/x"})


def test_a_secret_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_bytes(b"\xff\xfe")

    with pytest.raises(ConfigError, match="it is not UTF-8 text"):
        config.load(None, {"FEEDSVC_DATABASE_URL_FILE": str(file)})


def test_an_empty_secret_file_does_not_mean_another_database(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("\n")

    with pytest.raises(ConfigError, match=r"FEEDSVC_DATABASE_URL_FILE: .*/secret is empty"):
        config.load(None, {"FEEDSVC_DATABASE_URL_FILE": str(file)})


def test_a_secret_twice_is_refused(tmp_path: Path) -> None:
    environment = {"FEEDSVC_DATABASE_URL": _URL, "FEEDSVC_DATABASE_URL_FILE": str(tmp_path)}

    with pytest.raises(ConfigError, match="both FEEDSVC_DATABASE_URL and"):
        config.load(None, environment)


def test_what_is_no_secret_comes_from_no_file() -> None:
    assert config.load(None, {"FEEDSVC_HOST_FILE": "/etc/hostname"}) == Config()


def test_settings_show_no_password() -> None:
    settings = config.load(None, {"FEEDSVC_DATABASE_URL": _URL})

    assert _PASSWORD not in repr(settings)


def test_what_is_refused_is_said_of_where_it_came_from(tmp_path: Path) -> None:
    """Whoever sets variables should not look for a file, and the other way round."""
    file = tmp_path / "config.toml"
    file.write_text("[site]\nbase_url = 'news.example.org'\n")
    environment = {"FEEDSVC_BASE_URL": "news"}
    given = {"site": {"base_url": "news"}}

    for arguments, origin in (
        ((file, {}), str(file)),
        ((file, environment), "FEEDSVC_BASE_URL"),
        ((None, environment, given), "settings"),
    ):
        with pytest.raises(ConfigError, match="must be like https") as caught:
            config.load(*arguments)
        assert str(caught.value).startswith(f"{origin}: ")


def test_a_refused_database_url_is_not_repeated() -> None:
    assert _PASSWORD not in _refusal({"database": {"url": f"mysql://a:{_PASSWORD}@b/c"}})


def test_an_empty_database_url_is_a_file_in_the_data_folder(tmp_path: Path) -> None:
    settings = config.parse({"data": {"folder": str(tmp_path)}}, "test")

    assert settings.database_url == f"sqlite:///{tmp_path}/feedsvc.sqlite3"


def test_public_urls_have_one_slash() -> None:
    site = config.parse({"site": {"base_url": "https://news.example.org/"}}, "test").site

    assert site.url("/feeds/") == "https://news.example.org/feeds/"
