"""Which sites make up a combined centre (qingdao-2023 art. 6): at least two kinds, a site in one centre only."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select

from app.accounts.models import TradeUnion, User
from app.accounts.queries import is_union_account
from app.care.models import CombinedPart
from app.care.services import require_kind
from app.db import db
from app.errors import N_, Conflict, Forbidden, Invalid
from app.months import local_date
from app.sites.models import Site, SiteKind, SiteStatus
from app.sites.queries import sites_in_scope
from app.sites.services import lock, record

KINDS_NEEDED = 2


def parts_of(centre_id: int) -> list[Site]:
    """The sites that make up a centre, by kind and name."""
    rows = select(Site).join(CombinedPart, CombinedPart.part_id == Site.id).where(CombinedPart.centre_id == centre_id)
    return list(db.session.scalars(rows.order_by(Site.kind, Site.name, Site.id)))


def centre_of(part_id: int) -> Site | None:
    """The centre that a site is part of."""
    rows = select(Site).join(CombinedPart, CombinedPart.centre_id == Site.id).where(CombinedPart.part_id == part_id)
    return db.session.scalar(rows)


def kinds_of(parts: Sequence[Site]) -> set[str]:
    """The kinds among the parts that are not closed."""
    return {part.kind for part in parts if part.status != SiteStatus.CLOSED}


def candidates(actor: User, centre: Site) -> list[Site]:
    """The open sites that may be parts: hosted by the centre's host or below it, in no other centre, in sight."""
    elsewhere = select(CombinedPart.part_id).where(CombinedPart.centre_id != centre.id)
    rows = sites_in_scope(actor).where(
        TradeUnion.path.startswith(centre.host.path, autoescape=True),
        Site.kind != SiteKind.COMBINED.value,
        Site.status != SiteStatus.CLOSED.value,
        Site.id != centre.id,
        Site.id.not_in(elsewhere),
    )
    return list(db.session.scalars(rows))


def choose_parts(actor: User, centre: Site, chosen: Collection[int], now: datetime) -> None:
    """Let the centre consist of exactly the sites `chosen` (ids), or of none.

    Raises Forbidden for a site manager, Conflict for another kind of site or a closed one, Invalid naming ``parts`` for
    sites that cannot be parts or fewer than two kinds.
    """
    if not is_union_account(actor):
        raise Forbidden(N_("Only a union chooses the parts of a centre"))
    require_kind(centre, SiteKind.COMBINED)
    if centre.status == SiteStatus.CLOSED:
        raise Conflict(N_("The site is closed for good"))
    lock(centre)
    present = parts_of(centre.id)
    allowed = {site.id: site for site in (*candidates(actor, centre), *present)}
    if set(chosen) - allowed.keys():
        raise _wrong(N_("One of these sites cannot be a part: it is elsewhere, closed, or in another centre"))
    if chosen and len({allowed[site_id].kind for site_id in chosen}) < KINDS_NEEDED:
        raise _wrong(N_("A centre has parts of at least two kinds"))
    before = {site.id for site in present}
    for row in db.session.scalars(select(CombinedPart).where(CombinedPart.centre_id == centre.id)):
        if row.part_id not in chosen:
            db.session.delete(row)
    today = local_date(now)
    fresh = sorted(set(chosen) - before)
    db.session.add_all(CombinedPart(part_id=site_id, centre_id=centre.id, since_on=today) for site_id in fresh)
    db.session.flush()
    if before != set(chosen):
        names = [[allowed[i].name for i in sorted(ids)] for ids in (before, chosen)]
        fields = {"parts": [" · ".join(names[0]) or None, " · ".join(names[1])]}
        record(centre, "parts", actor, now, fields=fields)


def _wrong(message: str) -> Invalid:
    return Invalid(message, {"parts": message})
