"""Readable values for tests."""

from datetime import UTC, datetime

from feedsvc.model import (
    Article,
    ArticleId,
    ArticleInput,
    BodyFormat,
    By,
    Category,
    CategoryId,
    Release,
    Role,
    State,
    UserId,
)

PUBLISHED = datetime(2026, 11, 22, 10, 0, 0, tzinfo=UTC)
COMMAND_LINE = By.system("command line")
BODY = (
    "Senior officials held extensive deliberations with over 50 start-ups to identify key "
    "challenges, explore opportunities, and accelerate innovation.\n\nThe sessions took place "
    "at South Block."
)


def by(name: str, role: Role = Role.ADMIN, user_id: int | None = None) -> By:
    """Return who does something; without a word on it they may do everything."""
    return By(name=name, role=role, user_id=None if user_id is None else UserId(user_id))


def category(name: str = "News", number: int = 1) -> Category:
    return Category(id=CategoryId(number), slug=name.lower(), name=name)


def given(title: str = "Start-ups meet officials", **changes: object) -> ArticleInput:
    """Return what an editor would send to publish an article now."""
    values: dict[str, object] = {
        "title": title,
        "body_source": BODY,
        "categories": ("News",),
        "bylines": ("Bureau The News Hashtag",),
        "dateline": "New Delhi",
        "release": Release.NOW,
    }
    return ArticleInput(**(values | changes))  # type: ignore[arg-type]


def article(number: int = 1, **changes: object) -> Article:
    """Return a published article as storage would."""
    values: dict[str, object] = {
        "id": ArticleId(number),
        "guid": f"urn:uuid:00000000-0000-4000-8000-{number:012d}",
        "slug": f"article-{number}",
        "path": f"/articles/article-{number}/",
        "title": f"Article {number}",
        "body_source": BODY,
        "body_format": BodyFormat.MARKDOWN,
        "body": f"<p>{BODY}</p>",
        "categories": (category(),),
        "bylines": ("Asha Rao",),
        "state": State.PUBLISHED,
        "release_at": PUBLISHED,
        "published": PUBLISHED,
        "updated": PUBLISHED,
        "created": PUBLISHED,
        "changed": PUBLISHED,
    }
    return Article(**(values | changes))  # type: ignore[arg-type]
