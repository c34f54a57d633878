"""Verdicts in short: those of the whole report, of closed sites as well, and none before a rulebook was in force."""

from datetime import date

import pytest
from flask import Flask

from app.db import db
from app.programme.services import facts_for
from app.programme.verdicts import verdicts_of
from app.rulebooks import evaluate, load
from app.sites.models import Site
from tests.factories import Factories
from tests.programme.conftest import MakeRoom

RULEBOOK = "qingdao-2023"


@pytest.mark.parametrize(
    ("on", "verdicts"), [(date(2026, 11, 20), {"met", "not_met", "unknown"}), (date(2026, 11, 1), {"not_met"})]
)
def test_a_verdict_is_that_of_the_whole_report(
    app: Flask, factories: Factories, good_room: MakeRoom, on: date, verdicts: set[str]
) -> None:
    unit = factories.tree()[2]
    made = [
        good_room(unit, uses=100), good_room(unit, uses=85), good_room(unit, uses=300, accepted_on=None),
        good_room(unit, uses=100, status="closed", closed_on=date(2026, 11, 2)),
    ]  # fmt: skip
    ids, rulebook = [site.id for site in made], load(RULEBOOK)
    with app.app_context():
        sites = [db.session.get_one(Site, one) for one in ids]
        whole = {site.id: evaluate(rulebook, facts_for(site, rulebook, on), on).verdict for site in sites}
        assert verdicts_of(ids, on, RULEBOOK) == whole
    assert set(whole.values()) == verdicts


def test_before_its_rulebook_was_in_force_a_site_has_no_verdict(
    app: Flask, factories: Factories, good_room: MakeRoom
) -> None:
    site = good_room(factories.tree()[2], uses=100)
    with app.app_context():
        assert verdicts_of([site.id], date(2020, 1, 1), RULEBOOK) == {}
