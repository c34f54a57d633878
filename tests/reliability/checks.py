"""After a fault: is everything there that was acknowledged, once, and does everything add up?"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from flask import Flask
from sqlalchemy import Connection, text

from app import create_app
from app.config import Settings
from app.db import db
from tests.applications import Client
from tests.factories import Factories
from tests.reliability.phones import Phones
from tests.reliability.service import Service

EVENTS = ("usage_record", "rating", "superseded_leaf", "presence", "adjustment", "erasure")
SITES = 3


def clock_of(service: Service) -> datetime:
    """The present instant by the clock of the service."""
    return datetime.now(UTC) + timedelta(seconds=float(service.offset.read_text()))


@contextmanager
def application(service: Service) -> Iterator[Flask]:
    """The same application in this process, on the same database, with keys and limits of its own."""
    app = create_app(Settings.from_environment(service.environ | {"KEYSTORE_URL": ""}), lambda: clock_of(service))
    app.test_client_class = Client
    try:
        yield app
    finally:
        app.extensions["sealer"].stop()
        with app.app_context():
            db.engine.dispose()


def fill(app: Flask, service: Service) -> list[str]:
    """Put a few sites into an empty database and return their door codes."""
    factories = Factories(app, lambda: clock_of(service))
    unit = factories.tree()[2]
    return [factories.door_code(factories.site(unit)).code for _ in range(SITES)]


def assert_whole(service: Service, phones: Phones) -> None:
    """Nothing lost, nothing double, sequences without gaps, tallies and ledger right, files intact.

    Every tap must have been acknowledged before (`Phones.settle`).
    """
    assert phones.wrong == []
    assert set(phones.receipts) == set(phones.sent)
    with application(service) as app:
        with app.app_context(), db.engine.connect().execution_options(reads_only=True) as connection:
            _assert_rows(connection, phones)
            _assert_sequences(connection)
            if connection.dialect.name == "sqlite":
                assert connection.execute(text("PRAGMA integrity_check")).scalar() == "ok"
        _assert_commands(app)


def _assert_rows(connection: Connection, phones: Phones) -> None:
    closed = "SELECT month FROM checkpoint"  # what was there before the phones came
    rows = connection.execute(text(f"SELECT client_key, id FROM usage_record WHERE month NOT IN ({closed})")).all()  # noqa: S608
    found = Counter(_hex(row.client_key) for row in rows)
    assert {key: number for key, number in found.items() if number > 1} == {}, "recorded twice"
    stored = {_hex(row.client_key): _hex(row.id) for row in rows}
    given = {key.hex: receipt.hex for key, receipt in phones.receipts.items()}
    assert set(given) - set(stored) == set(), "acknowledged and lost"
    assert stored == given, "not what was acknowledged"
    rated = connection.execute(text("SELECT usage_id, step FROM rating")).all()
    steps = {_hex(row.usage_id): row.step for row in rated}
    assert {receipt.hex: step for receipt, step in phones.ratings.items() if steps.get(receipt.hex) != step} == {}


def _assert_sequences(connection: Connection) -> None:
    taken: dict[tuple[int, str], list[int]] = {}
    for table in EVENTS:
        for row in connection.execute(text(f"SELECT site_id, month, sequence FROM {table}")):  # noqa: S608
            taken.setdefault((row.site_id, row.month), []).append(row.sequence)
    given = connection.execute(text("SELECT site_id, month, events, recorded FROM site_month")).all()
    for row in given:
        assert sorted(taken.get((row.site_id, row.month), [])) == list(range(1, row.events + 1)), "gaps"
    assert sum(row.recorded for row in given) == connection.execute(text("SELECT count(*) FROM usage_record")).scalar()


def _assert_commands(app: Flask) -> None:
    runner = app.test_cli_runner()
    commands = [["usage", "recount", "--check"]]
    if "ledger" in app.cli.commands:
        commands += [["ledger", "seal"], ["ledger", "verify"]]
    for words in commands:
        done = runner.invoke(args=words)
        assert done.exit_code == 0, (words, done.output, done.exception)


def _hex(value: object) -> str:
    return str(value).replace("-", "")
