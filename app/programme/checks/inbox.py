"""What the yearly checks put into people's inboxes."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from flask import current_app, url_for
from flask_babel import gettext

from app.accounts.inbox import DUE, OVERDUE, InboxItem
from app.accounts.models import User
from app.accounts.queries import is_union_account
from app.db import db
from app.months import local_date
from app.programme.checks import queries, rectification
from app.programme.checks.coverage import PLANNED, duties_of, number_to_plan
from app.programme.checks.models import Draw, Inspection
from app.programme.checks.queries import FULL_SELF, KIND_OF_LEVEL, SPOT_CHECK
from app.programme.transitions import REVIEWERS
from app.sites.models import Site, SiteStatus
from app.sites.queries import sites_in_scope
from app.web import SITE_MANAGER

REMIND_FOR = timedelta(days=92)
"""How long before the end of the year the year's duties begin to be due: its last quarter."""


def checks_inbox(user: User, at: datetime) -> list[InboxItem]:
    """What this person has to inspect, what her union still has to plan, what waits for a rectification notice."""
    today = local_date(at)
    items = [*_mine(user, today)]
    if user.role == SITE_MANAGER:
        items += _self_checks_of_manager(user, today)
    if is_union_account(user):
        items += [*_unassigned(user, today), *_draws(user, today), *_without_case(user), *_duty(user, today)]
        items += _overdue_rectifications(user, today)
    return items


def _mine(user: User, today: date) -> Iterator[InboxItem]:
    for one in db.session.scalars(queries.open_of_inspector(user)):
        site = db.session.get_one(Site, one.site_id)
        yield _of(one, f"inspection-{one.id}", gettext("To be inspected by you: %(site)s", site=site.name), today)


def _unassigned(user: User, today: date) -> Iterator[InboxItem]:
    rows = queries.inspections_in_scope(user).where(
        Inspection.trade_union_id == user.trade_union_id, Inspection.inspector_id.is_(None),
        Inspection.done_at.is_(None), Inspection.cancelled_at.is_(None), Site.status != SiteStatus.CLOSED,
    )  # fmt: skip
    waiting = db.session.scalars(rows).all()
    if not waiting:
        return
    text = gettext("%(number)s planned inspections have no inspector yet", number=len(waiting))
    if len(waiting) == 1:
        yield _of(waiting[0], f"unassigned-{waiting[0].id}", _nobody(waiting[0]), today)
        return
    first = waiting[0].due_on
    url = url_for("checks.checks", state=PLANNED)
    yield InboxItem(f"unassigned-{waiting[-1].id}", text, url, OVERDUE if first < today else DUE, first)


def _nobody(one: Inspection) -> str:
    site = db.session.get_one(Site, one.site_id)
    return str(gettext("No inspector has been chosen: %(site)s", site=site.name))


def _draws(user: User, today: date) -> Iterator[InboxItem]:
    waiting = queries.draws_in_scope(user).where(
        Draw.trade_union_id == user.trade_union_id, Draw.drawn_at.is_(None)
    )
    for one in db.session.scalars(waiting):
        text = gettext("Draw %(number)s waits for its seed", number=one.id)
        state = OVERDUE if one.due_on < today else DUE
        yield InboxItem(f"draw-{one.id}", text, url_for("checks.draw", draw_id=one.id), state, one.due_on)


def _without_case(user: User) -> Iterator[InboxItem]:
    for one in rectification.without_case(user.trade_union_id):
        site = db.session.get_one(Site, one.site_id)
        text = gettext("Findings wait for a rectification notice: %(site)s", site=site.name)
        yield InboxItem(f"findings-{one.id}", text, _url(one), DUE)


def _overdue_rectifications(user: User, today: date) -> Iterator[InboxItem]:
    """For the union that has found it; the site's own people have theirs from the case itself."""
    if user.role not in REVIEWERS:
        return
    for case, site in rectification.overdue_of(user.trade_union_id, today):
        text = gettext("Not put right in time: %(site)s, %(number)s", site=site.name, number=case.number)
        yield InboxItem(f"rectification-{case.id}", text, f"/manage/cases/{case.id}", OVERDUE, case.due_on)


def _duty(user: User, today: date) -> Iterator[InboxItem]:
    """In the last quarter: what the union has still to check this year, and has not planned."""
    kind = KIND_OF_LEVEL[user.trade_union.level]
    if date(today.year, 12, 31) - today > REMIND_FOR:
        return
    number = number_to_plan(user.trade_union, kind, today.year, today, _default())
    if number:
        due_on = date(today.year, 12, 31)
        yield InboxItem(f"{kind}-{today.year}", _said(kind, number), url_for("checks.checks"), DUE, due_on)


def _said(kind: str, number: int) -> str:
    if kind == FULL_SELF:
        return str(gettext("This year's full self-inspection is still due at %(number)s sites", number=number))
    if kind == SPOT_CHECK:
        return str(gettext("This year's spot checks: %(number)s sites still to be planned", number=number))
    return str(gettext("This year's supervision: %(number)s sites still to be planned", number=number))


def _self_checks_of_manager(user: User, today: date) -> Iterator[InboxItem]:
    if date(today.year, 12, 31) - today > REMIND_FOR:
        return
    sites = queries.planned(sites_in_scope(user).where(Site.status == SiteStatus.OPERATING))
    for duty in duties_of(sites, None, FULL_SELF, today.year, today):
        if duty.visit is None:
            text = gettext("This year's full self-inspection is due: %(site)s", site=duty.site.name)
            key = f"full_self-{today.year}-{duty.site.id}"
            yield InboxItem(key, text, url_for("checks.checks"), DUE, date(today.year, 12, 31))


def _of(one: Inspection, key: str, text: str, today: date) -> InboxItem:
    return InboxItem(key, text, _url(one), OVERDUE if one.due_on < today else DUE, one.due_on)


def _url(one: Inspection) -> str:
    return url_for("checks.inspection", inspection_id=one.id)


def _default() -> str:
    default: str = current_app.extensions["settings"].default_rulebook
    return default
