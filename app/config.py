"""Settings: read once from an environment mapping, checked, frozen. Each is documented in docs/settings.md."""

import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal, Self, cast

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from app.addresses import parts_of, through_psycopg
from app.errors import DomainError

Mode = Literal["production", "demo", "test"]
SECRETS = ("secret_key", "password_salt", "totp_secret", "ledger_key")
_ADDRESS = re.compile(r"[\w.+-]+@[\w.-]+", re.ASCII)


class SettingsError(DomainError):
    """A setting is missing or wrong; the message says which one and what to set."""

    code = "settings"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything an operator can set. Field `data_dir` is read from XIAOWU_DATA, every other from its upper-case name
    after the prefix given in `ENVIRONMENT`, as docs/settings.md lists."""

    mode: Mode
    data_dir: Path
    database_url: str
    base_url: str
    secret_key: str
    password_salt: str
    totp_secret: str
    ledger_key: str
    ledger_hash: str
    keystore_url: str
    trusted_proxies: int
    network_name: str
    privacy_contact: str
    default_rulebook: str
    rulebook_folder: str
    tile_url: str
    tile_datum: str
    tile_attribution: str
    tile_approval: str
    upload_limit_bytes: int
    mail_url: str
    mail_from: str
    backup_key: str
    backup_folder: str
    backup_days: int
    replica_url: str
    metrics_token: str
    log_format: str

    @property
    def is_demo(self) -> bool:
        """Whether the data shown is made up and every page has to say so."""
        return self.mode == "demo"

    @property
    def is_secure(self) -> bool:
        """Whether people reach the service over TLS, so that cookies are marked Secure."""
        return self.base_url.startswith("https://")

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Self:
        """Read and check all settings. Raises `SettingsError` with a sentence that says what to set."""
        mode = environ.get("XIAOWU_MODE", "production")
        if mode not in ("production", "demo", "test"):
            raise SettingsError("XIAOWU_MODE is “%(mode)s”; set it to production, demo or test", mode=mode)
        data_dir = Path(environ.get("XIAOWU_DATA", "instance")).resolve()
        known = _secrets(mode, data_dir, environ)
        return cls(
            mode=cast("Mode", mode),
            data_dir=data_dir,
            database_url=_database_url(environ.get("DATABASE_URL", ""), data_dir),
            base_url=_base_url(mode, environ),
            keystore_url=_keystore_url(environ.get("KEYSTORE_URL", ""), data_dir),
            ledger_hash=_one_of(environ, "XIAOWU_LEDGER_HASH", ("sha256", "sm3")),
            trusted_proxies=_whole(environ, "XIAOWU_TRUSTED_PROXIES", 0, 0, 10),
            network_name=environ.get("XIAOWU_NETWORK_NAME", ""),
            privacy_contact=_line(environ, "XIAOWU_PRIVACY_CONTACT", 120),
            default_rulebook=environ.get("XIAOWU_RULEBOOK", "qingdao-2023"),
            rulebook_folder=environ.get("XIAOWU_RULEBOOKS", ""),
            tile_url=_tile_url(environ.get("XIAOWU_TILE_URL", "")),
            tile_datum=_one_of(environ, "XIAOWU_TILE_DATUM", ("wgs84", "gcj02", "bd09")),
            tile_attribution=environ.get("XIAOWU_TILE_ATTRIBUTION", ""),
            tile_approval=environ.get("XIAOWU_TILE_APPROVAL", ""),
            upload_limit_bytes=_whole(environ, "XIAOWU_UPLOAD_LIMIT_MB", 12, 1, 100) * 1024 * 1024,
            mail_url=_mail_url(environ.get("XIAOWU_MAIL_URL", "")),
            mail_from=_mail_from(environ),
            backup_key=_long(environ, "XIAOWU_BACKUP_KEY"),
            backup_folder=environ.get("XIAOWU_BACKUP_FOLDER", ""),
            backup_days=_whole(environ, "XIAOWU_BACKUP_DAYS", 30, 1, 3650),
            replica_url=_replica_url(environ),
            metrics_token=_long(environ, "XIAOWU_METRICS_TOKEN"),
            log_format=_one_of(environ, "XIAOWU_LOG_FORMAT", ("text", "json")),
            **known,
        )


ENVIRONMENT: Mapping[str, str] = {
    "mode": "XIAOWU_MODE",
    "data_dir": "XIAOWU_DATA",
    "database_url": "DATABASE_URL",
    "base_url": "XIAOWU_BASE_URL",
    "secret_key": "SECRET_KEY",
    "password_salt": "SECURITY_PASSWORD_SALT",
    "totp_secret": "SECURITY_TOTP_SECRET",
    "ledger_key": "XIAOWU_LEDGER_KEY",
    "ledger_hash": "XIAOWU_LEDGER_HASH",
    "keystore_url": "KEYSTORE_URL",
    "trusted_proxies": "XIAOWU_TRUSTED_PROXIES",
    "network_name": "XIAOWU_NETWORK_NAME",
    "privacy_contact": "XIAOWU_PRIVACY_CONTACT",
    "default_rulebook": "XIAOWU_RULEBOOK",
    "rulebook_folder": "XIAOWU_RULEBOOKS",
    "tile_url": "XIAOWU_TILE_URL",
    "tile_datum": "XIAOWU_TILE_DATUM",
    "tile_attribution": "XIAOWU_TILE_ATTRIBUTION",
    "tile_approval": "XIAOWU_TILE_APPROVAL",
    "upload_limit_bytes": "XIAOWU_UPLOAD_LIMIT_MB",
    "mail_url": "XIAOWU_MAIL_URL",
    "mail_from": "XIAOWU_MAIL_FROM",
    "backup_key": "XIAOWU_BACKUP_KEY",
    "backup_folder": "XIAOWU_BACKUP_FOLDER",
    "backup_days": "XIAOWU_BACKUP_DAYS",
    "replica_url": "DATABASE_REPLICA_URL",
    "metrics_token": "XIAOWU_METRICS_TOKEN",
    "log_format": "XIAOWU_LOG_FORMAT",
}
if set(ENVIRONMENT) != {field.name for field in fields(Settings)}:
    raise AssertionError("every setting names its environment variable")


def _secrets(mode: str, data_dir: Path, environ: Mapping[str, str]) -> dict[str, Any]:
    given = {name: environ.get(ENVIRONMENT[name], "") for name in SECRETS}
    if mode == "production":
        for name, value in given.items():
            if len(value) < 32:
                raise SettingsError(
                    "%(variable)s is missing or shorter than 32 characters; set it to a random text, for example the "
                    "output of: python3 -c 'import secrets; print(secrets.token_hex(32))'",
                    variable=ENVIRONMENT[name],
                )
        return given
    return {name: value or _kept_secret(data_dir, name) for name, value in given.items()}


def _kept_secret(data_dir: Path, name: str) -> str:
    """A demo's own secret: made once, kept in a file only its owner can read, so that a second start keeps log-ins."""
    path = data_dir / "secrets.json"
    kept: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    if name not in kept:
        kept[name] = secrets.token_hex(32)
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = path.with_suffix(".new")
        fresh.touch(mode=0o600)
        fresh.write_text(json.dumps(kept))
        fresh.replace(path)
    return kept[name]


def _database_url(given: str, data_dir: Path) -> str:
    if not given:
        return f"sqlite:///{data_dir / 'xiaowu.sqlite3'}"
    given = through_psycopg(given)
    if not given.startswith(("postgresql+psycopg://", "sqlite:///")):
        raise SettingsError("DATABASE_URL has to begin with postgresql:// or sqlite:///")
    return _readable("DATABASE_URL", given)


def _replica_url(environ: Mapping[str, str]) -> str:
    given = through_psycopg(environ.get("DATABASE_REPLICA_URL", ""))
    if given and not (given.startswith("postgresql+psycopg://") and "postgres" in environ.get("DATABASE_URL", "")):
        raise SettingsError("DATABASE_REPLICA_URL has to begin with postgresql://, as DATABASE_URL then does")
    return _readable("DATABASE_REPLICA_URL", given) if given else ""


def _readable(variable: str, given: str) -> str:
    try:
        make_url(given)
    except (ArgumentError, ValueError) as error:
        raise SettingsError("%(variable)s has to look like postgresql://…@host:5432/name", variable=variable) from error
    return given


def _base_url(mode: str, environ: Mapping[str, str]) -> str:
    given = environ.get("XIAOWU_BASE_URL", "")
    if not given and mode != "production":
        given = f"http://{environ.get('HOST', '127.0.0.1')}:{environ.get('PORT', '8000')}"
    parts = parts_of(given)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.path.strip("/") or parts.query:
        raise SettingsError(
            "XIAOWU_BASE_URL is “%(given)s”; set it to the address people reach, such as https://room.example.cn: "
            "it is printed on every poster",
            given=given,
        )
    if mode == "production" and parts.scheme != "https":
        raise SettingsError("XIAOWU_BASE_URL has to begin with https:// in production")
    return given.rstrip("/")


def _keystore_url(given: str, data_dir: Path) -> str:
    if not given:
        return f"file:///{str(data_dir / 'keys.sqlite3').lstrip('/')}"
    if not (given.startswith(("file:///", "redis://", "rediss://", "unix://")) and parts_of(given).scheme):
        raise SettingsError(
            "KEYSTORE_URL has to begin with file:///, redis://, rediss:// or unix://, such as redis://10.0.0.5:6379/0"
        )
    return given


def _tile_url(given: str) -> str:
    host = parts_of(given).netloc.replace("{s}", "")  # it becomes part of a header
    is_whole = given.startswith(("https://", "http://")) and all(part in given for part in ("{z}", "{x}", "y}"))
    is_whole = is_whole and re.fullmatch(r"[\w.:-]+", host) is not None
    if given and not is_whole:
        raise SettingsError(
            "XIAOWU_TILE_URL is “%(given)s”; set it to an address with {z}, {x} and {y}, such as "
            "https://tiles.example.cn/{z}/{x}/{y}.png, or leave it empty",
            given=given,
        )
    return given


def _mail_url(given: str) -> str:
    """Never with the password in a message: what is wrong is said without repeating the address."""
    if not given:
        return ""
    parts = parts_of(given)
    if not parts.hostname or parts.path.strip("/") or parts.scheme not in ("smtps", "smtp+tls", "smtp"):
        raise SettingsError(
            "XIAOWU_MAIL_URL has to look like smtps://name:password@mail.example.cn or smtp+tls://…:587; "
            "write @, : and / in name or password as %40, %3A and %2F"
        )
    if parts.scheme == "smtp" and parts.hostname not in ("localhost", "127.0.0.1", "::1"):
        raise SettingsError("XIAOWU_MAIL_URL begins with smtp://, which is not encrypted and for this machine only")
    return given


def _mail_from(environ: Mapping[str, str]) -> str:
    given = environ.get("XIAOWU_MAIL_FROM", "").strip()
    if environ.get("XIAOWU_MAIL_URL", "") and not _ADDRESS.fullmatch(given):
        raise SettingsError("XIAOWU_MAIL_FROM has to be the address that notices come from, such as room@example.cn")
    return given


def _long(environ: Mapping[str, str], variable: str) -> str:
    given = environ.get(variable, "")
    if given and len(given) < 32:
        raise SettingsError(
            "%(variable)s is shorter than 32 characters; set it to a random text or leave it empty", variable=variable
        )
    return given


def _whole(environ: Mapping[str, str], variable: str, default: int, low: int, high: int) -> int:
    text = environ.get(variable, str(default))
    if not (text.isascii() and text.isdigit() and low <= int(text) <= high):
        raise SettingsError(
            "%(variable)s is “%(text)s”; set it to a whole number from %(low)s to %(high)s",
            variable=variable, text=text, low=low, high=high,
        )  # fmt: skip
    return int(text)


def _line(environ: Mapping[str, str], variable: str, most: int) -> str:
    text = environ.get(variable, "").strip()
    if len(text) > most or not text.isprintable():
        raise SettingsError(
            "%(variable)s has to be one line of at most %(most)s characters", variable=variable, most=most
        )
    return text


def _one_of(environ: Mapping[str, str], variable: str, choices: tuple[str, ...]) -> str:
    text = environ.get(variable, choices[0])
    if text not in choices:
        raise SettingsError(
            "%(variable)s is “%(text)s”; set it to one of %(choices)s",
            variable=variable, text=text, choices=", ".join(choices),
        )  # fmt: skip
    return text
