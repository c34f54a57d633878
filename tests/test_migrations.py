"""Migrations: from empty they give what the models say; from an earlier revision with rows they keep the rows."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import geoalchemy2  # noqa: F401  it teaches SQLAlchemy to read the type geography
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, MetaData, Table, create_engine, func, select, sql, text

from app.db import Model
from app.migrate import alembic_config
from app.usage import leaves
from app.usage.models import Rating, SiteMonth, UsageRecord
from app.web import EVERYONE
from tests.conftest import START, migrate

NOW = START.replace(tzinfo=None)
ROWS: dict[str, dict[str, Any]] = {
    "trade_union": {"id": 1, "code": "u", "name": "某公司工会", "level": "unit", "path": "/1/"},
    "user_account": {
        "id": 1, "username": "wang", "display_name": "王芳", "password": "x", "active": True, "fs_uniquifier": "f",
        "trade_union_id": 1, "failed_logins": 0,
    },
    "site": {
        "id": 1, "host_id": 1, "name": "小屋", "name_key": "小屋", "address": "路", "address_key": "路", "kind": "room",
        "location_kind": "public", "access_note": "", "is_listed": True, "lon": 120.1, "lat": 30.2,
        "source_datum": "wgs84", "pin_note": "", "floor_label": "2 层", "landmark": "", "hours": {}, "facilities": {},
        "status": "operating", "public_phone": "", "contact_name": "", "contact_phone": "", "note": "",
        "review_note": "", "is_synthetic": False, "created_at": NOW, "updated_at": NOW,
    },
    "door_code": {
        "id": 1, "site_id": 1, "code": "abc123abc123", "print_version": 1, "issued_at": NOW, "revoked_reason": "",
    },
}  # fmt: skip
"""A row of each kind as it was in the first revision; its columns are never edited here, only by migrations."""


@pytest.fixture(params=["sqlite", "postgis"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database without tables."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.sqlite3'}"
        return
    with request.getfixturevalue("postgres").database() as url:
        yield url


@pytest.fixture
def engine(empty: str) -> Iterator[Engine]:
    """Its engine."""
    made = create_engine(empty)
    yield made
    made.dispose()


def is_ours(_name: object, name: str | None, kind: str, _reflected: bool, _compared: object) -> bool:
    """PostGIS's own table, the generated geography (decision 8b) and the partitions by month are not in the models."""
    if kind == "table" and name is not None:
        return name != "spatial_ref_sys" and re.search(r"_(\d{4}_\d{2}|default)$", name) is None
    return name not in ("geog", "ix_site_geog")


def table(connection: Connection, name: str) -> Table:
    return Table(name, MetaData(), autoload_with=connection)


def test_from_empty_to_what_the_models_say(empty: str, engine: Engine) -> None:
    migrate(empty)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": is_ours, "compare_type": True})
        assert compare_metadata(context, Model.metadata) == []
        assert set(connection.scalars(select(table(connection, "role").c.name))) == set(EVERYONE)
        assert connection.scalar(select(func.count()).select_from(table(connection, "directory_version"))) == 1


def test_there_is_one_line_of_revisions(empty: str) -> None:
    script = ScriptDirectory.from_config(alembic_config(empty))
    revisions = [revision.revision for revision in script.walk_revisions()]
    assert revisions == sorted(revisions, reverse=True)
    assert len(script.get_heads()) == 1


def test_rows_of_the_first_revision_survive(empty: str, engine: Engine) -> None:
    migrate(empty, "0001")
    with engine.begin() as connection:
        for name, values in ROWS.items():
            connection.execute(table(connection, name).insert().values(values))
    migrate(empty)
    with engine.connect() as connection:
        for name, values in ROWS.items():
            columns = table(connection, name).c
            kept = connection.execute(select(*(columns[key] for key in values))).mappings().one()
            instants = {key: value.replace(tzinfo=None) for key, value in kept.items() if key.endswith("_at") and value}
            assert {**kept, **instants} == values, name


def test_a_rulebook_chosen_without_a_date_holds_ever_since(empty: str, engine: Engine) -> None:
    migrate(empty, "0001")
    with engine.begin() as connection:
        chosen = {**ROWS["trade_union"], "rulebook_id": "qingdao-2023"}
        connection.execute(table(connection, "trade_union").insert().values(chosen))
    migrate(empty)
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT trade_union_id, from_on, rulebook_id FROM rulebook_choice")).all()
    assert [(row[0], str(row[1]), row[2]) for row in rows] == [(1, "2000-01-01", "qingdao-2023")]


def test_the_geography_of_old_rows_is_filled_in(empty: str, engine: Engine) -> None:
    migrate(empty, "0001")
    with engine.begin() as connection:
        for name in ("trade_union", "site"):
            connection.execute(table(connection, name).insert().values(ROWS[name]))
    migrate(empty)
    with engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            assert connection.scalar(text("SELECT ST_AsText(geog) FROM site")) == "POINT(120.1 30.2)"
        else:
            assert "geog" not in table(connection, "site").c


def test_going_up_twice_changes_nothing(empty: str, engine: Engine) -> None:
    migrate(empty)
    migrate(empty)
    with engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(table(connection, "role"))) == len(EVERYONE)


def test_events_of_earlier_revisions_enter_the_ledger(empty: str, engine: Engine) -> None:
    migrate(empty, "0003")
    ids = [UUID(int=number) for number in (1, 2)]
    with engine.begin() as connection:
        use = {
            "site_id": 1, "body_digest": b"b" * 16, "door_code_id": 1, "used_at": START, "received_at": START,
            "month": "2026-03", "p_site": b"p" * 16, "rule_version": 1,
        }  # fmt: skip
        for usage_id in ids:
            insert_typed(connection, "usage_record", use | {"id": usage_id, "client_key": usage_id})
        rating = {"site_id": 1, "usage_id": ids[1], "month": "2026-03", "step": 5, "tags": ["clean"], "comment": "好"}
        rating |= {"is_counted": True, "rated_at": START, "changed_at": START}
        insert_typed(connection, "rating", rating)
        tally = dict.fromkeys(("code_revoked", "site_closed", "site_suspended", "too_soon", "daily_limit"), 0)
        tally |= {f"rating_{step}": int(step == 5) for step in range(1, 6)}
        insert_typed(connection, "site_month", tally | {"site_id": 1, "month": "2026-03", "recorded": 2, "counted": 2})
    migrate(empty)
    with engine.connect() as connection:
        uses = connection.execute(select(UsageRecord.__table__).order_by(UsageRecord.sequence)).mappings().all()
        rated = connection.execute(select(Rating.__table__)).mappings().one()
        events = connection.scalar(select(SiteMonth.events))
    assert [row["sequence"] for row in (*uses, rated)] == [1, 2, 3]
    assert events == 3
    assert all(leaves.is_intact("use", row) for row in uses)
    assert leaves.is_intact("rating", rated)
    assert not leaves.is_intact("rating", {**rated, "step": 4})


def insert_typed(connection: Connection, name: str, values: dict[str, Any]) -> None:
    """Insert through the model's types, naming only columns that the revision has."""
    types = Model.metadata.tables[name].c
    old = sql.table(name, *(sql.column(key, types[key].type) for key in values))
    connection.execute(old.insert().values(values))
