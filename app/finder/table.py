"""The sites of a snapshot by position, in columns; an entry is put together when somebody asks for it."""

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from datetime import date
from math import isnan
from typing import Any, NamedTuple, Self, cast

import numpy as np
import orjson

from app.finder.columns import Blocks, Shared, move_last
from app.finder.entries import Entry, Span, as_texts
from app.finder.folding import fold
from app.sites.divisions import division_name
from app.sites.facilities import facilities
from app.sites.hours import Hours

MOST_CODES = 64
PART = 13
LOW_BITS = 2**PART - 1
UNCOUNTED = frozenset((None,))


class Traits(NamedTuple):
    """What many sites have in common."""

    kind: str
    location_kind: str
    district: str
    admission: str | None
    women_only: bool | None
    is_synthetic: bool
    being_checked: bool


class Table:
    """Changing is for whoever builds it; a snapshot's table does not change any more, its copy may."""

    def __init__(self) -> None:
        self.ids, self.lons, self.lats, self.bits = array("q"), array("d"), array("d"), array("Q")
        self.traits: Shared[tuple[Any, ...]] = Shared(_traits)
        self.hours: Shared[Hours] = Shared(_hours)
        self.texts = Blocks("\n")
        self.suspensions: dict[int, tuple[Span, ...]] = {}
        self.scan_only: dict[int, tuple[Span, ...]] = {}
        self._visits: Shared[tuple[str, date | None]] = Shared(_visit)
        self._hosts: Shared[str] = Shared()
        self._own = Blocks(b"\n")
        self._codes = _Codes()

    def __len__(self) -> int:
        return len(self.ids)

    def extend(self, columns: Sequence[Sequence[Any]]) -> None:
        """The sites of the next positions: the fields of `Entry`, each a sequence with a value for each site.

        Raises ValueError for half a pin and for more than 64 facility codes.
        """
        if not columns:
            return
        given = cast("Any", Entry._make(columns))
        lons, lats = np.array(given.lon, dtype=np.float64), np.array(given.lat, dtype=np.float64)
        if np.any(np.isnan(lons) != np.isnan(lats)):
            raise ValueError("a pin has both coordinates or none")
        for name, spans in (("suspensions", given.suspensions), ("scan_only", given.scan_only)):
            found = {position: one for position, one in enumerate(spans, len(self.ids)) if one}
            getattr(self, name).update(found)
        self.ids.extend(given.site_id)
        self.lons.frombytes(lons.tobytes())
        self.lats.frombytes(lats.tobytes())
        self.bits.extend(map(self._codes.bits_of, given.facilities))
        self.traits.extend(zip(*(getattr(given, name) for name in Traits._fields), strict=True))
        self.hours.extend(given.hours)
        self._visits.extend(zip(given.floor, given.last_verified_on, strict=True))
        self._hosts.extend(given.host)
        self._own.extend(_own(given))
        districts = [division_name(code) or "" for code in given.district]
        said = zip(given.name, districts, given.address, given.landmark, strict=True)
        self.texts.extend(map(fold, map(" ".join, said)))

    def move_last(self, position: int) -> None:
        """Put the last site at `position`; the table ends one earlier. With the last position, it only goes."""
        last = len(self.ids) - 1
        for numbers in (self.ids, self.lons, self.lats, self.bits):
            move_last(numbers, position)
        for column in (self.traits, self.hours, self.texts, self._visits, self._hosts, self._own):
            column.move_last(position)
        for spans in (self.suspensions, self.scan_only):
            moved = spans.pop(last, ())
            spans.pop(position, None)
            if moved and position != last:
                spans[position] = moved

    def __copy__(self) -> Self:
        """The same table, to be changed."""
        other = type(self)()
        other.__dict__.update({name: copy(value) for name, value in vars(self).items()})
        return other

    def __getitem__(self, position: int) -> Entry:
        lon = self.lons[position]
        own = self._own[position].split(b"\t")
        name, address, landmark, access_note, phone = orjson.loads(b"[%b]" % b",".join((*own[:4], own[5])))
        extra, rest = orjson.loads(b"{%b}" % own[4][:-1]), orjson.loads(own[6] or b"{}")
        floor, last_verified_on = self._visits[position]
        on_map = extra.get("map")
        return Entry(
            self.ids[position],
            None if isnan(lon) else lon,
            None if isnan(lon) else self.lats[position],
            **Traits(*self.traits[position])._asdict(),
            floor=floor,
            last_verified_on=last_verified_on,
            host=self._hosts[position],
            name=name,
            address=address,
            landmark=landmark,
            access_note=access_note,
            phone=phone,
            hours=self.hours[position],
            facilities=dict.fromkeys(self._codes.held(self.bits[position])) | rest.get("numbers", {}),
            suspensions=self.suspensions.get(position, ()),
            scan_only=self.scan_only.get(position, ()),
            photos=tuple(rest.get("photos", ())),
            titles=tuple(rest.get("titles", ())),
            on_map=on_map and tuple(on_map),
        )

    def name_at(self, position: int) -> str:
        """The site's name."""
        name: str = orjson.loads(self._own[position].split(b"\t", 1)[0])
        return name

    def feature(self, position: int, live: bytes, metres: float | None) -> list[bytes]:
        """The site as a GeoJSON feature, in pieces; `live`: further properties, serialised, with a comma."""
        site_id, lon = self.ids[position], self.lons[position]
        place = b"null"
        if not isnan(lon):
            place = b'{"type":"Point","coordinates":%b}' % orjson.dumps((lon, self.lats[position]))
        name, address, landmark, access_note, extra, _ = self._own[position].split(b"\t", 5)
        return [
            b'{"type":"Feature","id":%d,"geometry":%b,"properties":{"id":%d,' % (site_id, place, site_id),
            b"" if metres is None else b'"distance_m":%.2f,' % metres,
            live,
            self.traits.made[self.traits.numbers[position]],
            self._visits.made[self._visits.numbers[position]],
            self.hours.made[self.hours.numbers[position]],
            b'"name":%b,"address":%b,"landmark":%b,"access_note":%b,%b"facilities":[%b],"url":"/sites/%d"}}'
            % (name, address, landmark, access_note, extra, self._codes.listed(self.bits[position]), site_id),
        ]

    def bits_of(self, facilities: frozenset[str]) -> int | None:
        """The bits of the codes, None when no site has one of them."""
        return None if not facilities <= self._codes.keys() else self._codes.bits_of(facilities)


class _Part(dict[int, bytes]):
    """Some of the codes as members of a JSON array, each with a comma, by their bits."""

    def __init__(self, codes: Sequence[str]) -> None:
        super().__init__()
        self._pieces = [orjson.dumps(code) + b"," for code in codes]

    def __missing__(self, bits: int) -> bytes:
        found = self[bits] = b"".join(piece for place, piece in enumerate(self._pieces) if bits >> place & 1)
        return found


class _Codes(dict[str, int]):
    """A bit for each facility code, those that people know first; all tables share it, as it only ever grows."""

    def __init__(self) -> None:
        super().__init__()
        shown = [*facilities()]
        self._shown = self.bits_of(shown)
        self._parts = [_Part(shown[start : start + PART]) for start in range(0, len(shown), PART)]

    def __missing__(self, code: str) -> int:
        if len(self) == MOST_CODES:
            raise ValueError(f"more than {MOST_CODES} facility codes do not fit into 64 bits")
        bit = self[code] = 1 << len(self)
        return bit

    def __copy__(self) -> Self:
        return self

    def bits_of(self, codes: Iterable[str]) -> int:
        """The bits of the codes."""
        return sum(map(self.__getitem__, codes))

    def held(self, bits: int) -> list[str]:
        """The codes of the bits."""
        return [code for code, bit in tuple(self.items()) if bits & bit]

    def listed(self, bits: int) -> bytes:
        """The known codes of the bits as the inside of a JSON array, in the order in which people see them."""
        bits, pieces = bits & self._shown, []
        for part in self._parts:
            pieces.append(part[bits & LOW_BITS])
            bits >>= PART
        return b"".join(pieces)[:-1]


def _traits(key: tuple[Any, ...]) -> bytes:
    said = Traits(*key)._asdict()
    return _members(said | {"district": division_name(said["district"]) or ""})


def _hours(hours: Hours) -> bytes:
    return _members({"hours_text": hours.text})


def _visit(key: tuple[str, date | None]) -> bytes:
    return _members({"floor": key[0], "last_verified_on": key[1]})


def _own(given: Any) -> Iterator[bytes]:
    """What each site has of its own, serialised, between tabs, which JSON does not have within a text."""
    texts = map(_pieces, (given.name, given.address, given.landmark, given.access_note))
    extra = map(_extra, given.scan_only, given.on_map)
    rest = map(_rest, given.photos, given.titles, given.facilities)
    return map(b"\t".join, zip(*texts, extra, _pieces(given.phone), rest, strict=True))


def _pieces(texts: Sequence[str]) -> list[bytes]:
    """Each text as JSON. Only between them the serialiser breaks lines."""
    return orjson.dumps(texts, option=orjson.OPT_INDENT_2)[4:-2].split(b",\n  ")


def _extra(scan_only: tuple[Span, ...], on_map: tuple[float, float] | None) -> bytes:
    """Properties that few sites have."""
    said = {"scan_only": as_texts(scan_only)} if scan_only else {}
    return _members(said if on_map is None else {**said, "map": on_map})


def _rest(photos: Sequence[Any], titles: Sequence[str], held: Mapping[str, int | None]) -> bytes:
    """What only the site's own page shows, as an object; nothing for most."""
    if not photos and not titles and UNCOUNTED.issuperset(held.values()):
        return b""
    numbers = {code: number for code, number in held.items() if number is not None}
    return orjson.dumps({"photos": photos, "titles": titles, "numbers": numbers})


def _members(said: Mapping[str, Any]) -> bytes:
    return orjson.dumps(said)[1:-1] + b"," if said else b""
