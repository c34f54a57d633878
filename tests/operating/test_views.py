"""What machines ask: is the process alive, is the service ready."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from app.db import db, unit_of_work
from app.errors import Unavailable


def test_alive_touches_nothing(client: FlaskClient, app: Flask) -> None:
    app.extensions["keys_checked_at"] = None
    for _ in range(100):
        answer = client.get("/healthz")
        assert (answer.status_code, answer.text) == (200, "ok\n")
    assert app.extensions["keys_checked_at"] is None, "what is done on the way to other answers was not done"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers.getlist("Set-Cookie") == []


def test_ready_names_its_parts(client: FlaskClient) -> None:
    answer = client.get("/readyz")
    assert answer.json == {"is_ready": True, "parts": {"database": "ok", "keystore": "ok", "directory": "ok"}}
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")


def test_old_tables_are_not_ready_and_newer_ones_are(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        newest = db.session.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
        for revision, status in (("0001", 503), ("9999", 200), (newest, 200)):
            with unit_of_work():
                db.session.execute(text("UPDATE alembic_version SET version_num = :name"), {"name": revision})
            answer = client.get("/readyz")
            assert answer.status_code == status, answer.text
            assert answer.json["parts"]["database"] == ("ok" if status == 200 else "missing")


def test_a_missing_part_is_named_and_its_message_is_not(
    app: Flask, client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    def away(_at: object) -> None:
        raise Unavailable("redis://user:secret@10.0.0.7 is away")

    app.extensions["readiness"] = {"keystore": away}
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json) == (503, {"is_ready": False, "parts": {"keystore": "missing"}})
    assert int(answer.headers["Retry-After"]) > 0
    assert "secret" not in caplog.text
    assert client.get("/healthz").status_code == 200


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_without_a_token_there_are_no_metrics(client: FlaskClient) -> None:
    for headers in ({}, {"Authorization": "Bearer "}):
        assert client.get("/metrics", headers=headers).status_code == 404
