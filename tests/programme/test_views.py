"""The verdict page, statements, and the panel, with real requests on both databases."""

import re
from datetime import date
from typing import Any

from flask.testing import FlaskClient

from app.accounts.models import RulebookChoice, User
from app.db import db
from app.programme.models import Attestation
from app.programme.panels import site_panel
from app.sites.models import Site
from tests.factories import Factories
from tests.programme.conftest import EQUIPMENT, MakeRoom


def manager_of(factories: Factories, site: Site, **values: Any) -> tuple[FlaskClient, User]:
    """The browser and the account of a manager of `site`."""
    with factories.app.app_context():
        host = db.session.get_one(Site, site.id).host
    user = factories.user("site_manager", host, site, **values)
    return factories.login(user), user


def token(client: FlaskClient, path: str) -> str:
    """The form token of a page."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(path).get_data(as_text=True))
    assert found is not None
    return found[1]


def test_the_verdict_page_says_every_condition(factories: Factories, good_room: MakeRoom) -> None:
    site = good_room(uses=99)
    client, _ = manager_of(factories, site)
    page = client.get(f"/manage/sites/{site.id}/verdict")
    html = page.get_data(as_text=True)
    assert page.status_code == 200
    for name in ("A1", "A2", "A3", *(f"R{n}" for n in range(1, 10))):
        assert f'id="{name}"' in html
    for text in ("还有条件未达到", "月均还差", "第十六条", "运营方设定", "本月还需", "最早可申报", "系统导入"):
        assert text in html
    assert "style=" not in html
    english = client.get(f"/manage/sites/{site.id}/verdict?lang=en").get_data(as_text=True)
    assert "1 uses a month are missing" in english


def test_a_condition_of_two_numbers_shows_the_one_that_fails_and_which_the_operator_set(
    factories: Factories, good_room: MakeRoom
) -> None:
    site = good_room(facilities=dict.fromkeys(EQUIPMENT[:-1], 1))
    client, _ = manager_of(factories, site)
    html = client.get(f"/manage/sites/{site.id}/verdict").get_data(as_text=True)
    found = html.partition('id="R4"')[2].partition('<li class="card')[0]
    assert re.findall(r"差额</dt><dd>([^<]*)<", found) == ["0", "-1"]
    assert (found.count("运营方设定"), found.count("政策规定")) == (1, 1)
    one = html.partition('id="R8"')[2].partition('<li class="card')[0]
    assert (one.count("差额"), one.count("政策规定")) == (1, 1)


def test_what_a_rulebook_asks_for_besides_a_title_is_judged_and_can_be_stated(factories: Factories) -> None:
    _, _, unit = factories.tree()
    factories.add(RulebookChoice(trade_union_id=unit.id, from_on=date(2026, 1, 1), rulebook_id="beijing-2021"))
    site = factories.site(unit, facilities=dict.fromkeys(("table", "chair", "power_socket", "washbasin"), 1))
    client, _ = manager_of(factories, site)
    html = client.get(f"/manage/sites/{site.id}/verdict").get_data(as_text=True)
    for text in ("没有对这类阵地规定示范条件", "必须达到的标准", "鼓励配备，不作硬性要求", "还缺：冰箱"):
        assert text in html
    assert re.findall(r'<li class="card finding (\w+)" id="(\w+)"', html) == [
        ("not_met", "B1"), ("not_met", "B2"), ("not_met", "B3"), ("unknown", "B4"), ("not_met", "B5"),
    ]  # fmt: skip
    assert 'value="dedicated_fridge"' in client.get(f"/manage/sites/{site.id}/statements").get_data(as_text=True)
    panel_of_site = client.get(f"/manage/sites/{site.id}").get_data(as_text=True)
    assert f"/manage/sites/{site.id}/verdict#B1" in panel_of_site
    assert "verdict#B5" not in panel_of_site


def test_an_earlier_date_and_wrong_ones(factories: Factories, good_room: MakeRoom) -> None:
    site = good_room()
    client, _ = manager_of(factories, site)
    path = f"/manage/sites/{site.id}/verdict"
    assert "2025-10 至 2026-09" in client.get(f"{path}?on=2026-10-31").get_data(as_text=True)
    for query in ("on=2026-11-21", "on=x", "on=2020-01-01", "rulebook=none"):
        assert client.get(f"{path}?{query}").status_code == 422


def test_pages_are_for_those_in_scope(factories: Factories, client: FlaskClient) -> None:
    municipal, _, unit = factories.tree()
    site = factories.site(unit)
    other = factories.login(factories.user("district_union", factories.union("district", municipal)))
    for page in ("verdict", "statements"):
        path = f"/manage/sites/{site.id}/{page}"
        assert other.get(path).status_code == 404
        assert client.get(path).status_code == 302
    path = f"/manage/sites/{site.id}/statements"
    assert other.post(path, data={"csrf_token": "x"}).status_code == 403
    assert client.post(path).status_code in (401, 403)


def send(client: FlaskClient, site: Site, **values: str) -> Any:
    """Post a statement with a good token."""
    path = f"/manage/sites/{site.id}/statements"
    good = {"item": "privacy", "holds": "yes", "stated_on": "2026-11-20", "note": " 两道软帘 "}
    return client.post(path, data={"csrf_token": token(client, path), **good, **values})


def test_a_statement_is_recorded_with_name_and_date(factories: Factories) -> None:
    site = factories.site()
    client, user = manager_of(factories, site, display_name="王芳")
    answer = send(client, site)
    assert answer.status_code == 302
    assert answer.location.endswith(f"/manage/sites/{site.id}/statements#privacy")
    with factories.app.app_context():
        row = db.session.query(Attestation).filter_by(site_id=site.id).one()
        assert (row.item, row.holds, str(row.stated_on), row.note, row.user_id) == (
            "privacy", True, "2026-11-20", "两道软帘", user.id,
        )  # fmt: skip
        assert row.stated_at == factories.clock()
    assert "王芳 · 2026-11-20 · 两道软帘" in client.get(f"/manage/sites/{site.id}/statements").get_data(as_text=True)
    assert "王芳 于 2026-11-20 确认符合" in client.get(f"/manage/sites/{site.id}/verdict").get_data(as_text=True)


def test_the_latest_statement_is_in_force_and_earlier_ones_stay(factories: Factories) -> None:
    site = factories.site()
    client, _ = manager_of(factories, site)
    send(client, site, stated_on="2026-11-10", note="第一次")
    send(client, site, holds="no", note="帘子坏了")
    html = client.get(f"/manage/sites/{site.id}/statements").get_data(as_text=True)
    assert "以前的确认（1）" in html
    assert "第一次" in html
    verdict = client.get(f"/api/v1/sites/{site.id}/eligibility").get_json()
    assert next(row["result"] for row in verdict["findings"] if row["id"] == "R3") == "not_met"
    send(client, site, stated_on="2026-11-19", note="补记")
    verdict = client.get(f"/api/v1/sites/{site.id}/eligibility").get_json()
    assert next(row["result"] for row in verdict["findings"] if row["id"] == "R3") == "not_met", "of an earlier date"


WRONG: list[dict[str, str]] = [
    {"item": "beauty"},
    {"item": ""},
    {"holds": "maybe"},
    {"stated_on": ""},
    {"stated_on": "yesterday"},
    {"stated_on": "2026-11-21"},
    {"stated_on": "2024-12-31"},
    {"note": "长" * 401},
    {"note": "\0"},
]


def test_wrong_statements_change_nothing(factories: Factories) -> None:
    site = factories.site()
    client, _ = manager_of(factories, site)
    for wrong in WRONG:
        answer = send(client, site, **wrong)
        assert answer.status_code == 422, wrong
        if "item" not in wrong:
            assert re.search(r'class="(error|bad-text)"', answer.get_data(as_text=True)), wrong
    with factories.app.app_context():
        assert db.session.query(Attestation).count() == 0


def test_only_what_applies_is_asked(factories: Factories) -> None:
    public, internal = factories.site(), factories.site(location_kind="internal")
    for site, asked in ((public, True), (internal, False)):
        client, _ = manager_of(factories, site)
        html = client.get(f"/manage/sites/{site.id}/statements").get_data(as_text=True)
        assert ('value="outdoor_guidance"' in html) is asked
        assert 'value="privacy"' in html


def panel(factories: Factories, site: Site, user: User) -> str:
    """The panel of a site as its page gets it."""
    with factories.app.test_request_context():
        return str(site_panel(db.session.get_one(Site, site.id), user))


def test_the_panel_has_chart_table_ratings_and_verdict(factories: Factories, good_room: MakeRoom) -> None:
    site = good_room(accepted_on=date(2025, 11, 5))
    factories.tally(site, "2026-11", 17)
    _, user = manager_of(factories, site)
    html = panel(factories, site, user)
    assert html.count("<tr>") == 14
    assert 'class="threshold"' in html
    assert "验收当月，不计入月均" in html
    assert "本月，未结束" in html
    assert "40 条评价" in html
    assert "style=" not in html
    assert site_panel in factories.app.extensions["site_panels"]


def test_the_panel_of_a_kind_without_conditions_has_months_only(factories: Factories) -> None:
    _, _, unit = factories.tree()
    factories.add(RulebookChoice(trade_union_id=unit.id, from_on=date(2026, 1, 1), rulebook_id="qingdao-2020"))
    site = factories.site(unit)
    _, user = manager_of(factories, site)
    html = panel(factories, site, user)
    assert "months-chart" in html
    assert "示范条件" not in html


def test_the_list_of_sites_says_the_verdicts(factories: Factories, good_room: MakeRoom) -> None:
    _, district, unit = factories.tree()
    good_room(unit, name="甲小屋")
    good_room(unit, name="乙小屋", uses=1)
    factories.site(unit, name="托育", kind="nursery")
    client = factories.login(factories.user("district_union", district))
    html = client.get("/manage/sites").get_data(as_text=True)
    assert (html.count("> 达到</span>"), html.count("> 未达到</span>")) == (1, 1)


def test_the_page_of_a_site_shows_the_panel(factories: Factories, good_room: MakeRoom) -> None:
    site = good_room()
    client, _ = manager_of(factories, site)
    html = client.get(f"/manage/sites/{site.id}").get_data(as_text=True)
    assert "months-chart" in html
    assert f"/manage/sites/{site.id}/verdict" in html
