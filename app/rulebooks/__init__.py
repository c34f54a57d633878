"""Policies as dated data, and the one pure evaluator (design decision 5). Walk: `load` → `evaluate` → `Report`."""

from app.rulebooks.errors import FactsError, NoConditions, NoSuchRulebook, NotInForce, RulebookError
from app.rulebooks.evaluate import evaluate
from app.rulebooks.facts import Facts, PartFacts
from app.rulebooks.forecast import forecast
from app.rulebooks.known import (
    ActivityFacts,
    AttestationFacts,
    CareFacts,
    CareTermFacts,
    IncidentFacts,
    NurseryFacts,
    SiteMonthFacts,
    SuspensionFacts,
    TitleFacts,
)
from app.rulebooks.library import available, configure, load, read_text
from app.rulebooks.report import Finding, Forecast, Report
from app.rulebooks.rulebook import Rulebook
from app.rulebooks.rules import Form, Variant, Workflow
from app.rulebooks.scoring import SheetTotal, total
from app.rulebooks.sheets import ScoreGroup, ScoreItem, ScoreSheet

__all__ = [
    "ActivityFacts",
    "AttestationFacts",
    "CareFacts",
    "CareTermFacts",
    "Facts",
    "FactsError",
    "Finding",
    "Forecast",
    "Form",
    "IncidentFacts",
    "NoConditions",
    "NoSuchRulebook",
    "NotInForce",
    "NurseryFacts",
    "PartFacts",
    "Report",
    "Rulebook",
    "RulebookError",
    "ScoreGroup",
    "ScoreItem",
    "ScoreSheet",
    "SheetTotal",
    "SiteMonthFacts",
    "SuspensionFacts",
    "TitleFacts",
    "Variant",
    "Workflow",
    "available",
    "configure",
    "evaluate",
    "forecast",
    "load",
    "read_text",
    "total",
]
