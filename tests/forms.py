"""Sending a form as a browser does: with the token of the page it stands on."""

import re
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

TOKEN = re.compile(r'name="csrf_token"[^>]*?value="([^"]+)"')


def token_of(client: FlaskClient, page: str, **options: Any) -> str:
    """The form token of `page`."""
    found = TOKEN.search(client.get(page, **options).text)
    assert found, f"no form on {page}"
    return found[1]


def submit(client: FlaskClient, page: str, action: str = "", /, **values: Any) -> TestResponse:
    """Open `page`, fill in `values` and send the form to `action`, by default to the page itself."""
    return client.post(action or page, data={"csrf_token": token_of(client, page), **values})
