"""Supplies: how much a site wants to have, what has run low below a union, and sending to many sites at once."""

from collections.abc import Sequence
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import Select, func, select

from app import clock
from app.db import db
from app.errors import Invalid, status_of
from app.ids import among
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
    chosen = db.session.scalars(_open_sites().where(among(Site.id, sorted(ticked)))).all()
    try:
        values = read(_SENDING, request.form)
        sent = services.send_supplies(actor(), chosen, now=clock.now(), **values)
    except Invalid as error:
        return _page(request.form, ticked, error)
    flash(gettext("Recorded at %(number)s sites", number=len(sent)), "success")
    return redirect(url_for("registers.supplies"))


def _open_sites() -> Select[Site]:
    return sites_in_scope(actor()).where(Site.status != SiteStatus.CLOSED.value)


def _first_sites(wanting: Sequence[int]) -> list[Site]:
    """At most `MOST_SITES`, those that want something before the others."""
    is_wanting, sites = among(Site.id, wanting), _open_sites().limit(MOST_SITES)
    return [*db.session.scalars(sites.where(is_wanting)), *db.session.scalars(sites.where(~is_wanting))][:MOST_SITES]


def _names(site_ids: Sequence[int]) -> dict[int, str]:
    return dict(db.session.execute(select(Site.id, Site.name).where(among(Site.id, site_ids))).all())


def _page(entered: Any, ticked: set[int] | None = None, error: Invalid | None = None) -> ResponseReturnValue:
    ids = _open_sites().with_only_columns(Site.id).order_by(None)
    low, total = queries.low_stock(ids), db.session.scalar(select(func.count()).select_from(ids.subquery())) or 0
    wanting = {line.site_id for line in low}
    sites = _first_sites(sorted(wanting))
    page = render_template(
        "registers/supplies.html", low=low[:MOST_LOW], unlisted=len(low[MOST_LOW:]),
        names=_names([line.site_id for line in low[:MOST_LOW]]), items=terms("item"), entered=entered,
        sites=sites, wanting=wanting, ticked=wanting if ticked is None else ticked,
        is_cut=total > MOST_SITES, total=total,
        faults={name: gettext(text, **error.params) for name, text in error.fields.items()} if error else {},
        problem=gettext(error.message, **error.params) if error else "",
    )  # fmt: skip
    return page, status_of(error) if error else 200
