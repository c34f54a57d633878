"""Three buckets for log-in: the address, the account, everybody. And what holds when the shared store is gone."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask
from limits import parse
from werkzeug.test import TestResponse

from app.accounts.limits import OVERALL, SCOPE
from app.accounts.models import User
from app.web import SITE_MANAGER, limiter
from tests.factories import PASSWORD, Factories
from tests.forms import TOKEN

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""The limiter knows no database."""


class Crowd:
    """Browsers, each behind an address of its own."""

    def __init__(self, app: Flask) -> None:
        self.client = app.test_client()
        page = self.client.get("/login").text
        found = TOKEN.search(page)
        assert found
        self.token = found[1]

    def tries(self, number: int, username: str, password: str = "wrong") -> TestResponse:  # noqa: S107
        return self.client.post(
            "/login", data={"csrf_token": self.token, "username": username, "password": password},
            environ_overrides={"REMOTE_ADDR": f"10.0.{number >> 8}.{number & 255}"},
        )  # fmt: skip


@pytest.fixture
def crowd(app: Flask) -> Crowd:
    """Addresses without end."""
    return Crowd(app)


@pytest.fixture
def user(factories: Factories) -> User:
    """Somebody with an account."""
    made: User = factories.user(SITE_MANAGER, factories.tree()[2])
    return made


@pytest.mark.parametrize("is_known", [True, False])
def test_twenty_tries_a_minute_at_one_account_from_anywhere(crowd: Crowd, user: User, is_known: bool) -> None:
    """The same for a name that is nobody's: the limit does not tell who exists."""
    name = user.username if is_known else "nobody"
    assert [crowd.tries(n, name).status_code for n in range(21)] == [200] * 20 + [429]
    assert crowd.tries(99, f" {name.upper()} ").status_code == 429
    assert crowd.tries(100, "somebody-else").status_code == 200


def test_an_address_that_has_used_up_its_share_fills_no_other_bucket(crowd: Crowd, user: User) -> None:
    for number in range(30):
        assert crowd.tries(1, f"nobody{number}").status_code == 200
    for _ in range(25):
        assert crowd.tries(1, user.username).status_code == 429
    assert crowd.tries(2, user.username, PASSWORD).status_code == 302


def test_a_name_beside_the_password_asked_again_is_no_bucket_of_its_own(factories: Factories, user: User) -> None:
    client = factories.login(user)
    found = TOKEN.search(client.get("/verify").text)
    assert found
    statuses = [
        client.post(
            "/verify", data={"csrf_token": found[1], "password": "wrong", "username": f"nobody{number}"},
            environ_overrides={"REMOTE_ADDR": f"10.0.0.{number}"},
        ).status_code
        for number in range(21)
    ]  # fmt: skip
    assert statuses == [200] * 20 + [429]


def test_everybody_together_has_a_limit_too(crowd: Crowd, user: User) -> None:
    assert crowd.tries(0, "nobody", "").status_code == 200
    assert limiter.limiter.hit(parse(OVERALL), "all", f"{SCOPE} overall", cost=298)
    assert crowd.tries(1, "nobody", "").status_code == 200
    answer = crowd.tries(2, user.username, PASSWORD)
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["Retry-After"]) <= 60


def test_a_limit_says_when_it_ends_in_the_persons_language(crowd: Crowd) -> None:
    for _ in range(20):
        crowd.tries(1, "nobody")
    answer = crowd.tries(1, "nobody")
    assert (answer.status_code, 1 <= int(answer.headers["Retry-After"]) <= 60) == (429, True)
    assert "请求太多" in answer.text or "请稍" in answer.text
    data = {"csrf_token": crowd.token, "username": "nobody", "password": "x"}
    english = crowd.client.post("/login?lang=en", data=data, environ_overrides={"REMOTE_ADDR": "10.0.0.1"})
    assert "Too many requests" in english.text


def test_the_store_holds_neither_names_nor_addresses(crowd: Crowd, user: User) -> None:
    crowd.tries(1, user.username)
    kept = str(vars(limiter.storage))
    assert "log-in" in kept
    assert user.username not in kept
    assert "10.0.0.1" not in kept


SCRIPT = """
import sys
from app import create_app
from app.config import Settings
import os
from tests.accounts.test_limits import Crowd
app = create_app(Settings.from_environment(os.environ))
crowd = Crowd(app)
print([crowd.tries(1, f"nobody{n}", "").status_code for n in range(32)])
"""


def test_without_its_store_log_in_stays_limited(environ: dict[str, str]) -> None:
    """A Redis that nobody answers for: this process counts by itself."""
    environ = {**os.environ, **environ, "KEYSTORE_URL": "redis://127.0.0.1:1/0"}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], env=environ, cwd=Path(__file__).parents[2], check=True, capture_output=True,
        text=True, timeout=60,
    )  # fmt: skip
    assert done.stdout.strip() == str([200] * 30 + [429] * 2)
