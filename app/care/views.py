"""Pages about terms of holiday care: the list, one term, its children and their cards."""

from io import BytesIO

from flask import Blueprint, current_app, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_wtf import FlaskForm

from app import clock
from app.care import labels, queries, services
from app.care.cards import cards_pdf, sheet_of
from app.care.forms import ChildForm, EnrolForm, TermForm
from app.care.models import CareChild, CareTerm
from app.db import db
from app.downloads import attached, file_name
from app.errors import N_, Conflict, DomainError, Invalid, status_of
from app.months import local_date
from app.sites.models import Site, SiteKind
from app.sites.queries import get_site
from app.sites.views import actor, faults, said
from app.web import ROLES, access

blueprint = Blueprint("care", __name__, url_prefix="/manage")


def site_of(term: CareTerm) -> Site:
    """The site of a term."""
    return db.session.get_one(Site, term.site_id)


def put_on(form: FlaskForm, error: DomainError) -> str:
    """Show the error's fields on `form`; its sentence."""
    for name, text in faults(error).items():
        if name in form:
            form[name].errors = [*form[name].errors, text]
    return said(error)


def require_valid(form: FlaskForm) -> None:
    """Raise Invalid when a field is wrong by itself."""
    if not form.validate():
        raise Invalid(N_("Some values are wrong"))


@blueprint.get("/sites/<int:site_id>/terms")
@access(*ROLES)
def terms(site_id: int) -> ResponseReturnValue:
    """The terms of a site."""
    site, today = get_site(actor(), site_id), local_date(clock.now())
    services.require_kind(site, SiteKind.HOLIDAY_CARE)
    found = queries.terms_of(site.id)
    figures = queries.figures_of([term.id for term in found], today)
    rows = [(term, figures.get(term.id, queries.TermFigures()), queries.season_of(term)) for term in found]
    return render_template("care/terms.html", site=site, rows=rows, today=today)


@blueprint.route("/sites/<int:site_id>/terms/new", methods=["GET", "POST"])
@access(*ROLES)
def new_term(site_id: int) -> ResponseReturnValue:
    """Enter a term."""
    site = get_site(actor(), site_id)
    services.require_kind(site, SiteKind.HOLIDAY_CARE)
    form = TermForm.of(None)
    if request.method == "GET":
        return render_template("care/term_form.html", site=site, term=None, form=form)
    try:
        require_valid(form)
        term = services.add_term(actor(), site, form.values(), clock.now())
    except (Invalid, Conflict) as error:
        page = render_template("care/term_form.html", site=site, term=None, form=form, problem=put_on(form, error))
        return page, status_of(error)
    flash(gettext("The term has been entered; now enrol the children"), "success")
    return redirect(url_for(".children", term_id=term.id))


@blueprint.get("/terms/<int:term_id>")
@access(*ROLES)
def term(term_id: int) -> ResponseReturnValue:
    """One term: its numbers, its days, what is to be done."""
    found, today = queries.get_term(actor(), term_id), local_date(clock.now())
    figures = queries.figures(found, today)
    return render_template(
        "care/term.html", site=site_of(found), term=found, figures=figures, days=queries.days_of(found), today=today,
        season=queries.season_of(found), is_running=queries.is_running(found, today),
        children=queries.children_of(found),
    )  # fmt: skip


@blueprint.route("/terms/<int:term_id>/edit", methods=["GET", "POST"])
@access(*ROLES)
def edit_term(term_id: int) -> ResponseReturnValue:
    """Change a term."""
    found = queries.get_term(actor(), term_id)
    site, form = site_of(found), TermForm.of(found)
    if request.method == "GET":
        return render_template("care/term_form.html", site=site, term=found, form=form)
    try:
        require_valid(form)
        changed = services.edit_term(actor(), site, found, form.values(), clock.now())
    except (Invalid, Conflict) as error:
        problem = put_on(form, error)
        page = render_template("care/term_form.html", site=site, term=found, form=form, problem=problem)
        return page, status_of(error)
    flash(gettext("Your changes have been saved") if changed else gettext("Nothing was changed"), "success")
    return redirect(url_for(".term", term_id=found.id))


@blueprint.post("/terms/<int:term_id>/close")
@access(*ROLES)
def close_term(term_id: int) -> ResponseReturnValue:
    """End a term for good."""
    found = queries.get_term(actor(), term_id)
    services.close_term(actor(), site_of(found), found, clock.now())
    flash(gettext("The term is closed; its numbers stand"), "success")
    return redirect(url_for(".term", term_id=found.id))


@blueprint.post("/terms/<int:term_id>/remove")
@access(*ROLES)
def remove_term(term_id: int) -> ResponseReturnValue:
    """Take away a term that was entered by mistake."""
    found = queries.get_term(actor(), term_id)
    services.remove_term(actor(), site_of(found), found, clock.now())
    flash(gettext("The term has been taken away"), "success")
    return redirect(url_for(".terms", site_id=found.site_id))


@blueprint.route("/terms/<int:term_id>/children", methods=["GET", "POST"])
@access(*ROLES)
def children(term_id: int) -> ResponseReturnValue:
    """The children of a term; more are pasted, a line each."""
    found, today = queries.get_term(actor(), term_id), local_date(clock.now())
    usual = max(found.starts_on, min(today, found.ends_on)) if queries.days_of(found) else found.starts_on
    form = EnrolForm(data={"enrolled_on": usual})
    if request.method == "GET":
        return _children_page(found, form)
    try:
        require_valid(form)
        entries, since = form.read()
        fresh = services.enrol(
            found, entries, enrolled_on=since, has_agreement=form.has_agreement.data, is_insured=form.is_insured.data
        )
    except (Invalid, Conflict) as error:
        return _children_page(found, form, error)
    flash(gettext("%(number)s children have been enrolled", number=len(fresh)), "success")
    return redirect(url_for(".children", term_id=found.id))


def _children_page(found: CareTerm, form: EnrolForm, error: DomainError | None = None) -> ResponseReturnValue:
    problem = put_on(form, error) if error else None
    page = render_template(
        "care/children.html", site=site_of(found), term=found, form=form, problem=problem,
        line_faults=error.faults if isinstance(error, labels.RefusedLines) else (), say=gettext,
        children=queries.children_of(found), today=local_date(clock.now()),
    )  # fmt: skip
    return page, status_of(error) if error else 200


@blueprint.route("/children/<int:child_id>", methods=["GET", "POST"])
@access(*ROLES)
def child(child_id: int) -> ResponseReturnValue:
    """One child: grade, agreement, insurance, the day on which she left."""
    found, term = _child(child_id)
    form = ChildForm.of(found)
    if request.method == "GET":
        return render_template("care/child.html", site=site_of(term), term=term, child=found, form=form)
    try:
        require_valid(form)
        services.edit_child(term, found, form.values())
    except (Invalid, Conflict) as error:
        problem, site = put_on(form, error), site_of(term)
        page = render_template("care/child.html", site=site, term=term, child=found, form=form, problem=problem)
        return page, status_of(error)
    flash(gettext("Your changes have been saved"), "success")
    return redirect(url_for(".children", term_id=term.id, _anchor=f"child-{found.id}"))


@blueprint.post("/children/<int:child_id>/code")
@access(*ROLES)
def renew_code(child_id: int) -> ResponseReturnValue:
    """A new card for one that was lost."""
    found, term = _child(child_id)
    services.renew_code(term, found)
    flash(gettext("The old card of %(label)s no longer works; print the new one", label=found.label), "success")
    return redirect(url_for(".child", child_id=found.id))


@blueprint.post("/children/<int:child_id>/remove")
@access(*ROLES)
def remove_child(child_id: int) -> ResponseReturnValue:
    """Take away a child that was entered by mistake."""
    found, term = _child(child_id)
    services.remove_child(term, found)
    flash(gettext("%(label)s has been taken away", label=found.label), "success")
    return redirect(url_for(".children", term_id=term.id))


def _child(child_id: int) -> tuple[CareChild, CareTerm]:
    found = queries.get_child(actor(), child_id)
    return found, db.session.get_one(CareTerm, found.term_id)


@blueprint.get("/terms/<int:term_id>/cards.pdf")
@access(*ROLES)
def cards(term_id: int) -> ResponseReturnValue:
    """The cards of the children, or with ``?child=`` of one."""
    found, now = queries.get_term(actor(), term_id), clock.now()
    wanted = request.args.get("child", type=int)
    chosen = [one for one in queries.children_of(found) if one.left_on is None and wanted in (None, one.id)]
    content = cards_pdf(sheet_of(site_of(found), found, chosen, current_app.extensions["settings"], now))
    name = file_name(gettext("Cards"), found.name, site_of(found).name, ending="pdf")
    return attached(send_file(BytesIO(content), mimetype="application/pdf"), name, f"cards-{found.id}")
