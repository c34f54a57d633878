"""Who may fill in which sheet, and who may see it. What cases and inspections say about that comes through a hook:
`app.extensions["sheet_occasions"]`, an `Occasions`, as the parts that know them stand above this one."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import current_app
from sqlalchemy import ColumnElement, Select, and_, or_

from app.accounts.models import User
from app.errors import N_, Forbidden, NotFound
from app.programme.scoring.models import FilledSheet
from app.sites.models import Site
from app.sites.queries import get_site, sites_in_scope
from app.web import ASSESSOR, DISTRICT_UNION, MUNICIPAL_UNION, SITE_MANAGER, UNIT_UNION

SELF_CHECK, ACCEPTANCE, INSPECTION, REVIEW = USES = ("self_check", "acceptance", "inspection", "review")
_NOT_HERS = {
    SELF_CHECK: N_("The self-check is filled in by the site's manager or by the unit's union"),
    ACCEPTANCE: N_("The acceptance sheet is filled in by the district union or by an invited assessor"),
    INSPECTION: N_("This sheet is filled in by the person who inspects the site"),
    REVIEW: N_("The review sheet is filled in by the members of the panel"),
}


@dataclass(frozen=True, slots=True)
class Occasion:
    """What a sheet is filled in for: a case or an inspection of one site, and what the asking person is in it.

    `rulebook_digest` is that of the case, which is carried through under one rulebook.
    """

    site_id: int
    is_invited: bool = False
    is_inspector: bool = False
    rulebook_digest: str | None = None


@dataclass(frozen=True, slots=True)
class Occasions:
    """`find` raises NotFound for a case or an inspection that the person may not see; the others select their ids."""

    find: Callable[[User, int | None, int | None], Occasion]
    cases: Callable[[User], Select[int]]
    inspections: Callable[[User], Select[int]]


def occasions() -> Occasions:
    """What the parts above have registered."""
    registered: Occasions = current_app.extensions["sheet_occasions"]
    return registered


def occasion_of(user: User, site_id: int, case_id: int | None, inspection_id: int | None) -> Occasion:
    """How the person stands to a site, a case of it or an inspection of it. Raises NotFound unless she may see it."""
    if case_id is None and inspection_id is None:
        return Occasion(get_site(user, site_id).id)
    occasion = occasions().find(user, case_id, inspection_id)
    if occasion.site_id != site_id:
        raise NotFound(N_("There is no such site"))
    return occasion


def require_filler(
    user: User, site: Site, use: str, case_id: int | None = None, inspection_id: int | None = None
) -> None:
    """Raise Forbidden unless `user` fills in this kind of sheet for the site, NotFound if she may not see it."""
    if not is_filler(user, site, use, occasion_of(user, site.id, case_id, inspection_id)):
        raise Forbidden(_NOT_HERS[use])


def is_filler(user: User, site: Site, use: str, occasion: Occasion) -> bool:
    """Whether a person who stands like this to a site fills in this kind of sheet."""
    if use == SELF_CHECK:
        # A district's or the city's own site has no unit below it: that union stands in for one.
        is_host = user.role in (DISTRICT_UNION, MUNICIPAL_UNION) and user.trade_union_id == site.host_id
        return is_host or user.role in (SITE_MANAGER, UNIT_UNION)
    if use == ACCEPTANCE:
        return user.role in (DISTRICT_UNION, MUNICIPAL_UNION) or (user.role == ASSESSOR and occasion.is_invited)
    if use == INSPECTION:
        return occasion.is_inspector
    return user.role == MUNICIPAL_UNION or (user.role == ASSESSOR and occasion.is_invited)


def is_visible(user: User) -> ColumnElement[bool]:
    """The condition on `FilledSheet` that a person may see it: her own; others' once handed in, of what she may see.

    What the panel writes in a review is for the municipal union and for whom has written it.
    """
    sites = sites_in_scope(user).order_by(None).with_only_columns(Site.id)
    about = or_(
        FilledSheet.site_id.in_(sites),
        FilledSheet.case_id.in_(occasions().cases(user)),
        FilledSheet.inspection_id.in_(occasions().inspections(user)),
    )
    handed_in: ColumnElement[bool] = FilledSheet.submitted_at.is_not(None)
    if user.role != MUNICIPAL_UNION:
        handed_in = and_(handed_in, FilledSheet.use != REVIEW)
    return and_(about, or_(FilledSheet.filled_by_id == user.id, handed_in))
