"""The disk shelf (promises 4 and 5; damaged files: fault plan F10)."""

import fcntl
import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from threading import Event, Thread

import msgspec
import pytest

from feedsvc.errors import UnavailableError
from feedsvc.model import Coding, Format
from feedsvc.publishing.disk import DiskShelf
from feedsvc.publishing.set_files import write_set
from tests.unit.publishing.making import make_representation, make_set
from tests.unit.publishing.shelf_checks import (
    BOTH,
    RSS,
    WINE,
    assert_recovers,
    litter,
    loaded,
    public_path,
    sets_of,
    shown,
    stored,
)


@pytest.fixture
def shelf(tmp_path: Path) -> DiskShelf:
    return DiskShelf(tmp_path)


@pytest.fixture
def unprivileged() -> Iterator[Path]:
    """A folder, and a user whom permissions bind; the tests may run as root."""
    folder = Path(tempfile.mkdtemp())
    user = os.geteuid()
    if user == 0:
        os.chown(folder, 65534, 65534)
        os.seteuid(65534)
    try:
        yield folder
    finally:
        os.seteuid(user)
        for path in [folder, *folder.rglob("*")]:
            if not path.is_symlink():
                path.chmod(0o700)
        shutil.rmtree(folder)


def set_folder(folder: Path, key: tuple[str, Format] = RSS) -> Path:
    place = folder / "sets" / f"{key[0]}.{key[1]}"
    return place / (place / "current").readlink()


def test_an_empty_folder_holds_nothing(shelf: DiskShelf) -> None:
    assert shelf.load() == []


def test_a_missing_folder_holds_nothing(tmp_path: Path) -> None:
    assert DiskShelf(tmp_path / "never" / "made").load() == []


def test_promise_5_what_was_stored_is_loaded_after_a_restart(
    shelf: DiskShelf, tmp_path: Path
) -> None:
    group = [*make_set("recent", Format.RSS, 3), *make_set("category/wine", Format.JSON, 8)]

    shelf.store(group)

    assert sorted(stored(DiskShelf(tmp_path)), key=repr) == sorted(group, key=repr)


def test_loading_writes_nothing(shelf: DiskShelf, tmp_path: Path) -> None:
    shelf.store(sets_of(1))
    before = sorted(tmp_path.rglob("*"))

    shelf.load()

    assert sorted(tmp_path.rglob("*")) == before


def test_a_newer_revision_takes_the_place_of_an_older(shelf: DiskShelf, tmp_path: Path) -> None:
    shelf.store(sets_of(1))
    shelf.store(sets_of(2))

    assert loaded(tmp_path) == {RSS: 2, WINE: 2}


def test_promise_4_an_older_revision_is_ignored(shelf: DiskShelf, tmp_path: Path) -> None:
    shelf.store(sets_of(5))
    before = sorted(tmp_path.rglob("*"))

    shelf.store(sets_of(4))

    assert sorted(tmp_path.rglob("*")) == before
    assert loaded(tmp_path) == {RSS: 5, WINE: 5}
    assert shown(tmp_path, RSS) == dict.fromkeys(Coding, 5)


def test_promise_4_of_mixed_revisions_the_newest_is_stored(
    shelf: DiskShelf, tmp_path: Path
) -> None:
    shelf.store([*make_set(revision=2), *make_set(revision=3), *make_set(revision=1)])

    assert loaded(tmp_path) == {RSS: 3}


def test_the_same_revision_is_not_written_again(shelf: DiskShelf, tmp_path: Path) -> None:
    shelf.store(sets_of(1))
    before = set_folder(tmp_path)

    shelf.store(sets_of(1))

    assert set_folder(tmp_path) == before


def test_a_static_server_finds_every_coding(shelf: DiskShelf, tmp_path: Path) -> None:
    shelf.store(sets_of(1))

    found = {path.name for path in tmp_path.glob("feeds/*.*")}
    assert found == {"recent.rss", "recent.rss.gz", "recent.rss.br", "recent.rss.zst"}
    assert shown(tmp_path, RSS) == dict.fromkeys(Coding, 1)
    assert shown(tmp_path, WINE) == dict.fromkeys(Coding, 1)


@pytest.mark.parametrize("coding", Coding)
def test_a_static_server_reads_last_modified_off_the_file(
    shelf: DiskShelf, tmp_path: Path, coding: Coding
) -> None:
    group = make_set(*WINE, revision=7)

    shelf.store(group)

    modified = group[0].validators.last_modified.timestamp()
    assert public_path(tmp_path, WINE, coding).stat().st_mtime == modified


def test_a_static_server_of_another_user_may_read(shelf: DiskShelf, tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        shelf.store(sets_of(1))
    finally:
        os.umask(before)

    paths = [path for path in tmp_path.rglob("*") if not path.is_symlink()]
    modes = {stat.filemode(path.stat().st_mode) for path in paths}
    assert modes == {"drwxr-xr-x", "-rw-r--r--"}


def test_the_folder_may_be_moved(shelf: DiskShelf, tmp_path: Path) -> None:
    shelf.store(sets_of(1))

    moved = tmp_path / "elsewhere"
    moved.mkdir()
    for name in ("feeds", "sets"):
        (tmp_path / name).rename(moved / name)

    assert loaded(moved) == {RSS: 1, WINE: 1}
    assert shown(moved, WINE) == dict.fromkeys(Coding, 1)


def test_a_coding_that_no_longer_pays_is_taken_away(shelf: DiskShelf, tmp_path: Path) -> None:
    shelf.store(make_set(revision=1))

    shelf.store([make_representation(revision=2)])

    assert shown(tmp_path, RSS) == {Coding.IDENTITY: 2}
    assert litter(tmp_path / "feeds") == []


def test_the_set_before_stays_for_those_who_are_reading_it(
    shelf: DiskShelf, tmp_path: Path
) -> None:
    shelf.store(make_set(revision=1))
    first = set_folder(tmp_path)
    shelf.store(make_set(revision=2))

    assert first.exists()

    shelf.store(make_set(revision=3))

    assert not first.exists()


def test_a_static_server_never_meets_a_gap(shelf: DiskShelf, tmp_path: Path) -> None:
    """Reading while sets are replaced: every file is there, whole, and none goes back.

    A set outlives the next one, so a file cannot go between two steps of being opened; two
    publications while one file is opened, which are a second apart, are kept out here too.
    """
    shelf.store(make_set(revision=1))
    done, has_read = Event(), Event()

    def write() -> None:
        for revision in range(2, 60):
            shelf.store(make_set(revision=revision))
            has_read.clear()
            has_read.wait(60)
        done.set()

    writer = Thread(target=write)
    writer.start()
    seen = []
    while not done.is_set():
        seen += [public_path(tmp_path, RSS, coding).read_text("utf-8") for coding in Coding]
        has_read.set()
    writer.join()

    revisions = [int(text.split(". ")[0].split()[-1]) for text in seen]
    assert revisions == sorted(revisions)
    assert all(text == text[: len(text) // 9] * 9 for text in seen)


def test_a_dropped_feed_is_gone_in_every_format(shelf: DiskShelf, tmp_path: Path) -> None:
    shelf.store([each for format_ in Format for each in make_set("category/wine", format_)])
    shelf.store(make_set())

    shelf.drop(["category/wine", "category/never"])

    assert loaded(tmp_path) == {RSS: 1}
    assert list((tmp_path / "feeds" / "category").iterdir()) == []
    assert litter(tmp_path) == []


def test_a_dropped_feed_may_come_back(shelf: DiskShelf, tmp_path: Path) -> None:
    shelf.store(sets_of(5))
    shelf.drop(["recent"])

    shelf.store(sets_of(1, (RSS,)))

    assert loaded(tmp_path) == {RSS: 1, WINE: 5}


def flip_a_bit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


def lengthen(path: Path) -> None:
    path.write_bytes(path.read_bytes() * 100)


def swap(path: Path) -> None:
    """Put the file of the other feed in its place."""
    folder = path.parents[3] / "sets"
    other = set_folder(folder.parent, WINE) / path.name.replace("rss", "atom")
    shutil.copy(other, path)


def make_a_folder_of(path: Path) -> None:
    path.unlink()
    path.mkdir()


def make_a_dead_link_of(path: Path) -> None:
    path.unlink()
    path.symlink_to("nowhere")


def make_a_pipe_of(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


DAMAGES = [
    pytest.param(flip_a_bit, "is not what was written", id="a bit flipped"),
    pytest.param(cut_short, "is not what was written", id="cut short"),
    pytest.param(lambda path: path.write_bytes(b""), "is not what was written", id="emptied"),
    pytest.param(lengthen, "is longer than it was written", id="longer"),
    pytest.param(swap, "", id="another feed's"),
    pytest.param(Path.unlink, "cannot be read", id="deleted"),
    pytest.param(make_a_folder_of, "is no plain file", id="a folder in its place"),
    pytest.param(make_a_dead_link_of, "cannot be read", id="a dead link in its place"),
    pytest.param(make_a_pipe_of, "is no plain file", id="a pipe in its place"),
]


@pytest.mark.parametrize("name", ["feed.rss", "feed.rss.zst", "manifest.json"])
@pytest.mark.parametrize(("damage", "said"), DAMAGES)
def test_promise_6_a_damaged_file_is_never_served(
    shelf: DiskShelf,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    name: str,
    damage: Callable[[Path], None],
    said: str,
) -> None:
    """Readers get nothing of it, static servers neither once it was read, and a store mends."""
    shelf.store(sets_of(1))
    shelf.store(sets_of(2))
    damage(set_folder(tmp_path) / name)

    assert loaded(tmp_path) == {WINE: 2}
    assert not shelf.is_whole(*RSS)
    assert shown(tmp_path, RSS) in ({}, dict.fromkeys(Coding, 2))
    assert str(set_folder(tmp_path) / name) in caplog.text
    assert said in caplog.text or name == "manifest.json"
    assert "written anew from the database" in caplog.text
    shelf.store(sets_of(2))
    assert loaded(tmp_path) == {RSS: 2, WINE: 2}
    assert_recovers(tmp_path, newest=3)


@pytest.mark.parametrize(("damage", "said"), DAMAGES)
def test_promise_6_a_file_damaged_while_it_is_served_is_given_to_nobody(
    shelf: DiskShelf,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    damage: Callable[[Path], None],
    said: str,
) -> None:
    """It is read, checked and copied at each asking; and the log says it once."""
    shelf.store(sets_of(1))
    labels = {each.coding: each for each in shelf.load() if each.slug == "recent"}
    damage(set_folder(tmp_path) / "feed.rss.gz")

    given = [shelf.body(labels[coding]) for coding in (*Coding, Coding.GZIP)]

    whole = {each.coding: each for each in make_set(revision=1)}
    assert given == [() if c is Coding.GZIP else (whole[c],) for c in (*Coding, Coding.GZIP)]
    assert caplog.text.count("left a damaged feed out slug=recent format=rss") == 1
    assert said in caplog.text
    shelf.store(sets_of(1))
    assert shelf.body(labels[Coding.GZIP]) == (whole[Coding.GZIP],)


def test_damage_that_comes_again_is_said_again(
    shelf: DiskShelf, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    shelf.store(sets_of(1))
    label = make_set(revision=1)[0].label
    for _ in range(2):
        cut_short(set_folder(tmp_path) / "feed.rss")
        assert shelf.body(label) == ()
        shelf.store(sets_of(1))

    assert caplog.text.count("left a damaged feed out") == 2


def test_the_body_of_the_set_before_is_there_while_another_process_is_ahead(
    shelf: DiskShelf, caplog: pytest.LogCaptureFixture
) -> None:
    for revision in (1, 2, 3):
        shelf.store(make_set(revision=revision))

    given = [shelf.body(make_set(revision=revision)[0].label) for revision in (1, 2, 3)]

    assert given == [(), make_set(revision=2)[:1], make_set(revision=3)[:1]]
    assert caplog.text == ""


def test_a_feed_that_was_never_stored_has_no_body(shelf: DiskShelf) -> None:
    assert shelf.body(make_set()[0].label) == ()


def test_labels_are_loaded_where_they_are_newer_than_what_is_known(shelf: DiskShelf) -> None:
    shelf.store(sets_of(2))

    found = shelf.load({RSS: 2, WINE: 1}.get)

    assert {(each.slug, each.format) for each in found} == {WINE}


@pytest.mark.parametrize(("revision", "lacks"), [(1, False), (2, False), (3, True)])
def test_names_tell_what_is_lacking(shelf: DiskShelf, revision: int, *, lacks: bool) -> None:
    shelf.store(sets_of(2))

    assert shelf.lacks(*RSS, revision) is lacks


def test_a_place_that_cannot_be_looked_at_lacks_everything(
    shelf: DiskShelf, tmp_path: Path
) -> None:
    (tmp_path / "sets").mkdir()
    (tmp_path / "sets" / "recent.rss").write_bytes(b"in the way")

    assert shelf.lacks(*RSS, 1)
    assert not shelf.is_whole(*RSS)
    assert shelf.body(make_set()[0].label) == ()


def test_a_sweep_ends_when_the_service_does(shelf: DiskShelf, tmp_path: Path) -> None:
    shelf.store(make_set(revision=1))
    shelf.store(make_set(revision=2))

    shelf.sweep(lambda: True)

    assert len(list((tmp_path / "sets" / "recent.rss").iterdir())) == 3


def test_what_was_just_written_is_not_read_back(shelf: DiskShelf, tmp_path: Path) -> None:
    shelf.store(sets_of(1))
    shelf.store(sets_of(2))

    files = [path.stat() for path in set_folder(tmp_path).glob("feed.*")]
    assert len(files) == len(Coding)
    # Both times are set to Last-Modified; the kernel moves a time of access when it is read.
    assert {file.st_atime - file.st_mtime for file in files} == {0}


def test_a_sweep_reads_no_body(shelf: DiskShelf, tmp_path: Path) -> None:
    shelf.store(sets_of(1))
    shelf.store(sets_of(2))
    paths = [path for path in tmp_path.rglob("feed.*") if path.is_file()]
    for path in paths:
        os.utime(path, (1, 1))  # the kernel moves a time of access that lies so far back

    shelf.sweep()

    assert {path.stat().st_atime for path in paths if path.exists()} == {1}
    assert litter(tmp_path) == []


def test_an_older_set_never_stands_in_for_a_damaged_one(
    shelf: DiskShelf, tmp_path: Path
) -> None:
    """It may show an article that was withdrawn since."""
    shelf.store(make_set(revision=1))
    shelf.store(make_set(revision=2))
    flip_a_bit(set_folder(tmp_path) / "feed.rss")

    assert loaded(tmp_path) == {}


def test_a_set_of_another_feed_is_damage(
    shelf: DiskShelf, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    shelf.store(sets_of(1))
    place = tmp_path / "sets" / "recent.rss"
    shutil.rmtree(place)

    shutil.copytree(tmp_path / "sets" / "category" / "wine.atom", place, symlinks=True)

    assert loaded(tmp_path) == {WINE: 1}
    assert "holds /feeds/category/wine.atom instead" in caplog.text


def test_a_set_under_another_revision_is_damage(shelf: DiskShelf, tmp_path: Path) -> None:
    shelf.store(make_set(revision=1))
    folder = set_folder(tmp_path)

    folder.rename(folder.with_name("9" + folder.name[1:]))

    assert loaded(tmp_path) == {}


def test_a_set_of_another_version_is_left_out(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    place = tmp_path / "sets" / "recent.rss"
    folder = place / "new"
    folder.mkdir(parents=True)
    write_set(folder, make_set())
    manifest = folder / "manifest.json"
    changed = manifest.read_bytes().replace(b'"revision"', b'"generation"')
    manifest.write_bytes(changed)
    digest = sha256(changed).hexdigest()[:16]
    folder.rename(place / f"1-{digest}-0123abcd")

    assert DiskShelf(tmp_path).load() == []
    assert "was written by another version" in caplog.text


@pytest.mark.parametrize("which", [0, 1])
def test_of_two_sets_of_one_revision_the_whole_one_counts(
    shelf: DiskShelf, tmp_path: Path, which: int
) -> None:
    """So a process finds it that was killed between mending a set and removing the damaged."""
    shelf.store(sets_of(1))
    folder = set_folder(tmp_path)
    twin = folder.with_name(folder.name[:-8] + "0123abcd")
    shutil.copytree(folder, twin)
    flip_a_bit(sorted([folder, twin])[which] / "feed.rss")

    assert loaded(tmp_path) == {RSS: 1, WINE: 1}
    assert_recovers(tmp_path, newest=2)


def test_what_is_not_ours_is_let_alone(shelf: DiskShelf, tmp_path: Path) -> None:
    shelf.store(sets_of(1))
    others = [tmp_path / "sets" / "notes.txt", tmp_path / "feeds" / "feed.css"]
    for path in others:
        path.write_text("mine", "utf-8")

    shelf.sweep()

    assert loaded(tmp_path) == {RSS: 1, WINE: 1}
    assert [path.read_text("utf-8") for path in others] == ["mine"] * 2


def test_a_file_where_a_feed_should_be_is_reported(
    shelf: DiskShelf, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    shelf.store(sets_of(1, (WINE,)))
    (tmp_path / "sets" / "recent.rss").write_bytes(b"in the way")

    assert loaded(tmp_path) == {WINE: 1}
    assert f"cannot read {tmp_path}/sets/recent.rss: Not a directory" in caplog.text


def test_a_folder_where_a_public_name_should_be_is_reported(
    shelf: DiskShelf, tmp_path: Path
) -> None:
    public_path(tmp_path, RSS, Coding.GZIP).mkdir(parents=True)

    with pytest.raises(UnavailableError, match=r"feeds/recent\.rss\.gz"):
        shelf.store(sets_of(1))

    assert loaded(tmp_path) == {RSS: 1, WINE: 1}
    assert litter(tmp_path) == []


def test_storing_again_mends_what_kept_links_from_being_made(
    shelf: DiskShelf, tmp_path: Path
) -> None:
    in_the_way = public_path(tmp_path, RSS, Coding.GZIP)
    in_the_way.mkdir(parents=True)
    with pytest.raises(UnavailableError):
        shelf.store(sets_of(1))

    in_the_way.rmdir()
    shelf.store(sets_of(1))

    assert shown(tmp_path, RSS) == dict.fromkeys(Coding, 1)


def test_a_plain_file_gives_way_to_a_public_name(shelf: DiskShelf, tmp_path: Path) -> None:
    in_the_way = public_path(tmp_path, RSS)
    in_the_way.parent.mkdir()
    in_the_way.write_bytes(b"of an older layout")

    shelf.store(sets_of(1))

    assert shown(tmp_path, RSS) == dict.fromkeys(Coding, 1)


def test_sweeping_removes_litter_everywhere(shelf: DiskShelf, tmp_path: Path) -> None:
    shelf.store(sets_of(1))
    for folder in ("sets", "sets/category", "sets/recent.rss", "feeds", "feeds/category"):
        (tmp_path / folder / ".tmp-folder").mkdir()
        (tmp_path / folder / ".tmp-folder" / "feed.rss").write_bytes(b"half")
        (tmp_path / folder / ".tmp-link").symlink_to("nowhere")
    public_path(tmp_path, ("category/gone", Format.RSS)).symlink_to("nowhere")
    (tmp_path / "sets" / "empty.rss").mkdir()

    shelf.sweep()

    assert litter(tmp_path) == []
    assert loaded(tmp_path) == {RSS: 1, WINE: 1}


def test_sweeping_removes_links_that_lead_nowhere_and_no_other(
    shelf: DiskShelf, tmp_path: Path
) -> None:
    shelf.store(sets_of(1))
    before = set((tmp_path / "feeds").iterdir())
    (tmp_path / "feeds" / "round").symlink_to("round")
    (tmp_path / "feeds" / "below").symlink_to("recent.rss/below")

    shelf.sweep()

    assert set((tmp_path / "feeds").iterdir()) == before


def test_sweeping_leaves_a_link_that_cannot_be_looked_at(
    shelf: DiskShelf, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    shelf.store(sets_of(1))
    link = tmp_path / "feeds" / "far"
    link.symlink_to("x" * 300)  # longer than a name may be

    shelf.sweep()

    assert link.is_symlink()
    assert f"cannot write {link}" in caplog.text


def test_sweeping_an_empty_folder_makes_nothing(shelf: DiskShelf, tmp_path: Path) -> None:
    shelf.sweep()

    assert list(tmp_path.iterdir()) == []


def test_sweeping_goes_away_while_another_process_stores(
    shelf: DiskShelf, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    shelf.store(sets_of(1))
    running = tmp_path / "sets" / "recent.rss" / ".tmp-of-another"
    running.mkdir()
    descriptor = os.open(tmp_path / "sets", os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_SH)

    with caplog.at_level("DEBUG"):
        shelf.sweep()

    os.close(descriptor)
    assert running.exists()
    assert "another process is storing" in caplog.text


def test_sweeping_goes_on_after_a_problem_and_reports_it(
    shelf: DiskShelf, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    shelf.store(sets_of(1))
    public_path(tmp_path, RSS).unlink()
    public_path(tmp_path, RSS).mkdir()
    public_path(tmp_path, WINE).unlink()

    shelf.sweep()

    assert shown(tmp_path, WINE) == dict.fromkeys(Coding, 1)
    assert f"cannot write {public_path(tmp_path, RSS)}" in caplog.text


def test_a_file_that_may_not_be_read_is_left_out(
    unprivileged: Path, caplog: pytest.LogCaptureFixture
) -> None:
    DiskShelf(unprivileged).store(sets_of(1))
    (set_folder(unprivileged) / "feed.rss").chmod(0)

    assert loaded(unprivileged) == {WINE: 1}
    assert "feed.rss cannot be read (Permission denied)" in caplog.text


def test_a_folder_that_may_not_be_read_is_reported(
    unprivileged: Path, caplog: pytest.LogCaptureFixture
) -> None:
    DiskShelf(unprivileged).store(sets_of(1))
    (unprivileged / "sets").chmod(0)

    assert DiskShelf(unprivileged).load() == []
    assert f"cannot read {unprivileged}/sets: Permission denied; let this user" in caplog.text


def test_promise_5_a_folder_that_may_not_be_written_is_still_loaded(unprivileged: Path) -> None:
    shelf = DiskShelf(unprivileged)
    shelf.store(sets_of(1))
    for path in [unprivileged, *unprivileged.rglob("*")]:
        if not path.is_symlink():
            path.chmod(0o555 if path.is_dir() else 0o444)

    with pytest.raises(
        UnavailableError, match="Permission denied; feeds are served from memory"
    ):
        shelf.store(sets_of(2))

    assert loaded(unprivileged) == dict.fromkeys(BOTH, 1)


def test_a_folder_that_may_not_be_written_does_not_stop_a_start(
    unprivileged: Path, caplog: pytest.LogCaptureFixture
) -> None:
    shelf = DiskShelf(unprivileged)
    shelf.store(sets_of(1))
    (unprivileged / "sets" / "recent.rss" / "current").unlink()
    (unprivileged / "sets" / "recent.rss").chmod(0o555)

    shelf.sweep()

    assert "could not sweep the disk shelf" in caplog.text


def test_a_shelf_in_a_file_is_reported(tmp_path: Path) -> None:
    (tmp_path / "data").write_bytes(b"")

    with pytest.raises(UnavailableError, match=r"cannot write .*/data"):
        DiskShelf(tmp_path / "data").store(sets_of(1))


def test_the_manifest_can_be_read_by_others(shelf: DiskShelf, tmp_path: Path) -> None:
    shelf.store(make_set(revision=4))

    manifest = msgspec.json.decode((set_folder(tmp_path) / "manifest.json").read_bytes())

    assert (manifest["slug"], manifest["format"], manifest["revision"]) == ("recent", "rss", 4)
    body = (set_folder(tmp_path) / "feed.rss.gz").read_bytes()
    assert manifest["files"]["gzip"]["etag"] == sha256(body).hexdigest()[:32]
    assert manifest["files"]["gzip"]["last_modified"] == "2025-03-02T06:00:04Z"


def test_a_shelf_that_cannot_be_looked_at_is_not_called_empty(tmp_path: Path) -> None:
    (tmp_path / "sets").symlink_to("sets")  # leads to itself

    assert not DiskShelf(tmp_path).is_empty
    assert DiskShelf(tmp_path / "new").is_empty
