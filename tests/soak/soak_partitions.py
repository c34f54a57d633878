"""Months are made and dropped again and again while people scan: no tap is refused, lost, or long kept waiting."""

import itertools
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import text

from app.db import db
from app.errors import Unavailable
from app.months import Month
from app.usage import partitions
from app.usage.ledger.sealer import run_once
from tests.conftest import Clock
from tests.factories import Factories
from tests.maintenance.helpers import all_rows, findings
from tests.usage.helpers import Phone

SECONDS, THREADS = 30, 4
PAST = [Month(2025, number) for number in range(1, 13)]


@pytest.mark.parametrize("database_url", ["postgis"], indirect=True)
def test_months_come_and_go_under_load(app: Flask, factories: Factories, clock: Clock) -> None:
    stop = threading.Event()
    codes = [factories.door_code(factories.site()).code for _ in range(THREADS)]
    with app.app_context():
        partitions.ahead(clock.at)

    def visit(place: int) -> list[float]:
        seconds = []
        for number in itertools.count():
            if stop.is_set():
                return seconds
            phone = Phone(app, codes[place], address=f"10.{place}.{number // 250 % 250}.{number % 250}")
            form = phone.form()
            began = time.monotonic()
            answer = phone.send(form)
            assert answer.status_code == 303, answer.text
            assert phone.rate(answer.headers["Location"], 1 + number % 5).status_code == 303
            seconds.append(time.monotonic() - began)
        raise AssertionError

    with ThreadPoolExecutor(THREADS) as pool:
        visits = [pool.submit(visit, place) for place in range(THREADS)]
        changed, given_way = _come_and_go(app, visits)
        stop.set()
        seconds = sorted(one for visit in visits for one in visit.result())
    with app.app_context():
        run_once(clock.at)
    assert len(all_rows(app)["usage_record"]) == len(all_rows(app)["rating"]) == len(seconds)
    assert findings(app, clock.at) == []
    middle, worst = seconds[len(seconds) // 2], seconds[-1]
    print(  # noqa: T201  the result of the run
        f"\n{changed} months made and dropped, gave way {given_way} times; {len(seconds)} scans with ratings: "
        f"{middle * 1000:.0f} ms in the middle, {worst * 1000:.0f} ms at worst"
    )


def _come_and_go(app: Flask, visits: list[object]) -> tuple[int, int]:
    """Make and drop months for as long as the soak lasts; how many were, and how often a lock could not be had."""
    changed = given_way = 0
    until = time.monotonic() + SECONDS
    assert visits
    with app.app_context():
        for month in itertools.cycle(PAST):
            if time.monotonic() > until:
                return changed, given_way
            try:
                partitions.ensure(db.engine, [month])
                with db.engine.begin() as connection:
                    connection.execute(text("SELECT count(*) FROM usage_record"))
                    partitions.drop(connection, month)
                changed += 1
            except Unavailable:
                given_way += 1
    raise AssertionError
