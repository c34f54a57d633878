"""The receipt: five steps, a change of mind, tags and a comment."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.db import db
from app.sites.models import Site
from app.usage.models import Rating
from tests.conftest import Clock
from tests.factories import Factories
from tests.usage.helpers import Phone, hidden_fields, tally

JSON = {"Accept": "application/json"}


def test_a_receipt_belongs_to_its_site(phone: Phone, factories: Factories) -> None:
    receipt = phone.logged()
    other = factories.door_code(factories.site())
    assert phone.open(receipt.replace(phone.code, other.code)).status_code == 404
    assert phone.open(f"/r/{phone.code}/u/{uuid4()}").status_code == 404


def rated(answer: TestResponse) -> bool:
    return answer.status_code == 303


def test_a_rating_counts_and_can_be_changed_for_a_day(app: Flask, phone: Phone, site: Site, clock: Clock) -> None:
    receipt = phone.logged()
    assert rated(phone.rate(receipt, 5))
    assert tally(app, site.id)["rating_5"] == 1
    clock.advance(hours=24)
    assert rated(phone.rate(receipt, 2))
    assert tally(app, site.id) == {"recorded": 1, "counted": 1, "rating_2": 1}
    assert 'value="2" aria-pressed="true"' in phone.open(receipt).text
    token = hidden_fields(phone.open(receipt).text)["token"]
    clock.advance(seconds=1)
    late = phone.client.post(f"{receipt}/rating", data={"token": token, "step": 1}, headers=JSON)
    assert late.status_code == 409
    assert 'name="step"' not in phone.open(receipt).text
    assert tally(app, site.id)["rating_2"] == 1


def test_scanning_again_on_the_way_out_rates_the_same_use(app: Flask, phone: Phone, site: Site, clock: Clock) -> None:
    phone.rate(phone.logged(), 3)
    clock.advance(minutes=20)
    again = phone.logged()
    assert 'value="3" aria-pressed="true"' in phone.open(again).text
    phone.rate(again, 4)
    assert tally(app, site.id) == {"recorded": 2, "counted": 1, "too_soon": 1, "rating_4": 1}


def test_the_rating_of_a_use_over_the_daily_limit_stays_out_of_the_tally(
    app: Flask, phone: Phone, site: Site, clock: Clock
) -> None:
    for _ in range(4):
        phone.logged()
        clock.advance(minutes=30)
    receipt = phone.logged()
    assert rated(phone.rate(receipt, 1))
    assert 'value="1" aria-pressed="true"' in phone.open(receipt).text
    assert tally(app, site.id) == {"recorded": 5, "counted": 4, "daily_limit": 1}


def test_tags_and_a_comment_may_be_added_and_survive_a_change_of_mind(phone: Phone) -> None:
    receipt = phone.logged()
    phone.rate(receipt, 4)
    assert "补充的也收到了" not in phone.open(receipt).text
    added = phone.rate(receipt, 4, details=1, tags=["clean", "quiet"], comment="  很好<b>  ")
    assert (added.status_code, added.location) == (303, f"{receipt}#more")
    assert "补充的也收到了" in phone.open(receipt).text
    phone.rate(receipt, 5)
    page = phone.open(receipt).text
    assert 'value="clean" checked' in page
    assert "很好&lt;b&gt;</textarea>" in page


def test_a_page_in_one_language_leaves_nothing_in_the_next(phone: Phone) -> None:
    receipt = phone.logged()
    phone.rate(receipt, 4)
    for language, word, other in (("en", "Quiet and private", "安静私密"), ("zh", "安静私密", "Quiet and private")):
        page = phone.open(f"{receipt}?lang={language}").text
        assert word in page
        assert other not in page


def test_a_telephone_number_in_a_comment_is_covered_before_it_is_stored(app: Flask, phone: Phone) -> None:
    assert rated(phone.rate(phone.logged(), 2, details=1, comment="门锁着，请打 138-0013 8000，微信号abc12345"))
    with app.app_context():
        assert db.session.scalars(select(Rating.comment)).all() == ["门锁着，请打 •••，微信号•••"]


def test_a_room_inside_a_company_takes_no_comment(app: Flask, factories: Factories) -> None:
    inside = factories.site(location_kind="internal")
    phone = Phone(app, factories.door_code(inside).code)
    receipt = phone.logged()
    assert rated(phone.rate(receipt, 4, details=1, tags=["clean"], comment="我是三楼的王姐"))
    page = phone.open(receipt).text
    assert 'value="clean" checked' in page
    assert "<textarea" not in page
    assert "王姐" not in page


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"step": "0"}, "step"),
        ({"step": "6"}, "step"),
        ({"step": "五"}, "step"),
        ({}, "step"),
        ({"step": "5", "details": "1", "tags": "unknown"}, "tags"),
        ({"step": "5", "details": "1", "tags": ["clean", "clean"]}, "tags"),
        ({"step": "5", "details": "1", "comment": "好" * 201}, "comment"),
        ({"step": "5", "details": "1", "comment": "好\0"}, "comment"),
    ],
)
def test_a_wrong_rating_is_refused_by_name(app: Flask, phone: Phone, site: Site, data: Any, field: str) -> None:
    receipt = phone.logged()
    token = hidden_fields(phone.open(receipt).text)["token"]
    answer = phone.client.post(f"{receipt}/rating", data=data | {"token": token}, headers=JSON)
    assert answer.status_code == 422
    assert list(answer.json["error"]["fields"]) == [field]
    assert tally(app, site.id) == {"recorded": 1, "counted": 1}


def test_who_is_refused_on_a_page_reads_why_once_and_finds_on_in_her_language(phone: Phone) -> None:
    receipt = phone.logged()
    token = hidden_fields(phone.open(receipt).text)["token"]
    answer = phone.client.post(f"{receipt}/rating?lang=en", data={"token": token})
    assert answer.status_code == 422
    assert answer.text.count("A rating is a step from 1 to 5") == 2  # the title and the heading
    assert 'class="button" href="/?lang=en"' in answer.text


def test_a_comment_of_200_characters_fits(phone: Phone) -> None:
    receipt = phone.logged()
    assert rated(phone.rate(receipt, 5, details=1, comment="好" * 200))
    assert rated(phone.rate(receipt, 5, details=1, comment="好\r\n" * 99 + "很好"))  # 200 on the phone, 299 as sent
    assert "好\n" * 99 + "很好</textarea>" in phone.open(receipt).text


def test_a_rating_needs_its_own_token(phone: Phone, clock: Clock) -> None:
    receipt = phone.logged()
    door_token = phone.form()["token"]
    for token in ("", door_token):
        answer = phone.client.post(f"{receipt}/rating", data={"token": token, "step": 5})
        assert answer.status_code == 403
    token = hidden_fields(phone.open(receipt).text)["token"]
    clock.advance(hours=13)
    late = phone.client.post(f"{receipt}/rating", data={"token": token, "step": 5})
    assert late.status_code == 403
    fresh = hidden_fields(late.text)["token"]
    as_json = phone.client.post(f"{receipt}/rating", data={"token": token, "step": 5}, headers=JSON)
    assert as_json.json["error"]["code"] == "token_expired"
    done = phone.client.post(f"{receipt}/rating", data={"token": fresh, "step": 5}, headers=JSON)
    assert (done.status_code, done.json) == (200, {"step": 5})


def test_a_use_of_a_closed_month_is_rated_no_more(app: Flask, phone: Phone, site: Site, clock: Clock) -> None:
    receipt = phone.logged()
    clock.at = datetime(2026, 12, 3, 15, 59, tzinfo=UTC)
    token = hidden_fields(phone.open(receipt).text)["token"]
    clock.advance(minutes=1)
    answer = phone.client.post(f"{receipt}/rating", data={"token": token, "step": 5}, headers=JSON)
    assert answer.status_code == 410
    assert 'name="step"' not in phone.open(receipt).text
    assert tally(app, site.id) == {"recorded": 1, "counted": 1}
