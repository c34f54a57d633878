"""What the directory is built from: the published sites, read in a few statements whatever their number."""

import logging
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

import orjson
from psycopg import Error
from sqlalchemy import Connection, Select, Text, cast, func, select
from sqlalchemy.exc import DBAPIError

from app.accounts.models import TradeUnion
from app.db import Model
from app.finder.entries import Entry, Span, Version
from app.ids import among
from app.sites.datums import Datum, as_shown
from app.sites.directory_version import DirectoryChange, DirectoryVersion
from app.sites.hours import Hours
from app.sites.models import Site, SitePhoto, SiteStatus, Suspension, SuspensionMode

LOG = logging.getLogger(__name__)
ROWS_AT_ONCE = 1_000
SITES_AT_ONCE = 500
COLUMNS = (
    Site.id, Site.lon, Site.lat, Site.kind, Site.location_kind, func.coalesce(Site.division_code, ""), Site.admission,
    Site.women_only, Site.is_synthetic, Site.being_checked_since.is_not(None), Site.floor_label, Site.last_verified_on,
    TradeUnion.name, Site.name, Site.address, Site.landmark, Site.access_note, Site.public_phone,
    cast(Site.hours, Text), cast(Site.facilities, Text),
)  # fmt: skip
"""The first fields of `Entry`, in their order."""
Columns = list[Sequence[Any]]


def directory_version(connection: Connection) -> Version:
    """The numbers that move whenever what the finder shows may have changed."""
    row = connection.execute(select(DirectoryVersion.version, DirectoryVersion.named)).one()
    return Version(row.version, row.version - row.named)


def changed_since(connection: Connection, version: int, most: int) -> Sequence[int]:
    """The ids of the sites that have changed since the directory had this version, at most so many."""
    rows = select(DirectoryChange.site_id).where(DirectoryChange.version > version).limit(most)
    return connection.scalars(rows).all()


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


def directory_entries(connection: Connection, tile_datum: Datum, site_ids: Sequence[int]) -> Iterator[Entry]:
    """Those of the sites that are published."""
    for start in range(0, len(site_ids), SITES_AT_ONCE):
        for columns in directory_columns(connection, tile_datum, site_ids[start : start + SITES_AT_ONCE]):
            yield from map(Entry._make, zip(*columns, strict=True))


def directory_columns(
    connection: Connection, tile_datum: Datum, site_ids: Sequence[int] | None = None
) -> Iterator[Columns]:
    """The fields of `Entry` in columns, a thousand sites at a time: every published site, or those of `site_ids`.

    `tile_datum`: `on_map` is the pin under such tiles when it is not WGS-84. Rows are fetched as they are asked for,
    so that a million of them never lie in memory together.
    """
    about = _About(connection, tile_datum, site_ids)
    for some in _streamed(connection, _only(published(), Site.id, site_ids)):
        yield about.complete([*zip(*some, strict=True)])


def _streamed(connection: Connection, statement: Select[Any]) -> Iterator[Sequence[Any]]:
    """The rows, some at a time. With a cursor PostgreSQL would rest while they are worked on; so it goes on sending."""
    if connection.dialect.name == "sqlite":
        yield from connection.execution_options(yield_per=ROWS_AT_ONCE).execute(statement).partitions()
        return
    words = str(statement.compile(connection, compile_kwargs={"literal_binds": True}))
    driver: Any = connection.connection.driver_connection
    try:
        with driver.cursor() as cursor:
            rows = cursor.stream(words, size=ROWS_AT_ONCE)
            while some := [*islice(rows, ROWS_AT_ONCE)]:
                yield some
    except Error as error:
        raise DBAPIError(None, None, error, hide_parameters=True) from error


class _About:
    """What is known of the sites beside their own rows, and what many of them share."""

    def __init__(self, connection: Connection, tile_datum: Datum, site_ids: Sequence[int] | None) -> None:
        self._tile_datum = tile_datum
        self._photos = _photos(connection, site_ids)
        self._closed = _suspensions(connection, SuspensionMode.CLOSED, site_ids)
        self._scan_only = _suspensions(connection, SuspensionMode.SCAN_ONLY, site_ids)
        self._titles = _titles(connection, site_ids)
        self._hours: dict[str | None, Hours] = {}

    def complete(self, columns: Columns) -> Columns:
        """All fields of `Entry`, from those that the row has."""
        *plain, hours, held = columns
        ids, lons, lats = plain[:3]
        on_map: Sequence[Any] = [None] * len(ids)
        if self._tile_datum != Datum.WGS84:
            on_map = [*map(self._on_map, lons, lats)]
        beside = [
            [tuple(about.get(site_id, ())) for site_id in ids] if about else [()] * len(ids)
            for about in (self._closed, self._scan_only, self._photos, self._titles)
        ]
        facilities = [one or {} for one in orjson.loads(f"[{','.join(text or '{}' for text in held)}]")]
        return [*plain, [*map(self._hours_of, hours, ids)], facilities, *beside, on_map]

    def _on_map(self, lon: float | None, lat: float | None) -> tuple[float, float] | None:
        return None if lon is None or lat is None else as_shown(lon, lat, self._tile_datum)

    def _hours_of(self, text: str | None, site_id: int) -> Hours:
        """Many sites share their hours; reading each text once saves most of the work."""
        known = self._hours.get(text)
        if known is None:
            try:
                known = Hours.from_json(orjson.loads(text or "null"))
            except ValueError as error:
                # One faulty row must not take the finder down; unknown is what its hours are.
                LOG.warning("The hours of site %s cannot be read: %s", site_id, error)
                known = Hours.UNKNOWN
            self._hours[text] = known
        return known


def _only(statement: Any, column: Any, site_ids: Sequence[int] | None) -> Any:
    return statement if site_ids is None else statement.where(among(column, site_ids))


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


def _suspensions(connection: Connection, mode: SuspensionMode, site_ids: Sequence[int] | None) -> dict[int, list[Span]]:
    spans: dict[int, list[Span]] = defaultdict(list)
    columns = (Suspension.site_id, Suspension.starts_at, Suspension.ends_at)
    rows = select(*columns).where(Suspension.mode == mode.value).order_by(Suspension.starts_at)
    for site_id, starts_at, ends_at in connection.execute(_only(rows, Suspension.site_id, site_ids)):
        spans[site_id].append((starts_at, ends_at))
    return spans
