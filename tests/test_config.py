"""Settings: what is read, and every sentence that refuses to start."""

import json
import os
import runpy
import stat
import subprocess
import sys
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from app.config import ENVIRONMENT, SECRETS, Settings, SettingsError

ROOT = Path(__file__).resolve().parents[1]
PRODUCTION = {
    "XIAOWU_BASE_URL": "https://room.example.cn",
    "SECRET_KEY": "s" * 32,
    "SECURITY_PASSWORD_SALT": "p" * 32,
    "SECURITY_TOTP_SECRET": "t" * 32,
    "XIAOWU_LEDGER_KEY": "l" * 32,
}


def refused(environ: dict[str, str]) -> str:
    with pytest.raises(SettingsError) as caught:
        Settings.from_environment(environ)
    return str(caught.value)


def test_production_is_the_default_and_needs_four_values() -> None:
    settings = Settings.from_environment(PRODUCTION)
    assert settings.mode == "production"
    assert settings.data_dir == Path("instance").resolve()
    assert settings.database_url == f"sqlite:///{settings.data_dir}/xiaowu.sqlite3"
    assert settings.keystore_url == f"file:///{str(settings.data_dir / 'keys.sqlite3').lstrip('/')}"
    assert settings.upload_limit_bytes == 12 * 1024 * 1024
    assert (settings.trusted_proxies, settings.tile_datum, settings.default_rulebook) == (0, "wgs84", "qingdao-2023")
    assert settings.is_secure
    assert not settings.is_demo


@pytest.mark.parametrize("name", SECRETS)
@pytest.mark.parametrize("value", [None, "", "short", "x" * 31])
def test_production_names_the_missing_secret_and_how_to_make_one(name: str, value: str | None) -> None:
    variable = ENVIRONMENT[name]
    environ = {key: text for key, text in PRODUCTION.items() if key != variable}
    said = refused(environ if value is None else {**environ, variable: value})
    assert said.startswith(f"{variable} is missing or shorter than 32 characters")
    assert "secrets.token_hex(32)" in said
    assert "x" * 31 not in said


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"XIAOWU_MODE": "debug"}, "XIAOWU_MODE is “debug”; set it to production, demo or test"),
        ({"XIAOWU_BASE_URL": ""}, "XIAOWU_BASE_URL is “”; set it to the address people reach"),
        ({"XIAOWU_BASE_URL": "room.example.cn"}, "set it to the address people reach"),
        ({"XIAOWU_BASE_URL": "ftp://room.example.cn"}, "set it to the address people reach"),
        ({"XIAOWU_BASE_URL": "https://room.example.cn/path"}, "set it to the address people reach"),
        ({"XIAOWU_BASE_URL": "https://room.example.cn/?a=b"}, "set it to the address people reach"),
        ({"XIAOWU_BASE_URL": "http://room.example.cn"}, "XIAOWU_BASE_URL has to begin with https:// in production"),
        ({"XIAOWU_BASE_URL": "https://[room.example.cn"}, "set it to the address people reach"),
        ({"DATABASE_URL": "postgresql://one:port/x"}, "DATABASE_URL has to look like postgresql://"),
        (
            {"DATABASE_URL": "postgresql://x", "DATABASE_REPLICA_URL": "postgresql://one:port/x"},
            "DATABASE_REPLICA_URL has to look like postgresql://",
        ),
        ({"KEYSTORE_URL": "redis://one:port/0"}, "such as redis://10.0.0.5:6379/0"),
        ({"DATABASE_URL": "mysql://x"}, "DATABASE_URL has to begin with postgresql:// or sqlite:///"),
        ({"KEYSTORE_URL": "memcached://x"}, "KEYSTORE_URL has to begin with file:///, redis://, rediss:// or unix://"),
        ({"XIAOWU_TRUSTED_PROXIES": "11"}, "XIAOWU_TRUSTED_PROXIES is “11”; set it to a whole number from 0 to 10"),
        ({"XIAOWU_TRUSTED_PROXIES": "-1"}, "a whole number from 0 to 10"),
        ({"XIAOWU_TRUSTED_PROXIES": "²"}, "a whole number from 0 to 10"),
        ({"XIAOWU_UPLOAD_LIMIT_MB": "0"}, "XIAOWU_UPLOAD_LIMIT_MB is “0”; set it to a whole number from 1 to 100"),
        ({"XIAOWU_UPLOAD_LIMIT_MB": "many"}, "a whole number from 1 to 100"),
        ({"DATABASE_REPLICA_URL": "postgresql://x"}, "as DATABASE_URL then does"),
        (
            {"DATABASE_URL": "postgresql://x", "DATABASE_REPLICA_URL": "sqlite:///x"},
            "DATABASE_REPLICA_URL has to begin with postgresql://",
        ),
        ({"XIAOWU_METRICS_TOKEN": "short"}, "XIAOWU_METRICS_TOKEN is shorter than 32 characters"),
        ({"XIAOWU_BACKUP_KEY": "short"}, "XIAOWU_BACKUP_KEY is shorter than 32 characters"),
        ({"XIAOWU_TILE_URL": "https://tiles.{z}.cn/{x}/{y}"}, "set it to an address with {z}, {x} and {y}"),
        ({"XIAOWU_TILE_URL": "https://a.cn; script-src */{z}/{x}/{y}"}, "set it to an address with"),
        ({"XIAOWU_TILE_URL": "tiles.example.cn/{z}/{x}/{y}"}, "XIAOWU_TILE_URL is “tiles.example.cn/{z}/{x}/{y}”"),
        ({"XIAOWU_TILE_URL": "https://tiles.example.cn/{z}/{x}.png"}, "an address with {z}, {x} and {y}"),
        ({"XIAOWU_TILE_DATUM": "mars"}, "XIAOWU_TILE_DATUM is “mars”; set it to one of wgs84, gcj02, bd09"),
    ],
)
def test_a_wrong_value_is_refused_by_name(values: dict[str, str], said: str) -> None:
    assert said in refused({**PRODUCTION, **values})


@pytest.mark.parametrize("prefix", ["postgres://", "postgresql://", "postgresql+psycopg://"])
def test_every_spelling_of_postgresql_means_psycopg(prefix: str) -> None:
    settings = Settings.from_environment({**PRODUCTION, "DATABASE_URL": f"{prefix}me@host/name"})
    assert settings.database_url == "postgresql+psycopg://me@host/name"


@pytest.mark.parametrize(
    ("given", "hosts", "ports"),
    [
        ("me:secret@one:5432,other:5433/name?target_session_attrs=read-write", "one,other", "5432,5433"),
        ("me:secret@one,other,third/name?target_session_attrs=read-write", "one,other,third", ",,"),
    ],
)
def test_several_hosts_are_written_as_libpq_does(given: str, hosts: str, ports: str) -> None:
    settings = Settings.from_environment(PRODUCTION | {"DATABASE_URL": f"postgresql://{given}"})
    engine = create_engine(settings.database_url)
    _, asked = engine.dialect.create_connect_args(engine.url)
    assert (asked["host"], asked["port"]) == (hosts, ports)
    assert (asked["user"], asked["password"], asked["dbname"]) == ("me", "secret", "name")
    assert asked["target_session_attrs"] == "read-write"


def test_every_variable_reaches_its_field(tmp_path: Path) -> None:
    given = {
        "XIAOWU_MODE": "test",
        "XIAOWU_DATA": str(tmp_path),
        "DATABASE_URL": "postgresql+psycopg://host/name",
        "DATABASE_REPLICA_URL": "postgresql+psycopg://other/name",
        "XIAOWU_BASE_URL": "http://room.example.cn/",
        "SECRET_KEY": "k",
        "SECURITY_PASSWORD_SALT": "p",
        "SECURITY_TOTP_SECRET": "t",
        "XIAOWU_LEDGER_KEY": "l",
        "XIAOWU_LEDGER_HASH": "sm3",
        "KEYSTORE_URL": "redis://host/0",
        "XIAOWU_TRUSTED_PROXIES": "2",
        "XIAOWU_NETWORK_NAME": "name",
        "XIAOWU_PRIVACY_CONTACT": "whom to ask",
        "XIAOWU_RULEBOOK": "another",
        "XIAOWU_RULEBOOKS": "folder",
        "XIAOWU_TILE_URL": "https://tiles.example/{z}/{x}/{y}",
        "XIAOWU_TILE_DATUM": "gcj02",
        "XIAOWU_TILE_ATTRIBUTION": "whose",
        "XIAOWU_TILE_APPROVAL": "number",
        "XIAOWU_UPLOAD_LIMIT_MB": "3",
        "XIAOWU_MAIL_URL": "smtps://mail.example.cn",
        "XIAOWU_MAIL_FROM": "room@example.cn",
        "XIAOWU_BACKUP_KEY": "b" * 32,
        "XIAOWU_METRICS_TOKEN": "m" * 32,
        "XIAOWU_BACKUP_FOLDER": "/backups",
        "XIAOWU_BACKUP_DAYS": "7",
        "XIAOWU_LOG_FORMAT": "json",
    }
    assert set(given) == set(ENVIRONMENT.values())
    settings = Settings.from_environment(given)
    changed = {"data_dir": tmp_path, "base_url": "http://room.example.cn", "trusted_proxies": 2, "backup_days": 7}
    changed["upload_limit_bytes"] = 3 * 1024 * 1024
    for name, variable in ENVIRONMENT.items():
        assert getattr(settings, name) == changed.get(name, given[variable]), name


@pytest.mark.parametrize("contact", ["x" * 121, "two\nlines", "\u202ebackwards"])
def test_the_privacy_contact_is_one_short_line(contact: str) -> None:
    sentence = refused({**PRODUCTION, "XIAOWU_PRIVACY_CONTACT": contact})
    assert sentence == "XIAOWU_PRIVACY_CONTACT has to be one line of at most 120 characters"


@pytest.mark.parametrize("mode", ["demo", "test"])
def test_outside_production_the_address_follows_host_and_port(tmp_path: Path, mode: str) -> None:
    environ = {"XIAOWU_MODE": mode, "XIAOWU_DATA": str(tmp_path), "HOST": "0.0.0.0", "PORT": "8080"}  # noqa: S104
    settings = Settings.from_environment(environ)
    assert settings.base_url == "http://0.0.0.0:8080"
    assert settings.is_demo is (mode == "demo")
    assert not settings.is_secure


def test_a_demo_keeps_its_own_secrets_where_only_its_owner_reads(tmp_path: Path) -> None:
    environ = {"XIAOWU_MODE": "demo", "XIAOWU_DATA": str(tmp_path / "new")}
    first, second = Settings.from_environment(environ), Settings.from_environment(environ)
    assert first == second
    assert len({getattr(first, name) for name in SECRETS}) == 4
    file = tmp_path / "new" / "secrets.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert set(json.loads(file.read_text())) == set(SECRETS)


def test_settings_are_frozen() -> None:
    settings = Settings.from_environment(PRODUCTION)
    with pytest.raises(FrozenInstanceError):
        settings.mode = "demo"  # type: ignore[misc]


def test_the_entry_point_ends_with_the_sentence_and_no_traceback(tmp_path: Path) -> None:
    environ = {**os.environ, "XIAOWU_MODE": "production", "XIAOWU_DATA": str(tmp_path), "SECRET_KEY": ""}
    start = [sys.executable, "-c", "import app.wsgi"]
    run = subprocess.run(start, env=environ, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode == 4
    assert run.stderr.startswith("Xiaowu cannot start: SECRET_KEY is missing")
    assert "Traceback" not in run.stderr


def test_a_data_folder_that_cannot_be_made_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XIAOWU_MODE", "demo")
    monkeypatch.setenv("XIAOWU_DATA", "/proc/nowhere")
    with pytest.raises(SystemExit, match="4"):
        runpy.run_module("app.wsgi")
    assert capsys.readouterr().err.startswith("Xiaowu cannot start: /proc/nowhere: ")


def test_nobody_else_on_the_machine_reads_the_data_folder(tmp_path: Path) -> None:
    Settings.from_environment({"XIAOWU_MODE": "demo", "XIAOWU_DATA": str(tmp_path / "data")})
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700


@pytest.mark.parametrize(
    "url", ["smtps://name:p%40ss@mail.example.cn", "smtp+tls://mail.example.cn:2587", "smtp://localhost", ""]
)
def test_a_mail_server_for_notices(url: str) -> None:
    environ = {**PRODUCTION, "XIAOWU_MAIL_URL": url, "XIAOWU_MAIL_FROM": "room@example.cn"}
    settings = Settings.from_environment(environ)
    assert (settings.mail_url, settings.mail_from) == (url, "room@example.cn")


@pytest.mark.parametrize(
    ("url", "sender", "said"),
    [
        ("mail.example.cn", "a@b.cn", "XIAOWU_MAIL_URL has to look like"),
        ("https://mail.example.cn", "a@b.cn", "XIAOWU_MAIL_URL has to look like"),
        ("smtps://name:top-secret@", "a@b.cn", "XIAOWU_MAIL_URL has to look like"),
        ("smtps://name:top-secret@mail.example.cn:port", "a@b.cn", "XIAOWU_MAIL_URL has to look like"),
        ("smtp://mail.example.cn", "a@b.cn", "which is not encrypted"),
        ("smtps://mail.example.cn", "", "XIAOWU_MAIL_FROM has to be the address"),
        ("smtps://mail.example.cn", "a@b.cn\nBcc: c@d.cn", "XIAOWU_MAIL_FROM has to be the address"),
    ],
)
def test_a_wrong_mail_server_is_refused_without_its_password(url: str, sender: str, said: str) -> None:
    sentence = refused({**PRODUCTION, "XIAOWU_MAIL_URL": url, "XIAOWU_MAIL_FROM": sender})
    assert said in sentence
    assert "top-secret" not in sentence
