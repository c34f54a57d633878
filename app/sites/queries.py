"""Which sites a person may see."""

from sqlalchemy import Select, select

from app.accounts.models import TradeUnion, User
from app.accounts.queries import is_in_subtree
from app.db import db
from app.errors import NotFound
from app.sites.models import Site, SiteManager
from app.web import SITE_MANAGER


def sites_in_scope(user: User) -> Select[Site]:
    """A site manager's own sites; for a union account those hosted in its subtree. By the host's place, then name."""
    sites = select(Site).join(TradeUnion, Site.host_id == TradeUnion.id)
    if user.role == SITE_MANAGER:
        mine = sites.join(SiteManager, SiteManager.site_id == Site.id).where(SiteManager.user_id == user.id)
    else:
        mine = sites.where(is_in_subtree(user))
    return mine.order_by(TradeUnion.path, Site.name, Site.id)


def get_site(user: User, site_id: int) -> Site:
    """The site `site_id`. Raises NotFound when there is none that the person may see."""
    site = db.session.scalar(sites_in_scope(user).where(Site.id == site_id))
    if site is None:
        raise NotFound("There is no such site")
    return site
