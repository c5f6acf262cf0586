"""The table of people: whom articles, sessions and other rows belong to."""

from datetime import datetime

from sqlalchemy import String

from feedsvc.storage.tables.base import Base, Col, column


class UserRow(Base):
    """Somebody who may use the desk; `name` is case folded."""

    __tablename__ = "user_account"
    __table_args__ = ({"sqlite_autoincrement": True},)
    id: Col[int] = column(primary_key=True)
    name: Col[str] = column(String(64), unique=True)
    display_name: Col[str]
    password_hash: Col[str]
    disabled: Col[bool] = column(default=False)
    created: Col[datetime]
    # Programs from before there were roles give none, and know users who may do everything.
    role: Col[str] = column(String(16), server_default="admin")
