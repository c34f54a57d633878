"""A rulebook once it has been read: answerable only for the dates it is in force."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

from app.errors import N_
from app.rulebooks.errors import NoConditions, NotInForce
from app.rulebooks.model import DEMONSTRATION, Attestation, Condition, Range, Series, Setting, Text
from app.rulebooks.rules import (
    Article,
    Checks,
    Deadline,
    Form,
    Grant,
    MonthDay,
    Quota,
    RuleSet,
    Supply,
    Variant,
    Workflow,
    YearTarget,
)
from app.rulebooks.sheets import ScoreSheet

PRECISIONS = ("day", "year")


@lru_cache(maxsize=512)
def _numbers_at(values: Series[tuple[int, ...]], on: date) -> tuple[int, ...]:
    return values.at(on).value


@dataclass(frozen=True, slots=True, eq=False)
class Rulebook:
    """One published policy as data: `content` is the file's text, `digest` the SHA-256 (hex) over its canonical form.

    Compared by identity, so that what follows from a rulebook and a date can be remembered.
    """

    id: str
    digest: str
    title: Text
    issuer: Text
    document_number: str
    dated: date
    effective: tuple[Range, ...]
    settings: Mapping[str, Setting]
    attestations: Mapping[str, Attestation]
    conditions: tuple[Condition, ...]
    content: str
    kind_names: Mapping[str, Text]
    workflow: Workflow
    deadlines: Mapping[str, Deadline]
    checks: Checks
    variants: tuple[Variant, ...] = ()
    score_sheets: Mapping[str, ScoreSheet] = field(default_factory=dict)
    yearly_dates: Mapping[str, MonthDay] = field(default_factory=dict)
    quota: Quota | None = None
    year_targets: tuple[YearTarget, ...] = ()
    registers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    rule_sets: tuple[RuleSet, ...] = ()
    supplies: tuple[Supply, ...] = ()
    grants: tuple[Grant, ...] = ()
    forms: tuple[Form, ...] = ()
    articles: tuple[Article, ...] = ()
    dated_precision: str = PRECISIONS[0]

    @property
    def dated_text(self) -> str:
        """The date of the policy as far as it is known: 2023-06-29, or 2017."""
        return self.dated.isoformat() if self.dated_precision == "day" else str(self.dated.year)

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of site it governs."""
        return tuple(self.kind_names)

    def is_in_force(self, on: date) -> bool:
        """Whether a date is inside an effective range."""
        return any(on in effective for effective in self.effective)

    def require_in_force(self, on: date) -> None:
        """Raise `NotInForce` when `on` is outside every effective range."""
        if not self.is_in_force(on):
            raise NotInForce(
                N_("Rulebook %(id)s is not in force on %(on)s"),
                {"on": N_("Rulebook %(id)s is not in force on %(on)s")},
                id=self.id,
                on=on.isoformat(),
            )

    def setting(self, name: str, on: date, default: int | None = None) -> int:
        """The single number of a setting on a date, `default` where the rulebook has none. Raises `NotInForce`."""
        if default is not None and name not in self.settings:
            return default
        return _numbers_at(self.settings[name].values, on)[0]

    def setting_numbers(self, name: str, on: date) -> tuple[int, ...]:
        """All numbers of a setting on a date. Raises `NotInForce`."""
        return _numbers_at(self.settings[name].values, on)

    def deadline_days(self, name: str, on: date) -> int:
        """The days (months for ``recheck_months``) of a deadline of a step that the workflow has.

        Raises KeyError for a step that it has not, `NotInForce` before the first value.
        """
        return self.deadlines[name].values.at(on).value

    def variant_of(self, kind: str, premises: str | None) -> Variant | None:
        """The variant that a site of a kind is at some premises; None when there is none or the premises decide it
        and are not known."""
        of_kind = (variant for variant in self.variants if variant.kind == kind)
        return next((variant for variant in of_kind if premises in variant.premises), None)

    def name_of(self, kind: str, premises: str | None = None) -> Text:
        """What the city calls such a site. Raises KeyError for a kind that the rulebook does not govern."""
        variant = self.variant_of(kind, premises)
        return variant.name if variant is not None else self.kind_names[kind]

    def sheet_for(self, kind: str, use: str, premises: str | None = None) -> ScoreSheet | None:
        """The score sheet for such a site and a use of `SHEET_USES`, None where the rulebook has none."""
        variant = self.variant_of(kind, premises)
        for sheet in self.score_sheets.values():
            fits = not sheet.variants or (variant is not None and variant.id in sheet.variants)
            if kind in sheet.kinds and use in sheet.uses and fits:
                return sheet
        return None

    def form_for(self, kind: str, use: str, premises: str | None = None) -> Form | None:
        """The form for such a site and a use of `FORM_USES`, None where the rulebook has none."""
        variant = self.variant_of(kind, premises)
        for form in self.forms:
            fits = not form.variants or (variant is not None and variant.id in form.variants)
            if kind in form.kinds and use == form.use and fits:
                return form
        return None

    def conditions_for(
        self, kind: str, location_kind: str, purpose: str | None = DEMONSTRATION, variant: str | None = None
    ) -> tuple[Condition, ...]:
        """The conditions of one purpose (None: of any) with a part for such a site. Raises `NoConditions`."""
        of_kind = [one for one in self.conditions if kind in one.kinds and purpose in (one.purpose, None)]
        if not of_kind:
            message = N_("Rulebook %(id)s has no demonstration conditions for sites of the kind %(kind)s")
            if purpose != DEMONSTRATION:
                message = N_("Rulebook %(id)s has no such conditions for sites of the kind %(kind)s")
            raise NoConditions(message, {"rulebook": message}, id=self.id, kind=kind)
        return tuple(condition for condition in of_kind if condition.parts_for(location_kind, variant))

    def attestations_for(
        self, kind: str, location_kind: str, purpose: str | None = DEMONSTRATION, variant: str | None = None
    ) -> tuple[Attestation, ...]:
        """What has to be stated about such a site, in the order of the conditions. Raises `NoConditions`."""
        items: dict[str, Attestation] = {}
        for condition in self.conditions_for(kind, location_kind, purpose, variant):
            for part in condition.parts_for(location_kind, variant):
                items |= {item: self.attestations[item] for item in part.attested_items}
        return tuple(items.values())
