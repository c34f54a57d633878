"""Excluding and restoring: exact steps, who may, what is refused, and what stays as it was."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import delete

from app.accounts.models import User
from app.db import db, unit_of_work
from app.errors import Conflict, DomainError, Invalid, NotFound
from app.months import Month
from app.sites.models import Site, SiteManager
from app.usage import leaves, signing, tallies
from app.usage.adjustments import queries, services
from app.usage.models import Adjustment, Erasure, HourBucket, Rating, SiteMonth, UsageRecord
from app.usage.queries import USES
from tests.conftest import Clock
from tests.factories import Factories
from tests.usage.adjustments.conftest import WHY, Scene
from tests.usage.helpers import records, tally

MONTH = Month(2026, 11)
HOUR = datetime(2026, 11, 20, 2, tzinfo=UTC)


class Desk:
    """Reviewers at work in the application's database."""

    def __init__(self, app: Flask, clock: Clock, scene: Scene) -> None:
        self.app, self.clock, self.scene = app, clock, scene

    def act(self, name: str, actor: User | None = None, site: Site | None = None, **values: Any) -> Adjustment:
        """Exclude or restore in November 2026, by default as the district."""
        given = {"reason": WHY, "now": self.clock(), "month": MONTH, **values}
        with self.app.app_context(), unit_of_work():
            who = db.session.get_one(User, (actor or self.scene.reviewer).id)
            where = db.session.get_one(Site, (site or self.scene.room).id)
            made: Adjustment = getattr(services, name)(who, where, given.pop("month"), **given)
        return made

    def steps(self, room: Site | None = None) -> Counter[str]:
        """The sum of all steps of the month."""
        site_id = (room or self.scene.room).id
        with self.app.app_context():
            found = queries.steps_of([site_id], MONTH, MONTH).get((site_id, str(MONTH)), Counter())
        return Counter({name: number for name, number in found.items() if number})

    def erase(self) -> None:
        """What retention does: hours are left."""
        room = self.scene.room
        with self.app.app_context(), unit_of_work():
            sequence = tallies.lock(room.id, MONTH)
            db.session.add(HourBucket(site_id=room.id, month=str(MONTH), hour_at=HOUR, recorded=3, counted=3))
            row = {
                "site_id": room.id, "month": str(MONTH), "sequence": sequence, "records": 3, "buckets": b"",
                "erased_at": self.clock(),
            }  # fmt: skip
            db.session.add(Erasure(**leaves.stamped("erasure", row, "sha256")))
            tallies.move(room.id, MONTH, {"events": 1})
            db.session.execute(delete(Rating))
            db.session.execute(delete(UsageRecord))


@pytest.fixture
def desk(app: Flask, clock: Clock, scene: Scene) -> Desk:
    """The desk of the union above."""
    return Desk(app, clock, scene)


def refused(desk: Desk, kind: type[DomainError], name: str = "exclude", **values: Any) -> DomainError:
    """The refusal of an act; nothing is written."""
    with pytest.raises(kind) as caught:
        desk.act(name, **values)
    return caught.value


def test_excluded_and_restored_uses_are_signed_steps_and_the_originals_stay(desk: Desk, scene: Scene) -> None:
    before, kept = tally(desk.app, scene.room.id), [(one.id, one.digest) for one in records(desk.app)]
    made = desk.act("exclude", uses=scene.uses[:2], evidence="录像 11-20 10:00")
    assert made.steps == {"counted": -2, "rating_1": -1, "rating_5": -1}
    assert made.hours == {"2026-11-20T02:00:00Z": 2}
    assert (made.actor_name, made.reason, made.sequence) == ("李审核", WHY, 6)
    row = {name: getattr(made, name) for name in leaves.FIELDS["adjustment"]}
    assert leaves.is_intact("adjustment", row | {"salt": made.salt, "digest": made.digest})
    said = leaves.content("adjustment", row)
    assert signing.is_signed("l" * 32, said, made.signature)
    assert desk.steps() == Counter(counted=-2, rating_1=-1, rating_5=-1)
    back = desk.act("restore", uses=scene.uses[1:2], actor=scene.municipal)
    assert back.steps == {"counted": 1, "rating_1": 1}
    assert desk.steps() == Counter(counted=-1, rating_5=-1)
    assert tally(desk.app, scene.room.id) == before
    assert [(one.id, one.digest) for one in records(desk.app)] == kept
    with desk.app.app_context():
        assert tallies.recount(desk.clock(), repair=False) == []
        assert db.session.get_one(SiteMonth, (scene.room.id, str(MONTH))).events == 7


def test_a_closed_month_is_adjusted_like_an_open_one(desk: Desk, scene: Scene) -> None:
    desk.clock.advance(days=30)
    desk.act("exclude", uses=scene.uses)
    assert desk.steps()["counted"] == -3
    assert tally(desk.app, scene.room.id)["counted"] == 3


def test_stored_steps_read_back_intact(desk: Desk, scene: Scene) -> None:
    desk.act("exclude", uses=scene.uses)
    with desk.app.app_context():
        stored = queries.adjustments_of(scene.room.id, MONTH)[0]
        row = {name: getattr(stored, name) for name in (*leaves.FIELDS["adjustment"], "salt", "digest")}
    assert leaves.is_intact("adjustment", row)


def test_only_unions_above_the_site_judge_its_uses(desk: Desk, scene: Scene, factories: Factories) -> None:
    for outsider in (scene.manager, scene.unit_person):
        refused(desk, Conflict, actor=outsider, uses=scene.uses)
    elsewhere = factories.user("district_union", factories.union("district", scene.city))
    refused(desk, NotFound, actor=elsewhere, uses=scene.uses)
    own = factories.site(scene.district)
    factories.tally(own, str(MONTH), 5)
    refused(desk, Conflict, site=own, uses=scene.uses)
    factories.add(SiteManager(site_id=scene.room.id, user_id=scene.reviewer.id))
    refused(desk, Conflict, uses=scene.uses)
    assert desk.steps() == Counter()


def test_what_cannot_be_adjusted(desk: Desk, scene: Scene) -> None:
    scene.phones[1].logged()
    with desk.app.app_context():
        repeated = db.session.scalars(USES.select().with_only_columns(USES.c.id).where(USES.c.reason == "too_soon"))
        too_soon = repeated.one()
    desk.act("exclude", uses=scene.uses[:1])
    refused(desk, Conflict, uses=scene.uses[:2])
    refused(desk, Conflict, uses=[too_soon])
    refused(desk, Conflict, name="restore", uses=scene.uses[1:])
    assert "uses" in refused(desk, Invalid, uses=[uuid4()]).fields
    assert "uses" in refused(desk, Invalid, uses=[]).fields
    assert "uses" in refused(desk, Invalid, uses=[uuid4() for _ in range(services.MOST_USES + 1)]).fields
    assert "uses" in refused(desk, Invalid, uses=scene.uses[1:], month=Month(2026, 10)).fields
    for reason in ("太短", "  只有空格不算字数      ", "长" * 601, "带有\0空字符的理由也不收下"):
        assert "reason" in refused(desk, Invalid, uses=scene.uses[1:], reason=reason).fields, reason
    assert "evidence" in refused(desk, Invalid, uses=scene.uses[1:], evidence="长" * 601).fields
    assert desk.steps() == Counter(counted=-1, rating_5=-1)


def test_an_excluded_use_takes_no_more_ratings_until_it_is_restored(desk: Desk, scene: Scene) -> None:
    phone, receipt = scene.phones[0], scene.receipts[0]
    page = phone.open(receipt).text
    desk.act("exclude", uses=scene.uses[:1])
    assert "<button" not in phone.open(receipt).text
    token = page.partition('name="token" value="')[2].partition('"')[0]
    assert phone.client.post(f"{receipt}/rating", data={"token": token, "step": 1}).status_code == 409
    desk.act("restore", uses=scene.uses[:1])
    assert phone.rate(receipt, 2).status_code == 303
    assert desk.steps() == Counter()
    assert scene.phones[1].rate(scene.receipts[1], 2).status_code == 303


def test_after_erasure_hours_are_chosen_and_ratings_go_with_the_last_use(desk: Desk, scene: Scene) -> None:
    desk.act("exclude", uses=scene.uses[:1])
    desk.erase()
    with desk.app.app_context():
        hour = queries.hours_of(scene.room.id, MONTH)[0]
    assert (hour.starts_at, hour.counted, hour.excluded, hour.uses) == (HOUR, 3, 1, ())
    refused(desk, Conflict, hours={HOUR: 3})
    assert "hours" in refused(desk, Invalid, uses=scene.uses[1:]).fields
    assert "hours" in refused(desk, Invalid, hours={HOUR: -1}).fields
    assert desk.act("exclude", hours={HOUR: 1}).steps == {"counted": -1}
    assert desk.act("exclude", hours={HOUR: 1}).steps == {"counted": -1, "rating_1": -1}
    assert desk.steps() == Counter(counted=-3, rating_1=-1, rating_5=-1)
    assert desk.act("restore", hours={HOUR: 1}).steps == {"counted": 1}
    refused(desk, Conflict, name="restore", hours={HOUR: 3})
    assert desk.act("restore", hours={HOUR: 2}).steps == {"counted": 2, "rating_1": 1, "rating_5": 1}
    assert desk.steps() == Counter()


def test_steps_of_many_sites_in_one_query(desk: Desk, scene: Scene) -> None:
    desk.act("exclude", uses=scene.uses)
    with desk.app.app_context():
        chosen = queries.steps_of(Site.__table__.select().with_only_columns(Site.id), MONTH - 11, MONTH)
        assert chosen == {(scene.room.id, "2026-11"): Counter(counted=-3, rating_1=-1, rating_5=-1)}
        assert queries.steps_of([scene.room.id], MONTH + 1, MONTH + 2) == {}
