"""The made-up rooms as CSV, in the format of `flask anomalies score`: what any other generator would write."""

import csv
from collections.abc import Iterable
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

from app.months import SHANGHAI
from benchmarks.fraud.door import context_of, events
from benchmarks.fraud.results import Task, year_of
from benchmarks.fraud.scenarios import RoomYear

SITES = ("site", "room_type", "hours", "capacity", "opened_on", "declared")
EVENTS = ("site", "used_at", "counted", "reason", "token", "device", "step", "rated_at")
TRUTH = ("site", "scenario")
Values = tuple[object, ...]


def write_csv(folder: Path, wanted: Iterable[Task]) -> None:
    """Write ``sites.csv``, ``events.csv`` and, for whoever compares, ``truth.csv`` into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        writers = []
        for name, head in (("sites", SITES), ("events", EVENTS), ("truth", TRUTH)):
            file = stack.enter_context((folder / f"{name}.csv").open("w", encoding="utf-8", newline=""))
            writers.append(csv.writer(file))
            writers[-1].writerow(head)
        for task in wanted:
            year = year_of(task)
            name = f"{task.family}-{task.seed}-{task.kind}-{task.scenario}-{task.number}"
            writers[0].writerow((name, *_site(year)))
            writers[1].writerows((name, *values) for values in _events(year))
            writers[2].writerow((name, task.scenario))


def _site(year: RoomYear) -> Values:
    context = context_of(year.room)
    declared = " ".join(sorted(day.isoformat() for day in context.declared))
    return context.room_type, year.room.kind.opening, context.capacity, context.opened_on, declared


def _events(year: RoomYear) -> Iterable[Values]:
    for event in events(year.judged):
        yield (
            _local(event.used_at), int(event.is_counted), event.reason or "", event.token, event.device or "",
            event.step or "", _local(event.rated_at) if event.rated_at else "",
        )  # fmt: skip


def _local(at: datetime) -> str:
    return at.astimezone(SHANGHAI).isoformat(timespec="milliseconds")
