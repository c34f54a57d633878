"""``flask accounts …``."""

import re
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from flask_security import verify_password
from sqlalchemy import func, select

from app.accounts import services
from app.accounts.models import TradeUnion, User
from app.db import db

TREE = "code,name,level,parent,division_code,rulebook_id\n"


def run(app: Flask, *arguments: str, typed: str | None = None) -> Result:
    return app.test_cli_runner().invoke(args=["accounts", *arguments], input=typed)


def failed(result: Result) -> str:
    assert result.exit_code == 1, result.output
    return str(result.output)


@pytest.fixture
def unit(app: Flask) -> str:
    """The code of a unit union below a city."""
    assert run(app, "create-union", "city", "某市总工会", "municipal", "--division", "370200").exit_code == 0
    assert run(app, "create-union", "unit", "某公司工会", "unit", "--parent", "city").exit_code == 0
    return "unit"


def account(app: Flask, username: str) -> User:
    with app.app_context():
        return services.find_user(username)


def is_password(app: Flask, username: str, password: str) -> bool:
    with app.app_context():
        return bool(verify_password(password, services.find_user(username).password))


def shown(result: Result) -> str:
    found = re.search(r"^password: (\S+)$", result.output, re.MULTILINE)
    assert found, result.output
    return found[1]


def test_unions_have_a_parent(app: Flask, unit: str) -> None:
    with app.app_context():
        assert services.find_union(unit).path.startswith(services.find_union("city").path)
    assert "no union with the code nowhere" in failed(run(app, "create-union", "x", "x", "unit", "--parent", "nowhere"))
    assert "already a union" in failed(run(app, "create-union", "city", "x", "unit"))


def test_an_account_gets_a_password_that_is_printed_once(app: Flask, unit: str) -> None:
    result = run(app, "create-user", "wang", "--role", "unit_union", "--union", unit, "--name", "王芳")
    assert is_password(app, "wang", shown(result))
    assert account(app, "wang").display_name == "王芳"
    assert "does not fit" in failed(run(app, "create-user", "li", "--role", "district_union", "--union", unit))
    assert "already taken" in failed(run(app, "create-user", "wang", "--role", "unit_union", "--union", unit))


def test_a_password_may_be_typed(app: Flask, unit: str) -> None:
    arguments = ("create-user", "wang", "--role", "site_manager", "--union", unit, "--ask")
    assert "10 to 200" in failed(run(app, *arguments, typed="short\nshort\n"))
    result = run(app, *arguments, typed="typed by hand\ntyped by hand\n")
    assert "password:" not in result.output
    assert is_password(app, "wang", "typed by hand")


def test_the_life_of_an_account(app: Flask, unit: str) -> None:
    run(app, "create-user", "wang", "--role", "unit_union", "--union", unit)
    assert "wang\tunit_union\tunit\tin use" in run(app, "list").output
    assert run(app, "disable", "wang").exit_code == 0
    assert "wang\tunit_union\tunit\tout of use" in run(app, "list").output
    assert run(app, "enable", "wang").exit_code == 0
    assert is_password(app, "wang", shown(run(app, "reset-password", "wang")))
    assert run(app, "reset-two-factor", "wang").exit_code == 0
    for command in ("disable", "enable", "reset-password", "reset-two-factor", "token"):
        assert "no account called nobody" in failed(run(app, command, "nobody"))


def test_a_token_is_printed(app: Flask, unit: str) -> None:
    run(app, "create-user", "wang", "--role", "unit_union", "--union", unit)
    token = run(app, "token", "wang").stdout.strip()
    header = {"Authentication-Token": token}
    assert app.test_client().get("/api/v1/sites/1/months", headers=header).status_code == 404


def unions(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(TradeUnion)) or 0


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_tree_comes_from_a_file(app: Flask, tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "unions.csv"
    rows = "c,市总工会,municipal,,370200,qingdao-2023\nd,区总工会,district,c,,\nu,公司工会,unit,d,,\n"
    file.write_text(TREE + rows, encoding=encoding)
    assert "3 unions created" in run(app, "import-unions", str(file)).output
    assert unions(app) == 3


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ((TREE + "c,市,municipal,,,\nd,区,district,x,,\n").encode(), "Line 3: There is no union with the code x"),
        ((TREE + "c,市,municipal,,,\nc,市,municipal,,,\n").encode(), "Line 3: There is already a union"),
        ((TREE + "c,市,city,,,\n").encode(), "Line 2: A union's level"),
        ((TREE + "c\n").encode(), "Line 2: A union needs a name"),
        (b"code,name\nc,n\n", "lacks the columns level"),
        (b"", "lacks the columns"),
        ("code,name,level\nc,市,municipal\n".encode("gb18030"), "not UTF-8"),
        (b'code,name,level\n"' + b"x" * 1_000_001, "not CSV"),
    ],
)
def test_a_wrong_file_changes_nothing(app: Flask, tmp_path: Path, content: bytes, said: str) -> None:
    file = tmp_path / "unions.csv"
    file.write_bytes(content)
    assert said in failed(run(app, "import-unions", str(file)))
    assert unions(app) == 0
