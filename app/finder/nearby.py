"""The nearest other rooms, for features that may not import this one: `app.extensions["nearby_sites"]`."""

from datetime import datetime
from typing import Any

from flask import url_for
from sqlalchemy import select

from app import clock
from app.db import db
from app.errors import Unavailable
from app.finder.directory import Directory
from app.finder.services import current_directory
from app.sites.datums import Point
from app.sites.models import Site

SMALL_NETWORK = 60
SPARE_FOR_SUSPENDED = 20


def nearby_sites(site_id: int | None, limit: int) -> list[dict[str, Any]]:
    """The nearest published sites other than `site_id` that are not suspended, nearest first.

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
    if pin is None:
        hits: list[tuple[int, float | None]] = []
        if len(directory.entries) <= SMALL_NETWORK:
            hits = [(position, None) for position in range(len(directory.entries))]
            hits.sort(key=lambda hit: (directory.live(hit[0], at)["state"] != "open", directory.table.ids[hit[0]]))
    else:
        hits = [*directory.nearest(*pin, limit=limit + 1 + SPARE_FOR_SUSPENDED, at=at)]
    rooms = [_room(directory, position, metres, at) for position, metres in hits]
    return [room for room in rooms if room.pop("site_id") != site_id and room["open_state"] != "suspended"][:limit]


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
        "site_id": entry.site_id,
        "name": entry.name,
        "url": url_for("finder.site", site_id=entry.site_id),
        "distance_m": metres,
        "floor_label": entry.floor,
        "open_state": directory.live(position, at)["state"],
    }
