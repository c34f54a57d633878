"""Builders of rows for tests: each commits and returns a detached object whose own columns are loaded."""

import itertools
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from flask_security import hash_password
from sqlalchemy import select

from app.accounts import sessions
from app.accounts.models import LogInSession, Role, TradeUnion, User
from app.db import db, unit_of_work
from app.sites.models import DoorCode, Site, SiteManager, SitePhoto, Suspension
from app.usage.models import SiteMonth

PASSWORD = "correct horse battery staple"
LATER = datetime(2100, 1, 1, tzinfo=UTC)
"""When log-ins of tests begin: their clocks run ahead by years, and a log-in ends after a week."""


class Factories:
    """Makes unions, people, sites, codes, suspensions and tallies in the application's database."""

    def __init__(self, app: Flask, clock: Callable[[], datetime]) -> None:
        self.app = app
        self.clock = clock
        self._numbers = itertools.count(1)
        self._log_ins: dict[int, str] = {}

    def union(self, level: str = "municipal", parent: TradeUnion | None = None, **values: Any) -> TradeUnion:
        """A union under `parent`."""
        number = next(self._numbers)
        row = TradeUnion(
            **{"code": f"U{number}", "name": f"第{number}工会", "level": level, "path": "", **values},
            parent_id=parent.id if parent else None,
        )
        with self.app.app_context(), unit_of_work():
            db.session.add(row)
            db.session.flush()
            row.path = f"{parent.path if parent else '/'}{row.id}/"
        return row

    def tree(self) -> tuple[TradeUnion, TradeUnion, TradeUnion]:
        """One municipal, one district and one unit union, each under the one before."""
        municipal = self.union("municipal")
        district = self.union("district", municipal)
        return municipal, district, self.union("unit", district)

    def user(self, role: str, trade_union: TradeUnion, *sites: Site, **values: Any) -> User:
        """A person with `role` at `trade_union` who, as a site manager, manages `sites`. Her password is `PASSWORD`."""
        number = next(self._numbers)
        with self.app.app_context(), unit_of_work():
            user = User(
                **{"username": f"user{number}", "fs_uniquifier": f"uniquifier-{number}", "active": True, **values},
                password=hash_password(PASSWORD),
                trade_union_id=trade_union.id,
                roles=[db.session.scalars(select(Role).filter_by(name=role)).one()],
            )
            db.session.add(user)
            db.session.flush()
            db.session.add_all(SiteManager(site_id=site.id, user_id=user.id) for site in sites)
        return user

    def login(self, user: User) -> FlaskClient:
        """A browser in which `user` has logged in."""
        client = self.app.test_client()
        with self.app.app_context():
            identity = db.session.get_one(User, user.id).fs_uniquifier
            known = self._log_ins.get(user.id, "")
            if db.session.get(LogInSession, sessions.digest(known)) is None:
                known = self._log_ins[user.id] = sessions.made(user, LATER)
                db.session.commit()
        kept = {sessions.KEY: known, sessions.SEEN: int(LATER.timestamp())}
        with client.session_transaction() as session:
            session |= {"_user_id": identity, "_fresh": True, "fs_cc": "set", "identity.id": None, **kept}
        return client

    def site(self, host: TradeUnion | None = None, **values: Any) -> Site:
        """An operating public room in Hangzhou that anyone may find and enter; override any column."""
        number = next(self._numbers)
        now = self.clock()
        defaults: dict[str, Any] = {
            "name": f"第{number}爱心妈妈小屋",
            "name_key": f"第{number}爱心妈妈小屋",
            "address": f"银海街{number}号",
            "address_key": f"银海街{number}号",
            "location_kind": "public",
            "admission": "anyone",
            "open_to_outsiders": True,
            "is_listed": True,
            "division_code": "330114",
            "lon": 120.3440 + number / 1000,
            "lat": 30.3373,
            "floor_label": "2 层",
            "floor_order": 2,
            "hours": {},
            "facilities": {"sofa": 2, "fridge": 1},
            "opened_on": date(2025, 1, 1),
            "accepted_on": date(2025, 1, 1),
            "created_at": now,
            "updated_at": now,
        }
        site = Site(**{**defaults, **values}, host_id=(host or self.tree()[2]).id)
        return self.add(site)

    def add(self, row: Any) -> Any:
        """Store any row."""
        with self.app.app_context(), unit_of_work():
            db.session.add(row)
        return row

    def door_code(self, site: Site, code: str | None = None, **values: Any) -> DoorCode:
        """A live code for `site`."""
        number = next(self._numbers)
        defaults = {"print_version": number, "issued_at": self.clock() - timedelta(days=400)}
        fresh = DoorCode(site_id=site.id, code=code or f"{number:012d}", **{**defaults, **values})
        made: DoorCode = self.add(fresh)
        return made

    def suspension(self, site: Site, starts_at: datetime, ends_at: datetime | None = None) -> Suspension:
        """An official interval without use."""
        made: Suspension = self.add(Suspension(site_id=site.id, starts_at=starts_at, ends_at=ends_at, reason="装修"))
        return made

    def photo(self, site: Site, kind: str = "entrance") -> SitePhoto:
        """A photo's row, without a file."""
        number = next(self._numbers)
        row = SitePhoto(
            site_id=site.id, kind=kind, file_name=f"{number}.webp", width=1, height=1, uploaded_at=self.clock()
        )
        made: SitePhoto = self.add(row)
        return made

    def tally(self, site: Site, month: str, counted: int, ratings: tuple[int, ...] = (0, 0, 0, 0, 0)) -> SiteMonth:
        """A month's tally, without its events."""
        steps = {f"rating_{step}": number for step, number in enumerate(ratings, start=1)}
        made: SiteMonth = self.add(SiteMonth(site_id=site.id, month=month, recorded=counted, counted=counted, **steps))
        return made
