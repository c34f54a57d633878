"""Draws: announcing one, holding it, and the page on which anybody in scope can see that it was fair."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select

from app.accounts.models import TradeUnion
from app.clock import now
from app.db import db
from app.errors import Conflict, Invalid, status_of
from app.ids import among
from app.months import local_date
from app.programme.checks import drawing, forms, queries
from app.programme.checks.coverage import coverage_of
from app.programme.checks.draw import EXTRA_LOTS, LOW_SCORE_PERCENT, best_lot
from app.programme.checks.models import Draw, Inspection
from app.programme.checks.queries import KIND_OF_LEVEL
from app.programme.checks.views import actor, blueprint, default_rulebook
from app.sites.models import Site
from app.web import UNIONS, access


@blueprint.get("/checks/draws/new")
@access(*UNIONS)
def announce_form() -> ResponseReturnValue:
    """The form that announces a draw for one's own union."""
    return _announce_page({}, {}, 200)


@blueprint.post("/checks/draws")
@access(*UNIONS)
def announce() -> ResponseReturnValue:
    """Fix the candidates and the source of the seed."""
    user, values = actor(), forms.entered("size", "seed_source", "due_on")
    try:
        made = drawing.announce(
            user, user.trade_union, size=forms.number(values["size"], "size"), seed_source=values["seed_source"],
            due_on=forms.day(values["due_on"], "due_on"), now=now(), default=default_rulebook(),
        )  # fmt: skip
    except (Invalid, Conflict) as error:
        return _announce_page(values, forms.faults(error), status_of(error))
    flash(gettext("The draw has been announced; enter the seed when it has come out"), "success")
    return redirect(url_for(".draw", draw_id=made.id))


@blueprint.get("/checks/draws/<int:draw_id>")
@access(*UNIONS)
def draw(draw_id: int) -> ResponseReturnValue:
    """A draw with its candidates, and what the stored seed gives today."""
    return _draw_page(queries.get_draw(actor(), draw_id), {}, {}, 200)


@blueprint.post("/checks/draws/<int:draw_id>")
@access(*UNIONS)
def hold(draw_id: int) -> ResponseReturnValue:
    """Draw, once and for good, and plan the inspections."""
    found, values = queries.get_draw(actor(), draw_id), forms.entered("seed")
    try:
        planned = drawing.hold(actor(), found, values["seed"], now())
    except (Invalid, Conflict) as error:
        return _draw_page(found, values, forms.faults(error), status_of(error))
    flash(gettext("Drawn; %(number)s inspections have been planned", number=len(planned)), "success")
    return redirect(url_for(".draw", draw_id=found.id))


def _announce_page(values: forms.Errors, errors: forms.Errors, status: int) -> ResponseReturnValue:
    union, today = actor().trade_union, local_date(now())
    coverage = coverage_of(union, KIND_OF_LEVEL[union.level], today.year, today, default_rulebook())
    page = render_template(
        "checks/announce.html", coverage=coverage, entered=values, errors=errors, today=today,
        candidates=drawing.candidates_of(coverage), extra=EXTRA_LOTS, low=LOW_SCORE_PERCENT,
    )  # fmt: skip
    return page, status


def _draw_page(found: Draw, values: forms.Errors, errors: forms.Errors, status: int) -> ResponseReturnValue:
    ids = [int(site_id) for site_id in found.candidates]
    sites = {site.id: site for site in db.session.execute(select(Site.id, Site.name).where(among(Site.id, ids)))}
    planned = select(Inspection).where(Inspection.draw_id == found.id)
    inspections = {one.site_id: one for one in db.session.scalars(planned)}
    rows = [(sites[site_id], found.candidates[str(site_id)], _lot(found, site_id)) for site_id in _listed(found, ids)]
    page = render_template(
        "checks/draw.html", draw=found, rows=rows, inspections=inspections, is_true=drawing.is_true(found),
        union=db.session.get_one(TradeUnion, found.trade_union_id), entered=values, errors=errors,
        is_mine=found.trade_union_id == actor().trade_union_id, host=request.host,
    )  # fmt: skip
    return page, status


def _listed(found: Draw, ids: list[int]) -> list[int]:
    """The drawn ones in their order, then the others."""
    return [*found.drawn, *sorted({*ids} - {*found.drawn})]


def _lot(found: Draw, site_id: int) -> str:
    if found.drawn_at is None:
        return ""
    return f"{best_lot(found.seed, site_id, int(found.candidates[str(site_id)]['weight'])).number:064x}"[:12]
