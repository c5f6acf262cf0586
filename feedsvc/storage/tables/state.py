"""The tables of the service itself: who leads, what it has settled, what it counts."""

from datetime import datetime

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from feedsvc.storage.tables.base import Base


class LeaseRow(Base):
    """Who may work until when; the token fences off every earlier holder."""

    __tablename__ = "lease"
    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    holder: Mapped[str]
    token: Mapped[int] = mapped_column(BigInteger)
    expires: Mapped[datetime]


class SettingRow(Base):
    """A fact about this database that is neither content nor configuration."""

    __tablename__ = "setting"
    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[str]


class CounterRow(Base):
    """A number that only grows, counted by the database."""

    __tablename__ = "counter"
    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[int] = mapped_column(BigInteger)
