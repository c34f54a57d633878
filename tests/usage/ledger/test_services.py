"""Sealing and checkpoints."""

from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import delete, select

from app.db import db, unit_of_work
from app.errors import Conflict
from app.sites.models import DoorCode
from app.usage.ledger import services
from app.usage.ledger.models import CheckpointFigure, SealedBatch
from app.usage.models import SiteMonth, UsageRecord
from tests.conftest import Clock
from tests.usage.ledger.helpers import NOVEMBER, OCTOBER, checkpoint, findings, seal, seals, use, visits, witness


def test_what_has_happened_is_sealed_once(app: Flask, doors: list[DoorCode], october: datetime) -> None:
    end = visits(app, doors[0].code, october, 5)
    visits(app, doors[1].code, october, 2)
    assert seal(app, end) == 1
    assert seal(app, end) == 0
    (first,) = seals(app)
    assert (first.number, first.batches, first.events) == (1, 2, 14)
    assert first.previous_hash == bytes(32)
    with app.app_context():
        tallies = db.session.scalars(select(SiteMonth)).all()
        assert all(tally.sealed == tally.events for tally in tallies)
        batch = db.session.scalars(select(SealedBatch).order_by(SealedBatch.site_id)).first()
        assert batch is not None
        assert batch.counters == {name: getattr(tallies[0], name) for name in batch.counters}
    assert findings(app, end) == ()


def test_seals_follow_each_other(app: Flask, doors: list[DoorCode], october: datetime) -> None:
    for minute in range(3):
        use(app, doors[0].code, october + timedelta(minutes=minute))
        assert seal(app, october + timedelta(minutes=minute)) == 1
    first, second, third = seals(app)
    assert [first.number, second.number, third.number] == [1, 2, 3]
    assert second.previous_hash == first.seal_hash
    assert third.previous_hash == second.seal_hash
    assert findings(app, october) == ()


def test_a_long_rest_is_sealed_in_several_seals(
    app: Flask, doors: list[DoorCode], october: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "MOST_BATCHES", 1)
    visits(app, doors[0].code, october, 2)
    end = visits(app, doors[1].code, october, 2)
    assert seal(app, end) == 2
    assert [row.batches for row in seals(app)] == [1, 1]
    assert findings(app, end) == ()


def test_a_gap_is_not_sealed_and_is_said(
    app: Flask, doors: list[DoorCode], october: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    gone = use(app, doors[0].code, october)
    end = visits(app, doors[0].code, october, 2)
    visits(app, doors[1].code, october, 1)
    with app.app_context(), unit_of_work():
        db.session.execute(delete(UsageRecord).where(UsageRecord.id == gone))
    assert seal(app, end) == 1
    assert seals(app)[0].batches == 1
    assert f"events of site {doors[0].site_id} in 2026-10 are not complete" in caplog.text
    assert any("missing" in finding.message for finding in findings(app, end))


def test_an_open_month_and_an_unsealed_one_have_no_checkpoint(
    app: Flask, doors: list[DoorCode], october: datetime, clock: Clock
) -> None:
    with pytest.raises(Conflict, match="not closed"):
        checkpoint(app, NOVEMBER, clock.at)
    with pytest.raises(Conflict, match="Nothing was recorded"):
        checkpoint(app, OCTOBER, clock.at)
    use(app, doors[0].code, october)
    with pytest.raises(Conflict, match="not sealed"):
        checkpoint(app, OCTOBER, clock.at)


def test_a_closed_month_has_one_checkpoint(app: Flask, doors: list[DoorCode], october: datetime, clock: Clock) -> None:
    visits(app, doors[0].code, october, 5)
    visits(app, doors[1].code, october, 2)
    seal(app, clock.at)
    made = checkpoint(app, OCTOBER, clock.at)
    assert checkpoint(app, OCTOBER, clock.at + timedelta(days=1)).made_at == made.made_at == clock.at
    assert (made.sites, made.seal_number) == (2, 1)
    with app.app_context():
        exact = [row.exact["counted"] for row in db.session.scalars(select(CheckpointFigure))]
    assert sorted(exact) == [2, 5]
    assert findings(app, clock.at, [witness(made)]) == ()
