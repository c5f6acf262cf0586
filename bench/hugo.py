"""A full rebuild beside Hugo's: 51 feeds from 10,000 articles.

Hugo writes feeds only, as RSS and Atom, and in another way as JSON Feed, too; it compresses
nothing. feedsvc writes all three, compresses three ways, seals and stores; who serves, and is
not measured here, puts it on the shelf. All times are those of a whole program.
"""

import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path

from bench import archives
from bench.machine import tell
from bench.options import Options
from bench.peers import demand
from bench.results import Figures, MissingError, medians
from bench.servers import SHARED, environment, settings_file
from feedsvc.cli.corpus import Corpus

_CATEGORIES, _ENTRIES = 50, 50
_ALL = "Hugo, three formats"
_WAYS = {"Hugo": ("RSS", "ATOM"), _ALL: ("RSS", "ATOM", "FEED")}
_CONFIG: dict[str, object] = {
    "baseURL": "https://news.example.org/",
    "title": "The News Hashtag",
    "ignoreErrors": ["error-disable-taxonomy"],  # it means what it says
    "disableKinds": ["section", "sitemap", "robotsTXT", "404", "taxonomy"],
    "taxonomies": {"category": "categories"},
    "mediaTypes": {
        "application/atom+xml": {"suffixes": ["atom"]},
        "application/feed+json": {"suffixes": ["json"]},
    },
    "outputFormats": {
        "ATOM": {"mediaType": "application/atom+xml", "baseName": "index"},
        "FEED": {
            "mediaType": "application/feed+json",
            "baseName": "index",
            "isPlainText": True,
        },
    },
}
_PAGES = "first 50 (cond .IsHome site.RegularPages .Pages)"
_RSS = f"""{{{{ printf "<?xml version=\\"1.0\\" encoding=\\"utf-8\\"?>" | safeHTML }}}}
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>
<title>{{{{ .Title }}}}</title><link>{{{{ .Permalink }}}}</link><description>News</description>
{{{{- range {_PAGES} }}}}
<item><title>{{{{ .Title }}}}</title><link>https://news.example.org{{{{ .Params.path }}}}</link>
<guid isPermaLink="false">{{{{ .Params.guid }}}}</guid>
<pubDate>{{{{ .Date.Format "Mon, 02 Jan 2006 15:04:05 -0700" | safeHTML }}}}</pubDate>
<content:encoded>{{{{ .Content | html }}}}</content:encoded></item>
{{{{- end }}}}
</channel></rss>
"""
_ATOM = f"""{{{{ printf "<?xml version=\\"1.0\\" encoding=\\"utf-8\\"?>" | safeHTML }}}}
<feed xmlns="http://www.w3.org/2005/Atom"><title>{{{{ .Title }}}}</title>
<id>{{{{ .Permalink }}}}</id>
{{{{- range {_PAGES} }}}}
<entry><title>{{{{ .Title }}}}</title><id>{{{{ .Params.guid }}}}</id>
<link href="https://news.example.org{{{{ .Params.path }}}}"/>
<updated>{{{{ .Date.Format "2006-01-02T15:04:05Z07:00" | safeHTML }}}}</updated>
<content type="html">{{{{ .Content | html }}}}</content></entry>
{{{{- end }}}}
</feed>
"""
_JSON = f"""{{{{ $plain := dict "noHTMLEscape" true -}}}}
{{{{ "{{" }}}}"version":"https://jsonfeed.org/version/1.1",
"title":{{{{ .Title | jsonify $plain }}}},
"home_page_url":{{{{ site.BaseURL | jsonify $plain }}}},"items":[
{{{{- range $place, $page := {_PAGES} }}}}{{{{ if $place }}}},{{{{ end }}}}
{{{{ "{{" }}}}"id":{{{{ .Params.guid | jsonify $plain }}}},
"url":{{{{ printf "https://news.example.org%s" .Params.path | jsonify $plain }}}},
"title":{{{{ .Title | jsonify $plain }}}},
"content_html":{{{{ .Content | jsonify $plain }}}},
"date_published":{{{{ .Date.Format "2006-01-02T15:04:05Z07:00" | jsonify $plain }}}}}}
{{{{- end }}}}
]}}
"""
_LAYOUTS = {"list.rss.xml": _RSS, "list.atom.atom": _ATOM, "list.feed.json": _JSON}


def measure(options: Options, missing: list[str]) -> Figures:
    """Let both make everything anew, in turns; seconds on the wall, on all cores."""
    articles = 1_000 if options.is_quick else 10_000
    seen: dict[str, list[dict[str, float]]] = {}
    with tempfile.TemporaryDirectory(prefix="feedsvc-bench-") as place:
        folder = Path(place)
        ways: dict[str, Callable[[], int]] = {"feedsvc": _feedsvc(folder, options, articles)}
        try:
            ways |= _hugo(folder / "site", articles)
        except MissingError as error:
            missing.append(f"Hugo: {error}")
        for round_ in range(options.at_once):
            for name, way in ways.items():
                tell(f"round {round_ + 1} of {options.at_once}: {name}")
                begun = time.perf_counter()
                written = way()
                wall = time.perf_counter() - begun
                seen.setdefault(name, []).append({"seconds": wall, "feeds": float(written)})
    return {"full rebuild": {name: medians(runs) for name, runs in seen.items()}}


def _feedsvc(folder: Path, options: Options, articles: int) -> Callable[[], int]:
    options.data.mkdir(parents=True, exist_ok=True)
    kept = archives.sqlite(options.data, articles).replace("articles_", "sections_")
    service = archives.opened(kept, folder / "unused")
    archives.filled(service, articles, _CATEGORIES)
    service.database.close()
    titles = map("The News {}".format, count(1))  # another each time changes every document

    def settings() -> Path:
        return settings_file(
            folder,
            "rebuild",
            site=SHARED["site"] | {"title": next(titles)},
            database={"url": kept},
            feeds={"entries": _ENTRIES, "hours": 0},
        )

    command: list[str | Path] = [
        sys.executable,
        "-m",
        "feedsvc",
        "--config",
        settings(),
        "regenerate",
        "--all",
        "--json",
    ]

    def rebuild() -> int:
        settings()
        done = subprocess.run(
            command, check=False, capture_output=True, text=True, env=environment()
        )
        if done.returncode:
            raise RuntimeError(f"feedsvc regenerate failed: {done.stderr[-500:]}")
        told = json.loads(done.stdout)
        if told["unchanged"]:
            raise RuntimeError("feedsvc regenerate found nothing new to compress")
        return len(told["published"])

    rebuild()
    return rebuild


def _hugo(site: Path, articles: int) -> dict[str, Callable[[], int]]:
    """Write one site, and return the ways to have it made."""
    program = demand("hugo")
    content, layouts = site / "content", site / "layouts" / "_default"
    for each in (content, layouts):
        each.mkdir(parents=True)
    for name, layout in _LAYOUTS.items():
        (layouts / name).write_text(layout)
    corpus = Corpus(seed=1, latest=archives.LATEST, categories=_CATEGORIES)
    for number in range(1, articles + 1):
        (content / f"{number}.html").write_text(_page(corpus, number))
    return {name: _in_formats(program, site, formats) for name, formats in _WAYS.items()}


def _in_formats(program: str, site: Path, formats: tuple[str, ...]) -> Callable[[], int]:
    settings = site / f"{'-'.join(formats)}.json"
    outputs = {kind: list(formats) for kind in ("home", "term")}
    settings.write_text(json.dumps(_CONFIG | {"outputs": outputs}))
    public = site / "public"
    command: list[str | Path] = [
        *(program, "--quiet", "--config", settings),
        *("--source", site, "--destination", public),
    ]

    def rebuild() -> int:
        shutil.rmtree(public, ignore_errors=True)
        subprocess.run(command, check=True, capture_output=True)
        return len([*public.rglob("index.*")])

    rebuild()
    _demand_whole(public, len(formats))
    return rebuild


def _demand_whole(public: Path, formats: int) -> None:
    """Look whether each feed has as many entries in one format as in the others.

    Raises:
        RuntimeError: something else was measured than meant.
    """
    for home in {file.parent for file in public.rglob("index.*")}:
        counts = {file.suffix: _entries(file) for file in home.glob("index.*")}
        if len(counts) != formats or len(set(counts.values())) != 1:
            raise RuntimeError(f"Hugo wrote {counts} entries in {home}")
        if home == public and counts[".xml"] != _ENTRIES:
            raise RuntimeError(f"Hugo wrote {counts['.xml']} entries of {_ENTRIES}")


def _entries(file: Path) -> int:
    text = file.read_text()
    if file.suffix == ".json":
        return len(json.loads(text)["items"])
    return text.count("<item>" if file.suffix == ".xml" else "<entry>")


def _page(corpus: Corpus, number: int) -> str:
    article = corpus.article(number)
    front = {
        "title": article.title,
        "date": article.published.isoformat() if article.published else "",
        "guid": article.guid,
        "path": article.path,
        "categories": [each.name for each in article.categories],
        "_build": {"render": "never", "list": "always"},
    }
    return f"{json.dumps(front)}\n\n{article.body}\n"
