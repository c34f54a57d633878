"""What the search for inflated numbers adds to other pages: for reviewers only, nothing for anybody else."""

from collections.abc import Sequence
from datetime import datetime

from flask import render_template, url_for
from flask_babel import gettext
from markupsafe import Markup

from app.accounts.inbox import DUE, InboxItem
from app.accounts.models import TradeUnion, User
from app.anomalies import queries
from app.anomalies.views import read, words
from app.db import db
from app.sites.models import Site

NOTHING = Markup("")


def site_panel(site: Site, user: User) -> Markup:
    """How far the numbers of a site can be trusted. The caller has checked the scope."""
    if user.role not in queries.REVIEWERS:
        return NOTHING
    kept = queries.flags_of_site(site.id)
    return _safe(render_template("anomalies/site_panel.html", site=site, kept=kept, found=read(kept), **words()))


def union_panel(_union: TradeUnion, user: User) -> Markup:
    """How many flagged sites wait for the reviewer herself."""
    if user.role not in queries.REVIEWERS:
        return NOTHING
    return _safe(render_template("anomalies/union_panel.html", number=queries.number_waiting(user)))


def case_panel(case_id: int, user: User) -> Markup:
    """What stood out when an application for the title was handed in. The caller has checked the scope of the case."""
    kept = queries.flags_of_case(case_id) if user.role in queries.REVIEWERS else None
    if kept is None:
        return NOTHING
    return _safe(render_template("anomalies/case_panel.html", kept=kept, found=read(kept), **words()))


def waiting(user: User, _at: datetime) -> Sequence[InboxItem]:
    """Flagged sites that nobody has looked at: one line for all of them."""
    if user.role not in queries.REVIEWERS:
        return []
    number = queries.number_waiting(user)
    if not number:
        return []
    if number == 1:
        _kept, site = db.session.execute(queries.flagged_in_scope(user).limit(1)).one()
        says = gettext("The numbers of %(site)s stand out; please look into it", site=site.name)
        return [InboxItem(f"flags-{site.id}", says, url_for("anomalies.signals", site_id=site.id), DUE)]
    says = gettext("The numbers of %(number)s sites stand out; please look into them", number=number)
    return [InboxItem(f"flags-{number}", says, url_for("anomalies.flagged"), DUE)]


def _safe(html: str) -> Markup:
    return Markup(html)  # noqa: S704  rendered by Jinja with escaping
