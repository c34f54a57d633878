"""Adding a site and changing what it states about itself."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import TradeUnion
from app.db import db
from app.sites.datums import Datum, convert
from app.sites.models import Site, SiteChange
from tests.conftest import Clock
from tests.factories import Factories
from tests.sites.form_pages import inputs, send

WEEK = {str(day): [[510, 720], [810, 1050]] for day in range(1, 6)} | {"6": [], "7": []}
HOURS: dict[str, Any] = {
    "text": "工作日 8:30-12:00 13:30-17:30", "week": WEEK, "holidays": "usual", "workday": [[0, 1440]],
    "exceptions": [{"from_on": "2026-12-01", "to_on": "2026-12-03", "intervals": [[1200, 1560]], "note": "检修"}],
    "calendar": "cn",
}  # fmt: skip


def manager(
    factories: Factories, unit: TradeUnion | None = None, **values: Any
) -> tuple[FlaskClient, Site, str]:
    unit = unit or factories.tree()[2]
    site = factories.site(unit, **values)
    return factories.login(factories.user("site_manager", unit, site)), site, f"/manage/sites/{site.id}/edit"


def stored(app: Flask, site: Site) -> Site:
    with app.app_context():
        return db.session.get_one(Site, site.id)


def changes(app: Flask, site: Site) -> list[SiteChange]:
    with app.app_context():
        return list(db.session.scalars(select(SiteChange).where(SiteChange.site_id == site.id).order_by(SiteChange.id)))


def test_a_form_sent_back_as_it_came_changes_nothing(factories: Factories, app: Flask) -> None:
    everything: dict[str, Any] = {
        "hours": HOURS, "lon": 120.34406612345, "lat": 30.33734398765, "source_datum": "gcj02", "women_only": False,
        "open_to_outsiders": None, "admission": None, "landmark": "进门右转\n再左转", "area_m2": Decimal("15.50"),
        "note": "备注", "review_note": "请确认", "contact_name": "王女士", "contact_phone": "0571", "floor_order": -1,
        "last_verified_on": date(2026, 1, 2), "facilities": {"sofa": 2, "chair": None}, "division_code": None,
    }  # fmt: skip
    unit = factories.tree()[2]
    client, site, path = manager(factories, unit, **everything)
    before = stored(app, site)
    assert send(client, path).status_code == 302
    after = stored(app, site)
    for column in Site.__table__.columns:
        assert getattr(after, column.name) == getattr(before, column.name), column
    assert changes(app, site) == []
    union = factories.login(factories.user("unit_union", unit))
    assert send(union, path).status_code == 302
    assert changes(app, site) == []


def test_every_field_is_changed_and_kept_in_the_history(factories: Factories, app: Flask, clock: Clock) -> None:
    client, site, path = manager(factories)
    clock.advance(minutes=5)
    answer = send(
        client, path, name=" 九阳  小屋 ", address="银海街760号", admission="building", women_only="yes",
        open_to_outsiders="no", access_note="刷工牌", is_listed=None, division_code="330102", floor_label="B1",
        floor_order="-1", landmark="电梯旁\r\n左手", area_m2="15.5", public_phone="0571-1", contact_name="李",
        contact_phone="139", note="注", review_note="", last_verified_on="2026-11-20", pin_note="大门",
    )  # fmt: skip
    assert answer.status_code == 302
    after = stored(app, site)
    assert (after.name, after.name_key, after.address_key) == ("九阳 小屋", "九阳小屋", "银海街760号")
    assert (after.women_only, after.open_to_outsiders, after.is_listed) == (True, False, False)
    assert after.admission == "building"
    assert (after.floor_order, after.landmark, after.area_m2) == (-1, "电梯旁\n左手", Decimal("15.50"))
    assert after.last_verified_on == date(2026, 11, 20)
    assert after.updated_at == clock()
    assert (after.lon, after.lat) == (site.lon, site.lat)
    (change,) = changes(app, site)
    assert change.act == "edit"
    assert change.fields["name"] == [site.name, "九阳 小屋"]
    assert change.fields["area_m2"] == [None, "15.5"]
    assert change.fields["is_listed"] == [True, False]
    assert set(change.fields) >= {"contact_phone", "floor_order", "division_code", "landmark", "admission"}
    assert not set(change.fields) & {"lon", "lat", "hours", "facilities", "kind", "host_id"}
    page = client.get(f"/manage/sites/{site.id}/history").text
    assert "九阳 小屋" in page
    assert "330102" in page


def test_a_pin_from_another_map_is_stored_as_wgs84(factories: Factories, app: Flask) -> None:
    client, site, path = manager(factories, lon=None, lat=None)
    assert send(client, path, lon="120.344066", lat="30.337343", datum="gcj02").status_code == 302
    after = stored(app, site)
    lon, lat = convert(120.344066, 30.337343, Datum.GCJ02, Datum.WGS84)
    assert (after.lon, after.lat) == (pytest.approx(lon, abs=1e-7), pytest.approx(lat, abs=1e-7))
    assert after.source_datum == "gcj02"
    assert send(client, path, lon="", lat="").status_code == 302
    assert stored(app, site).lon is None


def test_hours_and_facilities_are_read_from_their_inputs(factories: Factories, app: Flask) -> None:
    client, site, path = manager(factories)
    times = {"day1-morning-from": "830", "day1-morning-to": "12:00", "day1-afternoon-from": "１３：３０",
             "day1-afternoon-to": "24:00"}  # fmt: skip
    exception = {"ex0-first": "2026-12-24", "ex0-last": "", "ex0-note": "<b>", "ex0-state": "open",
                 "ex0-noon-from": "11:00", "ex0-noon-to": "13:00"}  # fmt: skip
    answer = send(
        client, path, **times, **exception, **{"day1-state": "open", "day6-state": "closed", "holidays-state": "usual"},
        **{"has-sofa": None, "has-fridge": "y", "number-fridge": "", "has-changing_table": "y",
           "number-changing_table": "3", "hours-text": "白天"},
    )  # fmt: skip
    assert answer.status_code == 302
    after = stored(app, site)
    assert after.facilities == {"changing_table": 3, "fridge": None}
    assert after.hours == {
        "text": "白天", "week": {"1": [[510, 720], [810, 1440]], "6": []}, "holidays": "usual", "workday": None,
        "exceptions": [{"from_on": "2026-12-24", "to_on": "2026-12-24", "intervals": [[660, 780]], "note": "<b>"}],
        "calendar": "cn",
    }  # fmt: skip
    page = client.get(f"/manage/sites/{site.id}").text
    assert "08:30–12:00、13:30–24:00" in page
    assert "&lt;b&gt;" in page
    assert send(client, path).status_code == 302
    assert len(changes(app, site)) == 1


FAULTS: list[tuple[dict[str, Any], str]] = [
    ({"name": "  "}, "name-error"),
    ({"name": "名" * 201}, "name-error"),
    ({"lon": "120.3", "lat": ""}, "lon-error"),
    ({"lon": "1120.36237"}, "lon-error"),
    ({"lon": "509898", "lat": "180007"}, "lon-error"),
    ({"lon": "nan"}, "lon-error"),
    ({"lat": "north"}, "lat-error"),
    ({"division_code": "999999"}, "division_code-error"),
    ({"area_m2": "-1"}, "area_m2-error"),
    ({"area_m2": "NaN"}, "area_m2-error"),
    ({"area_m2": "big"}, "area_m2-error"),
    ({"floor_order": "二"}, "floor_order-error"),
    ({"floor_order": "1000"}, "floor_order-error"),
    ({"last_verified_on": "2026-11-21"}, "last_verified_on-error"),
    ({"last_verified_on": "yesterday"}, "last_verified_on-error"),
    ({"admission": "nobody"}, "admission-error"),
    ({"datum": "osgb36"}, "datum-error"),
    ({"day1-state": "open"}, "day1-error"),
    ({"day2-state": "open", "day2-noon-from": "12:00"}, "day2-error"),
    ({"day2-state": "open", "day2-noon-from": "12:00", "day2-noon-to": "11:00"}, "day2-error"),
    ({"day2-state": "open", "day2-noon-from": "25:00", "day2-noon-to": "26:00"}, "day2-error"),
    ({"day2-state": "open", "day2-noon-from": "9", "day2-noon-to": "10"}, "day2-error"),
    (
        {
            "day3-state": "open", "day3-morning-from": "8:00", "day3-morning-to": "13:00", "day3-noon-from": "12:00",
            "day3-noon-to": "14:00",
        },
        "day3-error",
    ),
    ({"ex0-note": "没有日期"}, "ex0-error"),
    ({"ex0-first": "2026-12-02", "ex0-last": "2026-12-01"}, "ex0-error"),
    ({"hours-text": "时" * 401}, "hours-text-error"),
    ({"has-sofa": "y", "number-sofa": "0"}, "number-sofa-error"),
    ({"has-sofa": "y", "number-sofa": "two"}, "number-sofa-error"),
]  # fmt: skip


def test_every_fault_is_said_at_its_field_and_nothing_is_saved(factories: Factories, app: Flask) -> None:
    client, site, path = manager(factories)
    filled = inputs(client.get(path))
    for wrong, where in FAULTS:
        answer = client.post(path, data={**filled, "contact_name": "也改了", **wrong})
        assert answer.status_code == 422, wrong
        assert f'id="{where}"' in answer.text, wrong
        assert "也改了" in answer.text, wrong
    assert stored(app, site).contact_name == ""
    assert changes(app, site) == []


def test_what_gates_titles_is_not_in_the_managers_form_and_not_taken_from_her(factories: Factories, app: Flask) -> None:
    client, site, path = manager(factories)
    page = client.get(path)
    gating = {
        "kind": "nursery", "location_kind": "internal", "status": "closed", "opened_on": "2020-01-01",
        "accepted_on": "2020-01-01", "filed_on": "2020-01-01", "closed_on": "2026-01-01", "host_id": "1",
    }  # fmt: skip
    assert not set(inputs(page)) & set(gating)
    assert send(client, path, **gating, note="只有这个").status_code == 302
    (change,) = changes(app, site)
    assert set(change.fields) == {"note"}


def test_a_union_sets_them_and_contradictions_are_refused(factories: Factories, app: Flask) -> None:
    _municipal, district, unit = factories.tree()
    site, elsewhere = factories.site(unit), factories.union("unit", district)
    foreign = factories.tree()[2]
    client, path = factories.login(factories.user("district_union", district)), f"/manage/sites/{site.id}/edit"
    right = {"accepted_on": "2025-02-01", "filed_on": "2025-03-01", "location_kind": "internal"}
    assert send(client, path, **right, host_id=str(elsewhere.id)).status_code == 302
    after = stored(app, site)
    assert (after.host_id, after.accepted_on, after.location_kind) == (elsewhere.id, date(2025, 2, 1), "internal")
    history = client.get(path.replace("/edit", "/history")).text
    assert f"<ins>{elsewhere.name}</ins>" in history
    for wrong, where in (
        ({"status": "closed"}, "closed_on-error"),
        ({"closed_on": "2026-01-01"}, "closed_on-error"),
        ({"status": "closed", "closed_on": "2024-01-01", "opened_on": "2025-01-01"}, "closed_on-error"),
        ({"accepted_on": "2027-01-01"}, "accepted_on-error"),
        ({"host_id": str(foreign.id)}, "host_id-error"),
        ({"host_id": "unit"}, "host_id-error"),
        ({"kind": "castle"}, "kind-error"),
    ):
        answer = send(client, path, **wrong)
        assert answer.status_code == 422, wrong
        assert f'id="{where}"' in answer.text, wrong
    assert send(client, path, status="closed", closed_on="2026-11-01").status_code == 302
    assert stored(app, site).status == "closed"


def test_a_unit_does_not_confirm_its_own_acceptance_and_filing(factories: Factories, app: Flask) -> None:
    unit = factories.tree()[2]
    site = factories.site(unit)
    client, path = factories.login(factories.user("unit_union", unit)), f"/manage/sites/{site.id}/edit"
    gating = {"accepted_on": "2020-01-01", "filed_on": "2020-01-01"}
    assert not set(inputs(client.get(path))) & set(gating)
    assert send(client, path, **gating, opened_on="2024-12-01").status_code == 302
    assert [set(change.fields) for change in changes(app, site)] == [{"opened_on"}]
    assert send(client, "/manage/sites/new", **gating, name="新的", host_id=str(unit.id)).status_code == 302
    with app.app_context():
        made = db.session.scalars(select(Site).order_by(Site.id.desc())).first()
        assert made is not None
        assert (made.name, made.accepted_on, made.filed_on) == ("新的", None, None)


def test_two_people_at_once_the_later_one_is_told(factories: Factories, app: Flask, clock: Clock) -> None:
    unit = factories.tree()[2]
    client, site, path = manager(factories, unit)
    other = factories.login(factories.user("unit_union", unit))
    opened = inputs(client.get(path))
    clock.advance(minutes=1)
    assert send(other, path, note="先保存").status_code == 302
    answer = client.post(path, data={**opened, "note": "后保存"})
    assert answer.status_code == 409
    assert "后保存" in answer.text
    assert stored(app, site).note == "先保存"
    again = inputs(answer)
    assert client.post(path, data=again).status_code == 302
    assert stored(app, site).note == "后保存"


def test_an_incomplete_form_is_refused(factories: Factories, app: Flask) -> None:
    client, site, path = manager(factories)
    assert send(client, path, seen_at=None, note="x").status_code == 422
    assert send(client, path, seen_at="2026-11-20", note="x").status_code in (409, 422)
    assert changes(app, site) == []


def test_a_union_adds_a_site(factories: Factories, app: Flask) -> None:
    _municipal, district, unit = factories.tree()
    user = factories.user("district_union", district)
    client = factories.login(user)
    answer = send(client, "/manage/sites/new", name="新小屋", host_id=str(unit.id), address="新路1号")
    assert answer.status_code == 302
    with app.app_context():
        site = db.session.scalars(select(Site).where(Site.name == "新小屋")).one()
        assert (site.host_id, site.is_listed, site.open_to_outsiders) == (unit.id, False, None)
        assert not site.is_public
    (change,) = changes(app, site)
    assert (change.act, change.user_id) == ("create", user.id)
    assert change.fields["name"] == [None, "新小屋"]
    page = client.get(answer.location).text
    assert "发放门牌码" in page
    assert send(client, "/manage/sites/new", name="").status_code == 422
    foreign = factories.tree()[2]
    assert send(client, "/manage/sites/new", name="x", host_id=str(foreign.id)).status_code == 422


def test_a_manager_adds_none(factories: Factories) -> None:
    client, _site, _path = manager(factories)
    assert client.get("/manage/sites/new").status_code == 403
