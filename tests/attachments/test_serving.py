"""Handing files out: what browsers are told, and that each look at a restricted file is written down."""

import io
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_login import current_user
from werkzeug.datastructures import FileStorage

from app import clock as clocks
from app.accounts.models import User
from app.attachments import services
from app.attachments.models import Attachment, AttachmentView
from app.attachments.owners import add_owner
from app.attachments.serving import send
from app.db import db, unit_of_work
from app.web import EVERYONE, access
from tests.attachments import files
from tests.conftest import Clock
from tests.factories import Factories

PATH = "/test-file/<int:attachment_id>"


@pytest.fixture
def folder(app: Flask) -> Path:
    data: Path = app.extensions["settings"].data_dir
    return data


def keep(app: Flask, folder: Path, content: bytes, name: str, *, is_restricted: bool = False) -> Attachment:
    with app.app_context(), unit_of_work():
        upload = FileStorage(io.BytesIO(content), filename=name)
        return services.store(None, upload, folder=folder, now=clocks.now(), is_restricted=is_restricted)


@pytest.fixture
def reader(factories: Factories, folder: Path) -> FlaskClient:
    """A district's person, in an application whose test route hands out any file."""

    @access(*EVERYONE)
    def hand_out(attachment_id: int) -> object:
        found = db.session.get_one(Attachment, attachment_id)
        return send(found, current_user._get_current_object(), folder=folder, now=clocks.now())

    app = factories.app
    if "hand_out" not in app.view_functions:
        app.add_url_rule(PATH, "hand_out", hand_out)
    add_owner(app, lambda user, _file: user.role == "district_union")
    return factories.login(factories.user("district_union", factories.tree()[1], display_name="李敏"))


def test_what_a_browser_is_told(app: Flask, folder: Path, reader: FlaskClient) -> None:
    shown = keep(app, folder, files.picture(), "照片 一.png")
    saved = keep(app, folder, files.pdf(), "证书\u202e.exe")
    with reader.get(f"/test-file/{shown.id}") as answer:
        assert answer.status_code == 200
        assert answer.mimetype == "image/jpeg"
        assert answer.headers["Content-Disposition"].startswith("inline; ")
        assert "filename*=UTF-8''%E7%85%A7%E7%89%87%20%E4%B8%80.jpg" in answer.headers["Content-Disposition"]
    with reader.get(f"/test-file/{saved.id}") as answer:
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
    app: Flask, folder: Path, reader: FlaskClient, clock: Clock
) -> None:
    secret = keep(app, folder, files.pdf(), "健康证.pdf", is_restricted=True)
    plain = keep(app, folder, files.pdf(), "制度.pdf")
    for _ in range(2):
        with reader.get(f"/test-file/{secret.id}") as answer:
            assert answer.status_code == 200
    with reader.get(f"/test-file/{plain.id}") as answer:
        assert answer.status_code == 200
    with app.app_context():
        looks = db.session.query(AttachmentView).all()
        assert [(look.attachment_id, look.viewed_at) for look in looks] == [(secret.id, clock())] * 2
    page = reader.get(f"/manage/attachments/{secret.id}/looks")
    assert page.text.count("李敏") == 2
    assert "2026-11-20 10:00:00" in page.text
    assert "不记录查看" in reader.get(f"/manage/attachments/{plain.id}/looks").text


def test_who_reviews_it_is_for_its_owner_to_say(factories: Factories, folder: Path, reader: FlaskClient) -> None:
    secret = keep(factories.app, folder, files.pdf(), "健康证.pdf", is_restricted=True)
    municipal = factories.login(factories.user("municipal_union", factories.tree()[0]))
    assert reader.get(f"/manage/attachments/{secret.id}/looks").status_code == 200
    assert municipal.get(f"/manage/attachments/{secret.id}/looks").status_code == 404
    assert reader.get(f"/manage/attachments/{secret.id + 1}/looks").status_code == 404


def test_what_is_gone_is_said_to_be(app: Flask, folder: Path, reader: FlaskClient) -> None:
    erased = keep(app, folder, files.pdf(), "健康证.pdf", is_restricted=True)
    lost = keep(app, folder, files.pdf(), "记录.pdf")
    with app.app_context(), unit_of_work():
        services.erase(db.session.get_one(Attachment, erased.id), folder, clocks.now())
    services.path_of(folder, lost.file_name).unlink()
    assert reader.get(f"/test-file/{erased.id}").status_code == 410
    assert reader.get(f"/test-file/{lost.id}").status_code == 404
    with app.app_context():
        assert db.session.query(AttachmentView).count() == 0
        assert db.session.query(User).count() == 1
