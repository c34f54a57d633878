"""A whole month goes with its partitions: what is left is the same as row by row; all of it goes, or nothing."""

from contextlib import closing
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import delete, event, select, text

from app.anomalies.models import DaySignal
from app.db import db, unit_of_work
from app.maintenance import retention
from app.months import Month
from app.sites.models import Site
from app.usage import erasing, leaves, partitions
from app.usage.models import Erasure, HourBucket, TapKey, UsageRecord
from tests.conftest import Clock
from tests.factories import Factories
from tests.maintenance.helpers import all_rows, done, findings
from tests.maintenance.test_retention import NOVEMBER, OVER, table
from tests.usage.helpers import Phone

KIND = "site-months whose records become hours"


def months(app: Flask) -> list[str]:
    with app.app_context():
        return [str(month) for month in partitions.months(db.session.connection())]


@pytest.fixture
def parted(app: Flask, clock: Clock) -> bool:
    """Whether November has partitions: only on PostgreSQL."""
    with app.app_context():
        return bool(partitions.ahead(clock.at))


@pytest.fixture
def other(app: Flask, factories: Factories) -> Phone:
    """A phone at a second room's door."""
    return Phone(app, factories.door_code(factories.site()).code)


def left(app: Flask) -> list[tuple[object, ...]]:
    """What is left of November: its erasure events without their salts, and its hours."""
    with app.app_context():
        events = select(Erasure.site_id, Erasure.sequence, Erasure.records, Erasure.buckets).order_by(Erasure.site_id)
        hours = select(HourBucket.site_id, HourBucket.hour_at, HourBucket.recorded, HourBucket.too_soon)
        found = (events, hours.order_by(HourBucket.site_id, HourBucket.hour_at))
        return [tuple(row) for look in found for row in db.session.execute(look)]


def test_the_same_is_left_as_row_by_row(app: Flask, life: Site, other: Phone, phone: Phone, clock: Clock) -> None:
    """Made from one history: one month by its rows, and then, put back, by its partitions."""
    other.logged()
    other.logged()
    clock.advance(hours=2)
    phone.logged()
    clock.at = OVER
    before = snapshot(app)
    said = table(done(app, "retention", "run"))
    by_rows = left(app)
    assert next(row for row in by_rows if row[0] == life.id)[1:3] == (6, 5)
    assert findings(app, clock.at) == []

    put_back(app, before)
    clock.at = NOVEMBER.closes_at - timedelta(seconds=1)
    with app.app_context():
        is_parted = bool(partitions.ahead(clock.at))
    clock.at = OVER
    assert table(done(app, "retention", "run")) == said
    assert left(app) == by_rows
    assert findings(app, clock.at) == []
    assert months(app) == (["2026-12", "2027-01", "2027-02", "2027-03"] if is_parted else [])


def snapshot(app: Flask) -> dict[str, list[dict[str, object]]]:
    with app.app_context():
        tables = (*partitions.TABLES, TapKey.__table__, erasing._TALLIES)
        return {one.name: [dict(row) for row in db.session.execute(select(one)).mappings()] for one in tables}


def put_back(app: Flask, rows: dict[str, list[dict[str, object]]]) -> None:
    """Undo an erasure, which nobody else can: its events have not been there."""
    with app.app_context(), unit_of_work():
        for model in (Erasure, HourBucket):
            db.session.execute(delete(model))
        for name in ("sealed_batch", "checkpoint", "checkpoint_figure", "seal"):
            db.session.execute(text(f"DELETE FROM {name}"))  # noqa: S608
        by_name = {one.name: one for one in (*partitions.TABLES, TapKey.__table__, erasing._TALLIES)}
        for name, values in rows.items():
            db.session.execute(delete(by_name[name]))
            if values:
                db.session.execute(
                    by_name[name].insert(), [row | UNSEALED if "sealed" in row else row for row in values]
                )


UNSEALED = {"sealed": 0}


def test_what_is_kept_about_a_month_is_kept_before(app: Flask, parted: bool, life: Site, clock: Clock) -> None:
    assert months(app)[:1] == (["2026-11"] if parted else [])
    clock.at = OVER
    done(app, "retention", "run")
    with app.app_context():
        assert db.session.scalars(select(DaySignal.site_id)).all() == [life.id]
        assert db.session.scalars(select(TapKey.site_id)).all() == []


def test_a_site_that_cannot_go_keeps_its_rows_and_no_others(
    app: Flask, parted: bool, life: Site, other: Phone, clock: Clock
) -> None:
    """Somebody has deleted a record of the other room before it was sealed: there is no checkpoint for this month."""
    other.logged()
    other.logged()
    with app.app_context(), unit_of_work():
        db.session.execute(delete(UsageRecord).where(UsageRecord.site_id != life.id, UsageRecord.sequence == 1))
    clock.at = OVER
    before = all_rows(app)
    said = done(app, "retention", "run")
    assert table(said)[KIND] == [2, 0]
    assert "1 kept: The records of 2026-11 cannot be erased before the month has a checkpoint" in said
    after = all_rows(app)
    assert all(len(after[one.name]) == len(before[one.name]) for one in partitions.TABLES)
    assert ("2026-11" in months(app)) == parted


def test_a_record_of_no_tally_does_not_go_with_the_others(app: Flask, parted: bool, life: Site, clock: Clock) -> None:
    with app.app_context(), unit_of_work():
        mine = db.session.execute(select(UsageRecord.__table__).limit(1)).mappings().one()
        stranger = leaves.stamped("use", {**mine, "site_id": life.id + 1}, "sha256")
        db.session.execute(UsageRecord.__table__.insert(), stranger)
    clock.at = OVER
    assert table(done(app, "retention", "run"))[KIND] == [1, 1]
    with app.app_context():
        assert db.session.scalars(select(UsageRecord.site_id)).all() == [life.id + 1]
    assert ("2026-11" in months(app)) == parted


def test_a_crash_before_the_end_leaves_everything(app: Flask, parted: bool, life: Site, clock: Clock) -> None:
    """The connection breaks when all is written and the partitions are about to go."""
    assert life

    def die(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("DROP TABLE"):
            raise ConnectionError

    clock.at = OVER
    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", die)
    if parted:
        with pytest.raises(ConnectionError):
            done(app, "retention", "run")
        assert [len(all_rows(app)[name]) for name in ("erasure", "hour_bucket", "usage_record")] == [0, 0, 2]
        assert findings(app, clock.at) == []
    event.remove(engine, "before_cursor_execute", die)
    assert table(done(app, "retention", "run"))[KIND] == [1, 1]
    assert findings(app, clock.at) == []


def test_a_month_in_use_waits_for_the_next_run(
    app: Flask, parted: bool, life: Site, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert life
    if not parted:
        return
    for name, value in (("TRIES", 2), ("PAUSE_S", 0.01), ("WAIT_MS", 50)):
        monkeypatch.setattr(partitions, name, value)
    monkeypatch.setattr(retention, "_purge", lambda: None)
    clock.at = OVER
    with app.app_context(), closing(db.engine.connect()) as look:
        partitions.hold(look)
        said = done(app, "retention", "run")
    assert table(said)[KIND] == [1, 0]
    assert "1 kept: The months of the event tables are in use" in said
    assert "2026-11" in months(app)
    assert findings(app, clock.at) == []
    assert table(done(app, "retention", "run"))[KIND] == [1, 1]
    assert "2026-11" not in months(app)


def test_what_was_begun_by_rows_is_finished_whole(
    app: Flask, parted: bool, life: Site, other: Phone, clock: Clock
) -> None:
    other.logged()
    clock.at = OVER
    with app.app_context():
        retention._seal(clock.at)
        retention._tell(NOVEMBER, clock.at)
        with unit_of_work():
            erasing.erase(life.id, NOVEMBER, clock.at)
    assert table(done(app, "retention", "run"))[KIND] == [1, 1]
    assert ("2026-11" in months(app)) is False
    assert findings(app, clock.at) == []
    assert len(months(app)) == (3 if parted else 0)


def test_an_empty_partition_goes_in_its_time(app: Flask, parted: bool, life: Site, clock: Clock) -> None:
    clock.at = OVER
    with app.app_context():
        retention._seal(clock.at)
        retention._tell(NOVEMBER, clock.at)
        with unit_of_work():
            erasing.erase(life.id, NOVEMBER, clock.at)
        retention._seal(clock.at)
    done(app, "retention", "run")
    assert months(app) == ([str(Month(2026, 12) + n) for n in range(3)] if parted else [])
    assert findings(app, clock.at) == []
