"""A service on a database, phones at its doors, and a closed month with its checkpoint."""

import shutil
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask import Flask
from sqlalchemy import create_engine, text

from app.months import Month
from app.usage.ledger import sealer
from tests.conftest import migrate
from tests.reliability.checks import application, clock_of, fill
from tests.reliability.databases import Cluster, SmallDisk, small_disk
from tests.reliability.phones import Phones
from tests.reliability.service import Service
from tests.usage.helpers import Phone

CLOSED_AGO = timedelta(days=40)
"""So long ago always lies in a month that is closed."""


@dataclass
class Place:
    """What a scenario needs."""

    service: Service
    phones: Phones
    cluster: Cluster | None = None
    disk: SmallDisk | None = None

    def unguarded(self) -> int:
        """How many scans are kept as taken without the shared limits."""
        return int(self._rows("SELECT COALESCE(sum(taps), 0) FROM unguarded_hour")[0][0])

    def uses(self) -> list[tuple[object, ...]]:
        """Keys of the uses of open months."""
        return self._rows("SELECT client_key FROM usage_record WHERE month NOT IN (SELECT month FROM checkpoint)")

    def closed_months(self) -> list[tuple[object, ...]]:
        """Tallies, uses and checkpoints of the months that are closed by the true time."""
        last = str(Month.of(datetime.now(UTC) - timedelta(days=3)) - 1)
        tables = ("site_month", "usage_record", "rating", "checkpoint", "checkpoint_figure")
        return [row for name in tables for row in self._rows(f"SELECT * FROM {name} WHERE month <= '{last}'")]  # noqa: S608

    def _rows(self, query: str) -> list[tuple[object, ...]]:
        engine = create_engine(self.service.settings.database_url)
        with engine.connect() as connection:
            rows = sorted((tuple(row) for row in connection.execute(text(query))), key=repr)
        engine.dispose()
        return rows


def on_sqlite(stack: ExitStack, folder: Path, migrated: Path | None = None, **options: object) -> Place:
    """A service on SQLite; `is_small` puts its data on a disk of 64 MB."""
    disk = stack.enter_context(small_disk(folder / "disk")) if options.pop("is_small", False) else None
    data = disk.folder if disk else folder / "data"
    data.mkdir(exist_ok=True)
    if migrated:
        shutil.copy(migrated, data / "xiaowu.sqlite3")
    service = Service(folder / "service", f"sqlite:///{data}/xiaowu.sqlite3", data=data, **options)  # type: ignore[arg-type]
    return _ready(stack, service, Place(service, Phones(service.port, []), disk=disk), is_migrated=migrated is not None)


def on_postgresql(stack: ExitStack, folder: Path, tablespace: Path | None = None) -> Place:
    """A service on a PostgreSQL of its own that syncs to disk."""
    cluster = Cluster(folder / "cluster")
    stack.callback(cluster.stop)
    cluster.create(tablespace)
    service = Service(folder / "service", cluster.url)
    return _ready(stack, service, Place(service, Phones(service.port, []), cluster), is_migrated=False)


def _ready(stack: ExitStack, service: Service, place: Place, *, is_migrated: bool) -> Place:
    if not is_migrated:
        migrate(service.settings.database_url)
    with application(service) as app:
        place.phones.codes += fill(app, service)
        _close_a_month(app, place)
    stack.callback(service.stop)
    service.start()
    return place


def _close_a_month(app: Flask, place: Place) -> None:
    """Uses of a month that is closed, told to witnesses."""
    place.service.move_clock(days=-CLOSED_AGO.days)
    for code in place.phones.codes:
        answer = Phone(app, code).tap()
        assert answer.status_code == 303, answer.text
    place.service.move_clock()
    with app.app_context():
        _, months = sealer.run_once(clock_of(place.service))
        assert len(months) == 1
