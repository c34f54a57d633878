"""Sheets: who begins which, what answers are taken, what a total is, and that nothing is counted twice."""

from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest
from flask import Flask

from app.accounts.models import User
from app.db import db
from app.errors import Conflict, Forbidden, Invalid, NotFound
from app.programme.models import RulebookText
from app.programme.scoring import queries, services
from app.programme.scoring.answers import Change
from app.programme.scoring.models import FilledSheet, SheetAnswer
from app.sites.models import Site
from tests.conftest import Clock
from tests.factories import Factories
from tests.programme.scoring.conftest import Around
from tests.programme.scoring.helpers import begun, full, submitted


def test_a_full_sheet_adds_up_and_is_kept_with_its_rulebook(app: Flask, around: Around, clock: Clock) -> None:
    sheet = submitted(app, around.manager, around.site, clock(), answers={"awareness": "7", "sofa": "no"})
    assert (sheet.total, sheet.is_passed, sheet.filled_on) == (Decimal("94.5"), True, date(2026, 11, 20))
    with app.app_context():
        assert db.session.get_one(RulebookText, sheet.rulebook_digest).rulebook_id == "qingdao-2023"
        mine = db.session.get_one(FilledSheet, sheet.id)
        assert services.recompute(mine) == (sheet.total, sheet.is_passed)
        found = queries.latest(around.site.id, "self_check")
        assert found is not None
        assert found.id == sheet.id
        assert queries.latest(around.site.id, "acceptance") is None
        assert queries.latest(around.site.id, "self_check", case_id=1) is None


def test_the_pass_mark_is_included(app: Flask, around: Around, clock: Clock) -> None:
    none = {"awareness": "no", "satisfaction": "0"}
    assert submitted(app, around.manager, around.site, clock(), answers=none).is_passed is True
    less = submitted(app, around.manager, around.site, clock(), answers={**none, "bin": "no"})
    assert (less.total, less.is_passed) == (Decimal("77.5"), False)


def test_a_changed_answer_is_found_out(app: Flask, around: Around, clock: Clock) -> None:
    sheet = submitted(app, around.manager, around.site, clock())
    with app.app_context():
        db.session.get_one(SheetAnswer, (sheet.id, "area")).points = Decimal(0)
        assert services.recompute(db.session.get_one(FilledSheet, sheet.id)) == (Decimal(90), True)
        db.session.rollback()


def test_one_open_sheet_for_one_purpose(app: Flask, around: Around, clock: Clock) -> None:
    first = begun(app, around.manager, around.site, clock())
    assert begun(app, around.manager, around.site, clock()).id == first.id
    assert begun(app, around.unit_person, around.site, clock()).id != first.id
    submitted(app, around.manager, around.site, clock())
    assert begun(app, around.manager, around.site, clock()).id != first.id


def test_who_begins_which(factories: Factories, around: Around, clock: Clock) -> None:
    app = factories.app
    may = {
        "self_check": [around.manager, around.unit_person],
        "acceptance": [around.district_person, around.city_person],
        "inspection": [],
        "review": [],
    }
    people = [around.manager, around.unit_person, around.district_person, around.city_person]
    for use, allowed in may.items():
        for person in people:
            if person in allowed:
                assert begun(app, person, around.site, clock(), use).use == use
            else:
                with pytest.raises((Forbidden, Invalid)) as refusal:
                    begun(app, person, around.site, clock(), use)
                assert use == "review" or refusal.type is Forbidden
    stranger = factories.user("district_union", factories.tree()[1])
    for person in (stranger, factories.user("assessor", around.district)):
        with pytest.raises(NotFound):
            begun(app, person, around.site, clock(), "acceptance")


def test_the_union_of_a_site_without_a_unit_checks_it_itself(
    factories: Factories, around: Around, clock: Clock
) -> None:
    site = factories.site(around.district)
    assert begun(factories.app, around.district_person, site, clock()).use == "self_check"
    with pytest.raises(Forbidden):
        begun(factories.app, around.city_person, site, clock())


def test_what_the_rulebook_has_no_sheet_for(app: Flask, around: Around, clock: Clock) -> None:
    with pytest.raises(Invalid) as refusal:
        begun(app, around.manager, around.site, clock(), "everything")
    assert "use" in refusal.value.fields
    with pytest.raises(Invalid) as refusal:
        begun(app, around.city_person, around.site, clock(), "review")
    assert "use" in refusal.value.fields


def test_answers_that_cannot_be(app: Flask, around: Around, clock: Clock) -> None:
    sheet = begun(app, around.manager, around.site, clock())
    wrong = [
        Change("sofa", "2.5"), Change("sofa", "maybe"), Change("awareness", "yes"), Change("awareness", "11"),
        Change("awareness", "0.5"), Change("awareness", "NaN"), Change("awareness", "1e400"), Change("tower", "yes"),
        Change("awareness", "1.25"), Change("tv", "yes", "x" * 401), Change("tv", "yes", "\0"),
        Change("tv", "yes", key="k" * 41), Change("awareness", "-1"),
    ]  # fmt: skip
    with app.app_context():
        user, mine = db.session.get_one(User, around.manager.id), db.session.get_one(FilledSheet, sheet.id)
        for change in wrong:
            with pytest.raises(Invalid) as refusal:
                services.save_answers(user, mine, [Change("area", "yes"), change], clock())
            assert set(refusal.value.fields) == {change.item}
        assert queries.answers_of(mine) == {}
        services.save_answers(user, mine, [Change("awareness", "9.5"), Change("satisfaction", "0")], clock())
        assert {name: row.points for name, row in queries.answers_of(mine).items()} == {
            "awareness": Decimal("9.5"), "satisfaction": Decimal(0),
        }  # fmt: skip
        db.session.rollback()


def test_an_answer_sent_twice_is_taken_once_also_after_somebody_elses(
    app: Flask, around: Around, clock: Clock
) -> None:
    sheet = begun(app, around.manager, around.site, clock())
    with app.app_context():
        user, mine = db.session.get_one(User, around.manager.id), db.session.get_one(FilledSheet, sheet.id)

        def send(value: str, key: str, seen: int, *earlier: str) -> tuple[tuple[str, ...], str, int]:
            change = Change("awareness", value, key=key, seen=seen, earlier=earlier)
            told = services.save_answers(user, mine, [change], clock())
            row = queries.answers_of(mine)["awareness"]
            return told, str(row.points.normalize()) if row.points is not None else "", row.version

        assert send("5", "one", 0) == ((), "5", 1)
        assert send("5", "one", 0) == ((), "5", 1)
        assert send("3", "other device", 0) == (("awareness",), "3", 2)
        assert send("5", "one", 0) == ((), "3", 2)
        assert send("3", "same answer", 0) == ((), "3", 2)
        assert send("8", "two", 2) == ((), "8", 3)
        assert send("9", "three", 2, "two") == ((), "9", 4), "her own change whose answer was lost"
        assert send("", "none", 4) == ((), "", 5)
        db.session.rollback()


def test_open_items_are_named(app: Flask, around: Around, clock: Clock) -> None:
    sheet = begun(app, around.manager, around.site, clock())
    with app.app_context():
        user, mine = db.session.get_one(User, around.manager.id), db.session.get_one(FilledSheet, sheet.id)
        services.save_answers(user, mine, full(mine, bin="", awareness=""), clock())
        with pytest.raises(Invalid) as refusal:
            services.submit(user, mine, clock())
        assert set(refusal.value.fields) == {"bin", "awareness"}
        db.session.rollback()


def test_what_was_handed_in_stays_and_a_draft_is_its_authors(app: Flask, around: Around, clock: Clock) -> None:
    done = submitted(app, around.manager, around.site, clock())
    draft = begun(app, around.manager, around.site, clock())
    with app.app_context():
        manager, other = (db.session.get_one(User, one.id) for one in (around.manager, around.unit_person))
        mine, open_one = (db.session.get_one(FilledSheet, one.id) for one in (done, draft))
        with pytest.raises(Conflict):
            services.save_answers(manager, mine, [], clock())
        with pytest.raises(Conflict):
            services.submit(manager, mine, clock())
        with pytest.raises(Forbidden):
            services.save_answers(other, open_one, [], clock())
        assert queries.get_sheet(other, done.id).id == done.id
        with pytest.raises(NotFound):
            queries.get_sheet(other, draft.id)
        assert [sheet.id for sheet, _ in queries.sheets_of(manager, around.site.id)] == [draft.id, done.id]
        db.session.rollback()


def test_a_tick_list_has_no_total_and_may_leave_lines(factories: Factories, around: Around, clock: Clock) -> None:
    site = factories.site(around.unit)
    sheet = begun(factories.app, around.unit_person, site, clock(), rulebook="dalian-2017")
    with factories.app.app_context():
        user, mine = db.session.get_one(User, around.unit_person.id), db.session.get_one(FilledSheet, sheet.id)
        first, second, *_rest = queries.score_sheet_of(mine).items
        services.save_answers(user, mine, [Change(first.id, "yes", "每周三"), Change(second.id, "no")], clock())
        services.submit(user, mine, clock())
        assert (mine.total, mine.is_passed) == (None, None)
        assert services.recompute(mine) == (None, None)
        assert queries.answers_of(mine)[first.id].is_ticked is True
        db.session.rollback()


def test_a_client_key_is_kept(app: Flask, around: Around, clock: Clock) -> None:
    key = uuid4()
    assert begun(app, around.manager, around.site, clock(), client_key=key).client_key == key
    with app.app_context():
        assert db.session.get_one(Site, around.site.id).id == around.site.id
