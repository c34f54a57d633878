"""The pages without a browser: beginning, saving, handing in, reading; and what the script is told."""

import io
from collections.abc import Callable
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.accounts.models import User
from app.attachments.models import Attachment
from app.attachments.services import path_of
from app.db import db
from app.programme.scoring.models import FilledSheet, SheetPhoto
from app.programme.scoring.queries import answers_of, photos_of
from app.programme.scoring.waiting import drafts
from tests.conftest import Clock
from tests.factories import Factories
from tests.forms import submit, token_of
from tests.programme.scoring.conftest import Around
from tests.programme.scoring.helpers import begun, full, picture, submitted

Send = Callable[..., TestResponse]


@pytest.fixture
def manager(factories: Factories, around: Around) -> FlaskClient:
    return factories.login(around.manager)


@pytest.fixture
def sheet(app: Flask, around: Around, clock: Clock) -> FilledSheet:
    return begun(app, around.manager, around.site, clock())


@pytest.fixture
def page(sheet: FilledSheet) -> str:
    return f"/manage/sheets/{sheet.id}"


def best(app: Flask, sheet: FilledSheet, **other: str) -> dict[str, str]:
    with app.app_context():
        return {f"v-{change.item}": change.value for change in full(sheet, **other)}


def answers(app: Flask, sheet: FilledSheet) -> dict[str, float | None]:
    with app.app_context():
        rows = answers_of(sheet).values()
        return {row.item: None if row.points is None else float(row.points) for row in rows}


def test_a_site_lists_its_sheets_and_begins_one(
    app: Flask, manager: FlaskClient, around: Around, clock: Clock
) -> None:
    listing = f"/manage/sites/{around.site.id}/sheets"
    assert "还没有评分表" in manager.get(listing).text
    started = submit(manager, listing, use="self_check", form_key=str(uuid4()))
    assert started.status_code == 302
    assert manager.get(started.location).status_code == 200
    submitted(app, around.manager, around.site, clock(), answers={"area": "no", "plaque": "no", "bin": "no"})
    text = manager.get(listing).text
    assert "77.5" in text
    assert "不合格" in text
    assert "77.5" in manager.get(f"/manage/sites/{around.site.id}").text


def test_what_cannot_be_begun_is_said_on_the_page(manager: FlaskClient, around: Around) -> None:
    listing = f"/manage/sites/{around.site.id}/sheets"
    wrong = submit(manager, listing, use="party")
    assert wrong.status_code == 422
    assert 'role="alert"' in wrong.text
    assert submit(manager, listing, use="acceptance").status_code == 403
    assert submit(manager, listing, use="self_check", form_key="x").status_code == 422
    assert submit(manager, listing, use="self_check", case_id="7").status_code == 404
    assert submit(manager, listing, use="self_check", case_id="x").status_code == 404
    assert submit(manager, listing, use="self_check", inspection_id="9" * 30).status_code == 404


def test_a_form_saves_only_what_was_changed_in_it(
    app: Flask, manager: FlaskClient, sheet: FilledSheet, page: str
) -> None:
    fresh = manager.get(page).text
    marks = {f"was-{item}": _mark(fresh, item) for item in ("sofa", "tv")}
    values = {"v-sofa": "yes", "v-tv": "no", "form_key": str(uuid4())}
    assert submit(manager, page, **marks, **values).status_code == 302
    assert answers(app, sheet) == {"sofa": 2.5, "tv": 0}
    # A form that was opened before and only changes the sofa leaves the rest alone, and says who came first.
    old = submit(manager, page, **marks, **{"v-sofa": "no", "form_key": str(uuid4())})
    assert answers(app, sheet) == {"sofa": 0, "tv": 0}
    assert "notice" in manager.get(old.location).text


def _mark(text: str, item: str) -> str:
    return text.partition(f'name="was-{item}" value="')[2].partition('"')[0]


def test_the_form_hands_in_and_then_the_sheet_is_only_read(
    app: Flask, manager: FlaskClient, sheet: FilledSheet, page: str
) -> None:
    some = submit(manager, page, do="submit", note="下月再查", **best(app, sheet, sofa="", bin=""))
    assert some.status_code == 422
    assert 'id="fault-sofa" data-fault role="alert">' in some.text
    assert len(answers(app, sheet)) == 20, "what was filled in stays"
    token = token_of(manager, page)
    rest = {**best(app, sheet), "do": "submit", "note": "下月再查", "csrf_token": token}
    assert manager.post(page, data=rest).status_code == 302
    read = manager.get(page)
    assert "下月再查" in read.text
    assert "data-answers" not in read.text
    assert manager.post(page, data={**rest, "v-sofa": "no"}).status_code == 409
    with app.app_context():
        assert db.session.get_one(FilledSheet, sheet.id).total == 100


def test_what_was_typed_is_kept_beside_what_is_wrong(
    app: Flask, manager: FlaskClient, sheet: FilledSheet, page: str
) -> None:
    answer = submit(manager, page, **{"v-sofa": "yes", "n-tv": "长" * 401, "v-awareness": "70"})
    assert answer.status_code == 422
    assert "长" * 401 in answer.text
    assert 'aria-describedby="fault-awareness"' in answer.text
    assert answers(app, sheet) == {}


def test_a_photo_comes_with_the_form_once(app: Flask, manager: FlaskClient, sheet: FilledSheet, page: str) -> None:
    data = {"csrf_token": token_of(manager, page), "form_key": str(uuid4()), "v-sofa": "yes"}
    for _ in range(2):
        sent = manager.post(page, data={**data, "p-sofa": (io.BytesIO(picture()), "a.jpg")})
        assert sent.status_code == 302
    with app.app_context():
        ((photo, attachment),) = photos_of(sheet)
        path = path_of(app.extensions["settings"].data_dir, attachment.file_name)
    shown = f"{page}/photos/{photo.client_key}"
    with manager.get(shown) as answer:
        assert (answer.status_code, answer.mimetype) == (200, "image/jpeg")
    bad = manager.post(page, data={**data, "form_key": str(uuid4()), "p-tv": (io.BytesIO(b"no"), "b.exe")})
    assert bad.status_code == 422
    assert "b.exe" in bad.text
    gone = manager.post(f"{shown}/remove", data={"csrf_token": data["csrf_token"]})
    assert gone.status_code == 302
    assert not path.exists()
    assert manager.get(shown).status_code == 404
    manager.post(page, data={**data, "p-sofa": (io.BytesIO(picture()), "a.jpg")})
    with app.app_context():
        assert photos_of(sheet) == [], "what was taken off does not come back when it is sent again"


def change(item: str, value: str, **more: object) -> dict[str, object]:
    return {"item": item, "value": value, "note": "", "key": str(uuid4()), "seen": 0, **more}


@pytest.fixture
def send(manager: FlaskClient, page: str) -> Send:
    """Sends changes as the script does."""
    token = token_of(manager, page)

    def post(*changes: object) -> TestResponse:
        headers = {"X-CSRFToken": token, "Accept": "application/json"}
        return manager.post(f"{page}/answers", json={"changes": list(changes)}, headers=headers)

    return post


def test_the_script_sends_changes_and_is_told_the_sum(app: Flask, send: Send, sheet: FilledSheet) -> None:
    wrong = change("awareness", "70")
    answer = send(change("sofa", "yes", note=" 三人位\r\n"), wrong, change("awareness", "7"))
    assert answer.status_code == 200
    told = answer.json
    assert told["total"] == "9.5"
    assert told["answers"]["sofa"] == {"value": "yes", "note": "三人位", "version": 1}
    assert list(told["refused"]) == [wrong["key"]]
    assert told["overtaken"] == []
    assert len(told["open"]) == 20
    assert answers(app, sheet) == {"sofa": 2.5, "awareness": 7}


def test_requests_that_are_none(send: Send, manager: FlaskClient, page: str) -> None:
    for body in (None, "x", {"item": "sofa"}, change("sofa", "yes", seen="1"), change("sofa", "yes", seen=2**40),
                 change("sofa", "yes", key=""), change("sofa", "yes", earlier="x"), change("sofa", 1)):  # type: ignore[arg-type]  # fmt: skip
        assert send(body).status_code == 422, body
    assert send(*[change("sofa", "yes")] * 301).status_code == 422
    assert send().status_code == 422
    headers = {"X-CSRFToken": token_of(manager, page), "Accept": "application/json"}
    assert manager.post(f"{page}/answers", data="{", headers=headers).status_code == 422
    assert manager.post(f"{page}/answers", json={}, headers={"Accept": "application/json"}).status_code == 403


def test_a_photo_of_the_script_is_taken_once_and_has_its_limits(
    app: Flask, manager: FlaskClient, page: str
) -> None:
    headers = {"X-CSRFToken": token_of(manager, page), "Accept": "application/json"}

    def post(content: bytes | None, key: str, item: str = "sofa") -> TestResponse:
        data: dict[str, object] = {"key": key, "item": item}
        if content is not None:
            data["photo"] = (io.BytesIO(content), "photo.jpg")
        return manager.post(f"{page}/photos", data=data, headers=headers)

    keys = [str(uuid4()) for _ in range(7)]
    content = picture(size=(220, 220))
    assert [post(content, key).status_code for key in keys] == [201] * 6 + [409]
    assert post(content, keys[0]).status_code == 201
    assert len(post(content, keys[0]).json["photos"]) == 6
    assert post(content, "x").status_code == 422
    assert post(content, str(uuid4()), "tower").status_code == 422
    assert post(b"no", str(uuid4()), "tv").status_code == 422
    assert post(None, str(uuid4()), "tv").status_code == 422
    with app.app_context():
        assert len(list(db.session.scalars(select(Attachment)))) == 6


def test_the_state_is_the_authors_and_nobody_elses_draft_is_seen(
    factories: Factories, manager: FlaskClient, around: Around, page: str
) -> None:
    told = manager.get(f"{page}/state", headers={"Accept": "application/json"}).json
    assert (told["user"], told["is_submitted"], told["photos"]) == (around.manager.id, False, [])
    assert told["csrf_token"]
    for person in (around.unit_person, around.district_person, around.city_person):
        other = factories.login(person)
        assert other.get(page).status_code == 404
        assert other.get(f"{page}/state").status_code == 404


def test_a_photo_of_another_sheet_has_its_key_already(
    app: Flask, manager: FlaskClient, around: Around, page: str, clock: Clock
) -> None:
    headers = {"X-CSRFToken": token_of(manager, page), "Accept": "application/json"}
    data = {"key": str(uuid4()), "item": "sofa"}
    first = {**data, "photo": (io.BytesIO(picture()), "a.jpg")}
    assert manager.post(f"{page}/photos", data=first, headers=headers).status_code == 201
    submitted(app, around.manager, around.site, clock())
    other = begun(app, around.manager, around.site, clock())
    again = {**data, "photo": (io.BytesIO(picture()), "a.jpg")}
    assert manager.post(f"/manage/sheets/{other.id}/photos", data=again, headers=headers).status_code == 409
    with app.app_context():
        assert len(list(db.session.scalars(select(SheetPhoto)))) == 1


def test_the_worker_rules_over_sheets_alone(client: FlaskClient) -> None:
    with client.get("/manage/sheets/worker.js") as answer:
        assert answer.mimetype == "text/javascript"
        assert answer.headers["Service-Worker-Allowed"] == "/manage/sheets/"
        assert answer.headers["Cache-Control"] == "no-cache"
    assert "worker-src 'self'" in client.get("/login").headers["Content-Security-Policy"]


def test_what_was_begun_waits_in_the_inbox(app: Flask, around: Around, sheet: FilledSheet, clock: Clock) -> None:
    with app.test_request_context():
        mine, hers = (drafts(db.session.get_one(User, one.id), clock()) for one in (around.manager, around.city_person))
        assert [(item.key, item.url) for item in mine] == [(f"sheet-{sheet.id}-draft", f"/manage/sheets/{sheet.id}")]
        assert around.site.name in mine[0].text
        assert hers == []
