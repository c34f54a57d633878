"""The pages of the registers."""

import io
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.attachments.models import Attachment, AttachmentView
from app.db import db
from app.registers import queries, services
from app.registers.models import Activity, FixedAsset, Keeper, RegisterEntry, SupplyMovement
from app.registers.vocabulary import registers
from tests.conftest import Clock
from tests.factories import Factories
from tests.forms import submit, token_of
from tests.registers.conftest import TODAY, World

Act = Callable[..., Any]


def rows(app: Flask, model: type[Any]) -> list[Any]:
    with app.app_context():
        return list(db.session.scalars(select(model).order_by(model.id)))


def photo(name: str = "健康证.jpg") -> tuple[io.BytesIO, str]:
    out = io.BytesIO()
    Image.new("RGB", (400, 300), "#aabbcc").save(out, "JPEG")
    return io.BytesIO(out.getvalue()), name


def enter(client: FlaskClient, world: World, register: str, **values: Any) -> TestResponse:
    return submit(client, f"{world.base}/{register}", **values)


def test_one_tap_notes_what_is_done_daily(app: Flask, world: World) -> None:
    client = world.browsers["manager"]
    tap = {"register": "cleaning", "seen": "0"}
    assert submit(client, world.base, f"{world.base}/today", **tap).status_code == 302
    # The same page tapped twice is one entry; a second one is a decision.
    assert submit(client, world.base, f"{world.base}/today", **tap).status_code == 302
    assert submit(client, world.base, f"{world.base}/today", **(tap | {"seen": "1"})).status_code == 302
    submit(client, world.base, f"{world.base}/today", register="safety", seen="0")
    found = rows(app, RegisterEntry)
    assert [(row.register, row.done_on, row.done_by) for row in found] == [
        ("cleaning", TODAY, "李敏"), ("cleaning", TODAY, "李敏"), ("safety", TODAY, "李敏"),
    ]  # fmt: skip
    assert found[2].findings == services.all_in_order()
    page = client.get(world.base).text
    assert "今天保洁了 2 次" in page
    assert submit(client, world.base, f"{world.base}/today", register="assets").status_code == 422


def test_the_overview_says_what_the_rulebook_asks_and_what_is_missing(world: World, act: Act) -> None:
    client = world.browsers["manager"]
    page = client.get(world.base).text
    assert page.count("本月还没有") == 3  # cleaning, maintenance, safety
    assert "近一年没有" in page
    assert "还缺：" in client.get(f"/manage/sites/{world.site.id}").text
    act(services.record_check, "cleaning", done_on=TODAY)
    act(services.book_money, direction="out", amount_yuan=5, purpose="equipment", booked_on=TODAY)
    act(services.add_keeper, name="王红", kind="officer", certificate_until=date(2026, 11, 19))
    page = client.get(world.base).text
    assert page.count("本月还没有") == 2
    assert "补助支出比收到的多 5.00 元" in page
    assert "王红的健康证 2026-11-19 已到期" in page


@pytest.mark.parametrize(
    ("register", "expected"),
    [
        ("cleaning", ({"done_on": "2026-11-19", "note": "<b>&"}, RegisterEntry, "&lt;b&gt;&amp;")),
        ("maintenance", ({"done_on": "2026-11-19", "note": "换滤芯"}, RegisterEntry, "换滤芯")),
        ("safety", ({"done_on": "2026-11-19", "findings-fire": "bad", "note": "过期"}, RegisterEntry, "有问题：消防")),
        (
            "activity",
            (
                {"title": "讲座", "topic": "health", "starts_at": "2026-11-25T14:00", "kind": "lecture", "hours": "2"},
                Activity,
                "提前登记",
            ),
        ),
        (
            "supplies",
            (
                {"item": "wipes", "direction": "out", "quantity": "3", "moved_on": "2026-11-19"},
                SupplyMovement,
                "账面为负",
            ),
        ),
        ("assets", ({"name": "沙发", "quantity": "2", "source": "gift"}, FixedAsset, "沙发 ×")),
        ("keepers", ({"name": "王红", "kind": "volunteer"}, Keeper, "没有健康证")),
    ],
)
def test_each_register_takes_an_entry_and_shows_it(
    app: Flask, world: World, register: str, expected: tuple[dict[str, str], type[Any], str]
) -> None:
    values, model, shown = expected
    client = world.browsers["manager"]
    assert enter(client, world, register, **values).status_code == 302
    (row,) = rows(app, model)
    assert row.recorded_by_id == world.manager.id
    page = client.get(f"{world.base}/{register}").text
    assert shown in page
    assert "李敏" in page


def test_an_asset_may_be_one_of_the_facilities(app: Flask, world: World) -> None:
    client, asset = world.browsers["manager"], {"name": "海尔小冰箱", "quantity": "1", "source": "gift"}
    wrong = enter(client, world, "assets", **asset, facility="castle")
    assert wrong.status_code == 422
    assert 'aria-describedby="facility-error facility-help"' in wrong.text
    assert "海尔小冰箱" in wrong.text
    assert enter(client, world, "assets", **asset, facility="fridge").status_code == 302
    assert [row.facility for row in rows(app, FixedAsset)] == ["fridge"]
    page = client.get(f"{world.base}/assets").text
    assert "冰箱 · 捐赠" in page


def test_a_wrong_entry_comes_back_as_it_was_typed(app: Flask, world: World) -> None:
    client = world.browsers["manager"]
    answer = enter(client, world, "supplies", item="wipes", direction="out", quantity="many", moved_on="2026-11-19")
    assert answer.status_code == 422
    assert 'value="many"' in answer.text
    assert 'aria-invalid="true" aria-describedby="quantity-error"' in answer.text
    assert '<option value="wipes" selected>' in answer.text
    answer = enter(client, world, "safety", done_on="2026-11-19", note="看过")
    assert answer.status_code == 422
    assert 'id="findings" aria-invalid="true"' in answer.text
    assert rows(app, SupplyMovement) == []


def test_other_months_and_unknown_registers(world: World, act: Act) -> None:
    client = world.browsers["manager"]
    act(services.record_check, "cleaning", done_on=date(2026, 10, 31), done_by="十月的人")
    assert "十月的人" not in client.get(f"{world.base}/cleaning").text
    assert "十月的人" in client.get(f"{world.base}/cleaning?month=2026-10").text
    assert client.get(f"{world.base}/cleaning?month=x").status_code == 422
    assert client.get(f"{world.base}/dragons").status_code == 404
    assert submit(client, world.base, f"{world.base}/dragons").status_code == 404


def test_a_tap_too_many_is_one_entry(app: Flask, world: World, clock: Clock) -> None:
    client, page = world.browsers["manager"], f"{world.base}/supplies"
    form = {"item": "wipes", "direction": "in", "quantity": "50", "moved_on": "2026-11-20"}
    form |= {"csrf_token": token_of(client, page), "seen": "0"}
    for _ in range(2):
        assert client.post(page, data=form).status_code == 302
    assert len(rows(app, SupplyMovement)) == 1
    assert submit(client, page, **form | {"seen": str(rows(app, SupplyMovement)[0].id)}).status_code == 302
    assert len(rows(app, SupplyMovement)) == 2
    clock.advance(seconds=31)
    assert client.post(page, data=form).status_code == 302
    other = world.browsers["colleague"]
    theirs = form | {"csrf_token": token_of(other, page)}
    assert other.post(page, data=theirs).status_code == 302
    assert len(rows(app, SupplyMovement)) == 4


def test_a_void_entry_stays_visible_struck_through(app: Flask, world: World, act: Act) -> None:
    client = world.browsers["manager"]
    made = act(services.record_check, "cleaning", done_on=TODAY)
    page, target = f"{world.base}/cleaning", f"{world.base}/cleaning/{made.id}/void"
    answer = submit(client, page, target, reason="")
    assert answer.status_code == 422
    assert f'id="reason-{made.id}-error"' in answer.text
    assert submit(client, page, target, reason="记成了昨天").status_code == 302
    text = client.get(page).text
    assert "<s><strong>已保洁</strong></s>" in text
    assert "记成了昨天" in text
    assert submit(client, page, target, reason="再来").status_code == 409
    assert submit(client, page, f"{world.base}/safety/{made.id}/void", reason="别的台账").status_code == 404
    with app.app_context():
        assert queries.count_on(world.site.id, "cleaning", TODAY, TODAY) == 0


def test_an_asset_and_a_keeper_leave(world: World, act: Act) -> None:
    client = world.browsers["manager"]
    asset = act(services.add_asset, name="小冰箱", quantity=1, source="union")
    keeper = act(services.add_keeper, name="王红", kind="officer")
    page = f"{world.base}/assets"
    wrong = submit(client, page, f"{page}/{asset.id}/left", on="2026-11-20", where="")
    assert wrong.status_code == 422
    assert f'id="where-{asset.id}-error"' in wrong.text
    assert submit(client, page, f"{page}/{asset.id}/left", on="", where="x").status_code == 422
    assert submit(client, page, f"{page}/{asset.id}/left", on="2026-11-20", where="移交").status_code == 302
    assert "离开：移交" in client.get(page).text
    people = f"{world.base}/keepers"
    assert submit(client, people, f"{people}/{keeper.id}/left", on="2026-11-20").status_code == 302
    assert "2026-11-20 起不再负责" in client.get(people).text
    entry = act(services.record_check, "cleaning", done_on=TODAY)
    cleaning = f"{world.base}/cleaning"
    assert submit(client, cleaning, f"{cleaning}/{entry.id}/left", on="2026-11-20").status_code == 409


def test_a_certificate_is_for_reviewers_and_its_uploader_and_every_look_is_noted(app: Flask, world: World) -> None:
    client = world.browsers["manager"]
    people = f"{world.base}/keepers"
    values = {"name": "王红", "kind": "officer", "file": photo()}
    late = enter(client, world, "keepers", **values)
    assert late.status_code == 422  # a certificate without its last day
    assert 'id="certificate_until-error"' in late.text
    answer = enter(client, world, "keepers", **(values | {"certificate_until": "2027-05-01", "file": photo()}))
    assert answer.status_code == 302
    (keeper,) = rows(app, Keeper)
    target = f"{people}/{keeper.id}/file"
    for name, status in (("manager", 200), ("district", 200), ("municipal", 200), ("colleague", 404), ("unit", 404)):
        assert world.browsers[name].get(target, buffered=True).status_code == status
        assert (f'href="{target}"' in world.browsers[name].get(people).text) == (status == 200)
    assert len(rows(app, AttachmentView)) == 3
    renewed = submit(client, people, f"{people}/{keeper.id}/certificate", until="2028-05-01", file=photo("新证.jpg"))
    assert renewed.status_code == 302
    old, new = (file for file in rows(app, Attachment) if file.id >= keeper.certificate_id)
    assert old.erased_at is not None
    assert new.is_restricted
    assert "健康证到 2028-05-01" in client.get(people).text
    wrong = submit(client, people, f"{people}/{keeper.id}/certificate", until="", file=photo())
    assert wrong.status_code == 422
    program = (io.BytesIO(b"MZ"), "a.exe")
    bad = submit(client, people, f"{people}/{keeper.id}/certificate", until="2029-01-01", file=program)
    assert bad.status_code == 422
    assert f'id="file-{keeper.id}-error"' in bad.text


def test_a_file_of_an_entry_is_for_all_who_see_the_site(app: Flask, world: World) -> None:
    client = world.browsers["manager"]
    values = {"done_on": "2026-11-20", "note": "换滤芯", "file": photo("滤芯.jpg")}
    assert enter(client, world, "maintenance", **values).status_code == 302
    (entry,) = rows(app, RegisterEntry)
    target = f"{world.base}/maintenance/{entry.id}/file"
    assert world.browsers["unit"].get(target, buffered=True).mimetype == "image/jpeg"
    (file,) = rows(app, Attachment)
    folder = Path(app.extensions["settings"].data_dir)
    next(folder.rglob(file.file_name)).unlink()
    assert client.get(target).status_code == 404
    without = submit(client, world.base, f"{world.base}/today", register="cleaning", seen="0")
    assert without.status_code == 302
    number = rows(app, RegisterEntry)[-1].id
    assert client.get(f"{world.base}/cleaning/{number}/file").status_code == 404


def test_a_site_sets_when_it_asks_for_more(world: World) -> None:
    client, page = world.browsers["manager"], f"{world.base}/supplies"
    assert submit(client, page, f"{page}/level", item="wipes", least="5").status_code == 302
    assert "少于 5 提醒" in client.get(page).text
    assert "快用完" in client.get(world.base).text
    wrong = submit(client, page, f"{page}/level", item="wipes", least="many")
    assert wrong.status_code == 422
    assert 'id="level-least-error"' in wrong.text
    assert submit(client, page, f"{page}/level", item="wipes", least="").status_code == 302
    assert "少于 5" not in client.get(page).text


def test_a_union_sends_to_several_sites_at_once(app: Flask, world: World, factories: Factories) -> None:
    client = world.browsers["unit"]
    other, foreign = factories.site(world.unit, name="一号线母婴室"), factories.site()
    submit(client, f"{world.base}/supplies", f"{world.base}/supplies/level", item="wipes", least="5")
    page = client.get("/manage/supplies").text
    assert f'value="{world.site.id}" checked' in page  # what has run low is ticked already
    assert f'value="{other.id}" checked' not in page
    assert f'value="{foreign.id}"' not in page
    assert page.index(f'value="{world.site.id}"') < page.index(f'value="{other.id}"')
    assert "1 个阵地有 1 种用品快用完" in client.get(f"/manage/unions/{world.unit.id}").text
    form = {"item": "wipes", "quantity": "10", "moved_on": "2026-11-20"}
    none = submit(client, "/manage/supplies", **form)
    assert none.status_code == 422
    assert "sites-error" in none.text
    nothing = submit(client, "/manage/supplies", **(form | {"quantity": "0"}), sites=[str(world.site.id)])
    assert nothing.status_code == 422
    assert 'aria-describedby="quantity-error"' in nothing.text
    sites = [str(world.site.id), str(other.id), str(foreign.id), "x"]
    assert submit(client, "/manage/supplies", **form, sites=sites).status_code == 302
    sent = rows(app, SupplyMovement)
    assert {(row.site_id, row.quantity, row.source) for row in sent} == {
        (world.site.id, 10, world.unit.name), (other.id, 10, world.unit.name),
    }  # fmt: skip
    assert len(sent) == 2
    assert "没有阵地报用品不足" in client.get("/manage/supplies").text
    assert world.browsers["manager"].get("/manage/supplies").status_code == 403


def test_every_page_speaks_english_too(world: World, act: Act) -> None:
    act(services.record_check, "safety", done_on=TODAY, findings={"fire": True})
    for register in registers():
        assert world.browsers["manager"].get(f"{world.base}/{register}?lang=en").status_code == 200
    assert "way out clear" in world.browsers["manager"].get(f"{world.base}/safety?lang=en").text
