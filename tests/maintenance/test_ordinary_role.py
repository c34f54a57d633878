"""The service as docs/operations.md sets it up: its role owns the database and nothing else on the server."""

import os
from pathlib import Path

import psycopg
import pytest
from flask import Flask

from app import create_app
from app.config import Settings
from tests.applications import close
from tests.conftest import Clock, migrate
from tests.factories import Factories
from tests.maintenance.helpers import BACKUP_KEY, all_rows, done
from tests.postgres import Server
from tests.usage.helpers import Phone


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_its_backup_goes_back(environ: dict[str, str], clock: Clock, tmp_path: Path, postgres: Server) -> None:
    with postgres.database() as url:
        role = f"ordinary_{os.getpid()}"
        plain = url.replace("postgresql+psycopg://", "postgresql://")
        with psycopg.connect(plain, autocommit=True) as connection:
            connection.execute(f"CREATE ROLE {role} LOGIN".encode())
            connection.execute(f"ALTER DATABASE {url.rsplit('/', 1)[1].partition('?')[0]} OWNER TO {role}".encode())
        own_url = url.replace("//postgres@", f"//{role}@")
        assert own_url != url
        migrate(own_url)
        own = {"DATABASE_URL": own_url, "XIAOWU_BACKUP_KEY": BACKUP_KEY, "XIAOWU_DATA": str(tmp_path / "data")}
        app = create_app(Settings.from_environment(environ | own), clock)
        _there_and_back(app, clock, tmp_path)
        close(app)
        with psycopg.connect(plain, autocommit=True) as connection:
            connection.execute(f"REASSIGN OWNED BY {role} TO postgres".encode())
            connection.execute(f"DROP OWNED BY {role}".encode())
            connection.execute(f"DROP ROLE {role}".encode())


def _there_and_back(app: Flask, clock: Clock, folder: Path) -> None:
    factories = Factories(app, clock)
    Phone(app, factories.door_code(factories.site()).code).logged()
    before = all_rows(app, "directory_version")
    done(app, "backup", str(folder / "one.age"))
    done(app, "restore", str(folder / "one.age"), "--replace")
    assert all_rows(app, "directory_version") == before
    done(app, "maintenance", "run", "--all")
