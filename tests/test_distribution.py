"""What a Citus cluster would refuse is not there: in the models, and in a migrated PostgreSQL."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import Engine, PrimaryKeyConstraint, UniqueConstraint, create_engine, text

from app import distribution
from app.db import Model

DISTRIBUTED = distribution.distributed()
EVERYWHERE = [table for table in Model.metadata.sorted_tables if table.name not in distribution.BY_SITE]
KEYS = """SELECT relname, ARRAY(
    SELECT attname::text FROM pg_attribute a WHERE a.attrelid = c.oid AND attnum = ANY(indkey)
) FROM pg_index JOIN pg_class c ON c.oid = indrelid WHERE indisunique AND indrelid = ANY(:ours)"""
REFUSED = (
    "SELECT tgname FROM pg_trigger WHERE tgrelid = ANY(:ours)",
    "SELECT conname FROM pg_constraint WHERE contype IN ('f', 'x') AND conrelid = ANY(:ours)",
    "SELECT attrelid FROM pg_attribute WHERE (attidentity <> '' OR attgenerated <> '') AND attrelid = ANY(:ours)",
    "SELECT adrelid FROM pg_attrdef WHERE pg_get_expr(adbin, adrelid) ~ 'nextval' AND adrelid = ANY(:ours)",
)


@pytest.fixture
def migrated(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """A migrated PostgreSQL database."""
    engine = create_engine(request.getfixturevalue("worker_postgis"))
    yield engine
    engine.dispose()


def look(engine: Engine, query: str) -> list[tuple[object, ...]]:
    """What the catalogue says about the distributed tables and their partitions."""
    names = "|".join(table.name for table in DISTRIBUTED)
    with engine.connect() as connection:
        ours = text("SELECT oid FROM pg_class WHERE relkind IN ('r', 'p') AND relname ~ :names")
        found = connection.scalars(ours, {"names": rf"^({names})(_default|_\d{{4}}_\d{{2}})?$"}).all()
        assert len(found) >= len(DISTRIBUTED) + 4
        return [tuple(row) for row in connection.execute(text(query), {"ours": list(found)})]


def test_every_distributed_table_is_known_and_has_its_site(app: Flask) -> None:
    assert app
    assert {table.name for table in DISTRIBUTED} == distribution.BY_SITE
    assert all(not table.c.site_id.nullable for table in DISTRIBUTED)


def test_every_key_of_a_distributed_table_has_the_site_in_it(app: Flask) -> None:
    assert app
    for table in DISTRIBUTED:
        keys = [key for key in table.constraints if isinstance(key, PrimaryKeyConstraint | UniqueConstraint)]
        keys += [index for index in table.indexes if index.unique]
        assert keys, table.name
        assert all("site_id" in key.columns for key in keys), table.name


def test_no_foreign_key_leads_from_or_to_a_distributed_table(app: Flask) -> None:
    assert app
    assert [table.name for table in DISTRIBUTED if table.foreign_keys] == []
    led_to = {key.column.table.name for table in EVERYWHERE for key in table.foreign_keys}
    assert led_to & distribution.BY_SITE == set()


def test_the_migrated_database_has_no_other_keys(migrated: Engine) -> None:
    keys = look(migrated, KEYS)
    assert {name for name, _ in keys} >= distribution.BY_SITE | {"usage_record_default"}
    assert [(name, columns) for name, columns in keys if "site_id" not in columns] == []


@pytest.mark.parametrize("query", REFUSED, ids=["triggers", "references", "computed", "counters"])
def test_the_migrated_database_has_nothing_that_is_refused(migrated: Engine, query: str) -> None:
    assert look(migrated, query) == []


def test_the_statements_name_each_table_once_and_references_first(app: Flask) -> None:
    assert app
    said = distribution.statements()
    assert said[0] == distribution.SEQUENTIAL
    names = [re.findall(r"'(\w+)'", statement)[0] for statement in said[1:]]
    assert sorted(names) == sorted(table.name for table in Model.metadata.sorted_tables)
    for table in EVERYWHERE:
        for key in table.foreign_keys:
            assert names.index(key.column.table.name) <= names.index(table.name)
    assert all("create_reference_table" in said[1 + names.index(table.name)] for table in EVERYWHERE)
    others = [statement for statement in said if "colocate_with => 'site_month'" in statement]
    assert len(others) == len(DISTRIBUTED) - 1


def test_only_a_database_with_citus_is_distributed(app: Flask) -> None:
    refused = app.test_cli_runner().invoke(args=["db", "distribute"])
    assert refused.exit_code == 1
    assert "extension citus" in refused.output
    printed = app.test_cli_runner().invoke(args=["db", "distribute", "--print"]).output.splitlines()
    assert (printed[0], printed[-1], len(printed)) == ("BEGIN;", "COMMIT;", len(distribution.statements()) + 2)
