"""Months in partitions: made ahead by anyone, while people scan; nothing is lost, moved or seen twice."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from flask import Flask
from sqlalchemy import Connection, event, select, text
from werkzeug.test import TestResponse

from app.db import db
from app.errors import Unavailable
from app.months import Month, month_range
from app.usage import partitions
from app.usage.ledger import services as ledger
from app.usage.ledger.sealer import run_once
from app.usage.models import UsageRecord
from tests.conftest import Clock
from tests.maintenance.helpers import all_rows, findings
from tests.usage.helpers import Phone

NOVEMBER = Month(2026, 11)


def is_partitioned(app: Flask) -> bool:
    with app.app_context():
        return partitions.is_partitioned(db.engine)


def ahead(app: Flask, clock: Clock) -> list[str]:
    with app.app_context():
        return [str(month) for month in partitions.ahead(clock.at)]


def looked(app: Flask, look: Callable[..., list[Month]]) -> list[str]:
    """What a function of `partitions` finds."""
    with app.app_context(), db.engine.connect() as connection:
        return [str(month) for month in look(connection)]


def where(app: Flask) -> dict[str, int]:
    """How many uses lie in which partition; on SQLite all are in the table itself."""
    place = "tableoid::regclass::text" if is_partitioned(app) else "'usage_record'"
    with app.app_context():
        rows = db.session.execute(text(f"SELECT {place}, count(*) FROM usage_record GROUP BY 1"))  # noqa: S608
        return {name: number for name, number in rows}  # noqa: C416


@contextmanager
def reading(app: Flask, statement: str = "SELECT count(*) FROM usage_record") -> Iterator[None]:
    """Somebody who reads for long: her transaction has looked at every partition."""
    with app.app_context(), db.engine.connect() as connection, connection.begin():
        connection.execute(text(statement))
        yield


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three tries within a moment."""
    monkeypatch.setattr(partitions, "TRIES", 3)
    monkeypatch.setattr(partitions, "PAUSE_S", 0.01)
    monkeypatch.setattr(partitions, "WAIT_MS", 50)


def test_months_are_made_ahead_and_only_once(app: Flask, clock: Clock) -> None:
    months = [str(month) for month in month_range(NOVEMBER, Month(2027, 2))] if is_partitioned(app) else []
    assert ahead(app, clock) == months
    assert ahead(app, clock) == []
    assert looked(app, partitions.months) == months
    clock.at = Month(2026, 12).start_at
    assert ahead(app, clock) == (["2027-03"] if months else [])


def test_a_month_that_still_takes_taps_is_made(app: Flask, clock: Clock) -> None:
    clock.at = NOVEMBER.closes_at
    ahead(app, clock)
    assert "2026-11" not in looked(app, partitions.months)
    clock.at = Month(2026, 12).closes_at
    clock.advance(seconds=-1)
    assert ahead(app, clock) == (["2027-04"] if is_partitioned(app) else [])


def test_rows_in_default_move_into_their_month(app: Flask, phone: Phone, clock: Clock) -> None:
    """Uses before and after their month has a partition, in two months, changed ratings and all: the ledger holds."""
    clock.at = NOVEMBER.end_at
    clock.advance(hours=-1)
    receipt = phone.logged()
    phone.rate(receipt, 5)
    phone.rate(receipt, 3)
    clock.advance(hours=2)
    phone.logged()
    clock.advance(hours=1)
    with app.app_context():
        run_once(clock.at)
    before = all_rows(app)
    in_default = ["2026-11", "2026-12"] if is_partitioned(app) else []
    assert looked(app, partitions.in_default) == in_default
    assert looked(app, partitions.present) == ["2026-11", "2026-12"]
    assert findings(app, clock.at) == []

    ahead(app, clock)

    assert looked(app, partitions.in_default) == []
    assert all_rows(app) == before
    assert findings(app, clock.at) == []
    if in_default:
        assert where(app) == {"usage_record_2026_11": 1, "usage_record_2026_12": 1}
    form = phone.form()
    assert phone.send(form).headers["Location"] == phone.send(form).headers["Location"]
    assert phone.rate(receipt, 1).status_code == 303
    with app.app_context():
        run_once(clock.at)
    assert findings(app, clock.at) == []
    assert sum(where(app).values()) == 3
    assert looked(app, partitions.in_default) == []


def test_each_partition_has_the_keys_of_its_table(app: Flask, clock: Clock) -> None:
    """A partition that was attached is like one that a migration has made."""
    ahead(app, clock)
    keys = (
        "SELECT regexp_replace(pg_get_indexdef(i.indexrelid), '^.*USING', ''), i.indisunique, i.indisprimary "
        "FROM pg_index i WHERE i.indrelid = '{}'::regclass ORDER BY 1"
    )
    checks = "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = '{}'::regclass ORDER BY 1"
    with app.app_context():
        for table in partitions.TABLES if is_partitioned(app) else ():
            for look in (keys, checks):
                of = [
                    db.session.execute(text(look.format(f"{table}{end}"))).all() for end in ("", "_default", "_2026_11")
                ]
                assert of[0] == of[1] == of[2] != []


def test_many_processes_make_them_at_once(app: Flask, clock: Clock) -> None:
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: ahead(app, clock), range(4)))
    assert all(set(one) <= set(looked(app, partitions.months)) for one in made)
    assert len(looked(app, partitions.months)) == (4 if is_partitioned(app) else 0)


@pytest.mark.usefixtures("impatient")
def test_who_reads_for_long_is_not_disturbed_and_disturbs_no_tap(app: Flask, phone: Phone, clock: Clock) -> None:
    phone.logged()
    if not is_partitioned(app):
        return
    with reading(app), pytest.raises(Unavailable, match="are in use"):
        ahead(app, clock)
    clock.advance(hours=1)
    phone.logged()
    assert where(app) == {"usage_record_default": 2}
    ahead(app, clock)
    assert where(app) == {"usage_record_2026_11": 2}


@pytest.mark.usefixtures("impatient")
def test_one_look_holds_the_partitions_that_it_will_read(app: Flask, phone: Phone, clock: Clock) -> None:
    """A look that began before a row moved would not find it in its new place."""
    phone.logged()
    if not is_partitioned(app):
        return
    with app.app_context(), db.engine.connect() as held:
        look = held.execution_options(isolation_level="REPEATABLE READ")
        partitions.hold(look)
        look.execute(text("SELECT 1"))
        with pytest.raises(Unavailable):
            partitions.ahead(clock.at)
        assert len(look.execute(select(UsageRecord.id).where(UsageRecord.month == "2026-11")).all()) == 1


def test_taps_go_on_while_months_are_made(app: Flask, phone: Phone, clock: Clock) -> None:
    """Each tap is answered and lies in exactly one place, whichever statement it met."""
    if not is_partitioned(app):
        return
    stop = threading.Event()

    def tap() -> int:
        number = 0
        while not stop.is_set() and number < 12:
            assert phone.tap().status_code == 303
            number += 1
        return number

    with ThreadPoolExecutor(1) as pool:
        tapping = pool.submit(tap)
        ahead(app, clock)
        stop.set()
        taps = tapping.result()
    phone.logged()
    found = where(app)
    assert sum(found.values()) == taps + 1
    assert set(found) == {"usage_record_2026_11"}
    with app.app_context():
        run_once(clock.at)
        assert list(ledger.verify(None, None, (), clock.at)) == []


def test_a_tap_that_meets_a_month_being_made_waits_for_it(app: Flask, phone: Phone, clock: Clock) -> None:
    """Her first use: there is none before it to look for, so that storing it is what first wants the table."""
    form = phone.form()
    if not is_partitioned(app):
        return
    maker = threading.get_ident()
    waiting = text(
        "SELECT count(*) FROM pg_locks JOIN pg_database d ON d.oid = database "
        "WHERE datname = current_database() AND NOT granted"
    )
    with app.app_context():
        engine = db.engine

    def on_commit(_: Connection) -> None:
        if threading.get_ident() == maker and not tapping:
            tapping.append(pool.submit(phone.send, form))
            with engine.connect() as look:
                while not tapping[0].done() and not look.scalar(waiting):
                    time.sleep(0.01)

    with ThreadPoolExecutor(1) as pool:
        tapping: list[Future[TestResponse]] = []
        event.listen(engine, "commit", on_commit)
        ahead(app, clock)
        event.remove(engine, "commit", on_commit)
        assert tapping[0].result().status_code == 303
    assert where(app) == {"usage_record_2026_11": 1}


def test_an_upgrade_leaves_the_months_ahead(app: Flask, clock: Clock) -> None:
    assert app.test_cli_runner().invoke(args=["db", "upgrade"]).exit_code == 0
    assert looked(app, partitions.months)[-1:] == (["2027-02"] if is_partitioned(app) else [])
    assert ahead(app, clock) == []
