"""Decisions frozen with what they rest on, and made again."""

from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.db import db, unit_of_work
from app.errors import NotFound
from app.programme import decisions
from app.programme.models import Decision, RulebookText
from app.rulebooks import load
from app.sites.models import Site
from tests.factories import Factories
from tests.programme.conftest import MakeRoom

ON = date(2026, 11, 20)


def decided(factories: Factories, site: Site, **values: Any) -> Decision:
    """A committed decision about a site."""
    with factories.app.app_context(), unit_of_work():
        found = db.session.get_one(Site, site.id)
        return decisions.decide(found, load("qingdao-2023"), ON, now=factories.clock(), **values)


def test_a_decision_is_frozen_and_comes_out_again(factories: Factories, good_room: MakeRoom) -> None:
    site = good_room(area_m2="15.50")
    made = decided(factories, site)
    factories.tally(site, "2026-11", 3)  # what comes later changes nothing
    with factories.app.app_context():
        stored = db.session.get_one(Decision, made.id)
        assert (stored.verdict, stored.on, stored.purpose) == ("met", ON, "demonstration")
        assert stored.facts["area_m2"] in (15.5, "15.5", "31/2")
        assert stored.report["zh"]["verdict"] == stored.report["en"]["verdict"] == "met"
        assert decisions.wordings(decisions.judge_again(stored)) == stored.report
        assert decisions.latest_of(0) is None


def test_a_rulebooks_text_is_kept_once(app: Flask, factories: Factories) -> None:
    book = load("dalian-2017")
    for _ in range(2):
        with app.app_context(), unit_of_work():
            assert decisions.remember(book, factories.clock()) == book.digest
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(RulebookText)) == 1
        again = decisions.rulebook_of(book.digest)
        assert (again.id, again.digest, again.content) == (book.id, book.digest, book.content)
        with pytest.raises(NotFound):
            decisions.rulebook_of("0" * 64)


def test_an_old_decision_keeps_its_own_text(factories: Factories, good_room: MakeRoom) -> None:
    """The rulebook of that name may read differently by now: the text that was kept decides."""
    made = decided(factories, good_room(uses=99))
    older = load("qingdao-2023").content.replace("public = 100", "public = 99")
    assert older != load("qingdao-2023").content
    with factories.app.app_context(), unit_of_work():
        text = db.session.get_one(RulebookText, made.rulebook_digest)
        assert decisions.judge_again(db.session.get_one(Decision, made.id)).verdict == "not_met"
        text.content = older
        assert decisions.judge_again(db.session.get_one(Decision, made.id)).verdict == "met"
