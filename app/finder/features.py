"""GeoJSON put together from bytes that were serialised when the directory was built."""

from collections.abc import Iterable, Mapping
from typing import Any, Self

import orjson


class FeatureBytes:
    """Per site the bytes before and after what changes from answer to answer."""

    def __init__(self, heads: list[bytes], tails: list[bytes]) -> None:
        self._heads = heads
        self._tails = tails

    @classmethod
    def of(cls, sites: Iterable[tuple[float | None, float | None, Mapping[str, Any]]]) -> Self:
        """`sites` are (lon, lat, properties); the properties' `id` becomes the feature's id too."""
        heads, tails = [], []
        for lon, lat, properties in sites:
            geometry = None if lon is None else {"type": "Point", "coordinates": (lon, lat)}
            feature = {"type": "Feature", "id": properties["id"], "geometry": geometry}
            heads.append(orjson.dumps(feature)[:-1] + b',"properties":{')
            tails.append(orjson.dumps(dict(properties))[1:] + b"}")
        return cls(heads, tails)

    def collection(self, features: Iterable[tuple[int, float | None, bytes]], members: bytes) -> bytes:
        """A FeatureCollection of (position, metres or None, live bytes) with further `members`, each with its comma."""
        heads, tails = self._heads, self._tails
        pieces: list[bytes] = []
        for position, metres, live in features:
            distance = b"" if metres is None else b'"distance_m":%.2f,' % metres
            pieces += (heads[position], distance, live, tails[position], b",")
        return b"".join((b'{"type":"FeatureCollection",', members, b'"features":[', *pieces[:-1], b"]}"))
