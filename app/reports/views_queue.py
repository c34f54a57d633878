"""The moderated queue of the reports, the panel on a site's page, and what waits in the inbox."""

from collections.abc import Sequence
from datetime import datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user
from markupsafe import Markup

from app import clock
from app.accounts.inbox import DUE, OVERDUE, InboxItem
from app.accounts.models import User
from app.db import db
from app.errors import Conflict, DomainError, Forbidden, Invalid, status_of
from app.months import local_date
from app.reports import queries, services
from app.reports.models import PublicReport
from app.sites.models import Site
from app.usage.masking import masked
from app.web import DISTRICT_UNION, ROLES, SITE_MANAGER, UNIT_UNION, access

blueprint = Blueprint("reports", __name__, url_prefix="/manage/reports")
PAGE_SIZE = 50


def actor() -> User:
    """Who is asking."""
    user: User = current_user._get_current_object()
    return user


@blueprint.get("")
@access(*ROLES)
def queue() -> ResponseReturnValue:
    """The reports in scope: what is pending, the most urgent first, or what has been handled, the latest first."""
    user, page = actor(), min(max(1, request.args.get("page", 1, int)), 10_000)
    handled = request.args.get("state") == "handled"
    rows = queries.reports_in_scope(user)
    if handled:
        done = PublicReport.state.not_in(queries.PENDING)
        rows = rows.where(done).order_by(None).order_by(PublicReport.handled_at.desc(), PublicReport.id.desc())
    else:
        rows = rows.where(PublicReport.state.in_(queries.PENDING))
    found = db.session.scalars(rows.limit(PAGE_SIZE + 1).offset((page - 1) * PAGE_SIZE)).all()
    return render_template(
        "reports/queue.html", reports=found[:PAGE_SIZE], has_more=len(found) > PAGE_SIZE, page=page, handled=handled,
        pending=queries.count_pending(user), today=local_date(clock.now()), masked=masked,
    )  # fmt: skip


@blueprint.get("/<int:report_id>")
@access(*ROLES)
def report(report_id: int) -> ResponseReturnValue:
    """One report, and what can be done with it."""
    return _page(queries.get_report(actor(), report_id))


@blueprint.post("/<int:report_id>")
@access(*ROLES)
def handle(report_id: int) -> ResponseReturnValue:
    """Confirm it, or settle it with an answer."""
    found, form = queries.get_report(actor(), report_id), request.form
    try:
        services.handle(
            actor(), found, form.get("act", ""), form.get("answer", ""), seen_state=form.get("seen_state", ""),
            now=clock.now(),
        )  # fmt: skip
    except (Invalid, Conflict, Forbidden) as error:
        return _page(found, error)
    flash(gettext("Saved"), "success")
    return redirect(url_for("reports.report", report_id=found.id))


def _page(found: PublicReport, error: DomainError | None = None) -> ResponseReturnValue:
    page = render_template(
        "reports/report.html", report=found, acts=services.acts_for(actor(), found), masked=masked,
        today=local_date(clock.now()), entered=request.form, limit=services.ANSWER_LIMIT,
        may_not_dismiss=not services.may(actor(), found, "dismiss"),
        others=[one for one in queries.pending_about(found.site_id) if one.id != found.id],
        faults={name: gettext(text, **error.params) for name, text in error.fields.items()} if error else {},
        problem=gettext(error.message, **error.params) if error else "",
    )  # fmt: skip
    return page, status_of(error) if error else 200


def site_panel(site: Site, _user: User) -> Markup:
    """What the public reports about a site and nobody has settled; nothing when there is nothing."""
    pending = queries.pending_about(site.id)
    if not pending and site.being_checked_since is None:
        return Markup()
    html = render_template("reports/panel.html", site=site, reports=pending, today=local_date(clock.now()))
    return Markup(html)  # noqa: S704  a template escapes


def waiting(user: User, at: datetime) -> Sequence[InboxItem]:
    """Pending reports: all for a manager and her unit; for a district misuse and what is overdue; above, overdue."""
    today = local_date(at)
    rows = queries.reports_in_scope(user).where(PublicReport.state.in_(queries.PENDING))
    if user.role == DISTRICT_UNION:
        rows = rows.where((PublicReport.due_on < today) | (PublicReport.kind == "misused"))
    elif user.role not in (SITE_MANAGER, UNIT_UNION):
        rows = queries.overdue(user, today)
    return [
        InboxItem(
            key=f"report-{one.id}-{one.state}",
            text=gettext("A report from the public about %(site)s", site=one.site.name),
            url=url_for("reports.report", report_id=one.id),
            state=OVERDUE if one.due_on < today else DUE,
            due_on=one.due_on,
        )
        for one in db.session.scalars(rows)
    ]
