"""Importing into the database: what goes in, what a second import changes."""

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from app.db import db, unit_of_work
from app.errors import Invalid
from app.sites.datums import Datum
from app.sites.hours import Hours
from app.sites.importing.profile_loader import load_profile
from app.sites.importing.run import Order, find_union, run_import
from app.sites.models import Site, SiteChange
from app.sites.services import edit_site
from tests.conftest import Clock
from tests.factories import Factories
from tests.sites.importer import COLUMNS, FIRST, PROFILES, SECOND, Importer, counts, importer, problems, sites

__all__ = ["importer"]


def history(site: Site) -> list[SiteChange]:
    return list(db.session.scalars(select(SiteChange).where(SiteChange.site_id == site.id).order_by(SiteChange.id)))


def test_a_row_becomes_a_site(importer: Importer, clock: Clock) -> None:
    assert counts(importer(FIRST)) == (1, 0, 0, 0, 0)
    (site,) = sites()
    assert (site.name, site.address, site.landmark) == ("九阳小屋", "银海街760号2楼", "茶水间旁")
    assert (site.floor_label, site.floor_order) == ("2楼", 2)
    assert (site.lon, site.lat, site.source_datum, site.pin_note) == (120.344, 30.337, "wgs84", "")
    assert site.facilities == {"sofa": None, "fridge": None, "chair": None}
    assert Hours.from_json(site.hours).week[5] == ((510, 1050),)
    assert (site.external_source, site.host_id) == ("small", importer.union.id)
    assert site.is_public
    assert site.created_at == clock()
    assert [(entry.act, entry.note) for entry in history(site)] == [("import", "small: list.csv")]


def test_a_second_import_changes_nothing(importer: Importer) -> None:
    importer(FIRST, SECOND)
    assert counts(importer(FIRST, SECOND)) == (0, 0, 2, 0, 0)
    assert len(history(sites()[0])) == 1


def test_changes_are_kept_in_the_history(importer: Importer, clock: Clock) -> None:
    importer(FIRST, SECOND)
    clock.advance(days=1)
    moved = [*FIRST[:2], "电梯旁", "周一至周六 8:30-17:30", *FIRST[4:]]
    assert counts(importer(moved, SECOND)) == (0, 1, 1, 0, 0)
    site = sites()[0]
    entry = history(site)[1]
    assert entry.fields["landmark"] == ["茶水间旁", "电梯旁"]
    assert set(entry.fields) == {"landmark", "hours"}
    assert site.updated_at == clock()


def test_other_spellings_are_the_same_site(importer: Importer) -> None:
    importer(FIRST)
    respelt = ["九陽小屋".replace("陽", "阳") + " ", "银海街 760號３樓", *FIRST[2:]]
    assert counts(importer(respelt)) == (0, 1, 0, 0, 0)


def test_a_dry_run_says_the_same_and_changes_nothing(importer: Importer) -> None:
    importer(FIRST)
    rows = [[*FIRST[:2], "电梯旁", *FIRST[3:]], SECOND, ["", *SECOND[1:]]]
    dry = importer(*rows, is_dry_run=True).as_dict()
    assert [site.landmark for site in sites()] == ["茶水间旁"]
    assert len(history(sites()[0])) == 1
    real = importer(*rows).as_dict()
    assert dry | {"is_dry_run": False} == real
    assert len(sites()) == 2


def test_sites_that_left_the_list_are_reported_and_stay(importer: Importer) -> None:
    importer(FIRST, SECOND)
    report = importer(FIRST)
    assert [site.name for site in report.gone] == ["社区驿家"]
    assert len(sites()) == 2
    sites()[1].status = "closed"
    assert importer(FIRST).gone == []


def test_a_row_that_stays_out_still_says_that_its_site_is_on_the_list(importer: Importer) -> None:
    importer(FIRST, SECOND)
    in_metres = [*SECOND[:6], "13415000", "3540000"]
    for broken in (in_metres, [*SECOND, "多出一格"]):
        assert counts(importer(FIRST, broken)) == (0, 0, 1, 1, 0)
    assert [site.name for site in importer(FIRST).gone] == ["社区驿家"]


def test_nothing_is_emptied_because_a_list_is_silent(importer: Importer) -> None:
    importer(FIRST)
    assert counts(importer([FIRST[0], FIRST[1], FIRST[2], "", "", "", "", ""])) == (0, 0, 1, 0, 0)
    assert sites()[0].lon == 120.344
    assert sites()[0].pin_note == ""


def test_a_known_number_of_things_outlives_a_list_without_numbers(importer: Importer) -> None:
    importer(FIRST)
    sites()[0].facilities = {"sofa": 2, "tv": 1}
    importer(FIRST)
    assert sites()[0].facilities == {"sofa": 2, "fridge": None, "chair": None}


def test_what_a_person_edited_is_kept(importer: Importer, factories: Factories, clock: Clock) -> None:
    importer(FIRST)
    user = factories.user("district_union", importer.union)
    site = sites()[0]
    site.lon, site.name, site.name_key = 120.3441, "九阳妈咪小屋", "九阳妈咪小屋"
    fields = {"lon": [120.344, 120.3441], "name": ["九阳小屋", "九阳妈咪小屋"]}
    db.session.add(SiteChange(site_id=site.id, at=clock(), user_id=user.id, act="edit", fields=fields))
    report = importer([*FIRST[:6], "120.9", "30.9"])
    assert counts(report) == (0, 0, 1, 0, 0)
    assert report.kept_edits == 2
    assert [(site.lon, site.lat, site.name) for site in sites()] == [(120.3441, 30.337, "九阳妈咪小屋")]


def test_each_particular_that_a_person_edited_is_kept_and_the_others_follow_the_list(
    importer: Importer, factories: Factories, clock: Clock
) -> None:
    importer.profile = load_profile("roster-rooms")
    columns = ["小屋名称", "详细地址", "邮编", "负责人", "负责人电话", "备注"]
    row = ["九阳小屋", "银海街760号", "310018", "王红", "0571-81639093", "旧"]
    importer(row, columns=columns)
    user = factories.user("district_union", importer.union)
    db.session.add(user)
    (site,) = sites()
    mine = {**site.particulars, "manager_name": "李敏"} | {"belongs_to": "九阳"}
    del mine["manager_phone"]
    clock.advance(hours=1)
    edit_site(user, site, {"particulars": mine}, site.updated_at, clock())
    report = importer([*row[:2], "310019", "王红", "0571-81639093", "新"], columns=columns)
    assert counts(report) == (0, 1, 0, 0, 0)
    assert report.kept_edits == 2
    assert sites()[0].particulars == {
        "postcode": "310019", "manager_name": "李敏", "remark": "新", "belongs_to": "九阳",
    }  # fmt: skip
    last = history(site)[-1]
    assert last.fields == {"particulars.postcode": ["310018", "310019"], "particulars.remark": ["旧", "新"]}
    assert counts(importer([*row[:2], "310019", *row[3:5], ""], columns=columns)) == (0, 0, 1, 0, 0)


def test_a_way_that_a_person_rewrote_does_not_hide_which_room_it_is(
    importer: Importer, factories: Factories, clock: Clock
) -> None:
    rooms = [[*FIRST[:2], way, *FIRST[3:]] for way in ("东侧", "西侧", "南侧")]
    importer(*rooms)
    user = factories.user("district_union", importer.union)
    for site, way in zip(sites()[:2], ("进门右转", "进门左转"), strict=True):
        fields = {"landmark": [site.landmark, way]}
        site.landmark = way
        db.session.add(SiteChange(site_id=site.id, at=clock(), user_id=user.id, act="edit", fields=fields))
    assert counts(importer(*rooms)) == (0, 0, 3, 0, 0)
    assert [site.landmark for site in sites()] == ["进门右转", "进门左转", "南侧"]


def test_rooms_of_one_building_are_told_apart_by_the_way(importer: Importer) -> None:
    east, west = [*FIRST[:2], "二层东侧", *FIRST[3:]], [*FIRST[:2], "二层西侧", *FIRST[3:]]
    assert counts(importer(east, west)) == (2, 0, 0, 0, 0)
    assert counts(importer(west, east)) == (0, 0, 2, 0, 0)
    shorter = [[*row[:2], row[2][2:], *row[3:]] for row in (east, west)]
    assert counts(importer(*shorter)) == (0, 2, 0, 0, 0)


def test_rows_that_nothing_tells_apart_are_kept_with_a_warning(importer: Importer) -> None:
    report = importer(FIRST, FIRST, FIRST)
    assert counts(report) == (3, 0, 0, 0, 0)
    assert [(row, field) for row, field, _ in problems(report)] == [(3, "name"), (4, "name")]
    assert counts(importer(FIRST, FIRST, FIRST)) == (0, 0, 3, 0, 0)
    assert counts(importer(FIRST, FIRST)) == (0, 0, 2, 0, 1)


def test_an_external_code_outlives_a_new_name_and_address(importer: Importer) -> None:
    columns = ["编号", *COLUMNS]
    importer(["A1", *FIRST], ["A2", *SECOND], columns=columns)
    renamed = ["A1", "新名字", "新地址", *FIRST[2:]]
    assert counts(importer(renamed, ["A2", *SECOND], columns=columns)) == (0, 1, 1, 0, 0)
    assert sites()[0].name_key == "新名字"
    report = importer(renamed, ["A1", *SECOND], columns=columns)
    assert counts(report) == (0, 0, 1, 1, 1)
    assert problems(report) == [(3, "external_code", "The code A1 stands in row 2 already")]


def test_hosts_are_found_by_their_codes(importer: Importer, factories: Factories) -> None:
    unit = factories.union("unit", importer.union, code="U-9")
    stranger = factories.union("municipal", code="X-9")
    columns = ["工会", *COLUMNS]
    report = importer(["U-9", *FIRST], [stranger.code, *SECOND], columns=columns)
    assert counts(report) == (1, 0, 0, 1, 0)
    assert sites()[0].host_id == unit.id
    assert problems(report)[0][:2] == (3, "union")
    importer(["", *FIRST], columns=columns)
    assert sites()[0].host_id == unit.id
    db.session.commit()
    other = factories.union("unit", importer.union, code="U-8")
    assert counts(importer(["U-8", *FIRST], columns=columns)) == (0, 1, 0, 0, 0)
    assert sites()[0].host_id == other.id


STAFF = "限本单位职工，不对外开放"


def test_staff_only_in_prose_is_not_public_until_a_person_decides(importer: Importer) -> None:
    columns = ["说明", *COLUMNS]
    report = importer([STAFF, *FIRST], ["", *SECOND], columns=columns)
    assert counts(report) == (2, 0, 0, 0, 0)
    assert problems(report)[0][:2] == (2, "open_to_outsiders")
    closed, open_one = sites()
    assert closed.open_to_outsiders is None
    assert "不对外开放" in closed.review_note
    assert (closed.is_public, open_one.is_public) == (False, True)
    closed.open_to_outsiders, closed.review_note = True, ""
    importer([STAFF, *FIRST], ["", *SECOND], columns=columns)
    assert sites()[0].is_public, "the same list again does not undo a decision"
    importer([STAFF, *FIRST], [STAFF, *SECOND], columns=columns)
    assert not sites()[1].is_public, "a list that now says so does"


@pytest.mark.usefixtures("importer")
def test_an_unknown_union_is_refused() -> None:
    with pytest.raises(Invalid, match="no union with the code nowhere"):
        find_union("nowhere")


def test_a_job_without_a_language_stores_notes_in_that_of_the_installation(
    app: Flask, factories: Factories, clock: Clock, tmp_path: Path
) -> None:
    code = factories.union().code
    path = tmp_path / "list.csv"
    path.write_text(f"{','.join(COLUMNS)}\n{','.join(FIRST[:6])},,\n", encoding="utf-8")
    with app.app_context(), unit_of_work():
        order = Order(path, load_profile(str(PROFILES / "small.toml")), find_union(code), clock(), Datum.WGS84)
        assert run_import(order).new == 1
        assert sites()[0].pin_note
