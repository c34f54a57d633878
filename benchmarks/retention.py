"""What it costs PostgreSQL to erase one month: row by row, and by dropping its partitions.

    .venv/bin/python -m benchmarks.retention [--uses 1000000] [--sites 100]

One private server as the tests use it (fsync off), the same rows in two databases. Processor time is this process's and
the server's; the write-ahead log is counted in bytes, which no other load on the machine changes.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import event, text

from app.db import db, unit_of_work
from app.maintenance import retention
from app.usage import erasing, partitions
from benchmarks.maintenance import MONTHS, NOW, Bench
from tests.postgres import Server, server

MONTH = MONTHS[0]
FILL = """
INSERT INTO tap_key (site_id, client_key, usage_id, month, body_digest)
    SELECT s, gen_random_uuid(), gen_random_uuid(), :month, '\\x00112233445566778899aabbccddeeff'
    FROM generate_series(1, :sites) s, generate_series(1, :each) n;
INSERT INTO usage_record (site_id, id, month, client_key, body_digest, door_code_id, used_at, received_at, p_site,
        reason, rule_version, sequence, salt, digest)
    SELECT site_id, usage_id, month, client_key, body_digest, 1, at, at, body_digest,
        CASE WHEN n % 5 = 0 THEN 'too_soon' END, 1, n, body_digest, sha256(body_digest)
    FROM (SELECT *, row_number() OVER (PARTITION BY site_id) AS n FROM tap_key) k,
        LATERAL (SELECT CAST(:start AS timestamptz) + interval '30 days' * n / :each) AS t(at);
INSERT INTO rating (site_id, usage_id, month, step, tags, comment, is_counted, rated_at, changed_at, sequence, salt,
        digest)
    SELECT site_id, id, month, 4, '[]', '', true, used_at, used_at, :each + sequence, salt, digest
    FROM usage_record WHERE sequence <= :each * 2 / 5;
INSERT INTO site_month (site_id, month, recorded, counted, code_revoked, site_closed, site_suspended, too_soon,
        daily_limit, rating_1, rating_2, rating_3, rating_4, rating_5, on_site, events, sealed)
    SELECT s, :month, :each, :each * 4 / 5, 0, 0, 0, :each / 5, 0, 0, 0, 0, :each * 2 / 5, 0, 0, e, e
    FROM generate_series(1, :sites) s, LATERAL (SELECT :each + :each * 2 / 5) AS t(e);
INSERT INTO seal (number, previous_hash, sealed_at, algorithm, batches, events, root, seal_hash, key_id, signature)
    VALUES (1, '', now(), 'sha256', 0, 0, '', '', '', '');
INSERT INTO checkpoint (month, made_at, algorithm, seal_number, seal_hash, sites, root, signature)
    VALUES (:month, now(), 'sha256', 1, '', 0, '', '');
"""


def main() -> None:
    """Fill one database, copy it, give the copy partitions, and erase both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--uses", type=int, default=1_000_000)
    parser.add_argument("--sites", type=int, default=100)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, server() as postgres:
        bench = Bench(Path(folder), postgres, "postgis")
        by_rows = bench.installation("rows")
        with by_rows.app_context():
            fill(given.sites, given.uses // given.sites)
            name = db.engine.url.database
            db.engine.dispose()
        parted = bench.installation("partitions", postgres.create_database(name))
        with measured(postgres, parted, "moved out of DEFAULT"), parted.app_context():
            partitions.ensure(db.engine, [MONTH])
        for app, what in ((by_rows, "row by row"), (parted, "with its partitions")):
            with app.app_context():
                with db.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
                    connection.execute(text("VACUUM ANALYZE"))
                app.extensions["before_erasure"] = []
            erased(postgres, app, what)


def fill(sites: int, each: int) -> None:
    """Made-up rows of one month, all of them said to be sealed."""
    values: dict[str, Any] = {"month": str(MONTH), "sites": sites, "each": each, "start": MONTH.start_at}
    with unit_of_work():
        for statement in FILL.strip().rstrip(";").split(";\n"):
            names = [name for name in values if f":{name}" in statement]
            db.session.execute(text(statement), {name: values[name] for name in names})


def erased(postgres: Server, app: Flask, what: str) -> None:
    """Erase the month, and say how long the tables were closed for it."""
    closed: list[float] = []
    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", noting(closed))
    with app.app_context():
        event.listen(engine, "commit", lambda _connection: closed and closed.append(time.monotonic()))
        with measured(postgres, app, what):
            sites = retention._read(erasing.due, NOW)
            if retention._read(erasing.can_erase_whole, MONTH):
                with unit_of_work():
                    done = erasing.erase_month(MONTH, NOW)
                print(f"{'':<24} from DROP to the end of the transaction: {(closed[1] - closed[0]) * 1000:.0f} ms")
            else:
                done = 0
                for site_id, month in sites:
                    with unit_of_work():
                        erasing.erase(site_id, month, NOW)
                    done += 1
            retention._purge()
        assert done == len(sites)


def noting(moments: list[float]) -> Callable[..., None]:
    """A listener that notes when a table is dropped."""

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("DROP TABLE"):
            moments.append(time.monotonic())

    return note


@contextmanager
def measured(postgres: Server, app: Flask, what: str) -> Iterator[None]:
    """Print seconds, processor time and the bytes of the write-ahead log."""
    began, used, wal = time.monotonic(), cpu_s(postgres), written(app)
    yield
    seconds, cpu, log = time.monotonic() - began, cpu_s(postgres) - used, written(app) - wal
    print(f"{what:<24}{seconds:8.1f} s {cpu:8.1f} s of CPU {log / 1e6:10.1f} MB of log", flush=True)


def written(app: Flask) -> int:
    """How many bytes of the log there have been."""
    with app.app_context(), db.engine.connect() as connection:
        return int(connection.scalar(text("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn")) or 0)


def cpu_s(postgres: Server) -> float:
    """Processor time of this process, of the server's processes, and of those of them that have ended."""
    head = int((postgres.folder / "data" / "postmaster.pid").read_text().split()[0])
    ticks = 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            words = path.read_text().rsplit(")", 1)[1].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if path.parent.name == str(head):
            ticks += sum(map(int, words[11:15]))
        elif int(words[1]) == head:
            ticks += sum(map(int, words[11:13]))
    return ticks / os.sysconf("SC_CLK_TCK") + time.process_time()


if __name__ == "__main__":
    main()
