"""Cases in any state, for tests: opened and moved as people do it, or put there at once.

    cases = Cases(factories)
    case = cases.open(manager, "application", site)
    cases.act(manager, case, "submit")
    other = cases.put("demonstration", "titled", site)

Everything commits and gives detached objects whose own columns are loaded.
"""

import itertools
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

from app.accounts.models import User
from app.db import db, unit_of_work
from app.months import local_date
from app.programme import decisions
from app.programme.cases import fields, forms, services
from app.programme.cases.fields import Field
from app.programme.cases.models import Case, CaseEvent
from app.programme.scoring.models import FilledSheet
from app.rulebooks import load
from app.sites.models import Site
from tests.factories import Factories

RULEBOOK = "qingdao-2023"
ACCEPTANCE = {"acceptance_staff": "王芳、李敏", "acceptance_findings": "现场核对，符合要求。"}
SAMPLES = {"phone": "0532-8888 6666", "email": "gonghui@example.cn", "number": 120, "date": "2026-10-01"}


def sample(field: Field) -> Any:
    """An answer that the field takes."""
    return next(iter(field.choices)) if field.choices else SAMPLES.get(field.kind, "见附件")


class Cases:
    """Opens and moves cases in the application's database."""

    def __init__(self, factories: Factories) -> None:
        self.factories, self.app, self.clock = factories, factories.app, factories.clock
        self._numbers = itertools.count(1)

    def open(
        self, actor: User, kind: str, site: Site, details: dict[str, Any] | None = None, *,
        rulebook: str = RULEBOOK, **links: int | None,
    ) -> Case:  # fmt: skip
        """A case opened by `actor`."""
        with self.app.app_context(), unit_of_work():
            found, who = db.session.get_one(Site, site.id), db.session.get_one(User, actor.id)
            return services.open_case(
                who, kind, found, details or {}, rulebook=load(rulebook), now=self.clock(), **links
            )

    def act(self, actor: User, case: Case, act: str, **values: Any) -> CaseEvent:
        """Move a case from the state it is in; `values` as for `services.act`."""
        with self.app.app_context(), unit_of_work():
            found, who = db.session.get_one(Case, case.id), db.session.get_one(User, actor.id)
            return services.act(who, found, act, **{"seen_state": found.state, "now": self.clock(), **values})

    def fill(self, actor: User, case: Case, **typed: Any) -> None:
        """Type something into every field of a case's form that is still empty."""
        with self.app.app_context(), unit_of_work():
            found, who = db.session.get_one(Case, case.id), db.session.get_one(User, actor.id)
            site = db.session.get_one(Site, found.site_id)
            known = forms.answers(found, site)
            asked = fields.asked_of_applicant(forms.fields(found, site))
            forms.save(who, found, {one.code: known.get(one.code, sample(one)) for one in asked} | typed, self.clock())

    def submitted(self, actor: User, kind: str, site: Site, *, rulebook: str = RULEBOOK, **typed: Any) -> Case:
        """What `actor` has handed in, with a form filled in and a passed self-check where one is asked for."""
        case = self.open(actor, kind, site, rulebook=rulebook)
        self.fill(actor, case, **typed)
        if kind == "application" and load(rulebook).workflow.self_check:
            self.sheet(site, "self_check", actor, case=case, rulebook=rulebook)
        self.act(actor, case, "submit")
        return case

    def accepted(self, actor: User, case: Case) -> Case:
        """An application that `actor` has accepted on site, with the sheet she has filled in there."""
        with self.app.app_context():
            site = db.session.get_one(Site, case.site_id)
        self.sheet(site, "acceptance", actor, case=case, rulebook=case.rulebook_id)
        self.act(actor, case, "accept", details=ACCEPTANCE | {"accepted_on": local_date(self.clock()).isoformat()})
        return case

    def put(
        self, kind: str, state: str, site: Site, *, by: User | None = None, rulebook: str = RULEBOOK, **values: Any
    ) -> Case:
        """A case that is in `state` already, with one event that says so; override any column."""
        now: datetime = self.clock()
        with self.app.app_context(), unit_of_work():
            digest = decisions.remember(load(rulebook), now)
            actor_id = by.id if by else None
            columns: dict[str, Any] = {
                "number": f"T{next(self._numbers):04d}", "kind": kind, "state": state, "site_id": site.id,
                "rulebook_id": rulebook, "rulebook_digest": digest, "details": {}, "opened_at": now,
                "opened_by_id": actor_id, "updated_at": now, **values,
            }  # fmt: skip
            case = Case(**columns)
            db.session.add(case)
            db.session.flush()
            event = CaseEvent(
                case_id=case.id, number=1, at=now, actor_id=actor_id, act="open", from_state="", to_state=state,
                rulebook_digest=digest,
            )  # fmt: skip
            db.session.add(event)
            return case

    def sheet(
        self, site: Site, use: str, by: User, *, case: Case | None = None, is_passed: bool | None = True,
        rulebook: str = RULEBOOK, **values: Any,
    ) -> FilledSheet:  # fmt: skip
        """A score sheet that was handed in, without its answers."""
        now = self.clock()
        columns: dict[str, Any] = {
            "client_key": uuid4(), "site_id": site.id, "use": use, "rulebook_id": rulebook,
            "rulebook_digest": load(rulebook).digest, "sheet": "room", "case_id": case.id if case else None,
            "filled_on": local_date(now), "filled_by_id": by.id, "created_at": now, "updated_at": now,
            "submitted_at": now, "total": Decimal(95 if is_passed else 60), "is_passed": is_passed, **values,
        }  # fmt: skip
        made: FilledSheet = self.factories.add(FilledSheet(**columns))
        return made

    def fresh(self, case: Case) -> Case:
        """The case as it is now."""
        with self.app.app_context():
            return db.session.get_one(Case, case.id)
