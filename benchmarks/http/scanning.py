"""Scans: a tap is answered after its commit, with its tally and digest; how many a second, and that none is lost."""

import contextlib
import random
import secrets
import sqlite3
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime

import psycopg
from psycopg import sql
from sqlalchemy import create_engine, exists, literal, select

from app.config import Settings
from app.months import Month
from app.usage.keystore import open_keystore
from app.usage.tallies import COUNTERS, TALLIES
from benchmarks.http.bench import POSTGRESQL, SQLITE, Bench
from benchmarks.http.contenders import TakesScans
from benchmarks.http.contenders.floor import Floor
from benchmarks.http.contenders.geodjango import GeoDjango
from benchmarks.http.contenders.orm import Orm
from benchmarks.http.contenders.ours import Ours
from benchmarks.http.data import SITES, World
from benchmarks.http.load import CONNECTIONS, Request, median_cpu_ms
from benchmarks.http.measuring import Comparison, Running, Work, compared, driven, started
from benchmarks.http.server import Server
from benchmarks.table import Row, Target
from tools.progress import say

DOORS = 20_000
FLOOR, OURS, ORM, DJANGO = Floor(), Ours(), Orm(), GeoDjango()
Kind = tuple[str, str]
"""An engine, and a table of uses on it."""


def _everywhere(contender: TakesScans, world: World) -> list[Request]:
    """Taps at many doors, whichever these are."""
    doors = random.Random(world.seed).sample(world.doors, min(DOORS, world.sites))
    return [contender.scan(site, code) for site, code in doors]


def _one_door(world: World, _server: Server) -> list[Request]:
    return [OURS.scan(*world.doors[0])]


WORKS = (
    Work("F", FLOOR, lambda _world, _server: [FLOOR.page()]),
    Work("scan", OURS, lambda world, _: _everywhere(OURS, world)),
    Work("scan, one hot door", OURS, _one_door),
    Work("scan on SQLite", OURS, lambda world, _: _everywhere(OURS, world), SQLITE),
    Work("ORM scan", ORM, lambda world, _: _everywhere(ORM, world)),
    Work("Django scan", DJANGO, lambda world, _: _everywhere(DJANGO, world)),
)
COMPARISONS = (
    Comparison("scan", "F", Target.at_least(0.25)),
    Comparison("scan", "Django scan", Target.at_least(2)),
    Comparison("scan", "ORM scan", Target.at_least(1.8)),
    Comparison("scan, one hot door", "scan", Target.at_least(0.5)),
    Comparison("scan on SQLite", "F", Target.at_least(0.10)),
)


def main(bench: Bench, only: str) -> Iterator[Row]:
    """The comparisons that are about `only`. Raises RuntimeError when a tap that was acknowledged is not stored."""
    comparisons = [one for one in COMPARISONS if one.is_about(only)]
    with started(bench, WORKS, comparisons) as running:
        for engine in {work.engine for work in running if work.contender is OURS}:
            _begin_month(bench, engine)
        before = _stored(bench, running)
        rounds = driven(bench, running)
    _check_stored(running, before, _stored(bench, running))
    yield from compared(comparisons, rounds)
    if "scan" in rounds:
        yield Row("scan, CPU of web and database", median_cpu_ms(rounds["scan"]), Target.at_most(3, "ms"))


def _begin_month(bench: Bench, engine: str) -> None:
    """Let every site have a tally and a key of this month: only the first use of a month makes them."""
    settings, now = Settings.from_environment(bench.installation(engine).environment), datetime.now(UTC)
    month = Month.of(now)
    open_keystore(settings.keystore_url).key("made", now=now, expires_at=month.closes_at)
    names = (f"site:{site_id}:{month}" for site_id in range(1, bench.world.sites + 1))
    keys = ((name, secrets.token_bytes(32), month.closes_at.timestamp()) for name in names)
    with contextlib.closing(sqlite3.connect(settings.keystore_url.removeprefix("file://"))) as file, file:
        file.executemany("INSERT OR IGNORE INTO key (name, value, expires_s) VALUES (?, ?, ?)", keys)
    counters = (*COUNTERS, "events", "sealed")
    has_one = exists().where(TALLIES.c.site_id == SITES.c.id, TALLIES.c.month == str(month))
    empty = select(SITES.c.id, literal(str(month)), *(literal(0) for _ in counters)).where(~has_one)
    with create_engine(bench.installation(engine).database_url).begin() as connection:
        connection.execute(TALLIES.insert().from_select(["site_id", "month", *counters], empty))


def _kinds(running: Running) -> dict[Work, Kind]:
    return {work: (work.engine, work.contender.events) for work in running if hasattr(work.contender, "events")}


def _stored(bench: Bench, running: Running) -> Counter[Kind]:
    """How many uses there are of each kind."""
    counts: Counter[Kind] = Counter()
    for engine, table in set(_kinds(running).values()):
        if engine == POSTGRESQL:
            with psycopg.connect(bench.cluster.url()) as connection:
                name = sql.SQL(".").join(map(sql.Identifier, table.split(".")))
                found = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(name)).fetchone()
        else:
            path = bench.on_sqlite.database_url.removeprefix("sqlite:///")
            with contextlib.closing(sqlite3.connect(path)) as file:
                found = file.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608  a name of ours
        counts[engine, table] = found[0] if found else 0
    return counts


def _check_stored(running: Running, before: Counter[Kind], after: Counter[Kind]) -> None:
    """What was acknowledged is stored; at the end of each turn wrk hangs up on at most `CONNECTIONS` answers."""
    kinds = _kinds(running)
    acknowledged, unheard = Counter[Kind](), Counter[Kind]()
    for work, kind in kinds.items():
        acknowledged[kind] += sum(running[work].answered)
        unheard[kind] += CONNECTIONS * len(running[work].answered)
    for kind, number in acknowledged.items():
        stored = after[kind] - before[kind]
        say(f"{' on '.join(reversed(kind))}: {number:,} taps acknowledged, {stored:,} stored")
        if not number <= stored <= number + unheard[kind]:
            raise RuntimeError("what was acknowledged is not what is stored")
