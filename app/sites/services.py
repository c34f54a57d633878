"""What people do to a site: make it, change it, suspend and reopen it. Each act leaves an entry in its history."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from flask import current_app
from sqlalchemy import select

from app.accounts.models import User
from app.accounts.queries import get_union, is_union_account
from app.db import db
from app.errors import N_, Conflict, Forbidden, Invalid
from app.months import SHANGHAI, local_date
from app.sites.importing.keys import address_key, name_key
from app.sites.models import Site, SiteChange, SiteStatus, Suspension, SuspensionMode
from app.sites.particulars import COLUMN, premises
from app.sites.particulars import changes as changed_particulars
from app.web import DISTRICT_UNION, MUNICIPAL_UNION

UNION_FIELDS = frozenset(
    {"host_id", "kind", "location_kind", "premises", "status", "opened_on", "accepted_on", "filed_on", "closed_on"}
)
"""What decides titles and money: only a union sets it, never the site's own manager."""
CONFIRMED_FIELDS = frozenset({"accepted_on", "filed_on"})
"""What the union above has looked at and found: the unit that gains from it does not write it down by itself."""
MANAGER_FIELDS = frozenset(
    {
        "name", "address", "admission", "women_only", "open_to_outsiders", "access_note", "is_listed", "division_code",
        "lon", "lat", "source_datum", "pin_note", "floor_label", "floor_order", "landmark", "hours", "facilities",
        "area_m2", "public_phone", "contact_name", "contact_phone", "note", "review_note", "last_verified_on",
        "particulars",
    }
)  # fmt: skip
CONFIRMING = (DISTRICT_UNION, MUNICIPAL_UNION)
"""Whose suspensions are official."""
_CONTRADICTION = N_(
    "The premises and the kind of place contradict each other: choose premises of the same group, or the other kind"
)
_CHANGED_MEANWHILE = N_("Somebody else has changed this site in the meantime; nothing of yours was saved yet")


def not_hers(actor: User) -> frozenset[str]:
    """The columns that a person may not set at the sites that she sees."""
    if not is_union_account(actor):
        return UNION_FIELDS
    return frozenset() if actor.role in CONFIRMING else CONFIRMED_FIELDS


def create_site(actor: User, values: Mapping[str, Any], now: datetime) -> Site:
    """A new site with the columns `values`, hosted by a union of the actor's subtree.

    Raises Forbidden for a site manager and for a column that is not hers, NotFound for a foreign host, Invalid for
    contradictory values.
    """
    if not is_union_account(actor):
        raise Forbidden(N_("Only a union adds a site"))
    get_union(actor, values["host_id"])
    _check_rights(actor, {name for name, value in values.items() if value is not None})
    _check(values)
    _check_place(values)
    site = Site(**values, created_at=now, updated_at=now)
    site.name_key, site.address_key = name_key(site.name), address_key(site.address)
    db.session.add(site)
    db.session.flush()
    changes = {name: [None, _plain(value)] for name, value in values.items() if value not in (None, "", {}, False)}
    record(site, "create", actor, now, fields=_by_particular(changes))
    return site


def edit_site(
    actor: User, site: Site, values: Mapping[str, Any], seen_at: datetime, now: datetime
) -> SiteChange | None:
    """Give the site's columns the `values`; the history entry, or None when nothing differs.

    `seen_at` is the `updated_at` of the page that the person filled in. Raises Conflict when the site has changed
    since, Forbidden for a field that is not hers, NotFound for a foreign host, Invalid for contradictions.
    """
    lock(site, "updated_at")
    if site.updated_at != seen_at:
        raise Conflict(_CHANGED_MEANWHILE)
    changes = {
        name: [_plain(getattr(site, name)), _plain(value)]
        for name, value in values.items()
        if _plain(getattr(site, name)) != _plain(value)
    }
    _check_rights(actor, set(changes))
    if "host_id" in changes:
        get_union(actor, values["host_id"])
    _check({**{name: getattr(site, name) for name in ("status", "opened_on", "closed_on")}, **values})
    if changes.keys() & {"premises", "location_kind"}:
        # A list may have brought in a contradiction: who changes something else is not stopped by it.
        _check_place({"premises": site.premises, "location_kind": site.location_kind, **values})
    if not changes:
        return None
    for name in changes:
        setattr(site, name, values[name])
    site.name_key, site.address_key = name_key(site.name), address_key(site.address)
    site.updated_at = now
    return record(site, "edit", actor, now, fields=_by_particular(changes))


def verify_site(actor: User, site: Site, now: datetime) -> None:
    """Somebody has looked on the spot today and everything stated is so."""
    today = local_date(now)
    before = _plain(site.last_verified_on)
    site.last_verified_on = today
    site.updated_at = now
    record(site, "verify", actor, now, fields={"last_verified_on": [before, today.isoformat()]})


def suspend_site(
    actor: User, site: Site, *, from_on: date, to_on: date | None, reason: str, now: datetime,
    mode: SuspensionMode = SuspensionMode.CLOSED,
) -> Suspension:  # fmt: skip
    """Suspend the site from the start of `from_on` (now, if that is today) to the end of `to_on`, or until reopened.

    Local dates, both included. The door follows in any case; official, so that its months stay out of the averages, is
    what a district or municipal union does. Nothing is suspended in hindsight. Raises Conflict for a site that is
    closed or already suspended then, Invalid for dates or a reason that cannot be.
    """
    lock(site, "status", "suspensions")
    today = local_date(now)
    if site.status == SiteStatus.CLOSED:
        raise Conflict(N_("The site is closed for good and cannot be suspended"))
    _check_suspension(from_on, to_on, reason, today)
    starts_at = now if from_on == today else _start_of(from_on)
    ends_at = None if to_on is None else _start_of(to_on + timedelta(days=1))
    for other in coming_suspensions(site, now):
        if (ends_at is None or other.starts_at < ends_at) and (other.ends_at is None or starts_at < other.ends_at):
            raise Conflict(N_("The site is already suspended during these days; reopen it first"))
    suspension = Suspension(
        starts_at=starts_at, ends_at=ends_at, reason=reason.strip()[:300], created_by_id=actor.id,
        is_official=actor.role in CONFIRMING, mode=mode.value,
    )  # fmt: skip
    site.suspensions.append(suspension)
    site.updated_at = now
    days = {"from_on": [None, from_on.isoformat()], "to_on": [None, to_on.isoformat() if to_on else None]}
    act = "suspend" if mode == SuspensionMode.CLOSED else "scan_only"
    record(site, act, actor, now, fields=days, note=suspension.reason)
    _tell("suspend", actor, site, suspension, now)
    return suspension


def _check_suspension(from_on: date, to_on: date | None, reason: str, today: date) -> None:
    if from_on < today:
        raise Invalid(N_("A suspension cannot begin in the past"), {"from_on": N_("Today is the earliest day")})
    if to_on is not None and to_on < from_on:
        raise Invalid(N_("The suspension ends before it begins"), {"to_on": N_("Not before the first day")})
    if not reason.strip():
        raise Invalid(N_("Please say why the site is suspended"), {"reason": N_("Please say why")})


def reopen_site(actor: User, site: Site, now: datetime) -> None:
    """End the running suspension now, or call off the next planned one. Raises Conflict when there is neither."""
    lock(site, "suspensions")
    coming = coming_suspensions(site, now)
    if not coming:
        raise Conflict(N_("The site is not suspended"))
    suspension = coming[0]
    before = suspension.ends_at
    # A planned one becomes an empty interval: it stays on record and covers nothing.
    suspension.ends_at = max(now, suspension.starts_at)
    site.updated_at = now
    times = [before.isoformat() if before else None, suspension.ends_at.isoformat()]
    record(site, "reopen", actor, now, fields={"ends_at": times}, note=suspension.reason)
    _tell("reopen", actor, site, suspension, now)


def _tell(act: str, actor: User, site: Site, suspension: Suspension, now: datetime) -> None:
    """Let other features follow: `app.extensions["suspension_hooks"]`, each ``(act, actor, site, suspension, now)``."""
    db.session.flush()
    for hook in current_app.extensions.get("suspension_hooks", []):
        hook(act, actor, site, suspension, now)


def coming_suspensions(site: Site, at: datetime) -> list[Suspension]:
    """The suspensions that run at the instant `at` or are planned for later, the first to begin first."""
    return [
        suspension
        for suspension in site.suspensions
        if (suspension.ends_at is None or suspension.ends_at > at) and suspension.ends_at != suspension.starts_at
    ]


def record(
    site: Site, act: str, actor: User | None, now: datetime, *, fields: Mapping[str, list[Any]], note: str = ""
) -> SiteChange:
    """Write an entry into the site's history. `fields` maps a name to its plain value before and after."""
    user_id = actor.id if actor else None
    change = SiteChange(site_id=site.id, at=now, user_id=user_id, act=act, fields=dict(fields), note=note[:400])
    db.session.add(change)
    return change


def lock(site: Site, *fresh: str) -> None:
    """Let nobody else change this site until the transaction ends; read the attributes `fresh` again after that."""
    db.session.execute(select(Site.id).where(Site.id == site.id).with_for_update())
    if fresh:
        db.session.refresh(site, fresh)


def _start_of(day: date) -> datetime:
    return datetime.combine(day, time(), SHANGHAI)


def _check_rights(actor: User, changed: set[str]) -> None:
    if changed & not_hers(actor):
        raise Forbidden(N_("Only a union changes what decides titles and subsidies"))


def _check(values: Mapping[str, Any]) -> None:
    """Contradictions between fields."""
    is_closed = values.get("status") == SiteStatus.CLOSED
    opened_on, closed_on = values.get("opened_on"), values.get("closed_on")
    faults: dict[str, str] = {}
    if is_closed and closed_on is None:
        faults["closed_on"] = N_("A closed site needs the day on which it closed")
    if not is_closed and closed_on is not None:
        faults["closed_on"] = N_("Only a closed site has a closing day")
    if opened_on and closed_on and closed_on < opened_on:
        faults["closed_on"] = N_("It closes before it opens")
    if faults:
        raise Invalid(next(iter(faults.values())), faults)


def _check_place(values: Mapping[str, Any]) -> None:
    """The premises decide the variant of a rulebook, the location kind its thresholds: they say the same."""
    place = premises().get(values.get("premises") or "")
    if place is not None and place.location_kind != values.get("location_kind", place.location_kind):
        said = _CONTRADICTION
        raise Invalid(said, {"premises": said, "location_kind": said})


def _by_particular(changes: Mapping[str, list[Any]]) -> dict[str, list[Any]]:
    """The same changes, with each particular by itself."""
    before, after = changes.get(COLUMN, ({}, {}))
    return {**{n: pair for n, pair in changes.items() if n != COLUMN}, **changed_particulars(before or {}, after or {})}


def _plain(value: Any) -> Any:
    """The value as the history keeps it: JSON, so that it reads the same in ten years."""
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return value.isoformat() if isinstance(value, date) else value
