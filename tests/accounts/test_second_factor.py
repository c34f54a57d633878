"""An authenticator bound, changed and given up by someone who is logged in, and what is written down of it."""

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from passlib.totp import TOTP
from sqlalchemy import select

from app.accounts.models import AccountEvent, User
from app.db import db
from app.web import UNIT_UNION
from tests.conftest import Clock
from tests.factories import PASSWORD, Factories
from tests.forms import submit

KEY = re.compile(r'<code class="key">([^<]+)</code>')
ACTION = re.compile(r'action="(/tf-setup/[^"]+)"')
CODES = re.compile(r"<code>([0-9a-f-]{14})</code>")


class Binding:
    """Someone on the page with the pattern to scan."""

    def __init__(self, client: FlaskClient, clock: Clock) -> None:
        self.client, self.clock = client, clock
        self.page: str = submit(client, "/tf-setup", setup="authenticator").text

    def code(self) -> str:
        found = KEY.search(self.page)
        assert found
        return str(TOTP(key=found[1]).generate(time=self.clock.at.timestamp()).token)

    def enter(self, code: str) -> Any:
        found = ACTION.search(self.page)
        assert found
        return submit(self.client, "/manage/account", found[1], code=code)


@pytest.fixture
def person(factories: Factories) -> User:
    """A unit's account."""
    made: User = factories.user(UNIT_UNION, factories.tree()[2])
    return made


@pytest.fixture
def binding(client: FlaskClient, clock: Clock, person: User) -> Binding:
    """Hers, freshly logged in."""
    submit(client, "/login", username=person.username, password=PASSWORD)
    return Binding(client, clock)


def kinds(app: Flask, person: User) -> list[str]:
    with app.app_context():
        rows = select(AccountEvent.kind).where(AccountEvent.user_id == person.id).order_by(AccountEvent.id)
        return list(db.session.scalars(rows))


def test_after_a_wrong_code_the_same_pattern_is_tried_again(binding: Binding) -> None:
    wrong = binding.enter("000000")
    assert wrong.status_code == 200
    assert "验证码不正确" in wrong.text
    assert KEY.findall(wrong.text) == KEY.findall(binding.page)
    binding.page = wrong.text
    assert binding.enter(binding.code()).location == "/manage/"
    assert 'class="notice good"' in binding.client.get("/mf-recovery-codes").text


def test_a_page_that_was_open_too_long_says_so(binding: Binding) -> None:
    action = ACTION.search(binding.page)
    assert action
    answer = submit(binding.client, "/manage/account", action[1][:-4], code="000000")
    assert answer.status_code == 410
    assert "页面打开太久了" in answer.text


def test_what_changes_is_written_down_and_a_mistyped_first_code_is_no_failed_log_in(
    app: Flask, binding: Binding, person: User
) -> None:
    binding.enter("000000")
    binding.enter(binding.code())
    submit(binding.client, "/mf-recovery-codes")
    answer = submit(binding.client, "/tf-setup", setup="disable")
    assert "动态验证已清除" in binding.client.get(answer.location, follow_redirects=True).text
    assert kinds(app, person) == ["log_in", "two_factor_on", "recovery_codes", "two_factor_off"]


def test_a_recovery_code_is_known_however_it_was_copied_once(app: Flask, binding: Binding, person: User) -> None:
    binding.enter(binding.code())
    first, second = CODES.findall(submit(binding.client, "/mf-recovery-codes").text)[:2]
    for typed, status in (
        (first.upper(), 302), (first, 200), ("-", 200),
        (f" {second.replace('-', ' ')} ", 302), (second.replace("-", ""), 200),
    ):  # fmt: skip
        other = app.test_client()
        submit(other, "/login", username=person.username, password=PASSWORD)
        assert submit(other, "/mf-recovery", code=typed).status_code == status, typed
    assert kinds(app, person).count("recovery_used") == 2
