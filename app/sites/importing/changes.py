"""What a draft changes about a site that exists, and what it leaves alone."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, select

from app.db import db
from app.sites.importing.findings import Draft
from app.sites.models import SiteChange
from app.sites.particulars import COLUMN, history_name
from app.sites.particulars import changes as changed_particulars

ACT = "import"
BATCH = 500
Edits = Mapping[int, Mapping[str, Any]]
"""Per site id the fields that a person has edited, each with its value before the first edit."""
PLACE = ("name", "address", "landmark", "floor_label")
ON_CREATION_ONLY = frozenset({"open_to_outsiders", "is_listed", "status"})
"""Decided by people later: a list may state them for a new site, never change them."""
PIN = frozenset({"lon", "lat", "source_datum"})
KEYS = {"name": "name_key", "address": "address_key"}


def changed_fields(site: Row[Any], draft: Draft, edited: Collection[str], *, adds_facilities: bool) -> dict[str, Any]:
    """New values by column. Nothing is emptied because a list is silent; what a person has `edited` stays hers."""
    values = dict(draft.values)
    if "facilities" in values:
        values["facilities"] = _facilities(site, values["facilities"], adds=adds_facilities)
    if "particulars" in values:
        values["particulars"] = {**site.particulars, **_unedited(values["particulars"], edited)}
    changes = {}
    for name, value in values.items():
        if name in ON_CREATION_ONLY or value in (None, "", {}):
            continue
        if _differs(getattr(site, name), value) and not _is_edited(name, edited):
            changes[name] = value
    return changes


def kept_edits(site: Row[Any], draft: Draft, edited: Collection[str]) -> list[str]:
    """Fields that the list states differently and a person has edited; a particular is a field of its own."""
    kept = [
        name
        for name, value in draft.values.items()
        if name in edited and value not in (None, "", {}) and _differs(getattr(site, name), value)
    ]
    stated = changed_particulars(site.particulars, {**site.particulars, **draft.values.get(COLUMN, {})})
    return sorted({*kept, *(name for name in stated if name in edited)})


def _unedited(stated: Mapping[str, Any], edited: Collection[str]) -> dict[str, Any]:
    return {code: value for code, value in stated.items() if history_name(code) not in edited}


def _facilities(site: Row[Any], stated: dict[str, int | None], *, adds: bool) -> dict[str, int | None]:
    """The stated facilities, or also the known ones if the list `adds`; a known number outlives a list without one."""
    known = site.facilities or {}
    merged = {code: known.get(code) if number is None else number for code, number in stated.items()}
    return {**known, **merged} if adds else merged


def _is_edited(name: str, edited: Collection[str]) -> bool:
    if name in PIN:
        return not PIN.isdisjoint(edited)
    return name in edited or any(name == key and field in edited for field, key in KEYS.items())


def _differs(old: object, new: object) -> bool:
    if old == new:
        return False
    return not (isinstance(old, float) and isinstance(new, float)) or abs(old - new) > 1e-9


def history_entry(site: Row[Any], changes: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Per field the value before and after, as JSON; comparison keys are no news to anybody."""
    entry = {
        name: [_json(getattr(site, name)), _json(value)]
        for name, value in changes.items()
        if name not in KEYS.values() and name != COLUMN
    }
    after = changes.get(COLUMN, site.particulars)
    return {**entry, **changed_particulars(site.particulars, after)}


def _json(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def person_edits(site_ids: Sequence[int]) -> Edits:
    """What people have edited, from the history of the sites."""
    edits: dict[int, dict[str, Any]] = defaultdict(dict)
    for start in range(0, len(site_ids), BATCH):
        rows = db.session.execute(
            select(SiteChange.site_id, SiteChange.fields)
            .where(
                SiteChange.site_id.in_(site_ids[start : start + BATCH]),
                SiteChange.user_id.is_not(None),
                SiteChange.act != ACT,
            )
            .order_by(SiteChange.id)
        )
        for site_id, fields in rows:
            for name, values in fields.items():
                edits[site_id].setdefault(name, values[0] if values else None)
    return dict(edits)


def listed_values(edits: Mapping[str, Any]) -> dict[str, str]:
    """By what a list knew a site before a person edited it."""
    return {name: edits[name] for name in PLACE if isinstance(edits.get(name), str)}
