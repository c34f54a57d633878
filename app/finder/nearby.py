"""The nearest other rooms, for features that may not import this one: `app.extensions["nearby_sites"]`."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from flask import url_for
from sqlalchemy import select

from app import clock
from app.db import db
from app.errors import Unavailable
from app.finder.directory import Directory
from app.finder.entries import Filters
from app.finder.services import current_directory
from app.sites.datums import Point
from app.sites.models import Site, SiteKind

Hit = tuple[int, float | None]

SMALL_NETWORK = 60
SPARE = 20
"""So many more are looked at: some are suspended or closed at this hour."""
ROOMS = Filters(kinds=frozenset({SiteKind.ROOM.value}))


def nearby_sites(site_id: int | None, limit: int) -> list[dict[str, Any]]:
    """The nearest published rooms other than `site_id` that are not suspended: nearest first, those closed now last.

    Each is {name, url, distance_m, floor_label, open_state}, open_state one of open, closed, unknown. A site that is
    not published itself is looked up in the database. Without a site, or when its pin is unknown, a small network is
    offered as it is, open sites first, with distance_m None; otherwise, and while the directory is not ready, the
    list is empty.
    """
    try:
        directory = current_directory()
    except Unavailable:
        return []
    at = clock.now()
    pin = _pin(directory, site_id)
    if pin is not None:
        found = rooms_near(directory, pin, limit, at, but=site_id)
        return [_room(directory, position, metres, at) for position, metres in found]
    if len(directory.entries) > SMALL_NETWORK:
        return []
    rooms: list[Hit] = [(number, None) for number, entry in enumerate(directory.entries) if entry.kind == SiteKind.ROOM]
    rooms.sort(key=lambda hit: (directory.live(hit[0], at)["state"] != "open", directory.table.ids[hit[0]]))
    return [_room(directory, position, None, at) for position, _ in _of_use(directory, rooms, at, site_id)[:limit]]


def rooms_near(directory: Directory, pin: Point, limit: int, at: datetime, but: int | None) -> list[Hit]:
    """At most `limit` rooms other than the site `but` as (position, metres), in the order of `nearby_sites`."""
    return _of_use(directory, directory.nearest(*pin, limit=limit + 1 + SPARE, at=at, filters=ROOMS), at, but)[:limit]


def _of_use(directory: Directory, hits: Iterable[Hit], at: datetime, but: int | None) -> list[Hit]:
    """Without the site `but` and those that are suspended; those closed now last."""
    others = [(directory.live(hit[0], at)["state"], hit) for hit in hits if directory.table.ids[hit[0]] != but]
    usable = [(state, hit) for state, hit in others if state != "suspended"]
    return [hit for _, hit in sorted(usable, key=lambda one: one[0] == "closed")]


def _pin(directory: Directory, site_id: int | None) -> Point | None:
    if site_id is None:
        return None
    position = directory.position_of(site_id)
    if position is not None:
        lon, lat = directory.entries[position].lon, directory.entries[position].lat
    else:
        unpublished = db.session.execute(select(Site.lon, Site.lat).where(Site.id == site_id)).one_or_none()
        lon, lat = unpublished or (None, None)
    return None if lon is None or lat is None else (lon, lat)


def _room(directory: Directory, position: int, metres: float | None, at: datetime) -> dict[str, Any]:
    entry = directory.entries[position]
    return {
        "name": entry.name,
        "url": url_for("finder.site", site_id=entry.site_id),
        "distance_m": metres,
        "floor_label": entry.floor,
        "open_state": directory.live(position, at)["state"],
    }
