"""From SQLite to PostgreSQL: every row, every hash, every tally; or nothing."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine, NullPool, create_engine, text, update

from app import create_app
from app.accounts.models import TradeUnion
from app.config import Settings
from app.db import db, unit_of_work
from app.maintenance.backups import is_empty
from app.months import Month
from app.sites.models import Site
from app.usage import partitions
from tests.applications import close
from tests.conftest import Clock
from tests.factories import Factories
from tests.maintenance.helpers import all_rows, checkpoint, done, findings, rows, run, seal
from tests.postgres import Server
from tests.usage.helpers import Phone, tally


@pytest.fixture
def database_url(request: pytest.FixtureRequest, worker_folder: Path) -> str:
    """What is moved is always SQLite."""
    path = worker_folder / "moved.sqlite3"
    for old in worker_folder.glob("moved.sqlite3*"):
        old.unlink()
    path.write_bytes(request.getfixturevalue("migrated_sqlite").read_bytes())
    return f"sqlite:///{path}"


@pytest.fixture
def target(postgres: Server) -> Iterator[str]:
    """An empty PostgreSQL database with PostGIS, without tables."""
    with postgres.database() as url:
        yield url


@pytest.fixture
def there(target: str) -> Iterator[Engine]:
    """Its engine."""
    engine = create_engine(target, poolclass=NullPool)
    yield engine
    engine.dispose()


@pytest.fixture
def moved(app: Flask, life: Site, target: str, clock: Clock, tmp_path: Path) -> Iterator[Flask]:
    """The application on PostgreSQL after the move of a life with a checkpoint."""
    assert life
    clock.advance(days=15)
    checkpoint(app, "2026-11", clock.at)
    said = done(app, "move", "--to", target.replace("+psycopg", ""))
    assert "moved and compared, none differs" in said
    settings: Settings = app.extensions["settings"]
    on_postgres = create_app(replace(settings, database_url=target, data_dir=tmp_path / "moved"), clock)
    yield on_postgres
    close(on_postgres)


def test_everything_is_there(app: Flask, moved: Flask, life: Site, clock: Clock) -> None:
    assert all_rows(moved) == all_rows(app)
    assert tally(moved, life.id) == tally(app, life.id) == {"recorded": 2, "counted": 2, "rating_4": 1}
    assert findings(moved, clock.at) == findings(app, clock.at) == []
    with moved.app_context():
        connection = db.session.connection()
        assert (partitions.months(connection), partitions.in_default(connection)) == ([Month(2026, 11)], [])


def test_life_goes_on_there(moved: Flask, clock: Clock) -> None:
    """New rows get numbers of their own, and the chain grows."""
    factories = Factories(moved, clock)
    clock.advance(days=1)
    factories.site(factories.union(), name="新开的小屋")
    Phone(moved, "abc123abc123").logged()
    seal(moved, clock.at)
    assert findings(moved, clock.at) == []


def test_a_union_above_one_with_a_smaller_number(app: Flask, factories: Factories, target: str, there: Engine) -> None:
    """A foreign key into the same table points forward, and is checked all the same."""
    first, second = factories.union("district"), factories.union("municipal")
    with app.app_context(), unit_of_work():
        db.session.execute(update(TradeUnion).where(TradeUnion.id == first.id).values(parent_id=second.id))
    done(app, "move", "--to", target)
    assert rows(there)["trade_union"] == all_rows(app)["trade_union"]
    with there.connect() as connection:
        deferrable = "SELECT count(*) FROM pg_constraint WHERE condeferrable"
        assert connection.scalar(text(deferrable)) == 0


def test_the_source_stays_as_it_is(app: Flask, life: Site, target: str) -> None:
    assert life
    before = all_rows(app)
    done(app, "move", "--to", target)
    assert all_rows(app) == before
    again = run(app, "move", "--to", target)
    assert again.exit_code == 1
    assert "is not empty" in again.output


def test_a_row_that_does_not_fit_moves_nothing(app: Flask, life: Site, target: str, there: Engine) -> None:
    """SQLite does not mind how long a text is."""
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(text("UPDATE site SET name = :name WHERE id = :id"), {"name": "长" * 500, "id": life.id})
    refused = run(app, "move", "--to", target)
    assert refused.exit_code == 1
    assert "A row of site does not fit: value too long" in refused.output
    assert is_empty(there)


@pytest.mark.parametrize(
    ("where", "says"),
    [
        ("sqlite:////tmp/x.sqlite3", "only to postgresql://"),
        ("nonsense", "only to postgresql://"),
        ("postgresql://u:secret@127.0.0.1:1/x", "cannot be used"),
    ],
)
def test_where_it_cannot_go(app: Flask, where: str, says: str) -> None:
    refused = run(app, "move", "--to", where)
    assert refused.exit_code == 1
    assert says in refused.output
    assert "secret" not in refused.output
