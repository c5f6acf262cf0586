"""The tables of who reads: counts by the hour and by the day, and nobody's address.

`feed` and `software` are ids, 0 for all of them: a row for everybody stands beside those of
each, so that a chart is one range of the key. An hour is counted in hours since 1970, a day in
days, both in UTC. What is some days old stands in the first hour of its day.
"""

from sqlalchemy import BigInteger, Integer, LargeBinary, String

from feedsvc.storage.tables.base import Base, Col, column

_COMPACT = {"sqlite_with_rowid": False}  # the key is the table: half of the room


class ReaderSoftwareRow(Base):
    """Reader software that has asked for a feed."""

    __tablename__ = "reader_software"
    __table_args__ = ({"sqlite_autoincrement": True},)
    id: Col[int] = column(primary_key=True)
    name: Col[str] = column(String(64), unique=True)
    kind: Col[str] = column(String(16))


class ReaderCountRow(Base):
    """What one kind of software asked of one feed in an hour; the columns are `Traffic`'s."""

    __tablename__ = "reader_count"
    __table_args__ = (_COMPACT,)
    feed: Col[int] = column(primary_key=True, autoincrement=False)
    software: Col[int] = column(primary_key=True, autoincrement=False)
    hour: Col[int] = column(primary_key=True, autoincrement=False)
    requests: Col[int]
    not_modified: Col[int]
    sent: Col[int] = column(BigInteger)
    spared_by_coding: Col[int] = column(BigInteger)
    spared_by_304: Col[int] = column(BigInteger)
    conditional: Col[int]
    echoed: Col[int]
    compressed: Col[int]
    atom: Col[int]
    json: Col[int]
    early: Col[int]
    again_hour: Col[int]
    again_day: Col[int]
    intervals: Col[int]
    interval_seconds: Col[int] = column(BigInteger)


class ReaderDayRow(Base):
    """How many read on a day that is over: counted ones, and those that others claim."""

    __tablename__ = "reader_day"
    __table_args__ = (_COMPACT,)
    feed: Col[int] = column(primary_key=True, autoincrement=False)
    software: Col[int] = column(primary_key=True, autoincrement=False)
    day: Col[int] = column(primary_key=True, autoincrement=False)
    direct: Col[int] = column(Integer, default=0)
    claimed: Col[int] = column(Integer, default=0)
    doubtful: Col[bool] = column(default=False)


class ReaderSketchRow(Base):
    """Direct readers of a day that is not over yet, as a sketch (`feedsvc.sketch`)."""

    __tablename__ = "reader_sketch"
    __table_args__ = (_COMPACT,)
    day: Col[int] = column(primary_key=True, autoincrement=False)
    feed: Col[int] = column(primary_key=True, autoincrement=False)
    software: Col[int] = column(primary_key=True, autoincrement=False)
    packed: Col[bytes] = column(LargeBinary)


class ReaderClaimRow(Base):
    """Subscribers that an aggregator claimed on a day, for one of its feeds.

    `pair` is its own id of the feed, or our format where it gives none; `least` is the
    smallest number of the day.
    """

    __tablename__ = "reader_claim"
    __table_args__ = (_COMPACT,)
    day: Col[int] = column(primary_key=True, autoincrement=False)
    feed: Col[int] = column(primary_key=True, autoincrement=False)
    software: Col[int] = column(primary_key=True, autoincrement=False)
    pair: Col[str] = column(String(128), primary_key=True)
    claimed: Col[int]
    least: Col[int]


class ReaderBatchRow(Base):
    """A batch of counts that was taken in, so that none is twice."""

    __tablename__ = "reader_batch"
    __table_args__ = (_COMPACT,)
    id: Col[str] = column(String(32), primary_key=True)
    day: Col[int] = column(index=True)


class ServingRow(Base):
    """A process that serves, and when it last said so."""

    __tablename__ = "presence"
    __table_args__ = (_COMPACT,)
    process: Col[str] = column(String(255), primary_key=True)
    seen: Col[int] = column(BigInteger, index=True)  # in seconds since 1970
    followed: Col[int] = column(BigInteger)
