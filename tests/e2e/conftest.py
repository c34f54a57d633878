"""The people of a life under a rulebook, each with a phone, and the application on a port of its own."""

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser

from tests.browser import PATIENCE_MS, live_server
from tests.e2e.people import Cast, gather
from tests.factories import Factories


@pytest.fixture
def base(app: Flask) -> Iterator[str]:
    """The application on a port of its own. Its finder is as patient as the browser: what was done before is seen."""
    finder = app.extensions["directory"]
    finder.check_every_s, finder.patience_s = 0, PATIENCE_MS / 1000
    with live_server(app) as url:
        yield url


@pytest.fixture
def cast(
    app: Flask, base: str, browser: Browser, factories: Factories, request: pytest.FixtureRequest
) -> Iterator[Cast]:
    """The people under the rulebook that the module names as `RULEBOOK`."""
    made = gather(app, base, browser, factories, request.module.RULEBOOK)
    yield made
    made.close()
