"""Premises and what only the forms ask: filling them in, seeing them, and their history."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.models import TradeUnion
from app.sites.models import Site
from app.sites.particulars import particulars
from tests.conftest import Clock
from tests.factories import Factories
from tests.sites.form_pages import inputs, send
from tests.sites.test_manage_edit import changes, stored

FILLED = {
    "belongs_to": "九阳股份有限公司", "run_form": "joint", "postcode": "310018", "email": "union@example.cn",
    "women_workers": "1240", "manager_phone": "0571-8163 9093", "services": "哺乳\n休息", "construction": "yes",
    "model_room": "gift", "hours_noon": "12:00-13:30",
}  # fmt: skip


def typed(**values: str) -> dict[str, str]:
    return {f"particular-{code}": text for code, text in values.items()}


@pytest.fixture
def site(factories: Factories) -> Site:
    """A site in a mall, of which something is known."""
    return factories.site(factories.tree()[2], premises="mall", particulars={"remark": "旧", "postcode": "310000"})


def login(factories: Factories, site: Site, role: str = "unit_union") -> FlaskClient:
    managed = (site,) if role == "site_manager" else ()
    return factories.login(factories.user(role, TradeUnion(id=site.host_id), *managed))


def test_a_manager_fills_in_what_the_forms_ask(factories: Factories, site: Site, app: Flask) -> None:
    client, path = login(factories, site, "site_manager"), f"/manage/sites/{site.id}"
    assert "已填 2 项" in client.get(f"{path}/edit").text
    assert send(client, f"{path}/edit", **typed(**FILLED, remark=" ")).status_code == 302
    assert stored(app, site).particulars == {**FILLED, "women_workers": 1240}
    (change,) = changes(app, site)
    assert change.fields["particulars.postcode"] == ["310000", "310018"]
    assert change.fields["particulars.remark"] == ["旧", None]
    assert change.fields["particulars.women_workers"] == [None, 1240]
    assert set(change.fields) == {f"particulars.{code}" for code in (*FILLED, "remark")}
    history = client.get(f"{path}/history").text
    assert "市总工会援建" in history
    assert "赠送设备" in history
    page = client.get(path).text
    for text in ("商场", "三同时", "赠送设备", "联合办", "0571-8163 9093", "哺乳\n休息"):
        assert text in page
    assert page.count("不公开") == 3  # the contact, the e-mail and the person in charge
    assert "union@example.cn" not in client.get(f"/sites/{site.id}").text
    assert "0571-8163 9093" not in client.get(f"/sites/{site.id}").text
    assert send(client, f"{path}/edit").status_code == 302
    assert len(changes(app, site)) == 1


def test_every_question_has_an_input_of_its_kind(factories: Factories, site: Site) -> None:
    names = inputs(login(factories, site).get(f"/manage/sites/{site.id}/edit"))
    assert {name.removeprefix("particular-") for name in names if name.startswith("particular-")} == set(particulars())
    english = login(factories, site).get(f"/manage/sites/{site.id}/edit?lang=en").text
    assert "Equipment" in english
    assert "Shopping centre" in english


FAULTS = {
    "email": "not an address", "manager_phone": "call me", "women_workers": "many", "model_room": "castle",
    "postcode": "qiantang",
    "belongs_to": "长" * 301, "remark": "长" * 1001,
}  # fmt: skip


def test_wrong_answers_are_named_kept_and_not_saved(factories: Factories, site: Site, app: Flask) -> None:
    client, path = login(factories, site), f"/manage/sites/{site.id}/edit"
    answer = send(client, path, **typed(**FAULTS, host_kind="也填了"))
    assert answer.status_code == 422
    for code, text in FAULTS.items():
        assert f'href="#particular-{code}"' in answer.text
        assert f'id="particular-{code}-error"' in answer.text
        assert code == "model_room" or text in answer.text
    assert "<details open><summary>已填" in answer.text
    assert "也填了" in answer.text
    assert changes(app, site) == []
    assert stored(app, site).particulars == site.particulars


def test_what_a_list_brought_in_stops_nobody_who_changes_something_else(factories: Factories, app: Flask) -> None:
    odd: dict[str, Any] = {"manager_phone": "81639093转801", "unheard_of": "x", "women_workers": "许多"}
    odd["postcode"] = "杭州"
    site = factories.site(factories.tree()[2], premises="mall", location_kind="internal", particulars=odd)
    client, path = login(factories, site), f"/manage/sites/{site.id}/edit"
    assert send(client, path, note="改了这个").status_code == 302
    assert send(client, path, **{"particular-remark": "新", "particular-women_workers": None}).status_code == 302
    assert stored(app, site).particulars == {**odd, "remark": "新"}
    assert send(client, path, **typed(manager_phone="81639093转8")).status_code == 422


def test_a_union_sets_the_premises_and_a_contradiction_is_refused(
    factories: Factories, site: Site, app: Flask, clock: Clock
) -> None:
    client, path = login(factories, site), f"/manage/sites/{site.id}"
    clock.advance(minutes=1)
    for wrong in ({"premises": "enterprise"}, {"location_kind": "internal"}):
        answer = send(client, f"{path}/edit", **wrong)
        assert answer.status_code == 422
        for field in ("premises", "location_kind"):
            assert f'id="{field}-error"' in answer.text
            assert f'href="#{field}"' in answer.text
    assert send(client, f"{path}/edit", premises="moon").status_code == 422
    assert stored(app, site).premises == "mall"
    assert send(client, f"{path}/edit", premises="enterprise", location_kind="internal").status_code == 302
    assert (stored(app, site).premises, stored(app, site).location_kind) == ("enterprise", "internal")
    assert changes(app, site)[0].fields == {"premises": ["mall", "enterprise"], "location_kind": ["public", "internal"]}
    history = client.get(f"{path}/history").text
    assert "所在场所" in history
    assert "企业内部" in history
    assert send(client, f"{path}/edit", premises="").status_code == 302
    assert stored(app, site).premises is None


def test_a_manager_sees_the_premises_and_cannot_set_them(factories: Factories, site: Site, app: Flask) -> None:
    client, path = login(factories, site, "site_manager"), f"/manage/sites/{site.id}/edit"
    page = client.get(path)
    assert "premises" not in inputs(page)
    assert "<dt>所在场所</dt><dd>商场</dd>" in page.text
    assert send(client, path, premises="metro").status_code == 302
    assert stored(app, site).premises == "mall"


def test_a_new_site_has_them_from_the_start(factories: Factories, site: Site, app: Flask) -> None:
    client = login(factories, site)
    values = {"name": "新小屋", "premises": "metro", **typed(model_room="built", women_workers="0")}
    refused = send(client, "/manage/sites/new", **values)
    assert refused.status_code == 422
    assert 'id="premises-error"' in refused.text
    assert '<option value="metro" selected>' in refused.text
    answer = send(client, "/manage/sites/new", **values, location_kind="public")
    assert answer.status_code == 302
    made = Site(id=int(answer.location.rsplit("/", 1)[1]))
    assert stored(app, made).particulars == {"women_workers": 0, "model_room": "built"}
    (change,) = changes(app, made)
    assert change.fields["particulars.model_room"] == [None, "built"]
    assert change.fields["premises"] == [None, "metro"]
    assert "particulars" not in change.fields
