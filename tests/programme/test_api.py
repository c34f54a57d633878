"""`GET /api/v1/sites/<id>/eligibility` with real requests on both databases."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.accounts.models import User
from app.accounts.tokens import new_token
from app.db import db
from app.rulebooks import load
from app.sites.models import DoorCode, Site
from tests.factories import Factories
from tests.programme.conftest import MakeRoom


@pytest.fixture
def manager(factories: Factories) -> Any:
    """Makes the manager of a site and gives her browser."""

    def make(site: Site) -> FlaskClient:
        with factories.app.app_context():
            host = db.session.get_one(Site, site.id).host
        return factories.login(factories.user("site_manager", host, site))

    return make


def ask(client: FlaskClient, site_id: int, **query: str) -> tuple[int, dict[str, Any]]:
    """Status and body."""
    answer = client.get(f"/api/v1/sites/{site_id}/eligibility", query_string=query)
    return answer.status_code, answer.get_json()


def finding(body: dict[str, Any], name: str) -> dict[str, Any]:
    """One finding of an answer."""
    return next(row for row in body["findings"] if row["id"] == name)


def test_a_room_that_meets_everything(good_room: MakeRoom, manager: Any) -> None:
    site = good_room()
    status, body = ask(manager(site), site.id)
    assert status == 200
    assert body["rulebook"] == {"id": "qingdao-2023", "digest": load("qingdao-2023").digest, "dated": "2023-06-29"}
    assert body["site"] == {"id": site.id, "name": site.name}
    assert body["on"] == "2026-11-20"
    assert body["window"]["first"] == "2025-11"
    assert body["window"]["last"] == "2026-10"
    assert [row["id"] for row in body["findings"] if row["result"] != "met"] == []
    assert body["verdict"] == "met"
    row = finding(body, "R8")
    promised = "id result value threshold unit margin article basis evidence advice"
    assert set(promised.split()) <= set(row)
    assert (row["value"], row["threshold"], row["unit"], row["margin"]) == (120, 100, "uses_per_month", 20)
    assert row["basis"] == "policy"
    assert "1440" in row["evidence"][0]["text"]
    assert body["forecast"]["earliest_month"] == "2026-11"


def test_a_tap_moves_the_verdict_of_the_next_month(good_room: MakeRoom, manager: Any, factories: Factories) -> None:
    site = good_room(uses=100)
    factories.tally(site, "2026-11", 99)
    client = manager(site)
    assert ask(client, site.id)[1]["forecast"]["needed_this_month"] == 1
    assert ask(client, site.id)[1]["verdict"] == "met"
    factories.clock.at = datetime(2026, 11, 30, 15, 59, 59, tzinfo=UTC)  # type: ignore[attr-defined]
    assert ask(client, site.id)[1]["window"]["last"] == "2026-10"
    factories.clock.at += timedelta(seconds=1)  # type: ignore[attr-defined]
    body = ask(client, site.id)[1]
    assert body["on"] == "2026-12-01"
    assert body["window"]["last"] == "2026-11"
    assert (finding(body, "R8")["value"], finding(body, "R8")["result"]) == (99.91, "not_met")
    assert body["verdict"] == "not_met"


def test_what_was_known_on_an_earlier_day(good_room: MakeRoom, manager: Any) -> None:
    site = good_room()
    client = manager(site)
    body = ask(client, site.id, on="2026-10-30")[1]
    assert finding(body, "R3")["result"] == "unknown", "stated on 31 October"
    assert finding(body, "R6")["result"] == "not_met", "the photo came later"
    assert finding(ask(client, site.id, on="2026-10-31")[1], "R3")["result"] == "met"


def test_suspensions_and_codes_come_from_the_database(good_room: MakeRoom, manager: Any, factories: Factories) -> None:
    site = good_room()
    factories.suspension(site, datetime(2026, 1, 31, 16, tzinfo=UTC), datetime(2026, 2, 28, 16, tzinfo=UTC))
    client = manager(site)
    assert ask(client, site.id)[1]["window"]["left_out"] == [{"month": "2026-02", "reason": "suspended"}]
    with factories.app.app_context():
        code = db.session.query(DoorCode).filter_by(site_id=site.id).one()
        code.revoked_at = factories.clock()
        db.session.commit()
    assert finding(ask(client, site.id)[1], "R5")["result"] == "not_met"


def test_a_bare_site_is_unknown_and_says_what_to_do(factories: Factories, manager: Any) -> None:
    site = factories.site(accepted_on=None, facilities={}, location_kind="internal")
    body = ask(manager(site), site.id)[1]
    assert body["verdict"] == "not_met"
    assert finding(body, "R5")["result"] == "not_met", "no code has been issued"
    assert body["not_applicable"] == ["R6"]
    others = [row for row in body["findings"] if row["id"] != "R5"]
    assert {row["result"] for row in others} == {"unknown"}
    assert all(row["advice"] for row in body["findings"])
    assert body["forecast"]["needed_this_month"] is None


def test_a_closed_site_does_not_pass(good_room: MakeRoom, manager: Any) -> None:
    site = good_room(status="closed")
    assert ask(manager(site), site.id)[1]["verdict"] == "not_met"


def test_texts_follow_the_language(good_room: MakeRoom, manager: Any) -> None:
    site = good_room(uses=10)
    client = manager(site)
    assert "人次" in finding(ask(client, site.id)[1], "R8")["advice"]
    assert "uses a month are missing" in finding(ask(client, site.id, lang="en")[1], "R8")["advice"]


def test_without_a_log_in_401(client: FlaskClient, factories: Factories) -> None:
    status, body = ask(client, factories.site().id)
    assert status == 401
    assert body["error"]["code"] == "unauthenticated"


def test_foreign_and_missing_sites_are_404(factories: Factories) -> None:
    municipal, district, unit = factories.tree()
    other = factories.union("district", municipal)
    site = factories.site(unit)
    for role, union in (("district_union", other), ("site_manager", unit)):
        assert ask(factories.login(factories.user(role, union)), site.id)[0] == 404
    mine = factories.login(factories.user("district_union", district))
    assert ask(mine, site.id)[0] == 200
    assert ask(mine, 987_654)[0] == 404
    assert ask(mine, 10**20)[0] == 404


def test_an_api_token_in_scope(factories: Factories, client: FlaskClient) -> None:
    _, district, unit = factories.tree()
    site = factories.site(unit)
    user = factories.user("district_union", district)
    with factories.app.test_request_context():
        token = new_token(db.session.get_one(User, user.id))
    path = f"/api/v1/sites/{site.id}/eligibility"
    assert client.get(path, headers={"Authentication-Token": token}).status_code == 200
    assert client.get(path, headers={"Authentication-Token": "x" + token}).status_code == 401


WRONG = [
    ({"rulebook": "qingdao-1999"}, "rulebook"),
    ({"rulebook": "../../etc/passwd"}, "rulebook"),
    ({"rulebook": ""}, "rulebook"),
    ({"on": "tomorrow"}, "on"),
    ({"on": "2026-02-30"}, "on"),
    ({"on": "2026-11-21"}, "on"),
    ({"on": "2023-06-28"}, "on"),
    ({"on": "0001-01-01"}, "on"),
    ({"on": "9999-12-31"}, "on"),
]


def test_wrong_parameters_are_named(factories: Factories, manager: Any) -> None:
    site = factories.site()
    client = manager(site)
    for query, field in WRONG:
        status, body = ask(client, site.id, **query)
        assert (status, field in body["error"]["fields"]) == (422, True), query


def test_a_kind_without_conditions_is_422(factories: Factories, manager: Any) -> None:
    site = factories.site()
    status, body = ask(manager(site), site.id, rulebook="qingdao-2020")
    assert status == 422
    assert "rulebook" in body["error"]["fields"]


def test_the_description_lists_it(client: FlaskClient) -> None:
    paths = client.get("/api/v1/openapi.json").get_json()["paths"]
    operation = paths["/api/v1/sites/{site_id}/eligibility"]["get"]
    assert {"200", "401", "404", "422"} <= set(operation["responses"])
    assert {row["name"] for row in operation["parameters"]} >= {"rulebook", "on"}
