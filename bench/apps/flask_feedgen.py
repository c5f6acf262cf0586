"""What one writes in an afternoon: Flask, feedgen and a query, all at each request.

BENCH_FOLDER=… python bench/apps/flask_feedgen.py PORT
"""

import json
import logging
import os
import sqlite3
import sys
from datetime import datetime
from pathlib import Path

from feedgen.feed import FeedGenerator
from flask import Flask, Response, request
from waitress import serve

FOLDER = Path(os.environ["BENCH_FOLDER"])
FILE = FOLDER / "flask.sqlite3"
COLUMNS = ("guid", "title", "link", "body", "author", "published", "categories")
app = Flask(__name__)


def _fill() -> None:
    articles = json.loads((FOLDER / "articles.json").read_text())
    with sqlite3.connect(FILE) as connection:
        connection.execute("DROP TABLE IF EXISTS article")
        connection.execute(f"CREATE TABLE article ({', '.join(COLUMNS)})")
        connection.executemany(
            f"INSERT INTO article VALUES ({', '.join('?' for _ in COLUMNS)})",  # noqa: S608 - constants
            [
                [*(one[name] for name in COLUMNS[:-1]), json.dumps(one["categories"])]
                for one in articles
            ],
        )


@app.get("/feeds/recent.rss")
def recent() -> Response:
    """Make the feed; Flask judges the conditional request."""
    feed = FeedGenerator()
    feed.load_extension("dc")
    feed.title("The News Hashtag")
    feed.link(href="https://news.example.org/")
    feed.description("News as it happens")
    with sqlite3.connect(FILE) as connection:
        rows = connection.execute("SELECT * FROM article ORDER BY published DESC").fetchall()
    feed.lastBuildDate(datetime.fromisoformat(rows[0][5]))
    for guid, title, link, body, author, published, categories in rows:
        entry = feed.add_entry(order="append")
        entry.guid(guid, permalink=False)
        entry.title(title)
        entry.link(href=link)
        entry.content(body, type="CDATA")
        entry.dc.dc_creator(author)
        entry.published(datetime.fromisoformat(published))
        entry.category([{"term": name} for name in json.loads(categories)])
    response = Response(feed.rss_str(), content_type="application/rss+xml; charset=utf-8")
    response.add_etag()
    response.make_conditional(request)
    return response


if __name__ == "__main__":
    _fill()
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    serve(app, host="127.0.0.1", port=int(sys.argv[1]), connection_limit=1500)
