"""Which sites the directory holds: the SQL condition is `Site.is_public`."""

import logging
from datetime import timedelta
from itertools import product

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import SQLAlchemyError

from app.db import db
from app.finder import queries
from app.finder.queries import directory_columns, directory_entries, directory_version, published
from app.sites.datums import Datum
from app.sites.directory_version import move_directory_version
from app.sites.models import Site, SiteStatus


def entries(app, datum=Datum.WGS84):
    with app.app_context(), db.engine.connect() as connection:
        ids = connection.scalars(select(Site.id)).all()
        return {entry.site_id: entry for entry in directory_entries(connection, datum, ids)}


def test_published_in_sql_and_in_python_agree_on_every_combination(app, factories):
    host = factories.tree()[2]
    for status, listed, outsiders in product(SiteStatus, (True, False), (True, False, None)):
        factories.site(host, status=status.value, is_listed=listed, open_to_outsiders=outsiders)
    with app.app_context():
        by_sql = {row.id for row in db.session.execute(published())}
        sites = db.session.scalars(select(Site)).all()
        assert by_sql == {site.id for site in sites if site.is_public}
        assert len(by_sql) == 1


def test_an_entry_holds_what_the_public_may_know_and_no_contact(app, factories, clock):
    site = factories.site(
        name="银海街小屋", landmark="电梯右侧", contact_name="张三", contact_phone="13800000000", note="内部备注",
        public_phone="0571-1", hours={"week": {"1": [[540, 1020]]}, "text": "周一 9-17"}, review_note="看一下",
    )  # fmt: skip
    factories.suspension(site, clock() - timedelta(days=1), clock())
    factories.photo(site)
    entry = entries(app)[site.id]
    text = repr(entry)
    for secret in ("张三", "13800000000", "内部备注", "看一下"):
        assert secret not in text
    assert entry.properties["facilities"] == ("sofa", "fridge")
    assert entry.properties["district"] == "钱塘区"
    assert entry.properties["url"] == f"/sites/{site.id}"
    assert "map" not in entry.properties
    assert entry.phone == "0571-1"
    assert entry.photos[0]["kind"] == "entrance"
    assert entry.suspensions == ((clock() - timedelta(days=1), clock()),)
    assert "银海街小屋钱塘区" in entry.search_text


def test_pins_under_shifted_tiles_are_added_in_their_datum(app, factories):
    placed, unplaced = factories.site(lon=120.36, lat=30.3), factories.site(lon=None, lat=None)
    held = entries(app, Datum.GCJ02)
    assert held[placed.id].properties["map"] == pytest.approx((120.3645, 30.2977), abs=0.001)
    assert "map" not in held[unplaced.id].properties


def test_faulty_hours_are_unknown_and_logged(app, factories, caplog):
    site = factories.site(hours={"week": {"9": [[1, 2]]}})
    with caplog.at_level(logging.WARNING):
        assert not entries(app)[site.id].hours.is_known
    assert f"site {site.id}" in caplog.text


def test_the_version_moves_with_the_sites(app, factories):
    factories.site()
    with app.app_context():
        with db.engine.connect() as connection:
            before = directory_version(connection)
        move_directory_version(db.session)
        db.session.commit()
        with db.engine.connect() as connection:
            assert directory_version(connection) == (before.number + 1, before.wholes + 1)


def test_rows_that_come_in_parts_are_all_there_in_their_types(app, factories, monkeypatch):
    monkeypatch.setattr(queries, "ROWS_AT_ONCE", 2)
    made = [factories.site(is_listed=True).id for _ in range(5)]
    with app.app_context(), db.engine.connect() as connection:
        parts = [[*zip(*columns, strict=True)] for columns in directory_columns(connection, Datum.WGS84)]
    assert [len(part) for part in parts] == [2, 2, 1]
    read = {row[0]: queries.Entry._make(row) for part in parts for row in part}
    assert read == entries(app)
    assert read.keys() == set(made)


@pytest.mark.parametrize("database_url", ["postgis"], indirect=True)
def test_a_server_that_goes_while_rows_come_is_told_as_any_other_error(app, factories):
    factories.site()
    with app.app_context():
        with pytest.raises(SQLAlchemyError), db.engine.connect() as connection:  # noqa: PT012  as the keeper does
            number = connection.scalar(text("SELECT pg_backend_pid()"))
            with db.engine.connect() as other:
                other.execute(text("SELECT pg_terminate_backend(:number, 5000)"), {"number": number})
            [*queries._streamed(connection, published())]
        with db.engine.connect() as again:
            assert len([*directory_columns(again, Datum.WGS84)]) == 1
