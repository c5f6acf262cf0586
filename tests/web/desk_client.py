"""A small browser for tests of the desk: opens pages, fills in forms, follows redirects."""

import re
from collections.abc import Mapping
from typing import Self

from flask import Flask
from lxml import html
from werkzeug.test import TestResponse, encode_multipart

from feedsvc.wiring import Service
from feedsvc.workflow import accounts, signing_in
from tests.factories import COMMAND_LINE

NAME, PASSWORD = "asha", "seven lamps of odisha"
ARTICLE_FORM = "//form[@data-guard]"
_EMPTY = rb'(?<=\r\n)(Content-Disposition: form-data; name="[^"\r\n]*"\r\n)(?=\r\n--%s)'


class Page:
    """An answer, and ways to look at it."""

    def __init__(self, response: TestResponse) -> None:
        self.status = response.status_code
        self.headers = response.headers
        self.path = response.request.path
        self.text = response.get_data(as_text=True)

    @property
    def root(self) -> html.HtmlElement:
        parser = html.HTMLParser(huge_tree=True)
        return html.document_fromstring(self.text, parser=parser)

    def words(self, xpath: str) -> str:
        """Return the text of what is found, in one line."""
        found = self.root.xpath(xpath)
        return " ".join(" ".join(element.text_content().split()) for element in found)

    def has(self, xpath: str) -> bool:
        return bool(self.root.xpath(xpath))

    def values(self, xpath: str = ARTICLE_FORM) -> dict[str, str | list[str]]:
        """Return what a browser would send of a form, without its buttons."""
        values: dict[str, str | list[str]] = {}
        form = self.root.xpath(xpath)[0]
        areas = set(form.xpath(".//textarea/@name"))
        for name, value in form.form_values():
            # A line break at the start of a textarea is not part of what it holds.
            text = value.removeprefix("\n") if name in areas else value
            earlier = values.get(name)
            if earlier is None:
                values[name] = text
            else:
                values[name] = [*([earlier] if isinstance(earlier, str) else earlier), text]
        return values

    def action(self, xpath: str = ARTICLE_FORM) -> str:
        return str(self.root.xpath(xpath)[0].get("action") or self.path)


class Browser:
    """One person's browser, with cookies of its own."""

    def __init__(self, app: Flask, service: Service) -> None:
        self.client = app.test_client()
        self.service = service

    def open(self, path: str) -> Page:
        return Page(self.client.get(path, follow_redirects=True))

    def post(self, path: str, data: Mapping[str, object], **headers: str) -> Page:
        """Post as it stands; a redirect is not followed."""
        return Page(self._post(path, data, headers, follow=False))

    def send(
        self,
        page: Page,
        xpath: str = ARTICLE_FORM,
        /,
        *,
        action: object = "save",
        **changes: object,
    ) -> Page:
        """Fill in a form of a page and press one of its buttons."""
        data = {**page.values(xpath), "action": action, **changes}
        return Page(self._post(page.action(xpath), data, {}, follow=True))

    def _post(
        self, path: str, data: Mapping[str, object], headers: dict[str, str], *, follow: bool
    ) -> TestResponse:
        # Encoded here, because the client would leave the file of a long form open.
        boundary, body = encode_multipart(data)
        # Werkzeug leaves out the line end before an empty value, which no browser does: where a
        # piece of the form ends just there, it does not understand that itself.
        body = re.sub(_EMPTY % re.escape(boundary.encode()), rb"\1\r\n", body)
        kind = f"multipart/form-data; boundary={boundary}"
        return self.client.post(
            path, data=body, content_type=kind, headers=headers, follow_redirects=follow
        )

    def write(self, **changes: object) -> Page:
        """Save a new article."""
        given = {"title": "Start-ups meet officials", "body_source": "Talks were held."}
        return self.send(self.open("/desk/articles/new"), **{**given, **changes})

    def sign_in(self, name: str = NAME, password: str = PASSWORD) -> Self:
        """Sign in, with an account made on the way if need be."""
        if name not in {user.name for user in accounts.users(self.service.room)}:
            accounts.add_user(self.service.room, name, password, by=COMMAND_LINE)
        token = signing_in.sign_in(
            self.service.room, name, password, address="127.0.0.1", agent="a test"
        )
        self.client.set_cookie("__Host-feedsvc", token)
        return self
