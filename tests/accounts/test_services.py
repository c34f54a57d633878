"""Making unions and accounts."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask_security import verify_password

from app.accounts import services
from app.accounts.models import TradeUnion, User
from app.db import db
from app.errors import Conflict, Invalid, NotFound
from app.web import DISTRICT_UNION, MUNICIPAL_UNION, SITE_MANAGER, UNIT_UNION

PASSWORD = "long enough 密码"


@pytest.fixture(autouse=True)
def context(app: Flask) -> Iterator[None]:
    """These tests call services directly."""
    with app.app_context():
        yield


@pytest.fixture
def city() -> TradeUnion:
    return services.create_union("city", "青岛市总工会", "municipal")


def test_a_tree_knows_its_paths(city: TradeUnion) -> None:
    district = services.create_union("d", "市南区总工会", "district", city, division_code="370202")
    unit = services.create_union("u", "某公司工会", "unit", district)
    assert city.path == f"/{city.id}/"
    assert unit.path == f"/{city.id}/{district.id}/{unit.id}/"
    assert services.find_union("u") is unit


def test_a_lonely_unit_may_be_the_root() -> None:
    assert services.create_union("u", "某公司工会", "unit").path.count("/") == 2


@pytest.mark.parametrize(
    ("values", "field"),
    [
        (("", "n", "unit"), "code"),
        (("with space", "n", "unit"), "code"),
        (("x" * 41, "n", "unit"), "code"),
        (("city", "n", "unit"), "code"),
        (("u", " ", "unit"), "name"),
        (("u", "x" * 201, "unit"), "name"),
        (("u", "n", "village"), "level"),
        (("u", "n", "municipal"), "level"),
    ],
)
def test_a_wrong_union_is_refused_by_field(city: TradeUnion, values: tuple[str, str, str], field: str) -> None:
    with pytest.raises(Invalid) as caught:
        services.create_union(*values, parent=city)
    assert set(caught.value.fields) == {field}


def test_a_unit_stands_below_no_unit() -> None:
    unit = services.create_union("u", "某公司工会", "unit")
    with pytest.raises(Invalid):
        services.create_union("v", "分工会", "unit", unit)


def test_an_account_has_its_role_and_an_argon2_hash(city: TradeUnion) -> None:
    user = services.create_user(" Wang.Fang ", MUNICIPAL_UNION, city, PASSWORD, "王芳")
    assert (user.username, user.role, user.active) == ("wang.fang", MUNICIPAL_UNION, True)
    assert user.password is not None
    assert user.password.startswith("$argon2")
    assert verify_password(PASSWORD, user.password)
    assert services.find_user("WANG.FANG") is user


def test_a_site_manager_works_at_a_union_of_any_level(city: TradeUnion) -> None:
    assert services.create_user("a1", SITE_MANAGER, city, PASSWORD).role == SITE_MANAGER


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"username": "x"}, "username"),
        ({"username": "两 个"}, "username"),
        ({"username": "taken"}, "username"),
        ({"username": "TAKEN"}, "username"),
        ({"role": "god"}, "role"),
        ({"role": UNIT_UNION}, "role"),
        ({"role": DISTRICT_UNION}, "role"),
        ({"password": "short"}, "password"),
        ({"password": "x" * 201}, "password"),
        ({"display_name": "x" * 81}, "display_name"),
    ],
)
def test_a_wrong_account_is_refused_by_field(city: TradeUnion, values: dict[str, str], field: str) -> None:
    services.create_user("taken", MUNICIPAL_UNION, city, PASSWORD)
    right = {"username": "fresh", "role": MUNICIPAL_UNION, "password": PASSWORD}
    with pytest.raises(Invalid) as caught:
        services.create_user(**{**right, **values}, trade_union=city)
    assert set(caught.value.fields) == {field}


def test_what_is_not_there_is_not_found() -> None:
    with pytest.raises(NotFound, match="nobody"):
        services.find_user("nobody")
    with pytest.raises(NotFound, match="nowhere"):
        services.find_union("nowhere")


def test_generated_passwords_pass_and_differ() -> None:
    made = {services.new_password() for _ in range(50)}
    assert len(made) == 50
    assert all(len(password) >= services.PASSWORD_LENGTH_MIN for password in made)


def test_disabling_and_enabling(city: TradeUnion) -> None:
    user = services.create_user("user", MUNICIPAL_UNION, city, PASSWORD)
    before = user.fs_uniquifier
    services.disable(user)
    assert not user.active
    assert user.fs_uniquifier != before
    services.enable(user)
    assert user.active
    with pytest.raises(Conflict):
        services.enable(user)


def test_a_new_password_ends_sessions_and_lifts_a_lock(city: TradeUnion) -> None:
    user = services.create_user("user", MUNICIPAL_UNION, city, PASSWORD)
    user.failed_logins, before = 7, user.fs_uniquifier
    services.set_password(user, "another long one")
    assert user.failed_logins == 0
    assert user.fs_uniquifier != before
    assert verify_password("another long one", user.password)


def test_a_lost_phone_can_be_forgotten(city: TradeUnion) -> None:
    user = services.create_user("user", MUNICIPAL_UNION, city, PASSWORD)
    user.tf_primary_method, user.tf_totp_secret, user.mf_recovery_codes = "authenticator", "secret", ["a"]
    services.reset_two_factor(user)
    db.session.flush()
    db.session.expire(user)
    stored = db.session.get_one(User, user.id)
    assert (stored.tf_primary_method, stored.tf_totp_secret) == (None, None)
    assert not stored.mf_recovery_codes
