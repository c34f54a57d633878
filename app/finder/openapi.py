"""What the finder's API says about itself (OpenAPI 3.1)."""

from typing import Any, Final

from app.finder.parameters import LONGEST_RADIUS_M
from app.sites.datums import Datum
from app.sites.facilities import facilities
from app.sites.models import SiteKind

GEOJSON: Final = "application/geo+json"
MOST_NEAREST: Final = 100
USUAL_NEAREST: Final = 10
MOST_IN_BOX: Final = 5000
USUAL_IN_BOX: Final = 500


def _parameter(name: str, about: str, *, required: bool = False, **schema: Any) -> dict[str, Any]:
    return {"in": "query", "name": name, "required": required, "description": about, "schema": schema}


def _limit(most: int, usual: int) -> dict[str, Any]:
    return _parameter("limit", "How many at most.", type="integer", minimum=1, maximum=most, default=usual)


_LON = {"type": "number", "minimum": -180, "maximum": 180}
_LAT = {"type": "number", "minimum": -90, "maximum": 90}
_CRS = _parameter(
    "crs",
    "Datum of the coordinates in the question; the answer is always WGS-84. Places outside China are never shifted.",
    type="string", enum=[datum.value for datum in Datum], default="wgs84",
)  # fmt: skip
_FILTERS = [
    _parameter("open_now", "Only sites that are certainly open at this moment.", type="boolean", default=False),
    {
        **_parameter("facility", "Only sites with all of these; repeated or separated by commas.",
                     type="array", minItems=1, items={"type": "string", "enum": [*facilities()]}),
        "explode": False,
    },
    {
        **_parameter("kind", "Only sites of one of these kinds; repeated or separated by commas.",
                     type="array", minItems=1, items={"type": "string", "enum": [kind.value for kind in SiteKind]}),
        "explode": False,
    },
]  # fmt: skip
_NULLABLE_TEXT = {"type": ["string", "null"]}
_COLLECTION = {
    "type": "object",
    "required": ["type", "features"],
    "properties": {
        "type": {"const": "FeatureCollection"},
        "total": {"type": "integer", "description": "How many sites match, also beyond `limit` (bbox only)"},
        "origin_on_map": {
            "type": "array",
            "description": "The place asked about in the datum of this server's map tiles, if that is not WGS-84 "
            "(nearest only)",
        },
        "features": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["type", "id", "geometry", "properties"],
                "properties": {
                    "type": {"const": "Feature"},
                    "id": {"type": "integer"},
                    "geometry": {
                        "type": "object",
                        "properties": {
                            "type": {"const": "Point"},
                            "coordinates": {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2},
                        },
                    },
                    "properties": {
                        "type": "object",
                        "required": ["id", "name", "kind", "state", "facilities"],
                        "properties": {
                            "id": {"type": "integer"},
                            "name": {"type": "string"},
                            "kind": {"enum": [kind.value for kind in SiteKind]},
                            "location_kind": {"enum": ["public", "internal"]},
                            "address": {"type": "string"},
                            "district": {"type": "string"},
                            "floor": {"type": "string", "description": "As signed in the building"},
                            "landmark": {"type": "string", "description": "The last 50 metres in words"},
                            "facilities": {"type": "array", "items": {"type": "string"}},
                            "admission": _NULLABLE_TEXT | {"description": "staff, building or anyone; null: not known"},
                            "women_only": {"type": ["boolean", "null"]},
                            "access_note": {"type": "string"},
                            "hours_text": {"type": "string", "description": "The hours in the source's own words"},
                            "hours_today": {
                                "type": ["array", "null"],
                                "description": "Pairs HH:MM of the local day; [] closed all day, null unknown; after "
                                "midnight the hours count on past 24",
                            },
                            "changes_at": _NULLABLE_TEXT
                            | {
                                "description": "HH:MM, local: when an open site closes, or a closed one opens later on "
                                "the same day; null: neither is known"
                            },
                            "state": {"enum": ["open", "closed", "unknown", "suspended"]},
                            "scan_only": {
                                "type": "array",
                                "description": "Pairs [from, until) of instants between which one enters only after "
                                "scanning the code at the door; until null: no end yet. Left out where there are none",
                            },
                            "last_verified_on": _NULLABLE_TEXT | {"format": "date"},
                            "being_checked": {
                                "type": "boolean",
                                "description": "Independent reports say that it is locked or gone",
                            },
                            "is_synthetic": {"type": "boolean", "description": "Demonstration data, not a real site"},
                            "url": {"type": "string", "description": "The site's page on this server"},
                            "distance_m": {"type": "number", "description": "On the WGS-84 spheroid (nearest only)"},
                            "map": {"type": "array", "description": "The pin in the datum of this server's map tiles"},
                        },
                    },
                },
            },
        },
    },
}
_LINKS = {
    name: {
        "operationRef": f"#/paths/~1api~1v1~1sites~1{{site_id}}~1{name}/get",
        "parameters": {"path.site_id": "$response.body#/features/0/id"},
    }
    for name in ("months", "eligibility")
}
"""What to ask next about a site that was found."""
_ERROR = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}}
_ANSWERS = {
    "200": {
        "description": "A GeoJSON FeatureCollection (RFC 7946)",
        "content": {GEOJSON: {"schema": _COLLECTION}},
        "links": _LINKS,
    },
    "422": {"description": "A parameter is wrong or not known; `fields` names it"} | _ERROR,
    "503": {"description": "The directory is not ready yet"} | _ERROR,
}

NEAREST: Final[dict[str, Any]] = {
    "parameters": [
        _parameter("lat", "Latitude in degrees.", required=True, **_LAT),
        _parameter("lon", "Longitude in degrees.", required=True, **_LON),
        _CRS,
        _limit(MOST_NEAREST, USUAL_NEAREST),
        _parameter("radius_m", "Not farther than this, in metres.", type="number", minimum=0, maximum=LONGEST_RADIUS_M),
        *_FILTERS,
    ],
    "responses": _ANSWERS,
}
WITHIN: Final[dict[str, Any]] = {
    "parameters": [
        {
            **_parameter(
                "bbox",
                "minlon,minlat,maxlon,maxlat; a minlon above maxlon runs across the date line. Edges belong to it.",
                required=True, type="array", minItems=4, maxItems=4, items={"type": "number"},
                prefixItems=[_LON, _LAT, _LON, _LAT],
            ),
            "explode": False,
        },
        _CRS,
        _limit(MOST_IN_BOX, USUAL_IN_BOX),
        *_FILTERS,
    ],
    "responses": _ANSWERS | {"304": {"description": "Nothing has changed since the ETag sent in If-None-Match"}},
}  # fmt: skip
