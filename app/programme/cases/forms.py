"""The form of an application or a deregistration: what is known already, what was typed, what is handed in."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.accounts.models import User
from app.accounts.queries import is_union_account
from app.db import db
from app.errors import N_, Invalid
from app.months import local_date
from app.programme.cases import fields as vocabulary
from app.programme.cases import queries
from app.programme.cases.fields import Field
from app.programme.cases.models import Case
from app.sites.facilities import facilities
from app.sites.hours import Hours
from app.sites.hours_form import HoursForm
from app.sites.models import Site, SiteChange, SiteManager
from app.sites.particulars import particulars, premises
from app.sites.services import UNION_FIELDS, edit_site, lock

COLUMNS: Mapping[str, str] = {
    "address": "address", "contact_name": "contact_name", "contact_phone": "contact_phone", "premises": "premises",
    "admission": "admission", "open_to_public": "open_to_outsiders",
}  # fmt: skip
"""Answers that are columns of the site."""
YES_NO = {True: "yes", False: "no", None: None}
WITH_FORM = ("application", "deregistration")
LANGUAGE = "zh"
"""What goes on an official form is Chinese."""


def fields(case: Case, site: Site) -> tuple[Field, ...]:
    """The fields of the case's form under its own rulebook."""
    return vocabulary.fields_of(queries.rulebook_of(case), case.kind, site.kind, site.premises)


def fixed_for(actor: User) -> frozenset[str]:
    """Fields that the actor sees and cannot fill in, because only a union sets the site's column."""
    columns = frozenset() if is_union_account(actor) else UNION_FIELDS
    return frozenset(code for code, name in COLUMNS.items() if name in columns)


def answers(case: Case, site: Site) -> dict[str, Any]:
    """What is known by now: what was typed, else the site's own data, else what the union or the site suggests."""
    known = {**_suggested(site), **site.particulars}
    known |= {code: _column(site, name) for code, name in COLUMNS.items()}
    known |= {code: value for code, value in case.details.items() if code not in COLUMNS}
    asked = vocabulary.asked_of_applicant(fields(case, site))
    return {field.code: known[field.code] for field in asked if known.get(field.code) not in (None, "")}


def save(actor: User, case: Case, typed: Mapping[str, Any], now: datetime) -> None:
    """Keep what was typed into a draft: columns and particulars with the site, the rest with the case.

    An answer that is left out is taken away, except from the site's own columns. Raises Conflict, Forbidden and Invalid
    as `edit_site` does.
    """
    site = queries.site_of(case)
    asked = {field.code for field in vocabulary.asked_of_applicant(fields(case, site))}
    kept = {code: value for code, value in site.particulars.items() if code not in asked}
    stated = {code: value for code, value in typed.items() if code in particulars()}
    values: dict[str, Any] = {COLUMNS[code]: value for code, value in typed.items() if code in COLUMNS}
    if values.get("premises"):
        values["location_kind"] = premises()[values["premises"]].location_kind
    if "open_to_outsiders" in values:
        values["open_to_outsiders"] = values["open_to_outsiders"] == "yes"
    change_site(actor, case, now, particulars={**kept, **stated}, **values)
    own = asked - set(COLUMNS) - set(particulars())
    details = {code: value for code, value in case.details.items() if code not in own}
    case.details = {**details, **{code: value for code, value in typed.items() if code in own}}
    case.updated_at = now
    db.session.flush()


def frozen(case: Case, site: Site, now: datetime) -> dict[str, Any]:
    """The whole form as it is handed in, for `Case.details`. Raises Invalid naming the fields that are empty."""
    known = answers(case, site)
    asked = vocabulary.asked_of_applicant(fields(case, site))
    empty = vocabulary.missing(asked, known)
    if empty:
        raise Invalid(N_("The form is not complete yet"), empty)
    sheet = queries.submitted_sheet(site.id, "self_check")
    score = {} if sheet is None or sheet.total is None else {"self_check_score": format(sheet.total.normalize(), "f")}
    return {
        **known, **score, "applied_on": local_date(now).isoformat(), "applicant": site.host.name,
        "site_name": site.name, "site_kind": site.kind,
    }  # fmt: skip


def change_site(actor: User, case: Case, now: datetime, **values: Any) -> SiteChange | None:
    """Change the site's columns on behalf of a case, whose number stands in the site's history."""
    site = queries.site_of(case)
    lock(site, "updated_at")
    change = edit_site(actor, site, values, site.updated_at, now)
    if change is not None:
        change.note = case.number
    return change


def _column(site: Site, name: str) -> Any:
    value = getattr(site, name)
    return YES_NO[value] if name == "open_to_outsiders" else value


def _suggested(site: Site) -> dict[str, Any]:
    host = site.host
    manager = db.session.scalar(
        select(User.display_name)
        .join(SiteManager, SiteManager.user_id == User.id)
        .where(SiteManager.site_id == site.id)
        .order_by(User.id)
        .limit(1)
    )
    return {
        "union_head_name": host.head_name, "union_head_phone": host.head_phone, "women_workers": host.women_workers,
        "belongs_to": host.name, "manager_name": manager, "equipment": equipment(site), **_hours(site),
        "opened_on": site.opened_on.isoformat() if site.opened_on else None,
    }  # fmt: skip


def equipment(site: Site) -> str:
    """The site's facilities in words, with numbers where they are known."""
    held = (one for one in facilities().values() if one.code in site.facilities)
    return "\N{IDEOGRAPHIC COMMA}".join(f"{one.label(LANGUAGE)}{site.facilities[one.code] or ''}" for one in held)


def _hours(site: Site) -> dict[str, str]:
    """Monday's hours as the paper forms have them: morning, noon, afternoon."""
    try:
        monday = HoursForm.of(Hours.from_json(site.hours)).days[0]
    except ValueError:
        return {}
    return {f"hours_{session}": f"{first}-{last}" for session, (first, last) in monday.times.items() if first and last}
