"""The people of a network, each with a phone of her own, and what they hold in their hands at the end: the files."""

import io
import zipfile
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date
from xml.etree import ElementTree as ET

from flask import Flask
from playwright.sync_api import Browser, Download, Page, expect

from app.accounts.models import RulebookChoice, TradeUnion, User
from app.sites.models import Site
from app.web import ASSESSOR, DISTRICT_UNION, MUNICIPAL_UNION, SITE_MANAGER, UNIT_UNION
from tests.browser import assert_fits, phone_context
from tests.factories import PASSWORD, Factories

EVER_SINCE = date(2000, 1, 1)


@dataclass
class Cast:
    """A municipal, a district and a unit union under one rulebook, and somebody to act for each.

    `city`, `registrar`: the municipal union; `district`, who inspects, and her colleague `chief`; `unit`: the unit
    union; `manager`: of one site; `assessor`: an invited expert.
    """

    app: Flask
    base: str
    browser: Browser
    factories: Factories
    rulebook_id: str
    unions: tuple[TradeUnion, TradeUnion, TradeUnion]
    users: dict[str, User] = field(default_factory=dict)
    phones: dict[str, Page] = field(default_factory=dict)
    _open: ExitStack = field(default_factory=ExitStack)

    def page(self, who: str) -> Page:
        """The phone of one of them; the first time, she logs in with her password."""
        if who not in self.phones:
            context = phone_context(self.browser, accept_downloads=True)
            self._open.callback(context.close)
            page = context.new_page()
            page.goto(f"{self.base}/login")
            self._log_in(who, page)
            self.phones[who] = page
        return self.phones[who]

    def _log_in(self, who: str, page: Page) -> None:
        page.get_by_label("用户名").fill(self.users[who].username)
        page.get_by_label("密码").fill(PASSWORD)
        with page.expect_navigation():
            page.keyboard.press("Enter")

    def go(self, who: str, path: str) -> Page:
        """Her phone, opened at a path; after a long time she logs in anew."""
        page = self.page(who)
        answer = page.goto(f"{self.base}{path}")
        if "/login?next=" in page.url:
            self._log_in(who, page)
            answer = page.goto(f"{self.base}{path}")
        assert answer is not None
        assert answer.status == 200, f"{who} {path}: {answer.status}"
        return page

    def hire(self, site: Site) -> None:
        """Make the site manager one of `site` as well."""
        self.users["manager"] = self.factories.user(SITE_MANAGER, self.unions[2], site, display_name="孙洁")

    def close(self) -> None:
        """Put all phones away."""
        self._open.close()


def gather(app: Flask, base: str, browser: Browser, factories: Factories, rulebook_id: str) -> Cast:
    """A network whose municipal union follows `rulebook_id`."""
    unions = factories.tree()
    city, district, unit = unions
    since = RulebookChoice(trade_union_id=city.id, from_on=EVER_SINCE, rulebook_id=rulebook_id)
    factories.add(since)
    cast = Cast(app, base, browser, factories, rulebook_id, unions)
    cast.users = {
        "city": factories.user(MUNICIPAL_UNION, city, display_name="周敏"),
        "registrar": factories.user(MUNICIPAL_UNION, city, display_name="吴静"),
        "district": factories.user(DISTRICT_UNION, district, display_name="李娜"),
        "chief": factories.user(DISTRICT_UNION, district, display_name="郑红"),
        "unit": factories.user(UNIT_UNION, unit, display_name="王芳"),
        "assessor": factories.user(ASSESSOR, city, display_name="钱教授"),
    }
    return cast


def look(page: Page) -> None:
    """The page fits a narrow phone. Its own tests ask whether it is accessible."""
    assert_fits(page)


def press(page: Page, name: str) -> None:
    """Press a button and wait for the page that answers; no answer may be an error."""
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True).first.click()
    expect(page.locator("main")).to_be_visible()


def content_of(page: Page, button: str) -> bytes:
    """The file that a button gives."""
    with page.expect_download() as waiting:
        page.get_by_role("button", name=button).first.click()
    return _bytes(waiting.value)


def _bytes(download: Download) -> bytes:
    path = download.path()
    return path.read_bytes()


def text_of_docx(content: bytes) -> str:
    """All text of a Word file, table cells included, headers and footers too."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        names = [name for name in archive.namelist() if name.startswith("word/") and name.endswith(".xml")]
        parts = [archive.read(name).decode("utf-8") for name in names if _tells(name)]
    return "".join(_plain(part) for part in parts)


def _tells(name: str) -> bool:
    return any(word in name for word in ("document", "header", "footer"))


def _plain(xml: str) -> str:
    root = ET.fromstring(xml)  # noqa: S314  our own file
    return "".join(node.text or "" for node in root.iter() if node.tag.endswith("}t"))
