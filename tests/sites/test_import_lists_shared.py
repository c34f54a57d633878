"""The published lists, imported whole on both databases; the counts are those of the lists' own description."""

import csv
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask_babel import force_locale
from sqlalchemy import func, select

from app.db import db, unit_of_work
from app.months import local_date
from app.sites.boundaries import load_boundaries
from app.sites.datums import Datum
from app.sites.hours import Hours
from app.sites.importing.convert import Converter
from app.sites.importing.profile_loader import load_profile
from app.sites.importing.readers import Options, read
from app.sites.importing.report import ImportReport
from app.sites.importing.run import Order, find_union, run_import
from app.sites.importing.worklist import pin_worklist
from app.sites.models import Site, SiteChange
from tests.conftest import START, Clock
from tests.factories import Factories
from tests.shared import GEO, ROOMS

HILLINGDON = str(Path(__file__).parents[1] / "data" / "profiles" / "hillingdon.toml")
Import = Callable[..., ImportReport]


@pytest.fixture
def run(app: Flask, clock: Clock, factories: Factories) -> Iterator[Import]:
    code = factories.union().code
    with app.app_context(), force_locale("en"):

        def run(profile: str, name: str, *, is_dry_run: bool = False) -> ImportReport:
            with unit_of_work():
                order = Order(ROOMS / name, load_profile(profile), find_union(code), clock())
                return run_import(order, is_dry_run=is_dry_run)

        yield run


def counts(report: ImportReport) -> tuple[int, int, int, int, int]:
    return report.new, report.changed, report.unchanged, report.rejected, len(report.gone)


def sites() -> list[Site]:
    return list(db.session.scalars(select(Site).order_by(Site.id)))


LISTS = [
    # profile, file, (rows, left out, without a pin, hours read, rows sharing a position, positions shared)
    ("hangzhou", "cn_hangzhou_mommy_rooms.csv", (36, 0, 1, 0, 8, 3)),
    ("taipei-2023", "tw_taipei_dashboard_2023.geojson", (538, 0, 0, 512, 151, 56)),
    ("taipei-2026", "tw_taipei_list_2026.csv", (526, 0, 526, 498, 0, 0)),
    ("taipei-2026", "tw_taipei_list_2026.big5.csv", (526, 0, 526, 498, 0, 0)),
    ("tokyo", "jp_tokyo_akachan_flat_2026.geojson", (1654, 0, 0, 1233, 126, 59)),
    ("hongkong", "hk_babycare_rooms_2025.csv", (321, 0, 25, 0, 27, 11)),
    ("taiwan-national", "tw_national_voluntary_excerpt_2026.csv", (44, 6, 38, 22, 0, 0)),
    (HILLINGDON, "uk_hillingdon_toilets_2016.csv", (48, 48, 0, 0, 0, 0)),
]


@pytest.mark.parametrize(("profile", "name", "expected"), LISTS)
def test_a_list_goes_in_whole_and_a_second_time_changes_nothing(
    run: Import, profile: str, name: str, expected: tuple[int, int, int, int, int, int]
) -> None:
    rows, left_out, *others = expected
    dry = run(profile, name, is_dry_run=True)
    assert db.session.scalar(select(func.count(Site.id))) == 0
    report = run(profile, name)
    assert dry.as_dict() | {"is_dry_run": False} == report.as_dict()
    assert report.rows == rows
    assert counts(report) == (rows - left_out, 0, 0, left_out, 0)
    assert [report.without_pin, report.hours_known, report.sharing_points, report.shared_points] == others
    assert counts(run(profile, name)) == (0, 0, rows - left_out, left_out, 0)
    assert len(sites()) == rows - left_out


def test_big5_and_utf8_are_the_same_list(run: Import) -> None:
    run("taipei-2026", "tw_taipei_list_2026.csv")
    report = run("taipei-2026", "tw_taipei_list_2026.big5.csv")
    assert report.encoding == "big5"
    assert counts(report) == (0, 0, 526, 0, 0)


def test_taipei_three_years_later_is_an_update(run: Import) -> None:
    run("taipei-2023", "tw_taipei_dashboard_2023.geojson")
    pins = db.session.scalar(select(func.count(Site.id)).where(Site.lon.is_not(None)))
    report = run("taipei-2026", "tw_taipei_list_2026.csv")
    assert counts(report) == (140, 386, 0, 0, 152)
    assert pins == 538
    assert db.session.scalar(select(func.count(Site.id)).where(Site.lon.is_not(None))) == 538, "no pin was lost"
    assert db.session.scalar(select(func.count(Site.id))) == 538 + 140, "nothing was deleted"
    renamed = db.session.scalars(select(Site).where(Site.name == "內政部國土管理署")).one()
    entry = db.session.scalars(
        select(SiteChange).where(SiteChange.site_id == renamed.id).order_by(SiteChange.id.desc())
    ).first()
    assert entry is not None
    assert entry.fields["name"] == ["內政部營建署", "內政部國土管理署"]
    assert renamed.facilities.keys() >= {"fridge", "changing_table", "lock"}, "the law's list adds to what was known"
    assert counts(run("taipei-2026", "tw_taipei_list_2026.csv")) == (0, 0, 526, 0, 152)


def test_cells_with_line_breaks(run: Import) -> None:
    with (ROOMS / "tw_taipei_list_2026.csv").open(encoding="utf-8", newline="") as file:
        broken = sum("\n" in cell for row in csv.reader(file) for cell in row)
    assert broken == 302
    run("taipei-2026", "tw_taipei_list_2026.csv")
    assert not [site for site in sites() if "\n" in site.name + site.address + site.landmark]
    assert any("\n" in site.hours["text"] for site in sites())
    waterworks = db.session.scalars(select(Site).where(Site.name.startswith("臺北自來水事業處"))).first()
    assert waterworks is not None
    assert waterworks.name == "臺北自來水事業處 (東區營業分處)"


def test_taipei_rows_that_nothing_tells_apart_are_named(run: Import) -> None:
    report = run("taipei-2026", "tw_taipei_list_2026.csv")
    twins = [draft.number for draft in report.flagged if any("apart" in finding.problem for finding in draft.findings)]
    # row numbers as a spreadsheet shows them: a mall's seven rooms, another's five, and five pairs
    assert twins == [43, 49, 59, 69, 79, 367, 404, 405, 406, 407, 408, 409, 412, 417, 418, 419, 420]


def test_roc_dates(run: Import) -> None:
    run("taipei-2026", "tw_taipei_list_2026.csv")
    notes = [site.note for site in sites() if site.note]
    assert len(notes) == 322
    assert sum("2026-08-31" in note for note in notes) == 254


def test_a_longitude_with_one_digit_too_many_waits_for_a_pin(run: Import) -> None:
    report = run("hangzhou", "cn_hangzhou_mommy_rooms.csv")
    (row,) = report.as_dict()["findings"]
    assert (row["row"], row["field"]) == (27, "positon")
    assert "1120.36237" in row["problem"]
    (waiting,) = db.session.scalars(pin_worklist(select(Site)))
    assert waiting.name == "矢崎配件有限公司第三工场"
    assert waiting.pin_note == row["problem"]
    placed = [site for site in sites() if site.lon is not None]
    assert len(placed) == 35
    assert all(site.source_datum == "gcj02" for site in placed)


def test_a_point_in_another_district_than_its_address_is_a_warning(run: Import) -> None:
    with unit_of_work():
        assert len(load_boundaries(GEO / "hangzhou_330100_districts.geojson", Datum.GCJ02)) == 13
    report = run("hangzhou", "cn_hangzhou_mommy_rooms.csv")
    warned = [row for row in report.as_dict()["findings"] if row["field"] == "division_code"]
    assert [(row["row"], row["problem"]) for row in warned] == [(17, "The point lies in 上城区, the row says 钱塘区")]
    (stray,) = [site for site in sites() if site.name.startswith("杭州味全")]
    assert (stray.division_code, stray.pin_note) == ("330114", warned[0]["problem"])
    (foyer,) = [site for site in sites() if site.name.startswith("金隅")]
    assert foyer.division_code == "330102", "where no district is stated, the point says which it is"
    assert {site.division_code for site in sites()} <= {"330114", "330102", None}


def test_hong_kong_rooms(run: Import) -> None:
    report = run("hongkong", "hk_babycare_rooms_2025.csv")
    assert len(list(db.session.scalars(pin_worklist(select(Site))))) == 25 + 66
    several = [draft.number for draft in report.flagged]
    assert len(several) == 25
    rows = {site.external_code: site for site in sites()}
    assert {len(code) for code in {site.division_code for site in rows.values() if site.division_code}} == {6}
    assert len({site.division_code for site in rows.values()}) == 19, "18 districts under 30 spellings, and none"
    assert not [site for site in rows.values() if "&amp;" in site.note]
    assert sum("&" in site.note and "?" in site.note for site in rows.values()) >= 7


def test_tokyo_rooms(run: Import) -> None:
    run("tokyo", "jp_tokyo_akachan_flat_2026.geojson")
    rooms = sites()
    assert sum("lock" in site.facilities for site in rooms) == 486
    assert sum(site.women_only is True for site in rooms) == 49
    assert sum(site.pin_note != "" for site in rooms) == 102 + 18 + 3
    assert sum(site.lat < 34.9 for site in rooms) == 9, "islands, not shifted by a Chinese datum"
    assert len({site.division_code for site in rooms if site.division_code}) >= 55
    placeholder = [site for site in rooms if "確認 필요" in site.hours["text"]]
    assert len(placeholder) == 1
    assert not Hours.from_json(placeholder[0].hours).is_known


def test_taiwan_national_rooms(run: Import) -> None:
    report = run("taiwan-national", "tw_national_voluntary_excerpt_2026.csv")
    left_out = [draft.number for draft in report.flagged if draft.is_rejected]
    assert left_out == [29, 30, 31, 32, 33, 34], "the six rows of shifted columns"
    hidden = [site for site in sites() if not site.is_public]
    assert len(hidden) == 7
    assert all(site.open_to_outsiders is None and site.review_note for site in hidden)
    assert [row["row"] for row in report.as_dict()["findings"] if row["field"] == "county, district"] == [22]


def test_reading_and_converting_is_fast_enough() -> None:
    profile = load_profile("tokyo")
    begun = time.process_time()
    source = read(ROOMS / "jp_tokyo_akachan_flat_2026.geojson", Options(profile.columns()))
    converter = Converter(profile, profile.datum, local_date(START), source.columns)
    drafts = [converter.draft(number, cells) for number, cells in source.rows]
    assert len(drafts) / (time.process_time() - begun) > 1000, "rows a second; 4,000 on the slowest machine"
