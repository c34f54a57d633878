"""What the maintenance job does, in its order, and when each step is due. Doing a step again changes nothing."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from flask import Flask, current_app

from app.accounts import notices
from app.anomalies import nightly as anomalies
from app.config import Settings
from app.db import db, unit_of_work
from app.errors import N_, Unavailable
from app.maintenance import backups, retention
from app.months import SHANGHAI
from app.usage import partitions
from app.usage.ledger import sealer
from app.usage.services import destroy_keys

NIGHT = time(1, 30)
"""When what features have put into ``app.extensions["nightly"]`` is due: by then the day before is complete."""
_FAILED = N_("%(tool)s failed: %(says)s")


@dataclass(frozen=True, slots=True)
class Step:
    """One step. `run` does it at an instant, commits by itself and says in a line what was done.

    It is due at every run, or once a day from `daily_at` on (in Shanghai; `on_workdays`: Monday to Friday).
    """

    name: str
    run: Callable[[datetime], str]
    daily_at: time | None = None
    on_workdays: bool = False

    def is_due(self, succeeded_at: datetime | None, now: datetime) -> bool:
        """Whether it has not succeeded since it was last due. A success in the future was a wrong clock's."""
        if self.daily_at is None or succeeded_at is None or succeeded_at > now:
            return True
        return succeeded_at < self._last_due_at(self.daily_at, now)

    def _last_due_at(self, at: time, now: datetime) -> datetime:
        today = now.astimezone(SHANGHAI).date()
        days = (datetime.combine(today - timedelta(days=ago), at, SHANGHAI) for ago in range(8))
        return next(
            day.astimezone(UTC) for day in days if day <= now and (day.weekday() < 5 or not self.on_workdays)
        )  # fmt: skip


def steps(app: Flask) -> Iterator[Step]:
    """The steps of this installation."""
    settings: Settings = app.extensions["settings"]
    yield Step("keys", _keys)
    yield Step("seals", _seals)
    yield Step("partitions", _partitions)
    yield Step("anomalies", lambda now: ", ".join(anomalies.run(now)), time(0, 20))
    for name, run in app.extensions.get("nightly", ()):
        yield Step(name, run, NIGHT)
    if settings.backup_folder and settings.backup_key:
        yield Step("backup", _backup, time(2, 20))
    yield Step("retention", _retention, time(3, 20))
    if settings.mail_url:
        yield Step("notices", _notices, time(8, 30), on_workdays=True)


def _keys(now: datetime) -> str:
    with unit_of_work():
        names = destroy_keys(current_app.extensions["keystore"], now, thorough=True)
    return f"{len(names)} destroyed"


def _seals(now: datetime) -> str:
    number, months = sealer.run_once(now)
    return f"{number} made, {len(months)} checkpoints"


def _partitions(now: datetime) -> str:
    made = partitions.ahead(now)
    return f"made for {', '.join(map(str, made))}" if made else "all there"


def _backup(now: datetime) -> str:
    """A new backup; only when it is complete, old ones go."""
    settings: Settings = current_app.extensions["settings"]
    folder = Path(settings.backup_folder)
    file = folder / f"xiaowu-{now.astimezone(SHANGHAI):%Y-%m-%d-%H%M%S}.age"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        outcome = backups.write(db.engine, settings, file, now)
    except OSError as error:
        raise Unavailable(_FAILED, tool="backup", says=f"{error.strerror}: {error.filename}") from error
    before = (now - timedelta(days=settings.backup_days)).timestamp()
    old = [path for path in folder.glob("xiaowu-*.age") if path != file and path.stat().st_mtime < before]
    for path in old:
        path.unlink()
    missing = f", {len(outcome.missing)} files missing" if outcome.missing else ""
    return f"{file.name}, {file.stat().st_size:,} bytes{missing}, {len(old)} old ones deleted"


def _retention(now: datetime) -> str:
    lines = [line for line in retention.run(current_app.extensions["settings"], now, dry=False) if line.due]
    sealer.run_once(now)  # the events of erasing are in months that the service itself no longer looks through
    said = (f"{line.kind.strip()}: {line.done} of {line.due}{f' ({line.note})' if line.note else ''}" for line in lines)
    return "; ".join(said) or "nothing due"


def _notices(now: datetime) -> str:
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    outcome = notices.send_notices(app, now)
    return f"{outcome.sent} mails sent, {outcome.refused} refused"
