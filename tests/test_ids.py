"""Conditions about which sites a query is about."""

import pytest
from flask import Flask
from sqlalchemy import and_, not_, select, text

from app.db import db
from app.ids import IdRange, Ids, among
from app.sites.models import Site
from tests.factories import Factories


@pytest.fixture
def sites(factories: Factories) -> list[int]:
    """Four sites."""
    host = factories.tree()[2]
    return [factories.site(host).id for _ in range(4)]


def test_some_ids_a_query_and_a_range_find_what_they_name(app: Flask, sites: list[int]) -> None:
    first, second, third, last = sites
    asked: list[tuple[Ids, list[int]]] = [
        ([], []), ([second], [second]), ((last, first, first, 999_999), [first, last]),
        (select(Site.id).where(Site.id > second), [third, last]), (IdRange(second, third), [second, third]),
    ]  # fmt: skip
    with app.app_context():
        for ids, expected in asked:
            found = db.session.scalars(select(Site.id).where(among(Site.id, ids)).order_by(Site.id))
            assert list(found) == expected
        others = select(Site.id).where(and_(not_(among(Site.id, [first])), Site.id != last)).order_by(Site.id)
        assert list(db.session.scalars(others)) == [second, third]


def test_a_list_of_any_length_is_one_text_that_the_primary_key_serves(app: Flask, sites: list[int]) -> None:
    with app.app_context():
        texts = {str(select(Site.name).where(among(Site.id, ids)).compile(db.engine)) for ids in (sites[:1], sites)}
        assert len(texts) == 1
        is_sqlite = db.engine.dialect.name == "sqlite"
        if not is_sqlite:
            db.session.execute(text("SET LOCAL enable_seqscan = off"))
        explain = "EXPLAIN QUERY PLAN " if is_sqlite else "EXPLAIN "
        found = select(Site.name).where(among(Site.id, sites))
        said = str(found.compile(db.engine, compile_kwargs={"literal_binds": True}))
        plan = str(db.session.execute(text(explain + said)).all())
        assert ("SEARCH site USING INTEGER PRIMARY KEY" if is_sqlite else "pk_site") in plan
