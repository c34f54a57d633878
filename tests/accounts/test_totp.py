"""Log-in with one-time codes, as it has to be outside the demo."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from passlib.totp import TOTP
from sqlalchemy import func, select

from app import create_app
from app.accounts.models import LOCK_AFTER, TotpUse, User
from app.accounts.totp import KEPT_STEPS, OneTimeCodes
from app.config import Settings
from app.db import db, unit_of_work
from app.web import DISTRICT_UNION, MUNICIPAL_UNION, SITE_MANAGER, UNIT_UNION
from tests.applications import close
from tests.conftest import Clock
from tests.factories import PASSWORD, Factories
from tests.forms import TOKEN

SITE = "https://room.example.cn"


@pytest.fixture
def environ(database_url: str, tmp_path: Path) -> dict[str, str]:
    """Production, where district and municipal accounts need an authenticator."""
    return {
        "XIAOWU_MODE": "production",
        "XIAOWU_DATA": str(tmp_path / "data"),
        "DATABASE_URL": database_url,
        "XIAOWU_BASE_URL": SITE,
        "SECRET_KEY": "s" * 32,
        "SECURITY_PASSWORD_SALT": "p" * 32,
        "SECURITY_TOTP_SECRET": "t" * 32,
        "XIAOWU_LEDGER_KEY": "l" * 32,
    }


class Phone:
    """A browser and an authenticator of one person."""

    def __init__(self, app: Flask, clock: Clock, user: User) -> None:
        self.app, self.clock, self.user = app, clock, user
        self.browser: FlaskClient = app.test_client()
        self.secret = ""

    def get(self, path: str) -> Any:
        return self.browser.get(path, base_url=SITE)

    def post(self, page: str, action: str = "", **values: str) -> Any:
        found = TOKEN.search(self.get(page).text)
        assert found, page
        sent = {"csrf_token": found[1], **values}
        return self.browser.post(action or page, data=sent, base_url=SITE, headers={"Referer": SITE + page})

    def password(self) -> Any:
        return self.post("/login", username=self.user.username, password=PASSWORD)

    def scan(self) -> None:
        """Begin the setup and keep the key that the page shows."""
        page = self.post("/tf-setup", setup="authenticator").text
        found = re.search(r'<code class="key">([^<]+)</code>', page)
        assert found
        assert 'src="data:image/svg+xml;base64,' in page
        self.secret = found[1]

    def code(self, steps: int = 0) -> str:
        return str(TOTP(key=self.secret).generate(time=self.clock.at.timestamp() + 30 * steps).token)

    def enrol(self) -> Any:
        """Log in for the first time and set up the authenticator; the clock moves on to the next code."""
        self.password()
        self.scan()
        answer = self.post("/tf-setup", "/tf-validate", code=self.code())
        self.clock.advance(seconds=30)
        return answer

    def is_in(self) -> bool:
        return bool(self.get("/manage/account").status_code == 200)


@pytest.fixture
def phone(app: Flask, clock: Clock, factories: Factories) -> Phone:
    """A district account that has never logged in."""
    return Phone(app, clock, factories.user(DISTRICT_UNION, factories.tree()[1]))


@pytest.fixture
def enrolled(phone: Phone) -> Phone:
    """The same with an authenticator, logged out."""
    phone.enrol()
    phone.browser = phone.app.test_client()
    return phone


def test_a_password_alone_does_not_let_a_district_in(phone: Phone) -> None:
    assert phone.password().location == "/tf-setup"
    assert not phone.is_in()
    assert phone.get("/tf-setup").status_code == 200


def test_setting_up_leads_in_and_to_the_recovery_codes(phone: Phone) -> None:
    assert phone.enrol().location == "/manage/"
    assert phone.is_in()
    assert phone.get("/manage/").location == "/mf-recovery-codes"
    codes = re.findall(r"<code>([0-9a-f-]{14})</code>", phone.post("/mf-recovery-codes").text)
    assert len(set(codes)) == 8
    assert phone.get("/manage/").location.startswith("/manage/unions/")


def test_the_next_log_in_asks_for_a_code(enrolled: Phone) -> None:
    assert enrolled.password().location.startswith("/tf-validate")
    assert not enrolled.is_in()
    assert "已经用过" in enrolled.post("/tf-validate", code="000000").text
    assert enrolled.post("/tf-validate", code=enrolled.code()).location == "/manage/"
    assert enrolled.is_in()


def test_the_same_code_is_refused_twice(enrolled: Phone) -> None:
    code = enrolled.code()
    enrolled.password()
    enrolled.post("/tf-validate", code=code)
    thief = Phone(enrolled.app, enrolled.clock, enrolled.user)
    thief.password()
    assert "已经用过" in thief.post("/tf-validate", code=code).text
    assert not thief.is_in()
    enrolled.clock.advance(seconds=30)
    assert thief.post("/tf-validate", code=enrolled.code()).status_code == 302


def test_an_earlier_code_is_refused_after_a_later_one(enrolled: Phone) -> None:
    early, late = enrolled.code(), enrolled.code(1)
    enrolled.password()
    enrolled.post("/tf-validate", code=late)
    again = Phone(enrolled.app, enrolled.clock, enrolled.user)
    again.password()
    assert "已经用过" in again.post("/tf-validate", code=early).text


def test_a_code_used_in_another_process_at_the_same_moment_is_refused(app: Flask, enrolled: Phone) -> None:
    class Blind(OneTimeCodes):
        """Has read the last counter before the other process wrote it."""

        def get_last_counter(self, _user: object) -> None:
            return None

    with app.app_context(), unit_of_work():
        user = db.session.get_one(User, enrolled.user.id)
        codes = Blind({"1": "t" * 32}, "issuer")
        assert codes.verify_totp(enrolled.code(), user.tf_totp_secret or "", user)
        assert not codes.verify_totp(enrolled.code(), user.tf_totp_secret or "", user)


def test_of_two_servers_asked_at_once_one_lets_a_code_in(
    app: Flask, environ: dict[str, str], clock: Clock, enrolled: Phone
) -> None:
    other = create_app(Settings.from_environment(environ), clock)
    phones = [Phone(one, clock, enrolled.user) for one in (app, other)]
    code, together = enrolled.code(), threading.Barrier(2)
    for phone in phones:
        assert phone.password().location.startswith("/tf-validate")

    def enter(phone: Phone) -> int:
        found = TOKEN.search(phone.get("/tf-validate").text)
        assert found
        together.wait()
        sent = {"csrf_token": found[1], "code": code}
        answer = phone.browser.post("/tf-validate", data=sent, base_url=SITE, headers={"Referer": SITE})
        return int(answer.status_code)

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(enter, phones)) == [200, 302]
    close(other)


def test_old_uses_are_forgotten(app: Flask, enrolled: Phone) -> None:
    for _ in range(3):
        enrolled.clock.advance(seconds=30 * (KEPT_STEPS + 1))
        other = Phone(enrolled.app, enrolled.clock, enrolled.user)
        other.password()
        assert other.post("/tf-validate", code=enrolled.code()).status_code == 302
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(TotpUse)) == 1


def test_a_stale_code_is_refused(enrolled: Phone) -> None:
    code = enrolled.code()
    enrolled.clock.advance(seconds=90)
    enrolled.password()
    assert "已过期" in enrolled.post("/tf-validate", code=code).text


def test_nonsense_is_refused(enrolled: Phone) -> None:
    enrolled.password()
    for nonsense in ("", "12", "abcdef", "１２３４５６", "1" * 200, "\0"):
        assert enrolled.post("/tf-validate", code=nonsense).status_code == 200, nonsense
    assert not enrolled.is_in()


def test_ten_wrong_codes_lock_the_account(enrolled: Phone) -> None:
    enrolled.password()
    for _ in range(LOCK_AFTER):
        enrolled.post("/tf-validate", code="000000")
    assert enrolled.post("/tf-validate", code=enrolled.code()).status_code == 200
    enrolled.clock.advance(minutes=15)
    assert enrolled.post("/tf-validate", code=enrolled.code()).status_code == 302


def test_the_password_again_does_not_forget_wrong_codes(enrolled: Phone) -> None:
    for _ in range(LOCK_AFTER):
        enrolled.password()
        enrolled.post("/tf-validate", code="000000")
    assert "用户名或密码不正确" in enrolled.password().text


def test_a_recovery_code_works_once(phone: Phone) -> None:
    phone.enrol()
    code = re.findall(r"<code>([0-9a-f-]{14})</code>", phone.post("/mf-recovery-codes").text)[0]
    for expected in (302, 200):
        other = Phone(phone.app, phone.clock, phone.user)
        other.password()
        assert other.post("/mf-recovery", code=code).status_code == expected
        assert other.is_in() is (expected == 302)


def test_ten_wrong_recovery_codes_lock_the_account(phone: Phone) -> None:
    phone.enrol()
    code = re.findall(r"<code>([0-9a-f-]{14})</code>", phone.post("/mf-recovery-codes").text)[0]
    other = Phone(phone.app, phone.clock, phone.user)
    other.password()
    for _ in range(LOCK_AFTER):
        other.post("/mf-recovery", code="0000-0000-0000")
    assert other.post("/mf-recovery", code=code).status_code == 200


def test_a_district_cannot_switch_it_off(enrolled: Phone) -> None:
    enrolled.password()
    enrolled.post("/tf-validate", code=enrolled.code())
    assert "停用动态验证" not in enrolled.get("/tf-setup").text
    enrolled.post("/tf-setup", setup="disable")
    with enrolled.app.app_context():
        assert db.session.get_one(User, enrolled.user.id).tf_totp_secret


def test_a_new_telephone_takes_over(enrolled: Phone) -> None:
    enrolled.password()
    enrolled.post("/tf-validate", code=enrolled.code())
    old = enrolled.secret
    enrolled.clock.advance(seconds=60)
    page = enrolled.post("/tf-setup", setup="authenticator").text
    action = re.search(r'action="(/tf-setup/[^"]+)"', page)
    key = re.search(r'<code class="key">([^<]+)</code>', page)
    assert action
    assert key
    enrolled.secret = key[1]
    assert enrolled.secret != old
    assert enrolled.post("/tf-setup", action[1], code=enrolled.code()).status_code == 302
    enrolled.clock.advance(seconds=30)
    enrolled.browser = enrolled.app.test_client()
    enrolled.password()
    assert enrolled.post("/tf-validate", code=enrolled.code()).status_code == 302


@pytest.mark.parametrize("role", [SITE_MANAGER, UNIT_UNION])
def test_others_may_do_without(app: Flask, clock: Clock, factories: Factories, role: str) -> None:
    free = Phone(app, clock, factories.user(role, factories.tree()[2]))
    assert free.password().location == "/manage/"


def test_whoever_set_it_up_has_to_use_it_and_may_switch_it_off(app: Flask, clock: Clock, factories: Factories) -> None:
    free = Phone(app, clock, factories.user(UNIT_UNION, factories.tree()[2]))
    free.password()
    page = free.post("/tf-setup", setup="authenticator").text
    free.secret = re.search(r'<code class="key">([^<]+)</code>', page)[1]  # type: ignore[index]
    action = re.search(r'action="(/tf-setup/[^"]+)"', page)
    assert action
    assert free.post("/tf-setup", action[1], code=free.code()).status_code == 302
    clock.advance(seconds=30)
    again = Phone(app, clock, free.user)
    assert again.password().location.startswith("/tf-validate")
    again.secret = free.secret
    again.post("/tf-validate", code=again.code())
    again.post("/tf-setup", setup="disable")
    assert Phone(app, clock, free.user).password().location == "/manage/"


def test_a_municipal_account_needs_it_too(app: Flask, clock: Clock, factories: Factories) -> None:
    assert Phone(app, clock, factories.user(MUNICIPAL_UNION, factories.tree()[0])).password().location == "/tf-setup"


def test_the_cookie_is_for_tls_only(phone: Phone) -> None:
    cookie = phone.password().headers["Set-Cookie"]
    assert "Secure" in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
