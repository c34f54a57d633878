"""A backup of one month in partitions and one in DEFAULT, restored; then the ordinary life of partitions there."""

from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from app.db import db
from app.months import Month
from app.usage import partitions
from tests.conftest import Clock
from tests.maintenance.helpers import all_rows, done, findings, seal
from tests.maintenance.test_backups import MOVED_ON
from tests.maintenance.test_retention_months import KIND, months, table
from tests.usage.helpers import Phone

NOVEMBER = Month(2026, 11)


@pytest.mark.usefixtures("life")
def test_months_come_back_where_they_were(
    app: Flask, elsewhere: Flask, phone: Phone, clock: Clock, tmp_path: Path
) -> None:
    with app.app_context():
        made = [str(month) for month in partitions.ensure(db.engine, [NOVEMBER])]
    clock.at = NOVEMBER.end_at
    form = phone.form()
    phone.send(form)
    seal(app, clock.at)

    done(app, "backup", str(tmp_path / "xiaowu.age"))
    done(elsewhere, "restore", str(tmp_path / "xiaowu.age"))

    assert all_rows(elsewhere, MOVED_ON) == all_rows(app, MOVED_ON)
    assert months(elsewhere) == made
    with elsewhere.app_context():
        partitions.ahead(clock.at)
        assert partitions.in_default(db.session.connection()) == []
    assert all_rows(elsewhere, MOVED_ON) == all_rows(app, MOVED_ON)
    assert findings(elsewhere, clock.at) == []
    assert Phone(elsewhere, phone.code).send(form).status_code == 303
    assert len(all_rows(elsewhere)["usage_record"]) == 3

    clock.at = NOVEMBER.closes_at + timedelta(days=45)
    assert table(done(elsewhere, "retention", "run"))[KIND] == [1, 1]
    assert "2026-11" not in months(elsewhere)
    assert findings(elsewhere, clock.at) == []
