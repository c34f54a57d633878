"""pygeoapi: OGC API Features in front of PostgreSQL, its own Flask application on gunicorn."""

from pathlib import Path
from urllib.parse import urlsplit

import orjson

from benchmarks.http.contenders import WORKERS, Command, feature_ids
from benchmarks.http.data import Box
from benchmarks.http.installation import Installation
from benchmarks.http.load import Request
from benchmarks.http.peers import program

ITEMS = "/collections/rooms/items"


class Pygeoapi:
    """With its PostgreSQL provider."""

    name = "pygeoapi"

    def command(self, installation: Installation, port: int) -> Command:
        """In the peers' environment, from a configuration written here."""
        config, openapi = installation.folder / "pygeoapi.yml", installation.folder / "pygeoapi-openapi.yml"
        config.write_bytes(orjson.dumps(_config(installation.database_url, port)))  # JSON is YAML
        openapi.write_text("{}")
        places = {"PYGEOAPI_CONFIG": str(config), "PYGEOAPI_OPENAPI": str(openapi)}
        options = ["-w", str(WORKERS), "-k", "gthread", "--threads", "4", "-b", f"127.0.0.1:{port}"]
        gunicorn: list[str | Path] = [program("gunicorn"), *options, "pygeoapi.flask_app:APP"]
        return Command(gunicorn, {**installation.environment, **places}, f"{ITEMS}?limit=1&f=json")

    def within(self, box: Box, limit: int) -> Request:
        """The rooms in a box."""
        return Request(f"{ITEMS}?bbox={','.join(f'{edge:.7f}' for edge in box)}&limit={limit}&f=json")

    def ids(self, body: bytes) -> list[int]:
        """The features' ids."""
        return feature_ids(body)


def _config(database_url: str, port: int) -> dict[str, object]:
    place = urlsplit(database_url)
    data = {"host": place.hostname, "port": place.port, "dbname": place.path[1:], "user": place.username}
    url = f"http://127.0.0.1:{port}"
    words = {"title": "rooms", "description": "rooms", "keywords": ["rooms"]}
    extents = {"spatial": {"bbox": [-180, -90, 180, 90], "crs": "http://www.opengis.net/def/crs/OGC/1.3/CRS84"}}
    provider = {
        "type": "feature",
        "name": "PostgreSQL",
        "data": {**data, "password": "", "search_path": ["peers"]},
        "id_field": "id",
        "table": "feature",
        "geom_field": "geom",
    }
    return {
        "server": {
            "bind": {"host": "127.0.0.1", "port": port},
            "url": url,
            "mimetype": "application/json; charset=UTF-8",
            "encoding": "utf-8",
            "languages": ["en-US"],
            "limits": {"default_items": 10, "max_items": 1000},
            "map": {"url": "", "attribution": ""},
        },
        "logging": {"level": "ERROR"},
        "metadata": {
            "identification": {**words, "keywords_type": "theme", "terms_of_service": url, "url": url},
            "license": {"name": "", "url": url},
            "provider": {"name": "bench", "url": url},
            "contact": {"name": "bench"},
        },
        "resources": {
            "rooms": {"type": "collection", **words, "links": [], "extents": extents, "providers": [provider]}
        },
    }
