"""The scope of unions and accounts: own subtree, never a sibling, a parent or another district."""

import pytest
from flask import Flask

from app.accounts import queries
from app.accounts.models import TradeUnion, User
from app.db import db
from app.errors import NotFound
from app.web import DISTRICT_UNION, MUNICIPAL_UNION, SITE_MANAGER, UNIT_UNION
from tests.factories import Factories


class Network:
    """One city with two districts and three units, and a second city."""

    def __init__(self, factories: Factories) -> None:
        self.city, self.district, self.unit = factories.tree()
        self.sibling = factories.union("unit", self.district)
        self.other_district = factories.union("district", self.city)
        self.other_unit = factories.union("unit", self.other_district)
        self.other_city, _, _ = factories.tree()


@pytest.fixture
def network(factories: Factories) -> Network:
    """The unions of these tests."""
    return Network(factories)


def ids_seen(app: Flask, user: User) -> set[int]:
    with app.app_context():
        return set(db.session.scalars(queries.subtree(db.session.get_one(User, user.id))))


def test_each_level_sees_its_subtree_and_itself(app: Flask, factories: Factories, network: Network) -> None:
    n = network
    seen = {
        MUNICIPAL_UNION: (n.city, {n.city, n.district, n.unit, n.sibling, n.other_district, n.other_unit}),
        DISTRICT_UNION: (n.district, {n.district, n.unit, n.sibling}),
        UNIT_UNION: (n.unit, {n.unit}),
    }
    for role, (union, expected) in seen.items():
        assert ids_seen(app, factories.user(role, union)) == {row.id for row in expected}, role


def test_a_site_manager_sees_no_union(app: Flask, factories: Factories, network: Network) -> None:
    assert ids_seen(app, factories.user(SITE_MANAGER, network.unit)) == set()


def test_an_id_that_begins_with_the_same_digits_is_not_below(app: Flask, factories: Factories) -> None:
    first = factories.union("municipal", id=1)
    factories.union("municipal", id=11)
    assert ids_seen(app, factories.user(MUNICIPAL_UNION, first)) == {1}


def test_a_union_without_a_path_shows_nothing(app: Flask, factories: Factories, network: Network) -> None:
    user = factories.user(MUNICIPAL_UNION, network.city)
    with app.app_context():
        db.session.get_one(TradeUnion, network.city.id).path = ""
        db.session.commit()
    assert ids_seen(app, user) == set()


def test_the_list_has_parents_before_children(app: Flask, factories: Factories, network: Network) -> None:
    user = factories.user(DISTRICT_UNION, network.district)
    with app.app_context():
        rows = db.session.scalars(queries.unions_in_scope(db.session.get_one(User, user.id))).all()
    assert rows[0].id == network.district.id


def test_a_foreign_union_is_not_found(app: Flask, factories: Factories, network: Network) -> None:
    n = network
    user = factories.user(DISTRICT_UNION, n.district)
    with app.app_context():
        me = db.session.get_one(User, user.id)
        assert queries.get_union(me, n.unit.id).id == n.unit.id
        for foreign in (n.city, n.other_district, n.other_unit, n.other_city):
            with pytest.raises(NotFound):
                queries.get_union(me, foreign.id)


def test_accounts_follow_their_union(app: Flask, factories: Factories, network: Network) -> None:
    n = network
    user = factories.user(DISTRICT_UNION, n.district)
    below = factories.user(UNIT_UNION, n.unit)
    above = factories.user(MUNICIPAL_UNION, n.city)
    elsewhere = factories.user(UNIT_UNION, n.other_unit)
    with app.app_context():
        me = db.session.get_one(User, user.id)
        assert {row.id for row in db.session.scalars(queries.users_in_scope(me))} == {user.id, below.id}
        assert queries.get_user(me, below.id).id == below.id
        for foreign in (above, elsewhere):
            with pytest.raises(NotFound):
                queries.get_user(me, foreign.id)
