"""What the database knows about sites, as facts for the evaluator: one query per table, however many sites."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any, Protocol

from sqlalchemy import select

from app.accounts.models import User
from app.care import facts as care
from app.db import Model, db
from app.ids import Ids, among
from app.months import SHANGHAI, Month
from app.programme import bulk
from app.programme.models import Attestation
from app.registers import queries as registers
from app.rulebooks import (
    ActivityFacts,
    AttestationFacts,
    CareFacts,
    Facts,
    IncidentFacts,
    NurseryFacts,
    PartFacts,
    SiteMonthFacts,
    SuspensionFacts,
    TitleFacts,
)
from app.sites.models import DoorCode, Site, SiteKind, SitePhoto, SiteStatus, Suspension, SuspensionMode
from app.usage.adjustments import queries as adjustments
from app.usage.models import SiteMonth

# Columns of the tables: rows of the ORM cost twice as much, and there are millions of them in a night.
SUSPENSIONS, PHOTOS, CODES = Suspension.__table__.c, SitePhoto.__table__.c, DoorCode.__table__.c
ACTIVITY_YEARS = 3
"""Activities of so many calendar years before the present one are evidence; older ones show nothing about today."""


class SiteRow(Protocol):
    """The columns of a site that its facts need: a `Site`, or a row of `site_columns()`."""

    id: int
    host_id: int
    name: str
    kind: str
    location_kind: str
    premises: str | None
    accepted_on: date | None
    area_m2: Decimal | None
    facilities: dict[str, int | None]
    status: str
    is_listed: bool
    open_to_outsiders: bool | None
    lon: float | None
    plaque_issued_on: date | None


SITE_COLUMNS = tuple(SiteRow.__annotations__)


def site_columns() -> tuple[Any, ...]:
    """The columns behind `SiteRow`, those of the table: much faster to load in thousands than whole sites."""
    return tuple(Site.__table__.c[name] for name in SITE_COLUMNS)


@dataclass(slots=True)
class _Found:
    """What other tables say about one site."""

    months: Mapping[Month, SiteMonthFacts] = field(default_factory=dict)
    suspensions: list[SuspensionFacts] = field(default_factory=list)
    photos: set[str] = field(default_factory=set)
    had_code: bool = False
    has_live_code: bool = False
    attestations: dict[str, AttestationFacts] = field(default_factory=dict)
    activities: list[ActivityFacts] = field(default_factory=list)
    incidents: tuple[IncidentFacts, ...] = ()
    titles: list[TitleFacts] = field(default_factory=list)
    care: CareFacts | None = None
    nursery: NurseryFacts | None = None


def facts_of(
    sites: Iterable[SiteRow], ids: Ids, on: date, first: Month, *, to_decide: bulk.Known | None = None
) -> dict[int, Facts]:
    """Facts by site id, as of the end of the local date `on`, with the months from `first` to that of `on`.

    `ids` selects the same sites for the other tables. What has no history - status, listing, pin, area, premises and
    facilities - is taken as it is now. The parts of combined centres cost the same queries once more.

    Facts `to_decide` by are read several times faster and bear the same verdicts: they name nobody, quote no note, and
    hold of the months before that of `on` only what is counted. Their tallies have to be known from `first` on.
    """
    rows = list(sites)
    has_centre = any(site.kind == SiteKind.COMBINED for site in rows)
    parts = _parts(ids, on, first) if has_centre else {}
    found: defaultdict[int, _Found] = defaultdict(_Found)
    if to_decide:
        _take(found, to_decide, first)
    else:
        _read_months(found, ids, first, Month.of_date(on))
        _read_attestations(found, ids, on)
    return _facts_of(rows, found, ids, on, parts)


def _parts(ids: Ids, on: date, first: Month) -> dict[int, tuple[PartFacts, ...]]:
    """The parts of each centre that are not closed, with the total of each one's latest self-check."""
    members = care.parts_of_centres(ids)
    part_ids = sorted({part_id for found in members.values() for part_id in found})
    rows = db.session.execute(
        select(*site_columns()).where(
            Site.id.in_(part_ids), Site.status != SiteStatus.CLOSED.value, Site.kind != SiteKind.COMBINED
        )
    ).all()
    facts = facts_of(rows, part_ids, on, first)
    scores = self_check_scores(part_ids, _next_midnight(on))
    return {
        centre: tuple(PartFacts(facts[one], scores.get(one)) for one in found if one in facts)
        for centre, found in members.items()
    }


def _facts_of(
    sites: Sequence[SiteRow],
    found: defaultdict[int, _Found],
    ids: Ids,
    on: date,
    parts: dict[int, tuple[PartFacts, ...]],
) -> dict[int, Facts]:
    _read_suspensions(found, ids)
    _read_photos_and_codes(found, ids, _next_midnight(on))
    _read_activities(found, ids, on)
    _read_titles(found, ids, on)
    _read_care(found, ids, on, {site.kind for site in sites})
    return {site.id: _facts(site, found[site.id], on, parts.get(site.id, ())) for site in sites}


def _next_midnight(on: date) -> datetime:
    return datetime(on.year, on.month, on.day, tzinfo=SHANGHAI) + timedelta(days=1)


def _facts(site: SiteRow, found: _Found, on: date, parts: tuple[PartFacts, ...]) -> Facts:
    return Facts(
        site_id=site.id,
        name=site.name,
        kind=site.kind,
        location_kind=site.location_kind,
        premises=site.premises,
        accepted_on=site.accepted_on,
        area_m2=_exact(site.area_m2) if site.area_m2 is not None else None,
        facilities=site.facilities or None,
        system=_system(site, found, on),
        attestations=found.attestations,
        months=found.months if found.had_code or found.months else None,
        suspensions=tuple(found.suspensions),
        # Where no activity was ever entered, nobody may say that there was none.
        activities=tuple(found.activities) or None,
        incidents=found.incidents,
        titles=tuple(found.titles),
        care=found.care,
        nursery=found.nursery,
        parts=parts if site.kind == SiteKind.COMBINED else None,
    )


@lru_cache(maxsize=4096)
def _exact(number: Decimal) -> Fraction:
    return Fraction(number)


def _system(site: SiteRow, found: _Found, on: date) -> dict[str, bool]:
    is_operating = site.status == SiteStatus.OPERATING
    return {
        "is_recorded": is_operating,
        "has_live_code": found.has_live_code,
        "is_public": is_operating and site.is_listed and site.open_to_outsiders is True,
        "has_pin": site.lon is not None,
        "has_outside_photo": "entrance" in found.photos,
        "has_photo": bool(found.photos),
        "has_plaque": site.plaque_issued_on is not None and site.plaque_issued_on <= on,
    }


def _take(found: defaultdict[int, _Found], known: bulk.Known, first: Month) -> None:
    for site_id, tallies in known.tallies[first].items():
        found[site_id].months = tallies
    for site_id, stated in known.statements.items():
        found[site_id].attestations = stated


def _read_months(found: defaultdict[int, _Found], ids: Ids, first: Month, last: Month) -> None:
    """The tallies without what reviewers have excluded: `counted` is what averages are made of."""
    steps = (SiteMonth.rating_1, SiteMonth.rating_2, SiteMonth.rating_3, SiteMonth.rating_4, SiteMonth.rating_5)
    tallies = select(SiteMonth.site_id, SiteMonth.month, SiteMonth.recorded, SiteMonth.counted, *steps).where(
        among(SiteMonth.site_id, ids), SiteMonth.month.between(str(first), str(last))
    )
    adjusted = adjustments.steps_of(ids, first, last)
    parsed: dict[str, Month] = {}
    months: defaultdict[int, dict[Month, SiteMonthFacts]] = defaultdict(dict)
    for site_id, text, recorded, counted, *ratings in db.session.execute(tallies).all():
        month = parsed.get(text) or parsed.setdefault(text, Month.parse(text))
        by = adjusted.get((site_id, text))
        if by:
            counted, ratings = counted + by["counted"], adjustments.rated(ratings, by)  # noqa: PLW2901
        months[site_id][month] = SiteMonthFacts(month, recorded, counted, tuple(ratings))
    for site_id, of_site in months.items():
        found[site_id].months = of_site


def _read_suspensions(found: defaultdict[int, _Found], ids: Ids) -> None:
    """Only official ones that closed the site: what a site does by itself, and uses by code alone, count on."""
    rows = select(SUSPENSIONS.site_id, SUSPENSIONS.starts_at, SUSPENSIONS.ends_at).where(
        among(SUSPENSIONS.site_id, ids), SUSPENSIONS.is_official, SUSPENSIONS.mode == SuspensionMode.CLOSED.value
    )
    for site_id, starts_at, ends_at in db.session.execute(rows.order_by(SUSPENSIONS.starts_at)):
        found[site_id].suspensions.append(SuspensionFacts(starts_at, ends_at))


def _read_photos_and_codes(found: defaultdict[int, _Found], ids: Ids, until: datetime) -> None:
    photos = select(PHOTOS.site_id, PHOTOS.kind).where(among(PHOTOS.site_id, ids), PHOTOS.uploaded_at < until)
    for site_id, kind in db.session.execute(photos.distinct()).all():
        found[site_id].photos.add(kind)
    codes = select(CODES.site_id, CODES.revoked_at).where(among(CODES.site_id, ids), CODES.issued_at < until)
    for site_id, revoked_at in db.session.execute(codes).all():
        found[site_id].had_code = True
        found[site_id].has_live_code |= revoked_at is None or revoked_at >= until


def _read_attestations(found: defaultdict[int, _Found], ids: Ids, on: date) -> None:
    columns = (Attestation.site_id, Attestation.item, Attestation.holds, Attestation.stated_on, Attestation.note)
    rows = (
        select(*columns, User.display_name, User.username)
        .join(User, User.id == Attestation.user_id, isouter=True)
        .where(among(Attestation.site_id, ids), Attestation.stated_on <= on)
        .order_by(Attestation.stated_on, Attestation.stated_at, Attestation.id)
    )
    for site_id, item, holds, stated_on, note, display_name, username in db.session.execute(rows):
        fact = AttestationFacts(holds=holds, stated_on=stated_on, by=display_name or username or "", note=note)
        found[site_id].attestations[item] = fact


def _read_activities(found: defaultdict[int, _Found], ids: Ids, on: date) -> None:
    since = date(on.year - ACTIVITY_YEARS, 1, 1)
    for site_id, kind, day in registers.activities(ids, since, on + timedelta(days=1)):
        found[site_id].activities.append(ActivityFacts(kind, day))


def _read_titles(found: defaultdict[int, _Found], ids: Ids, on: date) -> None:
    titles = Model.metadata.tables["title"].c  # by name: the part that grants them stands above this module
    rows = select(titles.site_id, titles.name, titles.granted_on, titles.revoked_on).where(
        among(titles.site_id, ids), titles.granted_on <= on
    )
    for site_id, name, granted_on, revoked_on in db.session.execute(rows.order_by(titles.granted_on, titles.id)):
        is_revoked = revoked_on is not None and revoked_on <= on
        found[site_id].titles.append(TitleFacts(name, granted_on, revoked_on if is_revoked else None))


def _read_care(found: defaultdict[int, _Found], ids: Ids, on: date, kinds: set[str]) -> None:
    for site_id, incidents in care.incident_facts(ids, on).items():
        found[site_id].incidents = incidents
    if SiteKind.HOLIDAY_CARE in kinds:
        for site_id, terms in care.care_facts(ids, on).items():
            found[site_id].care = terms
    if SiteKind.NURSERY in kinds:
        for site_id, report in care.nursery_facts(ids, on).items():
            found[site_id].nursery = report


def self_check_scores(ids: Sequence[int], until: datetime) -> dict[int, Fraction]:
    """The total of the self-check that was handed in last for each site before the instant `until`."""
    sheets = Model.metadata.tables["filled_sheet"].c
    rows = select(sheets.site_id, sheets.total).where(
        among(sheets.site_id, ids), sheets.use == "self_check", sheets.submitted_at < until, sheets.total.is_not(None)
    )
    found = db.session.execute(rows.order_by(sheets.submitted_at, sheets.id))
    return {site_id: Fraction(total) for site_id, total in found}
