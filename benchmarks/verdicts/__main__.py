"""Verdicts of all sites and the union's table, on a private PostgreSQL with a made-up network.

    .venv/bin/python -m benchmarks.verdicts [--sites 100000] [--uses 1000000 5000000]

The full run of the targets: `--sites 100000 --uses 1000000 10000000 20000000`, and `--sites 1000000 --uses` for the
night over a country. Prints a row for each figure; `main()` returns them. Contenders alternate, medians are taken.
"""

import argparse
import os
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from flask import Flask
from sqlalchemy import text

from app import create_app
from app.accounts.models import TradeUnion
from app.collector import collector_at_rest
from app.config import Settings
from app.db import db
from app.ids import IdRange
from app.months import Month, local_date, month_range
from app.programme import queries
from app.programme.judging import Judges, judge_all, site_rows, standings_of
from app.programme.listing import read_page
from app.programme.table import SORTS, Filter
from app.rulebooks import evaluate, load
from app.rulebooks.verdicts import Judge
from app.sites.models import Site
from app.usage import partitions
from benchmarks.verdicts.network import RULEBOOK, add_uses, fill
from tests.conftest import START, migrate
from tests.postgres import Server, server

ROUNDS, EVALUATED = 7, 2000
RAW = "SELECT site_id, month, count(*) FROM usage_record WHERE reason IS NULL GROUP BY site_id, month"


@dataclass(frozen=True, slots=True)
class Figure:
    """One row of the result: a number with its unit, and what it has to be where there is a target."""

    what: str
    value: float
    unit: str
    target: str = ""

    def __str__(self) -> str:
        return f"{self.what:<58}{self.value:>12,.2f} {self.unit:<12}{self.target}"


def main(arguments: Sequence[str] | None = None) -> list[Figure]:
    """Run, print and return the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sites", type=int, default=100_000)
    parser.add_argument("--uses", type=int, nargs="*", default=[1_000_000, 2_000_000])
    given = parser.parse_args(arguments)
    found: list[Figure] = []

    def show(*figures: Figure) -> None:
        for figure in figures:
            found.append(figure)
            print(figure, flush=True)

    with tempfile.TemporaryDirectory() as folder, server() as postgres:
        app = _installation(Path(folder), postgres)
        with app.app_context():
            with db.engine.begin() as connection:
                fill(connection, given.sites)
            show(*_verdicts(given.sites), *_night(given.sites), *_pages())
            show(*_growth(given.sites, given.uses))
    return found


def _installation(folder: Path, postgres: Server) -> Flask:
    url = postgres.create_database()
    migrate(url)
    secrets = ("SECRET_KEY", "SECURITY_PASSWORD_SALT", "SECURITY_TOTP_SECRET", "XIAOWU_LEDGER_KEY")
    environ = {"XIAOWU_MODE": "test", "XIAOWU_DATA": str(folder), "DATABASE_URL": url}
    environ |= {"XIAOWU_BASE_URL": "http://127.0.0.1:8000"} | dict.fromkeys(secrets, "s" * 32)
    return create_app(Settings.from_environment(environ), lambda: START)


def _verdicts(sites: int) -> list[Figure]:
    """Facts from the database and verdicts, against one whole report after the other over facts that are there."""
    on, most = local_date(START), min(sites, 40_000)
    judges, rates, singles, quick = Judges(on, RULEBOOK), [], [], []
    rulebook = load(RULEBOOK)
    few = [row for row in db.session.execute(site_rows().where(Site.id <= EVALUATED)) if row.host_path]
    facts = queries.facts_of(few, IdRange(1, EVALUATED), on, Month.of_date(on) - 12, to_decide=True).values()
    with collector_at_rest():
        for start in range(1, most, most // 4):
            ids = IdRange(start, start + most // 4 - 1)
            used = time.process_time()
            rows = db.session.execute(site_rows().where(Site.id.between(ids.first, ids.last))).all()
            number = sum(1 for _ in standings_of(rows, ids, judges))
            rates.append(number / (time.process_time() - used))
            used = time.process_time()
            for one in facts:
                evaluate(rulebook, one, on)
            singles.append(len(facts) / (time.process_time() - used))
            judge = Judge(rulebook, on)
            used = time.process_time()
            for one in (*facts, *facts):
                judge.verdict(one)
            quick.append(2 * len(facts) / (time.process_time() - used))
    db.session.rollback()
    ratios = [many / single for many, single in zip(rates, singles, strict=True)]
    return [
        Figure("verdicts, facts read from the database", statistics.median(rates), "sites/s CPU", ">= 20,000"),
        Figure("verdicts, facts at hand", statistics.median(quick), "sites/s CPU"),
        Figure("whole reports, facts at hand", statistics.median(singles), "sites/s CPU"),
        Figure("verdicts with reading / reports without, median of pairs", statistics.median(ratios), "times"),
    ]


def _night(sites: int) -> list[Figure]:
    """Judging and keeping every site, and how much memory that takes beyond what there was."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    began, used = time.monotonic(), time.process_time()
    judge_all(START, RULEBOOK)
    wall, cpu = time.monotonic() - began, time.process_time() - used
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    with db.engine.begin() as connection:
        connection.execute(text("ANALYZE site_verdict"))
    return [
        Figure(f"the night over {sites:,} sites, kept", sites / cpu, "sites/s CPU"),
        Figure("… by the clock", sites / wall, "sites/s"),
        Figure("… memory beyond the start", after - before, "MB"),
    ]


def _pages() -> list[Figure]:
    """First pages of the whole network's table: by the clock, and in processor time of web and database together."""
    found = []
    for sort in SORTS:
        found += [
            Figure(f"first page by {sort}, by the clock", _median(partial(_page, sort)), "ms", "< 150"),
            Figure("… CPU of this process and of the database's", _cpu(partial(_page, sort)), "ms"),
        ]
    return found


def _cpu(act: Callable[[], object]) -> float:
    """Milliseconds of processor time for each of 20 calls; all of them on the one connection that the pool has."""
    pid = db.session.scalar(text("SELECT pg_backend_pid()"))
    db.session.rollback()

    def used() -> float:
        ticks = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[11:13]
        return time.process_time() + sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")

    began = used()
    for _ in range(20):
        act()
    return 1000 * (used() - began) / 20


def _page(sort: str = "name") -> None:
    union = db.session.get_one(TradeUnion, 1)
    read_page(union, Filter(sort=sort), local_date(START), RULEBOOK)
    db.session.rollback()


def _median(act: Callable[[], object]) -> float:
    act()
    times = []
    for _ in range(ROUNDS):
        began = time.monotonic()
        act()
        times.append(1000 * (time.monotonic() - began))
    return statistics.median(times)


def _growth(sites: int, uses: Sequence[int]) -> list[Figure]:
    """The first page beside more and more raw uses, and the plain GROUP BY over them."""
    partitions.ensure(db.engine, month_range(Month(2025, 11), Month.of(START)))
    there, first, found = 0, 0.0, []
    for number in uses:
        with db.engine.begin() as connection:
            add_uses(connection, sites, there, number)
        with db.engine.begin() as connection:
            connection.execute(text("ANALYZE usage_record"))
        there, pages, raws = number, [], []
        _page()
        for _ in range(3):
            raws.append(_once(_raw))
            pages += [_once(_page) for _ in range(3)]
        page, raw = statistics.median(pages), statistics.median(raws)
        first = first or page
        found += [
            Figure(f"first page at {number:,} uses", page, "ms"),
            Figure(f"… / at {uses[0]:,} uses", page / first, "times", "<= 1.2"),
            Figure("raw GROUP BY over the uses / first page", raw / page, "times", ">= 50 at 10M"),
        ]
    return found


def _once(act: Callable[[], object]) -> float:
    began = time.monotonic()
    act()
    return 1000 * (time.monotonic() - began)


def _raw() -> None:
    db.session.execute(text(f"SELECT count(*) FROM ({RAW}) AS raw")).all()  # noqa: S608  our own words
    db.session.rollback()


if __name__ == "__main__":
    print(f"{START:%Y-%m-%d} made up, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    main()
