"""The scope of sites: own, sibling, parent, other district."""

import pytest
from flask import Flask

from app.accounts.models import User
from app.db import db
from app.errors import NotFound
from app.sites import queries
from app.web import DISTRICT_UNION, MUNICIPAL_UNION, SITE_MANAGER, UNIT_UNION
from tests.factories import Factories


def names_seen(app: Flask, user: User) -> set[str]:
    with app.app_context():
        me = db.session.get_one(User, user.id)
        return {site.name for site in db.session.scalars(queries.sites_in_scope(me))}


def test_every_role_sees_its_own_sites(app: Flask, factories: Factories) -> None:
    city, district, unit = factories.tree()
    sibling = factories.union("unit", district)
    elsewhere = factories.union("unit", factories.union("district", city))
    mine = factories.site(unit, name="own")
    factories.site(unit, name="own too")
    factories.site(sibling, name="sibling")
    factories.site(district, name="parent")
    factories.site(elsewhere, name="other district")
    factories.site(name="other city")

    assert names_seen(app, factories.user(SITE_MANAGER, unit, mine)) == {"own"}
    assert names_seen(app, factories.user(SITE_MANAGER, unit)) == set()
    assert names_seen(app, factories.user(UNIT_UNION, unit)) == {"own", "own too"}
    own_district = {"own", "own too", "sibling", "parent"}
    assert names_seen(app, factories.user(DISTRICT_UNION, district)) == own_district
    assert names_seen(app, factories.user(MUNICIPAL_UNION, city)) == own_district | {"other district"}


def test_a_union_account_has_no_sites_by_assignment(app: Flask, factories: Factories) -> None:
    _, district, unit = factories.tree()
    foreign = factories.site(factories.union("unit", district), name="foreign")
    assert names_seen(app, factories.user(UNIT_UNION, unit, foreign)) == set()


def test_a_foreign_site_is_not_found(app: Flask, factories: Factories) -> None:
    _, district, unit = factories.tree()
    own, foreign = factories.site(unit), factories.site(district)
    user = factories.user(UNIT_UNION, unit)
    with app.app_context():
        me = db.session.get_one(User, user.id)
        assert queries.get_site(me, own.id).id == own.id
        for site_id in (foreign.id, 999_999):
            with pytest.raises(NotFound):
                queries.get_site(me, site_id)
