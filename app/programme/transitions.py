"""The one table of what may be done to a case: state × act × role → state. Pure.

A case begins in the state `BEFORE` with the act `OPEN`. Acts that one person does on somebody else's application name
in `apart_from` the acts whose actor may not do them: applicant ≠ inspector ≠ approver. What an act `needs` beyond the
right state and role is checked by `app.programme.cases`.
"""

from dataclasses import dataclass

SITE_MANAGER, UNIT, DISTRICT, MUNICIPAL = "site_manager", "unit_union", "district_union", "municipal_union"
APPLICANTS = (SITE_MANAGER, UNIT)
REVIEWERS = (DISTRICT, MUNICIPAL)
LEVELS = (SITE_MANAGER, UNIT, DISTRICT, MUNICIPAL)
"""From the door upwards."""
BEFORE, OPEN = "", "open"
KINDS = ("application", "deregistration", "suspension", "demonstration", "rectification")
APPLICANT_ACTS = ("open", "submit")
NEEDS = ("form", "self_check", "acceptance", "reasons", "note", "evidence", "opener_level", "nothing_open")


@dataclass(frozen=True, slots=True)
class Transition:
    """One row: in `state` a person with one of `roles` may do `act`, and the case is in `to_state` then.

    `needs` names what has to be there, of `NEEDS`. `when` holds flags of the rulebook's workflow that have to hold
    (``not filing``: that must not). `deadline` names the rulebook's number of days for `to_state`.
    """

    kind: str
    state: str
    act: str
    roles: tuple[str, ...]
    to_state: str
    needs: tuple[str, ...] = ()
    apart_from: tuple[str, ...] = ()
    when: tuple[str, ...] = ()
    deadline: str | None = None

    def applies(self, workflow: object) -> bool:
        """Whether the rulebook's workflow has this row. A flag that the workflow does not know counts as false."""
        return all(_holds(workflow, flag) for flag in self.when)


def _holds(workflow: object, flag: str) -> bool:
    name = flag.removeprefix("not ")
    return bool(getattr(workflow, name, False)) is (name == flag)


def _application() -> tuple[Transition, ...]:
    """qingdao-2023 art. 7–9, 13; qingdao-2020 flow; beijing-bda-2017 acceptance."""
    kind, judged = "application", ("open", "submit", "accept")
    return (
        Transition(kind, BEFORE, OPEN, APPLICANTS, "draft", when=("acceptance",)),
        Transition(kind, "draft", "submit", APPLICANTS, "submitted", ("form", "self_check"), deadline="acceptance"),
        Transition(kind, "returned", "submit", APPLICANTS, "submitted", ("form", "self_check"), deadline="acceptance"),
        *_withdrawals(kind, "draft", "submitted", "returned"),
        Transition(
            kind, "submitted", "accept", (DISTRICT,), "accepted", ("acceptance",), APPLICANT_ACTS,
            when=("filing",), deadline="filing",
        ),
        Transition(
            kind, "submitted", "accept", (DISTRICT,), "accepted", ("acceptance",), APPLICANT_ACTS,
            when=("not filing",), deadline="plaque",
        ),
        _return(kind, "submitted", (DISTRICT,), APPLICANT_ACTS),
        Transition(kind, "submitted", "refuse", (DISTRICT,), "refused", ("note",), APPLICANT_ACTS),
        Transition(kind, "accepted", "file", (MUNICIPAL,), "filed", (), judged, when=("filing",), deadline="plaque"),
        _return(kind, "accepted", (MUNICIPAL,), judged, when=("filing",)),
        Transition(kind, "accepted", "refuse", (MUNICIPAL,), "refused", ("note",), judged, when=("filing",)),
        Transition(kind, "filed", "issue_plaque", REVIEWERS, "plaqued", (), APPLICANT_ACTS, when=("plaque",)),
        Transition(
            kind, "accepted", "issue_plaque", (DISTRICT,), "plaqued", (), APPLICANT_ACTS, when=("not filing", "plaque")
        ),
    )  # fmt: skip


def _deregistration() -> tuple[Transition, ...]:
    """qingdao-2023 art. 14 and annex 3: unit → district → municipal."""
    kind, needs = "deregistration", ("form", "nothing_open")
    return (
        Transition(kind, BEFORE, OPEN, APPLICANTS, "draft", when=("deregistration",)),
        Transition(kind, "draft", "submit", (UNIT,), "submitted", needs, deadline="deregistration"),
        Transition(kind, "returned", "submit", (UNIT,), "submitted", needs, deadline="deregistration"),
        *_withdrawals(kind, "draft", "submitted", "returned"),
        Transition(kind, "submitted", "confirm", (DISTRICT,), "confirmed", (), APPLICANT_ACTS, deadline="filing"),
        _return(kind, "submitted", (DISTRICT,), APPLICANT_ACTS),
        Transition(
            kind, "confirmed", "file", (MUNICIPAL,), "filed", ("nothing_open",), (*APPLICANT_ACTS, "confirm")
        ),
        _return(kind, "confirmed", (MUNICIPAL,), (*APPLICANT_ACTS, "confirm")),
    )  # fmt: skip


def _suspension() -> tuple[Transition, ...]:
    """qingdao-2020, suspension of use. The door follows at once; only what is approved leaves months out."""
    kind = "suspension"
    return (
        Transition(kind, BEFORE, OPEN, APPLICANTS, "requested", deadline="suspension"),
        Transition(kind, "requested", "approve", REVIEWERS, "approved", (), APPLICANT_ACTS),
        _return(kind, "requested", REVIEWERS, APPLICANT_ACTS),
        Transition(kind, "requested", "refuse", REVIEWERS, "refused", ("note",), APPLICANT_ACTS),
        Transition(kind, "returned", "submit", APPLICANTS, "requested", ("note",), deadline="suspension"),
        *_withdrawals(kind, "requested", "returned"),
        Transition(kind, "approved", "end", LEVELS, "ended"),
    )


def _demonstration() -> tuple[Transition, ...]:
    """qingdao-2023 art. 15–22; dalian-2017. Where a district itself calls (`call_by_district`), nobody recommends."""
    kind, applied = "demonstration", ("open", "apply")
    district, city = ("call_by_district",), ("not call_by_district",)
    recommended = (*applied, "recommend")
    return (
        Transition(kind, BEFORE, OPEN, APPLICANTS, "draft", when=("demonstration",)),
        Transition(kind, "draft", "apply", (UNIT,), "submitted", deadline="recommendation"),
        Transition(kind, "returned", "apply", (UNIT,), "submitted", deadline="recommendation"),
        *_withdrawals(kind, "draft", "submitted", "returned", "recommended"),
        _return(kind, "submitted", (DISTRICT,), applied),
        Transition(kind, "submitted", "recommend", (DISTRICT,), "recommended", (), applied, city, "panel"),
        Transition(kind, "submitted", "decline", (DISTRICT,), "not_recommended", ("note",), applied, city),
        Transition(kind, "submitted", "nominate", (DISTRICT,), "candidate", (), applied, district),
        Transition(kind, "submitted", "reject", (DISTRICT,), "not_selected", ("note",), applied, district),
        Transition(kind, "recommended", "nominate", (MUNICIPAL,), "candidate", (), recommended),
        Transition(kind, "recommended", "reject", (MUNICIPAL,), "not_selected", ("note",), recommended),
        Transition(kind, "candidate", "publish", (MUNICIPAL,), "titled", (), recommended, city),
        Transition(kind, "candidate", "publish", (DISTRICT,), "titled", (), applied, district),
        Transition(kind, "candidate", "reject", (MUNICIPAL,), "not_selected", ("note",), recommended, city),
        Transition(kind, "candidate", "reject", (DISTRICT,), "not_selected", ("note",), applied, district),
        Transition(kind, "titled", "recheck", REVIEWERS, "titled", (), applied),
        Transition(kind, "titled", "revoke", (MUNICIPAL,), "revoked", ("note",), applied, city),
        Transition(kind, "titled", "revoke", (DISTRICT,), "revoked", ("note",), applied, district),
    )


def _rectification() -> tuple[Transition, ...]:
    """qingdao-2023 art. 13: who has found something, closes it, or somebody above her."""
    kind, finders = "rectification", (UNIT, *REVIEWERS)
    return (
        Transition(kind, BEFORE, OPEN, finders, "open", deadline="rectification"),
        Transition(kind, "open", "submit", APPLICANTS, "submitted", ("evidence",)),
        Transition(kind, "open", "withdraw", REVIEWERS, "withdrawn", ("note", "opener_level")),
        Transition(kind, "returned", "submit", APPLICANTS, "submitted", ("evidence",)),
        Transition(kind, "submitted", "close", finders, "closed", ("opener_level",), ("submit",)),
        Transition(
            kind, "submitted", "return", finders, "returned", ("reasons", "opener_level"), ("submit",),
            deadline="rectification",
        ),
    )  # fmt: skip


def _withdrawals(kind: str, *states: str) -> tuple[Transition, ...]:
    return tuple(Transition(kind, state, "withdraw", APPLICANTS, "withdrawn") for state in states)


def _return(
    kind: str, state: str, roles: tuple[str, ...], apart_from: tuple[str, ...], when: tuple[str, ...] = ()
) -> Transition:
    return Transition(kind, state, "return", roles, "returned", ("reasons",), apart_from, when, "resubmission")


TRANSITIONS: tuple[Transition, ...] = (
    *_application(), *_deregistration(), *_suspension(), *_demonstration(), *_rectification()
)  # fmt: skip
RESTING = frozenset({("suspension", "approved"), ("demonstration", "titled")})
"""States in which nobody has to do anything, although something still may be done."""


def rows_from(kind: str, state: str, workflow: object) -> tuple[Transition, ...]:
    """The rows of a case of `kind` in `state` under a rulebook's workflow, whoever asks."""
    return tuple(row for row in TRANSITIONS if (row.kind, row.state) == (kind, state) and row.applies(workflow))


def acts_for(kind: str, state: str, role: str, workflow: object) -> tuple[Transition, ...]:
    """What a person with `role` may do to a case of `kind` in `state`."""
    return tuple(row for row in rows_from(kind, state, workflow) if role in row.roles)


def transition(kind: str, state: str, act: str, workflow: object) -> Transition | None:
    """The row for an act in a state, whoever does it; None when the table has none."""
    return next((row for row in rows_from(kind, state, workflow) if row.act == act), None)


def next_state(kind: str, state: str, act: str, role: str, workflow: object) -> str | None:
    """Where an act leads, or None when nobody with that role may do it in that state."""
    return next((row.to_state for row in acts_for(kind, state, role, workflow) if row.act == act), None)


def is_final(kind: str, state: str, workflow: object) -> bool:
    """Whether nothing can be done any more."""
    return not rows_from(kind, state, workflow)


def is_pending(kind: str, state: str, workflow: object) -> bool:
    """Whether somebody has to do something: neither final nor at rest."""
    return not is_final(kind, state, workflow) and (kind, state) not in RESTING


def states(kind: str) -> tuple[str, ...]:
    """All states of a kind, in the order of the table."""
    return tuple(dict.fromkeys(row.to_state for row in TRANSITIONS if row.kind == kind))
