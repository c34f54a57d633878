"""What the pages about a case show of it, as plain values; the words are the templates' own."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import current_app, url_for
from sqlalchemy import select

from app.accounts.models import User
from app.db import db
from app.programme.cases import fields, forms, hooks, queries
from app.programme.cases.models import Case, CaseEvent
from app.programme.scoring.models import FilledSheet
from app.programme.transitions import (
    LEVELS,
    OPEN,
    Transition,
    acts_for,
    is_final,
    is_pending,
    rows_from,
    states,
)
from app.rulebooks import Rulebook
from app.sites.models import Site
from app.web import ASSESSOR

SIDE_ACTS = ("withdraw", "return", "refuse", "decline", "reject", "revoke")
"""Never the first thing that a page offers."""
ActUrl = Callable[[Case], str | None]


@dataclass(frozen=True, slots=True)
class Step:
    """Something that the person may do now. `is_main`: what a page offers first."""

    act: str
    url: str
    is_main: bool


@dataclass(frozen=True, slots=True)
class Situation:
    """Where a case stands. `roles` are those whose turn it is, `steps` what this person may do, `is_hers` whether she
    may do the main thing; `is_barred`: it would be her turn, had she not acted in this case before; `is_left_behind`:
    it is over without a decision."""

    is_pending: bool
    is_final: bool
    roles: tuple[str, ...]
    steps: tuple[Step, ...]
    is_barred: bool
    is_overdue: bool
    is_left_behind: bool = False

    @property
    def is_hers(self) -> bool:
        """Whether the main thing is hers to do."""
        return self.is_pending and any(step.is_main for step in self.steps)


def situation(case: Case, user: User, rulebook: Rulebook, today: date) -> Situation:
    """What can be done to a case now, and by whom."""
    if hooks.is_left_behind(case, today):
        return Situation(False, True, (), (), is_barred=False, is_overdue=False, is_left_behind=True)
    rows = acts_for(case.kind, case.state, user.role, rulebook.workflow)
    free = [row for row in rows if queries.acted_before(case, user, row.apart_from) is None]
    steps = [Step(row.act, act_url(case, row), row.act not in SIDE_ACTS) for row in free]
    waiting = is_pending(case.kind, case.state, rulebook.workflow)
    return Situation(
        is_pending=waiting,
        is_final=is_final(case.kind, case.state, rulebook.workflow),
        roles=next_roles(case, rulebook),
        steps=tuple(sorted(steps, key=lambda step: not step.is_main)),
        is_barred=len(free) < len(rows) and not any(step.is_main for step in steps),
        is_overdue=waiting and case.due_on is not None and case.due_on < today,
    )


def next_roles(case: Case, rulebook: Rulebook) -> tuple[str, ...]:
    """The roles whose turn it is, from the door upwards."""
    rows = rows_from(case.kind, case.state, rulebook.workflow)
    roles = {role for row in rows if row.act not in SIDE_ACTS for role in row.roles}
    return tuple(role for role in LEVELS if role in roles)


def act_url(case: Case, row: Transition) -> str:
    """Where an act is done: on a page of its part (`app.extensions["case_act_urls"]`), on the form, or on its own."""
    registered: Mapping[tuple[str, str], ActUrl] = current_app.extensions.get("case_act_urls", {})
    own = registered.get((case.kind, row.act))
    url = own(case) if own else None
    if url:
        return url
    if "form" in row.needs:
        return url_for("cases.form", case_id=case.id)
    return url_for("cases.act", case_id=case.id, act=row.act)


def path_of(case: Case, rulebook: Rulebook) -> list[tuple[str, bool]]:
    """The states of the straight way with whether the case has reached each; empty off that way."""
    way, state = [], ""
    while True:
        rows = [row for row in rows_from(case.kind, state, rulebook.workflow) if row.act not in (*SIDE_ACTS, "end")]
        ahead = [row.to_state for row in rows if row.to_state not in way]
        if not ahead:
            break
        state = ahead[0]
        way.append(state)
    if case.state not in way:
        return []
    reached = way.index(case.state)
    return [(one, index <= reached) for index, one in enumerate(way)]


def form_rows(case: Case, site: Site, rulebook: Rulebook, language: str) -> list[tuple[str, str, str]]:
    """(code, label, answer) of the case's form: as it was handed in, or as far as it is known while it is a draft."""
    if case.kind not in forms.WITH_FORM:
        return []
    asked = fields.fields_of(rulebook, case.kind, site.kind, site.premises)
    known = case.details if "applied_on" in case.details else {**forms.answers(case, site), **case.details}
    return [
        (one.code, one.label[language], fields.shown(one.code, known.get(one.code), rulebook, language, site.premises))
        for one in asked
    ]


def return_items(case: Case, site: Site, rulebook: Rulebook, language: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """What a return may be about, as (group, [(code, label)]): the form's fields, the sheets' items, the findings."""
    groups: list[tuple[str, list[tuple[str, str]]]] = []
    if case.kind in forms.WITH_FORM:
        asked = fields.asked_of_applicant(fields.fields_of(rulebook, case.kind, site.kind, site.premises))
        groups.append(("form", [(f"form.{one.code}", one.label[language]) for one in asked]))
    use = {"application": "self_check", "demonstration": "self_check"}.get(case.kind)
    sheet = rulebook.sheet_for(site.kind, use, site.premises) if use else None
    groups += [
        (group.label[language], [(f"sheet.{item.id}", item.label[language]) for item in group.items])
        for group in (sheet.groups if sheet else ())
    ]
    findings = case.details.get("findings", [])
    if findings:
        groups.append(("findings", [(f"finding.{n}", str(one.get("text", ""))) for n, one in enumerate(findings, 1)]))
    return groups


def item_labels(case: Case, site: Site, rulebook: Rulebook, language: str) -> dict[str, str]:
    """What the items of reasons are called."""
    return {code: label for _, items in return_items(case, site, rulebook, language) for code, label in items}


def sheets_of(case: Case) -> list[tuple[FilledSheet, User]]:
    """The sheets of a case that were handed in, and the self-check its application rests on; the latest first."""
    about = FilledSheet.case_id == case.id
    if case.kind == "application":
        own = (FilledSheet.site_id == case.site_id) & (FilledSheet.use == "self_check")
        about = about | (own & FilledSheet.case_id.is_(None))
    rows = (
        select(FilledSheet, User)
        .join(User, User.id == FilledSheet.filled_by_id)
        .where(about, FilledSheet.submitted_at.is_not(None))
        .order_by(FilledSheet.submitted_at.desc(), FilledSheet.id.desc())
    )
    return [(sheet, user) for sheet, user in db.session.execute(rows)]


def sheet_to_fill(case: Case, user: User, rulebook: Rulebook) -> str | None:
    """The use of the sheet that this person has to fill in next for the case, null for none."""
    acts = {row.act for row in acts_for(case.kind, case.state, user.role, rulebook.workflow)}
    if case.kind == "demonstration":
        wanted = "apply" in acts and rulebook.workflow.demonstration_self_check
        return "self_check" if wanted and lacks_sheet(case, rulebook, "self_check", case.id, must_pass=False) else None
    if case.kind != "application":
        return None
    if "submit" in acts and rulebook.workflow.self_check and lacks_sheet(case, rulebook, "self_check", None):
        return "self_check"
    accepts = "accept" in acts or (user.role == ASSESSOR and case.state == "submitted")
    return "acceptance" if accepts and lacks_sheet(case, rulebook, "acceptance", case.id) else None


def lacks_sheet(case: Case, rulebook: Rulebook, use: str, case_id: int | None, *, must_pass: bool = True) -> bool:
    """Whether there is such a sheet to fill in, and none that serves, for the case or (null) for the site."""
    site = queries.site_of(case)
    if rulebook.sheet_for(site.kind, use, site.premises) is None:
        return False
    sheet = queries.submitted_sheet(site.id, use, case_id)
    return sheet is None or (must_pass and sheet.is_passed is False)


def is_last(events: list[tuple[CaseEvent, User | None]], act: str) -> bool:
    """Whether that is what has happened last."""
    return bool(events) and events[-1][0].act == act


def state_filter(kind: str) -> tuple[str, ...]:
    """The states that a list of cases can be limited to."""
    return states(kind) if kind else ()


def told(event: CaseEvent, rulebook: Rulebook, language: str) -> list[tuple[str, str]]:
    """(label, answer) of what was stated with an act other than handing in a form."""
    known = fields.vocabulary()
    if event.act in (OPEN, "submit", "apply"):
        return []
    stated: Mapping[str, Any] = event.details
    return [
        (known[code].label[language], fields.shown(code, value, rulebook, language))
        for code, value in stated.items()
        if code in known and value not in (None, "")
    ]
