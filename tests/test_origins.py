"""A form that came after its log-in was over is handed back, and only to who wrote it."""

import re

import pytest
from flask.testing import FlaskClient

from app.accounts.models import User
from app.web import DISTRICT_UNION, SITE_MANAGER
from tests.factories import Factories
from tests.forms import TOKEN

PATH = "/manage/people/new"
HOME = {"Origin": "http://localhost"}
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')


@pytest.fixture
def district(factories: Factories) -> User:
    """A district account."""
    made: User = factories.user(DISTRICT_UNION, factories.tree()[1])
    return made


def written(user: User) -> dict[str, str]:
    return {
        "role": SITE_MANAGER, "union_id": str(user.trade_union_id), "username": "late", "display_name": "写“了”<很久>",
    }  # fmt: skip


def test_what_was_written_is_sent_again_after_a_new_log_in(factories: Factories, district: User) -> None:
    browser = factories.login(district)
    page = browser.get(PATH).text
    with browser.session_transaction() as session:
        kept = dict(session)
        session.clear()
    token = TOKEN.search(page)
    assert token
    late = browser.post(PATH, data={"csrf_token": token[1], **written(district)}, headers=HOME)
    assert late.status_code == 403
    assert 'href="/login" target="_blank"' in late.text
    with browser.session_transaction() as session:
        session.clear()
        session |= {name: value for name, value in kept.items() if name != "csrf_token"}
    for status in (403, 200):  # the first token is that of the page before she logged in
        found = dict(HIDDEN.findall(late.text))
        assert "很久" in found["display_name"]
        late = browser.post(PATH, data={**found, "display_name": written(district)["display_name"]}, headers=HOME)
        assert late.status_code == status
    assert 'class="secret"' in late.text


@pytest.mark.parametrize(
    ("headers", "more"),
    [({}, {}), ({"Origin": "https://evil.example"}, {}), ({"Origin": "null"}, {}), (HOME, {"password": "long enough"})],
)  # fmt: skip
def test_nothing_is_handed_back_to_other_sites_and_no_password(
    factories: Factories, district: User, headers: dict[str, str], more: dict[str, str]
) -> None:
    browser = factories.login(district)
    answer = browser.post(PATH, data={**written(district), **more}, headers=headers)
    assert answer.status_code == 403
    assert "late" not in answer.text.replace("/static/", "")
    assert "long enough" not in answer.text


def test_who_was_logged_out_meanwhile_is_told_to_log_in(client: FlaskClient, district: User) -> None:
    found = TOKEN.search(client.get("/login").text)
    assert found
    answer = client.post(PATH, data={"csrf_token": found[1], **written(district)}, headers=HOME)
    assert answer.status_code == 401
    assert 'value="late"' in answer.text
