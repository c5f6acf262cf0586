"""Editors who all come at nine: many sign-ins at once through the desk's own form.

python -m bench.sign_ins http://127.0.0.1:8080 NAME PASSWORD COUNT

Each is somebody else, NAME-0, NAME-1 and so on: guesses at one account are made to wait.
"""

import http.client
import os
import re
import sys
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode, urlsplit

from bench.machine import pin

_PAGE = "/desk/sign-in"
_IN = 303


def sign_in(url: str, name: str, password: str) -> int:
    """Ask for the form, fill it in, send it; return the status of the answer."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=120)
    try:
        connection.request("GET", _PAGE)
        page = connection.getresponse()
        token = re.search(r'name="csrf_token" value="([^"]+)"', page.read().decode())
        cookie = (page.headers["Set-Cookie"] or "").partition(";")[0]
        form = {"csrf_token": token[1] if token else "", "name": name, "password": password}
        fields = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": cookie}
        connection.request("POST", _PAGE, urlencode(form), fields)
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()


def main() -> None:
    """Sign in so many times at once; fail where one was not let in."""
    url, name, password, count = sys.argv[1:]
    pin(-1)
    os.nice(19)  # who waits for feeds on the same core is measured
    with ThreadPoolExecutor(int(count)) as pool:
        names = [f"{name}-{number}" for number in range(int(count))]
        found = list(pool.map(lambda each: sign_in(url, each, password), names))
    if set(found) != {_IN}:
        sys.exit(f"not everybody was let in: {found}")


if __name__ == "__main__":
    main()
