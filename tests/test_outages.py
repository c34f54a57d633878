"""While the database or the disk is away: a 503 that says when to come again, and the same form once more."""

import errno
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from app import create_app
from app.clock import Steadiness
from app.config import Settings
from app.db import db
from app.web import PUBLIC, access
from tests.applications import close
from tests.conftest import START
from tests.factories import Factories

JSON = {"Accept": "application/json"}
GONE = OperationalError("SELECT 1", {}, Exception("the server closed the connection"))


def raising(error: Exception) -> Callable[[], str]:
    """A view that meets `error`."""

    @access(PUBLIC)
    def view() -> str:
        raise error

    return view


@pytest.fixture
def broken(app: Flask) -> FlaskClient:
    """A browser at an application with views that fail."""
    app.add_url_rule("/gone", "gone", raising(GONE))
    app.add_url_rule("/full", "full", raising(OSError(errno.ENOSPC, "No space left on device")))
    app.add_url_rule("/missing", "missing", raising(FileNotFoundError(errno.ENOENT, "No such file")))
    return app.test_client()


@pytest.mark.own_app
@pytest.mark.parametrize("path", ["/gone", "/full"])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_is_away_is_a_503_that_says_when_to_come_again(broken: FlaskClient, path: str) -> None:
    page = broken.get(path)
    assert page.status_code == 503
    assert int(page.headers["Retry-After"]) > 0
    assert page.headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert "请稍后再试" in page.text
    assert broken.get(path, headers=JSON).json["error"] | {"message": ""} == {
        "status": 503, "code": "unavailable", "message": "", "fields": {},
    }  # fmt: skip


@pytest.mark.own_app
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_any_other_error_stays_one(broken: FlaskClient) -> None:
    with pytest.raises(FileNotFoundError):
        broken.get("/missing")


@pytest.mark.own_app
@pytest.mark.parametrize("database_url", ["postgis"], indirect=True)
def test_who_is_logged_in_gets_the_page_too(app: Flask, factories: Factories) -> None:
    """The connection ends in the middle of the request, so that not even her name can be looked up."""

    @access(PUBLIC)
    def view() -> str:
        db.session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
        return "never"

    app.add_url_rule("/ended", "ended", view)
    user = factories.login(factories.user("unit_union", factories.tree()[2]))
    assert user.get("/ended").status_code == 503
    assert user.get("/manage/").headers["Location"].startswith("/manage/unions/"), "she is still logged in"


@pytest.mark.own_app
@pytest.mark.parametrize("database_url", ["postgis"], indirect=True)
def test_a_commit_that_fails_is_no_success(app: Flask) -> None:
    """The connection ends between the view and the commit."""

    @access(PUBLIC)
    def view() -> str:
        mine = db.session.execute(text("SELECT pg_backend_pid()")).scalar_one()
        with db.engine.connect() as other:
            other.execute(text("SELECT pg_terminate_backend(:mine, 5000)"), {"mine": mine})
        return "done"

    app.add_url_rule("/ended", "ended", view)
    answer = app.test_client().get("/ended")
    assert (answer.status_code, int(answer.headers["Retry-After"]) > 0) == (503, True)
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert b"done" not in answer.data


def test_a_clock_that_was_set_forward_is_told_from_one_that_ran() -> None:
    clock = Steadiness()
    assert clock.is_steady(START)
    assert clock.is_steady(START + timedelta(minutes=9))
    assert not clock.is_steady(START + timedelta(days=1))
    assert clock.is_steady(START - timedelta(days=1))
    assert clock.is_steady(START)


@pytest.mark.parametrize("database_url", ["postgis"], indirect=True)
def test_a_connection_that_the_server_has_ended_is_not_handed_out(app: Flask, database_url: str) -> None:
    """As after a restart of the server: nobody is told, the next request opens another one."""
    mine = text("SELECT pg_backend_pid()")
    with app.app_context():
        before = db.session.execute(mine).scalar_one()
    with psycopg.connect(database_url.replace("+psycopg", "")) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [before])
    with app.app_context():
        assert db.session.execute(mine).scalar_one() != before


def complaint(environ: dict[str, str], command: str, **changed: str) -> str:
    """What a command says in an application of its own."""
    app = create_app(Settings.from_environment(environ | changed))
    result = app.test_cli_runner().invoke(args=command.split())
    close(app)
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit)
    return result.output


def test_a_command_without_tables_says_what_to_run(environ: dict[str, str], database_url: str, tmp_path: Path) -> None:
    folder = f"sqlite:///{tmp_path}" if database_url.startswith("sqlite") else database_url.rpartition("/")[0]
    said = complaint(environ, "accounts list", DATABASE_URL=f"{folder}/postgres")
    assert said == "Error: The database lacks tables; run flask db upgrade first\n"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("command", "variable", "address", "said"),
    [
        ("accounts list", "DATABASE_URL", "postgresql://me:secret@127.0.0.1:1/name", "database does not answer: conn"),
        ("usage destroy-keys", "KEYSTORE_URL", "redis://127.0.0.1:1/0", "store of the keys (KEYSTORE_URL) cannot"),
    ],
)
def test_a_command_says_in_one_sentence_what_is_away(
    environ: dict[str, str], command: str, variable: str, address: str, said: str
) -> None:
    line = complaint(environ, command, **{variable: address})
    assert said in line
    assert line.count("\n") == 1
    assert "secret" not in line


@pytest.mark.own_app
@pytest.mark.parametrize("database_url", ["postgis"], indirect=True)
@pytest.mark.parametrize(("statement", "status"), [("SELECT 1 / 0", 422), ("SELECT * FROM nowhere", 500)])
def test_what_the_database_refuses_has_the_page_of_an_error(
    app: Flask, factories: Factories, statement: str, status: int
) -> None:
    @access(PUBLIC)
    def view() -> str:
        db.session.execute(text(statement))
        return "never"

    app.add_url_rule("/refused", "refused", view)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    answer = factories.login(factories.user("unit_union", factories.tree()[2])).get("/refused")
    assert answer.status_code == status
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "</html>" in answer.text
    assert "nowhere" not in answer.text
