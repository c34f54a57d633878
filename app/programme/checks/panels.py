"""What the checks add to other pages: a site's own, a rectification's, and the door's for an inspector."""

from flask import render_template
from markupsafe import Markup

from app.accounts.models import User
from app.accounts.queries import is_union_account
from app.clock import now
from app.db import db
from app.months import local_date
from app.programme.cases.models import Case
from app.programme.checks import queries, rectification
from app.programme.checks.coverage import duties_of
from app.programme.checks.models import Inspection
from app.programme.checks.queries import FULL_SELF
from app.sites.models import Site, SiteStatus


def site_panel(site: Site, user: User) -> Markup:
    """The last check, this year's full self-inspection and open rectifications of a site that the person may see."""
    at = now()
    today = local_date(at)
    owing = [queries.Planned.of(site)]
    duties = duties_of(owing, None, FULL_SELF, today.year, today) if site.status == SiteStatus.OPERATING else ()
    seen = queries.inspections_in_scope(user).where(Inspection.site_id == site.id, Inspection.done_at.is_not(None))
    done = sorted(db.session.scalars(seen), key=lambda one: (one.done_at or at, one.id))
    html = render_template(
        "checks/site_panel.html", site=site, last=done[-1] if done else None,
        duty=duties[0] if duties else None,
        rectifications=rectification.open_cases_of(site.id), may_demand=is_union_account(user),
        is_own=user.trade_union_id == site.host_id or not is_union_account(user),
    )  # fmt: skip
    return Markup(html)  # noqa: S704  rendered by Jinja with escaping


def case_panel(case: Case, user: User) -> Markup:
    """What has to be put right, on the page of a rectification; nothing on others."""
    if case.kind != "rectification":
        return Markup("")
    inspection = None
    if case.inspection_id is not None:
        seen = queries.inspections_in_scope(user).where(Inspection.id == case.inspection_id)
        inspection = db.session.scalar(seen)
    html = render_template("checks/case_panel.html", findings=case.details.get("findings", []), inspection=inspection)
    return Markup(html)  # noqa: S704  rendered by Jinja with escaping


def door_panel(site_id: int, code: str, user: User) -> Markup | None:
    """For an inspector at the door: the button that notes her inspection. None for everybody else."""
    waiting = db.session.scalar(queries.open_of_inspector(user).where(Inspection.site_id == site_id).limit(1))
    if waiting is None:
        return None
    html = render_template("checks/door.html", inspection=waiting, code=code)
    return Markup(html)  # noqa: S704  rendered by Jinja with escaping
