"""Starting, changing, holding: until the first answer, until a change is seen, and what the directory weighs."""

import time
from collections.abc import Iterator
from statistics import median

import orjson
import psycopg

from benchmarks.http.bench import Bench
from benchmarks.http.contenders.ours import Ours
from benchmarks.http.load import Load, take_turns, write
from benchmarks.http.measuring import row
from benchmarks.http.server import Server, pss_mb
from benchmarks.table import Row, Target

OURS = Ours()
STARTS, CHANGES, QUESTIONS, BASE_SITES = 3, 5, 5_000, 1_000
HUNDRED_THOUSAND, MILLION = 100_000, 1_000_000


def main(bench: Bench, only: str) -> Iterator[Row]:
    """Cold start, a changed name, memory; with a million sites, nearest beside the same with a tenth of them."""
    if only not in "cold start, change, memory, nearest with a million":
        return
    sites = f"{bench.world.sites:,} sites"
    started: list[float] = []
    for _ in range(STARTS - 1):
        with bench.up(OURS, bench.on_postgresql) as server:
            started.append(server.started_s)
            held = _held_mb(bench, server)
    with bench.up(OURS, bench.on_postgresql) as server:
        started.append(server.started_s)
        seen = [_seen_after_s(bench, server, change) for change in range(CHANGES)]
    target = Target.at_most(3, "s") if bench.world.sites <= HUNDRED_THOUSAND else Target(unit="s")
    yield Row(f"cold start, {sites}", median(started), target, spread=(min(started), max(started)))
    yield Row(f"a change is seen, {sites}", median(seen), Target.at_most(1.5, "s"), spread=(min(seen), max(seen)))
    with bench.up(OURS, bench.of_size(BASE_SITES)) as server:
        base = _held_mb(bench, server)
    target = Target.at_most(300, "MB") if bench.world.sites >= MILLION else Target(unit="MB")
    sizes = (f"{held:,.0f} MB", "1,000 sites", f"{base:,.0f} MB")
    yield Row(f"memory beyond the base, {sites}", held - base, target, *sizes)
    if bench.world.sites >= MILLION:
        yield _scaling(bench)


def _seen_after_s(bench: Bench, server: Server, change: int) -> float:
    """Seconds from the commit of a new name until ten answers in a row have it; every answer until then is one, too."""
    lon, lat = map(float, bench.world.pins[change])
    question, site, name = OURS.nearest((lon, lat)).path, 1 + change, f"新名字{change}"
    with psycopg.connect(bench.cluster.url()) as connection:
        connection.execute("UPDATE site SET name = %s WHERE id = %s", (name, site))
        connection.execute("UPDATE directory_version SET version = version + 1, named = named + 1")
        connection.execute(
            "INSERT INTO directory_change SELECT %s, version FROM directory_version"
            " ON CONFLICT (site_id) DO UPDATE SET version = EXCLUDED.version",
            (site,),
        )
    began, first, row = time.perf_counter(), 0.0, 0
    while row < 10:
        status, _, body = server.get(question)
        if status != 200:
            raise RuntimeError(f"{status} while the directory was built again")
        names = {feature["id"]: feature["properties"]["name"] for feature in orjson.loads(body)["features"]}
        row = row + 1 if names[site] == name else 0
        first = time.perf_counter() - began if row == 1 else first
    return first


def _held_mb(bench: Bench, server: Server) -> float:
    """Memory of all processes of a server after each has answered, what they share counted once."""
    load = _nearest(bench, server)
    take_turns({"warm": load}, 1, 2)
    return sum(pss_mb(server.pid).values())


def _nearest(bench: Bench, server: Server) -> Load:
    questions = [OURS.nearest(place) for place in bench.world.places(QUESTIONS)]
    return Load(server, write(bench.folder / "nearest.txt", questions))


def _scaling(bench: Bench) -> Row:
    """Nearest among all sites beside nearest among 100,000."""
    few = bench.of_size(HUNDRED_THOUSAND)
    with bench.up(OURS, bench.on_postgresql) as many_server, bench.up(OURS, few) as few_server:
        loads = {"a million": _nearest(bench, many_server), "100,000 sites": _nearest(bench, few_server)}
        rounds = take_turns(loads, bench.rounds, bench.seconds)
    return row(
        "nearest, 1,000,000 sites", rounds["a million"], "100,000 sites", rounds["100,000 sites"], Target.at_least(0.9)
    )
