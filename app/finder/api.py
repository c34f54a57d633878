"""The public API of the finder: GeoJSON straight from the directory, no database on the way."""

from hashlib import blake2b
from http import HTTPStatus
from typing import Any

from flask import Response, request
from flask_smorest import Blueprint

from app import clock
from app.finder import parameters as read
from app.finder.openapi import GEOJSON, MOST_IN_BOX, MOST_NEAREST, NEAREST, USUAL_IN_BOX, USUAL_NEAREST, WITHIN
from app.finder.services import current_directory, origin_member
from app.web import PUBLIC, access

blueprint = Blueprint("sites_api", __name__, url_prefix="/api/v1/sites", description="Find published sites")


def _names(documented: dict[str, Any]) -> frozenset[str]:
    """The parameters of a route, and `lang`, which every address may carry."""
    return frozenset(one["name"] for one in documented["parameters"]) | {"lang"}


_OF_NEAREST, _OF_WITHIN = _names(NEAREST), _names(WITHIN)


@blueprint.route("/nearest")
@access(PUBLIC)
@blueprint.doc(**NEAREST)
def nearest() -> Response:
    """The nearest published sites

    Ordered by distance on the WGS-84 spheroid, then by id. The position asked about is neither stored nor logged.
    """
    arguments = request.args
    read.only(arguments, _OF_NEAREST)
    lon, lat = read.place(arguments)
    limit = read.whole(arguments, "limit", 1, MOST_NEAREST, USUAL_NEAREST)
    radius_m, filters = read.radius_m(arguments), read.filters(arguments)
    directory, at = current_directory(), clock.now()
    hits = directory.nearest(lon, lat, limit=limit, at=at, filters=filters, radius_m=radius_m)
    content = directory.collection(hits, at, members=origin_member(lon, lat))
    # The address of this answer holds somebody's position; no cache may keep it.
    return Response(content, headers={"Content-Type": GEOJSON, "Cache-Control": "no-store"})


@blueprint.route("")
@access(PUBLIC)
@blueprint.doc(**WITHIN)
def within() -> Response:
    """The published sites in a box

    Ordered by id; `total` counts all of them when `limit` cuts the list. Answers carry an ETag.
    """
    arguments = request.args
    read.only(arguments, _OF_WITHIN)
    box, filters = read.box(arguments), read.filters(arguments)
    limit = read.whole(arguments, "limit", 1, MOST_IN_BOX, USUAL_IN_BOX)
    directory, at = current_directory(), clock.now()
    positions, total = directory.within(box, limit=limit, at=at, filters=filters)
    content = directory.collection(((position, None) for position in positions), at, b'"total":%d,' % total)
    etag = blake2b(content, digest_size=12).hexdigest()
    headers = {"Cache-Control": "no-cache", "ETag": f'"{etag}"'}
    if request.if_none_match.contains_weak(etag):
        return Response(status=HTTPStatus.NOT_MODIFIED, headers=headers)
    return Response(content, headers={"Content-Type": GEOJSON, **headers})
