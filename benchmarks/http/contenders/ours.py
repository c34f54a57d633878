"""Ours, started as in production: deploy/gunicorn.conf.py."""

import sys
from datetime import UTC, datetime
from urllib.parse import urlencode

from app.usage import doors
from benchmarks.http.contenders import WORKERS, Command, feature_ids
from benchmarks.http.data import Box, Position
from benchmarks.http.installation import SECRET, Installation
from benchmarks.http.load import Request

FILTERED = "&open_now=true&facility=lock"


class Ours:
    """What is measured against all others."""

    name = "ours"
    events = "usage_record"

    def command(self, installation: Installation, port: int) -> Command:
        """Ready when the directory has been built."""
        environment = {**installation.environment, "BIND": f"127.0.0.1:{port}", "WEB_CONCURRENCY": str(WORKERS)}
        gunicorn = [sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", "app.wsgi:app"]
        return Command(gunicorn, environment, "/api/v1/sites/nearest?lat=30&lon=120")

    def nearest(self, place: Position, filters: str = "") -> Request:
        """Ten rooms; `filters` is `FILTERED` or nothing."""
        lon, lat = place
        return Request(f"/api/v1/sites/nearest?lat={lat:.6f}&lon={lon:.6f}&limit=10{filters}")

    def within(self, box: Box, limit: int) -> Request:
        """The rooms in a box."""
        return Request(f"/api/v1/sites?bbox={','.join(f'{edge:.7f}' for edge in box)}&limit={limit}")

    def ids(self, body: bytes) -> list[int]:
        """The features' ids."""
        return feature_ids(body)

    def door(self, code: str) -> Request:
        """The page behind a code."""
        return Request(f"/r/{code}", accept="text/html")

    def scan(self, site: int, code: str) -> Request:
        """A tap as the page's script sends it. Its token is good for twelve hours."""
        token = doors.issue(SECRET, doors.Door(code, site, site), datetime.now(UTC))
        form = urlencode({"token": token, "purpose": "nursing"}) + "&key={key}"
        return Request(f"/r/{code}", "POST", "application/json", body=form)
