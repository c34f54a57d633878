"""``python -m benchmarks.fraud``: how much inflation the detectors find, and how often they err. See README.md."""

import argparse
import json
import sys
import time
from pathlib import Path

from benchmarks.fraud.csvfiles import write_csv
from benchmarks.fraud.families import FAMILIES
from benchmarks.fraud.foreign import comparison, scored, truth_of
from benchmarks.fraud.results import Row, rows_of, tasks
from benchmarks.fraud.tables import report


def main(arguments: list[str]) -> int:
    """Print Markdown; write every room-year's row where asked."""
    asked = _parser().parse_args(arguments)
    if asked.events:
        flags, contexts = scored(asked.events, asked.sites)
        print(comparison(flags, contexts, truth_of(asked.truth, list(flags))))
        return 0
    seeds = range(asked.first_seed, asked.first_seed + (2 if asked.quick else asked.seeds))
    families = list(FAMILIES) if asked.family == "all" else [asked.family]
    rooms, attacked = (2, 1) if asked.quick else (asked.rooms, asked.attacked)
    wanted = list(tasks(families, seeds, rooms, attacked))
    if asked.csv:
        write_csv(asked.csv, wanted)
        return 0
    started = time.monotonic()
    rows = rows_of(wanted, asked.jobs)
    for family in families:
        print(f"## Family “{family}”, seeds {seeds.start} to {seeds.stop - 1}\n")
        print(report([row for row in rows if row.task.family == family]), end="\n\n")
    print(f"{len(rows)} room-years in {time.monotonic() - started:.0f} s")
    if asked.out:
        _write(asked.out, rows)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fraud", description=__doc__)
    parser.add_argument("--seeds", type=int, default=20, help="how many seeds (20)")
    parser.add_argument("--first-seed", type=int, default=1, help="the first of them (1)")
    parser.add_argument("--rooms", type=int, default=10, help="honest room-years a seed and kind of room (10)")
    parser.add_argument("--attacked", type=int, default=1, help="room-years of each attack, seed and kind of room (1)")
    parser.add_argument("--family", choices=[*FAMILIES, "all"], default="all", help="which worlds (all)")
    parser.add_argument("--jobs", type=int, default=1, help="processes (1)")
    parser.add_argument("--quick", action="store_true", help="2 seeds, 2 honest rooms: a look, no measurement")
    parser.add_argument("--out", type=Path, help="write a JSON row of every room-year here")
    parser.add_argument("--csv", type=Path, metavar="DIR", help="write the events as CSV there, score nothing")
    parser.add_argument("--events", type=Path, metavar="CSV", help="score these events of another generator instead")
    parser.add_argument("--sites", type=Path, metavar="CSV", help="with --events: their sites")
    parser.add_argument("--truth", type=Path, metavar="CSV", help="with --events: the scenario of each site")
    return parser


def _write(path: Path, rows: list[Row]) -> None:
    path.write_text(json.dumps([row.to_json() for row in rows], indent=0) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
