"""What the acts of the demonstration have in common: who, where, when, under which rulebook, and the made-up texts."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any

from sqlalchemy import select

from app.accounts.models import TradeUnion, User
from app.db import db
from app.demo.scenario import DATA, SEED, network
from app.months import SHANGHAI, local_date
from app.programme.scoring import services as scoring
from app.programme.scoring.answers import NO, YES, Change
from app.programme.scoring.models import FilledSheet
from app.programme.scoring.queries import score_sheet_of
from app.rulebooks import Rulebook
from app.sites.manager_services import assign_managers, managers_of
from app.sites.models import LocationKind, Site
from app.sites.services import create_site
from app.web import UNIT_UNION

PREMISES = {LocationKind.PUBLIC.value: "public", LocationKind.INTERNAL.value: "enterprise"}


@cache
def script() -> Mapping[str, Any]:
    """data/life.toml: which site meets with what, and the texts."""
    return tomllib.loads((DATA / "life.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Stage:
    """The network as it stands when its life begins. `now` is aware; `rulebook` is that of the whole network."""

    now: datetime
    rulebook: Rulebook
    unions: Mapping[str, TradeUnion]
    sites: Mapping[str, Site]

    def user(self, username: str) -> User:
        """The account called `username`."""
        return db.session.scalars(select(User).filter_by(username=username)).one()

    def manager_of(self, site: Site) -> User:
        """Who manages the site."""
        return managers_of(site)[0]

    def unit_of(self, site: Site) -> User:
        """The account of the site's host."""
        at_host = select(User).where(User.trade_union_id == site.host_id)
        return next(one for one in db.session.scalars(at_host.order_by(User.id)) if one.role == UNIT_UNION)

    def site(self, site_id: int) -> Site:
        """The site with an id."""
        return db.session.get_one(Site, site_id)

    @property
    def today(self) -> date:
        """The local date of `now`."""
        return local_date(self.now)

    def ago(self, days: float) -> datetime:
        """So many days before now."""
        return self.now - timedelta(days=days)

    def this_year(self, days: float) -> datetime:
        """So many days before now, but not before this local year."""
        return max(self.ago(days), datetime(self.today.year, 1, 1, tzinfo=SHANGHAI).astimezone(UTC))

    def at(self, on: date, hour: int) -> datetime:
        """An hour of a local date."""
        return datetime.combine(on, time(hour), SHANGHAI).astimezone(UTC)

    def new_site(self, actor: User, row: Mapping[str, Any], now: datetime, **values: Any) -> Site:
        """A made-up site that `actor` adds beside an older one of its host, with the host's manager.

        `row` has ``name``, ``beside`` and ``address``; `values` are further columns.
        """
        beside = self.sites[row["beside"]]
        columns: dict[str, Any] = {
            "host_id": beside.host_id, "name": row["name"], "address": row["address"], "location_kind": "internal",
            "premises": PREMISES["internal"], "division_code": beside.division_code, "source_datum": "wgs84",
            "lon": None if beside.lon is None else beside.lon + 0.0012,
            "lat": None if beside.lat is None else beside.lat + 0.0009,
            "is_synthetic": True, "note": network().notice, **values,
        }  # fmt: skip
        site = create_site(actor, columns, now)
        assign_managers(actor, site, [self.manager_of(beside).id], now)
        return site

    def sheet(
        self, actor: User, site: Site, use: str, now: datetime, *, lacking: int = 0, case_id: int | None = None,
        inspection_id: int | None = None,
    ) -> FilledSheet | None:  # fmt: skip
        """A sheet that `actor` has filled in and handed in; None where the rulebook has none.

        `lacking` of its items are not there; which, follows from the site.
        """
        score_sheet = self.rulebook.sheet_for(site.kind, use, site.premises)
        if score_sheet is None:
            return None
        sheet = scoring.start_sheet(
            actor, site, use, rulebook=self.rulebook, now=now, case_id=case_id, inspection_id=inspection_id
        )
        first = (SEED + len(site.name)) % len(score_sheet.items)
        missing = {(first + 5 * step) % len(score_sheet.items) for step in range(lacking)}
        changes = []
        for number, item in enumerate(score_sheet_of(sheet).items):
            fullest = YES if score_sheet.is_tick_list or not item.is_ranged else format(float(item.most), "g")
            changes.append(Change(item.id, NO if number in missing else fullest))
        scoring.save_answers(actor, sheet, changes, now)
        return scoring.submit(actor, sheet, now, note=script()["sheet_note"])
