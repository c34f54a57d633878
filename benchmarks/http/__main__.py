"""Ours beside others over HTTP.

make bench                                   everything, written into benchmarks/README.md; BENCH=full for more
.venv/bin/python -m benchmarks.http --help   parts of it
"""

import argparse
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.http import peers, raw, reading, results, scanning, starting
from benchmarks.http.bench import Bench
from benchmarks.http.cluster import cluster
from benchmarks.http.data import World
from benchmarks.table import Row, markdown
from tools.progress import say

PARTS: Mapping[str, Callable[[Bench, str], Iterator[Row]]] = {
    "reading": reading.main,
    "scanning": scanning.main,
    "raw": raw.main,
    "starting": starting.main,
}


@dataclass(frozen=True)
class Size:
    """So many rooms, and uses in the past year; `parts` is what is measured with them."""

    sites: int
    uses: int
    parts: Sequence[str] = tuple(PARTS)


@dataclass(frozen=True)
class Profile:
    """How much is measured: the sizes, and `rounds` turns of `seconds` for each load."""

    sizes: Sequence[Size]
    rounds: int
    seconds: int


CITY, COUNTRY = Size(100_000, 1_000_000), Size(1_000_000, 20_000_000, ("scanning", "starting"))
PROFILES = {
    "quick": Profile([Size(1_000, 10_000)], 3, 2),
    "usual": Profile([CITY], 5, 3),
    "full": Profile([CITY, COUNTRY], 9, 5),
}


def main() -> None:
    """Measure what is asked for, print the tables, and write them down if that was asked for."""
    given = _arguments()
    profile, rows = PROFILES[given.profile], list[Row]()
    peers.prepare()
    for size in profile.sizes:
        parts = [part for part in given.parts or PARTS if part in size.parts]
        rows += _measured(profile, size, parts, given.only)
    others = list(results.of_others()) if given.write else []
    text = results.told(datetime.now(UTC), given.profile, given.note, rows, others)
    say(text)
    if given.write:
        results.write(text)


def _measured(profile: Profile, size: Size, parts: Sequence[str], only: str) -> list[Row]:
    """The rows of one size, on a PostgreSQL of its own; each part's table is shown as soon as it is there."""
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="xiaowu-bench-") as folder, cluster() as postgres:
        bench = Bench(Path(folder), postgres, World(size.sites), size.uses, profile.rounds, profile.seconds)
        for part in parts:
            found = list(PARTS[part](bench, only))
            say(f"\n{part}, {size.sites:,} rooms:\n\n{markdown(found)}")
            rows += found
    return rows


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="part", help=f"{', '.join(PARTS)}; default: all")
    parser.add_argument("--profile", choices=PROFILES, default="usual")
    parser.add_argument("--only", default="", metavar="WORDS", help="comparisons of works with these words in the name")
    parser.add_argument("--write", action="store_true", help="run benchmarks.verdicts and .files, too; keep the tables")
    parser.add_argument("--note", default="", help="a sentence about the machine that belongs to the figures")
    given = parser.parse_args()
    if unknown := set(given.parts) - set(PARTS):
        parser.error(f"there is no part {', '.join(sorted(unknown))}")
    return given


if __name__ == "__main__":
    main()
