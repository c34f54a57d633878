"""The log as JSON lines: each can be read by a machine, and none tells of a visitor."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.operating import logs
from app.web import PUBLIC, access
from tests.factories import Factories

SECRETS = ("198.51.100.77", "CanaryPhone", "13987651234", "query-canary", "abc123abc123")
HEADERS = {"User-Agent": "CanaryPhone/1", "X-Forwarded-For": "198.51.100.77"}


@pytest.fixture
def environ(environ: dict[str, str]) -> dict[str, str]:
    """With JSON lines, behind a proxy."""
    return environ | {"XIAOWU_LOG_FORMAT": "json", "XIAOWU_TRUSTED_PROXIES": "1"}


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What the process logs; afterwards its logging is as it was."""
    root, before, level = logging.getLogger(), logging.getLogger().handlers[:], logging.getLogger().level
    stream = io.StringIO()
    logs.configure("json", stream)
    yield stream
    root.handlers[:] = before
    root.setLevel(level)
    logs.REQUESTS.setLevel(logging.NOTSET)


def lines(log: io.StringIO) -> list[dict[str, Any]]:
    """What has been said."""
    return [json.loads(line) for line in log.getvalue().splitlines()]


def test_a_request_is_a_line_without_anything_of_the_visitor(
    client: FlaskClient, factories: Factories, log: io.StringIO
) -> None:
    code = factories.door_code(factories.site(), "abc123abc123").code
    client.get(f"/r/{code}?q=query-canary", headers=HEADERS)
    client.get("/nowhere/13987651234", headers=HEADERS)
    door, nowhere = lines(log)
    assert door | {"at": "", "request": "", "ms": 0} == {
        "at": "", "level": "info", "logger": "app.requests", "message": "answered", "request": "", "route": "/r/<code>",
        "method": "GET", "status": 200, "ms": 0,
    }  # fmt: skip
    assert (nowhere["route"], nowhere["status"]) == ("other", 404)
    assert door["at"].endswith("+00:00")
    assert door["request"] != nowhere["request"]
    assert not [secret for secret in SECRETS if secret in log.getvalue()]


@pytest.mark.own_app
def test_an_error_tells_its_places_and_not_what_was_sent(app: Flask, log: io.StringIO) -> None:
    app.config["PROPAGATE_EXCEPTIONS"] = False

    @access(PUBLIC)
    def fails(word: str) -> str:
        raise ValueError(f"{word}: query-canary")

    app.add_url_rule("/fails/<word>", "fails", fails)
    assert app.test_client().get("/fails/13987651234?q=query-canary", headers=HEADERS).status_code == 500
    error, request = lines(log)
    assert (error["level"], error["error"], error["route"]) == ("error", "ValueError", "/fails/<word>")
    assert error["places"][-1].endswith(" fails")
    assert error["request"] == request["request"]
    assert request["status"] == 500
    assert not [secret for secret in SECRETS if secret in log.getvalue()]


def test_a_line_stays_one_line(log: io.StringIO) -> None:
    logging.getLogger("elsewhere").warning("two\nlines of %s", "母婴")
    assert [line["message"] for line in lines(log)] == ["two\nlines of 母婴"]


def test_text_is_left_as_it_is() -> None:
    before = logging.getLogger().handlers[:]
    logs.configure("text")
    assert logging.getLogger().handlers == before
