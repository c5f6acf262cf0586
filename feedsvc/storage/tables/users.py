"""The table of people: whom articles, sessions and other rows belong to."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from feedsvc.storage.tables.base import Base


class UserRow(Base):
    """Somebody who may use the desk; `name` is case folded."""

    __tablename__ = "user_account"
    __table_args__ = ({"sqlite_autoincrement": True},)
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(64), unique=True)
    display_name: Mapped[str]
    password_hash: Mapped[str]
    disabled: Mapped[bool] = mapped_column(default=False)
    created: Mapped[datetime]
    # Programs from before there were roles give none, and know users who may do everything.
    role: Mapped[str] = mapped_column(String(16), server_default="admin")
