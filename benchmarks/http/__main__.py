"""Ours beside others over HTTP.

make bench                                   the default profile
.venv/bin/python -m benchmarks.http --help   for parts of it
"""

import argparse
import tempfile
from pathlib import Path

from benchmarks.http import peers, raw, reading, scanning
from benchmarks.http.bench import Bench
from benchmarks.http.cluster import cluster
from benchmarks.http.data import World
from benchmarks.table import Row, markdown

PARTS = {"reading": reading.main, "scanning": scanning.main, "raw": raw.main}


def main() -> None:
    """Measure what is asked for and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="default: all")
    parser.add_argument("--sites", type=int, default=100_000)
    parser.add_argument("--uses", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3, help="of one turn")
    parser.add_argument("--only", default="", metavar="WORDS", help="comparisons of works with these words in the name")
    given = parser.parse_args()
    peers.prepare()
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="xiaowu-bench-") as folder, cluster() as postgres:
        world = World(given.sites)
        bench = Bench(Path(folder), postgres, world, given.uses, given.rounds, given.seconds)
        for part in given.parts or PARTS:
            rows += PARTS[part](bench, given.only)
    print(markdown(rows))


if __name__ == "__main__":
    main()
