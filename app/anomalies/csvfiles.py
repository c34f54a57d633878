"""Reads events and sites from CSV files for `app.anomalies.scoring`. Columns: docs/anomalies.md. Pure."""

import csv
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime

from app.anomalies.context import SiteContext, room_type_named
from app.anomalies.scoring import counted
from app.anomalies.signals import Event
from app.months import SHANGHAI, Month
from app.sites.hours import Hours
from app.sites.hours_parser import parse_hours

NEEDED = ("site", "used_at", "token")
YES, NO = ("1", "true", "yes"), ("0", "false", "no")


class Malformed(ValueError):
    """A file that cannot be read, with the line."""


def read_events(lines: Iterable[str]) -> tuple[dict[str, list[Event]], dict[str, str]]:
    """The events of each site, and its room type where the file says it.

    Where the column ``counted`` is missing or empty for any event of a site, the counting rule decides for all of them.
    Raises `Malformed`.
    """
    rows = csv.DictReader(lines)
    missing = [name for name in NEEDED if name not in (rows.fieldnames or ())]
    if missing:
        raise Malformed(f"the columns {', '.join(missing)} are missing")
    events: defaultdict[str, list[Event]] = defaultdict(list)
    types, undecided = dict[str, str](), set[str]()
    for number, row in enumerate(rows, start=2):
        values = {name: (value or "").strip() for name, value in row.items() if name}
        site = values["site"]
        if not values.get("counted"):
            undecided.add(site)
        try:
            if values.get("room_type"):
                types.setdefault(site, room_type_named(values["room_type"]))
            events[site].append(_event(values))
        except ValueError as error:
            raise Malformed(f"line {number}: {error}") from error
    return {site: counted(found) if site in undecided else found for site, found in events.items()}, types


def _event(values: Mapping[str, str]) -> Event:
    said = values.get("counted", "").lower()
    if said not in (*YES, *NO, ""):
        raise ValueError(f"counted is {said!r}, not 1 or 0")
    is_counted, step = said in YES, values.get("step", "")
    used_at = _instant(values["used_at"])
    if step and not (step.isascii() and step.isdigit() and 1 <= int(step) <= 5):
        raise ValueError(f"step is {step!r}, not 1 to 5")
    rated_at = values.get("rated_at", "")
    return Event(
        used_at=used_at,
        is_counted=is_counted,
        reason=None if is_counted else values.get("reason") or "unknown",
        token=values["token"],
        device=values.get("device") or None,
        step=int(step) if step else None,
        rated_at=(_instant(rated_at) if rated_at else used_at) if step else None,
        is_on_site=values.get("on_site", "").lower() in YES,
    )


def _instant(text: str) -> datetime:
    """ISO 8601; without an offset it is local time in Shanghai."""
    at = datetime.fromisoformat(text)
    return at.replace(tzinfo=SHANGHAI) if at.tzinfo is None else at


def read_sites(lines: Iterable[str], today: date) -> dict[str, SiteContext]:
    """The contexts of sites. `today` is what words like “this year” in opening hours refer to. Raises `Malformed`."""
    rows = csv.DictReader(lines)
    if not {"site", "room_type"} <= set(rows.fieldnames or ()):
        raise Malformed("the columns site, room_type are missing")
    found = {}
    for number, row in enumerate(rows, start=2):
        values = {name: (value or "").strip() for name, value in row.items() if name}
        try:
            found[values["site"]] = _context(values, today)
        except ValueError as error:
            raise Malformed(f"line {number}: {error}") from error
    return found


def _context(values: Mapping[str, str], today: date) -> SiteContext:
    hours = parse_hours(values["hours"], today) if values.get("hours") else None
    capacity, opened_on = values.get("capacity"), values.get("opened_on")
    return SiteContext(
        room_type=room_type_named(values["room_type"]),
        hours=None if hours == Hours.UNKNOWN else hours,
        capacity=int(capacity) if capacity else None,
        opened_on=date.fromisoformat(opened_on) if opened_on else None,
        declared=frozenset(date.fromisoformat(text) for text in values.get("declared", "").split()),
    )


def months_of(events: Mapping[str, list[Event]]) -> tuple[Month, Month]:
    """The twelve months to the last one with an event; fewer when the events begin later. Raises `Malformed`."""
    instants = [event.used_at for found in events.values() for event in found]
    if not instants:
        raise Malformed("there are no events")
    last = Month.of(max(instants))
    return max(Month.of(min(instants)), last - 11), last
