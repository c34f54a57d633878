"""A union's table: every site of its subtree with month, mean, satisfaction and verdict, in a few queries."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from sqlalchemy import Select, or_, select

from app.accounts.models import TradeUnion
from app.db import db
from app.months import Month
from app.programme import bulk, grades, queries
from app.programme.grades import Evidence
from app.programme.judging import ABOVE, BANDS, BELOW, Judges, Sums, band_below
from app.rulebooks import Facts, NoConditions
from app.rulebooks.measures import mean_score, rating_counts
from app.rulebooks.report import MET, NOT_MET, UNKNOWN, PartFinding
from app.rulebooks.verdicts import Judge, Verdict
from app.sites.models import Site, SiteStatus

NAME, USES, SATISFACTION, VERDICT = "name", "uses", "satisfaction", "verdict"
SORTS = (NAME, USES, SATISFACTION, VERDICT)
NONE = (0, 0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Filter:
    """What to show: a band or all (empty), sites below one union, sites whose name or address holds a text.

    Pages are in the order of one of `SORTS`; the one shown begins after the site `after`, the first one with none.
    """

    band: str = ""
    union: TradeUnion | None = None
    text: str = ""
    sort: str = NAME
    after: int | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One site. `mean` and `score` are exact; they are shown even while too little is known to judge them."""

    id: int
    name: str
    host: str
    location_kind: str
    is_synthetic: bool
    judged: Verdict | None
    uses: PartFinding | None
    satisfaction: PartFinding | None
    steps: tuple[int, ...]
    this_month: int
    last_month: int
    band: str
    evidence: Evidence

    @property
    def ratings(self) -> int:
        """Number of ratings in the window; `steps` are those by step, 1 first."""
        return sum(self.steps)

    @property
    def mean(self) -> Fraction | None:
        """Mean counted uses a month."""
        return _number(self.uses)

    @property
    def threshold(self) -> Fraction | None:
        """What the mean has to reach."""
        found = self.uses.threshold if self.uses else None
        return found if isinstance(found, Fraction) else None

    @property
    def score(self) -> Fraction | None:
        """Mean score of the ratings."""
        return _number(self.satisfaction)

    @property
    def verdict(self) -> str:
        """met, not_met, unknown, or empty where the rulebook has no conditions for this kind of site."""
        return self.judged.result if self.judged else ""

    @property
    def not_met(self) -> tuple[str, ...]:
        """Ids of the conditions that are not met."""
        return self.judged.not_met if self.judged else ()

    @property
    def unknown(self) -> tuple[str, ...]:
        """Ids of the conditions that cannot be judged yet."""
        return self.judged.unknown if self.judged else ()


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over some rows. `score` is the mean over all their ratings, exact."""

    sites: int
    this_month: int
    last_month: int
    mean: Fraction
    ratings: int
    score: Fraction | None
    verdicts: dict[str, int]

    @classmethod
    def of(cls, sums: Sums) -> "Totals":
        """The totals of judged sites."""
        verdicts = {verdict: sums[f"verdict:{verdict}"] for verdict in (MET, NOT_MET, UNKNOWN)}
        months = sums["this_month"], sums["last_month"]
        return cls(sums["sites"], *months, sums.mean, sums["ratings"], sums.score, verdicts)


@dataclass(frozen=True, slots=True)
class Table:
    """The rows that the filter shows, how many each band holds before the band is chosen, and the sums shown."""

    rows: tuple[Row, ...]
    bands: dict[str, int]
    totals: Totals
    month: Month


def read_table(union: TradeUnion, chosen: Filter, today: date, default_rulebook: str) -> Table:
    """Judge every site below `union` that is not closed, as of `today`. Costs a fixed number of queries."""
    judges = Judges(today, default_rulebook)
    rows = read_rows(sites_below(union, chosen).order_by(TradeUnion.path, Site.name, Site.id), judges)
    shown = tuple(row for row in rows if chosen.band in ("", row.band))
    counts = Counter(row.band for row in rows)
    bands = {band: counts[band] for band in BANDS}
    return Table(shown, bands, _totals(shown, judges), Month.of_date(today))


def read_rows(sites: Select[Any], judges: Judges) -> list[Row]:
    """Judge the sites that a query in the manner of `sites_below` finds, in its order. Raises `NotInForce`."""
    found = db.session.execute(sites).all()
    ids, by_first = [row.id for row in found], defaultdict[Month, list[Any]](list)
    for site in found:
        by_first[judges.first(judges.of(site.host_path))].append(site)
    known, facts = bulk.Known.of(ids, judges.on, by_first), dict[int, Facts]()
    for first, some in by_first.items():
        facts |= queries.facts_of(some, ids, judges.on, first, to_decide=known)
    evidence = grades.evidence_of(ids, judges.on)
    return [
        _row(site, judges.of(site.host_path), facts[site.id], known, grades.of_site(evidence, site.id))
        for site in found
    ]


def sites_with_hosts() -> Select[Any]:
    """The columns that `read_rows` needs of sites."""
    host = (TradeUnion.name.label("host_name"), TradeUnion.path.label("host_path"))
    sites = select(*queries.site_columns(), Site.is_synthetic, *host)
    return sites.join(TradeUnion, TradeUnion.id == Site.host_id)


def sites_below(union: TradeUnion, chosen: Filter) -> Select[Any]:
    """The sites that are not closed and that the filter names, whatever their band."""
    below = chosen.union or union
    sites = sites_with_hosts().where(
        TradeUnion.path.startswith(below.path, autoescape=True), Site.status != SiteStatus.CLOSED
    )
    for word in chosen.text.split():
        places = (Site.name, Site.address, TradeUnion.name)
        sites = sites.where(or_(*(place.icontains(word, autoescape=True) for place in places)))
    return sites


def _row(site: Any, judge: Judge, facts: Facts, known: bulk.Known, evidence: Evidence) -> Row:
    try:
        judged: Verdict | None = judge.verdict(facts)
    except NoConditions:
        judged = None
    uses = judge.measured(facts, "mean_monthly_uses") if judged else None
    last = (facts.months or {}).get(Month.of_date(judge.on) - 1)
    return Row(
        id=site.id,
        name=site.name,
        host=site.host_name,
        location_kind=site.location_kind,
        is_synthetic=site.is_synthetic,
        judged=judged,
        uses=uses,
        satisfaction=judge.measured(facts, "satisfaction") if judged else None,
        steps=rating_counts(facts, judge.window(facts).months) if judged else NONE,
        this_month=known.this_month.get(site.id, 0),
        last_month=last.counted if last else 0,
        band=_band(uses, judge),
        evidence=evidence,
    )


def _band(uses: PartFinding | None, judge: Judge) -> str:
    """Where the mean stands."""
    value = _number(uses)
    if uses is None or uses.result == UNKNOWN or not isinstance(uses.threshold, Fraction):
        return UNKNOWN
    if uses.result == MET:
        return ABOVE
    return BELOW if value is None else band_below(value.numerator, value.denominator, uses.threshold, judge)


def _number(part: PartFinding | None) -> Fraction | None:
    return part.value if part is not None and isinstance(part.value, Fraction) else None


def _totals(rows: Sequence[Row], judges: Judges) -> Totals:
    steps = tuple(map(sum, zip(NONE, *(row.steps for row in rows), strict=True)))
    verdicts = Counter(row.verdict for row in rows)
    scores = judges.scores()
    return Totals(
        sites=len(rows),
        this_month=sum(row.this_month for row in rows),
        last_month=sum(row.last_month for row in rows),
        mean=sum((row.mean for row in rows if row.mean is not None), Fraction(0)),
        ratings=sum(steps),
        score=mean_score(steps, scores) if scores else None,
        verdicts={verdict: verdicts[verdict] for verdict in (MET, NOT_MET, UNKNOWN)},
    )
