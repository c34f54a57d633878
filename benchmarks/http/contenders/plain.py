"""What the two hand-written views have in common: where they answer, on which workers."""

from collections.abc import Sequence
from pathlib import Path

from benchmarks.http.contenders import WORKERS, Command, feature_ids
from benchmarks.http.data import Box, Position
from benchmarks.http.installation import Installation
from benchmarks.http.load import Request


class PlainViews:
    """On gunicorn, with threads as ours has."""

    gunicorn: Sequence[str | Path]
    """The program, and the application."""

    def command(self, installation: Installation, port: int) -> Command:
        """Ready when it has answered from the database."""
        options = ["-w", str(WORKERS), "-k", "gthread", "--threads", "4", "-b", f"127.0.0.1:{port}"]
        return Command([*self.gunicorn, *options], installation.environment, "/nearest?lon=120&lat=30")

    def nearest(self, place: Position) -> Request:
        """Ten rooms."""
        return Request(f"/nearest?lon={place[0]:.6f}&lat={place[1]:.6f}")

    def within(self, box: Box, limit: int) -> Request:
        """The rooms in a box."""
        return Request(f"/within?bbox={','.join(f'{edge:.7f}' for edge in box)}&limit={limit}")

    def ids(self, body: bytes) -> list[int]:
        """The features' ids."""
        return feature_ids(body)

    def scan(self, _site: int, code: str) -> Request:
        """A tap."""
        return Request(f"/r/{code}", "POST", "application/json", body="purpose=nursing&key={key}")
