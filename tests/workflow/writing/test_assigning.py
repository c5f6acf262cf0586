"""An article belongs to somebody, and editors can give it to somebody else."""

import pytest

from feedsvc.errors import ConflictError, ForbiddenError, InputError
from feedsvc.model import Article, Assigned, By, Release, Role, State, User, UserId
from feedsvc.storage import accounts
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.writing.assigning import named, owners
from feedsvc.workflow.writing.edit import change, create
from tests.factories import given

NOBODY = Assigned(user_id=None)


def user(room: Newsroom, name: str, role: Role) -> User:
    now = room.clock.now()
    with room.database.write() as tx:
        return accounts.add_user(
            tx, name=name, display_name="", role=role, password_hash="x", now=now
        )


@pytest.fixture
def asha(room: Newsroom) -> User:
    return user(room, "asha", Role.EDITOR)


@pytest.fixture
def ravi(room: Newsroom) -> User:
    return user(room, "ravi", Role.REPORTER)


def draft(room: Newsroom, who: User, assigned: Assigned | None = None) -> Article:
    return create(room, given(release=Release.DRAFT, assigned=assigned), by=By.of(who))


def give(room: Newsroom, article: Article, by: User, assigned: Assigned | None) -> Article:
    asked = given(release=Release.DRAFT, assigned=assigned)
    return change(room, article.id, asked, by=By.of(by), version=article.version)


def to(who: User) -> Assigned:
    return Assigned(user_id=who.id)


def test_an_article_is_whose_who_began_it(room: Newsroom, ravi: User) -> None:
    assert draft(room, ravi).owner_id == ravi.id


def test_an_editor_gives_it_to_a_reporter_who_may_then_write(
    room: Newsroom, asha: User, ravi: User
) -> None:
    made = draft(room, asha)
    with pytest.raises(ForbiddenError):
        give(room, made, ravi, None)

    given_away = give(room, made, asha, to(ravi))
    kept = give(room, given_away, ravi, None)

    assert (given_away.owner_id, kept.owner_id) == (ravi.id, ravi.id)


def test_a_new_article_can_be_given_away_at_once(
    room: Newsroom, asha: User, ravi: User
) -> None:
    assert draft(room, asha, to(ravi)).owner_id == ravi.id
    assert draft(room, asha, NOBODY).owner_id is None


def test_a_reporter_gives_nothing_away(room: Newsroom, asha: User, ravi: User) -> None:
    made = draft(room, ravi)

    for assigned in (to(asha), NOBODY):
        with pytest.raises(ForbiddenError):
            give(room, made, ravi, assigned)
    with pytest.raises(ForbiddenError):
        draft(room, ravi, to(asha))

    assert give(room, made, ravi, to(ravi)).owner_id == ravi.id


@pytest.mark.parametrize("is_there", [True, False], ids=["disabled", "unknown"])
def test_nobody_is_given_what_they_could_not_see(
    room: Newsroom, asha: User, ravi: User, is_there: bool
) -> None:
    made = draft(room, asha)
    if is_there:
        with room.database.write() as tx:
            accounts.set_disabled(tx, ravi.id, disabled=True)
    assigned = to(ravi) if is_there else Assigned(user_id=UserId(99))

    with pytest.raises(InputError) as caught:
        give(room, made, asha, assigned)

    assert "nobody here" in caught.value.fields["assigned"]


def test_giving_it_away_twice_is_once(room: Newsroom, asha: User, ravi: User) -> None:
    made = draft(room, asha)
    first = give(room, made, asha, to(ravi))

    assert give(room, made, asha, to(ravi)) == first


def test_two_editors_do_not_give_it_to_two_people(
    room: Newsroom, asha: User, ravi: User
) -> None:
    made = draft(room, asha)
    give(room, made, asha, to(ravi))

    with pytest.raises(ConflictError):
        give(room, made, asha, NOBODY)


def test_it_changes_nothing_for_readers(room: Newsroom, asha: User, ravi: User) -> None:
    made = create(room, given(), by=By.of(asha))

    after = change(room, made.id, given(assigned=to(ravi)), by=By.of(asha), version=1)

    assert (after.state, after.updated, after.owner_id) == (
        State.PUBLISHED,
        made.updated,
        ravi.id,
    )


def test_somebody_is_named_in_whatever_case(room: Newsroom, ravi: User) -> None:
    assert named(room, " Ravi ") == to(ravi)
    assert named(room, "") == NOBODY


@pytest.mark.parametrize("name", ["meera", "ra\x00vi", "x" * 10_000, "ରବି"])
def test_nobody_of_a_name_is_refused(room: Newsroom, ravi: User, name: str) -> None:
    with pytest.raises(InputError, match="there is no user") as caught:
        named(room, name)

    assert len(caught.value.fields["assigned"]) < 200


def test_articles_of_several_are_named_at_once(room: Newsroom, asha: User, ravi: User) -> None:
    made = [draft(room, asha), draft(room, ravi), draft(room, asha, NOBODY)]

    assert owners(room, made) == {asha.id: "asha", ravi.id: "ravi"}
    assert owners(room, made[2:]) == {}
