"""The public pages of the ledger, and the verifier that anybody can download from them."""

import json
import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page
from sqlalchemy import update

from app.db import db, unit_of_work
from app.sites.models import DoorCode, Site
from app.usage.ledger.models import Checkpoint
from tests.browser import assert_accessible, assert_fits, live_server
from tests.conftest import Clock
from tests.usage.ledger.helpers import seal, use

VERIFIER = Path(__file__).parents[3] / "static" / "ledger" / "verify.py"


def downloaded(client: FlaskClient, folder: Path, site_id: int) -> tuple[Path, Path]:
    """The two files that the page of a site offers."""
    proof, checkpoint = folder / "proof.json", folder / "checkpoint.txt"
    proof.write_bytes(client.get(f"/ledger/2026-10/{site_id}/proof.json").data)
    checkpoint.write_bytes(client.get("/ledger/2026-10/checkpoint.txt").data)
    return proof, checkpoint


def run(*words: object) -> tuple[int, str]:
    """What the verifier says, run as anybody would, without anything of this project."""
    command = [sys.executable, "-I", str(VERIFIER), *map(str, words)]
    environ = {**os.environ, "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/", env=environ)
    return done.returncode, done.stdout + done.stderr


def test_before_the_first_seal_the_page_says_so(client: FlaskClient) -> None:
    page = client.get("/ledger").text
    assert "还没有封存" in page
    assert "还没有封账的月份" in page


@pytest.mark.usefixtures("told")
def test_anybody_finds_seals_months_and_sites(client: FlaskClient, doors: list[DoorCode]) -> None:
    page = client.get("/ledger").text
    assert "第 1 次" in page
    assert 'href="/ledger/2026-10"' in page
    month = client.get("/ledger/2026-10").text
    assert "XIAOWU CHECKPOINT 1" in month
    assert f'href="/ledger/2026-10/{doors[0].site_id}"' in month
    site = client.get(f"/ledger/2026-10/{doors[0].site_id}").text
    assert '<span class="number">10</span>' in site
    assert "人数少，不公布" in site
    assert f"proof-2026-10-{doors[0].site_id}.json" in site


def test_what_is_not_public_is_not_found(
    app: Flask, client: FlaskClient, told: Checkpoint, doors: list[DoorCode]
) -> None:
    mine, other = (code.site_id for code in doors)
    assert client.get(f"/ledger/{told.month}/{mine}").status_code == 200
    with app.app_context(), unit_of_work():
        db.session.execute(update(Site).where(Site.id == mine).values(is_listed=False))
    for path in (mine, f"{mine}/proof.json", 999_999):
        assert client.get(f"/ledger/{told.month}/{path}").status_code == 404
    assert f'/{mine}"' not in client.get(f"/ledger/{told.month}").text
    for month in ("2026-11", "2026-13", "x", "9999-12"):
        for path in ("", f"/{other}", "/checkpoint.txt", f"/{other}/proof.json"):
            assert client.get(f"/ledger/{month}{path}").status_code == 404


def test_a_page_that_no_database_can_count_to_is_an_empty_one(client: FlaskClient, told: Checkpoint) -> None:
    assert client.get(f"/ledger/{told.month}?page={10**20}").status_code == 200


def test_an_internal_room_has_a_line_and_no_page(
    app: Flask, client: FlaskClient, doors: list[DoorCode], october: datetime, clock: Clock
) -> None:
    with app.app_context(), unit_of_work():
        db.session.execute(update(Site).where(Site.id == doors[0].site_id).values(location_kind="internal"))
    for code in doors:
        use(app, code.code, october)
    seal(app, clock.at)
    assert "2026-10" in client.get("/ledger").text
    assert client.get(f"/ledger/2026-10/{doors[0].site_id}").status_code == 404
    assert client.get(f"/ledger/2026-10/{doors[1].site_id}").status_code == 200


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
class TestVerifier:
    """Files, not rows: one database is enough."""

    def test_it_explains_itself(self) -> None:
        code, said = run("--help")
        assert code == 0
        assert "核对一间小屋某个月公布的数字" in said
        assert "not that every scan was true" in said

    def test_it_confirms_what_was_published(self, client: FlaskClient, tmp_path: Path, doors: list[DoorCode]) -> None:
        proof, checkpoint = downloaded(client, tmp_path, doors[1].site_id)
        code, said = run(proof, checkpoint)
        assert (code, "✓" in said) == (0, True), said
        assert "人次 / uses: 10" in said

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("published", {"uses": "90", "satisfaction": "withheld"}),
            ("month", "2026-09"),
            ("site_id", 4711),
            ("position", 0),
            ("sites", 3),
            ("path", []),
            ("exact_digest", "00" * 32),
        ],
    )
    def test_it_refuses_what_was_changed(
        self, client: FlaskClient, tmp_path: Path, doors: list[DoorCode], name: str, value: object
    ) -> None:
        proof, checkpoint = downloaded(client, tmp_path, doors[1].site_id)
        proof.write_text(json.dumps(json.loads(proof.read_text()) | {name: value}))
        code, said = run(proof, checkpoint)
        assert (code, "✗" in said) == (1, True), said

    def test_it_asks_for_what_it_can_read(self, client: FlaskClient, tmp_path: Path, doors: list[DoorCode]) -> None:
        proof, checkpoint = downloaded(client, tmp_path, doors[0].site_id)
        typed = tmp_path / "typed.txt"
        typed.write_text(checkpoint.read_text().replace("SITES 2", "SITES 3"))
        assert run(proof, typed)[0] == 2
        assert run(checkpoint, checkpoint)[0] == 2
        assert run(proof, proof)[0] == 2
        assert run(proof, tmp_path / "missing")[0] == 2


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_pages_suit_a_phone_and_everybody(app: Flask, phone: Page, doors: list[DoorCode]) -> None:
    with live_server(app) as base_url:
        for path in ("", "/2026-10", f"/2026-10/{doors[0].site_id}"):
            phone.goto(f"{base_url}/ledger{path}")
            assert_fits(phone)
            assert_accessible(phone)
