"""The sites of a snapshot by position, in columns; an entry is put together when somebody asks for it."""

from array import array
from math import isnan, nan

import orjson

from app.finder.columns import Lines, Records, Shared
from app.finder.entries import Entry, Span
from app.sites.hours import Hours

MOST_CODES = 64
TOGETHER = (
    ("name", "address"),
    ("kind", "location_kind", "district", "admission", "women_only", "is_synthetic", "being_checked"),
    ("floor", "last_verified_on"),
    ("landmark",),
    ("facilities",),
    ("access_note",),
    ("hours_text",),
)
"""Properties that are kept in one piece: those that differ everywhere, and those that seldom differ."""
DERIVED = ("id", "url")


class Table:
    """Appending is for whoever builds it; a snapshot's table does not change any more."""

    def __init__(self) -> None:
        self.ids, self.lons, self.lats, self.bits = array("q"), array("d"), array("d"), array("Q")
        self.kinds: Shared[str] = Shared()
        self.districts: Shared[str] = Shared()
        self.hours: Shared[Hours] = Shared()
        self.texts = Lines()
        self.codes: dict[str, int] = {}
        self._known_bits: dict[frozenset[str], int] = {}
        self.suspensions: dict[int, tuple[Span, ...]] = {}
        self.scan_only: dict[int, tuple[Span, ...]] = {}
        self._properties = Records(TOGETHER, left_out=DERIVED)
        self._details = Records((("host",), ("phone",)))

    def __len__(self) -> int:
        return len(self.ids)

    def append(self, entry: Entry) -> None:
        """The site of the next position. Raises ValueError for half a pin and for more than 64 facility codes."""
        if (entry.lon is None) != (entry.lat is None):
            raise ValueError("a pin has both coordinates or none")
        position = len(self.ids)
        self.ids.append(entry.site_id)
        self.lons.append(nan if entry.lon is None else entry.lon)
        self.lats.append(nan if entry.lat is None else entry.lat)
        self.bits.append(self._bits(entry.facilities))
        self.kinds.append(entry.kind)
        self.districts.append(entry.district)
        self.hours.append(entry.hours)
        self.texts.append(entry.search_text)
        self._properties.append(entry.properties)
        self._details.append(entry.details)
        if entry.suspensions:
            self.suspensions[position] = entry.suspensions
        if entry.scan_only:
            self.scan_only[position] = entry.scan_only

    def __getitem__(self, position: int) -> Entry:
        site_id, lon, bits = self.ids[position], self.lons[position], self.bits[position]
        is_placed = not isnan(lon)
        return Entry(
            site_id=site_id,
            lon=lon if is_placed else None,
            lat=self.lats[position] if is_placed else None,
            kind=self.kinds[position],
            facilities=frozenset(code for code, bit in self.codes.items() if bits >> bit & 1),
            hours=self.hours[position],
            properties={"id": site_id, **self._properties[position], "url": f"/sites/{site_id}"},
            suspensions=self.suspensions.get(position, ()),
            scan_only=self.scan_only.get(position, ()),
            district=self.districts[position],
            search_text=self.texts[position],
            details=self._details[position],
        )

    def feature(self, position: int, live: bytes, metres: float | None) -> list[bytes]:
        """The site as a GeoJSON feature, in pieces; `live`: further properties, serialised, with a comma."""
        site_id, lon = self.ids[position], self.lons[position]
        place = b"null"
        if not isnan(lon):
            place = b'{"type":"Point","coordinates":%b}' % orjson.dumps((lon, self.lats[position]))
        head = b'{"type":"Feature","id":%d,"geometry":%b,"properties":{"id":%d,' % (site_id, place, site_id)
        distance = b"" if metres is None else b'"distance_m":%.2f,' % metres
        return [head, distance, live, *self._properties.members(position), b'"url":"/sites/%d"}}' % site_id]

    def bits_of(self, facilities: frozenset[str]) -> int | None:
        """The bits of the codes, None when no site has one of them."""
        return None if not facilities <= self.codes.keys() else sum(1 << self.codes[code] for code in facilities)

    def _bits(self, facilities: frozenset[str]) -> int:
        known = self._known_bits.get(facilities)
        if known is None:
            for code in facilities:
                self.codes.setdefault(code, len(self.codes))
            if len(self.codes) > MOST_CODES:
                raise ValueError(f"{len(self.codes)} facility codes do not fit into 64 bits")
            known = self._known_bits[facilities] = sum(1 << self.codes[code] for code in facilities)
        return known
