"""One's own account and the people of one's unions."""

import re
from typing import NamedTuple

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.models import TradeUnion, User
from app.db import db
from app.web import DISTRICT_UNION, MUNICIPAL_UNION, SITE_MANAGER, UNIT_UNION
from tests.factories import PASSWORD, Factories
from tests.forms import submit

SECRET = re.compile(r'<code class="secret">([^<]+)</code>')


class City(NamedTuple):
    """The unions of these tests, and a district account logged in."""

    municipal: TradeUnion
    district: TradeUnion
    unit: TradeUnion
    other: TradeUnion
    me: User
    client: FlaskClient


@pytest.fixture
def city(factories: Factories) -> City:
    """A city with two districts."""
    municipal, district, unit = factories.tree()
    other = factories.union("unit", factories.union("district", municipal))
    me = factories.user(DISTRICT_UNION, district)
    return City(municipal, district, unit, other, me, factories.login(me))


def stored(app: Flask, user_id: int) -> User:
    with app.app_context():
        user: User = db.session.get_one(User, user_id)
        return user


def log_in(app: Flask, username: str, password: str) -> FlaskClient:
    client = app.test_client()
    submit(client, "/login", username=username, password=password)
    return client


def is_in(client: FlaskClient) -> bool:
    return client.get("/manage/account").status_code == 200


def test_the_list_shows_the_subtree_only(city: City, factories: Factories) -> None:
    below = factories.user(UNIT_UNION, city.unit, display_name="下级")
    factories.user(UNIT_UNION, city.other, display_name="别区")
    factories.user(MUNICIPAL_UNION, city.municipal, display_name="上级")
    page = city.client.get("/manage/people").text
    assert "下级" in page
    assert below.username in page
    assert "别区" not in page
    assert "上级" not in page


def test_the_list_is_searched_by_name_user_name_and_union(city: City, factories: Factories) -> None:
    factories.user(UNIT_UNION, city.unit, username="li.na", display_name="李娜")
    factories.user(UNIT_UNION, city.other, username="li.other", display_name="李娜")
    found = {wanted: city.client.get(f"/manage/people?q={wanted}").text for wanted in ("娜", "LI.", "%25")}
    assert all("li.na" in found[wanted] and city.me.username not in found[wanted] for wanted in ("娜", "LI."))
    assert "li.other" not in found["LI."]
    assert "没有找到“%”" in found["%25"]
    assert "li.na" in city.client.get("/manage/people", query_string={"q": city.unit.name}).text


def test_a_new_account_gets_a_password_that_works(app: Flask, city: City) -> None:
    answer = submit(
        city.client, "/manage/people/new",
        role=UNIT_UNION, union_id=str(city.unit.id), username="Li.Na", display_name="李娜",
    )  # fmt: skip
    password = SECRET.search(answer.text)
    assert password
    assert is_in(log_in(app, "li.na", password[1]))


def test_a_site_manager_may_be_at_a_union_of_any_level(city: City) -> None:
    for number, union in enumerate((city.unit, city.district)):
        values = {"role": SITE_MANAGER, "union_id": str(union.id), "username": f"manager{number}"}
        assert submit(city.client, "/manage/people/new", **values).status_code == 200


@pytest.mark.parametrize("role", [DISTRICT_UNION, MUNICIPAL_UNION])
def test_nobody_raises_herself_or_makes_a_peer(city: City, role: str) -> None:
    for union in (city.district, city.unit):
        values = {"role": role, "union_id": str(union.id), "username": "peer"}
        assert submit(city.client, "/manage/people/new", **values).status_code == 403


def test_a_union_elsewhere_is_not_found(city: City) -> None:
    for union_id in (city.municipal.id, city.other.id, 999_999):
        values = {"role": SITE_MANAGER, "union_id": str(union_id), "username": "fresh"}
        assert submit(city.client, "/manage/people/new", **values).status_code == 404
    for nonsense in ("", "x", "²", "1" * 12):
        values = {"role": SITE_MANAGER, "union_id": nonsense, "username": "fresh"}
        assert 'id="union_id-error"' in submit(city.client, "/manage/people/new", **values).text


def test_a_wrong_form_comes_back_filled_in(app: Flask, city: City) -> None:
    values = {"role": UNIT_UNION, "union_id": str(city.district.id), "username": "kept", "display_name": "保留"}
    answer = submit(city.client, "/manage/people/new", **values)
    assert answer.status_code == 422
    assert 'id="role-error"' in answer.text
    assert 'value="kept"' in answer.text
    values = {"role": UNIT_UNION, "union_id": str(city.unit.id), "username": city.me.username.upper()}
    answer = submit(city.client, "/manage/people/new", **values)
    assert 'id="username-error"' in answer.text
    with app.app_context():
        assert db.session.query(User).count() == 1


def test_a_forgotten_password_is_reset_once_shown(app: Flask, city: City, factories: Factories) -> None:
    below = factories.user(UNIT_UNION, city.unit)
    hers = log_in(app, below.username, PASSWORD)
    page = f"/manage/people/{below.id}"
    password = SECRET.search(submit(city.client, page, f"{page}/password").text)
    assert password
    assert password[1] not in city.client.get(page).text
    assert not is_in(hers)
    assert is_in(log_in(app, below.username, password[1]))
    assert not is_in(log_in(app, below.username, PASSWORD))


def test_disabling_and_enabling(app: Flask, city: City, factories: Factories) -> None:
    below = factories.user(SITE_MANAGER, city.unit)
    hers = log_in(app, below.username, PASSWORD)
    page = f"/manage/people/{below.id}"
    assert submit(city.client, page, f"{page}/disable").location == page
    assert not is_in(hers)
    assert submit(city.client, page, f"{page}/enable").location == page
    assert is_in(log_in(app, below.username, PASSWORD))
    assert submit(city.client, page, f"{page}/enable").status_code == 409


def test_a_lost_telephone_is_forgotten(app: Flask, city: City, factories: Factories) -> None:
    below = factories.user(UNIT_UNION, city.unit, tf_primary_method="authenticator", tf_totp_secret="secret")
    page = f"/manage/people/{below.id}"
    submit(city.client, page, f"{page}/two-factor")
    assert stored(app, below.id).tf_totp_secret is None


@pytest.mark.parametrize("act", ["password", "two-factor", "disable", "enable"])
def test_peers_oneself_and_foreigners_cannot_be_changed(
    app: Flask, city: City, factories: Factories, act: str
) -> None:
    peer = factories.user(DISTRICT_UNION, city.district)
    expected = {
        peer: 403, city.me: 403,
        factories.user(MUNICIPAL_UNION, city.municipal): 404, factories.user(UNIT_UNION, city.other): 404,
    }  # fmt: skip
    for user, status in expected.items():
        before = stored(app, user.id).fs_uniquifier
        answer = submit(city.client, "/manage/account", f"/manage/people/{user.id}/{act}")
        assert answer.status_code == status
        assert stored(app, user.id).fs_uniquifier == before
    assert "同级账号" in city.client.get(f"/manage/people/{peer.id}").text
    assert "这是您自己的账号" in city.client.get(f"/manage/people/{city.me.id}").text


def change(client: FlaskClient, current: str, password: str, again: str) -> str:
    values = {"current": current, "password": password, "again": again}
    return str(submit(client, "/manage/account", "/manage/account/password", **values).text)


def test_changing_ones_password_ends_other_sessions_only(app: Flask, city: City) -> None:
    elsewhere = log_in(app, city.me.username, PASSWORD)
    change(city.client, PASSWORD, "a new long one", "a new long one")
    assert is_in(city.client)
    assert not is_in(elsewhere)
    assert is_in(log_in(app, city.me.username, "a new long one"))


@pytest.mark.parametrize(
    ("values", "field"),
    [
        (("wrong", "a new long one", "a new long one"), "current"),
        ((PASSWORD, "a new long one", "another long one"), "again"),
        ((PASSWORD, "short", "short"), "password"),
    ],
)
def test_a_wrong_new_password_changes_nothing(
    app: Flask, city: City, values: tuple[str, str, str], field: str
) -> None:
    assert f'id="{field}-error"' in change(city.client, *values)
    assert is_in(log_in(app, city.me.username, PASSWORD))


def test_twenty_wrong_passwords_an_hour_are_enough(city: City) -> None:
    for _ in range(20):
        change(city.client, "wrong", "a new long one", "a new long one")
    values = {"current": PASSWORD}
    assert submit(city.client, "/manage/account", "/manage/account/token", **values).status_code == 429


def test_a_union_says_what_the_forms_ask(app: Flask, city: City) -> None:
    path = f"/manage/unions/{city.unit.id}/profile"
    typed = {"name": " 某某公司工会 ", "head_name": "王芳", "head_phone": "0532-8591 0000", "women_workers": "120"}
    answer = submit(city.client, path, **typed)
    assert answer.status_code == 302
    page = city.client.get(path).text
    assert 'value="王芳"' in page
    with app.app_context():
        union = db.session.get_one(TradeUnion, city.unit.id)
        assert (union.name, union.head_phone, union.women_workers) == ("某某公司工会", "0532-8591 0000", 120)


@pytest.mark.parametrize(
    ("field", "typed"), [("name", ""), ("head_name", "王" * 81), ("head_phone", "call me"), ("women_workers", "many")]
)
def test_wrong_details_of_a_union_are_named_and_kept(app: Flask, city: City, field: str, typed: str) -> None:
    path = f"/manage/unions/{city.unit.id}/profile"
    values = {"name": "工会", "head_name": "", "head_phone": "", "women_workers": "", field: typed}
    answer = submit(city.client, path, **values)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert typed in answer.text
    with app.app_context():
        assert db.session.get_one(TradeUnion, city.unit.id).name == city.unit.name


def test_another_districts_union_is_not_there(city: City) -> None:
    assert city.client.get(f"/manage/unions/{city.other.id}/profile").status_code == 404
