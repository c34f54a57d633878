"""Ours with its data: a migrated database filled with a world, and the environment that points to it."""

import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import orjson
import psycopg
from psycopg import sql
from sqlalchemy import Table, create_engine, insert

from benchmarks.http.data import CODES, SITES, World

ROOT = Path(__file__).resolve().parents[2]
SECRET = "benchmark-" * 4
HOST_ID, AT_ONCE = 1, 10_000
UNION = {"id": HOST_ID, "code": "bench", "name": "市总工会", "level": "municipal", "path": "/1/"}


@dataclass(frozen=True)
class Installation:
    """A folder for keys and files, and a database given as a libpq URL or ``sqlite:///…``."""

    folder: Path
    database_url: str

    @property
    def environment(self) -> Mapping[str, str]:
        """What a server started for it finds in its environment."""
        secrets = ("SECRET_KEY", "SECURITY_PASSWORD_SALT", "SECURITY_TOTP_SECRET", "XIAOWU_LEDGER_KEY")
        return {
            **{name: text for name, text in os.environ.items() if not name.startswith(("XIAOWU_", "DATABASE_"))},
            **dict.fromkeys(secrets, SECRET),
            "XIAOWU_DATA": str(self.folder),
            "XIAOWU_BASE_URL": "https://bench.example",
            "XIAOWU_TRUSTED_PROXIES": "1",
            "DATABASE_URL": self.database_url,
        }

    def fill(self, world: World) -> None:
        """Migrate the database and load the world into it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        migrate = [sys.executable, "-m", "flask", "--app", "app.wsgi", "db", "upgrade"]
        subprocess.run(migrate, check=True, cwd=ROOT, env=self.environment, capture_output=True)
        tables = [(SITES, world.site_rows(HOST_ID)), (CODES, world.code_rows())]
        if self.database_url.startswith("sqlite"):
            _insert(self.database_url, tables)
        else:
            _copy(self.database_url, tables)


Rows = Iterable[tuple[Table, Iterator[dict[str, Any]]]]


def _insert(url: str, tables: Rows) -> None:
    unions = SITES.metadata.tables["trade_union"]
    with create_engine(url).begin() as connection:
        connection.execute(insert(unions), UNION)
        for table, rows in tables:
            while some := list(islice(rows, AT_ONCE)):
                connection.execute(insert(table), some)


def _copy(url: str, tables: Rows) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        union = sql.SQL("INSERT INTO trade_union ({}) VALUES ({})").format(
            sql.SQL(", ").join(map(sql.Identifier, UNION)), sql.SQL(", ").join(map(sql.Literal, UNION.values()))
        )
        connection.execute(union)
        for table, rows in tables:
            names = [column.name for column in table.columns]
            columns = sql.SQL(", ").join(map(sql.Identifier, names))
            copy = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table.name), columns)
            with connection.cursor().copy(copy) as target:
                for row in rows:
                    target.write_row([_plain(row[name]) for name in names])
        connection.execute("VACUUM ANALYZE")


def _plain(value: Any) -> Any:
    return orjson.dumps(value).decode() if isinstance(value, dict) else value
