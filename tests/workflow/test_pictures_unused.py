"""Pictures that nothing has shown for long go; those of any article, then or now, stay."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from msgspec.structs import replace
from msgspec.structs import replace as with_setting
from sqlalchemy import event

from feedsvc.config import Config
from feedsvc.errors import InputError, NotFoundError
from feedsvc.model import FeedInput, Release, UserId
from feedsvc.model.pictures import Picture, PictureFile
from feedsvc.model.writing import WorkingCopy
from feedsvc.storage import pictures as rows
from feedsvc.storage.database import Database
from feedsvc.workflow import accounts, pictures, saved_feeds
from feedsvc.workflow.handed_in.checking import check
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.prune import prune
from feedsvc.workflow.writing import edit, working_copies
from feedsvc.workflow.writing.withdraw import withdraw
from tests.factories import COMMAND_LINE, by, given
from tests.fakes import FakeClock
from tests.storage.plans import Catch

ASHA = by("asha")
DAY = 86_400
LIMIT = 90 * DAY
LONGEST_POLL_SECONDS = 0.1  # of SQLite for a lock (sqliteDefaultBusyCallback)


def uploaded(room: Newsroom, number: int = 1) -> Picture:
    """Store a picture as an upload does, without drawing one."""
    now = room.clock.now()
    name = f"{number:032x}-10x10"
    picture = Picture(name=name, suffix="jpg", width=10, height=10, created=now)
    file = PictureFile(width=10, height=10, digest="0" * 64, body=b"a picture")
    with room.database.write() as tx:
        rows.add(tx, picture, [file], unused_since=now)
    return picture


def is_there(room: Newsroom, picture: Picture) -> bool:
    try:
        return pictures.body(room, picture, 10) == b"a picture"
    except NotFoundError:
        return False


def pass_by(room: Newsroom, clock: FakeClock, seconds: int = LIMIT + DAY) -> None:
    clock.advance(seconds)
    prune(room)


def test_picture_that_nothing_shows_goes_after_its_days(
    room: Newsroom, clock: FakeClock
) -> None:
    picture = uploaded(room)

    pass_by(room, clock, LIMIT)
    assert is_there(room, picture)
    pass_by(room, clock, 1)
    assert not is_there(room, picture)
    assert pictures.newest(room) == ()


def as_lead(room: Newsroom, picture: Picture) -> None:
    edit.create(
        room, given(image_url=picture.path, image_alt="A", release=Release.DRAFT), by=ASHA
    )


def in_the_text(room: Newsroom, picture: Picture) -> None:
    address = room.config.site.url(picture.path)
    edit.create(room, given(body_source=f"![A lamp]({address})"), by=ASHA)


def in_an_earlier_version(room: Newsroom, picture: Picture) -> None:
    """Which can be looked at and restored."""
    old = edit.create(room, given(body_source=f"![A lamp]({picture.path})"), by=ASHA)
    edit.change(room, old.id, given(), by=ASHA, version=old.version)


def in_a_changed_article(room: Newsroom, picture: Picture) -> None:
    old = edit.create(room, given(), by=ASHA)
    text = given(body_source=f"![A lamp]({picture.path})")
    edit.change(room, old.id, text, by=ASHA, version=old.version)


def in_a_withdrawn_article(room: Newsroom, picture: Picture) -> None:
    old = edit.create(room, given(image_url=picture.path, image_alt="A"), by=ASHA)
    withdraw(room, old.id, by=ASHA)


def at_the_end_of_a_feed(room: Newsroom, picture: Picture) -> None:
    footer = f'<p><img src="{picture.path}" alt="A"></p>'
    saved_feeds.add(
        room, "ours", FeedInput(title="Ours", include=("author:a",), footer=footer), by=ASHA
    )


@pytest.mark.parametrize(
    "show",
    [
        pytest.param(as_lead, id="lead image of a draft"),
        pytest.param(in_the_text, id="in a text, by its whole address"),
        pytest.param(in_an_earlier_version, id="in an earlier version"),
        pytest.param(in_a_changed_article, id="in a changed article"),
        pytest.param(in_a_withdrawn_article, id="of a withdrawn article"),
        pytest.param(at_the_end_of_a_feed, id="at the end of a feed's texts"),
    ],
)
def test_picture_of_what_stays_is_never_removed(
    room: Newsroom, clock: FakeClock, show: Callable[[Newsroom, Picture], None]
) -> None:
    """So no feed, page, archive document or version that names it ever misses it."""
    picture = uploaded(room)
    show(room, picture)

    pass_by(room, clock, 100 * LIMIT)

    assert is_there(room, picture)


def test_unsaved_text_keeps_its_picture(room: Newsroom, clock: FakeClock) -> None:
    """Its days begin again whenever the text changes."""
    picture = uploaded(room)
    user = accounts.add_user(room, "asha", "seven lamps of odisha", by=COMMAND_LINE)
    for count in (1, 2):
        clock.advance(LIMIT - DAY)
        keep(room, user.id, picture, count)
    pass_by(room, clock, LIMIT)
    assert is_there(room, picture)

    pass_by(room, clock, DAY)
    assert not is_there(room, picture)


def keep(room: Newsroom, user_id: UserId, picture: Picture, count: int) -> None:
    copy = WorkingCopy(
        article_id=None,
        word="word-of-a-page",
        count=count,
        fields=(("body_source", f"![]({picture.path})"),),
        changed=room.clock.now(),
    )
    working_copies.keep(room, user_id, copy)


def test_same_picture_uploaded_again_begins_anew(room: Newsroom, clock: FakeClock) -> None:
    picture = uploaded(room)
    clock.advance(LIMIT - DAY)
    with room.database.write() as tx:
        rows.note_named(tx, [picture.name], clock.now())

    pass_by(room, clock, LIMIT - DAY)

    assert is_there(room, picture)


def test_what_the_settings_name_stays(room: Newsroom, clock: FakeClock) -> None:
    picture = uploaded(room)
    icon = room.config.site.url(picture.path)
    site = with_setting(room.config.site, icon=icon)
    room = replace(room, config=with_setting(room.config, site=site))

    for _ in range(3):
        pass_by(room, clock, LIMIT - DAY)

    assert is_there(room, picture)


def test_nothing_goes_where_the_settings_say_so(room: Newsroom, clock: FakeClock) -> None:
    picture = uploaded(room)
    desk = with_setting(room.config.desk, picture_days=0)
    room = replace(room, config=with_setting(room.config, desk=desk))

    pass_by(room, clock, 100 * LIMIT)

    assert is_there(room, picture)


def test_few_are_removed_at_once(room: Newsroom, clock: FakeClock) -> None:
    """SQLite may take long for megabytes: between the transactions, others write."""
    every = [uploaded(room, number) for number in range(1, 6)]
    left: list[int] = []
    rests: list[float] = []

    def rest(seconds: float) -> bool:
        rests.append(seconds)
        left.append(sum(is_there(room, one) for one in every))
        uploaded(room, 10 + len(left))
        return False

    clock.advance(LIMIT + DAY)
    prune(room, rest)

    assert left == [3, 1]
    assert not any(is_there(room, one) for one in every)
    assert min(rests) > LONGEST_POLL_SECONDS


def test_removal_ends_when_the_program_does(room: Newsroom, clock: FakeClock) -> None:
    every = [uploaded(room, number) for number in range(1, 6)]
    clock.advance(LIMIT + DAY)

    prune(room, lambda _: True)

    assert [is_there(room, one) for one in every] == [False, False, True, True, True]


def test_one_run_removes_no_more_than_so_many(
    room: Newsroom, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "MOST", 4)
    every = [uploaded(room, number) for number in range(1, 8)]
    clock.advance(LIMIT + DAY)

    prune(room, lambda _: False)
    assert sum(is_there(room, one) for one in every) == 3
    prune(room, lambda _: False)
    assert not any(is_there(room, one) for one in every)


@pytest.fixture
def shared_room(config: Config, clock: FakeClock, postgres_url: str) -> Iterator[Newsroom]:
    """One on a database into which several hosts write at once; SQLite has one writer."""
    database = Database(postgres_url)
    yield Newsroom(config=config, clock=clock, database=database, wake=lambda: None)
    database.close()


def test_picture_that_is_named_while_it_is_to_go_stays(
    shared_room: Newsroom, clock: FakeClock
) -> None:
    """Another host stores an article with it after this one has seen that nothing names it."""
    picture, other = uploaded(shared_room), uploaded(shared_room, 2)
    clock.advance(LIMIT + DAY)
    came: list[str] = []

    def come_in_between(*sent: Any) -> None:  # noqa: ANN401
        if sent[2].startswith("DELETE FROM picture") and not came:
            came.append(sent[2])
            with shared_room.database.write() as tx:
                rows.note_used(tx, [picture.name])

    event.listen(shared_room.database.engine, "before_cursor_execute", come_in_between)
    prune(shared_room)

    assert len(came) == 1
    assert is_there(shared_room, picture)
    assert not is_there(shared_room, other)


def test_saving_with_a_fresh_picture_waits_for_no_writer(
    room: Newsroom, clock: FakeClock
) -> None:
    picture = uploaded(room)
    checked = check(given(body_source=f"![A lamp]({picture.path})"))
    sent = Catch(room.database)

    with sent.by("a picture of today"):
        pictures.confirmed(room, checked)
    assert [one for one in sent.sent if one.startswith("UPDATE")] == []

    clock.advance(2 * DAY)
    with sent.by("one that was named before"):
        pictures.confirmed(room, checked)
    assert [one for one in sent.sent if one.startswith("UPDATE picture ")] != []


def test_removed_picture_is_not_taken_into_an_article(room: Newsroom, clock: FakeClock) -> None:
    picture = uploaded(room)
    pass_by(room, clock)

    with pytest.raises(InputError) as caught:
        as_lead(room, picture)

    assert "no such picture" in caught.value.fields["image_url"]
