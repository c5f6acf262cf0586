"""What is asked of uploaded pictures is one index range, however many there are."""

from datetime import timedelta

from sqlalchemy import insert, text

from feedsvc.model.pictures import Picture
from feedsvc.storage import pictures
from feedsvc.storage.database import Database
from feedsvc.storage.tables.media import PictureFileRow, PictureRow
from tests.fakes import NOON
from tests.storage.plans import Catch, faults_of

MANY = 2000


def _name(number: int) -> str:
    return f"{number:032x}-900x600"


def _fill(database: Database) -> None:
    rows = [
        {
            "name": _name(number),
            "suffix": "jpg",
            "width": 900,
            "height": 600,
            "created": NOON + timedelta(seconds=number),
            "unused_since": NOON + timedelta(seconds=number) if number % 2 else None,
        }
        for number in range(MANY)
    ]
    files = [
        {
            "name": _name(number),
            "width": width,
            "height": 1,
            "length": 1,
            "digest": "d",
            "body": b"x",
        }
        for number in range(MANY)
        for width in (480, 900)
    ]
    with database.write() as tx:
        tx.execute(insert(PictureRow), rows)
        tx.execute(insert(PictureFileRow), files)
    with database.write() as tx:
        tx.execute(text("ANALYZE"))


def test_every_statement_is_one_index_range(database: Database) -> None:
    _fill(database)
    catch = Catch(database)
    picture = Picture(name=_name(7), suffix="jpg", width=900, height=600)

    with catch.by("pictures"), database.write() as tx:
        assert pictures.find(tx, picture.name) is not None
        assert pictures.digest(tx, picture, 480) == "d"
        assert pictures.body(tx, picture, 900) == b"x"
        assert len(pictures.newest(tx, 24)) == 24

        pictures.note_used(tx, [_name(1), _name(2)])
        later = NOON + timedelta(days=90)
        assert pictures.is_named_long_ago(tx, [_name(3)], later)
        assert pictures.suffixes(tx, [_name(3), "none"]) == {_name(3): "jpg"}
        pictures.note_named(tx, [_name(3)], later)
        before = NOON + timedelta(seconds=20)
        assert pictures.remove_unused(tx, before, 5) == tuple(map(_name, (5, 7, 9, 11, 13)))

    assert len(catch.sent) == 11
    with database.engine.connect() as connection:
        for sent in catch.sent.values():
            assert faults_of(connection, sent) == []
