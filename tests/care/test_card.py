"""The page behind a child's card: shows on GET, records on POST, reveals nothing else."""

import re

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.care.models import CareAttendance, CareChild
from app.db import db
from tests.care import helpers
from tests.care.conftest import Care
from tests.conftest import Clock
from tests.factories import Factories

TOKEN = re.compile(r'name="token" value="([^"]+)"')


def tap(client: FlaskClient, child: CareChild, act: str) -> TestResponse:
    page = client.get(f"/c/{child.code}").text
    found = TOKEN.search(page)
    assert found
    return client.post(f"/c/{child.code}", data={"token": found[1], "act": act})


def attendance(factories: Factories) -> list[CareAttendance]:
    with factories.app.app_context():
        return db.session.query(CareAttendance).all()


def test_a_get_shows_and_records_nothing(care: Care, factories: Factories, client: FlaskClient) -> None:
    one = helpers.child(factories, care.term)
    answer = client.get(f"/c/{one.code}")
    assert "到了，点一下" in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers
    assert attendance(factories) == []


def test_the_page_reveals_the_label_and_nothing_else(care: Care, factories: Factories, client: FlaskClient) -> None:
    one = helpers.child(factories, care.term, grade=5)
    text = client.get(f"/c/{one.code}").text
    assert "ZXM" in text
    for secret in (care.site.name, care.term.name, care.unit.name, "5 年级"):
        assert secret not in text


def test_coming_and_leaving(care: Care, factories: Factories, client: FlaskClient, clock: Clock) -> None:
    one = helpers.child(factories, care.term)
    assert tap(client, one, "arrived").status_code == 303
    text = client.get(f"/c/{one.code}").text
    assert "10:00 到" in text
    assert "已记下：到了" in text
    clock.advance(hours=6)
    assert tap(client, one, "arrived").status_code == 303
    assert "离开，点一下" in client.get(f"/c/{one.code}").text
    assert tap(client, one, "left").status_code == 303
    text = client.get(f"/c/{one.code}").text
    assert "16:00 离开" in text
    assert "<form" not in text
    (entry,) = attendance(factories)
    assert entry.arrived_at != entry.left_at


def test_a_tap_without_the_pages_token_is_refused(care: Care, factories: Factories, client: FlaskClient) -> None:
    one, other = helpers.child(factories, care.term), helpers.child(factories, care.term, "07")
    assert client.post(f"/c/{one.code}", data={"act": "arrived"}).status_code == 403
    found = TOKEN.search(client.get(f"/c/{other.code}").text)
    assert found
    assert client.post(f"/c/{one.code}", data={"act": "arrived", "token": found[1]}).status_code == 403
    assert attendance(factories) == []


def test_an_old_page_comes_again(care: Care, factories: Factories, client: FlaskClient, clock: Clock) -> None:
    one = helpers.child(factories, care.term)
    found = TOKEN.search(client.get(f"/c/{one.code}").text)
    assert found
    clock.advance(hours=13)
    answer = client.post(f"/c/{one.code}", data={"act": "arrived", "token": found[1]})
    assert answer.status_code == 403
    assert "到了，点一下" in answer.text
    assert attendance(factories) == []


def test_an_act_that_is_none_is_refused(care: Care, factories: Factories, client: FlaskClient) -> None:
    assert tap(client, helpers.child(factories, care.term), "danced").status_code == 422


def test_a_card_outside_its_term_says_so(care: Care, factories: Factories, client: FlaskClient, clock: Clock) -> None:
    one = helpers.child(factories, care.term)
    found = TOKEN.search(client.get(f"/c/{one.code}").text)
    clock.advance(days=-11)
    answer = client.get(f"/c/{one.code}")
    assert answer.status_code == 410
    assert "这张卡今天不用" in answer.text
    assert "ZXM" not in answer.text
    assert found
    clock.advance(days=21, hours=11)
    late = client.get(f"/c/{one.code}").text
    token = TOKEN.search(late)
    assert token
    clock.advance(hours=4)
    assert client.post(f"/c/{one.code}", data={"act": "arrived", "token": token[1]}).status_code == 410


def test_codes_are_read_as_people_type_them(care: Care, factories: Factories, client: FlaskClient) -> None:
    one = helpers.child(factories, care.term, code="0123456789ab")
    answer = client.get("/c/O123-4567-89AB")
    assert answer.status_code == 301
    assert answer.location.endswith(f"/c/{one.code}")
    for code in ("zzzzzzzzzzzz", "short", "张三张三张三张三张三张三"):
        assert client.get(f"/c/{code}").status_code == 404
        assert client.post(f"/c/{code}").status_code == 404
