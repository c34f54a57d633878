"""Handing files out: what browsers are told, and that each look at a restricted file is written down."""

import io
from pathlib import Path

import pytest
from flask import Flask, Response
from playwright.sync_api import Page
from werkzeug.datastructures import FileStorage

from app import clock as clocks
from app.accounts.models import User
from app.attachments import services
from app.attachments.models import Attachment, AttachmentView
from app.attachments.owners import add_owner
from app.attachments.serving import send
from app.db import db, unit_of_work
from app.errors import Gone, NotFound
from tests.attachments import files
from tests.browser import assert_accessible, assert_fits, live_server, screenshot
from tests.conftest import Clock
from tests.factories import Factories


@pytest.fixture
def folder(app: Flask) -> Path:
    data: Path = app.extensions["settings"].data_dir
    return data


def keep(app: Flask, folder: Path, content: bytes, name: str, *, is_restricted: bool = False) -> Attachment:
    with app.app_context(), unit_of_work():
        upload = FileStorage(io.BytesIO(content), filename=name)
        return services.store(None, upload, folder=folder, now=clocks.now(), is_restricted=is_restricted)


@pytest.fixture
def reader(factories: Factories) -> User:
    """A district's person, who reviews every file."""
    add_owner(factories.app, lambda user, _file: user.role == "district_union")
    return factories.user("district_union", factories.tree()[1], display_name="李敏")


def handed_out(app: Flask, folder: Path, reader: User, file: Attachment) -> Response:
    """What `send` answers, read whole."""
    with app.test_request_context():
        found, viewer = db.session.get_one(Attachment, file.id), db.session.get_one(User, reader.id)
        answer = send(found, viewer, folder=folder, now=clocks.now())
        answer.direct_passthrough = False
        answer.get_data()
        answer.close()
        return answer


def test_what_a_browser_is_told(app: Flask, folder: Path, reader: User) -> None:
    shown = keep(app, folder, files.picture(), "照片 一.png")
    saved = keep(app, folder, files.pdf(), "证书\u202e.exe")
    answer = handed_out(app, folder, reader, shown)
    assert answer.mimetype == "image/jpeg"
    assert answer.headers["Content-Disposition"].startswith("inline; ")
    assert "filename*=UTF-8''%E7%85%A7%E7%89%87%20%E4%B8%80.jpg" in answer.headers["Content-Disposition"]
    answer = handed_out(app, folder, reader, saved)
    headers = answer.headers
    assert answer.mimetype == "application/pdf"
    assert headers["Content-Disposition"].startswith("attachment; ")
    assert "filename*=UTF-8''%E8%AF%81%E4%B9%A6.exe.pdf" in headers["Content-Disposition"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "private, no-store"
    assert "sandbox" in headers["Content-Security-Policy"]
    assert "script-src" not in headers["Content-Security-Policy"]
    assert answer.data.startswith(b"%PDF-")


def test_each_look_at_a_restricted_file_is_written_down(
    factories: Factories, folder: Path, reader: User, clock: Clock
) -> None:
    app, client = factories.app, factories.login(reader)
    secret = keep(app, folder, files.pdf(), "健康证.pdf", is_restricted=True)
    plain = keep(app, folder, files.pdf(), "制度.pdf")
    for file in (secret, secret, plain):
        handed_out(app, folder, reader, file)
    with app.app_context():
        looks = db.session.query(AttachmentView).all()
        assert [(look.attachment_id, look.viewed_at) for look in looks] == [(secret.id, clock())] * 2
    page = client.get(f"/manage/attachments/{secret.id}/looks")
    assert page.text.count("李敏") == 2
    assert "2026-11-20 10:00:00" in page.text
    assert "不记录查看" in client.get(f"/manage/attachments/{plain.id}/looks").text


def test_who_reviews_it_is_for_its_owner_to_say(factories: Factories, folder: Path, reader: User) -> None:
    secret = keep(factories.app, folder, files.pdf(), "健康证.pdf", is_restricted=True)
    municipal = factories.login(factories.user("municipal_union", factories.tree()[0]))
    client = factories.login(reader)
    assert client.get(f"/manage/attachments/{secret.id}/looks").status_code == 200
    assert municipal.get(f"/manage/attachments/{secret.id}/looks").status_code == 404
    assert client.get(f"/manage/attachments/{secret.id + 1}/looks").status_code == 404


def test_what_is_gone_is_said_to_be(app: Flask, folder: Path, reader: User) -> None:
    erased = keep(app, folder, files.pdf(), "健康证.pdf", is_restricted=True)
    lost = keep(app, folder, files.pdf(), "记录.pdf")
    with app.app_context(), unit_of_work():
        services.erase(db.session.get_one(Attachment, erased.id), folder, clocks.now())
    services.path_of(folder, lost.file_name).unlink()
    with pytest.raises(Gone):
        handed_out(app, folder, reader, erased)
    with pytest.raises(NotFound):
        handed_out(app, folder, reader, lost)
    with app.app_context():
        assert db.session.query(AttachmentView).count() == 0


def test_the_page_of_looks_fits_and_is_accessible(
    factories: Factories, folder: Path, reader: User, phone: Page
) -> None:
    secret = keep(factories.app, folder, files.pdf(), "很长很长很长很长很长很长的健康证名字.pdf", is_restricted=True)
    handed_out(factories.app, folder, reader, secret)
    cookie = factories.login(reader).get_cookie("session")
    assert cookie is not None
    with live_server(factories.app) as base:
        phone.context.add_cookies([{"name": "session", "value": cookie.value, "url": base}])
        phone.goto(f"{base}/manage/attachments/{secret.id}/looks")
        assert_fits(phone)
        assert_accessible(phone)
        screenshot(phone, "file-looks")
