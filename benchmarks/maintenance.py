"""How long sealing, backup, restore, move and retention take for a city's year of made-up uses.

    .venv/bin/python -m benchmarks.maintenance [--uses 1000000] [--months 12] [--engine sqlite|postgis] [--by rows]
        [--only retention]

With ``--by rows`` the months have no partitions on PostgreSQL, so that retention deletes row by row. Everything lies in
a temporary folder; PostgreSQL is a private server as the tests use it (fsync off, statistics made once).
"""

import argparse
import random
import resource
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from flask import Flask
from sqlalchemy import insert, select, text

from app import create_app
from app.config import Settings
from app.db import db, unit_of_work
from app.months import Month, month_range
from app.sites.models import Site
from app.usage import leaves, partitions
from app.usage.ledger import services as ledger
from app.usage.models import Rating, SiteMonth, TapKey, UsageRecord
from tests.factories import Factories
from tests.postgres import Server, server

SITES, MONTHS = 100, month_range(Month(2025, 1), Month(2025, 12))
NOW = datetime(2026, 7, 1, tzinfo=UTC)


@dataclass
class Bench:
    """A folder, a server, and the kind of database that is measured."""

    folder: Path
    postgres: Server
    engine: str

    def installation(self, name: str, url: str | None = None) -> Flask:
        """A migrated installation without rows, or the one whose database is at ``url``."""
        is_new, is_sqlite = url is None, self.engine == "sqlite"
        if url is None:
            url = f"sqlite:///{self.folder}/{name}/xiaowu.sqlite3" if is_sqlite else self.postgres.create_database()
        secrets = ("SECRET_KEY", "SECURITY_PASSWORD_SALT", "SECURITY_TOTP_SECRET", "XIAOWU_LEDGER_KEY")
        environ = {"XIAOWU_MODE": "test", "XIAOWU_DATA": str(self.folder / name), "DATABASE_URL": url}
        environ |= {"XIAOWU_BASE_URL": "http://127.0.0.1:8000", "XIAOWU_BACKUP_KEY": "b" * 32}
        app = create_app(Settings.from_environment(environ | dict.fromkeys(secrets, "s" * 32)), lambda: NOW)
        if is_new:
            call(app, "db", "upgrade")
        return app


def main() -> None:
    """Make the year, then run and time each command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--uses", type=int, default=1_000_000)
    parser.add_argument("--months", type=int, default=len(MONTHS))
    parser.add_argument("--engine", choices=("sqlite", "postgis"), default="sqlite")
    parser.add_argument("--by", choices=("partitions", "rows"), default="partitions")
    parser.add_argument("--only", choices=("retention",))
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, server() as postgres:
        bench = Bench(Path(folder), postgres, given.engine)
        app, months = bench.installation("here"), MONTHS[: given.months]
        if given.by == "partitions":
            with app.app_context():
                partitions.ensure(db.engine, months)
        timed("made up", lambda: write(app, given.uses, months))
        timed("sealed", lambda: seal(app))
        timed("checkpoints", lambda: checkpoints(app))
        if given.only is None:
            copy(bench, app, given.engine == "sqlite")
        timed("dry run", lambda: call(app, "retention", "run", "--dry-run"))
        timed("retention", lambda: call(app, "retention", "run"))
        timed("recount", lambda: call(app, "usage", "recount", "--check"))
    print(f"{'memory':<14}{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:8.0f} MB at most")


def copy(bench: Bench, app: Flask, is_sqlite: bool) -> None:
    """Back up, restore into another installation, and move to PostgreSQL."""
    there, path = bench.installation("there"), bench.folder / "xiaowu.age"
    timed("backup", lambda: call(app, "backup", str(path)))
    print(f"{'':<14}{path.stat().st_size / 1e6:8.1f} MB")
    timed("restore", lambda: call(there, "restore", str(path)))
    if is_sqlite:
        target = bench.postgres.create_database().replace("+psycopg", "")
        timed("move", lambda: call(app, "move", "--to", target))


def timed(what: str, act: Callable[[], object]) -> None:
    """Print how many seconds of the clock and of this process's processor time it takes."""
    began, used = time.monotonic(), time.process_time()
    act()
    print(f"{what:<14}{time.monotonic() - began:8.1f} s  ({time.process_time() - used:.1f} s of CPU)", flush=True)


def call(app: Flask, *words: str) -> None:
    """Run a command that has to succeed."""
    result = app.test_cli_runner().invoke(args=list(words), catch_exceptions=False)
    assert result.exit_code == 0, result.output


def write(app: Flask, uses: int, months: Sequence[Month]) -> None:
    """Made-up uses, two in five of them rated, spread evenly over the sites and months."""
    factories = Factories(app, lambda: NOW)
    host = factories.tree()[2]
    sites = [factories.site(host) for _ in range(SITES)]
    chance = random.Random(2025)
    each = uses // (SITES * len(months))
    with app.app_context():
        for month in months:
            with unit_of_work():
                for site in sites:
                    _write_month(site, month, each, chance)
        with unit_of_work():
            db.session.execute(text("ANALYZE"))  # the server of the tests does not do it by itself


def _write_month(site: Site, month: Month, each: int, chance: random.Random) -> None:
    records = list(_uses(site, month, each, chance))
    ratings = [_rating(use, each + place) for place, use in enumerate(records[: each * 2 // 5], start=1)]
    db.session.execute(insert(UsageRecord.__table__), records)
    keys = [
        {name: row[name] for name in ("site_id", "client_key", "month", "body_digest")} | {"usage_id": row["id"]}
        for row in records
    ]
    db.session.execute(insert(TapKey.__table__), keys)
    if ratings:
        db.session.execute(insert(Rating.__table__), ratings)
    tally = {"recorded": each, "counted": each, "rating_4": len(ratings), "events": each + len(ratings)}
    db.session.add(SiteMonth(site_id=site.id, month=str(month), **tally))


def _uses(site: Site, month: Month, each: int, chance: random.Random) -> Iterator[dict[str, Any]]:
    length_s = (month.end_at - month.start_at).total_seconds()
    for sequence in range(1, each + 1):
        at = month.start_at + timedelta(seconds=length_s * (sequence - 1) / each)
        row = {"site_id": site.id, "id": UUID(int=chance.getrandbits(128)), "month": str(month), "sequence": sequence}
        row |= {"client_key": UUID(int=chance.getrandbits(128)), "body_digest": chance.randbytes(16), "door_code_id": 1}
        row |= {"used_at": at, "received_at": at, "p_site": chance.randbytes(16), "p_day": None, "day_key": None}
        row |= {"purpose": "pumping", "reason": None, "repeats_id": None, "rule_version": 1}
        yield leaves.stamped("use", row, "sha256")


def _rating(use: dict[str, Any], sequence: int) -> dict[str, Any]:
    row = {name: use[name] for name in ("site_id", "month")} | {"usage_id": use["id"], "sequence": sequence, "step": 4}
    row |= {"tags": ["clean"], "comment": "", "is_counted": True}
    return leaves.stamped("rating", row | {"rated_at": use["used_at"], "changed_at": use["used_at"]}, "sha256")


def seal(app: Flask) -> None:
    """Seal everything."""
    with app.app_context():
        while True:
            with unit_of_work():
                if ledger.seal_due(NOW) is None:
                    return


def checkpoints(app: Flask) -> None:
    """Make the checkpoints of the year."""
    with app.app_context():
        for month in db.session.scalars(select(SiteMonth.month).distinct().order_by(SiteMonth.month)).all():
            with unit_of_work():
                ledger.checkpoint(Month.parse(month), NOW)


if __name__ == "__main__":
    main()
