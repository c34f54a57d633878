"""A call and a title at a place, for the walk over all routes."""

from dataclasses import dataclass
from datetime import timedelta

from app.accounts.models import TradeUnion
from app.db import unit_of_work
from app.months import local_date
from app.programme import decisions
from app.programme.demonstration.models import DemonstrationCall, Title
from app.rulebooks import load
from app.sites.models import Site
from tests.factories import Factories


@dataclass(frozen=True)
class CallPlace:
    """A call that only those at the place and above see, and a title of its site."""

    call: DemonstrationCall
    title: Title


def call_place(factories: Factories, union: TradeUnion, site: Site) -> CallPlace:
    """A call is seen by all below the union that calls: that one has nobody below it here."""
    caller = union if union.level == "unit" else factories.union("unit", union)
    today, rulebook = local_date(factories.clock()), load("qingdao-2023")
    with factories.app.app_context(), unit_of_work():
        digest = decisions.remember(rulebook, factories.clock())
    call = DemonstrationCall(
        trade_union_id=caller.id, rulebook_id=rulebook.id, rulebook_digest=digest, year=today.year, title="评选",
        opens_on=today, closes_on=today + timedelta(days=9), recommend_by=today + timedelta(days=19),
        created_at=factories.clock(),
    )  # fmt: skip
    title = Title(site_id=site.id, name="示范小屋", year=today.year - 1, granted_on=today)
    return CallPlace(factories.add(call), factories.add(title))
