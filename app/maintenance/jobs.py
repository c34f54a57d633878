"""Runs the steps that are due: each by itself, one process at a time wherever it runs."""

import fcntl
import logging
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from flask import current_app
from sqlalchemy import select, text

from app import clock
from app.config import Settings
from app.db import db, unit_of_work
from app.errors import DomainError
from app.maintenance.models import MaintenanceStep
from app.maintenance.steps import Step, steps
from app.operating.logs import places

LOG = logging.getLogger(__name__)
_ALONE = 0x78_69_61_6F_77_77
"""The advisory lock's number."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a step, in a line."""

    step: str
    is_done: bool
    says: str
    seconds: float


@contextmanager
def alone(settings: Settings) -> Iterator[bool]:
    """Whether no other process does maintenance, on any node; until the end none begins.

    A session's lock on PostgreSQL, a file's on SQLite: both end with the process that holds them.
    """
    if db.engine.dialect.name == "postgresql":
        with db.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            number = {"number": _ALONE}
            is_alone = bool(connection.execute(text("SELECT pg_try_advisory_lock(:number)"), number).scalar_one())
            try:
                yield is_alone
            finally:
                if is_alone:
                    connection.execute(text("SELECT pg_advisory_unlock(:number)"), number)
        return
    with (settings.data_dir / "maintenance.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def successes() -> Mapping[str, datetime]:
    """When each step last succeeded."""
    with unit_of_work():
        return {row.name: row.succeeded_at for row in db.session.scalars(select(MaintenanceStep))}


def due(now: datetime) -> list[Step]:
    """The steps that are due, in their order."""
    before = successes()
    return [step for step in steps(current_app) if step.is_due(before.get(step.name), now)]


def run(chosen: list[Step]) -> Iterator[Outcome]:
    """Do these steps, each in transactions of its own: what one cannot do keeps none of the others from being done."""
    for step in chosen:
        began, at = time.monotonic(), clock.now()
        is_done, says = _attempt(step, at)
        yield Outcome(step.name, is_done, says, time.monotonic() - began)


def _attempt(step: Step, at: datetime) -> tuple[bool, str]:
    try:
        says = step.run(at)
        with unit_of_work():
            db.session.merge(MaintenanceStep(name=step.name, succeeded_at=at))
    except DomainError as error:
        db.session.rollback()
        return False, str(error)
    except Exception as error:  # noqa: BLE001  whatever it was, the next step may succeed
        db.session.rollback()
        # Its message may hold values; where it was and its class say enough.
        LOG.error("Maintenance: %s: %s at %s", step.name, type(error).__name__, places(error.__traceback__)[-1])  # noqa: TRY400
        return False, type(error).__name__
    return True, says
