"""`make demo`: create or update the embedded database, fill it once, and serve it until Ctrl-C.

    python -m tools.demo

HOST, PORT (default 127.0.0.1:8000) and XIAOWU_DATA (default instance/) are read from the environment, and so are all
settings of docs/settings.md.
"""

import errno
import os
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from flask import Flask
from flask.cli import ScriptInfo
from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]

from app import create_app
from app.config import Settings
from app.db import db
from app.errors import DomainError
from app.maintenance.scheduler import Scheduler
from tools.progress import fail

WORKERS, THREADS = 2, 4
ANY_ADDRESS = ("0.0.0.0", "::", "")  # noqa: S104  recognised here, never a default


class Server(BaseApplication):  # type: ignore[misc]
    """gunicorn inside this process, so that a start imports the application once."""

    def __init__(self, app: Flask, options: dict[str, Any]) -> None:
        self.application = app
        self.options = options
        super().__init__()

    def load_config(self) -> None:
        """Hand gunicorn its options."""
        for name, value in self.options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """The application, already made; workers are forked from here."""
        return self.application


def main() -> None:
    """Prepare and serve; end with a sentence when the port, the folder or a setting is in the way."""
    host, port = os.environ.get("HOST") or "127.0.0.1", _port(os.environ.get("PORT") or "8000")
    _check_free(host, port)
    os.environ.setdefault("XIAOWU_MODE", "demo")
    if not os.environ.get("XIAOWU_BASE_URL"):
        os.environ["XIAOWU_BASE_URL"] = f"http://{_reachable(host)}:{port}"
    with _said():
        app = create_app(Settings.from_environment(os.environ))
    # Setting posters starts threads of typst, which workers forked here afterwards would lack and wait for for ever.
    preparing = get_context("fork").Process(target=_prepare, args=(app,))
    preparing.start()
    preparing.join()
    if preparing.exitcode:
        raise SystemExit(preparing.exitcode)
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose()  # a connection must not be shared with the workers
    print("Serving. Ctrl-C ends it, the data stay.", flush=True)
    Server(app, _options(host, port)).run()


def _prepare(app: Flask) -> None:
    with _said():
        _run(app, "db", "upgrade")
        _run(app, "demo", "create")


@contextmanager
def _said() -> Iterator[None]:
    try:
        yield
    except DomainError as error:
        fail(str(error))
    except OSError as error:
        fail(f"{error.filename}: {error.strerror}; set XIAOWU_DATA to a folder of your own")


def _options(host: str, port: int) -> dict[str, Any]:
    """Threads, because a browser opens connections ahead and leaves them idle, which would block a plain worker."""
    return {
        "bind": f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
        "workers": WORKERS,
        "worker_class": "gthread",
        "threads": THREADS,
        "control_socket_disable": True,
        "graceful_timeout": 2,
        "post_worker_init": lambda worker: Scheduler(worker.app.application).start(),
        "worker_int": _leave_at_once,
        "loglevel": "warning",
        "proc_name": "xiaowu-demo",
    }


def _leave_at_once(_worker: object) -> None:
    """On Ctrl-C: threads would wait for connections that a browser keeps open. What was answered is on disk already."""
    os._exit(0)


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 65535):
        fail(f"PORT is “{text}”; set it to a number from 1 to 65535, for example: PORT=8080 make demo")
    return int(text)


def _check_free(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            fail(_why_not(error, host, port))


def _why_not(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} on {host} is in use. Stop what listens there, or choose another: PORT={port + 1} make demo"
    if error.errno == errno.EACCES:
        return f"Port {port} is not yours to open. Choose one above 1023: PORT=8000 make demo"
    return f"Cannot listen on {host}:{port}: {error.strerror or error}. Set HOST to an address of this machine."


def _reachable(host: str) -> str:
    """The address to print: for “all addresses” this machine's own in its network, so that a phone can scan a door."""
    if host not in ANY_ADDRESS:
        return f"[{host}]" if ":" in host else host
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # chooses the outgoing address; a datagram socket sends nothing yet
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])


def _run(app: Flask, *command: str) -> None:
    """Run one of the application's own commands in the process that calls."""
    make: Callable[[], Flask] = lambda: app  # noqa: E731
    app.cli.main(list(command), prog_name="flask", standalone_mode=False, obj=ScriptInfo(create_app=make))


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    main()
