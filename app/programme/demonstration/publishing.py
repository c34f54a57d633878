"""Publication, titles, their yearly re-check and their revocation (qingdao-2023 art. 17-22). People decide, always."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from app.accounts.models import TradeUnion, User
from app.db import db
from app.errors import N_, Conflict, Forbidden, Invalid
from app.months import local_date
from app.programme.cases import queries as cases
from app.programme.cases.hooks import effect, requirement
from app.programme.cases.models import Case
from app.programme.cases.services import act
from app.programme.demonstration import queries
from app.programme.demonstration.applying import KIND, call_of
from app.programme.demonstration.models import DemonstrationCall, Title
from app.programme.demonstration.queries import Application
from app.programme.demonstration.services import lock, require_open, require_own
from app.programme.demonstration.stages import PUBLISHED
from app.rulebooks import Rulebook
from app.sites.directory_version import move_directory_version
from app.sites.models import Site
from app.web import DISTRICT_UNION, MUNICIPAL_UNION

LONGEST_NAME, LONGEST_REASON, LONGEST_NUMBER, LONGEST_TEXT = 160, 600, 60, 2000


def later(on: date, months: int) -> date:
    """The corresponding day some months later, the last of the month where it has no such day (Civil Code art. 202)."""
    index = on.year * 12 + on.month - 1 + months
    for day in (on.day, 30, 29, 28):
        try:
            return date(index // 12, index % 12 + 1, day)
        except ValueError:
            continue
    raise ValueError("every month has 28 days")


def recheck_by(rulebook: Rulebook, granted_on: date) -> date:
    """When a title granted on a date is due to be looked at again."""
    return later(granted_on, rulebook.deadline_days("recheck_months", granted_on))


def undecided(call: DemonstrationCall) -> list[Case]:
    """What the panel has before it and has not decided about."""
    return queries.cases_of_call(call.id, _waiting(call))


def _waiting(call: DemonstrationCall) -> str:
    return "submitted" if queries.rulebook_of(call).workflow.call_by_district else "recommended"


def still_open(call: DemonstrationCall, today: date) -> list[Application]:
    """What has to be decided before the list is published: all before the panel, and what may still come before it."""
    on_their_way = ("submitted", "returned") if today <= call.recommend_by else ()
    return queries.in_order(queries.cases_of_call(call.id, _waiting(call), *on_their_way))


def left_behind(call: DemonstrationCall, today: date) -> list[Application]:
    """What was handed in, did not come before the panel in time, and ends with the call."""
    ids = {one.case.id for one in still_open(call, today)}
    found = queries.in_order(queries.cases_of_call(call.id, "submitted", "returned"))
    return [one for one in found if one.case.id not in ids]


def reject_rest(actor: User, call: DemonstrationCall, note: str, now: datetime) -> int:
    """Decide that what is still before the panel is not selected, with one reason for all; returns how many."""
    require_own(actor, call)
    require_open(call)
    waiting = undecided(call)
    for case in waiting:
        act(actor, case, "reject", seen_state=case.state, now=now, note=note)
    return len(waiting)


def publish(
    actor: User, call: DemonstrationCall, *, name: str, number: str, granted_on: date, text: str, now: datetime
) -> list[Title]:
    """Publish the year's list: every candidate gets the title `name` from a local date on.

    `number` is the notice's document number, `text` what it says beside the list; both may be empty. Raises Conflict
    for another union's account, until the last day to apply is over, while something is open and where nobody is a
    candidate; `Invalid` naming the field.
    """
    lock(call)
    require_own(actor, call)
    require_open(call)
    _check_texts({"name": (name, LONGEST_NAME), "number": (number, LONGEST_NUMBER), "text": (text, LONGEST_TEXT)})
    if not call.opens_on <= granted_on <= local_date(now):
        raise _wrong("granted_on", N_("The title begins today or earlier, and not before the call"))
    _require_decided(call, local_date(now))
    found = queries.in_order(queries.cases_of_call(call.id, "candidate"))
    if not found:
        raise Conflict(N_("There are no candidates to publish"))
    due = recheck_by(queries.rulebook_of(call), granted_on)
    details = {"title": name.strip(), "granted_on": granted_on.isoformat(), "recheck_by": due.isoformat()}
    # Closed last: acts are refused once the call is over.
    for one in found:
        act(actor, one.case, "publish", seen_state=one.case.state, now=now, details=details)
    call.state, call.published_at = PUBLISHED, now
    call.notice = {
        "title": name.strip(), "number": number.strip(), "text": text.strip(), "on": granted_on.isoformat(),
        "recheck_by": due.isoformat(), "union": queries.union_of(call).name, "year": call.year,
        "sites": [_line(one.site, one.district) for one in found],
    }  # fmt: skip
    db.session.flush()
    return [title for one in found for title in queries.titles_of(one.site.id) if title.case_id == one.case.id]


def _require_decided(call: DemonstrationCall, today: date) -> None:
    if today <= call.closes_on:
        message = N_("Applications are taken from %(opens)s to %(closes)s")
        raise Conflict(message, opens=call.opens_on.isoformat(), closes=call.closes_on.isoformat())
    waiting = still_open(call, today)
    if waiting:
        message = N_("%(number)s applications are still undecided; decide about them first")
        raise Conflict(message, number=len(waiting))


def _line(site: Site, district: TradeUnion) -> dict[str, Any]:
    return {
        "site_id": site.id, "name": site.name, "kind": site.kind, "premises": site.premises, "host": site.host.name,
        "district": district.name,
    }  # fmt: skip


def _check_texts(texts: Mapping[str, tuple[str, int]]) -> None:
    if not texts["name"][0].strip():
        raise _wrong("name", N_("The title needs a name"))
    for field, (value, longest) in texts.items():
        if len(value) > longest or "\0" in value:
            raise _wrong(field, N_("This text is longer than %(longest)s characters"), longest=longest)


@requirement(KIND, "publish")
def _may_publish(actor: User, case: Case, _now: datetime, details: Mapping[str, Any]) -> None:
    call = call_of(case)
    require_own(actor, call)
    require_open(call)
    if not {"title", "granted_on", "recheck_by"} <= set(details):
        raise Conflict(N_("Titles are published together, on the page of the call"))


@effect(KIND, "publish")
def _grant(_actor: User, case: Case, _now: datetime, details: Mapping[str, Any]) -> None:
    title = Title(
        site_id=case.site_id,
        case_id=case.id,
        call_id=case.call_id,
        name=details["title"],
        year=call_of(case).year,
        granted_on=date.fromisoformat(details["granted_on"]),
        recheck_by=date.fromisoformat(details["recheck_by"]),
    )
    db.session.add(title)
    move_directory_version(db.session, {case.site_id})


@requirement(KIND, "recheck")
def _has_title(_actor: User, case: Case, _now: datetime, _details: Mapping[str, Any]) -> None:
    title_of(case)


@requirement(KIND, "revoke")
def _may_revoke(actor: User, case: Case, _now: datetime, _details: Mapping[str, Any]) -> None:
    if not may_revoke(actor, title_of(case)):
        raise Forbidden(N_("Only the union that has published the title revokes it"))


def title_of(case: Case) -> Title:
    """The title that a case has led to. Raises Conflict without one."""
    found = [title for title in queries.titles_of(case.site_id) if title.case_id == case.id]
    if not found:
        raise Conflict(N_("This case has led to no title"))
    return found[0]


@effect(KIND, "recheck")
def _set_next_recheck(_actor: User, case: Case, now: datetime, _details: Mapping[str, Any]) -> None:
    """Looked at again and kept: the next look is due a period later."""
    title_of(case).recheck_by = recheck_by(cases.rulebook_of(case), local_date(now))


@effect(KIND, "revoke")
def _take_away(actor: User, case: Case, now: datetime, _details: Mapping[str, Any]) -> None:
    title = title_of(case)
    reason = cases.events_of(case.id)[-1][0].note
    title.revoked_on, title.revoked_reason, title.revoked_by_id = local_date(now), reason[:LONGEST_REASON], actor.id
    move_directory_version(db.session, {title.site_id})


def record_earlier(actor: User, site: Site, *, name: str, year: int, granted_on: date, now: datetime) -> Title:
    """Record a title that was granted outside this system, so that holders are known.

    Raises Forbidden for accounts below the district, `Invalid` naming the field.
    """
    if actor.role not in (DISTRICT_UNION, MUNICIPAL_UNION):
        raise Forbidden(N_("Your account may not do this"))
    if not name.strip() or len(name) > LONGEST_NAME or "\0" in name:
        raise _wrong("name", N_("The title needs a name of at most 160 characters"))
    if granted_on > local_date(now):
        raise _wrong("granted_on", N_("The date lies ahead"))
    title = Title(site_id=site.id, name=name.strip(), year=year, granted_on=granted_on)
    db.session.add(title)
    move_directory_version(db.session, {site.id})
    db.session.flush()
    return title


def may_revoke(user: User, title: Title) -> bool:
    """Whether a person may revoke a title: the union that has published it, the city for those from elsewhere."""
    if title.revoked_on is not None:
        return False
    call = db.session.get(DemonstrationCall, title.call_id) if title.call_id is not None else None
    if call is None:
        return user.role == MUNICIPAL_UNION
    return user.trade_union_id == call.trade_union_id and user.role == f"{queries.union_of(call).level}_union"


def revoke_earlier(actor: User, title: Title, reason: str, now: datetime) -> None:
    """Revoke a title that was granted outside this system; those granted here are revoked through their case.

    Raises Conflict, `Invalid` naming ``note``.
    """
    if title.case_id is not None or title.revoked_on is not None:
        raise Conflict(N_("This title cannot be revoked here"))
    if actor.role != MUNICIPAL_UNION:
        raise Conflict(N_("Only the municipal union may do this"))
    if not reason.strip() or len(reason) > LONGEST_REASON:
        raise _wrong("note", N_("Please say why, in at most 600 characters"))
    title.revoked_on, title.revoked_reason = local_date(now), reason.strip()
    title.revoked_by_id = actor.id
    move_directory_version(db.session, {title.site_id})
    db.session.flush()


def _wrong(field: str, message: str, **params: object) -> Invalid:
    return Invalid(message, {field: message}, **params)
