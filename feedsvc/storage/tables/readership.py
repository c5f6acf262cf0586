"""The tables of who reads: counts by the hour and by the day, and nobody's address.

`feed` and `software` are ids, 0 for all of them: a row for everybody stands beside those of
each, so that a chart is one range of the key. An hour is counted in hours since 1970, a day in
days, both in UTC. What is some days old stands in the first hour of its day.
"""

from sqlalchemy import BigInteger, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from feedsvc.storage.tables.base import Base

_COMPACT = {"sqlite_with_rowid": False}  # the key is the table: half of the room


class ReaderSoftwareRow(Base):
    """Reader software that has asked for a feed."""

    __tablename__ = "reader_software"
    __table_args__ = ({"sqlite_autoincrement": True},)
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(64), unique=True)
    kind: Mapped[str] = mapped_column(String(16))


class ReaderCountRow(Base):
    """What one kind of software asked of one feed in an hour; the columns are `Traffic`'s."""

    __tablename__ = "reader_count"
    __table_args__ = (_COMPACT,)
    feed: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    software: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    hour: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    requests: Mapped[int]
    not_modified: Mapped[int]
    sent: Mapped[int] = mapped_column(BigInteger)
    spared_by_coding: Mapped[int] = mapped_column(BigInteger)
    spared_by_304: Mapped[int] = mapped_column(BigInteger)
    conditional: Mapped[int]
    echoed: Mapped[int]
    compressed: Mapped[int]
    atom: Mapped[int]
    json: Mapped[int]
    early: Mapped[int]
    again_hour: Mapped[int]
    again_day: Mapped[int]
    intervals: Mapped[int]
    interval_seconds: Mapped[int] = mapped_column(BigInteger)


class ReaderDayRow(Base):
    """How many read on a day that is over: counted ones, and those that others claim."""

    __tablename__ = "reader_day"
    __table_args__ = (_COMPACT,)
    feed: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    software: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    day: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    direct: Mapped[int] = mapped_column(Integer, default=0)
    claimed: Mapped[int] = mapped_column(Integer, default=0)
    doubtful: Mapped[bool] = mapped_column(default=False)


class ReaderSketchRow(Base):
    """Direct readers of a day that is not over yet, as a sketch (`feedsvc.sketch`)."""

    __tablename__ = "reader_sketch"
    __table_args__ = (_COMPACT,)
    day: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    feed: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    software: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    packed: Mapped[bytes] = mapped_column(LargeBinary)


class ReaderClaimRow(Base):
    """Subscribers that an aggregator claimed on a day, for one of its feeds.

    `pair` is its own id of the feed, or our format where it gives none; `least` is the
    smallest number of the day.
    """

    __tablename__ = "reader_claim"
    __table_args__ = (_COMPACT,)
    day: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    feed: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    software: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    pair: Mapped[str] = mapped_column(String(128), primary_key=True)
    claimed: Mapped[int]
    least: Mapped[int]


class ReaderBatchRow(Base):
    """A batch of counts that was taken in, so that none is twice."""

    __tablename__ = "reader_batch"
    __table_args__ = (_COMPACT,)
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    day: Mapped[int] = mapped_column(index=True)


class ServingRow(Base):
    """A process that serves, and when it last said so."""

    __tablename__ = "presence"
    __table_args__ = (_COMPACT,)
    process: Mapped[str] = mapped_column(String(255), primary_key=True)
    seen: Mapped[int] = mapped_column(BigInteger, index=True)  # in seconds since 1970
    followed: Mapped[int] = mapped_column(BigInteger)
