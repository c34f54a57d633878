"""The maintenance job: each step by itself, one process at a time, once a day where that is enough."""

import os
from datetime import datetime
from pathlib import Path
from subprocess import PIPE, Popen
from threading import Barrier, Thread

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.config import Settings
from app.db import db
from app.errors import Conflict
from app.maintenance import jobs
from app.maintenance.scheduler import Scheduler
from app.sites.models import Site
from app.usage.ledger import queries as ledger
from app.usage.models import UsageRecord
from tests.conftest import Clock
from tests.maintenance.helpers import BACKUP_KEY, all_rows, done, findings, run
from tests.reliability.service import wait_until
from tests.usage.helpers import Phone

INSTANTS = ("maintenance_step", "site_flags", "site_verdict", "union_verdict")
"""Tables that say when something was done last."""


@pytest.fixture
def environ(environ: dict[str, str], worker_folder: Path) -> dict[str, str]:
    """With a passphrase and a folder for backups."""
    return environ | {"XIAOWU_BACKUP_KEY": BACKUP_KEY, "XIAOWU_BACKUP_FOLDER": str(worker_folder / "data" / "backups")}


def settings_of(app: Flask) -> Settings:
    settings: Settings = app.extensions["settings"]
    return settings


def test_one_run_does_everything_and_the_next_one_only_what_is_due(app: Flask, life: Site, clock: Clock) -> None:
    assert life
    said = done(app, "maintenance", "run")
    names = ["keys", "seals", "partitions", "anomalies", "verdicts", "backup", "retention"]
    assert [line.split()[:2] for line in said.splitlines()] == [[name, "done"] for name in names]
    (made,) = Path(settings_of(app).backup_folder).iterdir()
    assert made.name in said
    assert made.stat().st_mode & 0o777 == 0o600
    clock.advance(minutes=15)
    assert [line.split()[0] for line in done(app, "maintenance", "run").splitlines()] == ["keys", "seals", "partitions"]
    assert findings(app, clock()) == []


def test_a_second_run_of_everything_changes_nothing(app: Flask, life: Site, clock: Clock) -> None:
    assert life
    clock.advance(days=120)  # everything is due: the month is closed, told and over
    done(app, "maintenance", "run", "--all")
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(UsageRecord)) == 0
        assert ledger.checkpoints()
    before = all_rows(app, *INSTANTS)
    clock.advance(seconds=1)
    done(app, "maintenance", "run", "--all")
    assert all_rows(app, *INSTANTS) == before
    assert findings(app, clock()) == []


@pytest.mark.own_app
def test_a_step_that_fails_stops_no_other_and_is_tried_again(app: Flask, phone: Phone, clock: Clock) -> None:
    state = {"is_broken": True}

    def verdicts(now: datetime) -> str:
        db.session.add(Site())  # half done: it must not be written by what comes next
        if state["is_broken"]:
            raise ValueError("13987651234")
        db.session.rollback()
        return f"judged on {now:%d}"

    def refused(_now: datetime) -> str:
        raise Conflict("Not today")

    app.extensions["nightly"] = [("verdicts", verdicts), ("others", refused)]
    phone.logged()
    first = run(app, "maintenance", "run")
    lines = {line.split()[0]: line for line in first.output.splitlines()}
    assert first.exit_code == 1
    assert "FAILED" in lines["verdicts"]
    assert lines["verdicts"].endswith("ValueError"), "its class, and not what it says"
    assert lines["others"].endswith("Not today")
    assert "done" in lines["retention"]
    state["is_broken"] = False
    clock.advance(minutes=15)
    again = run(app, "maintenance", "run")
    assert "judged on 20" in again.output
    assert "retention" not in again.output
    assert again.exit_code == 1, "the other one still fails"


def test_a_dry_run_changes_nothing(app: Flask, life: Site) -> None:
    assert life
    before = all_rows(app)
    said = done(app, "maintenance", "run", "--dry-run")
    assert [line.split()[0] for line in said.splitlines()][-1] == "retention"
    assert said.count("never done") == said.count(" due ") == 7
    assert all_rows(app) == before


def test_chosen_steps_are_done_whether_they_are_due_or_not(app: Flask) -> None:
    for _ in range(2):
        said = done(app, "maintenance", "run", "--only", "retention", "--only", "keys")
        assert [line.split()[0] for line in said.splitlines()] == ["keys", "retention"]
    unknown = run(app, "maintenance", "run", "--only", "nonsense")
    assert unknown.exit_code == 2
    assert "seals" in unknown.output


def test_one_run_at_a_time(app: Flask) -> None:
    with app.app_context(), jobs.alone(settings_of(app)) as is_alone:
        assert is_alone
        assert done(app, "maintenance", "run") == "Another run is going on.\n"
    assert "keys" in done(app, "maintenance", "run")


def test_of_many_at_once_one_does_it(app: Flask) -> None:
    ready, found = Barrier(5), list[bool]()

    def attempt() -> None:
        with app.app_context(), jobs.alone(settings_of(app)) as is_alone:
            found.append(is_alone)
            ready.wait(30)  # nobody lets go before all have tried

    threads = [Thread(target=attempt) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(found) == [False, False, False, False, True]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_lock_ends_with_its_process(app: Flask) -> None:
    path = settings_of(app).data_dir / "maintenance.lock"
    words = ["flock", "--no-fork", str(path), "sh", "-c", "echo held; exec sleep 60"]
    with Popen(words, stdout=PIPE) as holder, app.app_context():
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with jobs.alone(settings_of(app)) as is_alone:
            assert not is_alone
        holder.kill()
        holder.wait()
        with jobs.alone(settings_of(app)) as is_alone:
            assert is_alone


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_old_backups_go_when_a_new_one_is_complete(app: Flask, clock: Clock) -> None:
    folder = Path(settings_of(app).backup_folder)
    folder.mkdir(parents=True)
    ages = {"xiaowu-old.age": 31, "xiaowu-young.age": 29, "other.txt": 400}
    for name, days in ages.items():
        (folder / name).touch()
        at = clock().timestamp() - days * 86400
        os.utime(folder / name, (at, at))
    assert "1 old ones deleted" in done(app, "maintenance", "run", "--only", "backup")
    left = {path.name for path in folder.iterdir()}
    assert left >= {"xiaowu-young.age", "other.txt"}
    assert len(left) == 3


def test_a_folder_that_takes_no_backup_is_named(app: Flask) -> None:
    folder = Path(settings_of(app).backup_folder)
    folder.write_text("a file is in its place")
    said = run(app, "maintenance", "run", "--only", "backup")
    assert said.exit_code == 1
    assert str(folder) in said.output
    assert "FAILED" in said.output


def test_the_scheduler_does_what_is_due(app: Flask) -> None:
    schedulers = [Scheduler(app, first_after_s=0.01, every_s=0.05) for _ in range(2)]

    def has_run() -> bool:
        with app.app_context():
            return "retention" in jobs.successes()

    for one in schedulers:
        one.start()
    wait_until(has_run)
    for one in schedulers:
        one.stop()
