"""When each step of the maintenance job is due, on both sides of its hour."""

from datetime import UTC, datetime, time

import pytest

from app.maintenance.steps import Step
from app.months import SHANGHAI


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(UTC)


def step(daily_at: time | None = None, *, on_workdays: bool = False) -> Step:
    return Step("a step", lambda _now: "", daily_at, on_workdays)


FRIDAY, SATURDAY, MONDAY = "2026-11-20", "2026-11-21", "2026-11-23"


@pytest.mark.parametrize(
    ("succeeded", "now", "is_due"),
    [
        (None, f"{FRIDAY}T00:00", True),
        (f"{FRIDAY}T02:19", f"{FRIDAY}T02:20", True),
        (f"{FRIDAY}T02:20", f"{SATURDAY}T02:19", False),
        (f"{FRIDAY}T02:20", f"{SATURDAY}T02:20", True),
        (f"{FRIDAY}T14:00", f"{SATURDAY}T02:20", True),
        (f"{MONDAY}T14:00", f"{SATURDAY}T02:19", True),
    ],
    ids=["never done", "before its hour", "a minute early", "a day later", "done late", "done by a wrong clock"],
)
def test_once_a_day_from_its_hour_on(succeeded: str | None, now: str, is_due: bool) -> None:
    assert step(time(2, 20)).is_due(local(succeeded) if succeeded else None, local(now)) is is_due


@pytest.mark.parametrize(
    ("now", "is_due"),
    [(f"{SATURDAY}T09:00", False), ("2026-11-22T23:59", False), (f"{MONDAY}T08:29", False), (f"{MONDAY}T08:30", True)],
)
def test_mails_find_somebody_at_her_desk(now: str, is_due: bool) -> None:
    assert step(time(8, 30), on_workdays=True).is_due(local(f"{FRIDAY}T08:30"), local(now)) is is_due


def test_without_an_hour_it_is_due_at_every_run() -> None:
    assert step().is_due(local(f"{FRIDAY}T08:30"), local(f"{FRIDAY}T08:30"))
