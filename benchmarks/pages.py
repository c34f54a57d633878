"""What each page of a large city costs: a whole answer of the application, asked one after the other in one process.

    .venv/bin/python -m benchmarks.pages [--sites 20000] [--uses 1000000]

On a private PostgreSQL as the tests use it (fsync off), with the network of `benchmarks.verdicts`: ten districts, a
unit for every 20 sites, a year of tallies and statements; and three years of work: for each site an application and an
inspection a year, for some a rectification, a title or a report. Each page is asked three times, the quickest counts.
"""

import argparse
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from flask.testing import FlaskClient
from sqlalchemy import Connection, text

from app.accounts.models import TradeUnion
from app.db import db, unit_of_work
from app.months import Month, month_range
from app.programme.cases.models import Case
from app.programme.checks.models import Inspection
from app.programme.decisions import remember
from app.programme.demonstration.models import Title
from app.programme.judging import judge_all
from app.reports.models import PublicReport
from app.rulebooks import load
from app.usage import partitions
from benchmarks.verdicts.__main__ import ROOM, add_uses, installation
from benchmarks.verdicts.network import DISTRICTS, RULEBOOK, fill, write
from tests.conftest import START
from tests.factories import Factories
from tests.postgres import SETTINGS, server

NUMBERED = ("trade_union", "site", "door_code", "site_photo")
PUBLIC = ("/", "/?q=小屋", "/figures", "/ledger", "/sites/20", "/titles")
OF_UNION = (
    "inbox", "cases", "cases?q=小屋", "checks", "checks?kind=spot_check", "checks?kind=full_self", "checks/draws/new",
    "flags", "people", "reports", "sites", "sites?q=小屋", "supplies", "titles", "unions/{union}",
    "unions/{union}?sort=verdict", "unions/{union}/coverage", "unions/{union}/posters", "unions/{union}/statement",
    "unions/{union}/sites.xlsx", "unions/{union}/roster.xlsx", "unions/{union}/coverage.xlsx",
)  # fmt: skip
OF_SITE = ("", "/verdict", "/statements", "/uses", "/registers", "/history")


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a table of all pages."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sites", type=int, default=20_000)
    parser.add_argument("--uses", type=int, default=1_000_000)
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder, server(settings=SETTINGS | ROOM) as postgres:
        app = installation(Path(folder), postgres)
        with app.app_context():
            _load(given.sites, given.uses)
        print(f"| of {given.sites:,} sites | page | ms | of it CPU of the web | KB |\n|---|---|---|---|---|")
        _show("public", app.test_client(), PUBLIC)
        factories = Factories(app, lambda: START)
        for name, union_id in (("city", 1), ("district", 2)):
            client = _browser(factories, union_id)
            _show(name, client, [f"/manage/{path.format(union=union_id)}" for path in OF_UNION])
            if name == "city":
                _show(name, client, [f"/manage/sites/20{path}" for path in OF_SITE])


def _load(sites: int, uses: int) -> None:
    with db.engine.begin() as connection:
        fill(connection, sites)
        _go_on_counting(connection)
    partitions.ensure(db.engine, month_range(Month(2025, 11), Month.of(START)))
    add_uses(sites, 0, uses)
    with unit_of_work():
        digest = remember(load(RULEBOOK), START)
    with db.engine.begin() as connection:
        _write_work(connection, sites, digest)
    judge_all(START, RULEBOOK)


def _write_work(connection: Connection, sites: int, digest: str) -> None:
    """One in 20 applications and one in 50 reports is still open; what else there is has come to its end."""
    every, opened = f"generate_series(1, {sites}) n", "TIMESTAMPTZ '2026-03-01 00:00Z' + n % 200 * interval '1 day'"
    is_open = "n % 20 = 0"
    case = {
        "id": "n", "number": "'A-' || n", "kind": "'application'", "site_id": "n", "rulebook_id": f"'{RULEBOOK}'",
        "state": f"CASE WHEN {is_open} THEN 'submitted' ELSE 'plaqued' END", "rulebook_digest": f"'{digest}'",
        "details": "'{}'", "opened_at": opened, "updated_at": opened,
        "due_on": f"CASE WHEN {is_open} THEN DATE '2026-11-30' END",
        "closed_at": f"CASE WHEN NOT {is_open} THEN {opened} END",
    }  # fmt: skip
    write(connection, Case, every, case)
    visit = {
        "id": f"(year - 2024) * {sites} + n", "site_id": "n", "trade_union_id": f"2 + (n / 20) % {DISTRICTS}",
        "kind": "'spot_check'", "year": "year", "due_on": "make_date(year, 12, 31)", "mode": "'on_site'",
        "planned_at": "make_timestamptz(year, 3, 1, 0, 0, 0)", "findings": "'[]'",
        "done_at": "CASE WHEN year < 2026 OR n % 3 = 0 THEN make_timestamptz(year, 6, 1, 0, 0, 0) END",
        "result": "CASE WHEN year < 2026 OR n % 3 = 0 THEN 'passed' END",
    }  # fmt: skip
    write(connection, Inspection, f"{every}, generate_series(2024, 2026) year", visit)
    tenth = f"generate_series(1, {sites}, 10) n"
    title = {"id": "n", "site_id": "n", "name": "'示范阵地'", "year": "2025", "granted_on": "DATE '2025-10-01'"}
    write(connection, Title, tenth, title | {"recheck_by": "DATE '2026-10-01' + n % 90"})
    report = {
        "id": "n", "site_id": "n", "kind": "'locked'", "source": "'door'", "reported_at": opened,
        "state": "CASE WHEN n % 50 = 1 THEN 'open' ELSE 'resolved' END", "due_on": "DATE '2026-11-30'",
    }  # fmt: skip
    write(connection, PublicReport, tenth, report)
    connection.execute(text("ANALYZE"))


def _go_on_counting(connection: Connection) -> None:
    """The rows that were written have numbers of their own: the next one's comes after them."""
    for table in NUMBERED:
        number = f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))"  # noqa: S608
        connection.execute(text(number))


def _browser(factories: Factories, union_id: int) -> FlaskClient:
    with factories.app.app_context():
        union = db.session.get_one(TradeUnion, union_id)
    return factories.login(factories.user(f"{union.level}_union", union))


def _show(who: str, client: FlaskClient, paths: Sequence[str]) -> None:
    for path in paths:
        times = []
        for _ in range(3):
            began, cpu = time.monotonic(), time.thread_time()
            answer = client.get(path)
            times.append((1000 * (time.monotonic() - began), 1000 * (time.thread_time() - cpu)))
        if answer.status_code != 200:
            raise SystemExit(f"{path}: {answer.status}")
        clock_ms, cpu_ms = min(times)
        print(f"| {who} | {path} | {clock_ms:,.0f} | {cpu_ms:,.0f} | {len(answer.data) / 1024:,.0f} |", flush=True)


if __name__ == "__main__":
    main()
