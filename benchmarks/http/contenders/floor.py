"""The floor: a Flask page that answers one line of JSON, on gunicorn's plain workers."""

import sys

from benchmarks.http.contenders import WORKERS, Command
from benchmarks.http.installation import Installation
from benchmarks.http.load import Request


class Floor:
    """F in the targets."""

    name = "F, a bare Flask page"

    def command(self, installation: Installation, port: int) -> Command:
        """On the Python that ours runs on."""
        options = ["-w", str(WORKERS), "-b", f"127.0.0.1:{port}"]
        gunicorn = [sys.executable, "-m", "gunicorn", *options, "benchmarks.http.apps.floor:app"]
        return Command(gunicorn, installation.environment, "/")

    def page(self) -> Request:
        """The only question."""
        return Request("/")
