"""Sites whose pin a person has to set or check."""

from sqlalchemy import ColumnElement, Select, or_

from app.sites.models import Site, SiteStatus


def needs_pin() -> ColumnElement[bool]:
    """The condition on `Site`: not closed, and without a pin or with a note about it (`pin_note`)."""
    return or_(Site.lon.is_(None), Site.pin_note != "") & (Site.status != SiteStatus.CLOSED.value)


def pin_worklist(sites: Select[Site]) -> Select[Site]:
    """Those of `sites` (such as `sites_in_scope(user)`) that need a pin: the ones without any first."""
    return sites.where(needs_pin()).order_by(None).order_by(Site.lon.is_not(None), Site.name, Site.id)
