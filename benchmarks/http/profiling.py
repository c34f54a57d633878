"""Where the time of one work of ours goes: the application asked in one process, under Python's profiler.

    .venv/bin/python -m benchmarks.http.profiling requests FILE    in an installation's environment
    .venv/bin/python -m benchmarks.http.profiling start            and change, memory

What gunicorn itself does is not in it. The profiler makes what has many small functions look dearer than it is.
"""

import cProfile
import io
import os
import subprocess
import sys
import threading
import time
import tracemalloc
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from benchmarks.shares import told

ROOT = Path(__file__).resolve().parents[2]
WARM, ASKED, STATEMENTS = 200, 1000, 8
SENT = """SELECT round((total_exec_time / calls)::numeric, 3), round(calls::numeric / %s, 2), query
    FROM pg_stat_statements WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND query NOT LIKE '%%pg_stat%%'
    ORDER BY total_exec_time DESC LIMIT %s"""
WSGI = {
    "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "wsgi.url_scheme": "http",
    "wsgi.version": (1, 0), "wsgi.errors": sys.stderr, "wsgi.multithread": True, "wsgi.multiprocess": True,
    "wsgi.run_once": False, "SCRIPT_NAME": "", "REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "bench.example",
    "HTTP_X_FORWARDED_PROTO": "https", "CONTENT_TYPE": "application/x-www-form-urlencoded",
}  # fmt: skip


def of(what: str, environment: Mapping[str, str], *arguments: Path) -> str:
    """The profile as Markdown, from a process of its own. `what` is start, change, memory or requests, of a file."""
    command = [sys.executable, "-m", "benchmarks.http.profiling", what, *map(str, arguments)]
    done = subprocess.run(command, check=False, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=600)
    return done.stdout if done.returncode == 0 else f"It failed:\n\n```\n{done.stderr[-1000:]}\n```\n"


def _asked(app: Callable[..., Any], path: Path) -> str:
    """The first requests of a file, each answered once."""
    lines = path.read_text().splitlines()
    questions = [_environ(lines[number % len(lines)], number) for number in range(WARM + ASKED)]
    for question in questions[:WARM]:
        _answer(app, question)
    profile = cProfile.Profile()
    with _statements() as sent:
        profile.enable()
        for question in questions[WARM:]:
            _answer(app, question)
        profile.disable()
    return told(profile, ASKED, "answer") + "".join(sent)


def _answer(app: Callable[..., Any], environ: dict[str, Any]) -> None:
    said: list[str] = []
    body = app(environ, lambda status, _headers, _info=None: said.append(status))
    list(body)
    getattr(body, "close", lambda: None)()
    if said[0][0] not in "23":
        raise RuntimeError(f"{environ['PATH_INFO']} was answered with {said[0]}")


def _environ(line: str, number: int) -> dict[str, Any]:
    """A line of `requests.lua` as the application gets it, from a visitor of its own."""
    method, place, accept, etag, _encoding, body = line.split("\t")
    path, _, query = place.partition("?")
    form = body.replace("{key}", str(uuid.uuid4()), 1).encode()
    own = {"REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": query, "CONTENT_LENGTH": str(len(form))}
    own |= {"HTTP_X_FORWARDED_FOR": f"10.{number // 62500}.{number // 250 % 250}.{1 + number % 250}"}
    own |= {"HTTP_ACCEPT": accept, "HTTP_USER_AGENT": f"Bench/{number % 500}"} | (
        {"HTTP_IF_NONE_MATCH": etag} if etag else {}
    )
    return {**WSGI, **own, "wsgi.input": io.BytesIO(form)}


@contextmanager
def _tracked() -> Iterator[None]:
    """PostgreSQL counts the statements of connections that are made in the block."""
    url = os.environ["DATABASE_URL"]
    if url.startswith("sqlite"):
        yield
        return
    name = sql.Identifier(url.rpartition("/")[2])
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL("ALTER DATABASE {} SET pg_stat_statements.track = 'all'").format(name))
        yield
        connection.execute(sql.SQL("ALTER DATABASE {} RESET pg_stat_statements.track").format(name))


@contextmanager
def _statements() -> Iterator[list[str]]:
    """What PostgreSQL's own clock says about the statements of the block; nothing on SQLite."""
    url, said = os.environ["DATABASE_URL"], list[str]()
    if url.startswith("sqlite"):
        yield said
        return
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SELECT pg_stat_statements_reset()")
        yield said
        rows = connection.execute(SENT, [ASKED, STATEMENTS]).fetchall()
    lines = [f"{ms} ms × {calls}  {' '.join(words.split())[:110]}" for ms, calls, words in rows]
    if lines:
        head = "PostgreSQL, for each statement, and how many for an answer:"
        said.append("\n".join([head, "", "```", *lines, "```", ""]))


def _start() -> str:
    """From nothing to the first directory, the imports included."""
    profile = cProfile.Profile()
    profile.enable()
    _application().extensions["directory"].current()
    profile.disable()
    return told(profile, 1, "start")


def _change() -> str:
    """The directory after one site's name has changed, in the thread that makes it."""
    app = _application()
    keeper = app.extensions["directory"]
    keeper.current()
    from app.db import db, unit_of_work  # noqa: PLC0415  importing the application is part of what `start` measures
    from app.sites.models import Site  # noqa: PLC0415

    with app.app_context(), unit_of_work():
        db.session.get_one(Site, 1).name = str(uuid.uuid4())
    time.sleep(2)
    profile, run = cProfile.Profile(), threading.Thread.run
    threading.Thread.run = lambda thread: profile.runcall(run, thread)  # type: ignore[method-assign]
    keeper.current()
    for thread in threading.enumerate():
        if thread.name == "directory":
            thread.join()
    return told(profile, 1, "change")


def _memory() -> str:
    """What the first directory holds, by the line that asked for it."""
    app = _application()
    tracemalloc.start()
    app.extensions["directory"].current()
    found = tracemalloc.take_snapshot().statistics("lineno")
    lines = [f"{one.size / 2**20:8.1f} MB  {str(one.traceback).replace(f'{ROOT}/', '')}" for one in found[:STATEMENTS]]
    held = sum(one.size for one in found) / 2**20
    return "\n".join([f"{held:,.0f} MB of Python's and numpy's memory:", "", "```", *lines, "```", ""])


def _application() -> Any:
    from app.wsgi import app  # noqa: PLC0415  the import is part of what is measured

    return app


def main(what: str, *paths: str) -> None:
    """Print the profile."""
    if what != "requests":
        print({"start": _start, "change": _change, "memory": _memory}[what]())
        return
    with _tracked():
        print(_asked(_application(), Path(paths[0])))


if __name__ == "__main__":
    main(*sys.argv[1:])
