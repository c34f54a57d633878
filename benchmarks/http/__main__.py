"""Ours beside others over HTTP, and the benchmarks of verdicts and files.

make bench                                   everything, written into benchmarks/README.md; BENCH=full for more
.venv/bin/python -m benchmarks.http --help   parts of it
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.http import peers, profiling, raw, reading, results, scanning, serving, starting
from benchmarks.http.bench import Bench
from benchmarks.http.cluster import cluster
from benchmarks.http.data import World
from benchmarks.http.installation import ROOT
from benchmarks.http.results import Report
from benchmarks.table import Row
from tools.progress import fail, say

PARTS: Mapping[str, Callable[[Bench, str], Iterator[Row]]] = {
    "reading": reading.main,
    "scanning": scanning.main,
    "raw": raw.main,
    "starting": starting.main,
    "serving": serving.main,
}
UNASKED = [part for part in PARTS if part != "serving"]
OTHERS = ("verdicts", "files")
"""Packages beside this one with a `__main__` that prints its tables."""


@dataclass(frozen=True)
class Size:
    """So many rooms, and uses in the past year; `parts` is what is measured with them, `rounds` turns of `seconds`."""

    sites: int
    uses: int
    rounds: int
    seconds: int
    parts: Sequence[str] = tuple(PARTS)


@dataclass(frozen=True)
class Profile:
    """How much is measured: the sizes over HTTP, and the words that the other benchmarks are called with."""

    sizes: Sequence[Size]
    others: Sequence[str]


TOWN = Size(1_000, 10_000, 3, 2)
PROFILES = {
    "quick": Profile(
        [TOWN], ["verdicts --sites 2000 --uses 20000 40000", "files --rows 1000 --sheets 20 --lines 10000"]
    ),
    "usual": Profile([Size(100_000, 1_000_000, 5, 3)], ["verdicts --sites 100000 --uses 1000000 2000000", "files"]),
    "full": Profile(
        [replace(TOWN, parts=("reading", "scanning")), Size(1_000_000, 20_000_000, 3, 3)],
        ["verdicts --sites 100000 --uses 1000000 10000000 20000000", "verdicts --sites 1000000 --uses"],
    ),
}
STARTS = {"cold start": "start", "a change is seen": "change", "memory beyond": "memory"}


def main() -> None:
    """Measure what is asked for, print the tables, and write them down if that was asked for."""
    given = _arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # servers and databases are stopped on the way out
    profile = PROFILES[given.profile]
    report = Report(given.profile, given.note, results.README if given.write else None)
    peers.prepare()
    for size in profile.sizes:
        parts = [part for part in given.parts or UNASKED if part in size.parts]
        if parts:
            with report.going_on(f"{size.sites:,} rooms"):
                _measure(size, parts, given.only, report)
    for words in profile.others:
        if not given.parts or words.split()[0] in given.parts:
            with report.going_on(words):
                _run(words, report)
    say(report.text())
    if report.failures:
        fail("\n".join(["Not everything could be measured:", *report.failures]))


def _measure(size: Size, parts: Sequence[str], only: str, report: Report) -> None:
    """One size, on a PostgreSQL of its own: a table for each part, and a profile for each of its unmet targets."""
    with tempfile.TemporaryDirectory(prefix="xiaowu-bench-") as folder, cluster() as postgres:
        bench = Bench(Path(folder), postgres, World(size.sites), size.uses, size.rounds, size.seconds)
        for part in parts:
            where = f"{part}, {size.sites:,} rooms, {size.uses:,} uses"
            began, rows = _now(), list[Row]()
            with report.going_on(where):
                for row in PARTS[part](bench, only):
                    rows.append(row)
            report.failures += (f"{where}: {failure}" for failure in bench.failures)
            bench.failures.clear()
            report.add(f"{where} ({began})", rows)
            with report.going_on(f"profiles of {where}"):
                _add_profiles(bench, [row.work for row in rows if not row.is_met], report)


def _add_profiles(bench: Bench, missed: Sequence[str], report: Report) -> None:
    """What the time of each work goes to whose target was not met, once for each work."""
    done = set[str]()
    for row in missed:
        start = next((what for words, what in STARTS.items() if row.startswith(words)), None)
        work = start or max((name for name in bench.asked if name in row), key=len, default="")
        if not work or work in done:
            continue
        done.add(work)
        path, engine = bench.asked.get(work, (None, "PostgreSQL"))
        paths = [path] if path else []
        told = profiling.of(start or "requests", bench.installation(engine).environment, *paths)
        report.add(f"Profile: {work}, {bench.world.sites:,} rooms", told)


def _run(words: str, report: Report) -> None:
    """One of the other benchmarks; what it prints until it fails is kept."""
    name, *arguments = words.split()
    began = _now()
    say(f"Running benchmarks.{words}")
    command = [sys.executable, "-m", f"benchmarks.{name}", *arguments]
    done = subprocess.run(command, check=False, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    report.add(f"benchmarks.{words} ({began})", done.stdout)
    if done.returncode:
        raise RuntimeError(f"it ended with {done.returncode}")


def _now() -> str:
    return f"from {datetime.now(UTC):%H:%M} UTC, load {os.getloadavg()[0]:.1f}"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names = (*PARTS, *OTHERS)
    parser.add_argument("parts", nargs="*", metavar="part", help=f"{', '.join(names)}; default: all")
    parser.add_argument("--profile", choices=PROFILES, default="usual")
    parser.add_argument("--only", default="", metavar="WORDS", help="comparisons of works with these words in the name")
    parser.add_argument("--write", action="store_true", help="write the tables into benchmarks/README.md")
    parser.add_argument("--note", default="", help="a sentence about the machine that belongs to the figures")
    given = parser.parse_args()
    if unknown := set(given.parts) - set(names):
        parser.error(f"there is no part {', '.join(sorted(unknown))}")
    return given


if __name__ == "__main__":
    main()
