"""What this part adds to the pages of cases, sites and unions. The callers have checked the scope."""

from flask import render_template
from markupsafe import Markup
from sqlalchemy import func, select

from app.accounts.models import TradeUnion, User
from app.anomalies import panels as anomalies
from app.clock import now
from app.db import db
from app.months import local_date
from app.programme import decisions, grades
from app.programme.cases.hooks import is_left_behind
from app.programme.cases.models import Case
from app.programme.cases.queries import site_of
from app.programme.demonstration import applying, queries
from app.programme.demonstration.models import Title
from app.programme.demonstration.stages import CANCELLED, PUBLISHED, stage
from app.programme.wording import language, template_words
from app.sites.models import Site, SiteStatus
from app.web import DISTRICT_UNION, MUNICIPAL_UNION


def case_panel(case: Case, _user: User) -> Markup:
    """The call of an application, what it still has to bring, and its frozen verdict."""
    if case.kind != applying.KIND or case.call_id is None:
        return Markup("")
    today = local_date(now())
    html = render_template(
        "demonstration/case_panel.html",
        case=case,
        site=site_of(case),
        call=applying.call_of(case),
        needs=applying.needs_now(case, today),
        left_behind=is_left_behind(case, today),
        length=applying.length_of(case),
        decision=decisions.latest_of(case.id),
        evidence=grades.of_site(grades.evidence_of([case.site_id], today), case.site_id),
        errors={},
        entered={},
        **template_words(language()),
    )
    return _safe(html)


def flags_panel(case: Case, user: User) -> Markup:
    """What stood out in the numbers of an application, for its reviewers only."""
    return anomalies.case_panel(case.id, user) if case.kind == applying.KIND else Markup("")


def site_panel(site: Site, user: User) -> Markup:
    """The titles of a site."""
    titles = queries.titles_of(site.id)
    may_record = user.role in (DISTRICT_UNION, MUNICIPAL_UNION)
    if not titles and not may_record:
        return Markup("")
    return _safe(render_template("demonstration/site_panel.html", site=site, titles=titles, may_record=may_record))


def union_panel(union: TradeUnion, user: User) -> Markup:
    """The calls that are going on and how many titles the union's sites hold."""
    today = local_date(now())
    found = db.session.scalars(queries.calls_in_scope(user))
    calls = [call for call in found if call.state not in (PUBLISHED, CANCELLED)]
    held = (
        select(func.count())
        .select_from(Title)
        .join(Site, Site.id == Title.site_id)
        .join(TradeUnion, TradeUnion.id == Site.host_id)
        .where(TradeUnion.path.startswith(union.path, autoescape=True), Title.revoked_on.is_(None))
        .where(Site.status != SiteStatus.CLOSED)
    )
    html = render_template(
        "demonstration/union_panel.html",
        calls=[(call, stage(call, today)) for call in calls],
        number=db.session.scalar(held),
    )
    return _safe(html)


def _safe(html: str) -> Markup:
    return Markup(html)  # noqa: S704  rendered by Jinja with escaping
