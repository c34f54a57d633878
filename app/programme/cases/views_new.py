"""Beginning an application, for a new site or for one that is there, and a deregistration."""

from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select

from app import clock
from app.accounts.models import TradeUnion
from app.accounts.queries import unions_in_scope
from app.db import db
from app.errors import N_, Conflict, DomainError, Forbidden, Invalid, status_of
from app.months import local_date
from app.programme import queries as programme
from app.programme.cases import applications, queries, services
from app.programme.cases.views import actor, blueprint, faults_of, said
from app.programme.services import rulebook_of
from app.programme.wording import language, template_words
from app.rulebooks import Rulebook, load
from app.sites.importing.keys import name_key
from app.sites.models import Site, SiteStatus
from app.sites.particulars import premises
from app.sites.queries import get_site, sites_in_scope
from app.sites.services import create_site
from app.web import SITE_MANAGER, UNIT_UNION, access

LONGEST = {"name": 200, "address": 300, "floor_label": 60}
MOST_OFFERED = 200


@blueprint.get("/cases/new")
@access(SITE_MANAGER, UNIT_UNION)
def new() -> ResponseReturnValue:
    """What one may apply for: a site that is there, or (a unit union) a new one."""
    return _page()


@blueprint.post("/cases/new")
@access(UNIT_UNION)
def begin_new() -> ResponseReturnValue:
    """Begin the application of a new site: the site is made, in preparation."""
    try:
        host = _host(request.form.get("host_id", ""))
        rulebook = _rulebook_of_union(host)
        site = create_site(actor(), _values(host, rulebook), clock.now())
        case = services.open_case(actor(), "application", site, {}, rulebook=rulebook, now=clock.now())
    except (Invalid, Conflict, Forbidden) as error:
        db.session.rollback()
        return _page(error)
    flash(gettext("The application has been begun"), "success")
    return redirect(url_for("cases.form", case_id=case.id))


@blueprint.post("/sites/<int:site_id>/cases")
@access(SITE_MANAGER, UNIT_UNION)
def begin(site_id: int) -> ResponseReturnValue:
    """Begin an application or a deregistration of a site that is there; or go on with the one begun."""
    site, kind, now = get_site(actor(), site_id), request.form.get("kind", ""), clock.now()
    if kind not in ("application", "deregistration"):
        message = N_("Choose what this is about: an application or a deregistration")
        raise Invalid(message, {"kind": message})
    open_ones = queries.pending(queries.cases_of(site.id, kind), local_date(now))
    begun = [case for case in open_ones if case.state in ("draft", "returned")]
    if begun:
        return redirect(url_for("cases.form", case_id=begun[0].id))
    rulebook = rulebook_of(site, local_date(now))
    case = services.open_case(actor(), kind, site, {}, rulebook=rulebook, now=now)
    return redirect(url_for("cases.form", case_id=case.id))


def _page(error: DomainError | None = None) -> ResponseReturnValue:
    user = actor()
    hosts = list(db.session.scalars(unions_in_scope(user)))
    rulebook = _rulebook_of_union(hosts[0] if hosts else user.trade_union)
    page = render_template(
        "cases/new.html", hosts=hosts, rulebook=rulebook, premises=premises().values(), offered=_may_apply(),
        entered=request.form, faults=faults_of(error) if error else {}, problem=said(error) if error else "",
        is_union=user.role == UNIT_UNION, **template_words(language()),
    )  # fmt: skip
    return page, status_of(error) if error else 200


def _may_apply() -> list[Site]:
    """The sites in scope that are not through with this procedure, and have no open application."""
    sites = sites_in_scope(actor()).where(Site.status != SiteStatus.CLOSED, Site.filed_on.is_(None))
    today = local_date(clock.now())
    found = []
    for site in db.session.scalars(sites.limit(MOST_OFFERED)):
        workflow = rulebook_of(site, today).workflow
        if workflow.acceptance and not applications.is_done(site, filing=workflow.filing):
            found.append(site)
    cases = (case for site in found for case in queries.cases_of(site.id, "application"))
    begun = {case.site_id for case in queries.pending(cases, today)}
    return [site for site in found if site.id not in begun]


def _host(text: str) -> TradeUnion:
    """The union that builds the site: the only one in scope, or the one chosen."""
    hosts = {str(union.id): union for union in db.session.scalars(unions_in_scope(actor()))}
    if not hosts:
        raise Forbidden(N_("Only a union adds a site"))
    chosen = hosts.get(text) if text else next(iter(hosts.values()))
    if chosen is None:
        message = N_("There is no such union")
        raise Invalid(message, {"host_id": message})
    return chosen


def _rulebook_of_union(union: TradeUnion) -> Rulebook:
    default = current_app.extensions["settings"].default_rulebook
    chosen = programme.rulebooks_of_unions(local_date(clock.now()))
    return load(programme.rulebook_at(union.path, chosen, default))


def _values(host: TradeUnion, rulebook: Rulebook) -> dict[str, Any]:
    """The columns of a new site in preparation. Raises Invalid naming the fields."""
    form = request.form
    typed = {name: " ".join(form.get(name, "").split()) for name in LONGEST}
    too_long = [name for name, most in LONGEST.items() if len(typed[name]) > most or "\0" in typed[name]]
    faults = dict.fromkeys(too_long, N_("This text is too long"))
    faults |= {name: N_("Please fill this in") for name in ("name", "address") if not typed[name]}
    place = premises().get(form.get("premises", ""))
    choices = {"kind": form.get("kind") in rulebook.kinds, "premises": place is not None}
    choices["open_to_public"] = form.get("open_to_public") in ("yes", "no")
    faults |= {name: N_("Please choose one of these") for name, is_right in choices.items() if not is_right}
    if "name" not in faults and _is_taken(host, typed["name"]):
        faults["name"] = N_("This union has a site of that name already; begin from its own page")
    if faults or place is None:
        raise Invalid(N_("Some values are wrong"), faults)
    is_open = form["open_to_public"] == "yes"
    return {
        **typed, "host_id": host.id, "kind": form["kind"], "premises": place.code, "location_kind": place.location_kind,
        "status": SiteStatus.PREPARING.value, "open_to_outsiders": is_open, "is_listed": is_open,
        "division_code": host.division_code,
    }  # fmt: skip


def _is_taken(host: TradeUnion, name: str) -> bool:
    same = select(Site.id).where(
        Site.host_id == host.id, Site.name_key == name_key(name), Site.status != SiteStatus.CLOSED
    )
    return db.session.scalar(same.limit(1)) is not None
