"""Pages: the panel's points, looks at a site, the frozen verdict, and publication."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user

from app.clock import now
from app.db import db
from app.errors import DomainError, status_of
from app.months import local_date
from app.programme import decisions, grades, recounts
from app.programme.cases.models import Case
from app.programme.cases.queries import get_case, rulebook_of, site_of
from app.programme.demonstration import applying, checking, forms, looking, publishing, queries, reviewing, services
from app.programme.demonstration.models import DemonstrationCall
from app.programme.demonstration.views import CALLING, acted, blueprint, said
from app.programme.wording import language, template_words
from app.usage.adjustments.queries import adjustments_of
from app.web import ASSESSOR, DISTRICT_UNION, EVERYONE, MUNICIPAL_UNION, SITE_MANAGER, UNIT_UNION, access


@blueprint.get("/cases/<int:case_id>/review")
@access(*EVERYONE)
def review(case_id: int) -> ResponseReturnValue:
    """An application as people judge it: the frozen verdict, looks at the site, what it has brought, points."""
    return _review_page(_application(case_id))


def _application(case_id: int) -> Case:
    case = get_case(current_user, case_id)
    applying.require_application(case)
    return case


def _review_page(case: Case, error: DomainError | None = None) -> str:
    call = applying.call_of(case)
    return render_template(
        "demonstration/review.html",
        case=case,
        site=site_of(case),
        call=call,
        rulebook=rulebook_of(case),
        district=reviewing.recommending_union(case),
        place=queries.places_of(call.id).get(case.id),
        decision=decisions.latest_of(case.id),
        excluded_since=_excluded_since(case),
        needs=applying.needs_now(case, local_date(now())),
        length=applying.length_of(case),
        looks=looking.looks_at(case),
        check=_check(case),
        evidence=grades.of_site(grades.evidence_of([case.site_id], local_date(now())), case.site_id),
        sheets=looking.sheets_for(case),
        may_look=case.state in looking.STATES and looking.may_record(current_user, case),
        may_score=reviewing.may_score(current_user, call) and case.state in reviewing.before_panel(call),
        sees_marks=current_user.role in (ASSESSOR, *CALLING),
        marks=reviewing.marks_of(case.id),
        own=reviewing.own_score(case.id, current_user),
        problem=gettext(error.message, **error.params) if error else "",
        errors=said(error),
        entered=request.form if error else {},
        **template_words(language()),
    )


def _excluded_since(case: Case) -> int | None:
    """How many uses of the site were excluded (negative: restored) after its numbers were frozen; None for nothing."""
    decision = decisions.latest_of(case.id)
    made = adjustments_of(case.site_id) if decision is not None else []
    steps = [one.steps.get("counted", 0) for one in made if decision and one.made_at > decision.decided_at]
    return -sum(steps) if steps else None


def _check(case: Case) -> checking.RequiredCheck | None:
    """What has to be checked before this is recommended, for those who do; below nobody is told of a check to come."""
    is_theirs = case.state == "submitted" and current_user.role in CALLING
    return checking.required_check(case) if is_theirs else None


@blueprint.post("/cases/<int:case_id>/look")
@access(*CALLING)
def look(case_id: int) -> ResponseReturnValue:
    """Record a look at the site."""
    case = _application(case_id)
    sent = {name: request.form.get(name, "") for name in ("mode", "result", "note")}
    try:
        looking.record(current_user, case, **sent, now=now(), recount=recounts.read(request.form, now()))
    except DomainError as error:
        return _review_page(case, error), status_of(error)
    flash(gettext("Recorded"), "success")
    return redirect(url_for(".review", case_id=case.id, _anchor="looks"))


@blueprint.post("/cases/<int:case_id>/score")
@access(ASSESSOR, DISTRICT_UNION, MUNICIPAL_UNION)
def score(case_id: int) -> ResponseReturnValue:
    """Give points."""
    case = _application(case_id)
    points, remark = request.form.get("points", ""), request.form.get("remark", "")
    try:
        reviewing.score(current_user, case, points, remark, now())
    except DomainError as error:
        return _review_page(case, error), status_of(error)
    flash(gettext("Your points have been recorded"), "success")
    return redirect(url_for(".call", call_id=case.call_id, _anchor=f"case-{case.id}"))


@blueprint.post("/cases/<int:case_id>/presentation")
@access(SITE_MANAGER, UNIT_UNION)
def presentation(case_id: int) -> ResponseReturnValue:
    """Say how long the presentation is."""
    case = _application(case_id)
    try:
        applying.state_length(current_user, case, request.form.get(applying.LENGTH, ""), now())
    except DomainError as error:
        return _review_page(case, error), status_of(error)
    flash(gettext("Saved"), "success")
    return redirect(f"/manage/cases/{case.id}")


@blueprint.post("/calls/<int:call_id>/reject-rest")
@access(*CALLING)
def reject_rest(call_id: int) -> ResponseReturnValue:
    """Decide that what is left is not selected."""

    def do(found: DemonstrationCall) -> str:
        number = publishing.reject_rest(current_user, found, request.form.get("note", ""), now())
        return str(gettext("%(number)s applications have not been selected", number=number))

    return acted(call_id, do, "panel")


@blueprint.get("/calls/<int:call_id>/publish")
@access(*CALLING)
def publication(call_id: int) -> ResponseReturnValue:
    """The form of the notice, with who would get the title."""
    call = queries.get_call(current_user, call_id)
    services.require_own(current_user, call)
    services.require_open(call)
    return _publication(call)


@blueprint.post("/calls/<int:call_id>/publish")
@access(*CALLING)
def publish(call_id: int) -> ResponseReturnValue:
    """Publish the list."""
    call = queries.get_call(current_user, call_id)
    services.require_own(current_user, call)
    services.require_open(call)
    try:
        with db.session.begin_nested():
            granted_on = forms.required_date(request.form, "granted_on")
            texts = {name: request.form.get(name, "") for name in ("name", "number", "text")}
            made = publishing.publish(current_user, call, **texts, granted_on=granted_on, now=now())
    except DomainError as error:
        return _publication(call, error), status_of(error)
    flash(gettext("The notice is published; %(number)s sites hold the title", number=len(made)), "success")
    return redirect(url_for(".call", call_id=call.id))


def _publication(call: DemonstrationCall, error: DomainError | None = None) -> str:
    today = local_date(now())
    return render_template(
        "demonstration/publish.html",
        call=call,
        rulebook=queries.rulebook_of(call),
        candidates=queries.in_order(queries.cases_of_call(call.id, "candidate")),
        waiting=publishing.still_open(call, today),
        left_behind=publishing.left_behind(call, today),
        today=today,
        due=publishing.recheck_by(queries.rulebook_of(call), today),
        problem=gettext(error.message, **error.params) if error else "",
        entered=request.form if error else {},
        errors=said(error),
        **template_words(language()),
    )
