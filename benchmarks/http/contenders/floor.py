"""The floor: a Flask page that answers one line of JSON."""

import sys

from benchmarks.http.contenders import WORKERS, Command
from benchmarks.http.installation import Installation
from benchmarks.http.load import Request


class Floor:
    """F in the targets: gunicorn's plain workers. With other `options` the same page on other workers."""

    def __init__(self, name: str = "F, a bare Flask page", *options: str) -> None:
        self.name, self._options = name, options

    def command(self, installation: Installation, port: int) -> Command:
        """On the Python that ours runs on."""
        options = ["-w", str(WORKERS), "-b", f"127.0.0.1:{port}", *self._options]
        gunicorn = [sys.executable, "-m", "gunicorn", *options, "benchmarks.http.apps.floor:app"]
        return Command(gunicorn, installation.environment, "/")

    def page(self) -> Request:
        """The only question."""
        return Request("/")
