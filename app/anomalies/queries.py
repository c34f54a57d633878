"""What the search for inflated numbers reads: a month's events of a site, its stored days, its context, its reviews."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from typing import cast

from sqlalchemy import Select, Table, and_, exists, func, select

from app.accounts.models import TradeUnion, User
from app.accounts.queries import is_in_subtree
from app.anomalies.context import SiteContext, room_type_of
from app.anomalies.models import CaseFlags, DaySignal, FlagReview, SiteFlags
from app.anomalies.scoring import signals_by_day
from app.anomalies.signals import Event, Signals
from app.db import db
from app.errors import N_, NotFound
from app.months import SHANGHAI, Month, local_date
from app.registers.models import Activity
from app.sites.hours import Hours
from app.sites.models import Site
from app.sites.queries import get_site
from app.usage.models import Presence, SiteMonth
from app.usage.queries import RATINGS, USES
from app.web import DISTRICT_UNION, MUNICIPAL_UNION

REVIEWERS = (DISTRICT_UNION, MUNICIPAL_UNION)
"""Who sees flags. Whoever runs a site, or hosts it, does not: they would learn what to avoid."""
MONTHS = 12
REVIEW_HOLDS_FOR = 3
"""Months for which a finding answers a flag that goes on."""
_PRESENCES = cast("Table", Presence.__table__)


def window(now: datetime) -> tuple[Month, Month]:
    """The last twelve whole months at `now`, first and last included."""
    last = Month.of(now) - 1
    return last - (MONTHS - 1), last


def hours_of(site: Site) -> Hours | None:
    """The opening hours of a site, None when they are not known."""
    try:
        hours = Hours.from_json(site.hours)
    except ValueError:
        return None
    return None if hours == Hours.UNKNOWN else hours


def month_signals(site: Site, month: Month) -> dict[date, Signals]:
    """The signals of each local date of a month with any record, from the records that are left of it."""
    return signals_by_day(_events(site.id, month), hours_of(site))


def _events(site_id: int, month: Month) -> Iterable[Event]:
    rated, proven = (
        and_(other.c.site_id == USES.c.site_id, other.c.month == USES.c.month, other.c.usage_id == USES.c.id)
        for other in (RATINGS, _PRESENCES)
    )
    rows = (
        select(
            USES.c.used_at, USES.c.reason, USES.c.p_site, USES.c.p_day, RATINGS.c.step, RATINGS.c.rated_at,
            _PRESENCES.c.usage_id.is_not(None),
        )
        .select_from(USES.outerjoin(RATINGS, rated).outerjoin(_PRESENCES, proven))
        .where(USES.c.site_id == site_id, USES.c.month == str(month))
    )  # fmt: skip
    for used_at, reason, p_site, p_day, step, rated_at, is_on_site in db.session.execute(rows):
        yield Event(used_at, reason is None, reason, p_site, p_day, step, rated_at, is_on_site)


def sites_with_uses(month: Month) -> list[int]:
    """Ids of the sites that have recorded anything in a month."""
    mine = (SiteMonth.month == str(month), SiteMonth.recorded > 0)
    return list(db.session.scalars(select(SiteMonth.site_id).where(*mine).order_by(SiteMonth.site_id)))


def about_to_go(day_key: str) -> dict[tuple[int, Month], set[date]]:
    """The local dates, by site and month, with a use whose device was pseudonymised under a key up to `day_key`.

    Dates whose stored signals know as many records as there are have been collected already and are left out.
    """
    going = select(USES.c.site_id, USES.c.used_at).where(USES.c.p_day.is_not(None), USES.c.day_key <= day_key)
    days = {(site_id, local_date(used_at)) for site_id, used_at in db.session.execute(going)}
    if not days:
        return {}
    start, end = (f(on for _, on in days) for f in (min, max))
    known = _recorded(start, end)
    numbers = _records(start, end)
    found: defaultdict[tuple[int, Month], set[date]] = defaultdict(set)
    for site_id, on in days:
        if known.get((site_id, on)) != numbers[site_id, on]:
            found[site_id, Month.of_date(on)].add(on)
    return dict(found)


def _recorded(start: date, end: date) -> dict[tuple[int, date], int]:
    rows = select(DaySignal.site_id, DaySignal.on, DaySignal.values).where(DaySignal.on.between(start, end))
    return {(site_id, on): values.get("recorded", 0) for site_id, on, values in db.session.execute(rows)}


def _records(start: date, end: date) -> dict[tuple[int, date], int]:
    first, last = (datetime.combine(on, at, SHANGHAI) for on, at in ((start, time.min), (end, time.max)))
    numbers: defaultdict[tuple[int, date], int] = defaultdict(int)
    for site_id, used_at in db.session.execute(
        select(USES.c.site_id, USES.c.used_at).where(USES.c.used_at.between(first, last))
    ):
        numbers[site_id, local_date(used_at)] += 1
    return numbers


def days_of(site_id: int, first: Month, last: Month) -> dict[date, Signals]:
    """The stored signals of a site by local date, from `first` to `last`, both included."""
    rows = select(DaySignal.on, DaySignal.values).where(
        DaySignal.site_id == site_id, DaySignal.on.between(first.first_on, last.last_on)
    )
    return {on: Signals.from_json(values) for on, values in db.session.execute(rows)}


def context_of(site: Site, first: Month, last: Month) -> SiteContext:
    """What the detectors have to know about a site in these months.

    An activity explains its days when it was declared before it began, and has not been taken back.
    """
    rows = select(Activity.starts_at, Activity.ends_at).where(
        Activity.site_id == site.id, Activity.voided_at.is_(None), Activity.recorded_at <= Activity.starts_at,
        Activity.ends_at > first.start_at, Activity.starts_at < last.end_at,
    )  # fmt: skip
    spans = [(local_date(starts_at), local_date(ends_at)) for starts_at, ends_at in db.session.execute(rows)]
    declared = {
        date.fromordinal(n) for first_on, last_on in spans for n in range(first_on.toordinal(), last_on.toordinal() + 1)
    }
    return SiteContext(
        room_type=room_type_of(site.location_kind, site.premises),
        hours=hours_of(site),
        opened_on=site.opened_on,
        declared=frozenset(declared),
    )


def site_for_reviewer(user: User, site_id: int) -> Site:
    """A site in the scope of a reviewer. Raises NotFound for anybody else's site, and for anybody else."""
    if user.role not in REVIEWERS:
        raise NotFound(N_("There is no such page"))
    return get_site(user, site_id)


def reviews_of(site_id: int) -> Sequence[tuple[FlagReview, User]]:
    """What reviewers said about the flags of a site, with who said it, the latest first."""
    rows = (
        select(FlagReview, User)
        .join(User, User.id == FlagReview.reviewer_id)
        .where(FlagReview.site_id == site_id)
        .order_by(FlagReview.reviewed_at.desc(), FlagReview.id.desc())
    )
    return [(review, user) for review, user in db.session.execute(rows)]


def answered(site_id: int, last: Month) -> set[str]:
    """The detectors whose flags in the months to `last` a reviewer has looked at lately."""
    since = last - (REVIEW_HOLDS_FOR - 1)
    rows = select(FlagReview.detector).where(FlagReview.site_id == site_id, FlagReview.last_month >= str(since))
    return set(db.session.scalars(rows))


def flagged_in_scope(user: User) -> Select[SiteFlags, Site]:
    """The flagged sites that a reviewer sees: those with unseen flags first, then by strength."""
    return (
        select(SiteFlags, Site)
        .join(Site, Site.id == SiteFlags.site_id)
        .join(TradeUnion, TradeUnion.id == Site.host_id)
        .where(is_in_subtree(user), SiteFlags.is_flagged)
        .order_by((SiteFlags.waiting > 0).desc(), SiteFlags.strength.desc(), Site.id)
    )


def number_waiting(user: User) -> int:
    """How many flagged sites in a reviewer's scope nobody has looked at."""
    waiting = flagged_in_scope(user).where(SiteFlags.waiting > 0).order_by(None)
    return db.session.scalar(select(func.count()).select_from(waiting.with_only_columns(Site.id).subquery())) or 0


def flagged_ids(ids: Iterable[int]) -> set[int]:
    """Which of these sites are flagged and not explained: what a planner of checks prefers."""
    explained = exists().where(
        FlagReview.site_id == SiteFlags.site_id,
        FlagReview.last_month >= SiteFlags.last_month,
        FlagReview.finding == "explained",
    )
    found = set(db.session.scalars(select(SiteFlags.site_id).where(SiteFlags.is_flagged, ~explained)))
    return found & set(ids)


def flags_of_case(case_id: int) -> CaseFlags | None:
    """The flags of a site as they were when it applied for the title; None for a case from before there were any."""
    return db.session.get(CaseFlags, case_id)


def flags_of_site(site_id: int) -> SiteFlags | None:
    """The stored flags of a site; None as long as it has not been judged."""
    return db.session.get(SiteFlags, site_id)


def stored_days(site_id: int, days: Iterable[date]) -> dict[date, DaySignal]:
    """The rows of these local dates."""
    rows = select(DaySignal).where(DaySignal.site_id == site_id, DaySignal.on.in_(list(days)))
    return {row.on: row for row in db.session.scalars(rows)}
