"""Pages of cases: the list, one case, its form, and each act on a page of its own that says what follows from it."""

from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user

from app import clock
from app.accounts.models import User
from app.db import db
from app.errors import N_, Conflict, DomainError, Forbidden, Invalid, status_of
from app.months import local_date
from app.programme.cases import fields, files, forms, inviting, listing, presenting, queries, services
from app.programme.cases.models import Case
from app.programme.transitions import APPLICANTS, KINDS, Transition, transition
from app.programme.wording import language, template_words
from app.web import EVERYONE, ROLES, SITE_MANAGER, UNIT_UNION, access

blueprint = Blueprint("cases", __name__, url_prefix="/manage")
ASKED_WITH = {
    ("application", "accept"): fields.ACCEPTANCE,
    ("application", "issue_plaque"): ("plaque_number",),
}
"""What is stated with an act, beside a note."""


def actor() -> User:
    """Who is asking."""
    user: User = current_user._get_current_object()
    return user


@blueprint.get("/cases")
@access(*EVERYONE)
def cases() -> ResponseReturnValue:
    """The cases that a person may see: first those that wait for her."""
    today, wanted = local_date(clock.now()), listing.read_filter(request.args)
    found = listing.read_list(actor(), wanted, today)
    return render_template(
        "cases/list.html", found=found, wanted=wanted, today=today, kinds=KINDS,
        states=presenting.state_filter(wanted.kind), may_apply=actor().role in APPLICANTS, **template_words(language()),
    )  # fmt: skip


@blueprint.get("/cases/<int:case_id>")
@access(*EVERYONE)
def case(case_id: int) -> ResponseReturnValue:
    """Everything about one case."""
    return case_page(queries.get_case(actor(), case_id))


def case_page(found: Case, problem: str = "", status: int = 200) -> ResponseReturnValue:
    """The page of a case; `problem` is a sentence about what could not be done."""
    user, said, today = actor(), language(), local_date(clock.now())
    site, rulebook, events = queries.site_of(found), queries.rulebook_of(found), queries.events_of(found.id)
    panels = [panel(found, user) for panel in current_app.extensions.get("case_panels", [])]
    page = render_template(
        "cases/case.html", case=found, site=site, rulebook=rulebook, events=events, problem=problem, today=today,
        now_what=presenting.situation(found, user, rulebook, today), way=presenting.path_of(found, rulebook),
        reasons=queries.last_reasons(events), labels=presenting.item_labels(found, site, rulebook, said),
        rows=presenting.form_rows(found, site, rulebook, said), sheets=presenting.sheets_of(found),
        to_fill=presenting.sheet_to_fill(found, user, rulebook), panels=[panel for panel in panels if panel],
        files=files.files_of(found, user), kinds=files.kinds_for(found), may_add=files.may_add(found, user),
        invited=inviting.invited_to(found), may_invite=inviting.may_invite(found, user),
        candidates=inviting.candidates(found, user), told=presenting.told, **template_words(said),
    )  # fmt: skip
    return page, status


@blueprint.route("/cases/<int:case_id>/form", methods=["GET", "POST"])
@access(SITE_MANAGER, UNIT_UNION)
def form(case_id: int) -> ResponseReturnValue:
    """The form of an application or a deregistration: kept as a draft, or handed in."""
    found = queries.get_case(actor(), case_id)
    asked = _fillable(found)
    if asked is None:
        return case_page(found, gettext("The form of this case can no longer be changed"), 409)
    if request.method == "GET":
        return _form_page(found, forms.answers(found, queries.site_of(found)))
    submits = request.form.get("do") == "submit"
    fixed = forms.fixed_for(actor())
    answers, faults = fields.read(tuple(one for one in asked if one.code not in fixed), request.form)
    try:
        _require(faults)
        _save(found, answers, submits=submits)
    except Invalid as error:
        return _form_page(found, dict(request.form), error)
    except (Conflict, Forbidden) as error:
        return _rolled_back(found, error)
    if request.form.get("do") == "sheet":
        # What was typed is kept; the browser sends the same form on, and that begins the sheet.
        return redirect(url_for("scoring.start", site_id=found.site_id), 307)
    flash(gettext("Handed in") if submits else gettext("Saved"), "success")
    return redirect(url_for("cases.case", case_id=found.id))


def _require(faults: dict[str, str]) -> None:
    if faults:
        raise Invalid(N_("Some values are wrong"), faults)


def _fillable(found: Case) -> tuple[fields.Field, ...] | None:
    """The fields that the applicant may fill in now; null when the case has none, or they are out of her hands."""
    if found.kind not in forms.WITH_FORM or found.state not in ("draft", "returned"):
        return None
    return fields.asked_of_applicant(forms.fields(found, queries.site_of(found)))


def _save(found: Case, answers: dict[str, Any], *, submits: bool) -> None:
    now, seen = clock.now(), request.form.get("seen_state", "")
    if seen != found.state:
        raise Conflict(services.MOVED)
    forms.save(actor(), found, answers, now)
    if submits:
        services.act(actor(), found, "submit", seen_state=seen, now=now)


def _form_page(found: Case, values: dict[str, Any], error: Invalid | None = None) -> ResponseReturnValue:
    db.session.rollback()  # what could not be handed in was not saved either: the page says what is there
    found = queries.get_case(actor(), found.id)
    site, rulebook, events = queries.site_of(found), queries.rulebook_of(found), queries.events_of(found.id)
    asked = fields.asked_of_applicant(forms.fields(found, site))
    fixed, known = forms.fixed_for(actor()), forms.answers(found, site)
    values = {**values, **{code: known.get(code) for code in fixed}}
    row = transition(found.kind, found.state, "submit", rulebook.workflow)
    page = render_template(
        "cases/form.html", case=found, site=site, rulebook=rulebook, asked=asked, values=values, fixed=fixed,
        faults=faults_of(error) if error else {}, problem=said(error) if error else "",
        may_submit=row is not None and actor().role in row.roles,
        reasons={one["item"]: one["reason"] for one in queries.last_reasons(events)},
        to_fill=presenting.sheet_to_fill(found, actor(), rulebook), **template_words(language()),
    )  # fmt: skip
    return page, 422 if error else 200


@blueprint.route("/cases/<int:case_id>/acts/<act>", methods=["GET", "POST"])
@access(*ROLES)
def act(case_id: int, act: str) -> ResponseReturnValue:
    """One act: what it means, what has to be said with it, and the button that does it."""
    found = queries.get_case(actor(), case_id)
    row = transition(found.kind, found.state, act, queries.rulebook_of(found).workflow)
    seen = request.form.get("seen_state", "") if request.method == "POST" else found.state
    if row is None or actor().role not in row.roles or seen != found.state:
        return case_page(found, gettext(services.MOVED), 409)
    try:
        if request.method == "GET":
            services.require_apart(actor(), found, row)
            return _act_page(found, row)
        services.act(
            actor(), found, act, seen_state=seen, now=clock.now(), note=request.form.get("note", ""),
            reasons=_reasons(), details=_details(found, act),
        )  # fmt: skip
    except Invalid as error:
        return _act_page(found, row, error)
    except (Conflict, Forbidden) as error:
        return _rolled_back(found, error)
    flash(gettext("Done"), "success")
    return redirect(url_for("cases.case", case_id=found.id))


def _reasons() -> list[dict[str, str]]:
    named = (name for name in request.form if name.startswith("reason-"))
    return [{"item": name.removeprefix("reason-"), "reason": request.form[name]} for name in named]


def _details(found: Case, act: str) -> dict[str, Any]:
    """What was stated with the act. Raises Invalid naming the field."""
    asked = tuple(fields.vocabulary()[code] for code in ASKED_WITH.get((found.kind, act), ()))
    answers, faults = fields.read(asked, request.form)
    _require(faults)
    return answers


def _act_page(found: Case, row: Transition, error: Invalid | None = None) -> ResponseReturnValue:
    db.session.rollback()
    found = queries.get_case(actor(), found.id)
    site, rulebook = queries.site_of(found), queries.rulebook_of(found)
    asked = [fields.vocabulary()[code] for code in ASKED_WITH.get((found.kind, row.act), ())]
    groups = presenting.return_items(found, site, rulebook, language()) if "reasons" in row.needs else []
    page = render_template(
        "cases/act.html", case=found, site=site, rulebook=rulebook, row=row, asked=asked, groups=groups,
        values=_suggested(found, row) | dict(request.form), faults=faults_of(error) if error else {},
        problem=said(error) if error else "", today=local_date(clock.now()),
        to_fill=presenting.sheet_to_fill(found, actor(), rulebook), **template_words(language()),
    )  # fmt: skip
    return page, 422 if error else 200


def _suggested(found: Case, row: Transition) -> dict[str, str]:
    if (found.kind, row.act) != ("application", "accept"):
        return {}
    sheet = queries.submitted_sheet(found.site_id, "acceptance", found.id)
    on = sheet.filled_on if sheet else local_date(clock.now())
    findings = sheet.note if sheet else ""
    return {"accepted_on": on.isoformat(), "acceptance_staff": actor().display_name, "acceptance_findings": findings}


def _rolled_back(found: Case, error: DomainError) -> ResponseReturnValue:
    db.session.rollback()
    return case_page(queries.get_case(actor(), found.id), said(error), status_of(error))


def said(error: DomainError) -> str:
    """The error's sentence in the reader's language."""
    return str(gettext(error.message, **error.params))


def faults_of(error: DomainError) -> dict[str, str]:
    """What is wrong with which field, in the reader's language."""
    return {name: gettext(text, **error.params) for name, text in error.fields.items()}
