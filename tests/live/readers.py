"""Feed readers that others have made, with folders of their own, for asking what they show."""

import os
import re
import sqlite3
import subprocess
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from tests.conftest import program


class Newsboat:
    """newsboat, which keeps what it has read in a database."""

    def __init__(self, home: Path, *feeds: str) -> None:
        self._program = program("newsboat")
        self._home = home
        home.mkdir()
        (home / "urls").write_text("".join(f"{feed}\n" for feed in feeds))
        (home / "config").write_text("")

    def poll(self) -> None:
        """Ask for every feed once."""
        home = self._home
        words = ["-u", f"{home}/urls", "-c", f"{home}/cache.db", "-C", f"{home}/config"]
        command = [self._program, *words, "-x", "reload"]
        subprocess.run(command, check=True, env=_environment(home), timeout=60)

    def rows(self, *columns: str) -> list[tuple[str, ...]]:
        """Return what it shows of each entry, by the names of its table's columns."""
        query = f"SELECT {', '.join(columns)} FROM rss_item ORDER BY id"  # noqa: S608 - names
        with sqlite3.connect(self._home / "cache.db") as cache:
            found = cache.execute(query).fetchall()
        cache.close()
        return found


class Rss2Email:
    """rss2email, which writes a mail for each entry into a folder."""

    def __init__(self, home: Path, **feeds: str) -> None:
        self._program = program("r2e")
        self._home = home
        self._box = home / "mails" / "box"
        home.mkdir()
        self._run("new", "desk@example.org")
        settings = (home / "config").read_text()
        settings = settings.replace("email-protocol = sendmail", "email-protocol = maildir")
        settings = re.sub(r"maildir-path = .*", f"maildir-path = {home}/mails", settings)
        settings = re.sub(r"maildir-mailbox = .*", "maildir-mailbox = box", settings)
        (home / "config").write_text(settings)
        for part in ("cur", "new", "tmp"):
            (self._box / part).mkdir(parents=True)
        for name, feed in feeds.items():
            self._run("add", name, feed)

    def poll(self) -> None:
        """Ask for every feed once."""
        self._run("run")

    def mails(self) -> list[EmailMessage]:
        """Return every mail that it has written so far, in the order of their names."""
        files = sorted((self._box / "new").iterdir())
        return [message_from_bytes(file.read_bytes(), policy=default) for file in files]

    def _run(self, *words: str) -> None:
        files = ["-c", str(self._home / "config"), "-d", str(self._home / "data.json")]
        command = [self._program, *files, *words]
        environment = _environment(self._home)
        subprocess.run(command, check=True, env=environment, timeout=60, capture_output=True)


def _environment(home: Path) -> dict[str, str]:
    return os.environ | {"HOME": str(home), "LC_ALL": "C.UTF-8"}
