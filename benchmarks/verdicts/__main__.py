"""Verdicts of all sites and the union's table, on a private PostgreSQL with a made-up network.

    .venv/bin/python -m benchmarks.verdicts [--sites 100000] [--uses 1000000 5000000]

The full run of the targets: `--sites 100000 --uses 1000000 10000000 20000000`, and `--sites 1000000 --uses` for the
night over a country. Prints a table for each step, and a profile for each whose targets were not met. Contenders
alternate, medians are taken. PostgreSQL is a private server as the tests use it (fsync off). Verdicts are timed by the
clock; the CPU of the process that judges stands beside.
"""

import argparse
import cProfile
import os
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Collection, Sequence
from functools import partial
from pathlib import Path
from typing import LiteralString, NamedTuple, cast

import psycopg
from flask import Flask
from sqlalchemy import text

from app import create_app
from app.accounts.models import TradeUnion
from app.ahead import at_once
from app.collector import collector_at_rest
from app.config import Settings
from app.db import db
from app.ids import IdRange
from app.months import Month, local_date, month_range
from app.programme import queries
from app.programme.bulk import Known
from app.programme.judging import Judges, all_sites, judge_all, read_sites, steps
from app.programme.listing import read_page
from app.programme.table import SORTS, Filter
from app.rulebooks import Facts, evaluate, load
from app.rulebooks.verdicts import Judge
from app.sites.models import Site
from app.usage import partitions
from benchmarks.http.history import without_indexes
from benchmarks.shares import told
from benchmarks.table import Row, Target, markdown
from benchmarks.verdicts.network import RULEBOOK, fill, uses_statement
from tests.conftest import START, migrate
from tests.postgres import SETTINGS, Server, server

ROUNDS, EVALUATED, CHUNK, MANY = 7, 2000, 10_000, 10_000_000
ROOM = {"maintenance_work_mem": "1GB", "max_wal_size": "8GB", "shared_buffers": "1GB"}
PER_S = Target.at_least(20_000, "sites/s")
RAW = "SELECT site_id, month, count(*) FROM usage_record WHERE reason IS NULL GROUP BY site_id, month"


class Speed(NamedTuple):
    """Sites a second, by the clock and by this process's time of CPU."""

    by_clock: float
    by_cpu: float


def main(arguments: Sequence[str] | None = None) -> None:
    """Run and print each step's table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sites", type=int, default=100_000)
    parser.add_argument("--uses", type=int, nargs="*", default=[1_000_000, 2_000_000])
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder, server(settings=SETTINGS | ROOM) as postgres:
        app = installation(Path(folder), postgres)
        with app.app_context():
            with db.engine.begin() as connection:
                fill(connection, given.sites)
            _show(_verdicts(given.sites), lambda: _profile_verdicts(given.sites))
            _show(_night(given.sites), lambda: _profile_verdicts(given.sites))
            _show(_pages(), _profile_page)
            if given.uses:
                _show(_growth(given.sites, given.uses), _profile_page)


def _show(rows: Sequence[Row], profile: Callable[[], str]) -> None:
    print(markdown(rows), flush=True)
    if not all(row.is_met for row in rows):
        print(profile(), flush=True)


def _profile_verdicts(sites: int) -> str:
    ids, judges, profile = IdRange(1, min(sites, CHUNK)), Judges(local_date(START), RULEBOOK), cProfile.Profile()
    with collector_at_rest():
        profile.enable()
        number = _judged(ids, judges)
        profile.disable()
    db.session.rollback()
    return told(profile, number, "verdict, facts read from the database,")


def _profile_page() -> str:
    """Of the first page, with the database's own time for each statement as the driver waits for it."""
    profile = cProfile.Profile()
    for _ in range(ROUNDS):
        profile.runcall(_page)
    return told(profile, ROUNDS, "first page by name")


def installation(folder: Path, postgres: Server) -> Flask:
    """The application on an empty, migrated database, with its data in `folder`."""
    url = postgres.create_database()
    migrate(url)
    secrets = ("SECRET_KEY", "SECURITY_PASSWORD_SALT", "SECURITY_TOTP_SECRET", "XIAOWU_LEDGER_KEY")
    environ = {"XIAOWU_MODE": "test", "XIAOWU_DATA": str(folder), "DATABASE_URL": url}
    environ |= {"XIAOWU_BASE_URL": "http://127.0.0.1:8000"} | dict.fromkeys(secrets, "s" * 32)
    return create_app(Settings.from_environment(environ), lambda: START)


def _verdicts(sites: int) -> list[Row]:
    """Facts from the database and verdicts, against one whole report after the other over facts that are there."""
    on, most = local_date(START), min(sites, 100_000)
    judges, rates, singles, quick = Judges(on, RULEBOOK), list[Speed](), list[Speed](), list[Speed]()
    rulebook = load(RULEBOOK)
    few, ids, first = all_sites().where(Site.id <= EVALUATED), IdRange(1, EVALUATED), Month.of_date(on) - 12
    known = Known.of(ids, on, [first])
    facts = queries.facts_of(at_once(read_sites(few)), ids, on, first, to_decide=known).values()
    with collector_at_rest():
        for start in range(1, most, most // 4):
            ids, judge = IdRange(start, start + most // 4 - 1), Judge(rulebook, on)
            rates.append(_speed(partial(_judged, ids, judges)))
            singles.append(_speed(partial(_each, facts, lambda one: evaluate(rulebook, one, on))))
            quick.append(_speed(partial(_each, [*facts, *facts], judge.verdict)))
    db.session.rollback()
    return [
        _rate_row("verdicts, facts read from the database", rates, singles, PER_S),
        _rate_row("verdicts, facts at hand", quick, singles, PER_S),
    ]


def _judged(ids: IdRange, judges: Judges) -> int:
    with steps(judges, ids) as found:
        return sum(1 for step in found for _ in step.standings)


def _each(facts: Collection[Facts], judge: Callable[[Facts], object]) -> int:
    for one in facts:
        judge(one)
    return len(facts)


def _all_night(sites: int) -> int:
    judge_all(START, RULEBOOK)
    return sites


def _speed(judge: Callable[[], int]) -> Speed:
    began, used = time.monotonic(), time.process_time()
    number = judge()
    return Speed(number / (time.monotonic() - began), number / (time.process_time() - used))


def _rate_row(work: str, ours: Sequence[Speed], singles: Sequence[Speed], target: Target) -> Row:
    clock, cpu = ([getattr(one, what) for one in ours] for what in ("by_clock", "by_cpu"))
    ratio = statistics.median(one.by_cpu / other.by_cpu for one, other in zip(ours, singles, strict=True))
    theirs = f"{statistics.median(one.by_clock for one in singles):,.0f}/s"
    shown = f"{statistics.median(cpu):,.0f}/s of this process's CPU"
    against = "whole reports, facts at hand"
    return Row(work, statistics.median(clock), target, shown, against, theirs, (min(clock), max(clock)), ratio)


def _night(sites: int) -> list[Row]:
    """Judging and keeping every site, and how much memory that takes beyond what there was."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    speed = _speed(partial(_all_night, sites))
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    with db.engine.begin() as connection:
        connection.execute(text("ANALYZE site_verdict"))
    shown = f"{sites / speed.by_clock:,.0f} s, {speed.by_cpu:,.0f}/s of this process's CPU"
    return [
        Row(f"the night over {sites:,} sites, kept", speed.by_clock, Target(unit="sites/s"), shown),
        Row(f"the night over {sites:,} sites: memory beyond the start", after - before, Target.at_most(100, "MB")),
    ]


def _pages() -> list[Row]:
    """First pages of the whole network's table: by the clock, and in processor time of web and database together."""
    found = []
    for sort in SORTS:
        shown = f"{_cpu(partial(_page, sort)):.0f} ms of CPU of web and database"
        found.append(Row(f"first page by {sort}", _median(partial(_page, sort)), Target.at_most(150, "ms"), shown))
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


def _growth(sites: int, uses: Sequence[int]) -> list[Row]:
    """The first page beside more and more raw uses, and the plain GROUP BY over them."""
    partitions.ensure(db.engine, month_range(Month(2025, 11), Month.of(START)))
    _page()
    there, first, found = 0, 0.0, list[Row]()
    for number in uses:
        add_uses(sites, there, number)
        there, pages, raws = number, list[float](), list[float]()
        for _ in range(3):
            raws.append(_once(_raw))
            pages += [_once(_page) for _ in range(5)]
        page, raw = statistics.median(pages), statistics.median(raws)
        first = first or page
        ms, least = f"{page:.0f} ms", Target.at_least(50) if number >= MANY else Target()
        if number > uses[0]:
            against = (f"at {uses[0]:,}", f"{first:.0f} ms")
            found.append(Row(f"first page at {number:,} uses", page / first, Target.at_most(1.2), ms, *against))
        found.append(
            Row(f"raw GROUP BY / first page at {number:,} uses", raw / page, least, ms, "raw", f"{raw:,.0f} ms")
        )
    return found


def add_uses(sites: int, since: int, until: int) -> None:
    """Raw uses number `since` to `until`; their indexes are made again afterwards, which is quicker."""
    url = db.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url) as connection, without_indexes(connection, "usage_record"):
        connection.execute(cast("LiteralString", uses_statement(sites, since, until)))
    with db.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(text("VACUUM ANALYZE usage_record"))


def _once(act: Callable[[], object]) -> float:
    began = time.monotonic()
    act()
    return 1000 * (time.monotonic() - began)


def _raw() -> None:
    db.session.execute(text(f"SELECT count(*) FROM ({RAW}) AS raw")).all()  # noqa: S608  our own words
    db.session.rollback()


if __name__ == "__main__":
    main()
