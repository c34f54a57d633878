"""The pages in Chromium on a phone: they fit, and axe finds nothing in light and dark."""

import pytest
from playwright.sync_api import Page

from app.accounts.models import User
from tests.browser import assert_accessible, assert_fits, live_server, screenshot
from tests.programme.demonstration.helpers import Scene
from tests.programme.test_pages import sign_in

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def look(page: Page, address: str, name: str) -> None:
    """Open a page, check it, and keep a picture when asked to."""
    page.goto(address)
    assert_fits(page)
    assert_accessible(page)
    screenshot(page, name)


def test_the_pages_of_a_call(scene: Scene, phone: Page) -> None:
    case, other = scene.recommended(0), scene.applied(1)
    scene.cases.act(scene.municipal, case, "nominate")
    room = scene.make_room(scene.units[1], name="西城第二小屋", uses=93)
    call, union = f"/manage/calls/{scene.call.id}", f"/manage/unions/{scene.city.id}"
    visits: tuple[tuple[User, str, str], ...] = (
        (scene.applicants[1], call, "call-unit"),
        (scene.officers[1], call, "call-district"),
        (scene.officers[1], f"/manage/cases/{other.id}/review", "call-review"),
        (scene.municipal, call, "call-panel"),
        (scene.municipal, f"{call}/publish", "call-publish"),
        (scene.municipal, f"{union}/calls/new", "call-new"),
        (scene.municipal, f"{union}/rulebook?rulebook=dalian-2017&from_on=2027-01-01", "rulebook-choice"),
        (scene.municipal, f"{union}/targets", "targets"),
        (scene.municipal, f"/manage/titles?site_id={room.id}", "titles"),
    )  # fmt: skip
    with live_server(scene.app) as base:
        for user, path, name in visits:
            sign_in(phone, scene.factories.login(user), base)
            look(phone, base + path, name)


def test_the_titles(scene: Scene, phone: Page) -> None:
    scene.candidate(0)
    scene.publish()
    with live_server(scene.app) as base:
        look(phone, f"{base}/titles", "titles-public")
        sign_in(phone, scene.factories.login(scene.municipal), base)
        look(phone, f"{base}/manage/titles/1", "title")
        look(phone, f"{base}/manage/calls", "calls")
