"""Terms, children and days for the tests, and for others who need a site of another kind with a history."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from app.care.models import CareAttendance, CareChild, CareDay, CareTerm, CombinedPart, Incident, NurseryReturn
from app.months import local_date
from app.sites.door_codes import new_code
from app.sites.models import Site
from tests.factories import Factories


@dataclass(frozen=True)
class CarePlace:
    """A term that runs, a child who came today, and an incident."""

    term: CareTerm
    child: CareChild
    incident: Incident


def care_site(factories: Factories, host: Any = None, **values: Any) -> Site:
    """An operating holiday-care site."""
    return factories.site(host, **{"kind": "holiday_care", "name": "钱塘爱心托管驿站", **values})


def term(factories: Factories, site: Site, **values: Any) -> CareTerm:
    """A term from ten days ago to ten days ahead."""
    today = local_date(factories.clock())
    defaults: dict[str, Any] = {
        "name": "2026 年寒假",
        "starts_on": today - timedelta(days=10),
        "ends_on": today + timedelta(days=10),
        "places": 30,
        "staff": 3,
        "created_at": factories.clock(),
    }
    made: CareTerm = factories.add(CareTerm(site_id=site.id, **{**defaults, **values}))
    return made


def child(factories: Factories, of: CareTerm, label: str = "ZXM", **values: Any) -> CareChild:
    """A child enrolled from the term's first day on."""
    defaults: dict[str, Any] = {"grade": 3, "enrolled_on": of.starts_on, "code": new_code()}
    made: CareChild = factories.add(CareChild(term_id=of.id, label=label, **{**defaults, **values}))
    return made


def ran(factories: Factories, of: CareTerm, on: date, *present: CareChild, **values: Any) -> CareDay:
    """A day that ran, with who was there."""
    for one in present:
        factories.add(CareAttendance(child_id=one.id, on=on))
    made: CareDay = factories.add(CareDay(term_id=of.id, on=on, **values))
    return made


def incident(factories: Factories, site: Site, **values: Any) -> Incident:
    """An accident of today."""
    now = factories.clock()
    defaults = {"kind": "accident", "happened_on": local_date(now), "description": "滑倒，已送医", "recorded_at": now}
    made: Incident = factories.add(Incident(site_id=site.id, **{**defaults, **values}))
    return made


def report(factories: Factories, site: Site, **values: Any) -> NurseryReturn:
    """What a nursery reports as of today: everything as the policy wants it."""
    defaults: dict[str, Any] = {
        "as_of": local_date(factories.clock()), "places": 40, "enrolled": 35, "own_employees_children": 30,
        "class_types": ["full_day", "half_day"], "price_yuan": 1500, "local_average_yuan": 1800, "indoor_area_m2": 400,
        "outdoor_area_m2": 100, "recorded_at": factories.clock(),
    }  # fmt: skip
    made: NurseryReturn = factories.add(NurseryReturn(site_id=site.id, **{**defaults, **values}))
    return made


def join(factories: Factories, centre: Site, *parts: Site) -> None:
    """Make `parts` the parts of `centre`."""
    for one in parts:
        factories.add(CombinedPart(part_id=one.id, centre_id=centre.id, since_on=local_date(factories.clock())))


def care_place(factories: Factories, site: Site) -> CarePlace:
    """What the routes of this feature may name, at one site."""
    running = term(factories, site)
    someone = child(factories, running)
    ran(factories, running, local_date(factories.clock()), someone)
    return CarePlace(running, someone, incident(factories, site))
