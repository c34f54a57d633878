"""The metrics: sums over the whole service, for whoever has the token; nobody learns from them who was where."""

import re

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import DisconnectionError

from app.db import db
from app.errors import Unavailable
from app.operating.hooks import Gauge
from tests.conftest import Clock
from tests.factories import Factories
from tests.usage.helpers import Phone

TOKEN = "m" * 40
BEARER = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def environ(environ: dict[str, str]) -> dict[str, str]:
    """With metrics."""
    return environ | {"XIAOWU_METRICS_TOKEN": TOKEN}


def scrape(client: FlaskClient) -> dict[str, float]:
    """The numbers by name and labels."""
    answer = client.get("/metrics", headers=BEARER)
    assert answer.status_code == 200
    lines = (line.rpartition(" ") for line in answer.text.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, _, value in lines}


def test_metrics_are_for_whoever_has_the_token(client: FlaskClient) -> None:
    for headers in ({}, {"Authorization": "Bearer " + "n" * 40}, {"Authorization": TOKEN}, {"Authorization": "ü"}):
        answer = client.get("/metrics", headers=headers)
        assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
        assert "xiaowu_" not in answer.text


def test_requests_are_counted_by_route_and_never_by_path(
    app: Flask, client: FlaskClient, factories: Factories, clock: Clock
) -> None:
    site = factories.site()
    code = factories.door_code(site).code
    before = scrape(client)
    Phone(app, code).logged()
    client.get("/nowhere/13987651234")
    after = scrape(client)

    def more(name: str) -> float:
        return after[name] - before.get(name, 0)

    assert more('xiaowu_requests_total{method="POST",route="/r/<code>",status="3xx"}') == 1
    assert more('xiaowu_requests_total{method="GET",route="other",status="4xx"}') == 1
    assert more('xiaowu_request_seconds_count{method="POST",route="/r/<code>"}') == 1
    assert not any(code in name or "1398765" in name for name in after)
    assert after["xiaowu_directory_sites"] >= 0
    assert after["xiaowu_is_whole"] == 1
    clock.advance(minutes=5)
    assert 0 < scrape(client)["xiaowu_ledger_unsealed_seconds"] <= 300


def test_labels_are_routes_methods_and_classes_of_status_only(client: FlaskClient) -> None:
    client.get("/?q=13987651234")
    names = {label for name in scrape(client) for label in re.findall(r'(\w+)="', name)}
    assert names <= {"route", "method", "status", "le", "step"}


def test_without_the_database_the_rest_is_told(app: Flask, client: FlaskClient) -> None:
    def away(_at: object) -> float:
        raise Unavailable("away")

    app.extensions["gauges"] = [Gauge("xiaowu_away", "Away", away)]
    found = scrape(client)
    assert found["xiaowu_is_whole"] == 0
    assert "xiaowu_away" not in found
    assert any(name.startswith("xiaowu_requests_total") for name in found)


def test_a_connection_that_had_to_be_replaced_is_one_in_use(app: Flask, client: FlaskClient) -> None:
    replaced = [True]

    def ended(*_said: object) -> None:
        if replaced and replaced.pop():
            raise DisconnectionError

    before = scrape(client)["xiaowu_database_connections_in_use"]
    with app.app_context():
        sa.event.listen(db.engine, "checkout", ended)
        with db.engine.connect():
            assert not replaced
            assert scrape(client)["xiaowu_database_connections_in_use"] == before + 1
    assert scrape(client)["xiaowu_database_connections_in_use"] == before
