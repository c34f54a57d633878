"""What the other kinds of site are judged by, for many sites at once: a fixed number of queries, however many sites.

Every function takes ids of sites (a list, or a select of one column) and answers by site id. Sites about which nothing
is known are left out.
"""

from collections import defaultdict
from datetime import date
from decimal import Decimal
from fractions import Fraction

from sqlalchemy import and_, func, select

from app.care.models import CareAttendance, CareChild, CareDay, CareTerm, CombinedPart, Incident, NurseryReturn
from app.care.queries import enrolled_at
from app.db import db
from app.ids import Ids, among
from app.rulebooks import CareFacts, CareTermFacts, IncidentFacts, NurseryFacts


def care_facts(ids: Ids, on: date) -> dict[int, CareFacts]:
    """The terms that have begun by the local date `on` (included), the first to begin first; days up to it count."""
    sums: dict[int, tuple[int, int, int]] = {}
    together = (
        select(
            CareDay.term_id,
            func.count(CareChild.id.distinct()),
            func.count(CareChild.id),
            func.count(CareAttendance.child_id),
        )
        .join(CareTerm, CareTerm.id == CareDay.term_id)
        .join(CareChild, and_(CareChild.term_id == CareDay.term_id, enrolled_at(CareDay.on)))
        .outerjoin(CareAttendance, and_(CareAttendance.child_id == CareChild.id, CareAttendance.on == CareDay.on))
        .where(among(CareTerm.site_id, ids), CareDay.on <= on)
        .group_by(CareDay.term_id)
    )
    for term_id, children, expected, attended in db.session.execute(together):
        sums[term_id] = (children, expected, attended)
    columns = (CareTerm.site_id, CareTerm.id, CareTerm.name, CareTerm.starts_on, CareTerm.ends_on)
    rows = (
        select(*columns, func.count(CareDay.on))
        .outerjoin(CareDay, and_(CareDay.term_id == CareTerm.id, CareDay.on <= on))
        .where(among(CareTerm.site_id, ids), CareTerm.starts_on <= on)
        .group_by(*columns)
        .order_by(CareTerm.starts_on)
    )
    terms: defaultdict[int, list[CareTermFacts]] = defaultdict(list)
    for site_id, term_id, name, starts_on, ends_on, days in db.session.execute(rows):
        children, expected, attended = sums.get(term_id, (0, 0, 0))
        terms[site_id].append(CareTermFacts(name, starts_on, ends_on, children, days, expected, attended))
    return {site_id: CareFacts(tuple(found)) for site_id, found in terms.items()}


def nursery_facts(ids: Ids, on: date) -> dict[int, NurseryFacts]:
    """The latest report of each nursery as of the local date `on` (included)."""
    rows = select(NurseryReturn).where(among(NurseryReturn.site_id, ids), NurseryReturn.as_of <= on)
    found: dict[int, NurseryFacts] = {}
    for row in db.session.scalars(rows.order_by(NurseryReturn.as_of, NurseryReturn.id)):
        found[row.site_id] = NurseryFacts(
            as_of=row.as_of,
            places=row.places,
            enrolled=row.enrolled,
            own_employees_children=row.own_employees_children,
            class_types=tuple(row.class_types),
            price_yuan=_exact(row.price_yuan),
            local_average_yuan=_exact(row.local_average_yuan),
            indoor_area_m2=_exact(row.indoor_area_m2),
            outdoor_area_m2=_exact(row.outdoor_area_m2),
            has_health_title=row.has_health_title,
        )
    return found


def incident_facts(ids: Ids, on: date) -> dict[int, tuple[IncidentFacts, ...]]:
    """What has happened by the local date `on` (included) and was not taken back, in the order of the days."""
    rows = select(Incident.site_id, Incident.kind, Incident.happened_on).where(
        among(Incident.site_id, ids), Incident.happened_on <= on, Incident.retracted_at.is_(None)
    )
    found: defaultdict[int, list[IncidentFacts]] = defaultdict(list)
    for site_id, kind, happened_on in db.session.execute(rows.order_by(Incident.happened_on, Incident.id)):
        found[site_id].append(IncidentFacts(kind, happened_on))
    return {site_id: tuple(incidents) for site_id, incidents in found.items()}


def parts_of_centres(ids: Ids) -> dict[int, list[int]]:
    """The ids of the sites that make up each centre."""
    rows = select(CombinedPart.centre_id, CombinedPart.part_id).where(among(CombinedPart.centre_id, ids))
    found: defaultdict[int, list[int]] = defaultdict(list)
    for centre_id, part_id in db.session.execute(rows.order_by(CombinedPart.part_id)):
        found[centre_id].append(part_id)
    return dict(found)


def _exact(number: Decimal | None) -> Fraction | None:
    return None if number is None else Fraction(number)
