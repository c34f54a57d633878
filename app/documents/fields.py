"""What the fields of a form say about a site and its case: stored codes first, then the words of the form."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.accounts.models import User
from app.documents.figures import plain
from app.documents.layouts import Layout, day, layout_of, ticks, word
from app.months import local_date
from app.programme.cases.models import Case, CaseEvent
from app.programme.scoring.models import FilledSheet
from app.rulebooks import Rulebook
from app.sites.facilities import facilities
from app.sites.models import Admission, Site
from app.sites.particulars import particulars, premises

LEVEL_ROLES = {"unit": "unit_union", "district": "district_union", "municipal": "municipal_union"}
NO_OPINION = frozenset({"open", "return", "withdraw"})
HANDED_IN = frozenset({"submit", "apply"})
SITE_COLUMNS = {
    "site_name": "name", "site_kind": "kind", "contact_name": "contact_name", "contact_phone": "contact_phone",
    "premises": "premises", "address": "address", "opened_on": "opened_on", "accepted_on": "accepted_on",
    "admission": "admission",
}  # fmt: skip
DATES = frozenset({"opened_on", "accepted_on", "applied_on"})


@dataclass(frozen=True, slots=True)
class Subject:
    """What a form is about. `events` are the case's acts with who did them, oldest first; both are empty without a
    case. `managers` are the names of the site's managers, `inspectors` of who accepted it,
    `filled` is the sheet on the form, where the form is little else."""

    site: Site
    rulebook: Rulebook
    case: Case | None = None
    events: Sequence[tuple[CaseEvent, User | None]] = ()
    self_check: FilledSheet | None = None
    acceptance: FilledSheet | None = None
    managers: Sequence[str] = ()
    inspectors: Sequence[str] = ()
    filled: FilledSheet | None = None

    @property
    def details(self) -> Mapping[str, Any]:
        """The form as it was filled in, frozen with the case."""
        return self.case.details if self.case else {}


def value_of(code: str, subject: Subject) -> str:
    """What the field says, as text; empty when nobody has said it yet."""
    raw = raw_value(code, subject)
    if code in DATES:
        return _date(raw)
    shown = _SHOWN.get(code)
    if shown is not None:
        return str(shown(raw, subject))
    options = layout_of(subject.rulebook.id).choices.get(code)
    if options is not None:
        return ticks(options, str(raw or ""), label_of(code, str(raw or "")))
    return label_of(code, str(raw)) if raw not in (None, "") else ""


def label_of(code: str, stored: str) -> str:
    """The words for a stored code of a vocabulary; any other text is itself."""
    if code == "premises" and stored in premises():
        return premises()[stored].zh
    if code == "admission" and stored in tuple(Admission):
        return word(f"admission_{stored}")
    known = particulars().get(code)
    if known and stored in known.choices:
        return known.choices[stored].zh
    return stored


def opinion_of(level: str, subject: Subject) -> tuple[str, str]:
    """What a level of union has said last in this case, and the day, as text; blanks when it has not yet."""
    for event, user in reversed(subject.events):
        if user is not None and user.role == LEVEL_ROLES.get(level) and event.act not in NO_OPINION:
            return event.note, day(local_date(event.at))
    return "", day(None)


def raw_value(code: str, subject: Subject) -> Any:
    """The details of the case first; then the site's column, its particulars, and what follows from other rows."""
    stated = subject.details.get(code)
    if stated not in (None, ""):
        return stated
    if code in SITE_COLUMNS:
        return getattr(subject.site, SITE_COLUMNS[code])
    stored = subject.site.particulars.get(code)
    if stored not in (None, ""):
        return stored
    computed = _COMPUTED.get(code)
    return computed(subject) if computed else None


def _applied_on(subject: Subject) -> date | None:
    if subject.filled is not None:
        return subject.filled.filled_on
    handed_in = [event.at for event, _ in subject.events if event.act in HANDED_IN]
    return local_date(handed_in[-1]) if handed_in else None


def _open_to_public(subject: Subject) -> str:
    return {True: "yes", False: "no", None: ""}[subject.site.open_to_outsiders]


def _findings(subject: Subject) -> str:
    return next((event.note for event, _ in reversed(subject.events) if event.act == "accept"), "")


def _result(subject: Subject) -> str:
    sheet = subject.acceptance
    if sheet is None or sheet.total is None:
        return ""
    verdict = {True: word("passed"), False: word("not_passed"), None: ""}[sheet.is_passed]
    return f"{verdict} {word('points', points=plain(sheet.total))}".strip()


def _score(subject: Subject) -> str:
    sheet = subject.filled or subject.self_check
    return word("points", points=plain(sheet.total)) if sheet and sheet.total is not None else ""


_COMPUTED: Mapping[str, Any] = {
    "applied_on": _applied_on,
    "applicant": lambda subject: subject.site.host.name,
    "belongs_to": lambda subject: subject.site.host.name,
    "union_head_name": lambda subject: subject.site.host.head_name,
    "union_head_phone": lambda subject: subject.site.host.head_phone,
    "manager_name": lambda subject: word("separator").join(subject.managers),
    "women_workers": lambda subject: subject.site.host.women_workers,
    "open_to_public": _open_to_public,
    "self_check_score": _score,
    "acceptance_staff": lambda subject: word("separator").join(subject.inspectors),
    "acceptance_findings": _findings,
    "acceptance_result": _result,
}


def _date(raw: Any) -> str:
    if isinstance(raw, date):
        return day(raw)
    try:
        return day(date.fromisoformat(str(raw))) if raw else ""
    except ValueError:
        return str(raw)


def _kind(raw: Any, subject: Subject) -> str:
    """The city's own name for the kind; where it has several, all of them with the right one ticked."""
    names = subject.rulebook.kind_names
    if len(names) < 2 or raw not in names:
        return subject.rulebook.name_of(str(raw), subject.site.premises).zh if raw in names else str(raw or "")
    return ticks([(name.zh, (kind,)) for kind, name in names.items()], str(raw), between="\n")


def _premises(raw: Any, subject: Subject) -> str:
    options = layout_of(subject.rulebook.id).choices.get("premises")
    shown = label_of("premises", str(raw or ""))
    return ticks(options, str(raw or ""), shown) if options else shown


def _admission(raw: Any, subject: Subject) -> str:
    options = layout_of(subject.rulebook.id).choices.get("admission")
    return ticks(options, str(raw or "")) if options else label_of("admission", str(raw or ""))


def _equipment(raw: Any, subject: Subject) -> str:
    """As somebody wrote it down; else from the site's facilities, in the form's own order where it has one."""
    if raw:
        return str(raw)
    known, layout = subject.site.facilities or {}, layout_of(subject.rulebook.id)
    if layout.equipment:
        return _counted_equipment(known, layout)
    return word("separator").join(_with_number(code, number) for code, number in known.items() if code in facilities())


def _with_number(code: str, number: int | None) -> str:
    return f"{facilities()[code].zh}{number or ''}"


def _counted_equipment(known: Mapping[str, int | None], layout: Layout) -> str:
    rules, parts, listed = layout.equipment, [], set()
    for label, unit, codes in rules["items"]:
        present = [code for code in codes if code in known]
        number = sum(known[code] or 0 for code in present)
        pattern = rules["none"] if not present else rules["number"] if number else rules["some"]
        parts.append(pattern.format(label=label, unit=unit, number=number))
        listed.update(codes)
    left = {code: number for code, number in known.items() if code not in listed and code in facilities()}
    if left:
        others = word("separator").join(_with_number(code, number) for code, number in left.items())
        parts.append(rules["rest"].format(others=others))
    return word("separator").join(parts)


_SHOWN: Mapping[str, Any] = {
    "site_kind": _kind,
    "premises": _premises,
    "admission": _admission,
    "equipment": _equipment,
}
