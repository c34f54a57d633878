"""How many bytes of disk a use takes on PostgreSQL, and what sealing it costs, where hardly two fall into one minute.

    .venv/bin/python -m benchmarks.storage [--sites 200] [--uses 100]

One month of so many uses for each site, two in five of them rated, on a private server as the tests use it (fsync off).
Every event is sealed by itself, as in a network of many quiet rooms: the most that a ledger can take. Sizes are of
tables and indexes after a full vacuum, before and after the month's records were erased.
"""

import argparse
import tempfile
from collections.abc import Iterator
from pathlib import Path

from flask import Flask
from sqlalchemy import select, text, update

from app.db import db, unit_of_work
from app.sites.models import Site
from app.usage import partitions
from app.usage.models import SiteMonth
from benchmarks import maintenance
from benchmarks.maintenance import MONTHS, Bench, call, checkpoints, timed
from tests.postgres import server

MONTH = MONTHS[0]
SIZES = """
SELECT coalesce(parent.relname, own.relname), sum(pg_total_relation_size(own.oid))
FROM pg_class own LEFT JOIN pg_inherits ON inhrelid = own.oid LEFT JOIN pg_class parent ON parent.oid = inhparent
WHERE own.relkind = 'r' AND own.relnamespace = 'public'::regnamespace GROUP BY 1
"""


def main() -> None:
    """Fill a month, seal it event by event, erase it; print the sizes before and after."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sites", type=int, default=200)
    parser.add_argument("--uses", type=int, default=100, help="of each site in the month")
    given = parser.parse_args()
    uses = given.sites * given.uses
    maintenance.SITES = given.sites
    with tempfile.TemporaryDirectory() as folder, server() as postgres:
        app = Bench(Path(folder), postgres, "postgis").installation("here")
        with app.app_context():
            partitions.ensure(db.engine, [MONTH])
            empty = sizes()
        maintenance.write(app, uses, [MONTH])
        timed("sealed", lambda: seal_one_by_one(app))
        with app.app_context():
            before = sizes()
        checkpoints(app)
        timed("retention", lambda: call(app, "retention", "run"))
        with app.app_context():
            after = sizes()
    tell(uses, empty, before, after)


def seal_one_by_one(app: Flask) -> None:
    """Let every site have had one more event, seal, and so on."""
    with app.app_context():
        events = max(db.session.scalars(select(SiteMonth.events)))
        for number in range(1, events + 1):
            with unit_of_work():
                db.session.execute(update(SiteMonth).values(events=number))
            maintenance.seal(app)


def sizes() -> dict[str, int]:
    """Bytes on disk by table, its partitions and indexes among them."""
    with db.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(text("VACUUM FULL"))
        return {name: int(size) for name, size in connection.execute(text(SIZES))}


def tell(uses: int, empty: dict[str, int], before: dict[str, int], after: dict[str, int]) -> None:
    """Print bytes for each use by table."""
    print(f"\n| bytes for each of {uses:,} uses | sealed | erased |\n|---|---|---|")
    for name, *held in rows(empty, before, after):
        print(f"| {name} | {' | '.join(f'{bytes_ / uses:,.0f}' for bytes_ in held)} |")


def rows(empty: dict[str, int], before: dict[str, int], after: dict[str, int]) -> Iterator[tuple[str, int, int]]:
    """The tables that have grown, the sum last."""
    names = [name for name in sorted(before) if name != Site.__tablename__]
    grown = [(name, before[name] - empty[name], after.get(name, 0) - empty[name]) for name in names]
    yield from (row for row in grown if max(row[1:]) > 0)
    yield "all", sum(row[1] for row in grown), sum(row[2] for row in grown)


if __name__ == "__main__":
    main()
