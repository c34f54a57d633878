"""tipg: OGC API Features straight out of PostGIS, on asyncpg."""

from pathlib import Path

from benchmarks.http.contenders import WORKERS, Command, feature_ids
from benchmarks.http.data import Box
from benchmarks.http.installation import Installation
from benchmarks.http.load import Request
from benchmarks.http.peers import program

ITEMS = "/collections/peers.feature/items"


class Tipg:
    """On uvicorn with uvloop and httptools."""

    name = "tipg"

    def command(self, installation: Installation, port: int) -> Command:
        """In the peers' environment."""
        words: list[str | Path] = [program("uvicorn"), "tipg.main:app", "--workers", str(WORKERS), "--port", str(port)]
        environment = {**installation.environment, "TIPG_DB_SCHEMAS": '["peers"]', "TIPG_CATALOG_TTL": "86400"}
        return Command([*words, "--no-access-log", "--log-level", "warning"], environment, f"{ITEMS}?limit=1")

    def within(self, box: Box, limit: int) -> Request:
        """The rooms in a box."""
        return Request(f"{ITEMS}?bbox={','.join(f'{edge:.7f}' for edge in box)}&limit={limit}&f=geojson")

    def ids(self, body: bytes) -> list[int]:
        """The features' ids."""
        return feature_ids(body)
