import csv
import io

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser

from app.accounts.models import TradeUnion
from app.db import db, unit_of_work
from app.months import Month
from app.sites.models import Site
from app.usage.figures import services
from tests.browser import assert_accessible, assert_fits, live_server, phone_context, screenshot
from tests.factories import Factories

Ratings = tuple[int, int, int, int, int]
OCTOBER, SEPTEMBER = Month(2026, 10), Month(2026, 9)


class Network:
    """A city with a district of two units and a room of its own, in two months."""

    def __init__(self, app: Flask, factories: Factories) -> None:
        self.factories = factories
        self.city = factories.union("municipal", name="临海市总工会")
        self.district = factories.union("district", self.city, name="海西区总工会")
        self.other = factories.union("district", self.city, name="海东区总工会")
        bay = factories.union("unit", self.district, name="湾流公司工会")
        self.unit = factories.union("unit", self.district, name="=银海大厦工会")
        self.few = self._site(self.unit, 4, (0, 0, 0, 0, 4), name="银海大厦爱心妈妈小屋")
        self.many = self._site(self.unit, 131, (0, 1, 2, 10, 30), name="=cmd()爱心妈妈小屋")
        self._site(bay, 42, (0, 0, 0, 5, 5), name="湾流大厦爱心妈妈小屋")
        self._site(self.other, 603, (1, 1, 9, 80, 90), name="海东市民中心母婴关爱室")
        self.inner = self._site(bay, 77, (0, 0, 0, 0, 9), name="湾流公司内部小屋", location_kind="internal")
        with app.app_context(), unit_of_work():
            services.release(SEPTEMBER, SEPTEMBER.closes_at)
            services.release(OCTOBER, OCTOBER.closes_at)

    def _site(self, host: TradeUnion, uses: int, ratings: Ratings, **values: str) -> Site:
        site = self.factories.site(host, **values)
        self.factories.tally(site, "2026-10", uses, ratings)
        return site


@pytest.fixture
def network(app: Flask, factories: Factories) -> Network:
    return Network(app, factories)


def test_before_the_first_release_the_page_says_so(client: FlaskClient) -> None:
    assert "还没有公布过" in client.get("/figures").text


@pytest.mark.usefixtures("network")
def test_the_latest_month_shows_cities_and_districts(client: FlaskClient) -> None:
    page = client.get("/figures").text
    assert page == client.get("/figures/2026-10").text
    for said in ("2026-10", "2026-09", "临海市总工会", "海西区总工会", "海东区总工会", ">605<"):
        assert said in page
    assert "银海大厦" not in page


def test_a_union_shows_its_unions_and_its_own_public_sites(client: FlaskClient, network: Network) -> None:
    page = client.get(f"/figures/2026-10/{network.unit.id}").text
    assert "少于 8" in page
    assert ">130<" in page
    assert "不公布" in page, "one small number and one large one: their sum would tell the small one"
    assert f"/figures/2026-10/{network.district.id}" in page, "the way back up"
    assert f"/ledger/2026-10/{network.many.id}" in page
    assert "湾流" not in page
    assert "湾流公司工会" in client.get(f"/figures/2026-10/{network.district.id}").text


@pytest.mark.usefixtures("network")
def test_a_month_without_a_use_is_all_zeros(client: FlaskClient) -> None:
    assert client.get("/figures/2026-09").text.count(">0<") == 3


def test_the_table_holds_every_line_and_no_formula(client: FlaskClient, network: Network) -> None:
    answer = client.get("/figures/2026-10/figures.csv")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="figures-2026-10.csv"'
    assert answer.data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(answer.text.lstrip("\ufeff"))))
    by_name = {row[3]: row for row in rows[1:]}
    assert len(rows) == len(by_name) + 1 == 10
    assert by_name["临海市总工会"][1:] == ["municipal", str(network.city.id), "临海市总工会", "", "4", "780", "89"]
    few, many = str(network.few.id), str(network.many.id)
    held = "'=银海大厦工会"
    assert by_name["银海大厦爱心妈妈小屋"] == [
        "2026-10",
        "site",
        few,
        "银海大厦爱心妈妈小屋",
        held,
        "1",
        "withheld",
        "withheld",
    ]
    assert by_name["'=cmd()爱心妈妈小屋"] == ["2026-10", "site", many, "'=cmd()爱心妈妈小屋", held, "1", "130", "92"]
    assert by_name[held][5:] == ["2", "withheld", "92"]


def test_a_room_inside_a_company_is_on_no_page(client: FlaskClient, network: Network) -> None:
    paths = ["/figures", "/figures/2026-10/figures.csv"]
    paths += [f"/figures/2026-10/{union.id}" for union in (network.city, network.district, network.other, network.unit)]
    assert all(network.inner.name not in client.get(path).text for path in paths)


def test_a_site_taken_from_the_list_keeps_its_number_and_loses_its_name(
    app: Flask, client: FlaskClient, network: Network
) -> None:
    with app.app_context(), unit_of_work():
        db.session.get_one(Site, network.many.id).is_listed = False
    page = client.get(f"/figures/2026-10/{network.unit.id}").text
    assert "cmd()" not in page
    assert "现已不公开的阵地" in page
    assert ">130<" in page


@pytest.mark.usefixtures("network")
@pytest.mark.parametrize(
    "path", ["2026-08", "2026-13", "x", "2026-08/1", "2026-10/999", "2026-08/figures.csv", "x/figures.csv"]
)
def test_what_was_not_published_is_not_found(client: FlaskClient, path: str) -> None:
    assert client.get(f"/figures/{path}").status_code == 404


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_pages_are_for_everybody_and_phones(app: Flask, network: Network, browser: Browser) -> None:
    context = phone_context(browser)
    page = context.new_page()
    with live_server(app) as base_url:
        for name, path in (("month", ""), ("union", f"/2026-10/{network.unit.id}")):
            page.goto(f"{base_url}/figures{path}?lang=en")
            assert_fits(page)
            page.goto(f"{base_url}/figures{path}?lang=zh")
            assert_fits(page)
            assert_accessible(page)
            screenshot(page, f"figures-{name}")
    context.close()
