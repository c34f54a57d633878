"""Judging very many sites: one after the other in the order of their ids, a few thousand in memory at a time."""

import json
from collections import Counter, defaultdict, namedtuple
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import date, datetime
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from operator import mul
from typing import Any, NamedTuple

from sqlalchemy import Select, Text, cast, delete, func, insert, select

from app.accounts.models import TradeUnion
from app.ahead import Reading, ahead
from app.collector import collector_at_rest
from app.db import db, unit_of_work
from app.ids import IdRange, Ids, among
from app.months import Month, local_date
from app.programme import bulk, queries
from app.programme.models import SiteVerdict, UnionVerdict
from app.programme.services import first_month
from app.rulebooks import Facts, NoConditions, NotInForce, load
from app.rulebooks.measures import rating_counts, uses_total
from app.rulebooks.report import MET, UNKNOWN
from app.rulebooks.verdicts import Judge, Verdict
from app.rulebooks.window import Window
from app.sites.models import Site, SiteStatus

ABOVE, NEAR, BELOW = "above", "near", "below"
BANDS = (ABOVE, NEAR, BELOW, UNKNOWN)
NOTHING = -1.0
"""Sorts below every mean and every score."""
USES, SATISFACTION = "mean_monthly_uses", "satisfaction"
CHUNK = 2000
COLUMNS = (*queries.SITE_COLUMNS, "host_path")
FURNISHED = COLUMNS.index("facilities")
_SITE: Any = namedtuple("_SITE", COLUMNS)  # type: ignore[misc]  # noqa: PYI024  its fields are those of another class
TABLE = SiteVerdict.metadata.tables["site_verdict"]
"""Past the ORM: it is written a million times in a night."""


class Standing(NamedTuple):
    """Where one site stands on a day, the columns of `SiteVerdict`. `counted` uses in so many `months` make its mean.

    `verdict` is empty where the rulebook has no conditions for its kind; `mean` and `score` are `NOTHING` then, and
    where there is none. `ratings` and `points` (their scores, added up) are those of its own log, for sums.
    """

    site_id: int
    rulebook_id: str
    verdict: str
    band: str
    mean: float
    score: float
    counted: int
    months: int
    ratings: int
    points: int
    this_month: int
    last_month: int


class Sums(Counter[str]):
    """Sums over standings, as `UnionVerdict` keeps them; `counted:12` are uses of sites with a mean of 12 months."""

    def take(self, one: Standing) -> None:
        """Count one site in."""
        self["sites"] += 1
        self[f"band:{one.band}"] += 1
        self[f"verdict:{one.verdict}"] += 1
        if one.mean >= 0:
            self[f"counted:{one.months}"] += one.counted
        for name in ("this_month", "last_month", "ratings", "points"):
            self[name] += getattr(one, name)

    @property
    def mean(self) -> Fraction:
        """The mean uses a month of all sites together, exact."""
        by_months = ((int(name[8:]), counted) for name, counted in self.items() if name.startswith("counted:"))
        return sum((Fraction(counted, months) for months, counted in by_months), Fraction(0))

    @property
    def score(self) -> Fraction | None:
        """The mean score of all ratings, exact."""
        return Fraction(self["points"], self["ratings"]) if self["ratings"] else None


class Judges:
    """The judge of each rulebook that sites follow on a local date, by the path of the sites' union."""

    def __init__(self, on: date, default: str) -> None:
        self.on, self._default = on, default
        self._chosen = queries.rulebooks_of_unions(on)
        self._judges: dict[str, Judge] = {}
        self._firsts: dict[str, Month] = {}

    def of(self, path: str) -> Judge:
        """The judge for sites of the union at `path`. Raises `NotInForce`."""
        return self._judge(queries.rulebook_at(path, self._chosen, self._default))

    def first(self, judge: Judge) -> Month:
        """The first month that its verdicts ask for."""
        return self._firsts.get(judge.rulebook.id) or self._firsts.setdefault(
            judge.rulebook.id, first_month(judge.rulebook, self.on)
        )

    def firsts(self) -> set[Month]:
        """The first months that verdicts of all sites ask for."""
        found = set()
        for rulebook_id in {self._default, *self._chosen.values()}:
            with suppress(NotInForce):
                found.add(self.first(self._judge(rulebook_id)))
        return found

    def scores(self) -> tuple[int, ...]:
        """The score of each step of a rating; empty before any judge was asked for."""
        return next((one.scores for one in self._judges.values()), ())

    def _judge(self, rulebook_id: str) -> Judge:
        if rulebook_id not in self._judges:
            self._judges[rulebook_id] = Judge(load(rulebook_id), self.on)
        return self._judges[rulebook_id]


def all_sites() -> Select[Any]:
    """Every site that is not closed."""
    sites = select(Site.id).join(TradeUnion, TradeUnion.id == Site.host_id)
    return sites.where(Site.status != SiteStatus.CLOSED)


def read_sites(sites: Select[Any]) -> Reading[list[Any]]:
    """What judging needs of the sites that a query joins to their hosts: the fields of a `SiteRow`, and `host_path`."""
    columns = [*queries.site_columns(), TradeUnion.__table__.c.path]
    columns[FURNISHED] = cast(columns[FURNISHED], Text)
    # Twenty fields of each are asked for: those of the database's own rows take six tenths of a microsecond each.
    rows = yield sites.with_only_columns(*columns)
    alike = ((*row[:FURNISHED], _facilities(row[FURNISHED]), *row[FURNISHED + 1 :]) for row in rows)
    return list(map(_SITE._make, alike))


@lru_cache(maxsize=4096)
def _facilities(text: str) -> Any:
    """Many sites are furnished alike. Nobody changes it."""
    return json.loads(text)


def standings_of(sites: Sequence[Any], ids: Ids, judges: Judges, known: bulk.Known | None = None) -> Iterator[Standing]:
    """Judge rows of `read_sites`; `ids` selects the same sites, or more. A fixed number of queries.

    What is `known` of them is not asked again.
    """
    by_first: dict[Month, list[tuple[Any, Judge]]] = {}
    for site in sites:
        with suppress(NotInForce):
            judge = judges.of(site.host_path)
            by_first.setdefault(judges.first(judge), []).append((site, judge))
    known = known or bulk.Known.of(ids, judges.on, by_first)
    for first, found in by_first.items():
        facts = queries.facts_of([site for site, _ in found], ids, judges.on, first, to_decide=known)
        for site, judge in found:
            yield _standing(judge, facts[site.id], known.this_month.get(site.id, 0))


class Step(NamedTuple):
    """Some sites, rows of `read_sites`, of all that there are in a range of ids, and where they stand."""

    ids: IdRange
    sites: list[Any]
    standings: Iterator[Standing]


@contextmanager
def steps(judges: Judges, ids: IdRange) -> Iterator[Iterator[Step]]:
    """Judge all sites among `ids`, steps of `CHUNK` in the order of their ids; the next step is read meanwhile.

    The ranges of the steps are fixed at the beginning. Together they are `ids`. See `app.ahead` on what a step sees.
    """
    firsts, ranges = judges.firsts(), _ranges(ids)

    def readings(some: IdRange) -> tuple[Reading[Any], ...]:
        return read_sites(all_sites().where(among(Site.id, some))), *bulk.readings(some, judges.on, firsts)

    def step(some: IdRange, sites: list[Any], *known: Any) -> Step:
        return Step(some, sites, standings_of(sites, some, judges, bulk.Known.told(firsts, *known)))

    with ahead(map(readings, ranges)) as found:
        yield (step(some, *told) for some, told in zip(ranges, found, strict=True))


def _ranges(ids: IdRange) -> list[IdRange]:
    place = func.row_number().over(order_by=Site.id)
    every = all_sites().where(among(Site.id, ids)).with_only_columns(Site.id, place.label("place")).subquery().c
    lasts = db.session.scalars(select(every.id).where(every.place % CHUNK == 0).order_by(every.id))
    return [IdRange(before + 1, last) for before, last in pairwise((ids.first - 1, *lasts, ids.last)) if before < last]


def _standing(judge: Judge, facts: Facts, this_month: int) -> Standing:
    window = judge.window(facts)
    verdict: Verdict | None = None
    with suppress(NoConditions):
        verdict = judge.verdict(facts)
    counted, months = uses_total(facts, window.counted)[1], len(window.counted)
    ratings, points = rated = _rated(facts, window, judge.scores)
    has_mean = verdict and USES in verdict.parts and facts.months is not None and months
    has_score = verdict and SATISFACTION in verdict.parts
    return Standing(
        int(facts.site_id),
        judge.rulebook.id,
        verdict.result if verdict else "",
        _band(judge, facts, verdict, counted, months),
        counted / months if has_mean else NOTHING,
        _score(facts, window, judge.scores, rated) if has_score else NOTHING,
        counted,
        months,
        ratings,
        points,
        this_month,
        uses_total(facts, (window.last,))[1],
    )


def _rated(facts: Facts, window: Window, scores: tuple[int, ...]) -> tuple[int, int]:
    """(ratings, their scores added up) of a site's own log."""
    counts = rating_counts(facts, window.months)
    return sum(counts), sum(map(mul, counts, scores))


def _score(facts: Facts, window: Window, scores: tuple[int, ...], own: tuple[int, int]) -> float:
    """The mean score of a site, `own` ratings and their points, and if it is a combined one of its parts."""
    ratings, points = own
    for part in facts.parts or ():
        more, their_points = _rated(part.facts, window, scores)
        ratings, points = ratings + more, points + their_points
    return points / ratings if ratings else NOTHING


def _band(judge: Judge, facts: Facts, verdict: Verdict | None, counted: int, months: int) -> str:
    result = verdict.parts.get(USES, UNKNOWN) if verdict else UNKNOWN
    if result in (MET, UNKNOWN):
        return ABOVE if result == MET else UNKNOWN
    threshold = judge.threshold(facts, USES)
    return band_below(counted, months, threshold, judge) if isinstance(threshold, Fraction) else UNKNOWN


def band_below(counted: int, months: int, threshold: Fraction, judge: Judge) -> str:
    """Near or below: near is a mean of `counted` / `months` at most `near_percent` per cent below the threshold."""
    enough = threshold.numerator * (100 - judge.near_percent) * months
    return NEAR if counted * 100 * threshold.denominator >= enough else BELOW


def judge_all(at: datetime, default: str) -> int:
    """Judge every site as of the instant `at` and keep where it stands, each chunk in a transaction of its own.

    Returns the number of sites. Memory grows with the number of unions alone.
    """
    number, by_host = 0, defaultdict[str, Sums](Sums)
    with unit_of_work(), collector_at_rest():
        judges = Judges(local_date(at), default)
        # Beyond the last sites that are open, standings may be left of some that have none any more.
        with steps(judges, IdRange(1, db.session.scalar(select(func.max(Site.id))) or 0)) as found:
            for step in found:
                with unit_of_work():
                    standings = list(step.standings)
                    _keep(step.ids, standings, at)
                paths = {site.id: site.host_path for site in step.sites}
                for one in standings:
                    by_host[paths[one.site_id]].take(one)
                number += len(step.sites)
        _keep_sums(by_host, at)
    return number


def _keep(ids: IdRange, standings: Iterable[Standing], at: datetime) -> None:
    db.session.execute(delete(SiteVerdict).where(SiteVerdict.site_id.between(ids.first, ids.last)))
    rows = [one._asdict() | {"judged_at": at} for one in standings]
    if rows:
        db.session.execute(insert(TABLE), rows)


def _keep_sums(by_host: Mapping[str, Sums], at: datetime) -> None:
    """Each union's sums are those of the sites it hosts and of all unions below it."""
    by_union = defaultdict[int, Sums](Sums)
    for path, sums in by_host.items():
        for union_id in map(int, path.strip("/").split("/")):
            by_union[union_id].update(sums)
    db.session.execute(delete(UnionVerdict))
    rows = [{"trade_union_id": one, "judged_at": at, "sums": dict(sums)} for one, sums in by_union.items()]
    if rows:
        db.session.execute(insert(UnionVerdict), rows)
