"""The door page and the tap, as requests on both databases."""

import re
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from flask import Flask

from app.accounts.models import TradeUnion
from app.db import db
from app.sites.models import DoorCode, Site
from tests.conftest import Clock
from tests.factories import Factories
from tests.usage.helpers import Phone, hidden_fields, reasons, records, tally

JSON = {"Accept": "application/json"}


def test_the_page_shows_the_room_and_one_button(phone: Phone) -> None:
    page = phone.open()
    assert page.status_code == 200
    assert "银海大厦爱心妈妈小屋" in page.text
    assert "2 层" in page.text
    assert page.text.count("<button") == 1
    assert page.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("headers", [{}, {"Sec-Purpose": "prefetch"}, {"Purpose": "prefetch"}, {"X-Moz": "prefetch"}])
def test_opening_the_page_counts_nothing_and_sets_no_cookie(app: Flask, phone: Phone, headers: dict[str, str]) -> None:
    assert "Set-Cookie" not in phone.open(**headers).headers
    head = phone.client.head(f"/r/{phone.code}")
    assert head.status_code == 200
    assert "Set-Cookie" not in head.headers
    assert phone.client.options(f"/r/{phone.code}").status_code == 200
    assert records(app) == []


def test_each_opening_has_a_key_of_its_own(phone: Phone) -> None:
    assert phone.form()["key"] != phone.form()["key"]


@pytest.mark.parametrize("typed", ["ABC123ABC123", "abc1-23ab-c123", "abcI23abcl23"])
def test_a_code_may_be_typed_as_people_type(phone: Phone, typed: str) -> None:
    answer = phone.open(f"/r/{typed}")
    assert answer.status_code == 301
    assert answer.headers["Location"] == "/r/abc123abc123"


def test_a_tap_counts_and_leads_to_the_receipt(app: Flask, phone: Phone, site: Site) -> None:
    answer = phone.tap(purpose="pumping")
    assert answer.status_code == 303
    page = phone.open(answer.headers["Location"])
    assert page.status_code == 200
    assert page.text.count('name="step" value="') == 5
    assert tally(app, site.id) == {"recorded": 1, "counted": 1}
    assert records(app)[0].purpose == "pumping"


def test_a_script_gets_the_receipts_address(phone: Phone) -> None:
    answer = phone.send(phone.form(), **JSON)
    assert answer.status_code == 201
    assert phone.open(answer.json["receipt_url"]).status_code == 200


def test_the_cookie_is_first_party_for_this_poster_and_this_month(phone: Phone) -> None:
    phone.logged()
    cookie = phone.client.get_cookie("door", path=f"/r/{phone.code}")
    assert cookie is not None
    assert cookie.http_only
    assert cookie.same_site == "Lax"
    assert not cookie.secure
    assert cookie.expires == datetime(2026, 11, 30, 16, 0, tzinfo=UTC)
    assert cookie.origin_only
    assert len(cookie.value) == 22


class TestBehindTls:
    """With an https address the cookie is for TLS only."""

    @pytest.fixture
    def environ(self, environ: dict[str, str]) -> dict[str, str]:
        return environ | {"XIAOWU_BASE_URL": "https://room.example.cn"}

    def test_the_cookie_is_secure(self, phone: Phone) -> None:
        assert "; Secure" in phone.tap().headers["Set-Cookie"]


def test_a_cookie_that_was_not_made_here_is_replaced(phone: Phone) -> None:
    phone.client.set_cookie("door", "x" * 500, path=f"/r/{phone.code}")
    phone.logged()
    cookie = phone.client.get_cookie("door", path=f"/r/{phone.code}")
    assert cookie is not None
    assert len(cookie.value) == 22


def test_a_second_tap_is_thanked_just_the_same(app: Flask, phone: Phone, clock: Clock) -> None:
    first = phone.open(phone.logged()).text
    clock.advance(minutes=10)
    second = phone.open(phone.logged()).text
    unlike = [hidden_fields(first)["token"], hidden_fields(second)["token"]]
    assert reasons(app) == [None, "too_soon"]
    assert len(first) == len(second)
    assert unlike[0] != unlike[1]


def test_the_same_form_twice_is_one_use(app: Flask, phone: Phone) -> None:
    form = phone.form()
    assert phone.send(form).headers["Location"] == phone.send(form).headers["Location"]
    assert reasons(app) == [None]


def test_the_same_key_with_another_body_is_refused(app: Flask, phone: Phone) -> None:
    form = phone.form()
    receipt = phone.send(form).headers["Location"]
    answer = phone.send(form | {"purpose": "nursing"})
    assert answer.status_code == 422
    assert receipt in answer.text
    as_json = phone.send(form | {"purpose": "nursing"}, **JSON)
    assert as_json.status_code == 422
    assert "key" in as_json.json["error"]["fields"]
    assert reasons(app) == [None]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("key", "no uuid"),
        ("key", ""),
        ("purpose", "party"),
        ("tapped_at", "-1"),
        ("tapped_at", "yesterday"),
        ("tapped_at", "9" * 30),
        ("sent_at", "1.5"),
    ],
)
def test_a_wrong_field_is_named(app: Flask, phone: Phone, field: str, value: str) -> None:
    answer = phone.send(phone.form() | {field: value}, **JSON)
    assert answer.status_code == 422
    assert list(answer.json["error"]["fields"]) == [field]
    assert records(app) == []


@pytest.mark.parametrize("token", ["", "forged", "6a000000.AAAA"])
@pytest.mark.parametrize("headers", [{}, JSON])
def test_a_missing_or_forged_token_is_refused(app: Flask, phone: Phone, token: str, headers: dict[str, str]) -> None:
    answer = phone.send({"key": str(uuid4()), "token": token}, **headers)
    assert answer.status_code == 403
    assert "Set-Cookie" not in answer.headers
    assert records(app) == []


def test_a_token_of_another_door_is_refused(app: Flask, phone: Phone, factories: Factories, site: Site) -> None:
    other = Phone(app, factories.door_code(site).code)
    assert phone.send(other.form()).status_code == 403


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1.evil.example", "http://["])
def test_a_foreign_origin_is_refused(app: Flask, phone: Phone, origin: str) -> None:
    assert phone.send(phone.form(), Origin=origin).status_code == 403
    assert records(app) == []


def test_an_expired_page_comes_again_with_its_key(app: Flask, phone: Phone, clock: Clock) -> None:
    form = phone.form() | {"purpose": "diaper"}
    clock.advance(hours=13)
    answer = phone.send(form)
    assert answer.status_code == 403
    fresh = hidden_fields(answer.text)
    assert fresh["key"] == form["key"]
    assert 'value="diaper" checked' in answer.text
    assert records(app) == []
    assert phone.send(fresh | {"purpose": "diaper"}).status_code == 303


def test_an_expired_token_is_renewed_for_a_script(phone: Phone, clock: Clock) -> None:
    form = phone.form()
    clock.advance(hours=13)
    answer = phone.send(form, **JSON)
    assert answer.status_code == 403
    assert answer.json["error"]["code"] == "token_expired"
    assert phone.send(form | {"token": answer.headers["X-Form-Token"]}, **JSON).status_code == 201


def test_the_language_follows_the_browser_and_the_link(phone: Phone) -> None:
    assert '<html lang="zh-Hans">' in phone.open().text
    assert '<html lang="en">' in phone.open(**{"Accept-Language": "en-US,en;q=0.9"}).text
    page = phone.open(f"/r/{phone.code}?lang=en").text
    assert f'action="/r/{phone.code}?lang=en"' in page
    answer = phone.client.post(f"/r/{phone.code}?lang=en", data=hidden_fields(page))
    assert answer.headers["Location"].endswith("?lang=en")


def test_the_notice_says_what_is_stored(phone: Phone) -> None:
    page = phone.open("/privacy")
    assert page.status_code == 200
    assert "48 小时" in page.text


def test_the_notice_leads_back_to_where_she_was(phone: Phone) -> None:
    receipt = phone.logged()
    for seen, back in ((f"/r/{phone.code}", f"/r/{phone.code}"), (receipt, receipt)):
        address = re.findall(r'href="(/privacy[^"]*)"', phone.open(seen).text)[0]
        notice = phone.open(address.replace("&amp;", "&")).text
        assert f'class="find" href="{back}"' in notice
        assert ("不登记" in notice) == (seen != receipt)  # she has registered
    assert "/u/" not in phone.open(f"/privacy?code={phone.code}&use=nothing").text


def test_made_up_data_is_called_made_up(app: Flask, factories: Factories) -> None:
    code = factories.door_code(factories.site(is_synthetic=True))
    assert "synthetic" in Phone(app, code.code).open().text


def test_a_script_that_hammers_is_slowed_down_and_its_neighbours_are_not(app: Flask, code: DoorCode) -> None:
    hammering, neighbour = Phone(app, code.code, agent="Script/1"), Phone(app, code.code, agent="Phone/2")
    answers = [hammering.open().status_code for _ in range(61)]
    assert answers == [200] * 60 + [429]
    assert neighbour.open().status_code == 200


class TestLimiterOutOfReach:
    """Its store and the keys' are on a Redis that does not answer."""

    @pytest.fixture
    def environ(self, environ: dict[str, str]) -> dict[str, str]:
        return environ | {"KEYSTORE_URL": "redis://127.0.0.1:1/0"}

    def test_taps_go_on_and_are_kept_as_unguarded_for_reviewers(
        self, app: Flask, phone: Phone, factories: Factories, site: Site, clock: Clock
    ) -> None:
        assert phone.open().status_code == 200
        assert phone.tap().status_code == 303
        assert phone.send(phone.form(), **JSON).status_code == 201
        assert reasons(app) == [None, "too_soon"]
        clock.advance(hours=1)
        assert phone.tap().status_code == 303
        with app.app_context():
            host = db.session.get_one(TradeUnion, site.host_id)
            above = db.session.get_one(TradeUnion, host.parent_id)
        manager, union = factories.user("site_manager", host, site), factories.user("district_union", above)
        shown = factories.login(union).get(f"/manage/sites/{site.id}").text
        assert re.findall(r"<li>([\d :-]+) <span class=\"soft\">(\d) 次", shown) == [
            ("2026-11-20 11:00", "1"),
            ("2026-11-20 10:00", "2"),
        ]
        assert "限流中断" not in factories.login(manager).get(f"/manage/sites/{site.id}").text
