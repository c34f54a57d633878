"""Decisions frozen with everything they rest on, so that anybody can make them again (decision 5).

Nothing here commits or asks for the time.
"""

import json
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Table, select
from sqlalchemy.dialects import postgresql, sqlite

from app.accounts.models import User
from app.db import db
from app.errors import N_, NotFound
from app.programme import services
from app.programme.models import Decision, RulebookText
from app.rulebooks import Facts, Report, Rulebook, evaluate, library
from app.rulebooks.model import LANGUAGES
from app.sites.models import Site

_TEXTS: Table = RulebookText.__table__  # type: ignore[assignment]


def remember(rulebook: Rulebook, now: datetime) -> str:
    """Keep the text of a rulebook that something is about to be judged or carried through under; returns its digest."""
    row = {
        "digest": rulebook.digest, "rulebook_id": rulebook.id, "content": rulebook.content, "first_used_at": now,
    }  # fmt: skip
    insert = postgresql.insert if db.session.get_bind().dialect.name == "postgresql" else sqlite.insert
    db.session.execute(insert(_TEXTS).values(row).on_conflict_do_nothing())
    return rulebook.digest


def rulebook_of(digest: str) -> Rulebook:
    """The rulebook with that digest, read from the text that was kept. Raises `NotFound`, `RulebookError`."""
    found = db.session.get(RulebookText, digest)
    if found is None:
        raise NotFound(N_("The text of this rulebook has not been kept"))
    return _read(found.rulebook_id, found.content)


@lru_cache(maxsize=64)
def _read(rulebook_id: str, content: str) -> Rulebook:
    return library.read_text(content, rulebook_id)


def decide(
    site: Site,
    rulebook: Rulebook,
    on: date,
    *,
    purpose: str = "demonstration",
    case_id: int | None = None,
    actor: User | None = None,
    now: datetime,
) -> Decision:
    """Judge a site on a local date and freeze the verdict with rulebook text, facts and report.

    What is judged is what is stored: the facts as they read back. Raises `NotInForce`, `NoConditions`.
    """
    stored = services.facts_for(site, rulebook, on).to_json()
    report = evaluate(rulebook, _facts(stored), on, purpose=purpose)
    decision = Decision(
        site_id=site.id,
        case_id=case_id,
        rulebook_id=rulebook.id,
        rulebook_digest=remember(rulebook, now),
        on=on,
        purpose=purpose,
        verdict=report.verdict,
        facts=stored,
        report=wordings(report),
        decided_at=now,
        decided_by_id=actor.id if actor else None,
    )
    db.session.add(decision)
    db.session.flush()
    return decision


def judge_again(decision: Decision) -> Report:
    """What the evaluator says today about the stored facts under the stored rulebook."""
    return evaluate(
        rulebook_of(decision.rulebook_digest), _facts(decision.facts), decision.on, purpose=decision.purpose
    )


def wordings(report: Report) -> dict[str, Any]:
    """The stored form of a report: ``{"zh": …, "en": …}``, each as `Report.as_dict` gives it."""
    return {language: report.as_dict(language) for language in LANGUAGES}


def _facts(stored: dict[str, Any]) -> Facts:
    return Facts.from_text(json.dumps(stored), "facts")


def latest_of(case_id: int) -> Decision | None:
    """The latest decision taken in a case."""
    return db.session.scalar(select(Decision).where(Decision.case_id == case_id).order_by(Decision.id.desc()).limit(1))
