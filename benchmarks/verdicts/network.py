"""A made-up network in PostgreSQL, written by the server itself: unions, sites, a year of tallies, statements, uses."""

from typing import Any

from sqlalchemy import Connection, text

from app.accounts.models import TradeUnion
from app.db import Model
from app.programme.models import Attestation
from app.rulebooks import load
from app.sites.models import DoorCode, Site, SitePhoto
from app.usage.models import SiteMonth, UsageRecord

DISTRICTS, SITES_OF_UNIT = 10, 20
RULEBOOK = "qingdao-2023"
FACILITIES = '{"air_purifier":1,"rest_bed":1,"audio_video":1,"fitness":1,"counselling":1,"massage_chair":1}'
MONTHS = "SELECT to_char(d, 'YYYY-MM') AS month FROM generate_series(DATE '2025-11-01', DATE '2026-11-01', '1 month') d"


def fill(connection: Connection, sites: int) -> None:
    """Ten districts, a unit for every 20 sites; each site has a code, photos, thirteen tallies and its statements."""
    units = -(-sites // SITES_OF_UNIT)
    place = {
        "level": "'unit'",
        "name": "'第' || n || '工会'",
        "code": "'U' || n",
        "parent_id": "NULL",
        "head_name": "''",
    }
    place |= {"head_phone": "''"}
    write(connection, TradeUnion, "(VALUES (1)) AS t(n)", place | {"id": "1", "path": "'/1/'", "level": "'municipal'"})
    district = {"id": "n + 1", "path": "'/1/' || n + 1 || '/'", "level": "'district'", "code": "'D' || n"}
    write(connection, TradeUnion, f"generate_series(1, {DISTRICTS}) n", place | district)
    above = f"(2 + n % {DISTRICTS})"
    unit = {"id": "n + 11", "path": f"'/1/' || {above} || '/' || n + 11 || '/'", "code": "'U' || n + 1"}
    write(connection, TradeUnion, f"generate_series(1, {units}) n", place | unit)
    _write_sites(connection, sites)
    _write_evidence(connection, sites)
    connection.execute(text("ANALYZE"))


def _write_sites(connection: Connection, sites: int) -> None:
    values = {
        "id": "n", "host_id": f"11 + (n + {SITES_OF_UNIT - 1}) / {SITES_OF_UNIT}",
        "external_source": "NULL", "external_code": "NULL",
        "name": "'第' || lpad((hashint4(n) & 1048575)::text, 7, '0') || '爱心妈妈小屋'", "kind": "'room'",
        "location_kind": "CASE n % 2 WHEN 0 THEN 'public' ELSE 'internal' END", "status": "'operating'",
        "is_listed": "true", "open_to_outsiders": "true", "has_word": "false", "is_synthetic": "false",
        "source_datum": "'wgs84'", "lon": "120 + n % 1000 * 0.001", "lat": "36", "hours": "'{}'", "particulars": "'{}'",
        "facilities": f"CASE WHEN n % 9 = 0 THEN '{{}}' ELSE '{FACILITIES}' END::jsonb",
        "area_m2": "10 + n % 900 * 0.02", "opened_on": "DATE '2024-01-01'",
        "accepted_on": "DATE '2024-01-01' + n % 700", "created_at": "now()", "updated_at": "now()",
    }  # fmt: skip
    strings = (
        "name_key", "address", "address_key", "access_note", "pin_note", "floor_label", "landmark", "public_phone",
        "contact_name", "contact_phone", "note", "review_note", "receipt_number", "plaque_number",
    )  # fmt: skip
    write(connection, Site, f"generate_series(1, {sites}) n", values | dict.fromkeys(strings, "''"))


def _write_evidence(connection: Connection, sites: int) -> None:
    every = f"generate_series(1, {sites}) n"
    code = {"id": "n", "site_id": "n", "code": "lpad(n::text, 12, '0')", "print_version": "1", "revoked_reason": "''"}
    write(connection, DoorCode, every, code | {"issued_at": "TIMESTAMPTZ '2024-01-01 00:00Z'"})
    photo = {"id": "n", "site_id": "n", "kind": "'entrance'", "file_name": "n || '.webp'", "width": "1", "height": "1"}
    write(connection, SitePhoto, every, photo | {"uploaded_at": "TIMESTAMPTZ '2024-02-01 00:00Z'"})
    numbers = {"site_id": "n", "month": "month", "recorded": "60 + n % 90", "counted": "50 + (n * 7 + i) % 100"}
    ratings = {f"rating_{step}": f"(n + i * {step}) % 5 * {step} / 2" for step in range(1, 6)}
    months = f"(SELECT month, row_number() OVER () AS i FROM ({MONTHS}) m) m"  # noqa: S608  our own words
    write(connection, SiteMonth, f"{every}, {months}", numbers | ratings)
    items = ", ".join(f"('{item}')" for item in _items())
    stated = {"id": "row_number() OVER ()", "site_id": "n", "item": "item", "holds": "n % 50 <> 0", "note": "''"}
    stated |= {"stated_on": "DATE '2026-01-01' + n % 300", "stated_at": "now()"}
    write(connection, Attestation, f"{every}, (VALUES {items}) AS t(item)", stated)


def _items() -> list[str]:
    rulebook = load(RULEBOOK)
    return [one.id for one in rulebook.attestations_for("room", "public") if one.id != "equivalent_equipment"]


def uses_statement(sites: int, since: int, until: int) -> str:
    """What writes raw uses number `since` to `until`, spread over sites and the months of a year."""
    use = {
        "site_id": f"(1 + n % {sites})::int", "id": "gen_random_uuid()", "client_key": "gen_random_uuid()",
        "month": "to_char(DATE '2025-11-01' + (n % 12 || ' months')::interval, 'YYYY-MM')",
        "body_digest": "'\\x00'", "door_code_id": "1", "used_at": "TIMESTAMPTZ '2026-01-01 00:00Z'",
        "received_at": "TIMESTAMPTZ '2026-01-01 00:00Z'", "p_site": "decode(md5(n::text), 'hex')", "purpose": "'pump'",
        "reason": "NULL", "rule_version": "1", "sequence": "(n / 1000)::int", "salt": "'\\x00'", "digest": "'\\x00'",
    }  # fmt: skip
    return _statement(UsageRecord, f"generate_series({since}::bigint, {until - 1}) n", use)


def write(connection: Connection, model: type[Model], source: str, values: dict[str, str]) -> None:
    """Rows of a model: an expression of SQL for each column that is given, over the rows of `source`."""
    # The driver's own cursor: colons and percent signs stay what they are.
    connection.connection.cursor().execute(_statement(model, source, values))


def _statement(model: type[Model], source: str, values: dict[str, str]) -> str:
    """`INSERT … SELECT` with an expression of SQL for each column; other columns have their default, else null."""
    columns = [column for column in model.__table__.columns if column.computed is None]
    given = {column.name: values.get(column.name, _default(column)) for column in columns}
    names = ", ".join(f'"{name}"' for name in given)
    return f"INSERT INTO {model.__tablename__} ({names}) SELECT {', '.join(given.values())} FROM {source}"  # noqa: S608  our own words


def _default(column: Any) -> str:
    if column.default is None or not column.default.is_scalar:
        return "NULL"
    value = column.default.arg
    return f"'{value}'" if isinstance(value, str) else str(value)
