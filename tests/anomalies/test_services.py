"""Days are collected while their pseudonyms are there, sites are judged, reviewers say what they found."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text, update

from app.accounts.models import User
from app.anomalies import queries, services
from app.anomalies.models import CaseFlags, DaySignal, FlagReview, SiteFlags
from app.anomalies.register import without_hindering
from app.anomalies.signals import Signals
from app.db import db, unit_of_work
from app.errors import Forbidden, Invalid, NotFound
from app.months import Month
from app.registers.models import Activity
from app.sites.models import Site
from app.usage import services as usage
from app.usage.models import UsageRecord
from tests.anomalies.conftest import World, inflated, keep
from tests.anomalies.helpers import days_of, honest
from tests.conftest import START, Clock
from tests.factories import Factories
from tests.usage.helpers import Phone

TODAY, TOMORROW = date(2026, 11, 20), date(2026, 11, 21)
HOURS = {"week": {str(day): [[480, 1200]] for day in range(1, 8)}, "holidays": "usual"}


@pytest.fixture
def door(factories: Factories) -> Any:
    """A site open from eight to eight, and the code on its door."""
    site = factories.site(hours=HOURS)
    return site, factories.door_code(site).code


def collected(app: Flask, now: datetime) -> int:
    """Collect, and say how many rows moved."""
    with app.app_context(), unit_of_work():
        return services.collect(now)


def signals(app: Flask, site: Site, on: date = TODAY) -> Signals:
    """What is stored of a day."""
    with app.app_context():
        return Signals.from_json(db.session.get_one(DaySignal, (site.id, on)).values)


def destroyed(app: Flask, now: datetime) -> None:
    """Destroy the keys that are due, as the service does."""
    with app.app_context(), unit_of_work():
        usage.destroy_keys(app.extensions["keystore"], now, thorough=True)


def test_a_day_is_collected_once_it_is_over(app: Flask, clock: Clock, door: Any) -> None:
    site, code = door
    phone = Phone(app, code)
    phone.rate(phone.logged(), 5)
    clock.advance(seconds=30)
    Phone(app, code).logged()
    assert collected(app, clock()) == 0
    clock.advance(days=1)
    assert collected(app, clock()) == 1
    found = signals(app, site)
    assert (found.counted, found.short_gaps, found.tokens, found.devices, found.closed) == (2, 1, 2, 1, 0)
    assert (found.most_tokens, found.cleared, found.steps[4], found.hours[10]) == (2, 1, 1, 2)


def test_collecting_again_changes_nothing(app: Flask, clock: Clock, door: Any) -> None:
    Phone(app, door[1]).logged()
    clock.advance(days=1)
    assert [collected(app, clock()) for _ in range(3)] == [1, 0, 0]


def test_a_use_that_comes_late_changes_its_day(app: Flask, clock: Clock, door: Any) -> None:
    site, code = door
    Phone(app, code).logged()
    tapped = clock()
    clock.advance(days=2)
    collected(app, clock())
    destroyed(app, clock())
    sent_ms = int(clock().timestamp() * 1000)
    late = Phone(app, code, agent="Another")
    late.logged(tapped_at=int((tapped + timedelta(hours=2)).timestamp() * 1000), sent_at=sent_ms)
    assert signals(app, site).counted == 1
    assert collected(app, clock()) == 1
    found = signals(app, site)
    assert (found.counted, found.with_device, found.devices) == (2, 1, 1)


def test_a_rating_that_comes_later_changes_its_day(app: Flask, clock: Clock, door: Any) -> None:
    site, code = door
    phone = Phone(app, code)
    receipt = phone.logged()
    clock.advance(days=1)
    collected(app, clock())
    phone.rate(receipt, 4)
    assert collected(app, clock()) == 1
    assert signals(app, site).steps == (0, 0, 0, 1, 0)


def test_devices_are_collected_before_they_are_forgotten(app: Flask, clock: Clock, door: Any) -> None:
    site, code = door
    for _ in range(3):
        Phone(app, code).logged()
        clock.advance(hours=1)
    clock.advance(days=3)
    destroyed(app, clock())
    with app.app_context():
        assert db.session.scalars(select(UsageRecord.p_day)).all() == [None] * 3
    assert signals(app, site).most_tokens == 3
    collected(app, clock())
    assert signals(app, site).most_tokens == 3


def test_what_is_collected_already_is_not_read_again(app: Flask, clock: Clock, door: Any) -> None:
    Phone(app, door[1]).logged()
    clock.advance(days=1)
    with app.app_context():
        assert queries.about_to_go("2026-11-20") == {(door[0].id, Month(2026, 11)): {TODAY}}
    collected(app, clock())
    with app.app_context():
        assert queries.about_to_go("2026-11-20") == {}
        assert queries.about_to_go("2026-11-19") == {}


def test_devices_are_forgotten_even_when_nothing_can_be_collected(
    app: Flask, door: Any, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_day_key: str) -> None:
        db.session.execute(text("SELECT * FROM a_table_that_is_not_there"))

    Phone(app, door[1]).logged()
    with app.app_context(), unit_of_work():
        without_hindering(broken)("2026-11-20")
        db.session.execute(update(UsageRecord).values(p_day=None))
    assert "signals of a day could not be kept" in caplog.text
    with app.app_context():
        assert db.session.scalars(select(UsageRecord.p_day)).all() == [None]


def test_hours_that_cannot_be_read_are_not_known(app: Flask, clock: Clock, factories: Factories) -> None:
    site = factories.site(hours={"week": "nonsense"})
    Phone(app, factories.door_code(site).code).logged()
    clock.advance(days=1)
    collected(app, clock())
    assert signals(app, site).closed is None


def test_a_day_before_midnight_and_one_after(app: Flask, clock: Clock, door: Any) -> None:
    site, code = door
    clock.at = datetime(2026, 11, 20, 15, 59, 59, tzinfo=UTC)
    Phone(app, code).logged()
    clock.advance(seconds=1)
    Phone(app, code, agent="Another").logged()
    clock.advance(days=1)
    assert collected(app, clock()) == 2
    assert (signals(app, site).closed, signals(app, site, TOMORROW).closed) == (1, 1)
    assert (signals(app, site).hours[23], signals(app, site, TOMORROW).hours[0]) == (1, 1)


def test_a_month_is_collected_a_last_time_before_it_is_erased(app: Flask, clock: Clock, door: Any) -> None:
    site, code = door
    phone = Phone(app, code)
    receipt = phone.logged()
    clock.advance(days=1)
    collected(app, clock())
    phone.rate(receipt, 3)
    with app.app_context(), unit_of_work():
        for prepare in app.extensions["before_erasure"]:
            prepare(site.id, Month(2026, 11), clock())
    assert signals(app, site).steps == (0, 0, 1, 0, 0)


def test_months_that_are_open(app: Flask) -> None:
    with app.app_context():
        assert services.open_since(START) == Month(2026, 11)
        assert services.open_since(datetime(2026, 12, 2, tzinfo=UTC)) == Month(2026, 11)


def test_a_site_is_judged_on_twelve_whole_months(app: Flask, world: World) -> None:
    with app.app_context():
        kept = db.session.get_one(SiteFlags, world.site.id)
        assert (kept.first_month, kept.last_month, kept.is_flagged) == ("2025-11", "2026-10", True)
        assert kept.found[0]["detector"] == "closed_hours"
        assert kept.strength == kept.found[0]["strength"]
        assert kept.waiting == len(kept.found)


def test_a_site_that_was_flagged_may_be_so_no_more(app: Flask, world: World) -> None:
    with app.app_context(), unit_of_work():
        for on, one in days_of(honest()).items():
            db.session.get_one(DaySignal, (world.site.id, on)).values = one.to_json()
        db.session.flush()
        kept = services.judge(db.session.get_one(Site, world.site.id), START)
        assert (kept.is_flagged, kept.found, kept.strength, kept.waiting) == (False, [], 0.0, 0)


def test_an_activity_explains_when_it_was_declared_before(app: Flask, world: World, factories: Factories) -> None:
    starts_at = datetime(2026, 9, 9, 2, tzinfo=UTC)

    def activity(**values: Any) -> None:
        row = {"ends_at": starts_at + timedelta(hours=3), "starts_at": starts_at, **values}
        factories.add(Activity(site_id=world.site.id, kind="activity", topic="parenting", title="讲座", **row))

    activity(recorded_at=starts_at - timedelta(days=1))
    activity(recorded_at=starts_at, starts_at=starts_at - timedelta(days=9))
    activity(recorded_at=starts_at - timedelta(days=90), starts_at=starts_at - timedelta(days=40), voided_at=starts_at)
    with app.app_context():
        context = queries.context_of(db.session.get_one(Site, world.site.id), Month(2026, 1), Month(2026, 10))
    assert context.declared == {date(2026, 9, 9)}
    assert context.room_type == "mall"


def reviewed(app: Flask, world: World, who: str = "district", **values: str) -> FlagReview:
    """Review the site's first flag."""
    said = {"detector": "closed_hours", "finding": "explained", "note": "门卫值夜班，已看过排班表。", **values}
    with app.app_context(), unit_of_work():
        actor = db.session.get_one(User, world.people[who].id)
        return services.review(actor, db.session.get_one(Site, world.site.id), now=START, **said)


def test_a_review_is_kept_and_answers_the_flag(app: Flask, world: World) -> None:
    made = reviewed(app, world)
    assert (made.first_month, made.last_month, made.finding) == ("2025-11", "2026-10", "explained")
    with app.app_context():
        kept = db.session.get_one(SiteFlags, world.site.id)
        assert kept.is_flagged
        assert kept.waiting == len(kept.found) - 1
        assert queries.answered(world.site.id, Month(2026, 12)) == {"closed_hours"}
        assert queries.answered(world.site.id, Month(2027, 1)) == set()


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"detector": "mixed_ratings"}, "detector"), ({"detector": ""}, "detector"), ({"finding": "guilty"}, "finding"),
        ({"note": "  太短了。  "}, "note"), ({"note": "长" * 601}, "note"),
    ],
)  # fmt: skip
def test_a_review_says_something(app: Flask, world: World, values: dict[str, str], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        reviewed(app, world, **values)
    assert set(refused.value.fields) == {field}


@pytest.mark.parametrize("who", ["manager", "unit", "assessor"])
def test_only_reviewers_review(app: Flask, world: World, who: str) -> None:
    with pytest.raises(Forbidden):
        reviewed(app, world, who)
    with app.app_context(), pytest.raises(NotFound):
        queries.site_for_reviewer(db.session.get_one(User, world.people[who].id), world.site.id)


def test_what_nobody_has_looked_at_comes_first(app: Flask, world: World, factories: Factories) -> None:
    seen, quiet = (factories.site(world.unit, premises="mall", location_kind="public") for _ in range(2))
    keep(app, seen, inflated())
    keep(app, quiet, {})
    with app.app_context(), unit_of_work():
        db.session.get_one(SiteFlags, seen.id).waiting = 0
        db.session.get_one(SiteFlags, seen.id).strength = 99.0
    with app.app_context():
        person = {name: db.session.get_one(User, user.id) for name, user in world.people.items()}
        rows = db.session.execute(queries.flagged_in_scope(person["district"]))
        assert [site.id for _kept, site in rows] == [world.site.id, seen.id]
        assert queries.number_waiting(person["municipal"]) == 1
        assert queries.number_waiting(person["neighbour"]) == 0


def test_who_plans_checks_prefers_what_is_not_explained(app: Flask, world: World, factories: Factories) -> None:
    quiet = factories.site(premises="mall", location_kind="public")
    ids = [world.site.id, quiet.id]
    with app.app_context():
        assert queries.flagged_ids(ids) == {world.site.id}
        assert queries.flagged_ids([quiet.id]) == set()
    reviewed(app, world)
    with app.app_context():
        assert queries.flagged_ids(ids) == set()


def test_flags_freeze_with_an_application(app: Flask, world: World) -> None:
    with app.app_context(), unit_of_work():
        services.freeze(db.session.get_one(Site, world.site.id), 17, START)
    keep(app, world.site, {on + timedelta(days=3000): one for on, one in inflated().items()})
    with app.app_context():
        frozen = db.session.get_one(CaseFlags, 17)
        assert (frozen.last_month, frozen.is_flagged, frozen.site_id) == ("2026-10", True, world.site.id)
