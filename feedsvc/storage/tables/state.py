"""The tables of the service itself: who leads, what it has settled, what it counts."""

from datetime import datetime

from sqlalchemy import BigInteger, String

from feedsvc.storage.tables.base import Base, Col, column


class LeaseRow(Base):
    """Who may work until when; the token fences off every earlier holder."""

    __tablename__ = "lease"
    name: Col[str] = column(String(64), primary_key=True)
    holder: Col[str]
    token: Col[int] = column(BigInteger)
    expires: Col[datetime]


class SettingRow(Base):
    """A fact about this database that is neither content nor configuration."""

    __tablename__ = "setting"
    name: Col[str] = column(String(64), primary_key=True)
    value: Col[str]


class CounterRow(Base):
    """A number that only grows, counted by the database."""

    __tablename__ = "counter"
    name: Col[str] = column(String(64), primary_key=True)
    value: Col[int] = column(BigInteger)
