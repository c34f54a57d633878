"""Pages: the calls, one call for each role, and what is done there (qingdao-2023 art. 17, dalian-2017)."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user

from app.accounts.models import TradeUnion
from app.accounts.queries import get_union
from app.clock import now
from app.db import db
from app.errors import N_, DomainError, Invalid, NotFound, status_of
from app.months import local_date
from app.programme import choices
from app.programme.cases.models import Case
from app.programme.cases.queries import get_case
from app.programme.cases.services import act
from app.programme.demonstration import applying, checking, forms, queries, ranking, reviewing, services
from app.programme.demonstration.board import board_of
from app.programme.demonstration.models import DemonstrationCall
from app.programme.demonstration.stages import stage
from app.programme.wording import language, template_words
from app.rulebooks import Rulebook, load
from app.sites.models import Site
from app.sites.queries import get_site
from app.web import DISTRICT_UNION, EVERYONE, MUNICIPAL_UNION, SITE_MANAGER, UNIT_UNION, access

blueprint = Blueprint("demonstration", __name__, url_prefix="/manage")
CALLING = (DISTRICT_UNION, MUNICIPAL_UNION)
DECIDED_HERE = ("recommend", "decline", "nominate", "reject")
"""Acts that the page of a call offers; a return, with reasons for each item, is on the page of the case."""


@blueprint.get("/calls")
@access(*EVERYONE)
def calls() -> ResponseReturnValue:
    """The calls that concern the person."""
    today = local_date(now())
    found = db.session.scalars(queries.calls_in_scope(current_user)).all()
    own = current_user.trade_union
    may_call = current_user.role in CALLING and services.may_call(current_user, own, _rulebook_in_force(own))
    return render_template(
        "demonstration/calls.html",
        calls=[(call, queries.union_of(call), stage(call, today)) for call in found],
        may_call=may_call,
        today=today,
    )


def _rulebook_in_force(union: TradeUnion) -> Rulebook:
    default = current_app.extensions["settings"].default_rulebook
    return load(choices.in_force(union, local_date(now()), default).rulebook_id)


@blueprint.get("/unions/<int:union_id>/calls/new")
@access(*CALLING)
def new_call(union_id: int) -> ResponseReturnValue:
    """The form of a new call, filled in as the rulebook suggests."""
    union = get_union(current_user, union_id)
    rulebook = _rulebook_in_force(union)
    services.require_calling(current_user, union, rulebook)
    return _form(union, rulebook, _as_entered(services.proposed(union, rulebook, local_date(now()))))


@blueprint.post("/unions/<int:union_id>/calls/new")
@access(*CALLING)
def create_call(union_id: int) -> ResponseReturnValue:
    """Open it."""
    union = get_union(current_user, union_id)
    rulebook = _rulebook_in_force(union)
    try:
        terms = _read(union, rulebook)
        call = services.open_call(current_user, union, terms, rulebook=rulebook, now=now())
    except Invalid as error:
        return _form(union, rulebook, request.form, error), 422
    flash(gettext("The call is open"), "success")
    return redirect(url_for(".call", call_id=call.id))


@blueprint.get("/calls/<int:call_id>/edit")
@access(*CALLING)
def edit_call(call_id: int) -> ResponseReturnValue:
    """The form of a call that is there."""
    found = queries.get_call(current_user, call_id)
    services.require_own(current_user, found)
    services.require_open(found)
    names = ("title", "year", "opens_on", "closes_on", "recommend_by", "places", "note")
    quotas = {int(key): number for key, number in found.quotas.items()}
    terms = services.Terms(**{name: getattr(found, name) for name in names}, quotas=quotas)
    return _form(queries.union_of(found), queries.rulebook_of(found), _as_entered(terms), call=found)


@blueprint.post("/calls/<int:call_id>/edit")
@access(*CALLING)
def change_call(call_id: int) -> ResponseReturnValue:
    """Change it."""
    found = queries.get_call(current_user, call_id)
    union, rulebook = queries.union_of(found), queries.rulebook_of(found)
    try:
        services.change_call(current_user, found, _read(union, rulebook), now())
    except Invalid as error:
        return _form(union, rulebook, request.form, error, found), 422
    flash(gettext("Saved"), "success")
    return redirect(url_for(".call", call_id=found.id))


def _read(union: TradeUnion, rulebook: Rulebook) -> services.Terms:
    by_district = rulebook.workflow.call_by_district
    return forms.read_terms(request.form, queries.districts_below(union), by_district=by_district)


def _as_entered(terms: services.Terms) -> dict[str, Any]:
    names = ("title", "year", "opens_on", "closes_on", "recommend_by", "places", "note")
    values = {name: getattr(terms, name) for name in names}
    return values | {f"quota-{union_id}": number for union_id, number in terms.quotas.items()}


def _form(
    union: TradeUnion, rulebook: Rulebook, entered: Any, error: Invalid | None = None,
    call: DemonstrationCall | None = None,
) -> str:  # fmt: skip
    return render_template(
        "demonstration/call_form.html",
        union=union,
        rulebook=rulebook,
        districts=queries.districts_below(union),
        entered=entered,
        errors=said(error),
        call=call,
        **template_words(language()),
    )


def said(error: DomainError | None) -> dict[str, str]:
    """What is wrong with each field, in the reader's language."""
    if error is None:
        return {}
    return {name: gettext(text, **error.params) for name, text in error.fields.items()}


@blueprint.get("/calls/<int:call_id>")
@access(*EVERYONE)
def call(call_id: int) -> ResponseReturnValue:
    """One call, with what this person has to do now."""
    return call_page(queries.get_call(current_user, call_id))


def call_page(found: DemonstrationCall, error: DomainError | None = None) -> str:
    """The page of a call for the person who is here; `error` is what has just been refused."""
    today = local_date(now())
    return render_template(
        "demonstration/call.html",
        call=found,
        union=queries.union_of(found),
        rulebook=queries.rulebook_of(found),
        stage=stage(found, today),
        board=board_of(current_user, found, today),
        commitment=checking.commitment_of(found),
        seed=checking.revealed_seed(found, today),
        problem=gettext(error.message, **error.params) if error else "",
        errors=said(error),
        entered=request.form if error else {},
        today=today,
        **template_words(language()),
    )


def acted(call_id: int, do: Callable[[DemonstrationCall], str], anchor: str = "") -> ResponseReturnValue:
    """Do something to a call; what is refused is said on its page, with the status of the refusal."""
    found = queries.get_call(current_user, call_id)
    try:
        with db.session.begin_nested():
            message = do(found)
    except DomainError as error:
        return call_page(found, error), status_of(error)
    if message:
        flash(message, "success")
    return redirect(url_for(".call", call_id=found.id, _anchor=anchor or None))


def chosen_case(found: DemonstrationCall) -> Case:
    """The application of the call that the form names. Raises `Invalid`."""
    message = N_("Choose one of the applications")
    try:
        case = get_case(current_user, forms.number(request.form, "case_id"))
    except NotFound as error:
        raise Invalid(message, {"case_id": message}) from error
    if case.call_id != found.id:
        raise Invalid(message, {"case_id": message})
    return case


def chosen_site() -> Site:
    """The site that the form names. Raises `Invalid`."""
    try:
        return get_site(current_user, forms.number(request.form, "site_id"))
    except NotFound as error:
        message = N_("Choose one of the sites")
        raise Invalid(message, {"site_id": message}) from error


@blueprint.post("/calls/<int:call_id>/cancel")
@access(*CALLING)
def cancel(call_id: int) -> ResponseReturnValue:
    """End a call under which nobody has applied."""

    def do(found: DemonstrationCall) -> str:
        services.cancel_call(current_user, found, request.form.get("reason", ""))
        return str(gettext("The call has been cancelled"))

    return acted(call_id, do)


@blueprint.post("/calls/<int:call_id>/applications")
@access(SITE_MANAGER, UNIT_UNION)
def apply(call_id: int) -> ResponseReturnValue:
    """Begin the application of a site; the rest is done on the page of its case."""
    found = queries.get_call(current_user, call_id)
    try:
        with db.session.begin_nested():
            case = applying.start(current_user, found, chosen_site(), now())
    except DomainError as error:
        return call_page(found, error), status_of(error)
    flash(gettext("The application has been begun; complete it here and hand it in"), "success")
    return redirect(f"/manage/cases/{case.id}")


@blueprint.post("/calls/<int:call_id>/rank")
@access(DISTRICT_UNION)
def rank(call_id: int) -> ResponseReturnValue:
    """Move an application up or down."""

    def do(found: DemonstrationCall) -> str:
        direction = ranking.UP if request.form.get("direction") == ranking.UP else ranking.DOWN
        ranking.move(current_user, found, chosen_case(found), direction)
        return ""

    return acted(call_id, do, _anchor())


def _anchor() -> str:
    return f"case-{forms.number(request.form, 'case_id')}"


@blueprint.post("/calls/<int:call_id>/decide")
@access(*CALLING)
def decide(call_id: int) -> ResponseReturnValue:
    """Recommend, nominate, or not."""

    def do(found: DemonstrationCall) -> str:
        wanted = request.form.get("act", "")
        seen, note = request.form.get("seen_state", ""), request.form.get("note", "")
        act(current_user, chosen_case(found), wanted if wanted in DECIDED_HERE else "", seen_state=seen,
            now=now(), note=note)  # fmt: skip
        return str(gettext("Done"))

    return acted(call_id, do, _anchor())


@blueprint.post("/calls/<int:call_id>/assessors")
@access(*CALLING)
def invite(call_id: int) -> ResponseReturnValue:
    """Invite an assessor to the panel."""

    def do(found: DemonstrationCall) -> str:
        person = reviewing.invite(current_user, found, forms.number(request.form, "assessor"), now())
        return str(gettext("%(name)s has been invited", name=person.display_name or person.username))

    return acted(call_id, do, "panel")
