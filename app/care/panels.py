"""What this feature adds to a site's page, and what waits for its people."""

from collections.abc import Sequence
from datetime import date, datetime

from flask import render_template, url_for
from flask_babel import gettext
from markupsafe import Markup
from sqlalchemy import Select, select

from app import clock
from app.accounts.inbox import DUE, OVERDUE, InboxItem
from app.accounts.models import User
from app.care import combined, incidents, nursery, queries
from app.care.models import CareDay, CareTerm, NurseryReturn
from app.db import db
from app.months import local_date
from app.sites.models import Site, SiteKind, SiteStatus
from app.sites.queries import sites_in_scope
from app.web import SITE_MANAGER, UNIT_UNION

RECORDERS = (SITE_MANAGER, UNIT_UNION)
"""Who keeps these records; the unions above see them and are not reminded of them."""


def site_panel(site: Site, _user: User) -> Markup:
    """The records of a site of another kind than a room, in short. The caller has checked the scope."""
    if site.kind == SiteKind.ROOM:
        centre = combined.centre_of(site.id)
        html = render_template("care/part_panel.html", centre=centre) if centre else ""
        return Markup(html)  # noqa: S704  a template escapes
    today = local_date(clock.now())
    values = {
        SiteKind.HOLIDAY_CARE: _care_values,
        SiteKind.NURSERY: _nursery_values,
        SiteKind.COMBINED: _combined_values,
    }[SiteKind(site.kind)](site, today)
    standing = [row for row in incidents.incidents_of(site.id) if row.incident.retracted_at is None]
    html = render_template(
        "care/panel.html", site=site, today=today, centre=combined.centre_of(site.id), incidents=len(standing), **values
    )
    return Markup(html)  # noqa: S704  a template escapes


def _care_values(site: Site, today: date) -> dict[str, object]:
    terms = queries.terms_of(site.id)
    running = next((term for term in terms if queries.is_running(term, today)), None)
    shown = running or (terms[0] if terms else None)
    figures = queries.figures(shown, today) if shown else queries.TermFigures()
    return {"term": shown, "is_running": running is not None, "figures": figures}


def _nursery_values(site: Site, today: date) -> dict[str, object]:
    returns = nursery.returns_of(site.id)
    latest = returns[0] if returns else None
    figures = nursery.ReturnFigures.of(latest) if latest else None
    return {"latest": latest, "figures": figures, "is_old": nursery.is_old(latest, today)}


def _combined_values(site: Site, _today: date) -> dict[str, object]:
    parts = combined.parts_of(site.id)
    return {"parts": parts, "enough": len(combined.kinds_of(parts)) >= combined.KINDS_NEEDED}


def waiting(user: User, at: datetime) -> Sequence[InboxItem]:
    """Attendance not recorded today while a term runs; terms that are over and open; reports older than a year."""
    if user.role not in RECORDERS:
        return []
    today = local_date(at)
    mine = sites_in_scope(user).where(Site.status == SiteStatus.OPERATING.value).order_by(None)
    return [*_terms_waiting(mine, today), *_returns_waiting(mine, today)]


def _terms_waiting(mine: Select[Site], today: date) -> list[InboxItem]:
    ids = mine.with_only_columns(Site.id)
    rows = (
        select(CareTerm, Site.name, CareDay.on)
        .join(Site, Site.id == CareTerm.site_id)
        .outerjoin(CareDay, (CareDay.term_id == CareTerm.id) & (CareDay.on == today))
        .where(CareTerm.site_id.in_(ids), CareTerm.closed_on.is_(None), CareTerm.starts_on <= today)
    )
    items = []
    for term, name, ran_on in db.session.execute(rows):
        is_marked = ran_on is not None
        if term.ends_on < today:
            text = gettext("%(site)s: “%(term)s” is over; check its attendance and close it", site=name, term=term.name)
            url = url_for("care.term", term_id=term.id)
            items.append(InboxItem(f"care-close-{term.id}", text, url, DUE))
        elif not is_marked and today.weekday() < 5:
            text = gettext("%(site)s: nobody has recorded today's attendance yet", site=name)
            url = url_for("care.day", term_id=term.id)
            items.append(InboxItem(f"care-day-{term.id}-{today}", text, url, DUE, today))
    return items


def _returns_waiting(mine: Select[Site], today: date) -> list[InboxItem]:
    nurseries = mine.where(Site.kind == SiteKind.NURSERY.value)
    sites = {site.id: site.name for site in db.session.scalars(nurseries)}
    latest: dict[int, NurseryReturn] = {}
    found = select(NurseryReturn).where(NurseryReturn.site_id.in_(nurseries.with_only_columns(Site.id)))
    for row in db.session.scalars(found.order_by(NurseryReturn.as_of, NurseryReturn.id)):
        latest[row.site_id] = row
    items = []
    for site_id, name in sites.items():
        last = latest.get(site_id)
        if nursery.is_old(last, today):
            text = gettext("%(site)s: please file the nursery's yearly report", site=name)
            due = last.as_of + nursery.GETS_OLD_AFTER if last else None
            url = url_for("care.nursery_returns", site_id=site_id)
            items.append(InboxItem(f"nursery-{site_id}-{due or 'first'}", text, url, OVERDUE if last else DUE, due))
    return items
