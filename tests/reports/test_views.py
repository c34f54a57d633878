"""The public form: one tap, a word if she likes, no account, no cookie, nothing about who she is."""

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.db import db
from app.reports.models import PublicReport
from app.sites.models import DoorCode, Site
from app.usage.models import UsageRecord
from tests.conftest import Clock
from tests.factories import Factories
from tests.reports.conftest import World
from tests.reports.helpers import HERE, THERE, send, sender
from tests.usage.helpers import CANARY_ADDRESS, CANARY_AGENT, Phone, hidden_fields

DOOR = "/r/abc123abc123/report"


def stored(app: Flask) -> list[PublicReport]:
    with app.app_context():
        return db.session.query(PublicReport).order_by(PublicReport.id).all()


def test_one_tap_from_the_finder_and_one_from_the_door(app: Flask, world: World, client: FlaskClient) -> None:
    first, second = send(app, world.page, "locked"), send(app, DOOR, "gone", THERE)
    for answer in (first, second):
        assert answer.status_code == 303
        assert "Set-Cookie" not in answer.headers
        page = client.get(answer.location)
        assert "谢谢，已转告" in page.text
        assert "金沙湖站母婴室" in page.text  # where to go instead
        assert "Set-Cookie" not in page.headers
        assert page.headers["Cache-Control"] == "no-store"
    found = stored(app)
    assert [(row.kind, row.source, row.state) for row in found] == [
        ("locked", "finder", "open"), ("gone", "door", "open"),
    ]  # fmt: skip
    assert found[0].due_on > found[0].reported_at.date()


def test_only_a_room_is_called_one(factories: Factories, client: FlaskClient) -> None:
    for kind, asked in (("room", "这间小屋怎么了？"), ("nursery", "这里怎么了？")):
        page = client.get(f"/r/{factories.door_code(factories.site(kind=kind)).code}/report").text
        assert f"<h1>{asked}</h1>" in page


def test_a_word_can_follow_once(app: Flask, world: World) -> None:
    client = app.test_client()
    thanks = send(app, world.page, "out_of_supplies").location
    done = hidden_fields(client.get(thanks).text)["done"]
    long = client.post(world.page, data={"done": done, "note": "长" * 301})
    assert long.status_code == 422
    assert "长长长" in long.text
    assert client.post(world.page, data={"done": done, "note": "没有湿巾了，找 13800138000"}).status_code == 303
    again = client.post(world.page, data={"done": done, "note": "再来一句"})
    assert "谢谢，已转告" in client.get(again.location).text
    assert stored(app)[0].note == "没有湿巾了，找 •••"
    assert "<textarea" not in client.get(thanks).text


def test_thanks_are_for_a_report_also_the_next_day(app: Flask, world: World, clock: Clock) -> None:
    client = app.test_client()
    assert "这间小屋怎么了？" in client.get(f"{world.page}?done=noted").text
    thanks = send(app, world.page, "out_of_supplies").location
    done = hidden_fields(client.get(thanks).text)["done"]
    clock.advance(hours=13)
    page = client.get(thanks).text
    assert "谢谢，已转告" in page
    assert "<textarea" not in page
    assert client.post(world.page, data={"done": done, "note": "太晚了"}).status_code == 403


@pytest.mark.parametrize("done", ["1.forged", "x", "99999999999.x", "1", ""])
def test_only_who_has_sent_it_adds_to_it(app: Flask, world: World, done: str) -> None:
    send(app, world.page, "locked")
    client = app.test_client()
    assert client.post(world.page, data={"done": done, "note": "别人的话"}).status_code == 403
    page = client.get(f"{world.page}?done={done}")
    assert page.status_code == 200
    assert "谢谢，已转告" not in page.text
    assert stored(app)[0].note == ""


def test_a_note_may_come_with_the_tap(app: Flask, world: World) -> None:
    send(app, world.page, "other", note="<b>灯坏了")
    assert stored(app)[0].note == "<b>灯坏了"


def test_wrong_answers_and_old_pages(app: Flask, world: World, clock: Clock) -> None:
    assert send(app, world.page, "haunted").status_code == 422
    client = app.test_client()
    token = hidden_fields(client.get(world.page).text)["token"]
    assert client.post(world.page, data={"kind": "locked"}).status_code == 403
    assert client.post(world.page, data={"kind": "locked", "token": token + "x"}).status_code == 403
    other = hidden_fields(client.get(f"/s/{world.other.id}/report").text)["token"]
    assert client.post(world.page, data={"kind": "locked", "token": other}).status_code == 403
    clock.advance(hours=13)
    late = client.post(world.page, data={"kind": "locked", "token": token, "note": "还在"})
    assert late.status_code == 403
    fresh = hidden_fields(late.text)
    assert fresh["note"] == "还在"
    assert client.post(world.page, data={"kind": "locked", **fresh}).status_code == 303
    assert [row.note for row in stored(app)] == ["还在"]


def test_which_sites_can_be_reported_about(app: Flask, factories: Factories, client: FlaskClient) -> None:
    hidden = factories.site(is_listed=False)
    closed = factories.site(status="closed")
    factories.door_code(hidden)
    factories.door_code(closed)
    assert client.get(f"/s/{hidden.id}/report").status_code == 404
    assert client.get(f"/s/{closed.id}/report").status_code == 404
    assert client.get("/s/99999/report").status_code == 404
    with app.app_context():
        codes = {row.site_id: row.code for row in db.session.query(DoorCode)}
    assert client.get(f"/r/{codes[hidden.id]}/report").status_code == 200  # at its door anybody can
    assert client.get(f"/r/{codes[closed.id]}/report").status_code == 404
    assert client.get("/r/nosuchcode/report").status_code == 404
    assert client.get("/r/zzzzzzzzzzzz/report").status_code == 404


@pytest.mark.usefixtures("world")
def test_nothing_says_who_it_was(app: Flask, environ: dict[str, str]) -> None:
    """Neither address nor device is stored, and no report can be laid beside a use."""
    phone = Phone(app, "abc123abc123")
    phone.logged()
    form = hidden_fields(phone.open(DOOR).text)
    phone.client.post(DOOR, data=form | {"kind": "locked"}, **phone.options())
    (row,) = stored(app)
    with app.app_context():
        use = db.session.query(UsageRecord).one()
        assert row.sender not in (use.p_day, use.p_site, None)
        raw = db.session.connection().exec_driver_sql("SELECT * FROM public_report").one()
    told = " ".join(map(str, raw))
    for canary in (CANARY_ADDRESS, CANARY_ADDRESS.rpartition(".")[0], CANARY_AGENT):
        assert canary not in told
    kept = Path(environ["XIAOWU_DATA"]) / "keys.sqlite3"
    assert CANARY_ADDRESS.encode() not in kept.read_bytes()


def test_the_sender_goes_with_the_key_of_the_day(app: Flask, world: World, clock: Clock) -> None:
    send(app, world.page, "locked")
    assert stored(app)[0].sender is not None
    clock.advance(hours=49)
    app.test_client().get("/")
    row = stored(app)[0]
    assert row.sender is None
    assert row.is_independent


def test_a_report_is_taken_in_while_the_keys_cannot_be_reached(app: Flask, world: World) -> None:
    app.extensions["keystore"]._path = Path("/proc/nowhere/keys.sqlite3")
    assert send(app, world.page, "locked").status_code == 303
    (row,) = stored(app)
    assert row.sender is None
    assert not row.is_independent


def test_one_phone_is_slowed_down(app: Flask, world: World) -> None:
    client = app.test_client()
    token = hidden_fields(client.get(world.page).text)["token"]
    answers = [
        client.post(world.page, data={"kind": "other", "token": token}, **sender(HERE)).status_code for _ in range(11)
    ]
    assert answers == [303] * 10 + [429]
    assert client.post(world.page, data={"kind": "other", "token": token}, **sender(THERE)).status_code == 303
    assert client.get(world.page, **sender(HERE)).status_code == 200


def test_the_finder_says_that_a_site_is_being_checked(app: Flask, world: World, client: FlaskClient) -> None:
    app.extensions["directory"].check_every_s = 0
    site = f"/sites/{world.site.id}"
    nearest = f"/api/v1/sites/nearest?lat={world.site.lat}&lon={world.site.lon}&limit=1"
    assert "核实中" not in client.get(site).text
    assert client.get(nearest).json["features"][0]["properties"]["being_checked"] is False
    send(app, world.page, "locked")
    send(app, DOOR, "gone", THERE)
    assert "有人反映这里锁着门或已经撤了，正在核实" in client.get(site).text
    feature = client.get(nearest).json["features"][0]
    assert (feature["id"], feature["properties"]["being_checked"]) == (world.site.id, True)
    assert '<span class="chip warn" data-field="checked">核实中</span>' in client.get("/").text
    with app.app_context():
        assert db.session.get_one(Site, world.site.id).is_public


def test_pages_lead_here(app: Flask, world: World, factories: Factories, client: FlaskClient) -> None:
    assert f'href="{world.page}"' in client.get(f"/sites/{world.site.id}").text
    phone = Phone(app, "abc123abc123")
    assert f'href="{DOOR}"' in phone.open().text
    assert f'href="{DOOR}"' in phone.open(phone.logged()).text
    factories.suspension(world.site, factories.clock())
    assert f'href="{DOOR}"' in phone.open().text
    assert f'href="{DOOR}"' not in client.get("/r/zzzzzzzzzzzz").text
