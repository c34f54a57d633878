"""Supplies: how much a site wants to have, what has run low below a union, and sending to many sites at once."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app import clock
from app.db import db
from app.errors import Invalid, status_of
from app.months import local_date
from app.registers import queries, services
from app.registers.fields import MOST_PIECES, Field, read
from app.registers.views import actor, blueprint, book_page
from app.registers.vocabulary import terms
from app.sites.models import Site, SiteStatus
from app.sites.queries import get_site, sites_in_scope
from app.web import ROLES, UNIONS, access

MOST_SITES = 500
MOST_LOW = 200
_LEVEL = (Field("item", "choice", is_required=True, words="item"), Field("least", "count", MOST_PIECES))
_SENDING = (
    Field("item", "choice", is_required=True, words="item"), Field("quantity", "count", MOST_PIECES, is_required=True),
    Field("moved_on", "day", is_required=True), Field("note", "text", 400),
)  # fmt: skip


@blueprint.post("/sites/<int:site_id>/registers/supplies/level")
@access(*ROLES)
def level(site_id: int) -> ResponseReturnValue:
    """Below how many pieces of an item the site asks for more; empty or 0: never."""
    site = get_site(actor(), site_id)
    try:
        values = read(_LEVEL, request.form)
        services.set_level(site, values["item"], values["least"])
    except Invalid as error:
        return book_page(site, "supplies", error=error, entered=request.form, acting=0)
    flash(gettext("Saved"), "success")
    return redirect(url_for("registers.book", site_id=site.id, register="supplies", _anchor="stock"))


@blueprint.get("/supplies")
@access(*UNIONS)
def supplies() -> ResponseReturnValue:
    """What has run low below one's union, and a form to send supplies."""
    return _page({"moved_on": local_date(clock.now()).isoformat()})


@blueprint.post("/supplies")
@access(*UNIONS)
def send_supplies() -> ResponseReturnValue:
    """Record what the union has handed out, the same to each of the ticked sites."""
    ticked = {int(text[:9]) for text in request.form.getlist("sites") if text.isascii() and text.isdigit()}
    chosen = [site for site in _open_sites() if site.id in ticked]
    try:
        values = read(_SENDING, request.form)
        sent = services.send_supplies(actor(), chosen, now=clock.now(), **values)
    except Invalid as error:
        return _page(request.form, ticked, error)
    flash(gettext("Recorded at %(number)s sites", number=len(sent)), "success")
    return redirect(url_for("registers.supplies"))


def _open_sites() -> list[Site]:
    return list(db.session.scalars(sites_in_scope(actor()).where(Site.status != SiteStatus.CLOSED.value)))


def _page(entered: Any, ticked: set[int] | None = None, error: Invalid | None = None) -> ResponseReturnValue:
    sites = _open_sites()
    low = queries.low_stock(sites_in_scope(actor()).with_only_columns(Site.id).order_by(None))
    by_id = {site.id: site for site in sites}
    wanting = [line for line in low if line.site_id in by_id]
    first = {line.site_id for line in wanting}
    page = render_template(
        "registers/supplies.html", low=wanting[:MOST_LOW], unlisted=len(wanting[MOST_LOW:]),
        by_id=by_id, items=terms("item"), entered=entered,
        sites=sorted(sites, key=lambda site: site.id not in first)[:MOST_SITES], wanting=first,
        ticked=first if ticked is None else ticked, is_cut=len(sites) > MOST_SITES, total=len(sites),
        faults={name: gettext(text, **error.params) for name, text in error.fields.items()} if error else {},
        problem=gettext(error.message, **error.params) if error else "",
    )  # fmt: skip
    return page, status_of(error) if error else 200
