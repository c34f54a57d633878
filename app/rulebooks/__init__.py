"""Policies as dated data, and the one pure evaluator (design decision 5). Walk: `load` → `evaluate` → `Report`."""

from app.rulebooks.errors import FactsError, NoConditions, NoSuchRulebook, NotInForce, RulebookError
from app.rulebooks.evaluate import evaluate
from app.rulebooks.facts import AttestationFacts, Facts, SiteMonthFacts, SuspensionFacts
from app.rulebooks.forecast import forecast
from app.rulebooks.library import available, load
from app.rulebooks.model import Rulebook
from app.rulebooks.report import Finding, Forecast, Report

__all__ = [
    "AttestationFacts",
    "Facts",
    "FactsError",
    "Finding",
    "Forecast",
    "NoConditions",
    "NoSuchRulebook",
    "NotInForce",
    "Report",
    "Rulebook",
    "RulebookError",
    "SiteMonthFacts",
    "SuspensionFacts",
    "available",
    "evaluate",
    "forecast",
    "load",
]
