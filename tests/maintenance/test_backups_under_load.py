"""While people scan: whatever was acknowledged before a backup began is in it, whole and consistent."""

from itertools import count
from pathlib import Path
from threading import Event, Thread
from uuid import UUID

from flask import Flask
from sqlalchemy import select

from app.db import db
from app.sites.models import DoorCode
from app.usage.models import UsageRecord
from tests.conftest import Clock
from tests.maintenance.helpers import done, findings, seal
from tests.usage.helpers import Phone, receipt_id

WRITERS = 3


def test_a_backup_while_people_scan(app: Flask, elsewhere: Flask, code: DoorCode, clock: Clock, tmp_path: Path) -> None:
    acknowledged: list[UUID] = []
    stop, enough = Event(), Event()

    def scan(number: int) -> None:
        for turn in count():
            if stop.wait(0.03):  # people leave the machine some air for the backup
                return
            # Everybody is somebody else, so that no limit is reached however fast the machine is.
            phone = Phone(app, code.code, f"10.{number}.{turn // 250}.{turn % 250}", f"Phone {turn}")
            receipt = phone.logged()
            phone.rate(receipt, 4)
            acknowledged.append(receipt_id(receipt))
            if len(acknowledged) > 5:
                enough.set()

    threads = [Thread(target=scan, args=(number,)) for number in range(WRITERS)]
    for thread in threads:
        thread.start()
    assert enough.wait(20)
    seal(app, clock.at)
    before = list(acknowledged)
    done(app, "backup", str(tmp_path / "xiaowu.age"))
    stop.set()
    for thread in threads:
        thread.join()
    done(elsewhere, "restore", str(tmp_path / "xiaowu.age"))
    with elsewhere.app_context():
        there = set(db.session.scalars(select(UsageRecord.id)))
    assert set(before) <= there <= set(acknowledged)
    assert findings(elsewhere, clock.at) == []
