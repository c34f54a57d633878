"""gunicorn's settings for production: gunicorn -c deploy/gunicorn.conf.py app.wsgi:app"""

import gc
import os
from pathlib import Path

bind = os.environ.get("BIND", "127.0.0.1:8000")
workers = int(os.environ.get("WEB_CONCURRENCY", "3"))
worker_class = "gthread"
threads = 4
timeout = 30
graceful_timeout = 20
max_requests = 20_000
max_requests_jitter = 2_000
# The application is loaded once, before the workers: one that dies is replaced within milliseconds instead of seconds,
# and all of them limit by the same key. New code needs a restart; HUP alone starts new workers of the old one.
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


def when_ready(_server):  # type: ignore[no-untyped-def]
    """What is loaded by now stays: the workers share its memory, and none looks through it again when it ends."""
    gc.collect()
    gc.freeze()


def post_fork(_server, worker):  # type: ignore[no-untyped-def]
    """No worker uses a connection to the database that another process has opened."""
    from app.db import db  # noqa: PLC0415  only now is there an application

    with worker.app.callable.app_context():
        for engine in db.engines.values():
            engine.dispose(close=False)


def post_worker_init(worker):  # type: ignore[no-untyped-def]
    """Each worker seals what is due from its start on, also when nobody comes."""
    worker.wsgi.extensions["sealer"].ensure()


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
