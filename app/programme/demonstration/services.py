"""Calls for a year: opening, changing and cancelling them. Nothing here commits or asks for the time."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy import select

from app.accounts.models import TradeUnion, UnionLevel, User
from app.db import db
from app.errors import N_, Conflict, Invalid
from app.months import local_date
from app.programme import decisions
from app.programme.demonstration import queries
from app.programme.demonstration.models import DemonstrationCall
from app.programme.demonstration.stages import CANCELLED, PUBLISHED
from app.rulebooks import Rulebook

DAYS_TO_APPLY = 30
"""What a call proposes where the rulebook names no day of the year."""
LONGEST_TITLE, LONGEST_NOTE, MOST_PLACES = 200, 1000, 9999


@dataclass(frozen=True, slots=True)
class Terms:
    """What a call says: local dates, included; `quotas` by the id of the recommending union."""

    title: str
    year: int
    opens_on: date
    closes_on: date
    recommend_by: date
    places: int | None = None
    quotas: Mapping[int, int] = field(default_factory=dict)
    note: str = ""


def may_call(user: User, union: TradeUnion, rulebook: Rulebook) -> bool:
    """Whether a person may call for demonstration sites for a union (qingdao-2023 art. 17, dalian-2017)."""
    level = UnionLevel.DISTRICT if rulebook.workflow.call_by_district else UnionLevel.MUNICIPAL
    at_level = union.level == level and user.role == f"{level.value}_union"
    return rulebook.workflow.demonstration and at_level and user.trade_union_id == union.id


def require_calling(user: User, union: TradeUnion, rulebook: Rulebook) -> None:
    """Raise Conflict unless the person may call for the union."""
    if not may_call(user, union, rulebook):
        raise Conflict(N_("Under the rulebook in force your union does not call for demonstration sites"))


def proposed(union: TradeUnion, rulebook: Rulebook, today: date) -> Terms:
    """The terms that the rulebook suggests: its day of the year, its quota, its time for recommending."""
    closes_on = today + timedelta(days=DAYS_TO_APPLY)
    named = rulebook.yearly_dates.get("application")
    if named is not None:
        this_year = date(today.year, named.month, named.day)
        closes_on = this_year if this_year >= today else this_year.replace(year=today.year + 1)
    days = 0 if rulebook.workflow.call_by_district else rulebook.deadline_days("recommendation", today)
    quota = rulebook.quota
    most = quota.per_district_most if quota else None
    return Terms(
        title="",
        year=closes_on.year,
        opens_on=today,
        closes_on=closes_on,
        recommend_by=closes_on + timedelta(days=days),
        places=quota.places if quota else None,
        quotas={one.id: most for one in queries.districts_below(union)} if most is not None else {},
    )


def open_call(actor: User, union: TradeUnion, terms: Terms, *, rulebook: Rulebook, now: datetime) -> DemonstrationCall:
    """A new call, carried through under `rulebook` as it reads now.

    Raises Conflict when this union does not call under its rulebook, `Invalid` naming the field.
    """
    require_calling(actor, union, rulebook)
    _check(terms, local_date(now))
    call = DemonstrationCall(
        trade_union_id=union.id,
        rulebook_id=rulebook.id,
        rulebook_digest=decisions.remember(rulebook, now),
        created_at=now,
        created_by_id=actor.id,
    )
    _write(call, terms)
    db.session.add(call)
    db.session.flush()
    return call


def change_call(actor: User, call: DemonstrationCall, terms: Terms, now: datetime) -> None:
    """Change the terms of a call that is still open.

    Raises Conflict for another union's account and once it is over, `Invalid` naming the field.
    """
    require_own(actor, call)
    require_open(call)
    _check(terms, min(local_date(now), call.closes_on))
    for district in queries.districts_of(call):
        most = terms.quotas.get(district.id)
        taken = len(recommended(call, district))
        if most is not None and taken > most:
            message = N_("%(district)s has recommended %(taken)s already; the quota cannot be lower")
            raise Invalid(message, {f"quota-{district.id}": message}, district=district.name, taken=taken)
    _write(call, terms)
    db.session.flush()


def cancel_call(actor: User, call: DemonstrationCall, reason: str) -> None:
    """End a call under which nobody has applied yet.

    Raises Conflict when somebody has applied or it is over, `Invalid` naming ``reason``.
    """
    require_own(actor, call)
    require_open(call)
    if not reason.strip():
        message = N_("Please say why")
        raise Invalid(message, {"reason": message})
    if queries.cases_of_call(call.id, "submitted", "recommended", "candidate", "returned"):
        raise Conflict(N_("Somebody has applied already; decide about the applications instead"))
    call.state = CANCELLED
    call.note = f"{call.note}\n{reason.strip()}".strip()[:LONGEST_NOTE]
    db.session.flush()


def require_own(actor: User, call: DemonstrationCall) -> None:
    """Raise Conflict unless the person acts for the union that has called."""
    level = queries.union_of(call).level
    if actor.trade_union_id != call.trade_union_id or actor.role != f"{level}_union":
        raise Conflict(N_("Only the union that has called may do this"))


def require_open(call: DemonstrationCall) -> None:
    """Raise Conflict once a call is published or cancelled."""
    if call.state in (PUBLISHED, CANCELLED):
        raise Conflict(N_("This call is over"))


def lock(call: DemonstrationCall) -> None:
    """Let nobody else recommend, nominate or publish under the call until the transaction ends: places are counted."""
    db.session.execute(select(DemonstrationCall.id).where(DemonstrationCall.id == call.id).with_for_update())
    db.session.refresh(call)


def recommended(call: DemonstrationCall, district: TradeUnion) -> list[int]:
    """Ids of the cases that a district has recommended, whatever the panel did with them."""
    cases = queries.cases_of_call(call.id, *queries.IN_REVIEW)
    return [one.case.id for one in queries.in_order(cases) if one.district.id == district.id]


def _write(call: DemonstrationCall, terms: Terms) -> None:
    call.title, call.year, call.note = terms.title.strip(), terms.year, terms.note.strip()
    call.opens_on, call.closes_on, call.recommend_by = terms.opens_on, terms.closes_on, terms.recommend_by
    call.places, call.quotas = terms.places, {str(union_id): number for union_id, number in terms.quotas.items()}


def _check(terms: Terms, today: date) -> None:
    if not terms.title.strip():
        raise _wrong("title", N_("The call needs a title"))
    for name, longest in (("title", LONGEST_TITLE), ("note", LONGEST_NOTE)):
        if len(getattr(terms, name)) > longest or "\0" in getattr(terms, name):
            raise _wrong(name, N_("This text is longer than %(longest)s characters"), longest=longest)
    if terms.closes_on < terms.opens_on:
        raise _wrong("closes_on", N_("The last day to apply is before the first"))
    if terms.closes_on < today:
        raise _wrong("closes_on", N_("The last day to apply has passed already"))
    if terms.recommend_by < terms.closes_on:
        raise _wrong("recommend_by", N_("Districts recommend after the last day to apply, not before"))
    if terms.places is not None and not 1 <= terms.places <= MOST_PLACES:
        raise _wrong("places", N_("The number of places is from 1 to 9999"))


def _wrong(field: str, message: str, **params: object) -> Invalid:
    return Invalid(message, {field: message}, **params)
