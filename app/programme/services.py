"""Judging sites and stating what no machine can measure. Nothing here commits or asks for the time."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime

from flask import current_app

from app.accounts.models import User
from app.db import db
from app.errors import N_, Invalid
from app.months import Month, local_date
from app.programme import queries
from app.programme.models import Attestation
from app.rulebooks import Facts, Forecast, NoConditions, Report, Rulebook, evaluate, forecast, load
from app.rulebooks.model import ENCOURAGED, STANDARD
from app.sites.models import Site

LONGEST_NOTE = 400


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict with what it rests on and what it takes."""

    facts: Facts
    report: Report
    outlook: Forecast


def rulebook_for(site: Site, on: date, default: str) -> str:
    """The id of the rulebook that governs a site on a local date: that of the nearest union at or above its host."""
    return queries.rulebook_at(site.host.path, queries.rulebooks_of_unions(on), default)


def rulebook_of(site: Site, on: date) -> Rulebook:
    """The rulebook that governs a site on a local date, for features that may not import this one."""
    return load(rulebook_for(site, on, current_app.extensions["settings"].default_rulebook))


def rulebooks_of(sites: Sequence[Site], on: date, default: str) -> dict[int, Rulebook]:
    """The rulebook that governs each of many sites on a local date, by site id: one query."""
    chosen = queries.rulebooks_of_unions(on)
    return {site.id: load(queries.rulebook_at(site.host.path, chosen, default)) for site in sites}


def first_month(rulebook: Rulebook, on: date) -> Month:
    """The earliest month that the rulebook's evaluation window before `on` can hold."""
    return Month.of_date(on) - rulebook.setting("window_months", on)


def require_judgeable(rulebook: Rulebook, on: date, today: date) -> None:
    """Raise `Invalid` naming `on` when it lies ahead, or when the rulebook is not in force then."""
    if on > today:
        message = N_("%(on)s has not come yet; ask for today or an earlier date")
        raise Invalid(message, {"on": message}, on=on.isoformat())
    rulebook.require_in_force(on)


def facts_for(site: Site, rulebook: Rulebook, on: date) -> Facts:
    """Everything the database knows about a site as of a local date, in the form the evaluator takes."""
    return queries.facts_of([site], [site.id], on, first_month(rulebook, on))[site.id]


def judge(site: Site, rulebook_id: str, on: date, today: date) -> Judgement:
    """Evaluate a site (qingdao-2023 art. 15-16). Raises `Invalid` naming ``rulebook`` or ``on``."""
    rulebook = load(rulebook_id)
    require_judgeable(rulebook, on, today)
    facts = facts_for(site, rulebook, on)
    return Judgement(facts, evaluate(rulebook, facts, on), forecast(rulebook, facts, on))


def other_reports(rulebook: Rulebook, facts: Facts, on: date) -> list[Report]:
    """What the rulebook asks for besides a title: of every site, then what it only encourages; each if there is any."""
    found = []
    for purpose in (STANDARD, ENCOURAGED):
        with suppress(NoConditions):
            found.append(evaluate(rulebook, facts, on, purpose))
    return found


def attest(
    site: Site, rulebook: Rulebook, item: str, *, holds: bool, stated_on: date, note: str, user: User, at: datetime
) -> Attestation:
    """Record that `user` states on a local date that `item` holds, or not. `at` is the instant of recording (UTC).

    Raises `Invalid` naming ``item``, ``stated_on`` or ``note``.
    """
    known = {attestation.id for attestation in rulebook.attestations_for(site.kind, site.location_kind, None)}
    if item not in known:
        raise _wrong("item", N_("The rulebook does not ask for this statement"))
    if stated_on > local_date(at):
        raise _wrong("stated_on", N_("The date lies ahead; a statement is made today or was made earlier"))
    if site.opened_on is not None and stated_on < site.opened_on:
        raise _wrong("stated_on", N_("The date is before the site was opened"))
    if len(note) > LONGEST_NOTE or "\0" in note:
        raise _wrong("note", N_("The note is longer than 400 characters"))
    stated = Attestation(
        site_id=site.id, item=item, holds=holds, stated_on=stated_on, stated_at=at, user_id=user.id, note=note.strip()
    )
    db.session.add(stated)
    db.session.flush()
    return stated


def _wrong(field: str, message: str) -> Invalid:
    return Invalid(message, {field: message})
