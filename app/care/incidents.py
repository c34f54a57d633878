"""Accidents and other incidents: recorded, and taken back only by a union above, with a reason."""

import re
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from app.accounts.models import User
from app.care.models import Incident
from app.care.services import EARLIEST
from app.care.words import incident_kinds
from app.db import db
from app.errors import N_, Conflict, Forbidden, Invalid, NotFound
from app.months import local_date
from app.sites.models import Site
from app.sites.queries import get_site
from app.sites.services import lock, record
from app.web import DISTRICT_UNION, MUNICIPAL_UNION

LONGEST_DESCRIPTION, LONGEST_REASON = 600, 300
MAY_RETRACT = (DISTRICT_UNION, MUNICIPAL_UNION)
_NUMBER_OF_A_PERSON = re.compile(r"\d{11,}|1[3-9]\d[- ]?\d{4}[- ]?\d{4}|\d{6}[- ]\d{8}[- ]\d{3}[\dXx]")
"""Also written with blanks or hyphens between: a mobile telephone, an identity card."""


@dataclass(frozen=True, slots=True)
class IncidentRow:
    """An incident with the names of who recorded and who retracted it (empty: not known)."""

    incident: Incident
    by: str
    retracted_by: str


def incidents_of(site_id: int) -> list[IncidentRow]:
    """All incidents of a site, retracted ones included, the latest first."""
    rows = select(Incident).where(Incident.site_id == site_id).order_by(Incident.happened_on.desc(), Incident.id.desc())
    found = list(db.session.scalars(rows))
    people = {row.recorded_by_id for row in found} | {row.retracted_by_id for row in found}
    named = {
        user_id: display_name or username
        for user_id, display_name, username in db.session.execute(
            select(User.id, User.display_name, User.username).where(User.id.in_(people - {None}))
        )
    }
    return [
        IncidentRow(row, named.get(row.recorded_by_id or 0, ""), named.get(row.retracted_by_id or 0, ""))
        for row in found
    ]


def get_incident(user: User, incident_id: int) -> tuple[Incident, Site]:
    """The incident with its site. Raises NotFound when there is none that the person may see."""
    incident = db.session.get(Incident, incident_id)
    if incident is None:
        raise NotFound("There is no such incident")
    return incident, get_site(user, incident.site_id)


def record_incident(
    actor: User, site: Site, *, kind: str, happened_on: date, description: str, now: datetime
) -> Incident:
    """Record an incident of a local date. Raises Invalid naming ``kind``, ``happened_on`` or ``description``.

    Raises Conflict when the same stands there: a tap too many must not be a second incident, which only the district
    could take back.
    """
    text = description.strip().replace("\r\n", "\n")
    if kind not in incident_kinds():
        raise _wrong("kind", N_("Please choose what happened"))
    if happened_on > local_date(now):
        raise _wrong("happened_on", N_("This day has not come yet"))
    if happened_on < EARLIEST:
        raise _wrong("happened_on", N_("Please give a day after 2000"))
    if not text:
        raise _wrong("description", N_("Please describe what happened and what was done"))
    if len(text) > LONGEST_DESCRIPTION:
        raise _wrong("description", N_("At most 600 characters"))
    if _NUMBER_OF_A_PERSON.search(text):
        raise _wrong("description", N_("Leave out telephone and identity numbers"))
    lock(site)
    same = select(Incident.id).filter_by(
        site_id=site.id, kind=kind, happened_on=happened_on, description=text, retracted_at=None
    )
    if db.session.scalar(same.limit(1)) is not None:
        raise Conflict(N_("This had been noted already"))
    incident = Incident(
        site_id=site.id, kind=kind, happened_on=happened_on, description=text, recorded_at=now, recorded_by_id=actor.id
    )
    db.session.add(incident)
    db.session.flush()
    record(site, "incident", actor, now, fields={"happened_on": [None, happened_on.isoformat()]})
    return incident


def retract_incident(actor: User, site: Site, incident: Incident, reason: str, now: datetime) -> None:
    """Take back an incident that was recorded wrongly; the row stays.

    Raises Forbidden below the district (the record decides a title), Conflict when it is retracted, Invalid without a
    reason.
    """
    if actor.role not in MAY_RETRACT:
        raise Forbidden(N_("Only a district or municipal union takes back an incident"))
    db.session.refresh(incident, with_for_update=True)
    if incident.retracted_at is not None:
        raise Conflict(N_("This incident has been taken back already"))
    if not reason.strip():
        raise _wrong("reason", N_("Please say why"))
    if len(reason.strip()) > LONGEST_REASON:
        raise _wrong("reason", N_("At most 300 characters"))
    incident.retracted_at, incident.retracted_by_id, incident.retract_reason = now, actor.id, reason.strip()
    record(site, "incident_retract", actor, now, fields={}, note=reason.strip())


def _wrong(field: str, message: str) -> Invalid:
    return Invalid(message, {field: message})
