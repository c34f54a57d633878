"""gunicorn's settings for production: gunicorn -c deploy/gunicorn.conf.py app.wsgi:app"""

import gc
import itertools
import os
import shutil
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

MOST_WORKERS = 256


def _refuse(variable, text, wish):  # type: ignore[no-untyped-def]
    """End the start with a sentence."""
    sys.exit(f"{variable} is “{text}”; set it to {wish}")


def _workers():  # type: ignore[no-untyped-def]
    """With none the service would start and answer nobody. What is no number ends gunicorn before it reads this."""
    text = os.environ.get("WEB_CONCURRENCY", "3")
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= MOST_WORKERS):
        _refuse("WEB_CONCURRENCY", text, f"a whole number from 1 to {MOST_WORKERS}")
    return int(text)


def _bind():  # type: ignore[no-untyped-def]
    text = os.environ.get("BIND", "127.0.0.1:8000")
    if text.startswith(("unix:", "fd://")):
        return text
    _, colon, port = text.rpartition(":")
    is_port = port.isascii() and port.isdigit() and 1 <= int(port[:9]) <= 65535
    if not (is_port if colon and not port.endswith("]") else text):
        _refuse("BIND", text, "an address and a port, such as 127.0.0.1:8000")
    return text


bind, workers = _bind(), _workers()
worker_class = "gthread"
threads = 4
# One worker could otherwise hold all of a proxy's open connections, and the others would have nothing to do.
worker_connections = 3 * threads
timeout = 30
graceful_timeout = 20
max_requests = 200_000
max_requests_jitter = 20_000
# The application is loaded once, before the workers: one that dies is replaced within milliseconds instead of seconds,
# and all of them limit by the same key. New code needs a restart, which drops nothing when xiaowu.socket keeps the
# socket open meanwhile; HUP alone starts new workers of the old code.
preload_app = True
# The workers' signs of life never wait for a disk.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108
# Addresses of visitors and query strings stay out of every log (design, section 5).
accesslog = None
errorlog = "-"
loglevel = "warning"
# One process answers for the whole machine; nothing needs to steer it over a socket.
control_socket_disable = True
proc_name = "xiaowu"

# Loading makes a million objects that stay: looking for circles among them takes a sixth of the time.
gc.disable()

metrics_folder = None
worker_number = 0
if os.environ.get("XIAOWU_METRICS_TOKEN"):
    # Where the workers count, in memory. The library looks for it while it is imported.
    metrics_folder = os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp("", "xiaowu-metrics-", worker_tmp_dir)
    from prometheus_client import values

    # A worker counts where the one before it in its place did: as many files as workers, however often they end.
    values.ValueClass = values.MultiProcessValue(lambda: worker_number)


def when_ready(server):  # type: ignore[no-untyped-def]
    """What is loaded by now stays: the workers share its memory, and none looks through it again when it ends."""
    from app.db import db  # noqa: PLC0415  only now is there an application
    from app.errors import Unavailable  # noqa: PLC0415

    with suppress(Unavailable):  # without a database it is built when somebody asks
        server.app.callable.extensions["directory"].current()
    with server.app.callable.app_context():
        for engine in db.engines.values():
            engine.dispose()
    gc.freeze()
    gc.enable()


def pre_fork(server, worker):  # type: ignore[no-untyped-def]
    """Every worker has a number, the smallest that is free."""
    taken = {other.number for other in server.WORKERS.values()}
    worker.number = next(number for number in itertools.count(1) if number not in taken)


def post_fork(_server, worker):  # type: ignore[no-untyped-def]
    """No worker uses a connection to the database that another process has opened."""
    global worker_number  # noqa: PLW0603  this file is the process's own configuration
    worker_number = worker.number
    from app.db import db  # noqa: PLC0415  only now is there an application

    with worker.app.callable.app_context():
        for engine in db.engines.values():
            engine.dispose(close=False)


def post_worker_init(worker):  # type: ignore[no-untyped-def]
    """Each worker seals what is due from its start on, also when nobody comes."""
    worker.wsgi.extensions["sealer"].ensure()


def child_exit(_server, worker):  # type: ignore[no-untyped-def]
    """What a worker held goes with it."""
    if metrics_folder:
        from prometheus_client.multiprocess import mark_process_dead  # noqa: PLC0415

        mark_process_dead(worker.number)


def on_exit(_server):  # type: ignore[no-untyped-def]
    """What was counted ends with the process; Prometheus knows that counters begin anew."""
    if metrics_folder:
        shutil.rmtree(metrics_folder, ignore_errors=True)


def _without_visitors(record):  # type: ignore[no-untyped-def]
    """A malformed request is told without its words and where it came from, a failed one without its query string."""
    if str(record.msg).startswith("Invalid request from"):
        record.msg, record.args = "A malformed request was refused", ()
    elif str(record.msg).startswith("Error handling request") and record.args:
        record.args = tuple(str(part).partition("?")[0] for part in record.args)
    return True


def on_starting(server):  # type: ignore[no-untyped-def]
    """What gunicorn itself writes about requests goes through the filter."""
    server.log.error_log.addFilter(_without_visitors)
    if os.environ.get("XIAOWU_LOG_FORMAT") == "json":
        from app.operating.logs import JsonLines  # noqa: PLC0415

        for handler in server.log.error_log.handlers:
            handler.setFormatter(JsonLines())
