"""The commands of the ledger."""

import json
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import update

from app.db import db, unit_of_work
from app.sites.models import DoorCode
from app.usage.ledger.models import Checkpoint
from app.usage.ledger.texts import checkpoint_line, checkpoint_text
from app.usage.models import SiteMonth, UsageRecord
from tests.usage.ledger.helpers import use
from tests.usage.ledger.test_views import run as run_verifier

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def run(app: Flask, *words: object) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=["ledger", *map(str, words)])
    return result.exit_code, result.output


def test_sealing_says_what_it_made(app: Flask, doors: list[DoorCode], october: datetime) -> None:
    assert run(app, "seal") == (0, "0 seals made\n")
    use(app, doors[0].code, october)
    assert run(app, "seal") == (0, "1 seals made, checkpoints of 2026-10\n")


@pytest.mark.usefixtures("told")
def test_verifying_says_what_is_wrong_and_where(app: Flask, doors: list[DoorCode]) -> None:
    assert run(app, "verify") == (0, "0 findings in 1 seals, 2 batches, 38 events of 2 sites\n")
    with app.app_context(), unit_of_work():
        mine = (UsageRecord.site_id == doors[0].site_id, UsageRecord.sequence == 1)
        db.session.execute(update(UsageRecord).where(*mine).values(purpose="pumping"))
        db.session.execute(update(SiteMonth).where(SiteMonth.site_id == doors[1].site_id).values(counted=99))
    code, said = run(app, "verify")
    assert code == 1
    assert f"site {doors[0].site_id}, month 2026-10, event 1: what this event says has been changed\n" in said
    assert f"site {doors[1].site_id}, month 2026-10: counted is 99, its events say 9\n" in said
    assert run(app, "verify", "--from", "2026-11")[0] == 0
    assert run(app, "verify", "--from", "2026-10", "--to", "2026-10")[0] == 1


def test_verifying_notes_what_it_could_not_check(app: Flask, doors: list[DoorCode], october: datetime) -> None:
    use(app, doors[0].code, october)
    code, said = run(app, "verify")
    assert code == 0
    assert "note: 1 events are not sealed yet\n" in said
    assert "note: 1 closed months have no checkpoint yet\n" in said


def test_a_witness_is_heard(app: Flask, told: Checkpoint, tmp_path: Path) -> None:
    text, line, other = (tmp_path / name for name in ("text", "line", "other"))
    text.write_text(checkpoint_text(told))
    line.write_text(checkpoint_line(told))
    assert run(app, "verify", "--checkpoint", text, "--checkpoint", line)[0] == 0
    told.seal_hash = bytes(32)
    other.write_text(checkpoint_text(told))
    code, said = run(app, "verify", "--checkpoint", text, "--checkpoint", other)
    assert code == 1
    assert "seal 1, month 2026-10: a witness holds another hash of this seal\n" in said
    other.write_text(checkpoint_text(told).replace("SITES 2", "SITES 3"))
    code, said = run(app, "verify", "--checkpoint", other)
    assert (code, "check digits" in said) == (2, True)
    assert run(app, "verify", "--checkpoint", tmp_path / "none")[0] == 2


def test_a_checkpoint_is_printed_and_written(app: Flask, told: Checkpoint, tmp_path: Path) -> None:
    out = tmp_path / "checkpoint.txt"
    assert run(app, "checkpoint", "2026-10", "--out", out) == (0, checkpoint_text(told))
    assert out.read_text() == checkpoint_text(told)
    assert run(app, "checkpoint", "2026-10", "--line") == (0, checkpoint_line(told) + "\n")
    assert run(app, "checkpoint", "2026-11") == (1, "Error: 2026-11 is not closed yet, so it has no checkpoint\n")
    assert run(app, "checkpoint", "11/2026")[0] == 2


def test_a_reviewer_gets_a_proof_of_the_exact_figures(
    app: Flask, told: Checkpoint, doors: list[DoorCode], tmp_path: Path
) -> None:
    code, said = run(app, "proof", "2026-10", doors[1].site_id, "--exact")
    assert code == 0
    proof = json.loads(said)
    assert proof["exact"]["counted"] == 9
    files = tmp_path / "proof.json", tmp_path / "checkpoint.txt"
    files[1].write_text(checkpoint_text(told))
    files[0].write_text(said)
    assert run_verifier(*files)[0] == 0
    proof["exact"]["counted"] = 90
    files[0].write_text(json.dumps(proof))
    assert run_verifier(*files)[0] == 1
    assert "exact" not in json.loads(run(app, "proof", "2026-10", doors[1].site_id)[1])
    assert run(app, "proof", "2026-10", 4711)[0] == 1
    assert run(app, "proof", "2026-09", doors[1].site_id)[0] == 1
