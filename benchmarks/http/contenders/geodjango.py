"""GeoDjango with its spatial index: `apps/geodjango.py`."""

from pathlib import Path

import orjson

from benchmarks.http.contenders import WORKERS, Command
from benchmarks.http.data import Box, Position
from benchmarks.http.installation import Installation
from benchmarks.http.load import Request
from benchmarks.http.peers import APPS, program


class GeoDjango:
    """On gunicorn, with threads as ours has, and connections that stay open."""

    name = "GeoDjango"
    events = "django.usage_record"

    def command(self, installation: Installation, port: int) -> Command:
        """In the peers' environment."""
        options = ["-w", str(WORKERS), "-k", "gthread", "--threads", "4", "-b", f"127.0.0.1:{port}"]
        gunicorn: list[str | Path] = [program("gunicorn"), *options, "--chdir", APPS, "geodjango:application"]
        return Command(gunicorn, installation.environment, "/nearest?lon=120&lat=30")

    def nearest(self, place: Position) -> Request:
        """Ten rooms."""
        return Request(f"/nearest?lon={place[0]:.6f}&lat={place[1]:.6f}")

    def within(self, box: Box, limit: int) -> Request:
        """The rooms in a box."""
        return Request(f"/within?bbox={','.join(f'{edge:.7f}' for edge in box)}&limit={limit}")

    def ids(self, body: bytes) -> list[int]:
        """The features' ids."""
        return [feature["id"] for feature in orjson.loads(body)["features"]]

    def scan(self, code: str) -> Request:
        """A tap."""
        return Request(f"/r/{code}", "POST", "application/json", body="purpose=nursing&key=KEY")
