"""A ledger with everything in it: an erased month, a closed one with its checkpoint, an open one after that."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from flask import Flask
from sqlalchemy import insert

from app.accounts.models import TradeUnion, User
from app.db import db, unit_of_work
from app.months import Month
from app.sites.models import DoorCode, Site
from app.usage import leaves, tallies
from app.usage.adjustments.services import exclude, restore
from app.usage.erasing import erase
from app.usage.ledger.queries import EVENTS
from app.usage.ledger.texts import Witness
from app.usage.services import algorithm
from tests.factories import Factories
from tests.usage.ledger.helpers import OCTOBER, checkpoint, rate, seal, use, witness

AUGUST = Month(2026, 8)
REASON = "同一人反复扫码，经现场核查"
CODES = ("aaaaaaaaaaaa", "bbbbbbbbbbbb")


class History:
    """Two rooms from August to November 2026; `old` is called with a name at moments worth a copy."""

    def __init__(self, app: Flask, factories: Factories) -> None:
        self.app = app
        unions = factories.tree()
        self.doors: list[DoorCode] = [factories.door_code(factories.site(unions[2]), code) for code in CODES]
        self.reviewer: User = factories.user("district_union", unions[1])
        self.unions: tuple[TradeUnion, ...] = unions
        self.used: list[UUID] = []

    def month(self, start: datetime, number: int) -> None:
        """Uses at both doors: some too soon, some rated, some rated anew, some proven on site; a seal now and then."""
        for place in range(number):
            at = start + timedelta(hours=7 * place)
            for door in self.doors:
                token = uuid4().hex
                first = use(self.app, door.code, at, token)
                self.used.append(first)
                if place % 3 == 0:
                    use(self.app, door.code, at + timedelta(minutes=3), token)
                if place % 2 == 0:
                    rate(self.app, door.code, first, 1 + place % 5, at + timedelta(minutes=4))
                    self.prove(door.site_id, first, at + timedelta(minutes=5))
                if place % 4 == 0:
                    rate(self.app, door.code, first, 5, at + timedelta(minutes=6))
            if place % 2:
                seal(self.app, at + timedelta(minutes=9))

    def prove(self, site_id: int, usage_id: UUID, now: datetime) -> None:
        """A proof of presence, as the door writes it."""
        with self.app.app_context(), unit_of_work():
            month = Month.of(now)
            row = {
                "site_id": site_id, "month": str(month), "sequence": tallies.lock(site_id, month), "usage_id": usage_id,
                "method": "word", "is_counted": True, "proven_at": now,
            }  # fmt: skip
            db.session.execute(insert(EVENTS["presence"]), leaves.stamped("presence", row, algorithm()))
            tallies.move(site_id, month, {"events": 1, "on_site": 1})

    def adjust(self, month: Month, number: int, now: datetime) -> None:
        """Exclude the first uses of the first room's month, and restore one of them."""
        with self.app.app_context(), unit_of_work():
            actor, site = db.session.get_one(User, self.reviewer.id), db.session.get_one(Site, self.doors[0].site_id)
            exclude(actor, site, month, uses=self.used[0 : 2 * number : 2], reason=REASON, now=now)
            restore(actor, site, month, uses=self.used[:1], reason=REASON, now=now)
        seal(self.app, now)

    def erase(self, month: Month, now: datetime) -> None:
        """What retention does to both rooms."""
        for door in self.doors:
            with self.app.app_context(), unit_of_work():
                erase(door.site_id, month, now)
        seal(self.app, now)

    def until_october(self) -> None:
        """August with its checkpoint, then half of October."""
        self.month(datetime(2026, 8, 3, 1, tzinfo=UTC), 4)
        self.adjust(AUGUST, 2, AUGUST.end_at)
        checkpoint(self.app, AUGUST, AUGUST.closes_at)
        self.used.clear()
        self.month(datetime(2026, 10, 2, 1, tzinfo=UTC), 4)

    def until_november(self) -> Witness:
        """August is erased, October closes with its checkpoint, November has begun; the witness holds October."""
        self.erase(AUGUST, datetime(2026, 10, 25, tzinfo=UTC))
        self.month(datetime(2026, 10, 26, 1, tzinfo=UTC), 4)
        self.adjust(OCTOBER, 2, OCTOBER.end_at)
        made = checkpoint(self.app, OCTOBER, OCTOBER.closes_at)
        self.month(datetime(2026, 11, 6, 1, tzinfo=UTC), 2)
        self.adjust_later(OCTOBER, datetime(2026, 11, 10, tzinfo=UTC))
        return witness(made)

    def adjust_later(self, month: Month, now: datetime) -> None:
        """One more exclusion, of a month that has its checkpoint."""
        with self.app.app_context(), unit_of_work():
            actor, site = db.session.get_one(User, self.reviewer.id), db.session.get_one(Site, self.doors[0].site_id)
            exclude(actor, site, month, uses=self.used[:1], reason=REASON, now=now)
        seal(self.app, now)
