"""What is being written is kept apart from articles, and goes nowhere by itself."""

import pytest
from msgspec.structs import replace

from feedsvc.errors import InputError, NotFoundError
from feedsvc.model import Article, ArticleId, UserId
from feedsvc.model.writing import WorkingCopy
from feedsvc.storage.writing import working_copies as stored_copies
from feedsvc.workflow import accounts, read
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.prune import prune
from feedsvc.workflow.writing import edit, working_copies
from feedsvc.workflow.writing.working_copies import Kept
from tests.factories import COMMAND_LINE, by, given
from tests.fakes import NOON, FakeClock


@pytest.fixture
def asha(room: Newsroom) -> UserId:
    return accounts.add_user(room, "asha", "seven lamps of odisha", by=COMMAND_LINE).id


@pytest.fixture
def article(room: Newsroom) -> Article:
    return edit.create(room, given("As it is stored", submission="stored-word"), by=by("asha"))


def copy(text: str, count: int = 1, **changes: object) -> WorkingCopy:
    made = WorkingCopy(
        article_id=None,
        word="word-of-a-page",
        count=count,
        fields=(("title", text), ("categories", "News"), ("categories", "Odisha")),
        changed=NOON,
    )
    return replace(made, **changes)


def titles(room: Newsroom, user: UserId, article_id: ArticleId | None = None) -> list[str]:
    found = working_copies.of(room, user, article_id)
    return [dict(one.fields)["title"] for one in found if not one.is_settled]


def test_what_was_typed_is_given_back_as_it_was(room: Newsroom, asha: UserId) -> None:
    typed = copy("ଓଡ଼ିଆ\x00 \U0001f33c\nsecond line", version=3)

    assert working_copies.keep(room, asha, typed) is Kept.KEPT

    (found,) = working_copies.of(room, asha, None)
    assert found == replace(typed, changed=room.clock.now())


def test_later_copy_of_a_page_takes_the_place_of_the_earlier(
    room: Newsroom, asha: UserId
) -> None:
    for count, text in enumerate(("One", "One two", "One two three"), 1):
        assert working_copies.keep(room, asha, copy(text, count)) is Kept.KEPT

    assert titles(room, asha) == ["One two three"]


def test_earlier_copy_that_comes_late_is_dropped(room: Newsroom, asha: UserId) -> None:
    working_copies.keep(room, asha, copy("Later", 2))

    assert working_copies.keep(room, asha, copy("Earlier", 1)) is Kept.OLDER
    assert working_copies.keep(room, asha, copy("Of another window", 2)) is Kept.OLDER
    assert titles(room, asha) == ["Later"]


def test_copy_whose_answer_was_lost_may_be_sent_again(room: Newsroom, asha: UserId) -> None:
    working_copies.keep(room, asha, copy("Once", 2))

    assert working_copies.keep(room, asha, copy("Once", 2)) is Kept.KEPT


def test_pages_have_copies_of_their_own(room: Newsroom, asha: UserId, clock: FakeClock) -> None:
    """Who leaves a text behind and begins anew has written over nothing."""
    working_copies.keep(room, asha, copy("Left behind", 9))
    clock.advance(1)
    working_copies.keep(room, asha, copy("Begun anew", 1, word="word-of-another"))

    assert titles(room, asha) == ["Begun anew", "Left behind"]


def test_copies_are_of_one_person(room: Newsroom, asha: UserId) -> None:
    ravi = accounts.add_user(room, "ravi", "eleven boats on chilika", by=COMMAND_LINE).id
    working_copies.keep(room, asha, copy("Asha's"))

    assert working_copies.of(room, ravi, None) == ()
    assert working_copies.unsaved(room, ravi, 5) == ()


def test_saving_settles_what_was_typed_until_then(
    room: Newsroom, asha: UserId, article: Article
) -> None:
    typed = copy("Typed", 4, article_id=article.id)
    working_copies.keep(room, asha, typed)

    working_copies.settle(room, asha, article.id, typed.word, 4)

    assert titles(room, asha, article.id) == []
    assert working_copies.unsaved(room, asha, 5) == ()
    assert working_copies.keep(room, asha, replace(typed, count=3)) is Kept.SAVED


def test_saving_keeps_what_was_typed_later(
    room: Newsroom, asha: UserId, article: Article
) -> None:
    working_copies.keep(room, asha, copy("Typed later", 5, article_id=article.id))

    working_copies.settle(room, asha, article.id, "word-of-a-page", 4)

    assert titles(room, asha, article.id) == ["Typed later"]


def test_copy_of_a_new_article_is_settled_once_it_is_stored(
    room: Newsroom, asha: UserId, article: Article
) -> None:
    typed = copy("As it is stored", 4, word="stored-word")
    with room.database.write() as tx:
        stored_copies.put(tx, asha, typed)

    working_copies.settle(room, asha, article.id, "stored-word", 4)

    assert working_copies.of(room, asha, None) == ()
    assert working_copies.keep(room, asha, typed) is Kept.SAVED


def test_text_typed_into_a_form_after_it_was_stored_belongs_to_the_article(
    room: Newsroom, asha: UserId, article: Article
) -> None:
    """The browser's button goes back to the form of a new article that is stored by now."""
    typed = copy("Changed again", 7, word="stored-word")

    assert working_copies.keep(room, asha, typed) is Kept.KEPT
    assert titles(room, asha, article.id) == ["Changed again"]


def test_copy_of_no_article_is_refused(room: Newsroom, asha: UserId) -> None:
    with pytest.raises(NotFoundError):
        working_copies.keep(room, asha, copy("T", article_id=ArticleId(77)))


@pytest.mark.parametrize(("beyond", "is_taken"), [(0, True), (1, False)])
def test_copy_has_a_limit(room: Newsroom, asha: UserId, beyond: int, is_taken: bool) -> None:
    length = working_copies.MOST_CHARACTERS + beyond
    long = copy("", fields=(("title", "T"), ("body_source", "x" * (length - 1))))

    if is_taken:
        assert working_copies.keep(room, asha, long) is Kept.KEPT
        return
    with pytest.raises(InputError, match="at most 2,000,000 characters"):
        working_copies.keep(room, asha, long)


def test_oldest_goes_where_there_are_too_many(
    room: Newsroom, asha: UserId, clock: FakeClock
) -> None:
    for number in range(working_copies.MOST_COPIES + 2):
        clock.advance(1)
        working_copies.keep(room, asha, copy(f"T{number}", word=f"word-of-{number}"))

    found = titles(room, asha)
    assert (len(found), found[0], found[-1]) == (working_copies.MOST_COPIES, "T11", "T2")


def test_oldest_goes_where_one_user_has_too_many_of_all_articles(
    room: Newsroom,
    asha: UserId,
    article: Article,
    clock: FakeClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(working_copies, "MOST_UNSAVED", 3)
    ravi = accounts.add_user(room, "ravi", "eleven boats on chilika", by=COMMAND_LINE).id
    working_copies.keep(room, ravi, copy("Ravi's"))
    for number, place in enumerate((None, article.id, None, article.id, None)):
        clock.advance(1)
        typed = copy(f"T{number}", word=f"word-of-{number}", article_id=place)
        working_copies.keep(room, asha, typed)

    assert titles(room, asha) == ["T4", "T2"]
    assert titles(room, asha, article.id) == ["T3"]
    assert titles(room, ravi) == ["Ravi's"]


def test_what_is_settled_goes_before_what_is_not(
    room: Newsroom, asha: UserId, article: Article, clock: FakeClock
) -> None:
    working_copies.keep(room, asha, copy("Never saved", article_id=article.id))
    for number in range(working_copies.MOST_COPIES + 2):
        clock.advance(1)
        working_copies.settle(room, asha, article.id, f"word-of-{number}", 1)

    assert titles(room, asha, article.id) == ["Never saved"]
    assert len(working_copies.of(room, asha, article.id)) == working_copies.MOST_COPIES


def test_copies_are_forgotten_after_a_month(
    room: Newsroom, asha: UserId, clock: FakeClock
) -> None:
    working_copies.keep(room, asha, copy("Old"))
    clock.advance(working_copies.KEPT_FOR.total_seconds())
    prune(room)
    assert titles(room, asha) == ["Old"]

    clock.advance(1)
    prune(room)

    assert titles(room, asha) == []


def test_working_copy_changes_nothing_that_is_stored(
    room: Newsroom, asha: UserId, article: Article
) -> None:
    """Promise 7: what is being written is nobody's business but the writer's."""
    typed = copy(
        "Secret", article_id=article.id, fields=(("title", "Secret"), ("release", "now"))
    )

    working_copies.keep(room, asha, typed)

    assert read.article(room, article.id) == article
    assert read.desk_list(room, limit=9).articles == (article,)
