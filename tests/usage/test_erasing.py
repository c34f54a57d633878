"""After retention the hours stay, the records are gone, and the tallies are still what they were."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from app.db import db, unit_of_work
from app.errors import Conflict
from app.months import Month
from app.sites.models import Site
from app.usage import erasing, leaves, tallies
from app.usage.ledger.models import Checkpoint, Seal
from app.usage.models import Erasure, HourBucket, Presence, Rating, SiteMonth, SupersededLeaf, UsageRecord
from tests.conftest import Clock
from tests.usage.helpers import Phone, receipt_id, tally

NOVEMBER = Month(2026, 11)
RAW = (Presence, Rating, SupersededLeaf, UsageRecord)


def sealed(app: Flask, month: Month = NOVEMBER) -> None:
    """Say that every event of the month is sealed, and make its checkpoint, as the ledger would."""
    blank, head = b"\0" * 32, {"number": 1, "algorithm": "sha256", "batches": 0, "events": 0, "key_id": ""}
    with app.app_context(), unit_of_work():
        db.session.execute(update(SiteMonth).where(SiteMonth.month == str(month)).values(sealed=SiteMonth.events))
        signed = {"root": blank, "signature": blank, "seal_hash": blank}
        if db.session.get(Seal, 1) is None:
            db.session.add(Seal(**head, **signed, previous_hash=blank, sealed_at=month.closes_at))
            db.session.flush()
        made = {"month": str(month), "made_at": month.closes_at, "algorithm": "sha256", "seal_number": 1, "sites": 1}
        db.session.add(Checkpoint(**made, **signed))


def erase(app: Flask, site: Site, at: datetime, month: Month = NOVEMBER) -> Erasure:
    with app.app_context(), unit_of_work():
        return erasing.erase(site.id, month, at)


def raw_rows(app: Flask) -> dict[str, int]:
    with app.app_context():
        return {
            kind.__tablename__: number
            for kind in RAW
            if (number := db.session.scalar(select(func.count()).select_from(kind)))
        }


@pytest.fixture
def visits(app: Flask, phone: Phone, clock: Clock) -> str:
    """Three taps in two hours, one too soon; a rating that was changed, another, a proof; the first receipt."""
    receipt = phone.logged()
    phone.rate(receipt, 5)
    phone.rate(receipt, 4)
    phone.logged()
    clock.advance(minutes=61)
    phone.rate(phone.logged(), 2)
    with app.app_context(), unit_of_work():
        use = db.session.scalars(select(UsageRecord).filter_by(id=receipt_id(receipt))).one()
        next_one = tallies.lock(use.site_id, NOVEMBER)
        row = {"site_id": use.site_id, "usage_id": use.id, "month": use.month, "sequence": next_one, "method": "word"}
        row |= {"is_counted": True, "proven_at": clock.at}
        db.session.add(Presence(**leaves.stamped("presence", row, "sha256")))
        tallies.move(use.site_id, NOVEMBER, {"on_site": 1, "events": 1})
    return receipt


@pytest.fixture
def over(app: Flask, visits: str, clock: Clock) -> datetime:
    """The first instant at which November's records may go; all of them are sealed."""
    assert visits
    sealed(app)
    clock.at = NOVEMBER.closes_at + erasing.KEPT_FOR
    return clock.at


def test_records_become_hours_and_one_event(app: Flask, site: Site, over: datetime) -> None:
    before = tally(app, site.id)
    assert raw_rows(app) == {"presence": 1, "rating": 2, "superseded_leaf": 1, "usage_record": 3}
    erasure = erase(app, site, over)
    assert raw_rows(app) == {}
    assert tally(app, site.id) == before
    with app.app_context():
        hours = [vars(row) for row in db.session.scalars(select(HourBucket).order_by(HourBucket.hour_at))]
        stored = db.session.get_one(SiteMonth, (site.id, "2026-11"))
        assert (stored.events, stored.sealed) == (erasure.sequence, erasure.sequence - 1)
    assert [(row["hour_at"], row["recorded"], row["counted"], row["too_soon"]) for row in hours] == [
        (datetime(2026, 11, 20, 2, tzinfo=UTC), 2, 1, 1),
        (datetime(2026, 11, 20, 3, tzinfo=UTC), 1, 1, 0),
    ]
    assert (erasure.records, erasure.erased_at) == (7, over)
    assert erasure.buckets == leaves.hours_digest("sha256", hours)
    assert leaves.is_intact("erasure", vars(erasure))


def test_the_recount_stays_green_and_says_what_it_cannot_know(app: Flask, site: Site, over: datetime) -> None:
    erase(app, site, over)
    result = app.test_cli_runner().invoke(args=["usage", "recount", "--check"])
    told = "1 site-months are erased: uses compared with their hours, ratings and on-site uses not"
    assert (result.exit_code, result.output) == (0, f"{told}\n0 differences, 0 left\n")


def test_the_recount_finds_changed_hours(app: Flask, site: Site, over: datetime) -> None:
    erase(app, site, over)
    with app.app_context(), unit_of_work():
        db.session.execute(update(HourBucket).where(HourBucket.recorded == 2).values(counted=9, recorded=10))
    with app.app_context(), unit_of_work():
        found = [(row.counter, row.stored, row.recomputed) for row in tallies.recount(over, repair=True)]
    assert found == [("recorded", 3, 11), ("counted", 2, 10)]


def test_a_second_erasure_changes_nothing(app: Flask, site: Site, over: datetime) -> None:
    first = erase(app, site, over)
    assert erase(app, site, over + timedelta(days=1)).digest == first.digest
    with app.app_context():
        assert db.session.get_one(SiteMonth, (site.id, "2026-11")).events == first.sequence


def test_the_hooks_see_the_records_a_last_time(app: Flask, site: Site, over: datetime) -> None:
    seen: list[object] = []

    def look(site_id: int, month: Month, now: datetime) -> None:
        seen.append((site_id, month, now, db.session.scalar(select(func.count()).select_from(UsageRecord))))

    kept = app.extensions.get("before_erasure", [])
    app.extensions["before_erasure"] = [look]
    erase(app, site, over)
    app.extensions["before_erasure"] = kept
    assert seen == [(site.id, NOVEMBER, over, 3)]


def test_other_months_and_sites_are_left_alone(
    app: Flask, site: Site, phone: Phone, over: datetime, clock: Clock
) -> None:
    phone.logged()
    clock.advance(days=1)
    erase(app, site, over)
    assert raw_rows(app) == {"usage_record": 1}
    with app.app_context():
        assert db.session.scalars(select(UsageRecord.month)).all() == ["2027-01"]
        assert erasing.due(over) == []


@pytest.mark.usefixtures("over")
def test_a_day_too_early_is_refused(app: Flask, site: Site, over: datetime) -> None:
    with pytest.raises(Conflict, match="45 days after the month has closed"):
        erase(app, site, over - timedelta(microseconds=1))
    assert raw_rows(app)["usage_record"] == 3
    with app.app_context():
        assert erasing.due(over - timedelta(microseconds=1)) == []
        assert erasing.due(over) == [(site.id, NOVEMBER)]


def test_unsealed_events_are_kept(app: Flask, site: Site, over: datetime) -> None:
    with app.app_context(), unit_of_work():
        db.session.execute(update(SiteMonth).values(sealed=SiteMonth.events - 1))
    with pytest.raises(Conflict, match="every event of the month is sealed"):
        erase(app, site, over)
    assert raw_rows(app)["usage_record"] == 3


@pytest.mark.usefixtures("visits")
def test_a_month_without_a_checkpoint_is_kept(app: Flask, site: Site) -> None:
    with app.app_context(), unit_of_work():
        db.session.execute(update(SiteMonth).values(sealed=SiteMonth.events))
    with pytest.raises(Conflict, match="has a checkpoint"):
        erase(app, site, NOVEMBER.closes_at + erasing.KEPT_FOR)


def test_a_receipt_of_an_erased_use_is_gone(app: Flask, site: Site, phone: Phone, visits: str, over: datetime) -> None:
    assert phone.open(visits).status_code == 200
    erase(app, site, over)
    assert phone.open(visits).status_code in (404, 410)
