"""CSV, XLSX and GeoJSON files as rows of named cells."""

import csv
import io
import zipfile
from collections import Counter
from collections.abc import Collection, ItemsView, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain, islice
from pathlib import Path
from typing import Any

import orjson

from app.errors import N_, Invalid
from app.sites.importing.encodings import decode

FORMATS = {".csv": "csv", ".txt": "csv", ".xlsx": "xlsx", ".geojson": "geojson", ".json": "geojson"}
LON, LAT = "geometry.lon", "geometry.lat"
MAX_BYTES = 200 * 1024 * 1024
MAX_CELL = 1_000_000
HEADER_WITHIN = 10
"""Above the names of the columns a list may have a title and the like: this many rows are looked at."""
Cells = Mapping[str, object]


class Row(Mapping[str, object]):
    """The cells of one record by column; the names of the columns are kept once for all rows."""

    __slots__ = ("_columns", "_record")

    def __init__(self, columns: Mapping[str, int], record: Sequence[object]) -> None:
        """`columns` gives each column's place in the record."""
        self._columns, self._record = columns, record

    def __getitem__(self, column: str) -> object:
        return self._record[self._columns[column]]

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)

    def items(self) -> ItemsView[str, object]:
        """All cells, at the price of one `dict`."""
        return dict(zip(self._columns, self._record, strict=True)).items()


@dataclass(frozen=True)
class Source:
    """A file as read: column names in order, and per row its number and cells. `encoding` is empty for XLSX."""

    columns: tuple[str, ...]
    rows: tuple[tuple[int, Cells], ...]
    format: str
    encoding: str = ""


@dataclass(frozen=True)
class Options:
    """How to read: `encoding` and `delimiter` of CSV, `sheet` of XLSX, and the `columns` that have to be there."""

    columns: Collection[str] = ()
    encoding: str | None = None
    delimiter: str = ","
    sheet: str | None = None


def read(path: Path, options: Options) -> Source:
    """Read a file by its suffix. Raises Invalid for one that cannot be read, is too large, or lacks columns."""
    kind = FORMATS.get(path.suffix.lower())
    if kind is None:
        raise Invalid(N_("%(name)s is neither CSV nor XLSX nor GeoJSON"), name=path.name)
    try:
        if path.stat().st_size > MAX_BYTES:
            raise Invalid(N_("%(name)s is larger than 200 MB"), name=path.name)
        source = {"csv": _csv, "xlsx": _xlsx, "geojson": _geojson}[kind](path, options)
    except OSError as error:
        raise Invalid(N_("%(name)s cannot be opened: %(reason)s"), name=path.name, reason=error.strerror) from error
    _check_columns(source.columns, options.columns, path.name)
    return source


def _check_columns(columns: tuple[str, ...], needed: Collection[str], name: str) -> None:
    if missing := [column for column in needed if column not in columns]:
        raise Invalid(
            N_("%(name)s has no column %(missing)s. It has: %(columns)s"),
            name=name,
            missing=", ".join(missing),
            columns=", ".join(columns),
        )
    counts = Counter(columns)
    if doubled := [column for column in needed if counts[column] > 1]:
        raise Invalid(N_("%(name)s has more than one column %(doubled)s"), name=name, doubled=", ".join(doubled))


def _table(
    records: Iterable[list[object]], name: str, kind: str, needed: Collection[str], encoding: str = ""
) -> Source:
    """The first record that has all `needed` columns names them, else the first; rows without content are left out.

    What stands in a column without a name is nobody's: of a heading over two columns, or beside the table.
    """
    numbered = enumerate(records, start=1)
    top = list(islice(numbered, HEADER_WITHIN))
    if not top:
        raise Invalid(N_("%(name)s is empty"), name=name)
    named = [_names(record) for _, record in top]
    at = next((place for place, names in enumerate(named) if needed and set(names).issuperset(needed)), 0)
    columns = named[at]
    places = {column: place for place, column in enumerate(columns) if column}
    below = chain(top[at + 1 :], numbered)
    rows = [(number, _cells(columns, places, record)) for number, record in below if any(map(_has_content, record))]
    return Source(tuple(filter(None, columns)), tuple(rows), kind, encoding)


def _names(record: list[object]) -> tuple[str, ...]:
    return tuple("" if cell is None else str(cell).strip() for cell in record)


def _has_content(cell: object) -> bool:
    return cell is not None and str(cell).strip() != ""


def _cells(columns: tuple[str, ...], places: Mapping[str, int], record: list[object]) -> Cells:
    if len(places) == len(columns) == len(record):
        return Row(places, tuple(record))
    cells = {column: cell for column, cell in zip(columns, record, strict=False) if column}
    if any(map(_has_content, record[len(columns) :])):
        cells[""] = record[len(columns) :]  # the converter refuses such a row: its cells may have slipped
    return cells


def _csv(path: Path, options: Options) -> Source:
    text, encoding = decode(path.read_bytes(), options.encoding, options.columns)
    if "\0" in text:
        raise Invalid(N_("%(name)s is not a text file"), name=path.name)
    csv.field_size_limit(MAX_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=options.delimiter, strict=True)

    def records() -> Iterator[list[object]]:
        try:
            for record in reader:
                yield [*record]
        except csv.Error as error:
            raise Invalid(
                N_("%(name)s is not valid CSV at line %(line)s: %(reason)s"),
                name=path.name,
                line=reader.line_num,
                reason=str(error),
            ) from error

    return _table(records(), path.name, "csv", options.columns, encoding)


def _xlsx(path: Path, options: Options) -> Source:
    import openpyxl  # noqa: PLC0415  slow to load, seldom needed
    from openpyxl.utils.exceptions import InvalidFileException  # noqa: PLC0415  slow to load, seldom needed

    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError) as error:
        raise Invalid(N_("%(name)s is not an XLSX workbook"), name=path.name) from error
    try:
        if options.sheet and options.sheet not in book.sheetnames:
            raise Invalid(N_("%(name)s has no sheet %(sheet)s"), name=path.name, sheet=options.sheet)
        sheets = [book[options.sheet]] if options.sheet else book.worksheets
        # Before the list there may be a sheet that says how to fill it in.
        sheet = next((one for one in sheets if _has_columns(_records(one), options.columns)), sheets[0])
        return _table(_records(sheet), path.name, "xlsx", options.columns)
    finally:
        book.close()


def _records(sheet: Any) -> Iterator[list[object]]:
    return ([_plain(cell) for cell in row] for row in sheet.iter_rows(values_only=True))


def _has_columns(records: Iterator[list[object]], needed: Collection[str]) -> bool:
    return any(set(_names(record)).issuperset(needed) for record in islice(records, HEADER_WITHIN))


def _plain(cell: object) -> object:
    """What a person sees in the cell: 8 and not 8.0, a date without midnight."""
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time().isoformat() == "00:00:00" else cell.isoformat(" ")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return cell if cell is None or isinstance(cell, str) else str(cell)


def _geojson(path: Path, options: Options) -> Source:
    text, encoding = decode(path.read_bytes(), options.encoding or "utf-8", options.columns)
    try:
        content = orjson.loads(text)
        features = content["features"]
        rows = tuple((number, _feature(feature)) for number, feature in enumerate(features, start=1))
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        raise Invalid(N_("%(name)s is not a GeoJSON collection of features"), name=path.name) from error
    columns = tuple(dict.fromkeys(column for _, cells in rows for column in cells))
    return Source((*columns, *(c for c in (LON, LAT) if c not in columns)), rows, "geojson", encoding)


def _feature(feature: dict[str, object]) -> Cells:
    """The properties, and of a point its coordinates; of any other geometry its type, which is no degrees."""
    properties, geometry = feature["properties"], feature["geometry"]
    cells: dict[str, object] = dict(properties) if isinstance(properties, dict) else {}
    if isinstance(geometry, dict):
        place, kind = geometry.get("coordinates"), geometry.get("type")
        if kind == "Point" and isinstance(place, list) and len(place) >= 2:
            cells[LON], cells[LAT] = place[0], place[1]
        else:
            cells[LON] = cells[LAT] = kind
    return cells
