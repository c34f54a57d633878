"""The planner: what has to be checked this year at each level, and planning it by hand."""

from collections.abc import Sequence
from datetime import date

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user
from sqlalchemy import select

from app.accounts.models import TradeUnion, User
from app.accounts.queries import get_union
from app.clock import now
from app.db import db
from app.errors import Conflict, Invalid, status_of
from app.months import local_date
from app.programme.checks import forms, queries, services
from app.programme.checks.coverage import STATES, Duty, coverage_by_district, coverage_of, duties_of, known_below
from app.programme.checks.drawing import candidates_of
from app.programme.checks.models import Draw, Inspection
from app.programme.checks.queries import FULL_SELF, KIND_OF_LEVEL, SPOT_CHECK, SUPERVISION
from app.programme.wording import language
from app.sites.models import Site, SiteStatus
from app.sites.queries import get_site, sites_in_scope
from app.web import ASSESSOR, EVERYONE, ROLES, SITE_MANAGER, UNIONS, access

blueprint = Blueprint("checks", __name__, url_prefix="/manage")
PAGE_SIZE = 50
KINDS_AT = {
    "unit": (FULL_SELF,),
    "district": (SPOT_CHECK, FULL_SELF),
    "municipal": (SUPERVISION, SPOT_CHECK, FULL_SELF),
}
"""The kinds of check that a level makes itself or watches over."""


def actor() -> User:
    """Who is asking."""
    user: User = current_user._get_current_object()
    return user


def default_rulebook() -> str:
    """The id of the rulebook where a union has chosen none."""
    default: str = current_app.extensions["settings"].default_rulebook
    return default


@blueprint.get("/checks")
@access(*EVERYONE)
def checks() -> ResponseReturnValue:
    """The year's checks: a union's duties with their coverage, or what a person has to inspect herself."""
    user, at = actor(), now()
    mine = _with_sites(db.session.scalars(queries.open_of_inspector(user)).all())
    if user.role in (ASSESSOR, SITE_MANAGER):
        done = db.session.scalars(queries.inspections_in_scope(user)).all()
        return render_template(
            "checks/mine.html", mine=mine, today=local_date(at), own=_own_duties(user, local_date(at)),
            done=_with_sites([one for one in done if one.done_at is not None][-PAGE_SIZE:][::-1]),
        )  # fmt: skip
    return _planner(user, mine)


def _planner(user: User, mine: list[tuple[Inspection, Site]]) -> str:
    union = get_union(user, forms.number(request.args.get("union", str(user.trade_union_id)), "union"))
    today = local_date(now())
    kinds = KINDS_AT[union.level]
    kind = next((one for one in kinds if one == request.args.get("kind")), kinds[0])
    year = forms.year(request.args, today.year)
    is_own = kind == KIND_OF_LEVEL[union.level]
    is_overview = union.level == "municipal" and not is_own
    known = known_below(union, kind, year)
    asked = (union, kind, year, today, default_rulebook())
    districts = coverage_by_district(*asked, known=known) if is_overview else None
    shown = coverage_of(*asked, known=known)
    state = request.args.get("state") if request.args.get("state") in STATES else None
    duties = [duty for duty in shown.duties if state in (None, duty.state)]
    pages = max(1, -(-len(duties) // PAGE_SIZE))
    page = min(max(1, request.args.get("page", 1, int)), pages)
    return render_template(
        "checks/plan.html", union=union, kind=kind, kinds=kinds, year=year, this_year=today.year, coverage=shown,
        districts=districts, state=state, states=STATES, page=page, pages=pages, mine=mine, today=today,
        duties=duties[(page - 1) * PAGE_SIZE : page * PAGE_SIZE], lang=language(), can_draw=len(candidates_of(shown)),
        is_mine=union.id == user.trade_union_id and is_own, is_own=is_own, draws=_draws(union) if is_own else [],
    )  # fmt: skip


def _draws(union: TradeUnion) -> list[Draw]:
    rows = queries.draws_in_scope(actor()).where(Draw.trade_union_id == union.id).limit(10)
    return list(db.session.scalars(rows))


def _with_sites(inspections: Sequence[Inspection]) -> list[tuple[Inspection, Site]]:
    ids = {one.site_id for one in inspections}
    sites = {site.id: site for site in db.session.scalars(select(Site).where(Site.id.in_(ids)))}
    return [(one, sites[one.site_id]) for one in inspections]


def _own_duties(user: User, today: date) -> Sequence[Duty]:
    """This year's full self-inspection of the sites that a person manages."""
    if user.role != SITE_MANAGER:
        return ()
    sites = queries.planned(sites_in_scope(user).where(Site.status == SiteStatus.OPERATING))
    return duties_of(sites, None, FULL_SELF, today.year, today)


@blueprint.post("/sites/<int:site_id>/full-self")
@access(*ROLES)
def begin_full_self(site_id: int) -> ResponseReturnValue:
    """Begin or go on with this year's full self-inspection of a site."""
    inspection = services.begin_full_self(actor(), get_site(actor(), site_id), now())
    return redirect(url_for(".inspection", inspection_id=inspection.id))


@blueprint.get("/sites/<int:site_id>/check")
@access(*UNIONS)
def plan_form(site_id: int) -> ResponseReturnValue:
    """The form that plans a check of one site."""
    return _plan_page(get_site(actor(), site_id), {}, {}, 200)


@blueprint.post("/sites/<int:site_id>/check")
@access(*UNIONS)
def plan(site_id: int) -> ResponseReturnValue:
    """Plan a check of one site by hand, with the reason."""
    user, site = actor(), get_site(actor(), site_id)
    values = forms.entered("due_on", "reason", "inspector_id")
    try:
        made = services.plan(
            user, user.trade_union, site, due_on=forms.day(values["due_on"], "due_on"), reason=values["reason"],
            inspector_id=forms.person(values["inspector_id"], is_optional=True), now=now(),
        )  # fmt: skip
    except (Invalid, Conflict) as error:
        return _plan_page(site, values, forms.faults(error), status_of(error))
    flash(gettext("The inspection has been planned"), "success")
    return redirect(url_for(".inspection", inspection_id=made.id))


def _plan_page(site: Site, values: dict[str, str], errors: forms.Errors, status: int) -> ResponseReturnValue:
    user = actor()
    people = queries.inspectors_for(user, user.trade_union)
    page = render_template(
        "checks/new.html", site=site, entered=values, errors=errors, today=local_date(now()), people=people,
        kind=KIND_OF_LEVEL[user.trade_union.level],
    )  # fmt: skip
    return page, status
