"""Files in bulk: a list imported, posters set, workbooks written, each beside the plainest way in the same run.

    .venv/bin/python -m benchmarks.files [--rows 20000] [--sheets 200] [--lines 100000]

Contenders alternate; what is compared is time of CPU (for PostgreSQL with that of its backend), since neighbours on a
busy machine disturb it less than the clock's. Everything lies in a temporary folder; PostgreSQL is a private server as
the tests use it (fsync off). `main()` returns the rows of its table.
"""

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.files import importing, posting, writing
from benchmarks.table import Row, markdown
from tests.postgres import server


def main(arguments: Sequence[str] | None = None) -> list[Row]:
    """Run, print and return the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=20_000, help="rows of the list (20,000)")
    parser.add_argument("--sheets", type=int, default=200, help="posters in one file (200)")
    parser.add_argument("--lines", type=int, default=100_000, help="lines of the workbook (100,000)")
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="xiaowu-files-") as folder, server() as postgres:
        rows = importing.rows(Path(folder), f"sqlite:///{folder}/x.sqlite3", asked.rows)
        rows += importing.rows(Path(folder), postgres.create_database(), asked.rows)
        rows += posting.rows(asked.sheets)
        rows += writing.rows(asked.lines)
    print(markdown(rows))
    return rows


if __name__ == "__main__":
    main()
