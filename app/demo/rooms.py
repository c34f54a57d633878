"""The rooms of the demonstration: imported as any list would be, then described with made-up details."""

from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from sqlalchemy import select

from app.accounts.models import TradeUnion, User
from app.db import db
from app.demo.pictures import draw
from app.demo.scenario import MONTHS, ROOMS_FILE, Network, Room
from app.months import Month, local_date
from app.programme.services import attest
from app.rulebooks import Rulebook
from app.sites.door_code_services import issue_code
from app.sites.hours_parser import parse_hours
from app.sites.importing.profile_loader import load_profile
from app.sites.importing.run import Order, run_import
from app.sites.models import Admission, DoorCode, LocationKind, Site, Suspension
from app.sites.photos import KINDS, add_photo

STATED_AGO = timedelta(days=40)


def import_rooms(union: TradeUnion, now: datetime) -> dict[str, Site]:
    """Import the published list below `union`, as anybody would, and return its sites by name.

    Raises RuntimeError when a row is refused: the list belongs to this program.
    """
    report = run_import(Order(ROOMS_FILE, load_profile("hangzhou"), union, now))
    if report.rejected:
        raise RuntimeError(f"{report.rejected} rows of {ROOMS_FILE.name} were refused")
    return {site.name: site for site in db.session.scalars(select(Site).order_by(Site.id))}


def describe(network: Network, room: Room, site: Site, now: datetime) -> None:
    """Fill in what the list does not say: made up, and marked as such."""
    is_public = room.location == LocationKind.PUBLIC
    site.is_synthetic = True
    site.review_note = ""
    site.location_kind = room.location
    site.admission = Admission.ANYONE.value
    site.access_note = "" if is_public else network.access_note
    site.open_to_outsiders = True
    site.is_listed = True
    site.floor_label = room.floor
    site.floor_order = room.floor_order
    site.landmark = room.landmark
    site.hours = parse_hours(room.hours, local_date(now)).to_json()
    site.facilities = dict.fromkeys(network.facilities[room.facilities], 1)
    site.area_m2 = Decimal(str(room.area_m2))
    site.accepted_on = site.opened_on = room.accepted_on(now)
    site.filed_on = site.accepted_on + timedelta(days=20)
    site.last_verified_on = room.last_verified_on(now)
    site.note = network.notice
    site.updated_at = now
    for start, end in room.suspensions(now):
        db.session.add(Suspension(site_id=site.id, starts_at=start, ends_at=end, reason=network.suspension_reason))


def state(network: Network, room: Room, site: Site, *, manager: User, rulebook: Rulebook, now: datetime) -> None:
    """Record what the manager states about her room: all that the rulebook speaks of, but what `room.missing` names."""
    at = now - STATED_AGO
    asked = (attestation.id for attestation in rulebook.attestations_for(site.kind, site.location_kind, None))
    for item in asked:
        if item not in room.missing and item not in network.never_stated:
            attest(site, rulebook, item, holds=True, stated_on=local_date(at), note="", user=manager, at=at)


def hang_code(site: Site, now: datetime) -> DoorCode:
    """A live code that has hung there for as long as the history goes back."""
    return issue_code(None, site, (Month.of(now) - MONTHS).start_at)


def hang_photos(site: Site, folder: Path, now: datetime) -> None:
    """A drawn picture of the entrance and of the inside; `folder` is the data folder."""
    for kind in KINDS:
        add_photo(None, site, kind, draw(kind), folder=folder, now=now - STATED_AGO)
