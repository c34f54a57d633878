"""A list imported into an empty database and once more, beside a plain executemany of what it stored."""

import cProfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from flask import Flask
from sqlalchemy import Table, insert, select, text

from app import create_app
from app.config import Settings
from app.db import db, unit_of_work
from app.sites.datums import Datum
from app.sites.importing.profile_loader import load_profile
from app.sites.importing.run import Order, find_union, run_import
from app.sites.models import Site, SiteChange
from benchmarks.files.lists import write_csv
from benchmarks.files.measuring import Span, measured
from benchmarks.shares import told
from benchmarks.table import Row, Target
from tests.conftest import migrate
from tests.factories import Factories

NOW = datetime(2026, 7, 1, tzinfo=UTC)
TABLES = [cast("Table", SiteChange.__table__), cast("Table", Site.__table__)]
PER_S = Target.at_least(5000, "rows/s of CPU")


def rows(folder: Path, url: str, number: int) -> list[Row]:
    """Rows a second by time of CPU, against a plain executemany of the same rows through SQLAlchemy."""
    migrate(url)
    app = _application(folder, url)
    union = Factories(app, lambda: NOW).tree()[1]
    path = write_csv(folder / "list.csv", number)
    with app.app_context():
        new, again = _import(path, union.code), _import(path, union.code)
        plain = _executemany()
    name = url.partition(":")[0].partition("+")[0]
    theirs = _shown(plain, number)
    found = [
        Row(f"import {number:,} new rows, {name}", number / new.cpu_s, PER_S, _shown(new, number),
            "executemany of the same rows", theirs, by_cpu=plain.cpu_s / new.cpu_s),
        Row(f"the same list again, {name}", number / again.cpu_s, PER_S, _shown(again, number),
            "executemany of the same rows", theirs, by_cpu=plain.cpu_s / again.cpu_s),
    ]  # fmt: skip
    if not all(row.is_met for row in found):
        print(told(_profile(app, path, union.code), number, f"new row, {name}"))
    return found


def _profile(app: Flask, path: Path, code: str) -> cProfile.Profile:
    """Of the list into empty tables once more."""
    profile = cProfile.Profile()
    with app.app_context():
        for table in TABLES:
            db.session.execute(table.delete())
        db.session.commit()
        profile.runcall(_import, path, code)
    return profile


def _shown(span: Span, number: int) -> str:
    return f"{span.clock_s:.1f} s, {span.cpu_s:.1f} s of CPU, {number / span.clock_s:,.0f} rows/s"


def _application(folder: Path, url: str) -> Flask:
    secrets = ("SECRET_KEY", "SECURITY_PASSWORD_SALT", "SECURITY_TOTP_SECRET", "XIAOWU_LEDGER_KEY")
    environ = {"XIAOWU_MODE": "test", "XIAOWU_DATA": str(folder), "DATABASE_URL": url}
    environ |= {"XIAOWU_BASE_URL": "http://127.0.0.1:8000"} | dict.fromkeys(secrets, "s" * 32)
    return create_app(Settings.from_environment(environ), lambda: NOW)


def _backend() -> int | None:
    if db.engine.dialect.name == "sqlite":
        return None
    return int(db.session.scalars(text("SELECT pg_backend_pid()")).one())


def _import(path: Path, code: str) -> Span:
    with unit_of_work():
        order = Order(path, load_profile("standard"), find_union(code), NOW, Datum.GCJ02)
        with measured(_backend()) as span:
            run_import(order)
            db.session.commit()
    return span


def _executemany() -> Span:
    """Everything that lies there is taken out and put in again."""
    kept: list[list[dict[str, Any]]] = []
    for table in TABLES:
        kept.append([dict(row._mapping) for row in db.session.execute(select(table))])
        db.session.execute(table.delete())
    db.session.commit()
    backend = _backend()
    with measured(backend) as span:
        for table, stored in zip(reversed(TABLES), reversed(kept), strict=True):
            db.session.connection().execute(insert(table), stored)
        db.session.commit()
    return span
