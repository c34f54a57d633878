"""What the database knows about sites, as facts for the evaluator: one query per table, however many sites."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, Protocol

from sqlalchemy import Select, select

from app.accounts.models import RulebookChoice, TradeUnion, User
from app.db import db
from app.months import SHANGHAI, Month
from app.programme.models import Attestation
from app.rulebooks import AttestationFacts, Facts, SiteMonthFacts, SuspensionFacts
from app.sites.models import DoorCode, Site, SitePhoto, SiteStatus, Suspension
from app.usage.models import SiteMonth

Ids = Select[int] | Sequence[int]


class SiteRow(Protocol):
    """The columns of a site that its facts need: a `Site`, or a row of `site_columns()`."""

    id: int
    host_id: int
    name: str
    kind: str
    location_kind: str
    accepted_on: date | None
    area_m2: Decimal | None
    facilities: dict[str, int | None]
    status: str
    is_listed: bool
    open_to_outsiders: bool | None
    lon: float | None


def site_columns() -> tuple[Any, ...]:
    """The columns behind `SiteRow`: much faster to load in thousands than whole sites."""
    return tuple(getattr(Site, name) for name in SiteRow.__annotations__)


@dataclass(slots=True)
class _Found:
    """What other tables say about one site."""

    months: dict[Month, SiteMonthFacts] = field(default_factory=dict)
    suspensions: list[SuspensionFacts] = field(default_factory=list)
    photos: set[str] = field(default_factory=set)
    had_code: bool = False
    has_live_code: bool = False
    attestations: dict[str, AttestationFacts] = field(default_factory=dict)


def facts_of(sites: Iterable[SiteRow], ids: Ids, on: date, first: Month) -> dict[int, Facts]:
    """Facts by site id, as of the end of the local date `on`, with the months from `first` to that of `on`.

    `ids` selects the same sites for the other tables. What has no history - status, listing, pin, area and
    facilities - is taken as it is now.
    """
    found: defaultdict[int, _Found] = defaultdict(_Found)
    _read_months(found, ids, first, Month.of_date(on))
    _read_suspensions(found, ids)
    _read_photos_and_codes(found, ids, _next_midnight(on))
    _read_attestations(found, ids, on)
    return {site.id: _facts(site, found[site.id]) for site in sites}


def _next_midnight(on: date) -> datetime:
    return datetime(on.year, on.month, on.day, tzinfo=SHANGHAI) + timedelta(days=1)


def _facts(site: SiteRow, found: _Found) -> Facts:
    return Facts(
        site_id=site.id,
        name=site.name,
        kind=site.kind,
        location_kind=site.location_kind,
        accepted_on=site.accepted_on,
        area_m2=Fraction(site.area_m2) if site.area_m2 is not None else None,
        facilities=site.facilities or None,
        system={
            "is_recorded": site.status == SiteStatus.OPERATING,
            "has_live_code": found.has_live_code,
            "is_public": site.status == SiteStatus.OPERATING and site.is_listed and site.open_to_outsiders is True,
            "has_pin": site.lon is not None,
            "has_outside_photo": "entrance" in found.photos,
            "has_photo": bool(found.photos),
        },
        attestations=found.attestations,
        months=found.months if found.had_code or found.months else None,
        suspensions=tuple(found.suspensions),
    )


def _read_months(found: defaultdict[int, _Found], ids: Ids, first: Month, last: Month) -> None:
    steps = (SiteMonth.rating_1, SiteMonth.rating_2, SiteMonth.rating_3, SiteMonth.rating_4, SiteMonth.rating_5)
    tallies = select(SiteMonth.site_id, SiteMonth.month, SiteMonth.recorded, SiteMonth.counted, *steps).where(
        SiteMonth.site_id.in_(ids), SiteMonth.month.between(str(first), str(last))
    )
    parsed: dict[str, Month] = {}
    for site_id, text, recorded, counted, *ratings in db.session.execute(tallies):
        month = parsed.get(text) or parsed.setdefault(text, Month.parse(text))
        found[site_id].months[month] = SiteMonthFacts(month, recorded, counted, tuple(ratings))


def _read_suspensions(found: defaultdict[int, _Found], ids: Ids) -> None:
    rows = select(Suspension.site_id, Suspension.starts_at, Suspension.ends_at).where(Suspension.site_id.in_(ids))
    for site_id, starts_at, ends_at in db.session.execute(rows.order_by(Suspension.starts_at)):
        found[site_id].suspensions.append(SuspensionFacts(starts_at, ends_at))


def _read_photos_and_codes(found: defaultdict[int, _Found], ids: Ids, until: datetime) -> None:
    photos = select(SitePhoto.site_id, SitePhoto.kind).where(SitePhoto.site_id.in_(ids), SitePhoto.uploaded_at < until)
    for site_id, kind in db.session.execute(photos.distinct()):
        found[site_id].photos.add(kind)
    codes = select(DoorCode.site_id, DoorCode.revoked_at).where(DoorCode.site_id.in_(ids), DoorCode.issued_at < until)
    for site_id, revoked_at in db.session.execute(codes):
        found[site_id].had_code = True
        found[site_id].has_live_code |= revoked_at is None or revoked_at >= until


def _read_attestations(found: defaultdict[int, _Found], ids: Ids, on: date) -> None:
    columns = (Attestation.site_id, Attestation.item, Attestation.holds, Attestation.stated_on, Attestation.note)
    rows = (
        select(*columns, User.display_name, User.username)
        .join(User, User.id == Attestation.user_id, isouter=True)
        .where(Attestation.site_id.in_(ids), Attestation.stated_on <= on)
        .order_by(Attestation.stated_on, Attestation.stated_at, Attestation.id)
    )
    for site_id, item, holds, stated_on, note, display_name, username in db.session.execute(rows):
        fact = AttestationFacts(holds=holds, stated_on=stated_on, by=display_name or username or "", note=note)
        found[site_id].attestations[item] = fact


def statements_about(site_id: int) -> list[tuple[Attestation, str]]:
    """All statements ever made about a site with the name of who made them (empty: not known), the latest first."""
    rows = (
        select(Attestation, User.display_name, User.username)
        .join(User, User.id == Attestation.user_id, isouter=True)
        .where(Attestation.site_id == site_id)
        .order_by(Attestation.stated_on.desc(), Attestation.stated_at.desc(), Attestation.id.desc())
    )
    return [(stated, display_name or username or "") for stated, display_name, username in db.session.execute(rows)]


def rulebooks_of_unions(on: date) -> dict[str, str]:
    """Rulebook ids in force on a local date, by the path of the unions that have chosen one."""
    chosen = (
        select(TradeUnion.path, RulebookChoice.rulebook_id)
        .join(RulebookChoice, RulebookChoice.trade_union_id == TradeUnion.id)
        .where(RulebookChoice.from_on <= on)
        .order_by(RulebookChoice.from_on)
    )
    return {row.path: row.rulebook_id for row in db.session.execute(chosen)}


def rulebook_at(path: str, chosen: dict[str, str], default: str) -> str:
    """The rulebook of the union at `path`: its own, else that of the nearest union above it, else `default`."""
    above = [other for other in chosen if path.startswith(other)]
    return chosen[max(above, key=len)] if above else default


def unions_below(union: TradeUnion) -> list[TradeUnion]:
    """The unions directly below one, by name."""
    children = select(TradeUnion).where(TradeUnion.parent_id == union.id).order_by(TradeUnion.name, TradeUnion.id)
    return list(db.session.scalars(children))


def unions_on_path(union: TradeUnion) -> list[TradeUnion]:
    """The unions above one, the root first."""
    ids = [int(part) for part in union.path.strip("/").split("/")[:-1]]
    return list(db.session.scalars(select(TradeUnion).where(TradeUnion.id.in_(ids)).order_by(TradeUnion.path)))
