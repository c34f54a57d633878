"""docs/privacy/access.md, asked row by row: exact numbers for who has to know them, nothing finer than a month for the
host of a room inside a company."""

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.models import TradeUnion, User
from app.db import db, unit_of_work
from app.months import Month
from app.sites.models import Site
from app.usage import unguarded
from app.usage.figures import services as figures
from app.web import DISTRICT_UNION, MUNICIPAL_UNION, SITE_MANAGER, UNIT_UNION
from tests.conftest import Clock
from tests.factories import Factories
from tests.usage.helpers import Phone, receipt_id

NIGHT = timedelta(days=13, hours=6, minutes=43)
"""From the start of the clock back to Saturday, 7 November 2026, 03:17 in Shanghai."""
FINER = re.compile(r"0?3:17|19:17|2026-11-07|11-07|11-06|11 月 7 日|Nov(ember)? 7|7 Nov|\b0?3:00|\b19:00")
KNOWN = {"site_id", "union_id", "month"}
OURS = ("/manage/", "/api/v1/sites", "/documents/", "/figures", "/ledger", "/sites/", "/titles")


class Place:
    """A room inside a company under a unit, another one under the district itself, each used three times at night."""

    def __init__(self, app: Flask, factories: Factories, clock: Clock) -> None:
        self.app, self.factories = app, factories
        self.city, self.district, self.unit = factories.tree()
        self.sibling = factories.union("unit", self.district)
        self.inner = self._used(self.unit, clock, location_kind="internal")
        self.own = self._used(self.district, clock, location_kind="internal")
        self.open = self._used(self.unit, clock, location_kind="public")

    def _used(self, host: TradeUnion, clock: Clock, **values: str) -> Site:
        site = self.factories.site(host, **values)
        code = self.factories.door_code(site).code
        now = clock.at
        clock.at = now - NIGHT
        self.ids = [self._use(code, number) for number in range(3)]
        with self.app.app_context(), unit_of_work():
            unguarded.note(site.id, clock.at)
        clock.at = now
        return site

    def _use(self, code: str, number: int) -> str:
        phone = Phone(self.app, code, address=f"10.0.{number}.1")
        receipt = phone.logged(purpose="nursing")
        phone.rate(receipt, number + 1, details=1, comment="灯光可以再暗一点")
        return str(receipt_id(receipt))

    def login(self, role: str, union: TradeUnion, *sites: Site) -> FlaskClient:
        user: User = self.factories.user(role, union, *sites)
        return self.factories.login(user)


@pytest.fixture
def place(app: Flask, factories: Factories, clock: Clock) -> Place:
    return Place(app, factories, clock)


def finer(browser: FlaskClient, app: Flask, site: Site) -> dict[str, set[str]]:
    """By page that a person may open about a site: what on it is finer than a month, says who, or quotes somebody."""
    said = {path: read(browser, path) for path in pages(app, site)}
    assert sum(map(bool, said.values())) > 25, "logged in, and let in"
    found = {path: set(marks(text)) for path, text in said.items()}
    return {path: marked for path, marked in found.items() if marked}


def pages(app: Flask, site: Site) -> Iterator[str]:
    """Every page and answer that needs no more than a site, its host and a month; a PDF says what its workbook says."""
    values = {"site_id": site.id, "union_id": site.host_id, "month": "2026-11"}
    with app.test_request_context():
        binding = app.url_map.bind("127.0.0.1")
        for rule in app.url_map.iter_rules():
            is_ours = rule.rule.startswith(OURS) and not rule.rule.endswith(".pdf")
            if is_ours and "GET" in (rule.methods or ()) and rule.arguments <= KNOWN:
                yield binding.build(rule.endpoint, {name: values[name] for name in rule.arguments})


def read(browser: FlaskClient, path: str) -> str:
    """What an answer says; a workbook's or an archive's parts, too."""
    answer = browser.get(path, buffered=True)
    if answer.status_code != 200:
        return ""
    if not answer.data.startswith(b"PK"):
        return answer.data.decode(errors="replace")
    with zipfile.ZipFile(io.BytesIO(answer.data)) as parts:
        return "\n".join(parts.read(name).decode(errors="replace") for name in parts.namelist())


def marks(text: str) -> Iterator[str]:
    """What on a page tells more than a month's numbers."""
    yield from (found[0] for found in FINER.finditer(text))
    if "灯光可以再暗一点" in text:
        yield "a comment"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_host_of_a_room_inside_a_company_sees_months_and_nothing_finer(app: Flask, place: Place) -> None:
    assert finer(place.login(SITE_MANAGER, place.unit, place.inner), app, place.inner) == {}
    assert finer(place.login(UNIT_UNION, place.unit), app, place.inner) == {}
    assert finer(place.login(DISTRICT_UNION, place.district), app, place.own) == {}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_unions_above_the_host_see_what_they_have_to_judge(place: Place) -> None:
    reviewer = place.login(DISTRICT_UNION, place.district)
    for path in (f"/manage/sites/{place.inner.id}/uses", f"/manage/sites/{place.inner.id}"):
        seen = set(marks(read(reviewer, path)))
        assert seen, f"{path}: times of uses; hours without shared limits"
        assert "a comment" not in seen


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_exact_numbers_are_for_the_host_and_the_unions_above(place: Place) -> None:
    asking = {
        "manager": place.login(SITE_MANAGER, place.unit, place.inner),
        "host": place.login(UNIT_UNION, place.unit),
        "district": place.login(DISTRICT_UNION, place.district),
        "city": place.login(MUNICIPAL_UNION, place.city),
        "manager of another room": place.login(SITE_MANAGER, place.unit, place.open),
        "sibling": place.login(UNIT_UNION, place.sibling),
        "nobody": place.app.test_client(),
    }
    path = f"/api/v1/sites/{place.inner.id}/months?from=2026-11&to=2026-11"
    answers = {who: browser.get(path) for who, browser in asking.items()}
    statuses = {who: answer.status_code for who, answer in answers.items()}
    told = dict.fromkeys(("manager", "host", "district", "city"), 200)
    assert statuses == told | {"manager of another room": 404, "sibling": 404, "nobody": 401}
    for who in told:
        (month,) = answers[who].get_json()["months"]
        assert (month["counted"], month["ratings"]) == (3, [1, 1, 1, 0, 0])


def test_everybody_else_sees_no_room_inside_a_company_and_no_small_number(
    app: Flask, client: FlaskClient, place: Place
) -> None:
    november = Month(2026, 11)
    with app.app_context(), unit_of_work():
        figures.release(november, november.closes_at)
        db.session.commit()
    table = client.get("/figures/2026-11/figures.csv").text
    assert place.inner.name not in table
    assert place.own.name not in table
    assert f"site,{place.open.id},{place.open.name},{place.unit.name},1,withheld,withheld" in table
