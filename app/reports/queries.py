"""Which reports a person may see, and which sites the public may report about."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Select, func, select
from sqlalchemy.orm import contains_eager

from app.accounts.models import TradeUnion, User
from app.db import db
from app.errors import N_, NotFound
from app.reports.models import PublicReport
from app.sites.door_codes import fold_code
from app.sites.models import DoorCode, Site, SiteStatus
from app.sites.queries import sites_in_scope

OPEN, CONFIRMED, RESOLVED, DISMISSED = "open", "confirmed", "resolved", "dismissed"
PENDING = (OPEN, CONFIRMED)
ABSENT = ("gone", "locked")
"""What two people have to say before the public is told that a site is being checked."""


def published_site(site_id: int) -> Site:
    """A site that the finder shows. Raises NotFound for any other."""
    site = db.session.get(Site, site_id)
    if site is None or not site.is_public:
        raise NotFound(N_("There is no such room, or it is not open to the public"))
    return site


def site_behind(code: str) -> Site:
    """The site whose door bears `code`, in any state but closed. Raises NotFound."""
    canonical = fold_code(code)
    found = select(Site).join(DoorCode, DoorCode.site_id == Site.id).where(DoorCode.code == canonical)
    site = db.session.scalar(found.where(Site.status != SiteStatus.CLOSED.value)) if canonical else None
    if site is None:
        raise NotFound(N_("There is no such door code"))
    return site


def reports_in_scope(user: User) -> Select[PublicReport]:
    """The reports about the sites that the person may see, with their sites: what is due first comes first."""
    sites = sites_in_scope(user).with_only_columns(Site.id).order_by(None)
    return (
        select(PublicReport)
        .join(PublicReport.site)
        .join(TradeUnion, TradeUnion.id == Site.host_id)
        .options(contains_eager(PublicReport.site).contains_eager(Site.host))
        .where(PublicReport.site_id.in_(sites))
        .order_by(PublicReport.due_on, PublicReport.id)
    )


def get_report(user: User, report_id: int) -> PublicReport:
    """The report `report_id`. Raises NotFound when there is none that the person may see."""
    report = db.session.scalar(reports_in_scope(user).where(PublicReport.id == report_id))
    if report is None:
        raise NotFound(N_("There is no such report"))
    return report


def pending_about(site_id: int) -> Sequence[PublicReport]:
    """The reports about a site that are open or confirmed, the oldest first."""
    rows = select(PublicReport).where(PublicReport.site_id == site_id, PublicReport.state.in_(PENDING))
    return db.session.scalars(rows.order_by(PublicReport.id)).all()


def count_pending(user: User) -> int:
    """How many reports in the person's scope are open or confirmed."""
    rows = reports_in_scope(user).where(PublicReport.state.in_(PENDING)).order_by(None).with_only_columns(func.count())
    return db.session.scalar(rows) or 0


def overdue(user: User, today: date) -> Select[PublicReport]:
    """The pending reports in scope whose day has passed."""
    return reports_in_scope(user).where(PublicReport.state.in_(PENDING), PublicReport.due_on < today)
