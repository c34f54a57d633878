"""Importing in batches gives what comparing row by row gives; what is stored past the ORM reads back as if by it."""

from collections import Counter
from datetime import date
from decimal import Decimal
from typing import Any, cast

import pytest
from flask import Flask
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Table, delete, func, select
from sqlalchemy.exc import IntegrityError

from app.db import db
from app.sites.directory_version import DirectoryVersion
from app.sites.importing import settling
from app.sites.importing.bulk import insert_many, new_ids
from app.sites.importing.readers import Row
from app.sites.models import Site, SiteChange
from tests.conftest import Clock
from tests.factories import Factories
from tests.sites.importer import FIRST, Importer, counts, importer, sites

__all__ = ["importer"]
SITES, HISTORY = cast("Table", Site.__table__), cast("Table", SiteChange.__table__)
NAMES, FLOORS, WAYS = "甲乙丙", "123", ("电梯旁", "东侧", "")
row = st.tuples(*(st.sampled_from(of) for of in (NAMES, FLOORS, WAYS)), st.sampled_from(["120.3", "120.4", "", "x"]))
lists = st.lists(row, max_size=7)


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settling, "BATCH", 2)


def cells(name: str, floor: str, way: str, lon: str) -> list[str]:
    return [f"{name}小屋", f"银海街7号{floor}楼", way, "全天", "沙发", "", lon, "30.3" if lon else ""]


def expected(rows: list[tuple[str, ...]], known: list[tuple[str, ...]]) -> tuple[int, int]:
    """At least so many are new and gone: rows and sites of one name and address pair off, the rest is left over.

    All rows name the same street number, whose floor does not count; so equal names are equal places.
    """
    here, there = Counter(one[0] for one in rows), Counter(one[0] for one in known)
    return (here - there).total(), (there - here).total()


@pytest.mark.usefixtures("small_batches")
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(first=lists, second=lists)
@example(
    first=[("乙", "1", "电梯旁", "120.3"), ("乙", "1", "东侧", "120.3")],
    second=[("乙", "1", "东侧", lon) for lon in ("120.3", "120.4")],
)
def test_every_list_comes_in_whole_and_again_changes_nothing(
    importer: Importer, first: list[tuple[str, ...]], second: list[tuple[str, ...]]
) -> None:
    db.session.execute(delete(SiteChange))
    db.session.execute(delete(Site))
    db.session.commit()
    new, changed, unchanged, rejected, gone = counts(importer(*(cells(*one) for one in first)))
    assert (new, changed, unchanged, rejected, gone) == (len(first), 0, 0, 0, 0)
    assert counts(importer(*(cells(*one) for one in first))) == (0, 0, len(first), 0, 0)
    stored = sites()
    assert [(site.name, site.landmark) for site in stored] == [(f"{one[0]}小屋", one[2]) for one in first]
    assert [site.lon for site in stored] == [float(one[3]) if one[3] not in ("", "x") else None for one in first]
    assert db.session.scalar(select(func.count()).select_from(SiteChange)) == len(first)
    report = importer(*(cells(*one) for one in second))
    assert report.new + report.changed + report.unchanged == report.rows == len(second)
    least_new, least_gone = expected(second, first)
    assert report.new >= least_new
    assert len(report.gone) >= least_gone
    assert report.new - len(report.gone) == len(second) - len(first)
    assert counts(importer(*(cells(*one) for one in second)))[:2] == (0, 0)


@pytest.mark.usefixtures("small_batches")
def test_changes_in_several_batches_are_stored_with_their_history(importer: Importer) -> None:
    rows = [[f"{name}小屋", f"银海街{name}号", *FIRST[2:]] for name in "一三五七九"]
    importer(*rows)
    before = {site.id: site.landmark for site in sites()}
    version = db.session.scalar(select(DirectoryVersion.version))
    moved = [[*one[:2], f"第{place}间", *one[3:]] for place, one in enumerate(rows)]
    assert counts(importer(*moved)) == (0, 5, 0, 0, 0)
    assert [site.landmark for site in sites()] == [f"第{place}间" for place in range(5)], "read anew, not as held"
    entries = db.session.scalars(select(SiteChange).order_by(SiteChange.id)).all()[5:]
    assert [(one.site_id, one.fields["landmark"][0]) for one in entries] == list(before.items())
    assert (db.session.scalar(select(DirectoryVersion.version)) or 0) > (version or 0)


def test_rows_stored_in_bulk_read_back_as_those_of_the_orm(factories: Factories, app: Flask, clock: Clock) -> None:
    host = factories.union()
    values: dict[str, Any] = {
        "host_id": host.id, "name": "a\tb\\c\n\"d'é小", "lon": 120.1, "lat": 30.2, "area_m2": Decimal("12.50"),
        "opened_on": date(2026, 1, 2), "facilities": {"sofa": None, "fridge": 2}, "hours": {"text": "全天"},
        "women_only": True, "created_at": clock(), "updated_at": clock(),
    }  # fmt: skip
    with app.app_context():
        db.session.add(Site(**values))
        db.session.flush()
        (number,) = new_ids(SITES, 1)
        insert_many(SITES, [{**values, "id": number}])
        insert_many(HISTORY, [])
        by_orm, in_bulk = (dict(row._mapping) for row in db.session.execute(select(SITES).order_by(SITES.c.id)))
        assert by_orm.pop("id") < in_bulk.pop("id")
        assert by_orm == in_bulk
        with pytest.raises(IntegrityError):
            insert_many(SITES, [{**values, "id": number}])
        db.session.rollback()


def test_a_row_is_the_mapping_that_it_stands_for() -> None:
    one = Row({"a": 0, "b": 1}, ("x", None))
    assert one == {"a": "x", "b": None}
    assert (list(one), len(one), one.get("c"), dict(one.items())) == (["a", "b"], 2, None, {"a": "x", "b": None})
