"""Chromium for the tests: a phone-sized page against the app served on a free loopback port.

Usage: import the fixtures `browser` and `phone` in a conftest, then

    def test_page(app, phone):
        with live_server(app) as base_url:
            phone.goto(base_url)
            assert_accessible(phone)
"""

import contextlib
import os
import shutil
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from werkzeug.serving import make_server

if TYPE_CHECKING:
    from playwright.sync_api import ViewportSize

PHONE: "ViewportSize" = {"width": 360, "height": 780}
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
PATIENCE_MS = 20_000
"""A busy machine with two cores is slow, not wrong."""
WCAG_2_2_AA = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
SCREENSHOTS = Path(__file__).parents[1] / "docs" / "screenshots"


def _chromium() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        raise RuntimeError("Chromium is not installed: `make test` as root installs it (package chromium)")
    return found


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One headless Chromium per worker; it resolves no name but 127.0.0.1."""
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=_chromium(), args=list(FLAGS))
        yield chromium
        chromium.close()


def phone_context(browser: Browser, **options: Any) -> BrowserContext:
    """A 360 x 780 touch screen with Chinese as its language; `options` as for `Browser.new_context`."""
    defaults = {
        "viewport": PHONE,
        "device_scale_factor": 2,
        "has_touch": True,
        "is_mobile": True,
        "locale": "zh-CN",
        "timezone_id": "Asia/Shanghai",
    }
    context = browser.new_context(**{**defaults, **options})
    context.set_default_timeout(PATIENCE_MS)
    return context


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    """A page on a phone of its own, without cookies."""
    context = phone_context(browser)
    yield context.new_page()
    context.close()


@contextlib.contextmanager
def live_server(app: Flask) -> Iterator[str]:
    """Serve `app` on a free loopback port and give its base URL, without a slash at the end."""
    served = app.extensions["served"] = _Served(app)
    server = make_server("127.0.0.1", 0, served, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        served.wait()


def set_signal(app: Flask, context: BrowserContext, *, there: bool) -> None:
    """Whether a browser reaches `app`, which is served.

    Chromium lets a request pass now and then after a page was opened again without a network; the server hangs up then.
    """
    app.extensions["served"].has_signal = there
    context.set_offline(not there)


class _Served:
    """An application that can be waited for: no request that a browser gave up meets the next test."""

    def __init__(self, app: Flask) -> None:
        self.has_signal = True
        self._app = app
        self._busy = 0
        self._changed = threading.Condition()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        if not self.has_signal:
            environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
            raise ConnectionResetError
        with self._changed:
            self._busy += 1
        try:
            return self._app(environ, start_response)
        finally:
            with self._changed:
                self._busy -= 1
                self._changed.notify_all()

    def wait(self) -> None:
        """Wait until no request is being answered."""
        with self._changed:
            assert self._changed.wait_for(lambda: self._busy == 0, timeout=30)


def _violations(page: Page) -> list[str]:
    report = Axe().run(page, options={"runOnly": {"type": "tag", "values": list(WCAG_2_2_AA)}})
    return [
        f"{violation['id']}: {violation['help']} at {node['target']}: {node.get('failureSummary', '')}"
        for violation in report.response["violations"]
        for node in violation["nodes"]
    ]


def assert_accessible(page: Page) -> None:
    """Fail on any WCAG 2.2 A or AA violation that axe finds, in the light and in the dark colours."""
    page.wait_for_load_state()
    found: list[str] = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        found += [f"{scheme}: {violation}" for violation in _violations(page)]
    page.emulate_media(color_scheme="light")
    assert not found, f"{page.url}\n" + "\n".join(found)


axe = assert_accessible


def assert_fits(page: Page) -> None:
    """Fail if the page is wider than the screen, and name what sticks out."""
    size = page.viewport_size
    assert size is not None
    page.wait_for_load_state()
    wider = page.evaluate(
        """width => document.documentElement.scrollWidth <= width ? [] :
        [...document.querySelectorAll("body *")]
            .filter(node => node.getBoundingClientRect().right > width + 1)
            .map(node => node.tagName + "." + node.className).slice(0, 5).concat("(page is too wide)")""",
        size["width"],
    )
    assert not wider, f"{page.url}: {wider}"


def screenshot(page: Page, name: str) -> None:
    """Write docs/screenshots/NAME.png, but only when XIAOWU_SCREENSHOTS is set: a test run changes no file."""
    if os.environ.get("XIAOWU_SCREENSHOTS"):
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=SCREENSHOTS / f"{name}.png")
