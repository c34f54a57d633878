"""The months' API: scope, months without use, and errors that name the parameter."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from app.accounts.models import User
from app.accounts.tokens import TOKEN_HEADER, new_token
from app.db import db
from app.sites.models import Site
from tests.conftest import Clock
from tests.factories import Factories
from tests.usage.helpers import Phone


@pytest.fixture
def manager(factories: Factories, site: Site) -> FlaskClient:
    return factories.login(factories.user("site_manager", factories.union(), site))


def months(client: FlaskClient, site: Site, query: str = "") -> Any:
    answer = client.get(f"/api/v1/sites/{site.id}/months{query}")
    assert answer.status_code == 200, answer.text
    return answer.json["months"]


def test_a_month_tells_recorded_counted_reasons_and_ratings(
    manager: FlaskClient, phone: Phone, site: Site, clock: Clock
) -> None:
    receipt = phone.logged()
    phone.logged()
    phone.rate(receipt, 4)
    clock.advance(minutes=30)
    phone.rate(phone.logged(), 5)
    assert months(manager, site, "?from=2026-11&to=2026-11") == [
        {
            "month": "2026-11",
            "recorded": 3,
            "counted": 2,
            "not_counted": {
                "code_revoked": 0, "site_closed": 0, "site_suspended": 0, "too_soon": 1, "daily_limit": 0,
            },
            "excluded": 0,
            "effective": 2,
            "ratings": [0, 0, 0, 1, 1],
            "satisfaction_score": 90.0,
        }
    ]  # fmt: skip


def test_both_months_are_included_and_empty_ones_are_zero(
    manager: FlaskClient, factories: Factories, site: Site
) -> None:
    factories.tally(site, "2026-03", 40, (1, 1, 1, 1, 1))
    factories.tally(site, "2026-05", 7)
    found = months(manager, site, "?from=2026-03&to=2026-05")
    assert [(row["month"], row["counted"], row["satisfaction_score"]) for row in found] == [
        ("2026-03", 40, 60.0),
        ("2026-04", 0, None),
        ("2026-05", 7, None),
    ]


def test_by_default_the_last_twelve_months(manager: FlaskClient, site: Site) -> None:
    found = [row["month"] for row in months(manager, site)]
    assert (len(found), found[0], found[-1]) == (12, "2025-12", "2026-11")


def test_months_that_have_not_begun_are_left_out(manager: FlaskClient, site: Site) -> None:
    assert [row["month"] for row in months(manager, site, "?from=2026-10&to=2027-12")] == ["2026-10", "2026-11"]
    assert months(manager, site, "?from=2027-01&to=2027-12") == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("?from=2026-13", "from"),
        ("?from=26-1", "from"),
        ("?to=november", "to"),
        ("?to=", "to"),
        ("?from=2026-11&to=2026-10", "from"),
        ("?from=2016-11&to=2026-11", "from"),
        ("?to=0001-01", "to"),
        ("?from=0000-01", "from"),
    ],
)
def test_a_wrong_parameter_is_named(manager: FlaskClient, site: Site, query: str, field: str) -> None:
    answer = manager.get(f"/api/v1/sites/{site.id}/months{query}")
    assert answer.status_code == 422
    assert list(answer.json["error"]["fields"]) == [field]


def test_a_log_in_is_needed_and_foreign_sites_do_not_exist(
    client: FlaskClient, factories: Factories, site: Site
) -> None:
    assert client.get(f"/api/v1/sites/{site.id}/months").status_code == 401
    stranger = factories.login(factories.user("district_union", factories.tree()[1]))
    assert stranger.get(f"/api/v1/sites/{site.id}/months").status_code == 404
    for unknown in (0, 999999, 2**31, 2**70):
        assert stranger.get(f"/api/v1/sites/{unknown}/months").status_code == 404
    assert stranger.post(f"/api/v1/sites/{site.id}/months").status_code in (400, 403, 405)


def test_an_api_token_is_as_good_as_a_log_in(client: FlaskClient, factories: Factories, site: Site) -> None:
    manager = factories.user("site_manager", factories.union(), site)
    with factories.app.app_context():
        token = new_token(db.session.get_one(User, manager.id))
    path = f"/api/v1/sites/{site.id}/months"
    assert client.get(path, headers={TOKEN_HEADER: token}).status_code == 200
    assert client.get(path, headers={TOKEN_HEADER: token + "x"}).status_code == 401


def test_the_document_describes_it(client: FlaskClient) -> None:
    answer = client.get("/api/v1/openapi.json")
    path = answer.json["paths"]["/api/v1/sites/{site_id}/months"]["get"]
    assert {parameter["name"] for parameter in path["parameters"]} == {"from", "to"}
