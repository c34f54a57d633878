"""What the directory is built from: the published sites, read in a few statements whatever their number."""

import logging
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

import orjson
from sqlalchemy import Connection, Row, Select, Text, cast, select

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
ROWS_AT_ONCE = 5_000
COLUMNS = (
    Site.id, Site.name, Site.address, Site.kind, Site.location_kind, Site.admission, Site.women_only, Site.access_note,
    Site.division_code, Site.lon, Site.lat, Site.floor_label, Site.landmark,
    cast(Site.hours, Text).label("hours"), cast(Site.facilities, Text).label("facilities"),
    Site.public_phone, Site.last_verified_on, Site.is_synthetic,
    Site.being_checked_since.is_not(None).label("being_checked"), TradeUnion.name.label("host_name"),
)  # fmt: skip


def directory_version(connection: Connection) -> int:
    """The number that moves whenever what the finder shows may have changed; 0 before the first move."""
    return connection.scalar(select(DirectoryVersion.version)) or 0


def published() -> Select[*tuple[Any, ...]]:
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


def directory_entries(
    connection: Connection, tile_datum: Datum, site_ids: Sequence[int] | None = None
) -> Iterator[Entry]:
    """Every published site, or those of `site_ids` that are published: those with a pin first, both parts by id.

    `tile_datum`: pins under such tiles are added to the properties when it is not WGS-84. Rows are fetched as the
    entries are asked for, so that a million of them never lie in memory together.
    """
    about = _About(connection, tile_datum, site_ids)
    rows = _only(published(), Site.id, site_ids).order_by(Site.lon.is_(None), Site.id)
    for row in connection.execution_options(yield_per=ROWS_AT_ONCE).execute(rows):
        yield about.entry(row)


class _About:
    """What is known of the sites beside their own rows, and what many of them share."""

    def __init__(self, connection: Connection, tile_datum: Datum, site_ids: Sequence[int] | None) -> None:
        self._tile_datum = tile_datum
        self._photos = _photos(connection, site_ids)
        self._closed = _suspensions(connection, SuspensionMode.CLOSED, site_ids)
        self._scan_only = _suspensions(connection, SuspensionMode.SCAN_ONLY, site_ids)
        self._titles = _titles(connection, site_ids)
        self._hours: dict[str | None, Hours] = {}
        self._facilities: dict[str | None, tuple[dict[str, int | None], frozenset[str], tuple[str, ...]]] = {}

    def entry(self, row: Row[Any]) -> Entry:
        """What the directory holds of one site."""
        site_id = row.id
        district, hours = division_name(row.division_code) or "", self._hours_of(row)
        held, codes, listed = self._facilities_of(row.facilities)
        properties = _properties(row, district, hours, listed)
        if self._tile_datum != Datum.WGS84 and row.lon is not None:
            properties["map"] = as_shown(row.lon, row.lat, self._tile_datum)
        scan_only = self._scan_only.get(site_id, ())
        if scan_only:
            properties["scan_only"] = tuple((a.isoformat(), b.isoformat() if b else None) for a, b in scan_only)
        details = {"host": row.host_name, "phone": row.public_phone, "facilities": held}
        details |= {"photos": self._photos.get(site_id, []), "titles": self._titles.get(site_id, [])}
        return Entry(
            site_id, row.lon, row.lat, row.kind, codes, hours, properties,
            suspensions=tuple(self._closed.get(site_id, ())), scan_only=tuple(scan_only),
            district=row.division_code or "", details=details,
            search_text=fold(f"{row.name} {district} {row.address} {row.landmark}"),
        )  # fmt: skip

    def _hours_of(self, row: Row[Any]) -> Hours:
        """Many sites share their hours; reading each text once saves most of the work."""
        known = self._hours.get(row.hours)
        if known is None:
            try:
                known = Hours.from_json(orjson.loads(row.hours or "null"))
            except ValueError as error:
                # One faulty row must not take the finder down; unknown is what its hours are.
                LOG.warning("The hours of site %s cannot be read: %s", row.id, error)
                known = Hours.UNKNOWN
            self._hours[row.hours] = known
        return known

    def _facilities_of(self, text: str | None) -> tuple[dict[str, int | None], frozenset[str], tuple[str, ...]]:
        """Numbers by code, the codes, and the known codes in the order in which people see them."""
        known = self._facilities.get(text)
        if known is None:
            held: dict[str, int | None] = orjson.loads(text or "null") or {}
            known = self._facilities[text] = held, frozenset(held), tuple(code for code in facilities() if code in held)
        return known


def _only(statement: Any, column: Any, site_ids: Sequence[int] | None) -> Any:
    return statement if site_ids is None else statement.where(column.in_(site_ids))


def _titles(connection: Connection, site_ids: Sequence[int] | None) -> dict[int, list[str]]:
    table = Model.metadata.tables["title"]  # its model belongs to a feature that is built on this one
    held: dict[int, list[str]] = defaultdict(list)
    rows = select(table.c.site_id, table.c.name).where(table.c.revoked_on.is_(None)).order_by(table.c.granted_on.desc())
    for site_id, name in connection.execute(_only(rows, table.c.site_id, site_ids)):
        held[site_id].append(name)
    return held


def _photos(connection: Connection, site_ids: Sequence[int] | None) -> dict[int, list[dict[str, Any]]]:
    photos: dict[int, list[dict[str, Any]]] = defaultdict(list)
    columns = (SitePhoto.site_id, SitePhoto.kind, SitePhoto.file_name, SitePhoto.width, SitePhoto.height)
    rows = select(*columns).order_by(SitePhoto.kind, SitePhoto.id)
    for row in connection.execute(_only(rows, SitePhoto.site_id, site_ids)):
        photos[row.site_id].append(
            {"kind": row.kind, "file_name": row.file_name, "width": row.width, "height": row.height}
        )
    return photos


def _suspensions(
    connection: Connection, mode: SuspensionMode, site_ids: Sequence[int] | None
) -> dict[int, list[Span]]:
    spans: dict[int, list[Span]] = defaultdict(list)
    columns = (Suspension.site_id, Suspension.starts_at, Suspension.ends_at)
    rows = select(*columns).where(Suspension.mode == mode.value).order_by(Suspension.starts_at)
    for site_id, starts_at, ends_at in connection.execute(_only(rows, Suspension.site_id, site_ids)):
        spans[site_id].append((starts_at, ends_at))
    return spans


def _properties(row: Row[Any], district: str, hours: Hours, listed: tuple[str, ...]) -> dict[str, Any]:
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
        "facilities": listed,
        "admission": row.admission,
        "women_only": row.women_only,
        "access_note": row.access_note,
        "hours_text": hours.text,
        "last_verified_on": row.last_verified_on,
        "is_synthetic": row.is_synthetic,
        "being_checked": row.being_checked,
        "url": f"/sites/{row.id}",
    }
