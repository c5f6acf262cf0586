"""What an editor saves is stored with the dirty mark of every feed it touches."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from msgspec.structs import replace

from feedsvc.errors import ConflictError, GoneError, InputError, NotFoundError
from feedsvc.model import RECENT, ArticleId, BodyFormat, Release, State
from feedsvc.storage import feeds
from feedsvc.workflow import read
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.start import make_ready
from feedsvc.workflow.writing.edit import change, create, preview
from feedsvc.workflow.writing.storing import store_change
from feedsvc.workflow.writing.withdraw import withdraw
from tests.factories import by, given
from tests.fakes import FakeClock

MINUTE = timedelta(minutes=1)


def revisions(room: Newsroom) -> dict[str, int]:
    with room.database.read() as tx:
        return {feed.slug: feed.revision for feed in feeds.public_feeds(tx)}


@pytest.fixture(autouse=True)
def ready(room: Newsroom) -> None:
    make_ready(room)


@pytest.mark.checklist("RSS-25")
def test_published_article_is_there_at_once(room: Newsroom, clock: FakeClock) -> None:
    made = create(room, given(), by=by("asha"))

    found = read.public_article(room, made.path)

    assert found == made
    assert (found.published, found.updated, found.changed_by) == (clock.now(),) * 2 + ("asha",)
    assert found.path == "/articles/start-ups-meet-officials/"
    assert found.guid.startswith("urn:uuid:")


@pytest.mark.checklist("BEH-07")
def test_publishing_marks_the_feeds_it_touches(room: Newsroom) -> None:
    """Promise 1: nothing is lost."""
    before = revisions(room)
    create(room, given(categories=("News", "Defence")), by=by("asha"))

    assert before == {RECENT: 1}
    assert revisions(room) == {RECENT: 2, "category/defence": 1, "category/news": 1}


@pytest.mark.parametrize("release", [Release.DRAFT, Release.REVIEW, Release.AT])
def test_secret_article_changes_nothing_public(
    room: Newsroom, clock: FakeClock, release: Release
) -> None:
    """Promise 7: no page, no category, no revision tells of it."""
    before = revisions(room)
    due = clock.now() + MINUTE
    made = create(room, given(release=release, release_at=due), by=by("asha"))
    change(
        room, made.id, given("Other", release=release, release_at=due), by=by("a"), version=1
    )

    assert revisions(room) == before
    assert read.categories(room) == ()
    assert read.recent(room, limit=9).articles == ()
    with pytest.raises(NotFoundError):
        read.public_article(room, made.path)
    with pytest.raises(NotFoundError):
        read.category(room, "news")


def test_scheduled_article_appears_at_its_second_without_any_job(
    room: Newsroom, clock: FakeClock
) -> None:
    """Promise 7: visibility is a condition of the question, not a flag that a job sets."""
    due = clock.now() + MINUTE
    made = create(room, given(release=Release.AT, release_at=due), by=by("asha"))
    clock.advance(59)
    with pytest.raises(NotFoundError):
        read.public_article(room, made.path)

    clock.advance(1)

    assert read.public_article(room, made.path).id == made.id
    assert len(read.recent(room, limit=9).articles) == 1


def test_past_time_publishes_under_that_date(room: Newsroom, clock: FakeClock) -> None:
    then = clock.now() - timedelta(hours=20)

    made = create(room, given(release=Release.AT, release_at=then), by=by("asha"))

    assert (made.state, made.published, made.updated) == (State.PUBLISHED, then, then)


def test_same_submission_is_one_article(room: Newsroom) -> None:
    first = create(room, given(submission="word"), by=by("asha"))
    second = create(room, given("Typed again", submission="word"), by=by("asha"))

    assert second == first
    assert len(read.desk_list(room, limit=9).articles) == 1


def test_double_click_stores_one_article(room: Newsroom) -> None:
    with ThreadPoolExecutor(4) as pool:
        made = list(
            pool.map(lambda _: create(room, given(submission="w"), by=by("a")), range(4))
        )

    assert len({each.id for each in made}) == 1
    assert len(read.desk_list(room, limit=9).articles) == 1


def test_editors_saving_at_once_lose_nothing(room: Newsroom) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(
            pool.map(
                lambda n: create(room, given(categories=(f"C{n % 3}",)), by=by("a")), range(12)
            )
        )

    assert len(read.desk_list(room, limit=99).articles) == 12
    assert revisions(room)[RECENT] == 13


def test_second_editor_is_told_and_nothing_is_overwritten(room: Newsroom) -> None:
    made = create(room, given(), by=by("asha"))
    change(room, made.id, given("Asha's title"), by=by("asha"), version=1)

    with pytest.raises(ConflictError, match="asha saved this article"):
        change(room, made.id, given("Zoe's title"), by=by("zoe"), version=1)

    assert read.article(room, made.id).title == "Asha's title"


def test_repeated_save_is_no_conflict(room: Newsroom) -> None:
    made = create(room, given(), by=by("asha"))
    once = change(room, made.id, given("New title"), by=by("asha"), version=1)

    twice = change(room, made.id, given("New title"), by=by("asha"), version=1)

    assert twice == once


def test_same_text_for_another_time_is_a_conflict(room: Newsroom, clock: FakeClock) -> None:
    first, second = (
        given(release=Release.AT, release_at=clock.now() + minutes * MINUTE)
        for minutes in (5, 9)
    )
    made = create(room, given(release=Release.DRAFT), by=by("asha"))
    saved = change(room, made.id, first, by=by("asha"), version=1)

    with pytest.raises(ConflictError):
        change(room, made.id, second, by=by("zoe"), version=1)

    assert change(room, made.id, first, by=by("asha"), version=1) == saved


@pytest.mark.checklist("RSS-23", "RSS-29", "ATOM-11", "ATOM-16")
def test_guid_and_permalink_survive_every_change(room: Newsroom, clock: FakeClock) -> None:
    """Promise 8: a guid never changes."""
    made = create(room, given(), by=by("asha"))
    clock.advance(60)

    later = change(
        room, made.id, given("Else", categories=("Sport",)), by=by("asha"), version=1
    )

    assert (later.guid, later.path, later.published) == (made.guid, made.path, made.published)


@pytest.mark.checklist("ATOM-15")
def test_minor_edit_does_not_move_updated(room: Newsroom, clock: FakeClock) -> None:
    made = create(room, given(), by=by("asha"))
    clock.advance(60)

    minor = change(room, made.id, given("Typo mended"), by=by("asha"), version=1)
    major = change(room, made.id, given("Anew", significant=True), by=by("asha"), version=2)

    assert minor.updated == made.updated
    assert major.updated == clock.now()


def test_edit_marks_old_and_new_categories(room: Newsroom) -> None:
    made = create(room, given(), by=by("asha"))
    change(room, made.id, given(categories=("Sport",)), by=by("asha"), version=1)

    assert revisions(room) == {RECENT: 3, "category/news": 2, "category/sport": 1}


def test_draft_takes_its_address_from_its_last_title(room: Newsroom) -> None:
    made = create(room, given("Working title", release=Release.DRAFT), by=by("asha"))

    final = change(room, made.id, given("Final title"), by=by("asha"), version=1)

    assert final.path == "/articles/final-title/"


def test_equal_titles_have_addresses_of_their_own(room: Newsroom) -> None:
    paths = [create(room, given("One"), by=by("asha")).path for _ in range(11)]

    assert paths[:2] == ["/articles/one/", "/articles/one-2/"]
    assert len(set(paths)) == 11


def test_category_that_is_not_there_is_not_found(room: Newsroom) -> None:
    with pytest.raises(NotFoundError):
        read.recent(room, limit=9, category="none")


def test_title_without_latin_letters_has_an_address(room: Newsroom) -> None:
    made = create(room, given("日本"), by=by("asha"))

    assert read.public_article(room, made.path).title == "日本"


def test_tags_are_known_by_name_in_any_case_and_have_their_own_slugs(room: Newsroom) -> None:
    first = create(room, given(tags=("Rain", "C#", "C++")), by=by("asha"))
    second = create(room, given(tags=("RAIN",)), by=by("asha"))
    changed = change(room, first.id, given(tags=("C++",)), by=by("asha"), version=1)
    again = change(room, first.id, given(tags=("c++",)), by=by("asha"), version=1)

    assert [tag.slug for tag in first.tags] == ["rain", "c", "c-2"]
    assert second.tags == first.tags[:1]
    assert changed.tags == first.tags[2:]
    assert again == changed  # sent twice


def test_categories_are_known_by_name_in_any_case(room: Newsroom) -> None:
    first = create(room, given(categories=("News", "news")), by=by("asha"))
    second = create(room, given(categories=("NEWS",)), by=by("asha"))

    assert first.categories == second.categories


def test_names_that_give_one_slug_are_two_categories(room: Newsroom) -> None:
    made = create(room, given(categories=("C", "C++")), by=by("asha"))

    assert [each.slug for each in made.categories] == ["c", "c-2"]


def test_published_article_cannot_become_a_draft(room: Newsroom) -> None:
    made = create(room, given(), by=by("asha"))

    with pytest.raises(InputError) as caught:
        change(room, made.id, given(release=Release.DRAFT), by=by("asha"), version=1)

    assert "withdraw" in caught.value.fields["release"]


def test_published_article_keeps_its_time(room: Newsroom, clock: FakeClock) -> None:
    made = create(room, given(), by=by("asha"))
    again = given(release=Release.AT, release_at=made.published)
    later = given(release=Release.AT, release_at=clock.now() + MINUTE)

    assert change(room, made.id, again, by=by("asha"), version=1).published == made.published
    with pytest.raises(InputError) as caught:
        change(room, made.id, later, by=by("asha"), version=2)
    assert "release_at" in caught.value.fields


def test_due_article_is_treated_as_published(room: Newsroom, clock: FakeClock) -> None:
    """An editor who saves between the moment and the job that notes it changes no date."""
    due = clock.now() + MINUTE
    asked = given(release=Release.AT, release_at=due)
    made = create(room, asked, by=by("asha"))
    clock.advance(90)

    saved = change(room, made.id, replace(asked, title="New"), by=by("asha"), version=1)

    assert (saved.state, saved.published, saved.updated) == (State.PUBLISHED, due, due)


def test_rescheduling_and_publishing_now(room: Newsroom, clock: FakeClock) -> None:
    made = create(
        room, given(release=Release.AT, release_at=clock.now() + MINUTE), by=by("asha")
    )

    moved = change(
        room,
        made.id,
        given(release=Release.AT, release_at=clock.now() + 2 * MINUTE),
        by=by("asha"),
        version=1,
    )
    out = change(room, made.id, given(release=Release.NOW), by=by("asha"), version=2)

    assert moved.state is State.SCHEDULED
    assert (out.state, out.published) == (State.PUBLISHED, clock.now())


def test_withdrawn_article_is_gone_for_everybody(room: Newsroom, clock: FakeClock) -> None:
    made = create(room, given(), by=by("asha"))
    clock.advance(60)

    gone = withdraw(room, made.id, by=by("zoe"))

    assert (gone.state, gone.withdrawn, gone.changed_by) == (
        State.WITHDRAWN,
        clock.now(),
        "zoe",
    )
    assert read.recent(room, limit=9).articles == ()
    assert revisions(room) == {RECENT: 3, "category/news": 2}
    with pytest.raises(GoneError):
        read.public_article(room, made.path)


def test_withdrawing_twice_is_harmless(room: Newsroom) -> None:
    made = create(room, given(), by=by("asha"))

    assert withdraw(room, made.id, by=by("zoe")) == withdraw(room, made.id, by=by("asha"))


def test_withdrawing_what_nobody_saw_leaves_no_trace(room: Newsroom, clock: FakeClock) -> None:
    """Promise 7: a tombstone would tell that there was something."""
    made = create(
        room, given(release=Release.AT, release_at=clock.now() + MINUTE), by=by("asha")
    )

    back = withdraw(room, made.id, by=by("asha"))

    assert (back.state, back.withdrawn, back.release_at) == (State.DRAFT, None, None)
    with pytest.raises(NotFoundError) as caught:
        read.public_article(room, made.path)
    assert not isinstance(caught.value, GoneError)


@pytest.mark.checklist("RSS-23", "ATOM-11")
def test_republished_article_is_the_same_article(room: Newsroom, clock: FakeClock) -> None:
    made = create(room, given(), by=by("asha"))
    withdraw(room, made.id, by=by("asha"))
    kept = change(room, made.id, given(release=Release.DRAFT), by=by("asha"), version=2)
    clock.advance(60)

    back = change(room, made.id, given(), by=by("asha"), version=3)

    assert kept.state is State.WITHDRAWN
    assert (back.guid, back.published, back.withdrawn) == (made.guid, made.published, None)
    assert back.updated == clock.now()
    assert read.public_article(room, made.path).id == made.id


def test_withdrawn_article_can_be_scheduled_again(room: Newsroom, clock: FakeClock) -> None:
    made = create(room, given(), by=by("asha"))
    withdraw(room, made.id, by=by("asha"))
    asked = given(release=Release.AT, release_at=clock.now() + MINUTE)

    change(room, made.id, asked, by=by("asha"), version=2)

    with pytest.raises(GoneError):
        read.public_article(room, made.path)
    again = withdraw(room, made.id, by=by("asha"))
    assert again.state is State.WITHDRAWN


@pytest.mark.parametrize("step", ["change", "withdraw", "read"])
def test_unknown_article_is_not_found(room: Newsroom, step: str) -> None:
    steps = {
        "change": lambda: change(room, ArticleId(9), given(), by=by("a"), version=1),
        "withdraw": lambda: withdraw(room, ArticleId(9), by=by("a")),
        "read": lambda: read.article(room, ArticleId(9)),
    }

    with pytest.raises(NotFoundError, match="no article 9"):
        steps[step]()


def test_preview_shows_what_would_be_stored(room: Newsroom) -> None:
    asked = given("Tom & Jerry", body_source="<p onclick=x>Hi<script>y</script>")
    shown = preview(room, replace(asked, body_format=BodyFormat.HTML, categories=("New one",)))

    assert (shown.title, shown.body) == ("Tom & Jerry", "<p>Hi</p>")
    assert shown.categories[0].slug == "new-one"
    assert read.desk_list(room, limit=9).articles == ()
    assert read.desk_categories(room) == ()


def test_saving_rings_the_bell(room: Newsroom) -> None:
    rung: list[str] = []
    loud = replace(room, wake=lambda: rung.append("ring"))

    made = create(loud, given(), by=by("a"))
    change(loud, made.id, given("x"), by=by("a"), version=1)
    withdraw(loud, made.id, by=by("a"))

    assert len(rung) == 3


def test_desk_pages_go_on_where_they_ended(room: Newsroom, clock: FakeClock) -> None:
    for number in range(5):
        create(room, given(f"Number {number}", categories=("News",)), by=by("a"))
        clock.advance(number % 2)

    seen = []
    for kind in ("desk", "recent", "category"):
        titles: list[str] = []
        cursor = None
        while True:
            page = (
                read.desk_list(room, limit=2, before=cursor)
                if kind == "desk"
                else read.recent(
                    room,
                    limit=2,
                    before=cursor,
                    category="news" if kind == "category" else None,
                )
            )
            titles += [each.title for each in page.articles]
            if page.next is None:
                break
            cursor = read.Cursor.decode(page.next.encode())
        seen.append(titles)

    assert seen == [[f"Number {number}" for number in (4, 3, 2, 1, 0)]] * 3


@pytest.mark.parametrize(
    "text",
    ["", "x", "20261122T120000Z", "20261122T120000Z-x", "1-1", f"20261122T120000Z-{1 << 31}"],
)
def test_broken_cursor_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="first page"):
        read.Cursor.decode(text)


def test_a_correction_is_dated_and_told(room: Newsroom, clock: FakeClock) -> None:
    """Promise 8: what readers know an article by stays, and so does its first date."""
    made = create(room, given(), by=by("a"))
    clock.advance(3600)
    note = "The talks were on Tuesday."

    once = change(room, made.id, given(correction=note), by=by("a"), version=1)
    clock.advance(60)
    again = change(room, made.id, given("Other", correction=note), by=by("a"), version=2)

    assert (once.correction, once.corrected, once.updated) == (note, once.changed, once.changed)
    assert (again.corrected, again.updated) == (once.corrected, once.updated)
    assert (again.guid, again.published) == (made.guid, made.published)


def test_a_correction_can_be_taken_back_quietly(room: Newsroom, clock: FakeClock) -> None:
    made = create(room, given(), by=by("a"))
    clock.advance(60)
    noted = change(room, made.id, given(correction="Wrong."), by=by("a"), version=1)
    clock.advance(60)

    gone = change(room, made.id, given(), by=by("a"), version=2)

    assert (gone.correction, gone.corrected) == ("", None)
    assert gone.updated == noted.updated


def test_what_nobody_has_seen_cannot_be_corrected(room: Newsroom) -> None:
    draft = create(room, given(release=Release.DRAFT), by=by("a"))
    noted = given(release=Release.DRAFT, correction="Wrong.")

    with pytest.raises(InputError, match="nothing to correct"):
        create(room, noted, by=by("a"))
    with pytest.raises(InputError, match="nothing to correct") as told:
        change(room, draft.id, noted, by=by("a"), version=1)

    assert "correction" in told.value.fields
    assert len(read.desk_list(room, limit=9).articles) == 1
    assert read.article(room, draft.id).version == 1


def test_what_somebody_else_stored_is_not_stored_over(room: Newsroom) -> None:
    """Who calls has locked the article; this is what is left where somebody has not."""
    made = create(room, given(), by=by("asha"))
    after = replace(made, version=3, title="Mine")

    with pytest.raises(ConflictError), room.database.write() as tx:
        store_change(room, tx, replace(made, version=2), after)

    assert read.article(room, made.id) == made
