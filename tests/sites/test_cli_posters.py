"""``flask sites posters`` and ``flask sites codes``."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select

from app.db import db
from app.sites.door_codes import grouped
from app.sites.models import DoorCode, Site
from tests.conftest import Clock
from tests.factories import Factories
from tests.sites.poster_pages import page_sizes_mm, page_texts


def run(app: Flask, *words: object) -> Result:
    return app.test_cli_runner().invoke(args=["sites", *map(str, words)])


def codes(app: Flask, site: Site) -> list[DoorCode]:
    with app.app_context():
        of_site = select(DoorCode).where(DoorCode.site_id == site.id)
        return list(db.session.scalars(of_site.order_by(DoorCode.print_version)))


def test_posters_of_sites_a_union_and_a_division(factories: Factories, app: Flask, tmp_path: Path) -> None:
    _municipal, district, unit = factories.tree()
    first, second = factories.site(unit, name="东楼小屋"), factories.site(unit, name="西楼小屋", division_code="330102")
    bare = factories.site(district, name="没有码😀")
    factories.site(unit, status="closed", closed_on=date(2026, 1, 1))
    for site in (first, second):
        factories.door_code(site)
    out = tmp_path / "posters.pdf"
    result = run(app, "posters", "--district", district.code, "--format", "sticker", "--out", out)
    assert result.exit_code == 0, result.output
    assert page_sizes_mm(out.read_bytes()) == [(60, 60)] * 2
    assert f"{out}: 2" in result.stdout
    assert "没有码😀" in result.stderr
    assert str(bare.id) in result.stderr
    assert run(app, "posters", "--district", "330102", "--out", out).exit_code == 0
    assert "西楼小屋" in page_texts(out.read_bytes())[0]
    assert run(app, "posters", "--site", second.id, "--site", first.id, "--out", out).exit_code == 0
    assert ["西楼" in text for text in page_texts(out.read_bytes())] == [True, False]


@pytest.mark.parametrize(
    "words", [[], ["--site", "1", "--district", "x"], ["--district", "nowhere"], ["--site", "999"], ["--site", "1"]]
)
def test_wrong_orders_write_nothing(factories: Factories, app: Flask, tmp_path: Path, words: list[str]) -> None:
    factories.site()
    out = tmp_path / "posters.pdf"
    result = run(app, "posters", *words, "--out", out)
    assert result.exit_code == 1
    assert result.stderr.splitlines()[-1].startswith("Error: ")
    assert not out.exists()


def test_a_file_that_cannot_be_written_is_said(factories: Factories, app: Flask, tmp_path: Path) -> None:
    site = factories.site()
    factories.door_code(site)
    result = run(app, "posters", "--site", site.id, "--out", tmp_path / "none" / "posters.pdf")
    assert result.exit_code == 1
    assert "posters.pdf" in result.stderr


def test_codes_are_issued_replaced_listed_and_revoked(factories: Factories, app: Flask, clock: Clock) -> None:
    district = factories.tree()[1]
    site, other = factories.site(district), factories.site(district)
    assert run(app, "codes", "issue", "--site", site.id).exit_code == 0
    again = run(app, "codes", "issue", "--site", site.id)
    assert (again.exit_code, len(codes(app, site))) == (1, 1)
    missing = run(app, "codes", "issue", "--district", district.code)
    assert missing.exit_code == 0
    assert missing.stdout.splitlines()[-1] == "1"
    assert len(codes(app, other)) == 1
    assert run(app, "codes", "reissue", "--site", site.id, "--keep-days", 7, "--reason", "x").exit_code == 0
    old, new = codes(app, site)
    assert old.revoked_at == clock() + timedelta(days=7)
    listed = run(app, "codes", "list", "--site", site.id).stdout
    assert listed.count("http://127.0.0.1:8000/r/") == 2
    assert run(app, "codes", "revoke", grouped(new.code), "--reason", "y").exit_code == 0
    assert codes(app, site)[1].revoked_at == clock()
    for wrong in ("000000000000", "?"):
        assert run(app, "codes", "revoke", wrong, "--reason", "y").exit_code == 1
    assert run(app, "codes", "revoke", new.code, "--reason", "y").exit_code == 1
    assert run(app, "codes", "revoke", old.code, "--reason", " ").exit_code == 1
    assert run(app, "codes", "reissue", "--site", 999).exit_code == 1
