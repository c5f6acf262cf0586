"""Django's syndication framework with its own database layer, as its documentation shows.

BENCH_FOLDER=… gunicorn bench.apps.django_syndication:app
"""

import json
import os
from datetime import datetime
from pathlib import Path

import django
from django.conf import settings

FOLDER = Path(os.environ["BENCH_FOLDER"])
settings.configure(
    SECRET_KEY="only for this bench",  # noqa: S106 - it protects nothing
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    USE_TZ=True,
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    DATABASES={
        "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": FOLDER / "django.sqlite3"}
    },
    MIDDLEWARE=["django.middleware.http.ConditionalGetMiddleware"],
)
django.setup()

from django.contrib.syndication.views import Feed  # noqa: E402 - needs the settings
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.db import connection, models  # noqa: E402
from django.urls import path  # noqa: E402


class Article(models.Model):  # type: ignore[misc] # Django is not installed here
    """A row."""

    guid = models.TextField()
    title = models.TextField()
    link = models.TextField()
    body = models.TextField()
    author = models.TextField()
    published = models.DateTimeField(db_index=True)

    class Meta:
        """Belongs to no application."""

        app_label = "bench"

    def __str__(self) -> str:
        """Return the title."""
        return str(self.title)


class Recent(Feed):  # type: ignore[misc] # as above
    """The feed of recent articles."""

    title = "The News Hashtag"
    link = "https://news.example.org/"
    description = "News as it happens"

    def items(self) -> models.QuerySet:
        """Return the newest first."""
        return Article.objects.order_by("-published")

    def item_description(self, item: Article) -> str:
        """Return the whole text."""
        return str(item.body)

    def item_link(self, item: Article) -> str:
        """Return its address."""
        return str(item.link)

    def item_guid(self, item: Article) -> str:
        """Return what never changes."""
        return str(item.guid)

    def item_author_name(self, item: Article) -> str:
        """Return who wrote it."""
        return str(item.author)

    def item_pubdate(self, item: Article) -> datetime:
        """Return when it appeared."""
        when: datetime = item.published
        return when


def _fill() -> None:
    """Begin anew: the workers are started after this."""
    (FOLDER / "django.sqlite3").unlink(missing_ok=True)
    with connection.schema_editor() as editor:
        editor.create_model(Article)
    names = ("guid", "title", "link", "body", "author", "published")
    for one in json.loads((FOLDER / "articles.json").read_text()):
        Article.objects.create(**{name: one[name] for name in names})


_fill()
urlpatterns = [path("feeds/recent.rss", Recent())]
app = get_wsgi_application()
