"""What a union has to check in a year, and how far it has come (qingdao-2023 art. 14, 20-22)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from app.accounts.models import TradeUnion
from app.programme import queries as programme
from app.programme.checks import queries
from app.programme.checks.draw import Standing, reasons_for, size_of
from app.programme.checks.queries import FULL_SELF, KIND_OF_LEVEL, SPOT_CHECK, SUPERVISION, Planned, Visit
from app.rulebooks import Rulebook, load

DONE, PLANNED, OVERDUE, OPEN = "done", "planned", "overdue", "open"
STATES = (OVERDUE, PLANNED, OPEN, DONE)
"""Of a site's check this year: what has to be looked at first comes first."""


@dataclass(frozen=True, slots=True)
class Demand:
    """What a rulebook demands of one kind of check: `share` of the sites, `a_year` times; 0 where it is silent."""

    kind: str
    share: Fraction
    a_year: int
    reference: str

    def of(self, number: int) -> int:
        """How many of `number` sites have to be checked in a year. At least one wherever anything is demanded."""
        return max(size_of(self.share, number), 1) if self.a_year and number else 0


@dataclass(frozen=True, slots=True)
class Duty:
    """One site's check in a year. `visit` is the inspection behind `state`, null while there is none."""

    site: Planned
    state: str
    visit: Visit | None
    standing: Standing
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Coverage:
    """One kind of check of one union in a year. `needed` of the sites have to be covered; `due_on` is its last day."""

    union: TradeUnion
    kind: str
    year: int
    due_on: date
    demand: Demand
    duties: tuple[Duty, ...]

    def number(self, *states: str) -> int:
        """How many sites are in one of these states."""
        return sum(duty.state in states for duty in self.duties)

    @property
    def covered(self) -> int:
        """How many sites have been checked."""
        return self.number(DONE)

    @property
    def needed(self) -> int:
        """How many have to be."""
        return self.demand.of(len(self.duties))

    @property
    def missing(self) -> int:
        """How many have still to be checked."""
        return max(0, self.needed - self.covered)

    @property
    def to_plan(self) -> int:
        """How many of them nobody has planned yet."""
        planned = sum(duty.visit is not None and duty.state != DONE for duty in self.duties)
        return max(0, self.missing - planned)

    @property
    def share(self) -> Fraction | None:
        """The share that is covered; null where there are no sites."""
        return Fraction(self.covered, len(self.duties)) if self.duties else None


def rulebook_of(union: TradeUnion, on: date, default: str) -> Rulebook:
    """The rulebook that a union follows on a local date."""
    return load(programme.rulebook_at(union.path, programme.rulebooks_of_unions(on), default))


def demand_of(rulebook: Rulebook, kind: str) -> Demand:
    """What the rulebook demands of a kind of check. Which sites a supervision covers is for the city: at least one."""
    checks = rulebook.checks
    by_kind = {
        FULL_SELF: (Fraction(1), checks.full_self_a_year),
        SPOT_CHECK: (checks.spot_check_share, checks.spot_check_a_year),
        SUPERVISION: (Fraction(0), checks.supervision_a_year),
    }
    share, a_year = by_kind[kind]
    return Demand(kind, share, a_year, checks.reference)


@dataclass(frozen=True, slots=True)
class Known:
    """The sites of a union that owe one kind of check in a year, their inspections and what speaks for each."""

    sites: Sequence[Planned]
    visits: Mapping[int, list[Visit]]
    standings: Mapping[int, Standing]


def known_of(sites: Sequence[Planned], kind: str, year: int) -> Known:
    """What is known about those of `sites` that owe a check, in a fixed number of queries."""
    owing = [site for site in sites if _owes(site, kind, year)]
    visits = queries.visits_of((site.id for site in owing), year)
    return Known(owing, visits, queries.standings(owing, visits, from_above=kind != FULL_SELF))


def known_below(union: TradeUnion, kind: str, year: int) -> Known:
    """What is known about the sites below `union`: of each only what checks are planned by."""
    return known_of(queries.planned(queries.sites_below(union)), kind, year)


def coverage_of(
    union: TradeUnion, kind: str, year: int, today: date, default: str, *, known: Known | None = None
) -> Coverage:
    """How far `union` has come with one kind of check in `year`, seen on the local date `today`.

    Checks that the union makes itself count where it made them, those it watches over whoever made them. A site that
    came into operation during the year owes its first full self-inspection the year after. What is `known` about the
    sites of a union above is not asked for again.
    """
    known = known or known_below(union, kind, year)
    demand = demand_of(rulebook_of(union, today, default), kind)
    duties = _duties(known, union, kind, year, today)
    return Coverage(union, kind, year, date(year, 12, 31), demand, duties)


def duties_of(
    sites: Sequence[Planned], union: TradeUnion | None, kind: str, year: int, today: date
) -> tuple[Duty, ...]:
    """The checks of those of `sites` that owe one, the overdue first. Checks by `union` count, or by anybody."""
    return _duties(known_of(sites, kind, year), union, kind, year, today)


def _duties(known: Known, union: TradeUnion | None, kind: str, year: int, today: date) -> tuple[Duty, ...]:
    found = (
        _duty(site, _relevant(known.visits.get(site.id, ()), union, kind, year), known.standings[site.id], year, today)
        for site in known.sites
        if union is None or site.host_path.startswith(union.path)
    )
    return tuple(sorted(found, key=lambda duty: (STATES.index(duty.state), -len(duty.reasons))))


def number_to_plan(union: TradeUnion, kind: str, year: int, today: date, default: str) -> int:
    """`Coverage.to_plan` by itself, in two queries: the inbox asks for nothing more."""
    number, seen = queries.checked(union, kind, year, by_union=kind != FULL_SELF)
    needed = demand_of(rulebook_of(union, today, default), kind).of(number)
    return max(0, max(0, needed - sum(seen.values())) - sum(not is_done for is_done in seen.values()))


def coverage_by_district(
    union: TradeUnion, kind: str, year: int, today: date, default: str, *, known: Known | None = None
) -> list[Coverage]:
    """The coverage of each union directly below `union` that has sites."""
    known = known or known_below(union, kind, year)
    below = (coverage_of(one, kind, year, today, default, known=known) for one in programme.unions_below(union))
    return [coverage for coverage in below if coverage.duties]


def _owes(site: Planned, kind: str, year: int) -> bool:
    first = site.accepted_on or site.opened_on
    return first is None or first.year < year or (first.year == year and kind != FULL_SELF)


def _relevant(visits: Sequence[Visit], union: TradeUnion | None, kind: str, year: int) -> list[Visit]:
    """A union that only watches over a kind of check counts whoever has made it."""
    maker = union if union and kind == KIND_OF_LEVEL[union.level] and kind != FULL_SELF else None
    of_year = (visit for visit in visits if visit.year == year and visit.kind == kind)
    return [visit for visit in of_year if maker is None or visit.union_id == maker.id]


def _duty(site: Planned, visits: list[Visit], standing: Standing, year: int, today: date) -> Duty:
    done = [visit for visit in visits if visit.done_on]
    waiting = [visit for visit in visits if not visit.done_on]
    visit = done[-1] if done else waiting[0] if waiting else None
    if done:
        state = DONE
    elif visit is not None:
        state = OVERDUE if visit.due_on < today else PLANNED
    else:
        state = OVERDUE if today.year > year else OPEN
    return Duty(site, state, visit, standing, reasons_for(standing, year))
