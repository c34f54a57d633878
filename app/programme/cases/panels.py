"""What cases add to a site's page, and to everybody's inbox."""

from collections.abc import Sequence
from datetime import datetime

from flask import render_template, url_for
from markupsafe import Markup

from app.accounts.inbox import DUE, OVERDUE, RETURNED, WAITING, InboxItem
from app.accounts.models import User
from app.clock import now
from app.months import local_date
from app.programme.cases import applications, listing, presenting, queries
from app.programme.services import rulebook_of
from app.programme.transitions import APPLICANTS
from app.programme.wording import language, template_words
from app.sites.models import Site, SiteStatus
from app.web import ASSESSOR

MOST_SHOWN = 5


def site_panel(site: Site, user: User) -> Markup:
    """Application, deregistration and suspension of a site with its open cases. The caller has checked the scope."""
    today = local_date(now())
    rulebook = rulebook_of(site, today)
    cases = queries.cases_of(site.id)
    waiting = queries.pending(cases, today)
    kinds = {case.kind for case in waiting}
    may_begin = user.role in APPLICANTS and site.status != SiteStatus.CLOSED and "deregistration" not in kinds
    applies = rulebook.workflow.acceptance and site.kind in rulebook.kinds and "application" not in kinds
    html = render_template(
        "cases/site_panel.html", site=site, rulebook=rulebook, others=len(cases) - len(waiting),
        waiting=[(case, presenting.next_roles(case, queries.rulebook_of(case))) for case in waiting[:MOST_SHOWN]],
        may_apply=may_begin and applies and not applications.is_done(site, filing=rulebook.workflow.filing),
        may_leave=may_begin and rulebook.workflow.deregistration and site.status == SiteStatus.OPERATING, today=today,
        **template_words(language()),
    )  # fmt: skip
    return Markup(html)  # noqa: S704  rendered by Jinja with escaping


def inbox_items(user: User, at: datetime) -> Sequence[InboxItem]:
    """What a person has to do in cases, what was returned to her, and what of hers waits for others."""
    today = local_date(at)
    found = listing.read_list(user, listing.Wanted(), today)
    rows = [*found.mine, *(row for row in found.others if row.situation.is_pending)]
    if user.role == ASSESSOR:
        return [_item(row, user) for row in rows if _waits_for_sheet(row, user)]
    return [_item(row, user) for row in rows if row.situation.is_hers or user.role in APPLICANTS]


def _waits_for_sheet(row: listing.Row, user: User) -> bool:
    return presenting.sheet_to_fill(row.case, user, queries.rulebook_of(row.case)) is not None


def _item(row: listing.Row, user: User) -> InboxItem:
    case, state = row.case, WAITING
    if row.situation.is_hers or user.role == ASSESSOR:
        state = OVERDUE if row.situation.is_overdue else RETURNED if case.state == "returned" else DUE
    text = render_template("cases/inbox_item.html", case=case, site=row.site, row=row, user=user)
    url = url_for("cases.case", case_id=case.id)
    return InboxItem(f"case-{case.id}-{case.state}", " ".join(text.split()), url, state, case.due_on)
