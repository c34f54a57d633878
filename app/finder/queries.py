"""What the directory is built from: the published sites, read in a few statements whatever their number."""

import logging
from collections import defaultdict
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from app.accounts.models import TradeUnion
from app.db import Model
from app.finder.entries import Entry, Span
from app.finder.folding import fold
from app.sites.datums import Datum, as_shown
from app.sites.divisions import division_name
from app.sites.facilities import facilities
from app.sites.hours import Hours
from app.sites.models import DirectoryVersion, Site, SitePhoto, SiteStatus, Suspension, SuspensionMode

LOG = logging.getLogger(__name__)
COLUMNS = (
    Site.id, Site.name, Site.address, Site.kind, Site.location_kind, Site.admission, Site.women_only, Site.access_note,
    Site.division_code, Site.lon, Site.lat, Site.floor_label, Site.landmark, Site.hours, Site.facilities,
    Site.public_phone, Site.last_verified_on, Site.is_synthetic, Site.being_checked_since,
    TradeUnion.name.label("host_name"),
)  # fmt: skip


def directory_version(connection: Connection) -> int:
    """The number that moves whenever what the finder shows may have changed; 0 before the first move."""
    return connection.scalar(select(DirectoryVersion.version)) or 0


def published() -> Select[Any]:
    """The columns of the published sites: `Site.is_public` as a condition of SQL."""
    return (
        select(*COLUMNS)
        .join(TradeUnion, TradeUnion.id == Site.host_id)
        .where(
            Site.status == SiteStatus.OPERATING.value,
            Site.is_listed.is_(True),
            Site.open_to_outsiders.is_(True),
        )
    )


def directory_entries(connection: Connection, tile_datum: Datum) -> list[Entry]:
    """Every published site. `tile_datum`: pins under such tiles are added to the properties when it is not WGS-84."""
    photos = _photos(connection)
    suspensions = _suspensions(connection, SuspensionMode.CLOSED)
    scan_only = _suspensions(connection, SuspensionMode.SCAN_ONLY)
    known_hours: dict[str, Hours] = {}
    entries = [
        _entry(row, photos.get(row.id, []), tuple(suspensions.get(row.id, ())), tile_datum, known_hours)
        for row in connection.execute(published())
    ]
    titles = _titles(connection)
    if titles:
        entries = [replace(one, details={**one.details, "titles": titles.get(one.site_id, [])}) for one in entries]
    return [_with_scan_only(entry, scan_only.get(entry.site_id, [])) for entry in entries] if scan_only else entries


def _with_scan_only(entry: Entry, spans: list[Span]) -> Entry:
    if not spans:
        return entry
    stated = [[start.isoformat(), end.isoformat() if end else None] for start, end in spans]
    return replace(entry, scan_only=tuple(spans), properties={**entry.properties, "scan_only": stated})


def _titles(connection: Connection) -> dict[int, list[str]]:
    table = Model.metadata.tables["title"]  # its model belongs to a feature that is built on this one
    held: dict[int, list[str]] = defaultdict(list)
    rows = select(table.c.site_id, table.c.name).where(table.c.revoked_on.is_(None)).order_by(table.c.granted_on.desc())
    for site_id, name in connection.execute(rows):
        held[site_id].append(name)
    return held


def _photos(connection: Connection) -> dict[int, list[dict[str, Any]]]:
    photos: dict[int, list[dict[str, Any]]] = defaultdict(list)
    columns = (SitePhoto.site_id, SitePhoto.kind, SitePhoto.file_name, SitePhoto.width, SitePhoto.height)
    for row in connection.execute(select(*columns).order_by(SitePhoto.kind, SitePhoto.id)):
        photos[row.site_id].append(
            {"kind": row.kind, "file_name": row.file_name, "width": row.width, "height": row.height}
        )
    return photos


def _suspensions(connection: Connection, mode: SuspensionMode) -> dict[int, list[Span]]:
    spans: dict[int, list[Span]] = defaultdict(list)
    columns = (Suspension.site_id, Suspension.starts_at, Suspension.ends_at)
    rows = select(*columns).where(Suspension.mode == mode.value).order_by(Suspension.starts_at)
    for site_id, starts_at, ends_at in connection.execute(rows):
        spans[site_id].append((starts_at, ends_at))
    return spans


def _entry(
    row: Row[Any],
    photos: list[dict[str, Any]],
    suspensions: tuple[Span, ...],
    tile_datum: Datum,
    known_hours: dict[str, Hours],
) -> Entry:
    district, held = division_name(row.division_code) or "", row.facilities or {}
    hours = _hours(row, known_hours)
    properties = _properties(row, district, hours)
    if tile_datum != Datum.WGS84 and row.lon is not None:
        properties["map"] = as_shown(row.lon, row.lat, tile_datum)
    return Entry(
        site_id=row.id,
        lon=row.lon,
        lat=row.lat,
        kind=row.kind,
        facilities=frozenset(held),
        hours=hours,
        properties=properties,
        suspensions=suspensions,
        district=row.division_code or "",
        search_text=fold(f"{row.name} {district} {row.address} {row.landmark}"),
        details={"host": row.host_name, "phone": row.public_phone, "photos": photos, "facilities": held},
    )


def _properties(row: Row[Any], district: str, hours: Hours) -> dict[str, Any]:
    """What the API says of a site, apart from what the clock says."""
    return {
        "id": row.id,
        "name": row.name,
        "kind": row.kind,
        "location_kind": row.location_kind,
        "address": row.address,
        "district": district,
        "floor": row.floor_label,
        "landmark": row.landmark,
        "facilities": [code for code in facilities() if code in (row.facilities or {})],
        "admission": row.admission,
        "women_only": row.women_only,
        "access_note": row.access_note,
        "hours_text": hours.text,
        "last_verified_on": row.last_verified_on,
        "is_synthetic": row.is_synthetic,
        "being_checked": row.being_checked_since is not None,
        "url": f"/sites/{row.id}",
    }


def _hours(row: Row[Any], known: dict[str, Hours]) -> Hours:
    """Many sites share their hours; reading each text once saves most of the work."""
    key = repr(row.hours)
    if key not in known:
        try:
            known[key] = Hours.from_json(row.hours)
        except ValueError as error:
            # One faulty row must not take the finder down; unknown is what its hours are.
            LOG.warning("The hours of site %s cannot be read: %s", row.id, error)
            known[key] = Hours.UNKNOWN
    return known[key]
