"""Checks that need more than one row: host unions, districts, positions that several rows share."""

from collections import Counter
from collections.abc import Sequence

from sqlalchemy import select

from app.accounts.models import TradeUnion
from app.db import db
from app.errors import N_
from app.sites.boundaries import Boundaries
from app.sites.importing.findings import Draft, Level

SHARED_DIGITS = 6
"""Positions that agree to a tenth of a metre are the same position."""


def find_hosts(drafts: Sequence[Draft], union: TradeUnion) -> dict[str, int]:
    """Ids of the unions that rows name, by code, or by a name that only one has; outside the subtree a row is bad."""
    below = TradeUnion.path.startswith(union.path, autoescape=True)
    found = db.session.execute(select(TradeUnion.id, TradeUnion.code, TradeUnion.name).where(below)).all()
    names = Counter(host.name for host in found)
    hosts = {host.name: host.id for host in found if names[host.name] == 1} | {host.code: host.id for host in found}
    for draft in drafts:
        if draft.union and draft.union not in hosts:
            draft.add(
                Level.ERROR,
                "union",
                N_("There is no union %(code)s below %(union)s"),
                N_("Correct the code, or create the union first"),
                code=draft.union,
                union=union.name,
            )
    return hosts


def check_districts(drafts: Sequence[Draft], boundaries: Boundaries) -> None:
    """Warn of points outside their stated district; rows that state none get the district that contains their point."""
    if not boundaries.codes:
        return
    for draft in drafts:
        if draft.is_rejected or "lon" not in draft.values:
            continue
        lon, lat, stated = draft.values["lon"], draft.values["lat"], draft.values.get("division_code")
        if stated is None:
            found = boundaries.containing(lon, lat)
            if found:
                draft.values["division_code"] = found
            continue
        other = boundaries.contradicts(stated, lon, lat)
        if other is not None:
            _warn_of_district(draft, boundaries, stated, other)


def _warn_of_district(draft: Draft, boundaries: Boundaries, stated: str, other: str) -> None:
    name = boundaries.names.get(stated) or boundaries.names.get(stated[:6], stated)
    remedy = N_("Find out which is right: the address or the point")
    if other:
        problem = N_("The point lies in %(other)s, the row says %(stated)s")
        draft.add(Level.WARNING, "division_code", problem, remedy, other=boundaries.names[other], stated=name)
    else:
        draft.add(Level.WARNING, "division_code", N_("The point lies outside %(stated)s"), remedy, stated=name)
    draft.pin_problem = draft.pin_problem or draft.findings[-1]


def note_shared_points(drafts: Sequence[Draft]) -> tuple[int, int]:
    """Note rows that stand on one position; returns how many rows share how many positions."""
    points = {
        draft.number: (round(draft.values["lon"], SHARED_DIGITS), round(draft.values["lat"], SHARED_DIGITS))
        for draft in drafts
        if "lon" in draft.values and not draft.is_rejected
    }
    counts = Counter(points.values())
    sharing = [draft for draft in drafts if draft.number in points and counts[points[draft.number]] > 1]
    for draft in sharing:
        others = counts[points[draft.number]] - 1
        draft.add(Level.NOTE, "lon, lat", N_("%(count)s other rows have the same position"), count=others)
    return len(sharing), sum(count > 1 for count in counts.values())
