"""The rooms of the demonstration: imported as any list would be, then described with made-up details."""

from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import select

from app.accounts.models import TradeUnion
from app.db import db
from app.demo.scenario import MONTHS, ROOMS_FILE, Network, Room
from app.months import Month, local_date
from app.programme.models import Attestation
from app.sites.door_codes import new_code
from app.sites.hours_parser import parse_hours
from app.sites.importing.profile_loader import load_profile
from app.sites.importing.run import Order, run_import
from app.sites.models import Admission, DoorCode, LocationKind, Site, Suspension

STATEMENTS = (
    "notable_results",
    "basic_conditions",
    "plaque_and_signs",
    "separate_space",
    "privacy",
    "yearly_activities",
    "regular_lectures",
)
STATED_OF_PUBLIC_ROOMS = "outdoor_guidance"


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
    site.admission = (Admission.ANYONE if is_public else Admission.BUILDING).value
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


def state(room: Room, site: Site, now: datetime, user_id: int | None) -> None:
    """Record the statements that somebody has made about the room: all but those that `room.missing` names."""
    items = STATEMENTS + ((STATED_OF_PUBLIC_ROOMS,) if room.location == LocationKind.PUBLIC else ())
    at = now - timedelta(days=40)
    db.session.add_all(
        Attestation(site_id=site.id, item=item, holds=True, user_id=user_id, stated_on=local_date(at), stated_at=at)
        for item in items
        if item not in room.missing
    )


def issue_code(site: Site, now: datetime) -> DoorCode:
    """A live code that has hung there for as long as the history goes back."""
    code = DoorCode(site_id=site.id, code=new_code(), print_version=1, issued_at=(Month.of(now) - MONTHS).start_at)
    db.session.add(code)
    return code
