"""What is due goes, what is not stays, and a dry run says the same without touching anything."""

import os
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import delete, select, update

from app.attachments.models import Attachment
from app.care import facts
from app.care.models import CareAttendance, CareChild, CareDay, CareTerm
from app.db import db, unit_of_work
from app.maintenance.retention import year_before
from app.months import Month
from app.registers.models import Keeper
from app.sites.models import Site, SiteChange
from app.usage.erasing import KEPT_FOR
from app.usage.models import Erasure, UsageRecord
from tests.conftest import Clock
from tests.factories import Factories
from tests.maintenance.helpers import all_rows, done, files, findings, hand_in
from tests.usage.helpers import Phone

NOVEMBER = Month(2026, 11)
OVER = NOVEMBER.closes_at + KEPT_FOR


def table(said: str) -> dict[str, list[int]]:
    """The numbers of each kind that are not all zero."""
    found = {}
    for line in said.splitlines()[1:]:
        words = line.split()
        numbers = [int(word) for word in words if word.isdigit()]
        if any(numbers):
            found[" ".join(word for word in words if not word.isdigit())] = numbers
    return found


RECORDS = {"site-months whose records become hours": 1, "rows of rating": 1, "rows of superseded_leaf": 1}
RECORDS |= {"rows of usage_record": 2}


@pytest.mark.usefixtures("life")
def test_records_go_after_45_days(app: Flask, clock: Clock) -> None:
    clock.at = OVER - timedelta(seconds=1)
    done(app, "retention", "run")
    clock.at = OVER
    before = all_rows(app)
    looked = done(app, "retention", "run", "--dry-run")
    assert table(looked) == {kind: [number] for kind, number in RECORDS.items()}
    assert "Nothing was changed" in looked
    assert all_rows(app) == before
    assert table(done(app, "retention", "run")) == {kind: [number, number] for kind, number in RECORDS.items()}
    assert table(done(app, "retention", "run")) == {}
    assert findings(app, clock.at) == []


@pytest.mark.usefixtures("life")
def test_nothing_of_them_is_left_in_an_sqlite_file(app: Flask, clock: Clock) -> None:
    with app.app_context():
        pseudonyms = list(db.session.scalars(select(UsageRecord.p_site)))
        path = Path(db.engine.url.database or "")
        is_sqlite = db.engine.dialect.name == "sqlite"

    def found() -> list[bytes]:
        files_of = path.parent.glob(f"{path.name}*") if is_sqlite else []
        content = b"".join(file.read_bytes() for file in files_of)
        return [one for one in pseudonyms if one in content]

    assert found() == (pseudonyms if is_sqlite else [])
    clock.at = OVER
    done(app, "retention", "run")
    assert found() == []


def test_every_due_month_goes_and_no_other(
    app: Flask, life: Site, phone: Phone, factories: Factories, clock: Clock
) -> None:
    other = Phone(app, factories.door_code(factories.site()).code)
    other.logged()
    clock.at = NOVEMBER.end_at + timedelta(days=3)
    phone.logged()
    other.logged()
    clock.at = OVER
    assert table(done(app, "retention", "run"))["site-months whose records become hours"] == [2, 2]
    with app.app_context():
        assert set(db.session.scalars(select(UsageRecord.month))) == {"2026-12"}
        assert {row.month for row in db.session.scalars(select(Erasure))} == {"2026-11"}
        assert life.id in set(db.session.scalars(select(Erasure.site_id)))
    assert findings(app, clock.at) == []


def test_a_month_with_a_hole_is_kept(app: Flask, site: Site, phone: Phone, clock: Clock) -> None:
    """Somebody has deleted a record before it was sealed: such a month has no checkpoint, and its records stay."""
    for _ in range(2):
        phone.logged()
        clock.advance(hours=1)
    with app.app_context(), unit_of_work():
        db.session.execute(delete(UsageRecord).where(UsageRecord.site_id == site.id, UsageRecord.sequence == 1))
    clock.at = OVER
    said = done(app, "retention", "run")
    assert table(said)["site-months whose records become hours"] == [1, 0]
    assert "1 kept: The records of 2026-11 cannot be erased before every event of the month is sealed" in said


@pytest.mark.usefixtures("life")
def test_pseudonyms_of_a_day_go_with_its_key(app: Flask, clock: Clock) -> None:
    clock.advance(hours=48)
    kind = "pseudonyms of days whose key is over"
    assert table(done(app, "retention", "run", "--dry-run")) == {kind: [2]}
    assert table(done(app, "retention", "run")) == {kind: [2, 2]}
    with app.app_context():
        assert set(db.session.scalars(select(UsageRecord.p_day))) == {None}


# ------------------------------------------------------------------------------------------------ certificates


def test_a_certificate_goes_a_year_after_its_last_day(app: Flask, site: Site, clock: Clock) -> None:
    number = hand_in(app, site, clock.at, until=date(2025, 11, 20))
    kind = "files of health certificates over for a year"
    assert kind not in table(done(app, "retention", "run"))
    clock.advance(days=1)
    assert table(done(app, "retention", "run", "--dry-run"))[kind] == [1]
    assert len(files(app)) == 2
    assert table(done(app, "retention", "run"))[kind] == [1, 1]
    assert [name for name in files(app) if name.startswith("attachments")] == []
    with app.app_context():
        assert db.session.get_one(Attachment, number).erased_at == clock.at
        assert db.session.scalars(select(Keeper.certificate_until)).one() == date(2025, 11, 20)
    assert kind not in table(done(app, "retention", "run"))


def test_a_year_before_the_29th_of_february() -> None:
    assert [year_before(day) for day in (date(2028, 2, 29), date(2028, 3, 1), date(2027, 1, 31))] == [
        date(2027, 2, 28),
        date(2027, 3, 1),
        date(2026, 1, 31),
    ]


# ------------------------------------------------------------------------------------------------ children


@pytest.fixture
def term(app: Flask, site: Site, clock: Clock) -> int:
    """A term that ended on 20 November 2025: two children on two days, one absence taken back."""
    with app.app_context(), unit_of_work():
        term = CareTerm(site_id=site.id, name="暑期班", starts_on=date(2025, 7, 1), ends_on=date(2025, 11, 20))
        term.created_at = clock.at
        db.session.add(term)
        db.session.flush()
        children = [
            CareChild(term_id=term.id, label=label, grade=3, code=f"{label:0>12}", enrolled_on=date(2025, 7, 1))
            for label in ("ZXM", "07")
        ]
        days = [CareDay(term_id=term.id, on=date(2025, 7, day)) for day in (1, 2)]
        db.session.add_all([*children, *days])
        db.session.flush()
        came = datetime(2025, 7, 1, 0, 30, tzinfo=clock.at.tzinfo)
        for child, on in ((children[0], 1), (children[0], 2), (children[1], 2)):
            row = CareAttendance(child_id=child.id, on=date(2025, 7, on), arrived_at=came, left_at=None)
            db.session.add(row)
        note = "暑期班 2025-07-01 07"
        db.session.add(SiteChange(site_id=site.id, at=clock.at, act="care_absent", note=note, fields={}))
        return term.id


def test_children_become_numbers_and_every_sum_stays(app: Flask, site: Site, term: int, clock: Clock) -> None:
    assert term
    kind = "care terms over for a year whose children become numbers"
    with app.app_context():
        sums = facts.care_facts([site.id], date(2026, 11, 20))
    assert kind not in table(done(app, "retention", "run"))
    clock.advance(days=1)
    assert table(done(app, "retention", "run", "--dry-run"))[kind] == [1]
    assert table(done(app, "retention", "run"))[kind] == [1, 1]
    with app.app_context():
        assert facts.care_facts([site.id], date(2026, 11, 20)) == sums
        children = {row.label: row.code for row in db.session.scalars(select(CareChild))}
        assert set(children) == {"#1", "#2"}
        assert {"000000000ZXM", "000000000007"} & set(children.values()) == set()
        assert set(db.session.scalars(select(CareAttendance.arrived_at))) == {None}
        assert db.session.scalars(select(SiteChange.note)).one() in ("暑期班 2025-07-01 #1", "暑期班 2025-07-01 #2")
    assert kind not in table(done(app, "retention", "run"))


def test_a_child_entered_late_gets_the_next_number(app: Flask, term: int, clock: Clock) -> None:
    clock.advance(days=1)
    done(app, "retention", "run")
    late = CareChild(term_id=term, label="LMN", grade=1, code="000000000LMN", enrolled_on=date(2025, 7, 2))
    with app.app_context(), unit_of_work():
        db.session.add(late)
    done(app, "retention", "run")
    with app.app_context():
        assert set(db.session.scalars(select(CareChild.label))) == {"#1", "#2", "#3"}


# ------------------------------------------------------------------------------------------------ files


def aged(path: Path, at: datetime) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        path.write_bytes(b"x")
    os.utime(path, (at.timestamp(), at.timestamp()))
    return path


def test_files_without_a_row_go_after_a_day(app: Flask, life: Site, clock: Clock) -> None:
    assert life
    folder: Path = app.extensions["settings"].data_dir
    day_ago = clock.at - timedelta(hours=24, seconds=1)
    for name in files(app):
        aged(folder / name, day_ago)
    old = [aged(folder / name, day_ago) for name in ("photos/a.webp", "attachments/ab/abc.pdf")]
    new = aged(folder / "photos/b.webp", clock.at - timedelta(hours=23))
    other = aged(folder / "demo.json", day_ago)
    assert table(done(app, "retention", "run", "--dry-run")) == {"files that belong to no row": [2]}
    assert all(path.exists() for path in old)
    assert table(done(app, "retention", "run")) == {"files that belong to no row": [2, 2]}
    assert [path.exists() for path in (*old, new, other)] == [False, False, True, True]
    assert len(files(app)) == 3


def test_an_erased_attachment_whose_file_came_back_goes(app: Flask, life: Site, clock: Clock) -> None:
    """A restored backup may bring one."""
    assert life
    with app.app_context(), unit_of_work():
        db.session.execute(update(Attachment).values(erased_at=clock.at))
    for name in files(app):
        aged(app.extensions["settings"].data_dir / name, clock.at - timedelta(days=2))
    done(app, "retention", "run")
    assert [name.split("/")[0] for name in files(app)] == ["photos"]


def test_what_a_killed_backup_has_left_goes(app: Flask, clock: Clock) -> None:
    folder: Path = app.extensions["settings"].data_dir
    aged(folder / ".maintenance-abc/database", clock.at)
    aged(folder / ".maintenance-abc", clock.at - timedelta(days=2))
    aged(folder / ".maintenance-now/database", clock.at)
    aged(folder / ".maintenance-now", clock.at)
    assert table(done(app, "retention", "run")) == {"copies left behind by a backup cut short": [1, 1]}
    assert [path.name for path in folder.glob(".maintenance-*")] == [".maintenance-now"]
