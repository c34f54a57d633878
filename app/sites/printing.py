"""From stored sites to posters: which sites are printed, and what a sheet says about one."""

from datetime import datetime

from sqlalchemy import ColumnElement, Select, exists, select

from app.accounts.models import TradeUnion
from app.config import Settings
from app.months import local_date
from app.sites.door_codes import door_url
from app.sites.models import DoorCode, Site, SiteKind, SiteStatus
from app.sites.posters import Poster


def open_sites_below(union: TradeUnion) -> Select[Site]:
    """The sites of `union` and of every union below it that are not closed, by their host's place, then name."""
    return (
        select(Site)
        .join(TradeUnion, TradeUnion.id == Site.host_id)
        .where(TradeUnion.path.startswith(union.path, autoescape=True), Site.status != SiteStatus.CLOSED.value)
        .order_by(TradeUnion.path, Site.name, Site.id)
    )


def has_printable_code() -> ColumnElement[bool]:
    """The condition on `Site` that `printable_code` finds one."""
    return exists().where(DoorCode.site_id == Site.id, DoorCode.revoked_at.is_(None))


def poster_of(site: Site, code: DoorCode, settings: Settings, now: datetime) -> Poster:
    """The sheet for `code` on the door of `site`, printed today.

    A room's sign is the network's name, if it has its own; the other kinds are called what they are.
    """
    return Poster(
        name=site.name,
        floor_label=site.floor_label,
        code=code.code,
        url=door_url(settings.base_url, code.code),
        domain=settings.base_url.partition("://")[2],
        print_version=code.print_version,
        printed_on=local_date(now),
        organisation=site.host.name,
        kind=site.kind,
        sign=settings.network_name if site.kind == SiteKind.ROOM else "",
        is_sample=site.is_synthetic,
    )
