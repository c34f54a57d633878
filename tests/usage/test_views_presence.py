"""Proof of presence at the receipt, what a site's people set up for it, the card, and the tablet."""

import gzip
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page
from pypdfium2 import PdfDocument
from sqlalchemy import select

from app.db import db, unit_of_work
from app.months import Month
from app.sites.models import Site, SiteChange
from app.usage import leaves, presence, tallies
from app.usage.models import Presence
from app.usage.word_card import WordCard, word_card_pdf
from tests.browser import assert_accessible, assert_fits, live_server, phone_context
from tests.conftest import Clock
from tests.factories import Factories
from tests.usage.helpers import Phone, hidden_fields, tally

FIELD = 'name="said"'
SECRET, KEY = "s" * 32, "tablet-key-of-this-room"
MONTH = Month(2026, 11)
ONE_DATABASE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def room(factories: Factories) -> Site:
    """A room with a word and a tablet."""
    return factories.site(name="银海大厦爱心妈妈小屋", has_word=True, tablet_key=KEY)


@pytest.fixture
def visitor(app: Flask, factories: Factories, room: Site) -> Phone:
    """A phone at its door."""
    return Phone(app, factories.door_code(room).code)


@pytest.fixture
def manager(factories: Factories, room: Site) -> FlaskClient:
    """The browser of who manages the room."""
    return factories.login(factories.user("site_manager", factories.tree()[2], room))


def word(site: Site, month: Month = MONTH) -> str:
    return presence.word_of_month(SECRET, site.id, month).text


def say(phone: Phone, receipt: str, said: str, **headers: str) -> Any:
    token = hidden_fields(phone.open(receipt).text).get("token", "")
    return phone.client.post(f"{receipt}/presence", data={"token": token, "said": said}, **phone.options(**headers))


def proofs(app: Flask) -> list[Presence]:
    with app.app_context():
        return list(db.session.scalars(select(Presence)))


def test_the_word_is_an_event_and_moves_the_tally_once(app: Flask, visitor: Phone, room: Site, clock: Clock) -> None:
    receipt = visitor.logged()
    assert "房内的本月暗语" in visitor.open(receipt).text
    assert say(visitor, receipt, word(room)).status_code == 303
    assert "已确认您在房内" in visitor.open(receipt).text
    assert say(visitor, receipt, word(room)).status_code == 303
    (proof,) = proofs(app)
    assert (proof.method, proof.sequence, proof.is_counted) == ("word", 2, True)
    row = {name: getattr(proof, name) for name in (*leaves.FIELDS["presence"], "salt", "digest")}
    assert leaves.is_intact("presence", row)
    assert tally(app, room.id) == {"recorded": 1, "counted": 1, "on_site": 1}
    with app.app_context():
        assert tallies.recount(clock(), repair=False) == []


def test_the_number_on_the_tablet_is_a_proof_too(app: Flask, visitor: Phone, clock: Clock) -> None:
    receipt = visitor.logged()
    code = presence.code_at(SECRET, KEY, clock())
    clock.advance(minutes=2)
    answer = say(visitor, receipt, code, Accept="application/json")
    assert (answer.status_code, answer.json) == (200, {"method": "code"})
    assert [proof.method for proof in proofs(app)] == ["code"]


def test_a_repeated_tap_proves_the_use_it_repeats(app: Flask, visitor: Phone, room: Site, clock: Clock) -> None:
    visitor.logged()
    clock.advance(minutes=5)
    assert say(visitor, visitor.logged(), word(room)).status_code == 303
    assert tally(app, room.id) == {"recorded": 2, "counted": 1, "too_soon": 1, "on_site": 1}


@ONE_DATABASE
def test_a_wrong_word_is_refused_kindly_and_rating_goes_on(app: Flask, visitor: Phone, room: Site) -> None:
    receipt = visitor.logged()
    answer = say(visitor, receipt, "<b>不对</b>")
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert "autofocus>" in answer.text  # the hint stands below five faces and a comment: the phone goes there
    assert 'value="&lt;b&gt;不对&lt;/b&gt;"' in answer.text
    assert 'name="step"' in answer.text
    for reloaded in (f"{receipt}/presence?lang=en", f"{receipt}/rating?lang=en"):  # a link on that page, or a reload
        assert visitor.open(reloaded).location == f"{receipt}?lang=en"
    assert visitor.rate(receipt, 5).status_code == 303
    assert say(visitor, receipt, word(room)).location == f"{receipt}#inside"
    assert 'id="inside"' in visitor.open(receipt).text
    assert tally(app, room.id) == {"recorded": 1, "counted": 1, "rating_5": 1, "on_site": 1}


def test_after_five_wrong_words_not_even_the_right_one_helps(app: Flask, visitor: Phone, room: Site) -> None:
    receipt = visitor.logged()
    assert {say(visitor, receipt, f"{n}").status_code for n in range(5)} == {422}
    answer = say(visitor, receipt, word(room))
    assert answer.status_code == 409
    assert "五次" in answer.text or "five times" in answer.text
    assert say(visitor, receipt, word(room), Accept="application/json").status_code == 409
    assert proofs(app) == []
    other = Phone(app, visitor.code, agent="Other/1")
    assert say(other, other.logged(), word(room)).status_code == 303


@ONE_DATABASE
def test_it_is_asked_only_where_there_is_something_to_say_and_in_time(
    visitor: Phone, room: Site, phone: Phone, factories: Factories, clock: Clock
) -> None:
    app = visitor.app
    assert FIELD not in phone.open(phone.logged()).text
    assert say(phone, phone.logged(), "青草").status_code == 410
    for values, label in (({"has_word": True}, "房内贴的本月暗语"), ({"tablet_key": "other"}, "房内平板上的数字")):
        door = Phone(app, factories.door_code(factories.site(**values)).code)
        assert label in door.open(door.logged()).text
    receipt = visitor.logged()
    assert len(gzip.compress(visitor.open(receipt).data)) < 10 * 1024
    clock.advance(hours=3, seconds=1)
    assert FIELD not in visitor.open(receipt).text
    assert say(visitor, receipt, word(room)).status_code == 410


def test_a_use_that_does_not_count_proves_nothing(app: Flask, visitor: Phone, room: Site, clock: Clock) -> None:
    for _ in range(4):
        visitor.logged()
        clock.advance(minutes=30)
    fifth = visitor.logged()
    assert FIELD not in visitor.open(fifth).text
    assert say(visitor, fifth, word(room)).status_code == 410
    assert proofs(app) == []


@ONE_DATABASE
def test_forms_without_a_token_or_with_an_old_one(visitor: Phone, room: Site, clock: Clock) -> None:
    receipt = visitor.logged()
    assert visitor.client.post(f"{receipt}/presence", data={"said": word(room)}).status_code == 403
    token = hidden_fields(visitor.open(receipt).text)["token"]
    clock.advance(hours=13)
    answer = visitor.client.post(f"{receipt}/presence", data={"said": word(room), "token": token})
    assert answer.status_code == 403
    assert visitor.client.post("/r/000000000000/u/nothing/presence").status_code == 404


def csrf(client: FlaskClient, path: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(path).text)
    assert found is not None
    return found[1]


@ONE_DATABASE
def test_word_and_tablet_are_switched_and_the_history_tells_no_secret(app: Flask, factories: Factories) -> None:
    site = factories.site()
    client = factories.login(factories.user("site_manager", factories.tree()[2], site))
    path = f"/manage/sites/{site.id}/presence"
    assert word(site) not in client.get(path).text
    assert client.get(f"/manage/sites/{site.id}/word-card.pdf").status_code == 409
    token = csrf(client, path)
    for act in ("word_on", "word_on", "tablet_new"):
        assert client.post(path, data={"csrf_token": token, "act": act}).status_code == 302
    page = client.get(path).text
    assert word(site) in page
    assert word(site, MONTH + 1) in page
    first = re.search(r"/t/([\w-]+)", page)
    assert first is not None
    assert client.post(path, data={"csrf_token": token, "act": "tablet_new"}).status_code == 302
    assert app.test_client().get(first[0]).status_code == 404
    for act in ("tablet_off", "tablet_off", "word_off"):
        client.post(path, data={"csrf_token": token, "act": act})
    assert client.post(path, data={"csrf_token": token, "act": "other"}).status_code == 422
    with app.app_context():
        changes = list(db.session.scalars(select(SiteChange).order_by(SiteChange.id)))
        assert [change.fields for change in changes] == [
            {"has_word": [False, True]}, {"has_tablet": [False, True]}, {"has_tablet": [True, True]},
            {"has_tablet": [True, False]}, {"has_word": [True, False]},
        ]  # fmt: skip
    assert "设置到场凭证" in client.get(f"/manage/sites/{site.id}/history").text


def text_of(content: bytes) -> str:
    with PdfDocument(content) as document:
        (page,) = document
        return str(page.get_textpage().get_text_bounded())


@ONE_DATABASE
def test_the_card_is_for_this_month_and_the_next(manager: FlaskClient, room: Site) -> None:
    path = f"/manage/sites/{room.id}/word-card.pdf"
    for month in (MONTH, MONTH + 1):
        answer = manager.get(f"{path}?month={month}")
        assert answer.mimetype == "application/pdf"
        said = text_of(answer.data)
        assert word(room, month) in said
        assert f"{month.month} 月" in said
        assert room.name in said
    assert text_of(manager.get(path).data) == text_of(manager.get(f"{path}?month=2026-11").data)
    for wrong in ("2026-10", "2027-01", "nonsense"):
        assert manager.get(f"{path}?month={wrong}").status_code == 422


def test_a_long_name_still_gives_one_page() -> None:
    card = WordCard("很长的名字" * 40, "负一层" * 20, MONTH, presence.words()[0], "", is_sample=True)
    assert "演示样张" in text_of(word_card_pdf(card))
    assert word_card_pdf(card) == word_card_pdf(replace(card))


@ONE_DATABASE
def test_the_tablet_shows_the_number_and_comes_again(app: Flask, room: Site, clock: Clock) -> None:
    answer = app.test_client().get(f"/t/{KEY}")
    code = presence.code_at(SECRET, KEY, clock())
    assert code[:2] in answer.text
    assert code[2:] in answer.text
    assert 'http-equiv="refresh" content="120"' in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers
    clock.at = datetime.fromtimestamp(clock.at.timestamp() + 119, clock.at.tzinfo)
    assert 'content="1"' in app.test_client().get(f"/t/{KEY}").text
    assert app.test_client().get("/t/nobody").status_code == 404
    with app.app_context(), unit_of_work():
        db.session.get_one(Site, room.id).status = "closed"
    assert app.test_client().get(f"/t/{KEY}").status_code == 404


@pytest.fixture
def browser_page(browser: Browser) -> Iterator[Page]:
    """A phone's browser."""
    context = phone_context(browser)
    yield context.new_page()
    context.close()


@ONE_DATABASE
def test_pages_on_a_phone(app: Flask, factories: Factories, room: Site, browser_page: Page) -> None:
    door = factories.door_code(room).code
    manager = factories.login(factories.user("site_manager", factories.tree()[2], room))
    cookie = manager.get_cookie("session")
    assert cookie is not None
    with live_server(app) as base:
        browser_page.goto(f"{base}/t/{KEY}")
        assert_accessible(browser_page)
        assert_fits(browser_page)
        browser_page.goto(f"{base}/r/{door}")
        browser_page.click(".big")
        browser_page.wait_for_selector("#inside")
        browser_page.fill("#inside", "不对")
        browser_page.press("#inside", "Enter")
        browser_page.wait_for_selector("#inside-error")
        assert_accessible(browser_page)
        assert_fits(browser_page)
        browser_page.context.add_cookies([{"name": "session", "value": cookie.value, "url": base}])
        browser_page.goto(f"{base}/manage/sites/{room.id}/presence")
        assert_accessible(browser_page)
        assert_fits(browser_page)


@pytest.mark.own_app
@ONE_DATABASE
class TestWithoutRedis:
    """The shared store of the limits is away: five tries still, counted by this process."""

    @pytest.fixture
    def environ(self, environ: dict[str, str]) -> dict[str, str]:
        return environ | {"KEYSTORE_URL": "redis://127.0.0.1:1/0"}

    def test_the_word_is_taken_and_tries_are_limited(self, visitor: Phone, room: Site) -> None:
        receipt = visitor.logged()
        assert {say(visitor, receipt, f"{n}").status_code for n in range(5)} == {422}
        assert say(visitor, receipt, word(room)).status_code == 409
        other = Phone(visitor.app, visitor.code, agent="Other/2")
        assert say(other, other.logged(), word(room)).status_code == 303
