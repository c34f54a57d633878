"""What differs between the two databases when a whole one is copied out or put back."""

import os
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

from psycopg.pq import Conninfo
from sqlalchemy import Connection, Engine, NullPool, create_engine, text

from app.errors import N_, Conflict, Unavailable
from app.usage import partitions

PATIENCE_S = 20
_NOT_OURS = "--exclude-table-data=spatial_ref_sys"
"""PostGIS's own table: a service whose role is an ordinary one may not write to it when the backup goes back."""
_NO_TOOL = N_("%(tool)s is not installed; on Debian, as root: apt-get install postgresql-client")
_TOOL_FAILED = N_("%(tool)s failed: %(says)s")
_BUSY = N_("The database is in use; stop the service first")
_UNSOUND = N_("The database in this backup is not sound: %(says)s")
_DROP = """
DO $$ DECLARE one record; BEGIN
    FOR one IN SELECT c.oid::regclass AS name FROM pg_class c
        WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relnamespace = current_schema()::regnamespace
        AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
    LOOP EXECUTE format('DROP TABLE IF EXISTS %s CASCADE', one.name); END LOOP;
END $$;
CREATE EXTENSION IF NOT EXISTS postgis;
"""
_COUNTED = "IF (SELECT count(*) FROM {schema}.{table}) <> {rows} THEN RAISE '{table} is not complete'; END IF;"


@contextmanager
def snapshot(engine: Engine, copy: Path) -> Iterator[Connection]:
    """Write the database as it is at one instant to the file ``copy``, while it is written to.

    Gives a connection that reads exactly what was copied. Raises Unavailable when a tool is missing or fails.
    """
    if engine.dialect.name == "sqlite":
        _vacuum_into(engine, copy)
        frozen = create_engine(f"sqlite:///{copy}", poolclass=NullPool)
        with frozen.connect() as connection:
            yield connection
        return
    repeatable = engine.execution_options(isolation_level="REPEATABLE READ")
    with repeatable.connect() as connection, connection.begin():
        partitions.hold(connection)
        connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        name, schema = connection.execute(text("SELECT pg_export_snapshot(), current_schema()")).one()
        plain = ("--format=custom", "--compress=0", "--no-owner", "--no-privileges", "--no-comments", _NOT_OURS)
        _run(engine, "pg_dump", *plain, f"--schema={schema}", f"--snapshot={name}", f"--file={copy}")
        yield connection


def put_back(engine: Engine, copy: Path, rows: Mapping[str, int]) -> None:
    """Replace the whole content of the database by that of ``copy``, in one step or not at all.

    ``rows`` says how many rows of which table ``copy`` has to hold. Raises Conflict when the database is in use or
    ``copy`` is not what it should be, Unavailable when a tool is missing or fails.
    """
    engine.dispose()
    if engine.dialect.name == "sqlite":
        _check_sqlite(copy, rows)
        _copy_pages(copy, Path(str(engine.url.database)))
    else:
        _load_dump(engine, copy, rows)


def _vacuum_into(engine: Engine, copy: Path) -> None:
    """A fresh file has no free pages: nothing that was deleted is copied."""
    with closing(sqlite3.connect(str(engine.url.database), timeout=PATIENCE_S)) as source:
        try:
            source.execute("VACUUM INTO ?", (str(copy),))
        except sqlite3.OperationalError as error:
            raise Unavailable(_TOOL_FAILED, tool="SQLite", says=error) from error


def _check_sqlite(copy: Path, rows: Mapping[str, int]) -> None:
    with closing(sqlite3.connect(copy)) as source:
        (says,) = source.execute("PRAGMA integrity_check(1)").fetchone()
        found = {table: source.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0] for table in rows}  # noqa: S608
    if says != "ok" or found != rows:
        raise Conflict(_UNSOUND, says=says if says != "ok" else "rows are missing")


def _copy_pages(copy: Path, target: Path) -> None:
    """SQLite's own backup is one transaction on the target: a crash leaves what was there before."""
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not target.exists():
        os.close(os.open(target, os.O_CREAT | os.O_RDWR, 0o600))
    until = time.monotonic() + PATIENCE_S

    def give_up(_status: int, _left: int, _total: int) -> None:
        if time.monotonic() > until:
            raise Conflict(_BUSY)

    with closing(sqlite3.connect(copy)) as source, closing(sqlite3.connect(target, timeout=1)) as into:
        into.execute("PRAGMA synchronous = FULL")
        source.backup(into, progress=give_up)


def _load_dump(engine: Engine, copy: Path, rows: Mapping[str, int]) -> None:
    """Tables out, tables in and a count of their rows, all in one transaction of psql."""
    with engine.connect() as connection:
        schema = connection.execute(text("SELECT current_schema()")).scalar_one()
    first, script, last = (copy.with_suffix(suffix) for suffix in (".first", ".sql", ".last"))
    first.write_text(f"SET lock_timeout = '{PATIENCE_S}s';\n{_DROP}")
    counts = "\n".join(_COUNTED.format(schema=schema, table=table, rows=number) for table, number in rows.items())
    last.write_text(f"DO $$ BEGIN\n{counts}\nEND $$;\n")
    _run(None, "pg_restore", "--no-owner", "--no-privileges", f"--schema={schema}", f"--file={script}", str(copy))
    files = [f"--file={path}" for path in (first, script, last)]
    _run(engine, "psql", "--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", *files)


def _run(engine: Engine | None, tool: str, *arguments: str) -> None:
    path = shutil.which(tool)
    if path is None:
        raise Unavailable(_NO_TOOL, tool=tool)
    known = {} if engine is None else _connection_variables(engine)
    done = subprocess.run(  # noqa: S603  our own words; what is secret goes by the environment
        [path, *arguments], env={**os.environ, **known}, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    if done.returncode:
        if "lock timeout" in done.stderr:
            raise Conflict(_BUSY)
        lines = done.stderr.strip().splitlines() or [f"status {done.returncode}"]
        says = next((line for line in lines if "error" in line.lower()), lines[-1])
        raise Unavailable(_TOOL_FAILED, tool=tool, says=says)


def _connection_variables(engine: Engine) -> dict[str, str]:
    """The address and the password as libpq's variables: command lines can be seen by everybody on the machine."""
    _, arguments = engine.dialect.create_connect_args(engine.url)
    options = ((option.keyword.decode(), option.envvar) for option in Conninfo.get_defaults())
    return {variable.decode(): str(arguments[name]) for name, variable in options if variable and name in arguments}
