"""Who manages a site (管理负责人)."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import delete, select

from app.accounts.models import Role, TradeUnion, User
from app.accounts.queries import users_in_scope
from app.db import db
from app.errors import N_, Invalid
from app.sites.models import Site, SiteManager
from app.sites.services import lock, record
from app.web import SITE_MANAGER


def managers_of(site: Site) -> Sequence[User]:
    """The people who manage `site`, by name."""
    here = select(User).join(SiteManager, SiteManager.user_id == User.id).where(SiteManager.site_id == site.id)
    return db.session.scalars(here.order_by(User.username)).all()


def assignable_by(actor: User) -> Sequence[User]:
    """The site managers at the unions of the actor's subtree whose accounts are in use, by union and name."""
    managers = users_in_scope(actor).where(User.active, User.roles.any(Role.name == SITE_MANAGER))
    return db.session.scalars(managers).all()


def assign_managers(actor: User, site: Site, user_ids: Iterable[int], now: datetime) -> None:
    """Let exactly these of the people whom `actor` may assign manage `site`; whom she may not see stays.

    Leaves an entry in the site's history when something changes. Raises Invalid for anybody else's id.
    """
    lock(site)
    wanted, own = set(user_ids), {user.id for user in assignable_by(actor)}
    before = managers_of(site)
    present = {user.id for user in before}
    if wanted - own - present:
        message = N_("One of these people is not a site manager of your unions")
        raise Invalid(message, fields={"managers": message})
    removed, added = (present & own) - wanted, wanted - present
    if not removed and not added:
        return
    db.session.execute(delete(SiteManager).where(SiteManager.site_id == site.id, SiteManager.user_id.in_(removed)))
    db.session.add_all(SiteManager(site_id=site.id, user_id=user_id) for user_id in sorted(added))
    db.session.flush()
    record(site, "managers", actor, now, fields={"managers": [_names(before), _names(managers_of(site))]})


def release_managers(actor: User, site: Site, before: TradeUnion, now: datetime) -> None:
    """After `site` has moved from the union `before`: who managed it there, or below, and not for its new host, leaves.

    Whom a union above has assigned stays. Leaves an entry in the site's history when somebody goes.
    """
    host = db.session.get_one(TradeUnion, site.host_id)
    present = managers_of(site)
    there = [user for user in present if user.trade_union.path.startswith(before.path)]
    gone = [user.id for user in there if not user.trade_union.path.startswith(host.path)]
    if not gone:
        return
    db.session.execute(delete(SiteManager).where(SiteManager.site_id == site.id, SiteManager.user_id.in_(gone)))
    record(site, "managers", actor, now, fields={"managers": [_names(present), _names(managers_of(site))]})


def assign_by_operator(user: User, sites: Sequence[Site], now: datetime) -> None:
    """Let `user` manage `sites` besides what she manages already. Raises Invalid when she is no site manager."""
    if user.role != SITE_MANAGER:
        raise Invalid(N_("%(username)s is not a site manager"), username=user.username)
    for site in sites:
        before = managers_of(site)
        if user.id in {person.id for person in before}:
            continue
        db.session.add(SiteManager(site_id=site.id, user_id=user.id))
        db.session.flush()
        record(site, "managers", None, now, fields={"managers": [_names(before), _names(managers_of(site))]})


def _names(people: Sequence[User]) -> str | None:
    return ", ".join(person.username for person in people) or None
