"""A district's part: it checks, visits, ranks within its quota and recommends (qingdao-2023 art. 17, dalian-2017)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.accounts.models import TradeUnion, User
from app.db import db
from app.errors import N_, Conflict, Invalid
from app.months import local_date
from app.programme.cases import queries as cases
from app.programme.cases.hooks import effect, requirement
from app.programme.cases.models import Case
from app.programme.demonstration import queries
from app.programme.demonstration.applying import KIND, call_of
from app.programme.demonstration.looking import has_been_visited
from app.programme.demonstration.models import DemonstrationCall
from app.programme.demonstration.queries import Application
from app.programme.demonstration.reviewing import invited_to, let_see
from app.programme.demonstration.services import lock, recommended, require_open

RANKED = ("submitted", "recommended")
IN_ORDER = (*queries.PLACED, "returned")
"""What keeps its place among the others: also what was sent back and may come again."""
UP, DOWN = "up", "down"


def ranked(user: User, call: DemonstrationCall, district: TradeUnion) -> list[Application]:
    """The applications that a district ranks, the first one first."""
    found = queries.applications(user, call, RANKED)
    return [one for one in found if one.district.id == district.id]


def move(user: User, call: DemonstrationCall, case: Case, direction: str) -> None:
    """Move an application up or down by one in its district's ranking; at the end of the list nothing happens.

    Raises Conflict when it is not ranked any more or the call is over.
    """
    lock(call)
    require_open(call)
    district = queries.district_of(cases.site_of(case))
    movable = [one.case.id for one in ranked(user, call, district)]
    if case.id not in movable:
        raise Conflict(N_("This application is not ranked any more"))
    order = _order(call, district)
    ids = [one.id for one in order]
    there = movable.index(case.id) + (-1 if direction == UP else 1)
    if 0 <= there < len(movable):
        mine, other = ids.index(case.id), ids.index(movable[there])
        order[mine], order[other] = order[other], order[mine]
    for rank, one in enumerate(order, start=1):
        one.rank = rank
    db.session.flush()


@effect(KIND, "apply")
def _to_the_end(_actor: User, case: Case, _now: datetime, _details: Mapping[str, Any]) -> None:
    """A new application stands last in its district until somebody moves it; a returned one keeps its place."""
    if case.rank is not None:
        return
    district = queries.district_of(cases.site_of(case))
    case.rank = max((one.rank or 0 for one in _order(call_of(case), district)), default=0) + 1


def _order(call: DemonstrationCall, district: TradeUnion) -> list[Case]:
    found = queries.in_order(queries.cases_of_call(call.id, *IN_ORDER))
    return [one.case for one in found if one.district.id == district.id]


@effect(KIND, "recommend")
def _before_the_panel(actor: User, case: Case, now: datetime, _details: Mapping[str, Any]) -> None:
    """Who sits on the panel already sees what comes before it later."""
    for person in invited_to(call_of(case)):
        let_see(case, person.id, actor.id, now)


@requirement(KIND, "recommend")
def _may_recommend(_actor: User, case: Case, now: datetime, _details: Mapping[str, Any]) -> None:
    call = call_of(case)
    lock(call)
    require_open(call)
    if local_date(now) > call.recommend_by:
        message = N_("Recommendations were due on %(on)s; ask the union that has called for more time")
        raise Conflict(message, on=call.recommend_by.isoformat())
    if not has_been_visited(case):
        message = N_("Visit the site first and record what was seen, or hand in a score sheet filled in there")
        raise Invalid(message, {"visit": message})
    district = queries.district_of(cases.site_of(case))
    most = queries.quota_of(call, district)
    if most is not None and len(recommended(call, district)) >= most:
        message = N_("%(district)s may recommend %(most)s and has done so")
        raise Conflict(message, district=district.name, most=most)


@requirement(KIND, "decline")
@requirement(KIND, "return")
@requirement(KIND, "reject")
def _is_not_over(_actor: User, case: Case, _now: datetime, _details: Mapping[str, Any]) -> None:
    call = call_of(case)
    lock(call)
    require_open(call)
