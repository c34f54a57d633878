"""What the evaluator gets about the other kinds, for many sites in a fixed number of queries."""

from collections.abc import Callable
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select

from app.care import facts
from app.db import db
from app.rulebooks import CareTermFacts, IncidentFacts
from app.sites.models import Site
from tests.care import helpers
from tests.care.conftest import Care
from tests.factories import Factories


def statements(app: Flask, act: Callable[[], object]) -> int:
    """How many statements `act` sends."""
    seen: list[str] = []

    def listen(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith(("BEGIN", "SAVEPOINT")):
            seen.append(statement)

    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", listen)
        act()
        event.remove(db.engine, "before_cursor_execute", listen)
    return len(seen)


@pytest.fixture
def told(care: Care, factories: Factories) -> Care:
    """A day of two children, a day of one who came and one who had left, a day to come, a term to come."""
    day = timedelta(days=1)
    one = helpers.child(factories, care.term)
    other = helpers.child(factories, care.term, "07", left_on=care.today)
    helpers.child(factories, care.term, "L", enrolled_on=care.today + 5 * day)
    helpers.ran(factories, care.term, care.today - day, one)
    helpers.ran(factories, care.term, care.today, one, other)
    helpers.ran(factories, care.term, care.today + day, one)
    later = care.today + 30 * day
    helpers.term(factories, care.site, name="x", starts_on=later, ends_on=later)
    return care


def test_terms_that_have_begun_with_the_days_so_far(app: Flask, told: Care) -> None:
    with app.app_context():
        found = facts.care_facts([told.site.id], told.today)[told.site.id]
        assert found.terms == (
            CareTermFacts("2026 年寒假", told.term.starts_on, told.term.ends_on, 2, 2, 3, 2),
        )  # fmt: skip
        before = told.term.starts_on
        (empty,) = facts.care_facts([told.site.id], before)[told.site.id].terms
        assert (empty.children, empty.days_run, empty.expected, empty.attended) == (0, 0, 0, 0)
        assert facts.care_facts([told.site.id], before - timedelta(days=1)) == {}


def test_the_latest_report_by_a_day(app: Flask, factories: Factories) -> None:
    site = factories.site(kind="nursery")
    helpers.report(factories, site)
    helpers.report(factories, site, as_of=date(2026, 1, 1), places=20, price_yuan=None)
    with app.app_context():
        found = facts.nursery_facts([site.id], date(2026, 11, 20))[site.id]
        assert (found.places, found.price_yuan, found.class_types) == (40, Fraction(1500), ("full_day", "half_day"))
        found = facts.nursery_facts([site.id], date(2026, 11, 19))[site.id]
        assert (found.places, found.price_yuan) == (20, None)
        assert facts.nursery_facts([site.id], date(2025, 12, 31)) == {}


def test_incidents_that_stand(app: Flask, care: Care, factories: Factories) -> None:
    helpers.incident(factories, care.site, kind="violation")
    helpers.incident(factories, care.site, happened_on=date(2026, 1, 1))
    helpers.incident(factories, care.site, retracted_at=factories.clock())
    helpers.incident(factories, care.site, happened_on=date(2026, 12, 1))
    with app.app_context():
        assert facts.incident_facts([care.site.id], care.today) == {
            care.site.id: (IncidentFacts("accident", date(2026, 1, 1)), IncidentFacts("violation", care.today))
        }


def test_the_parts_of_centres(app: Flask, factories: Factories) -> None:
    centre, *parts = (factories.site(kind=kind) for kind in ("combined", "room", "nursery"))
    helpers.join(factories, centre, *parts)
    with app.app_context():
        assert facts.parts_of_centres(select(Site.id)) == {centre.id: [part.id for part in parts]}


@pytest.mark.parametrize("query", [facts.care_facts, facts.nursery_facts, facts.incident_facts])
def test_many_sites_cost_no_more_queries(app: Flask, told: Care, factories: Factories, query: Any) -> None:
    ids = select(Site.id)
    before = statements(app, lambda: query(ids, told.today))
    for _ in range(3):
        site = helpers.care_site(factories, told.unit)
        helpers.ran(factories, helpers.term(factories, site), told.today)
        helpers.incident(factories, site)
        helpers.report(factories, site)
    assert statements(app, lambda: query(ids, told.today)) == before <= 2
