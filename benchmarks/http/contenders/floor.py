"""The floor: a Flask page that answers one line of JSON, on gunicorn's plain workers."""

import sys

from flask import Flask, Response, jsonify

from benchmarks.http.contenders import WORKERS, Command
from benchmarks.http.installation import Installation
from benchmarks.http.load import Request

app = Flask(__name__)


@app.get("/")
def page() -> Response:
    """One line."""
    return jsonify(ok=True)


class Floor:
    """F in the targets."""

    name = "F, a bare Flask page"

    def command(self, installation: Installation, port: int) -> Command:
        """On the Python that ours runs on."""
        gunicorn = [sys.executable, "-m", "gunicorn", "-w", str(WORKERS), "-b", f"127.0.0.1:{port}", f"{__name__}:app"]
        return Command(gunicorn, installation.environment, "/")

    def page(self) -> Request:
        """The only question."""
        return Request("/")
