"""What this feature adds to the pages of cases, sites and unions: what can be downloaded there."""

from flask import render_template
from markupsafe import Markup

from app.accounts.models import TradeUnion, User
from app.clock import now
from app.documents import queries
from app.months import Month, local_date
from app.programme.cases import queries as cases
from app.programme.cases.models import Case
from app.programme.services import rulebook_of
from app.sites.models import Site


def case_panel(case: Case, _user: User) -> Markup:
    """The forms and sheets of a case. The caller has checked the scope."""
    offers = queries.offers_of_case(case, cases.rulebook_of(case), cases.site_of(case))
    return _rendered("case_panel.html", case=case, offers=offers)


def site_panel(site: Site, _user: User) -> Markup:
    """The sheets of a site, and its statement of the month before. The caller has checked the scope."""
    today = local_date(now())
    offers = queries.offers_of_site(site, rulebook_of(site, today))
    return _rendered("site_panel.html", site=site, offers=offers, month=Month.of_date(today) - 1)


def union_panel(union: TradeUnion, _user: User) -> Markup:
    """Statement, roster and coverage of a union. The caller has checked the scope."""
    return _rendered("union_panel.html", union=union, month=Month.of_date(local_date(now())) - 1)


def _rendered(template: str, **values: object) -> Markup:
    return Markup(render_template(f"documents/{template}", **values))  # noqa: S704  rendered by Jinja with escaping
