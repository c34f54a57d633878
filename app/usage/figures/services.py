"""A closed month becomes public, once. Nothing here commits."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import Table

from app.db import db
from app.errors import N_, Conflict
from app.months import Month
from app.usage.counting import satisfaction_score
from app.usage.figures import queries
from app.usage.figures.disclosure import LEAST, Group, disclose
from app.usage.figures.models import Release, ReleasedSite, ReleasedUnion
from app.usage.figures.queries import SiteNumbers
from app.usage.tallies import insert_or_ignore

_RELEASES = cast("Table", Release.__table__)


@dataclass(frozen=True)
class _Tree:
    """The unions with public sites below them: their public sites, the unions under each, and the topmost ones."""

    sites: Mapping[int, Sequence[SiteNumbers]]
    below: Mapping[int, Sequence[int]]
    tops: Sequence[int]

    def group(self, union_id: int) -> Group[tuple[str, int]]:
        """The numbers of uses under a union."""
        cells = {("site", site.site_id): site.uses for site in self.sites.get(union_id, ())}
        return Group(("union", union_id), cells, tuple(self.group(part) for part in self.below.get(union_id, ())))


def release(month: Month, now: datetime) -> Release:
    """Publish the figures of a closed month, or return them as they were published: no figure is ever given twice.

    Later adjustments therefore change nothing here. Raises `Conflict` when the month is not closed at ``now``.
    """
    if not month.is_closed(now):
        raise Conflict(N_("The month %(month)s is not closed yet"), month=str(month))
    if insert_or_ignore(_RELEASES, {"month": str(month), "made_at": now}):
        _publish(month)
    return db.session.get_one(Release, str(month))


def _publish(month: Month) -> None:
    numbers = queries.public_numbers(month)
    tree = _tree(numbers)
    told: dict[tuple[str, int], int | None] = {}
    for top in tree.tops:
        disclosed = disclose(tree.group(top))
        told |= disclosed.cells | disclosed.totals
    number: Counter[int] = Counter()
    ratings: defaultdict[int, list[int]] = defaultdict(lambda: [0] * 5)
    above = queries.parents()
    for site in numbers:
        # Only sites whose own satisfaction is published enter those of the unions, so that nothing can be subtracted.
        counted = site.ratings if sum(site.ratings) >= LEAST else [0] * 5
        db.session.add(
            ReleasedSite(
                site_id=site.site_id, month=str(month), uses=told["site", site.site_id], satisfaction=_points(counted)
            )
        )
        union: int | None = site.host_id
        while union is not None:
            number[union] += 1
            ratings[union] = [a + b for a, b in zip(ratings[union], counted, strict=True)]
            union = above[union]
    db.session.add_all(
        ReleasedUnion(
            trade_union_id=union, month=str(month), sites=sites, uses=told["union", union],
            satisfaction=_points(ratings[union]),
        )
        for union, sites in number.items()
    )  # fmt: skip
    db.session.flush()


def _tree(numbers: Sequence[SiteNumbers]) -> _Tree:
    above = queries.parents()
    sites = queries.sites_by_host(numbers)
    below: defaultdict[int, list[int]] = defaultdict(list)
    tops: list[int] = []
    seen: set[int] = set()
    for host in sites:
        union = host
        while union not in seen:
            seen.add(union)
            parent = above[union]
            if parent is None:
                tops.append(union)
                break
            below[parent].append(union)
            union = parent
    return _Tree(sites, below, tops)


def _points(ratings: Sequence[int]) -> int | None:
    """Satisfaction as a whole number, half a point upwards; None below `LEAST` ratings."""
    score = satisfaction_score(ratings)
    return None if score is None or sum(ratings) < LEAST else int(score + 0.5)
