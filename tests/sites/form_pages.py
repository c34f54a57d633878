"""Filling in a page's form as a browser does: every input as it stands, and what the test changes."""

from html.parser import HTMLParser
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse


class _Inputs(HTMLParser):
    def __init__(self, action: str) -> None:
        super().__init__()
        self.action = action
        self.inside = False
        self.found: dict[str, str] = {}
        self.open: tuple[str, str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.inside = attributes.get("method") == "post" and attributes.get("action", "").startswith(self.action)
        name = attributes.get("name", "")
        if not self.inside or not (name or tag == "option"):
            return
        if tag == "input" and (attributes.get("type") not in ("checkbox", "radio", "file") or "checked" in attributes):
            self.found[name] = attributes.get("value", "")
        elif tag in ("select", "textarea"):
            self.open = (tag, name)
        elif tag == "option" and self.open and ("selected" in attributes or self.open[1] not in self.found):
            self.found[self.open[1]] = attributes.get("value", "")

    def handle_data(self, data: str) -> None:
        if self.open and self.open[0] == "textarea":
            self.found[self.open[1]] = data.removeprefix("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("select", "textarea"):
            self.open = None


def inputs(page: TestResponse, action: str = "") -> dict[str, str]:
    """What the page's form with this action (the beginning of it) would send."""
    parser = _Inputs(action)
    parser.feed(page.text)
    return parser.found


def send(client: FlaskClient, path: str, /, action: str = "", **changes: Any) -> TestResponse:
    """Open `path`, change some inputs of its form (None leaves one out), and send it to its action or to `path`."""
    page = client.get(path)
    assert page.status_code == 200, page.text
    filled: dict[str, Any] = {**inputs(page, action), **changes}
    assert "csrf_token" in filled
    data = {name: value for name, value in filled.items() if value is not None}
    return client.post(action or path, data=data)
