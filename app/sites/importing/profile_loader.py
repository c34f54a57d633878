"""Reading a profile strictly: whatever is unknown or wrong in it is refused with the file, the key and the reason."""

import re
import tomllib
from pathlib import Path

from app.errors import N_, Invalid
from app.sites.datums import Datum
from app.sites.facilities import facilities
from app.sites.importing.findings import Level
from app.sites.importing.keys import words
from app.sites.importing.profile import (
    CHOICES,
    FOLDER,
    TARGETS,
    Check,
    CoordinateRule,
    FacilityRule,
    FieldRule,
    HoursRule,
    Profile,
)
from app.sites.importing.toml_table import Table, faulty
from app.sites.importing.transforms import TRANSFORMS


def shipped_profiles() -> list[str]:
    """Ids of the profiles that come with the product."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def load_profile(name: str) -> Profile:
    """A profile by its id or by the path of its file. Raises Invalid when there is none or it is faulty."""
    path = FOLDER / f"{name}.toml" if name in shipped_profiles() else Path(name)
    try:
        content = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid(
            N_("There is no profile %(name)s. Shipped: %(shipped)s"), name=name, shipped=", ".join(shipped_profiles())
        ) from error
    try:
        data = tomllib.loads(content)
    except tomllib.TOMLDecodeError as error:
        raise faulty(path.name, "-", str(error)) from error
    return _profile(Table(data, path.name))


def _profile(table: Table) -> Profile:
    datum = table.optional("datum")
    if datum is not None and datum not in tuple(Datum):
        raise table.fault("datum", f"{datum} is not one of {', '.join(Datum)}")
    floor = table.table("floor")
    profile = Profile(
        id=table.text("id"),
        title=table.text("title"),
        source=table.text("source"),
        datum=Datum(datum) if datum else None,
        encoding=table.optional("encoding"),
        delimiter=table.text("delimiter", ","),
        sheet=table.optional("sheet"),
        fields=_fields(table),
        hours=_hours(table.table("hours")),
        facilities=_facilities(table.table("facilities")),
        coordinates=_coordinates(table.table("coordinates")),
        floor_from=floor.texts("from") if floor else (),
        floor_style=floor.one_of("style", tuple(words().floors), "mainland") if floor else "mainland",
        checks=_checks(table),
        match_also=table.texts("match_also"),
        skip={column: tuple(words) for column, words in table.take("skip", dict, {}).items()},
    )
    if floor:
        floor.finish()
    for key in ("id", "title", "source"):
        if not table.data.get(key):
            raise table.fault(key, "is missing")
    if unknown := set(profile.match_also) - {"name", "address"}:
        raise table.fault("match_also", f"{min(unknown)} is not one of name, address")
    if len(profile.delimiter) != 1:
        raise table.fault("delimiter", "has to be one character")
    table.finish()
    return profile


def _fields(table: Table) -> dict[str, FieldRule]:
    fields = table.table("fields")
    if fields is None or "name" not in fields.data:
        raise table.fault("fields.name", "is missing: a site needs a name")
    rules = {}
    for target in fields.data:
        if target not in TARGETS:
            raise fields.fault(target, f"is not a field of a site. Fields: {', '.join(sorted(TARGETS))}")
        rule = fields.table(target)
        assert rule is not None  # noqa: S101  it is a key of this very table
        rules[target] = _field(target, rule)
    return rules


def _field(target: str, table: Table) -> FieldRule:
    column = table.optional("column")
    columns = (column,) if column else table.texts("columns")
    constant = table.text("value") if "value" in table.data else None
    if bool(columns) == (constant is not None):
        raise table.fault("column", "give either a column (or columns) or a value")
    transforms = table.texts("transforms")
    for name in transforms:
        if name not in TRANSFORMS:
            raise table.fault("transforms", f"there is no {name}. There are: {', '.join(TRANSFORMS)}")
    rule = FieldRule(
        columns=columns,
        join=table.text("join", " "),
        constant=constant,
        transforms=transforms,
        values=table.mapping("values") or None,
        contains=table.mapping("contains") or None,
        prefix=table.text("prefix"),
        default=table.text("default"),
        required=table.take("required", bool, False),
        optional=table.take("optional", bool, False),
        first=table.take("first", bool, False),
    )
    table.finish()
    _check_choices(target, rule, table)
    return rule


def _check_choices(target: str, rule: FieldRule, table: Table) -> None:
    """Constants and tables of values may only give what the field can hold."""
    allowed = CHOICES.get(target)
    given = [rule.constant, rule.default, *(rule.values or {}).values(), *(rule.contains or {}).values()]
    for value in filter(None, given):
        if allowed and value not in allowed:
            raise table.fault("value", f"{value} is not one of {', '.join(allowed)}")


def _hours(table: Table | None) -> HoursRule | None:
    if table is None:
        return None
    column = table.text("column")
    if not column:
        raise table.fault("column", "is missing")
    calendar = table.one_of("calendar", ("cn", "none"), "cn")
    rule = HoursRule(column, table.optional("days"), calendar, table.take("optional", bool, False))
    table.finish()
    return rule


def _facilities(table: Table | None) -> FacilityRule | None:
    if table is None:
        return None
    rule = FacilityRule(
        column=table.optional("column"),
        separator=table.text("separator", ";"),
        values=table.mapping("values"),
        ignore=frozenset(table.texts("ignore")),
        flags=table.mapping("flags"),
        adds=table.take("adds", bool, False),
        optional=table.take("optional", bool, False),
    )
    table.finish()
    for code in (*rule.values.values(), *rule.flags.values()):
        if code not in facilities():
            raise table.fault("values", f"there is no facility {code}")
    return rule


def _coordinates(table: Table | None) -> CoordinateRule | None:
    if table is None:
        return None
    rule = CoordinateRule(
        lon=table.optional("lon"),
        lat=table.optional("lat"),
        cell=table.optional("cell"),
        order=table.one_of("order", ("lng,lat", "lat,lng"), "lng,lat"),
        confidence=table.optional("confidence"),
        trusted=table.take("trusted", float, 0.85),
        optional=table.take("optional", bool, False),
        doubtful={column: tuple(values) for column, values in table.take("doubtful", dict, {}).items()},
    )
    table.finish()
    if bool(rule.cell) == bool(rule.lon and rule.lat) or bool(rule.lon) != bool(rule.lat):
        raise table.fault("lon", "give either lon and lat, or one cell")
    return rule


def _checks(table: Table) -> tuple[Check, ...]:
    checks = []
    for number, data in enumerate(table.take("checks", list, []), start=1):
        row = Table(data, table.file, f"checks.{number}.")
        try:
            pattern = re.compile(row.text("pattern"))
        except re.error as error:
            raise row.fault("pattern", str(error)) from error
        level = row.one_of("level", tuple(Level), Level.WARNING)
        forbidden = row.take("forbidden", bool, True)
        check = Check(row.texts("columns"), pattern, forbidden, level, row.text("problem"), row.text("remedy"))
        row.finish()
        if not (check.columns and check.problem):
            raise row.fault("columns", "columns and problem are needed")
        checks.append(check)
    return tuple(checks)
