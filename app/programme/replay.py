"""Making old decisions and old score sheets again: the same text, facts and answers have to give the same result."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app.db import db
from app.errors import DomainError
from app.programme import decisions
from app.programme.models import Decision
from app.programme.scoring.models import FilledSheet
from app.programme.scoring.services import recompute

AT_ONCE = 200


@dataclass(slots=True)
class Replayed:
    """What a replay has come through so far."""

    decisions: int = 0
    sheets: int = 0
    differences: int = 0


def replay(found: Replayed) -> Iterator[str]:
    """One line for each decision or sheet that comes out differently; `found` counts along. Changes nothing."""
    for decision in _in_batches(Decision):
        found.decisions += 1
        yield from _counted(found, f"decision {decision.id}, site {decision.site_id}", _decision_again(decision))
    for sheet in _in_batches(FilledSheet):
        if sheet.submitted_at is not None:
            found.sheets += 1
            yield from _counted(found, f"sheet {sheet.id}, site {sheet.site_id}", _sheet_again(sheet))


def _in_batches(model: type[Any]) -> Iterator[Any]:
    """All rows of a table by id, a batch at a time: other queries run in between."""
    last = 0
    while rows := db.session.scalars(select(model).where(model.id > last).order_by(model.id).limit(AT_ONCE)).all():
        yield from rows
        last = rows[-1].id
        db.session.expunge_all()


def _counted(found: Replayed, name: str, differences: list[str]) -> Iterator[str]:
    if differences:
        found.differences += 1
        yield f"{name}: {'; '.join(differences)}"


def _decision_again(decision: Decision) -> list[str]:
    try:
        report = decisions.judge_again(decision)
    except DomainError as error:
        return [str(error)]
    verdict = _differing(decision.verdict, report.verdict, "verdict")
    return verdict or _differing(decision.report, decisions.wordings(report))


def _sheet_again(sheet: FilledSheet) -> list[str]:
    try:
        total, is_passed = recompute(sheet)
    except (DomainError, KeyError) as error:
        return [str(error)]
    return _differing(sheet.total, total, "total") + _differing(sheet.is_passed, is_passed, "is_passed")


def _differing(stored: Any, fresh: Any, key: str = "") -> list[str]:
    """Each place in which two JSON values differ, as ``zh.findings[7].value 99.91 → 100``."""
    if isinstance(stored, dict) and isinstance(fresh, dict):
        names = dict.fromkeys([*stored, *fresh])
        return [line for name in names for line in _differing(stored.get(name), fresh.get(name), f"{key}.{name}")]
    if isinstance(stored, list) and isinstance(fresh, list) and len(stored) == len(fresh):
        pairs = enumerate(zip(stored, fresh, strict=True))
        return [line for index, pair in pairs for line in _differing(*pair, f"{key}[{index}]")]
    return [] if stored == fresh else [f"{key.lstrip('.')} {stored} → {fresh}"]
