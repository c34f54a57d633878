"""What another rulebook would change for sites: which would gain, lose, or be asked for something else."""

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, select

from app.accounts.models import TradeUnion
from app.db import db
from app.months import Month
from app.programme import queries
from app.programme.services import first_month
from app.rulebooks import Facts, NoConditions, Report, Rulebook, evaluate
from app.rulebooks.report import MET
from app.sites.models import Site, SiteStatus

GAIN, LOSE, CHANGE, SAME = "gain", "lose", "change", "same"
EFFECTS = (GAIN, LOSE, CHANGE, SAME)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A verdict in short; `verdict` is empty where the rulebook has no conditions for such a site.

    `open_conditions` are (id, label, result) of what is not met or unknown, in the language asked for.
    """

    verdict: str
    open_conditions: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Change:
    """One site under both rulebooks."""

    site_id: int
    name: str
    host: str
    before: Outcome
    after: Outcome

    @property
    def effect(self) -> str:
        """``gain``: it meets everything only under the second; ``lose``: only under the first; ``change``, ``same``."""
        met = self.before.verdict == MET, self.after.verdict == MET
        if met[0] != met[1]:
            return GAIN if met[1] else LOSE
        return SAME if self.before == self.after else CHANGE


def compare(
    before: Rulebook,
    after: Rulebook,
    on: date,
    union: TradeUnion | None,
    language: str,
    *,
    without: Collection[str] = (),
) -> list[Change]:
    """Every site that is not closed judged under both rulebooks on a local date, by union and name.

    Only those below `union` where one is given, `without` those below unions with these paths. Raises `NotInForce`
    when one of the rulebooks says nothing about that date.
    """
    for rulebook in (before, after):
        rulebook.require_in_force(on)
    sites = _sites(union, without)
    found = db.session.execute(sites).all()
    first = min(first_month(before, on), first_month(after, on), Month.of_date(on))
    facts = queries.facts_of(found, sites.with_only_columns(Site.id).order_by(None), on, first)
    return [
        Change(
            site.id, site.name, site.host_name,
            outcome(before, facts[site.id], on, language), outcome(after, facts[site.id], on, language),
        )
        for site in found
    ]  # fmt: skip


def _sites(union: TradeUnion | None, without: Collection[str]) -> Select[Any]:
    sites = (
        select(*queries.site_columns(), TradeUnion.name.label("host_name"))
        .join(TradeUnion, TradeUnion.id == Site.host_id)
        .where(Site.status != SiteStatus.CLOSED)
        .order_by(TradeUnion.path, Site.name, Site.id)
    )
    for path in without:
        sites = sites.where(~TradeUnion.path.startswith(path, autoescape=True))
    return sites if union is None else sites.where(TradeUnion.path.startswith(union.path, autoescape=True))


def outcome(rulebook: Rulebook, facts: Facts, on: date, language: str) -> Outcome:
    """One site under one rulebook."""
    with suppress(NoConditions):
        report = evaluate(rulebook, facts, on)
        return Outcome(report.verdict, _open(report, language))
    return Outcome("", ())


def _open(report: Report, language: str) -> tuple[tuple[str, str, str], ...]:
    return tuple((one.id, one.label[language], one.result) for one in report.findings if one.result != MET)


def counts(changes: Sequence[Change]) -> dict[str, int]:
    """How many sites of each effect."""
    effects = [change.effect for change in changes]
    return {effect: effects.count(effect) for effect in EFFECTS}


def as_dict(change: Change) -> dict[str, Any]:
    """The JSON form of one site."""
    return {
        "site": {"id": change.site_id, "name": change.name, "host": change.host},
        "effect": change.effect,
        "before": _outcome_dict(change.before),
        "after": _outcome_dict(change.after),
    }


def _outcome_dict(outcome: Outcome) -> dict[str, Any]:
    rows = [{"id": name, "label": label, "result": result} for name, label, result in outcome.open_conditions]
    return {"verdict": outcome.verdict or None, "open_conditions": rows}
