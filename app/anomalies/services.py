"""What changes: days become signals, sites are judged, reviewers say what they found. Nothing here commits."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import Table, update

from app.accounts.models import User
from app.anomalies import queries
from app.anomalies.detectors import Flag, detectors, flags, is_flagged
from app.anomalies.models import CaseFlags, DaySignal, FlagReview, SiteFlags
from app.anomalies.signals import Signals
from app.db import db
from app.errors import N_, Forbidden, Invalid
from app.months import Month, local_date, month_range
from app.sites.models import Site
from app.usage.tallies import insert_or_ignore

FINDINGS = ("explained", "needs_check", "excluded")
"""What a reviewer can have found: a good reason; that somebody has to go there; that uses had to be excluded."""
SHORTEST_NOTE, LONGEST_NOTE = 10, 600
_DAYS = cast("Table", DaySignal.__table__)


def collect(now: datetime) -> int:
    """Keep the signals of every site and whole local date of the months that are open; return how many rows moved.

    Done again it changes nothing; a use that came late, or a rating, changes its day.
    """
    today = local_date(now)
    moved = 0
    for month in month_range(open_since(now), Month.of(now)):
        for site_id in queries.sites_with_uses(month):
            moved += collect_month(site_id, month, before=today)
    return moved


def open_since(now: datetime) -> Month:
    """The earliest month into which anything can still come at `now`."""
    month = Month.of(now)
    return month if (month - 1).is_closed(now) else month - 1


def collect_month(site_id: int, month: Month, *, before: date | None = None, only: Iterable[date] = ()) -> int:
    """Keep the signals of a site's dates in a month: all, those `before` a date, or `only` some."""
    site = db.session.get_one(Site, site_id)
    wanted = set(only)
    found = {
        on: signals
        for on, signals in queries.month_signals(site, month).items()
        if (before is None or on < before) and (not wanted or on in wanted)
    }
    return _keep(site_id, found)


def _keep(site_id: int, found: Mapping[date, Signals]) -> int:
    stored = queries.stored_days(site_id, found)
    moved = 0
    for on, signals in found.items():
        known = stored.get(on)
        values = (signals if known is None else signals.after(Signals.from_json(known.values))).to_json()
        if known is not None and known.values == values:
            continue
        moved += 1
        row = {"site_id": site_id, "signal_on": on, "signal_values": values}
        if known is not None or not insert_or_ignore(_DAYS, row):
            mine = (_DAYS.c.site_id == site_id, _DAYS.c.signal_on == on)
            db.session.execute(update(_DAYS).where(*mine).values(signal_values=values))
            if known is not None:
                db.session.expire(known)
    return moved


def collect_before_day_erasure(day_key: str) -> None:
    """Keep the signals of the dates whose devices are forgotten next: keys up to `day_key` (ISO date) are gone."""
    for (site_id, month), days in queries.about_to_go(day_key).items():
        collect_month(site_id, month, only=days)


def collect_before_erasure(site_id: int, month: Month, _now: datetime) -> None:
    """Keep the signals of a month a last time, with every rating: its records are erased next."""
    collect_month(site_id, month)


def judge(site: Site, now: datetime) -> SiteFlags:
    """Look for what stands out at a site in the last twelve whole months, and keep it."""
    values = _judged(site, now)
    known = db.session.get(SiteFlags, site.id)
    if known is None:
        known = SiteFlags(site_id=site.id, waiting=0, **values)
        db.session.add(known)
    for name, value in values.items():
        setattr(known, name, value)
    known.waiting = _waiting(known)
    return known


def freeze(site: Site, case_id: int, now: datetime) -> CaseFlags:
    """Keep what stands out at a site at the moment at which it applies for the title; applied again, it is anew."""
    return db.session.merge(CaseFlags(case_id=case_id, site_id=site.id, **_judged(site, now)))


def _judged(site: Site, now: datetime) -> dict[str, Any]:
    first, last = queries.window(now)
    found = flags_now(site, first, last)
    return {
        "first_month": str(first),
        "last_month": str(last),
        "is_flagged": is_flagged(found),
        "strength": found[0].strength if found else 0.0,
        "found": [flag.to_json() for flag in found],
        "found_at": now,
    }


def flags_now(site: Site, first: Month, last: Month) -> tuple[Flag, ...]:
    """What stands out at a site from `first` to `last`, both included, with the year before as its history."""
    days = queries.days_of(site.id, first - queries.MONTHS, last)
    return flags(days, queries.context_of(site, first, last), first, last)


def _waiting(kept: SiteFlags) -> int:
    seen = queries.answered(kept.site_id, Month.parse(kept.last_month))
    return len({flag["detector"] for flag in kept.found} - seen)


def review(actor: User, site: Site, *, detector: str, finding: str, note: str, now: datetime) -> FlagReview:
    """A reviewer says what she found out about one flag of a site. The flag stays; nothing is excluded by it.

    Raises Forbidden for anybody but a district or municipal union, Invalid naming ``detector``, ``finding``, ``note``.
    """
    if actor.role not in queries.REVIEWERS:
        raise Forbidden(N_("Only a district or municipal union reviews flags"))
    kept = queries.flags_of_site(site.id)
    if kept is None or detector not in {flag["detector"] for flag in kept.found} or detector not in detectors():
        raise _wrong("detector", N_("Choose one of the flags of this site"))
    if finding not in FINDINGS:
        raise _wrong("finding", N_("Choose what you have found"))
    words = note.strip()
    if not SHORTEST_NOTE <= len(words) <= LONGEST_NOTE:
        raise _wrong("note", N_("Write a note of 10 to 600 characters"))
    made = FlagReview(
        site_id=site.id, detector=detector, first_month=kept.first_month, last_month=kept.last_month,
        finding=finding, note=words, reviewer_id=actor.id, reviewed_at=now,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    kept.waiting = _waiting(kept)
    return made


def _wrong(field: str, message: str) -> Invalid:
    return Invalid(message, {field: message})
