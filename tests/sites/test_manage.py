"""The pages of a site's people: who sees which, suspending, reopening, verifying, history."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from markupsafe import Markup
from sqlalchemy import select

from app.db import db
from app.sites.models import Site, SiteChange, Suspension
from tests.conftest import Clock
from tests.factories import Factories
from tests.sites.form_pages import send

SITE_PATHS = ("", "/edit", "/history", "/poster.pdf", "/codes/new")
POSTS = ("/edit", "/verify", "/suspend", "/reopen", "/codes", "/codes/new", "/codes/1/revoke", "/photos",
         "/photos/1/remove")  # fmt: skip


def stored(app: Flask, site: Site) -> Site:
    with app.app_context():
        found = db.session.get_one(Site, site.id)
        assert found.suspensions is not None
        return found


def acts(app: Flask, site: Site) -> list[SiteChange]:
    with app.app_context():
        return list(db.session.scalars(select(SiteChange).where(SiteChange.site_id == site.id).order_by(SiteChange.id)))


def test_a_manager_sees_her_own_sites_and_no_other(factories: Factories) -> None:
    unit = factories.tree()[2]
    mine, other = factories.site(unit, name="东楼小屋"), factories.site(unit, name="西楼小屋")
    client = factories.login(factories.user("site_manager", unit, mine))
    page = client.get("/manage/sites")
    assert "东楼小屋" in page.text
    assert "西楼小屋" not in page.text
    for path in SITE_PATHS:
        assert client.get(f"/manage/sites/{other.id}{path}").status_code == 404, path
        assert client.get(f"/manage/sites/999999{path}").status_code == 404, path


def test_nothing_can_be_done_to_a_foreign_site(factories: Factories) -> None:
    district = factories.tree()[1]
    mine = factories.site(factories.union("unit", district))
    foreign = factories.site()
    factories.door_code(foreign)
    factories.photo(foreign)
    for client in (
        factories.login(factories.user("site_manager", district, mine)),
        factories.login(factories.user("district_union", district)),
    ):
        token = send_token(client, mine)
        for path in POSTS:
            answer = client.post(f"/manage/sites/{foreign.id}{path}", data={"csrf_token": token, "reason": "x"})
            assert answer.status_code == 404, path


def send_token(client: object, site: Site) -> str:
    text = client.get(f"/manage/sites/{site.id}").text  # type: ignore[attr-defined]
    return str(text.split('name="csrf_token" value="')[1].split('"')[0])


def test_each_union_reaches_its_own_subtree(factories: Factories) -> None:
    municipal, district, unit = factories.tree()
    site = factories.site(unit)
    sibling = factories.union("district", municipal)
    for role, union, status in (
        ("municipal_union", municipal, 200),
        ("district_union", district, 200),
        ("unit_union", unit, 200),
        ("district_union", sibling, 404),
    ):
        client = factories.login(factories.user(role, union))
        assert client.get(f"/manage/sites/{site.id}").status_code == status, role


def test_strangers_are_sent_to_log_in(factories: Factories, app: Flask) -> None:
    site = factories.site()
    client = app.test_client()
    for path in ("/manage/sites", f"/manage/sites/{site.id}", f"/manage/sites/{site.id}/edit"):
        answer = client.get(path)
        assert answer.status_code == 302
        assert "/login" in answer.location


def test_every_form_needs_its_token(factories: Factories) -> None:
    unit = factories.tree()[2]
    site = factories.site(unit)
    client = factories.login(factories.user("site_manager", unit, site))
    for path in POSTS:
        assert client.post(f"/manage/sites/{site.id}{path}").status_code == 403, path


def test_the_list_is_searched_and_paged(factories: Factories, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.sites.views.PAGE_SIZE", 2)
    unit = factories.tree()[2]
    for name in ("甲", "乙", "丙 100%"):
        factories.site(unit, name=f"{name}小屋")
    client = factories.login(factories.user("unit_union", unit))
    first, second = client.get("/manage/sites"), client.get("/manage/sites?page=2")
    assert first.text.count("site-card") == 2
    assert second.text.count("site-card") == 1
    assert client.get("/manage/sites?q=乙").text.count("site-card") == 1
    assert client.get("/manage/sites?q=100%25").text.count("site-card") == 1
    assert client.get("/manage/sites?q=100%25小").text.count("site-card") == 1
    assert client.get("/manage/sites?q=没有").text.count("site-card") == 0
    assert client.get("/manage/sites?page=99999999999").status_code == 200
    assert client.get("/manage/sites?page=-3").status_code == 200


def test_sites_without_a_pin_have_a_list_of_their_own(factories: Factories) -> None:
    municipal, _district, unit = factories.tree()
    factories.site(unit, name="东楼小屋")
    client = factories.login(factories.user("municipal_union", municipal))
    assert "todo=pin" not in client.get("/manage/sites").text
    factories.site(unit, name="西楼小屋", lon=None, lat=None)
    assert "todo=pin" in client.get("/manage/sites").text
    worklist = client.get("/manage/sites?todo=pin").text
    assert "西楼小屋" in worklist
    assert "东楼小屋" not in worklist


def test_other_features_add_panels_and_badges(factories: Factories, app: Flask) -> None:
    unit = factories.tree()[2]
    site = factories.site(unit, name="<b>小屋</b>")
    app.extensions["site_panels"][:] = [
        lambda site, user: Markup("<i>{} {}</i>").format(site.name, user.username),
        lambda _site, _user: Markup("<i>second</i>"),
    ]
    app.extensions["site_badges"].append(lambda sites, _user: {site.id: Markup("<i>badge</i>") for site in sites})
    user = factories.user("site_manager", unit, site)
    client = factories.login(user)
    page = client.get(f"/manage/sites/{site.id}").text
    assert page.index(f"<i>&lt;b&gt;小屋&lt;/b&gt; {user.username}</i>") < page.index("<i>second</i>")
    assert "<i>badge</i>" in client.get("/manage/sites").text


def test_suspending_from_today_until_reopened(factories: Factories, app: Flask, clock: Clock) -> None:
    unit = factories.tree()[2]
    site = factories.site(unit)
    user = factories.user("site_manager", unit, site)
    client = factories.login(user)
    path = f"/manage/sites/{site.id}"
    assert send(client, path, f"{path}/suspend", reason="装修", to_on="").status_code == 302
    (suspension,) = stored(app, site).suspensions
    assert (suspension.starts_at, suspension.ends_at, suspension.reason) == (clock(), None, "装修")
    assert suspension.created_by_id == user.id
    page = client.get(path).text
    assert "暂停中" in page
    assert "现在恢复开放" in page
    clock.advance(days=3)
    assert send(client, path, f"{path}/reopen").status_code == 302
    (suspension,) = stored(app, site).suspensions
    assert suspension.ends_at == clock()
    assert [change.act for change in acts(app, site)] == ["suspend", "reopen"]


@pytest.mark.parametrize(("role", "is_official"), [("unit_union", False), ("district_union", True)])
def test_a_suspension_is_official_when_a_union_above_makes_it(
    factories: Factories, app: Flask, clock: Clock, role: str, is_official: bool
) -> None:
    _municipal, district, unit = factories.tree()
    site = factories.site(unit)
    client = factories.login(factories.user(role, unit if role == "unit_union" else district))
    path = f"/manage/sites/{site.id}"
    days = {"from_on": "2026-11-20", "to_on": "", "reason": "装修"}
    assert send(client, path, f"{path}/suspend", **days).status_code == 302
    (suspension,) = stored(app, site).suspensions
    assert (suspension.is_official, suspension.mode) == (is_official, "closed")
    assert ("工会已确认" in client.get(path).text) is is_official
    assert stored(app, site).is_suspended(clock())


def test_entered_by_scanning_only_is_not_closed(factories: Factories, app: Flask, clock: Clock) -> None:
    unit = factories.tree()[2]
    site = factories.site(unit)
    client = factories.login(factories.user("site_manager", unit, site))
    path = f"/manage/sites/{site.id}"
    days = {"from_on": "2026-11-20", "to_on": "", "reason": "防疫", "mode": "scan_only"}
    assert send(client, path, f"{path}/suspend", **days).status_code == 302
    assert stored(app, site).is_scan_only(clock())
    assert not stored(app, site).is_suspended(clock())
    assert "凭扫码进入" in client.get(path).text
    assert [change.act for change in acts(app, site)] == ["scan_only"]


def test_a_planned_suspension_covers_whole_local_days_and_can_be_called_off(
    factories: Factories, app: Flask
) -> None:
    unit = factories.tree()[2]
    site = factories.site(unit)
    client = factories.login(factories.user("site_manager", unit, site))
    path = f"/manage/sites/{site.id}"
    days = {"from_on": "2026-12-01", "to_on": "2026-12-03", "reason": "消防检修"}
    assert send(client, path, f"{path}/suspend", **days).status_code == 302
    (suspension,) = stored(app, site).suspensions
    assert suspension.starts_at == datetime(2026, 11, 30, 16, tzinfo=UTC)
    assert suspension.ends_at == datetime(2026, 12, 3, 16, tzinfo=UTC)
    assert "计划暂停" in client.get(path).text
    assert "2026-12-01 – 2026-12-03<br>" in client.get(path).text
    again = send(client, path, f"{path}/suspend", from_on="2026-12-03", to_on="", reason="再来")
    assert again.status_code == 409
    assert "再来" in again.text
    assert send(client, path, f"{path}/suspend", from_on="2026-12-04", to_on="", reason="之后").status_code == 302
    assert send(client, path, f"{path}/reopen").status_code == 302
    first, second = stored(app, site).suspensions
    assert first.ends_at == first.starts_at
    assert not first.covers(datetime(2026, 12, 2, tzinfo=UTC))
    assert second.ends_at is None


@pytest.mark.parametrize(
    ("entered", "said"),
    [
        ({"from_on": "2026-11-19", "reason": "装修"}, "from_on-error"),
        ({"from_on": "2026-11-25", "to_on": "2026-11-24", "reason": "装修"}, "to_on-error"),
        ({"from_on": "2026-11-25", "reason": "  "}, "reason-error"),
        ({"from_on": "someday", "reason": "装修"}, "from_on-error"),
        ({"from_on": "", "reason": "装修"}, "from_on-error"),
        ({"from_on": "2026-11-25", "to_on": "31.12.", "reason": "装修"}, "to_on-error"),
        ({"from_on": "2026-11-25", "mode": "half", "reason": "装修"}, "mode-error"),
    ],
)
def test_a_wrong_suspension_is_explained_at_its_field(
    factories: Factories, app: Flask, entered: dict[str, str], said: str
) -> None:
    unit = factories.tree()[2]
    site = factories.site(unit)
    client = factories.login(factories.user("site_manager", unit, site))
    path = f"/manage/sites/{site.id}"
    answer = send(client, path, f"{path}/suspend", **entered)
    assert answer.status_code == 422
    assert f'id="{said}"' in answer.text
    assert stored(app, site).suspensions == []
    assert acts(app, site) == []


def test_a_closed_site_is_not_suspended_and_an_open_one_not_reopened(factories: Factories, app: Flask) -> None:
    unit = factories.tree()[2]
    site = factories.site(unit)
    closed = factories.site(unit, status="closed", closed_on=datetime(2026, 1, 1, tzinfo=UTC).date())
    client = factories.login(factories.user("site_manager", unit, site, closed))
    token = send_token(client, site)
    day = {"csrf_token": token, "from_on": "2026-11-25", "reason": "装修"}
    assert client.post(f"/manage/sites/{closed.id}/suspend", data=day).status_code == 409
    assert client.post(f"/manage/sites/{site.id}/reopen", data=day).status_code == 409
    with app.app_context():
        assert db.session.scalars(select(Suspension)).all() == []


def test_verified_on_the_spot_today(factories: Factories, app: Flask, clock: Clock) -> None:
    unit = factories.tree()[2]
    site = factories.site(unit, last_verified_on=datetime(2026, 1, 1, tzinfo=UTC).date())
    user = factories.user("site_manager", unit, site)
    client = factories.login(user)
    clock.advance(hours=15)
    path = f"/manage/sites/{site.id}"
    assert send(client, path, f"{path}/verify").status_code == 302
    assert str(stored(app, site).last_verified_on) == "2026-11-21"
    (change,) = acts(app, site)
    assert (change.act, change.user_id) == ("verify", user.id)
    assert change.fields == {"last_verified_on": ["2026-01-01", "2026-11-21"]}
    page = client.get(f"{path}/history").text
    assert user.username in page
    assert "2026-11-21 01:00" in page


def test_the_history_is_paged_and_shows_what_an_operator_did(
    factories: Factories, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.sites.views.PAGE_SIZE", 2)
    unit = factories.tree()[2]
    site = factories.site(unit)
    hours = [{}, {"week": {"1": [[510, 1050]]}}]
    fields = {"hours": hours, "facilities": [{"sofa": 2}, {"gone": None}], "is_listed": [False, True], "odd": [1, "?"]}
    for number in range(3):
        at = clock() + timedelta(minutes=number)
        factories.add(SiteChange(site_id=site.id, at=at, act="import", fields=fields if number == 2 else {}, note="x"))
    factories.add(SiteChange(site_id=site.id, at=clock(), act="edit", fields={"hours": [{"week": 5}, None]}, note=""))
    client = factories.login(factories.user("site_manager", unit, site))
    first = client.get(f"/manage/sites/{site.id}/history")
    assert "系统" in first.text
    assert "08:30–17:30" in first.text
    second = client.get(f"/manage/sites/{site.id}/history?page=2")
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.text.count('<li class="card">') == second.text.count('<li class="card">') == 2
