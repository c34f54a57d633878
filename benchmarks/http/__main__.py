"""Ours beside others over HTTP.

make bench                                   the default profile
.venv/bin/python -m benchmarks.http --help   for parts of it
"""

import argparse
import tempfile
from pathlib import Path

import psycopg

from benchmarks.http import reading
from benchmarks.http.bench import Bench
from benchmarks.http.cluster import cluster
from benchmarks.http.data import World
from benchmarks.http.installation import Installation
from benchmarks.http.measuring import compared
from benchmarks.table import markdown
from tools.progress import say


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sites", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--only", default="", metavar="WORDS", help="comparisons of works whose names contain this")
    given = parser.parse_args()
    comparisons = [one for one in reading.COMPARISONS if given.only in f"{one.ours} / {one.theirs}"]
    with tempfile.TemporaryDirectory(prefix="xiaowu-bench-") as folder, cluster() as postgres:
        world = World(given.sites)
        installation = Installation(Path(folder) / "data", postgres.url())
        say(f"Loading {given.sites:,} sites")
        installation.fill(world)
        with psycopg.connect(postgres.url(), autocommit=True) as connection:
            for statement in Path(__file__).with_name("peers.sql").read_text().split(";\n"):
                connection.execute(statement)
        bench = Bench(Path(folder), postgres, world, installation, given.rounds, given.seconds)
        print(markdown(compared(bench, reading.WORKS, comparisons)))


if __name__ == "__main__":
    main()
