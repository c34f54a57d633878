"""Asking a site to put something right outside any inspection: after a report, a case, or what somebody saw."""

from typing import Any

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.clock import now
from app.errors import Conflict, Invalid, status_of
from app.months import local_date
from app.programme.checks import forms, rectification
from app.programme.checks.views import actor, blueprint, default_rulebook
from app.sites.queries import get_site
from app.web import UNIONS, access


@blueprint.get("/sites/<int:site_id>/rectification")
@access(*UNIONS)
def rectification_form(site_id: int) -> ResponseReturnValue:
    """The form that asks a site to put something right."""
    return _rectification_page(site_id, {"text": request.args.get("text", "")[:400]}, {}, 200)


@blueprint.post("/sites/<int:site_id>/rectification")
@access(*UNIONS)
def open_rectification(site_id: int) -> ResponseReturnValue:
    """Ask a site to put something right, outside any inspection."""
    site, said = get_site(actor(), site_id), forms.findings()
    try:
        case = rectification.demand(
            actor(), site, said, now=now(), default=default_rulebook(), report_id=_number("report_id"),
            origin_id=rectification.origin(actor(), site, _number("case_id")),
        )  # fmt: skip
    except (Invalid, Conflict) as error:
        return _rectification_page(site_id, {"findings": said}, forms.faults(error), status_of(error))
    flash(gettext("The site has been asked to put this right"), "success")
    return redirect(f"/manage/cases/{case.id}")


def _number(name: str) -> int | None:
    given = request.values.get(name, "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else None


def _rectification_page(
    site_id: int, values: dict[str, Any], errors: forms.Errors, status: int
) -> ResponseReturnValue:
    site, at = get_site(actor(), site_id), now()
    rulebook, today = rectification.rulebook_of(site, at, default_rulebook()), local_date(at)
    page = render_template(
        "checks/rectify.html", site=site, entered=values, errors=errors, case_id=_number("case_id"),
        report_id=_number("report_id"), days=rulebook.deadline_days("rectification", today),
        open_cases=rectification.open_cases_of(site.id),
    )  # fmt: skip
    return page, status
