"""Photos: what is taken in, what becomes of it, and who may see it."""

import io
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.accounts.models import TradeUnion
from app.db import db
from app.sites import photos
from app.sites.models import Site, SiteChange, SitePhoto
from tests.factories import Factories
from tests.sites.form_pages import inputs, send

GPS, ORIENTATION, MAKE = 0x8825, 0x0112, 0x010F


def picture(kind: str = "JPEG", size: tuple[int, int] = (800, 600), **options: object) -> bytes:
    """A plain image; a JPEG with a place, a maker and turned by 90 degrees in its metadata."""
    out = io.BytesIO()
    image = Image.new("RGBA" if kind in ("PNG", "WEBP") else "RGB", size, "#336699")
    exif = Image.Exif()
    exif[ORIENTATION], exif[MAKE] = 6, "SecretPhone"
    exif.get_ifd(GPS)[2] = (30.0, 20.0, 14.0)
    image.save(out, kind, **({"exif": exif, **options} if kind == "JPEG" else options))
    return out.getvalue()


def upload(client: FlaskClient, site: Site, content: bytes | None, kind: str = "entrance") -> TestResponse:
    """Send the upload form of the site's page."""
    path = f"/manage/sites/{site.id}/photos"
    data: dict[str, object] = {**inputs(client.get(f"/manage/sites/{site.id}"), path), "kind": kind}
    if content is not None:
        data["photo"] = (io.BytesIO(content), "IMG_1.exe")
    return client.post(path, data=data)


def fetch(client: FlaskClient, name: str) -> tuple[int, str, bytes]:
    """Status, type and bytes of a photo."""
    with client.get(f"/photos/{name}") as answer:
        return answer.status_code, answer.mimetype, answer.data


def rows(app: Flask) -> list[SitePhoto]:
    with app.app_context():
        return list(db.session.scalars(select(SitePhoto).order_by(SitePhoto.id)))


def folder(environ: dict[str, str]) -> Path:
    return Path(environ["XIAOWU_DATA"]) / "photos"


@pytest.fixture
def unit(factories: Factories) -> TradeUnion:
    return factories.tree()[2]


@pytest.fixture
def site(factories: Factories, unit: TradeUnion) -> Site:
    return factories.site(unit)


@pytest.fixture
def manager(factories: Factories, unit: TradeUnion, site: Site) -> FlaskClient:
    return factories.login(factories.user("site_manager", unit, site))


def test_a_photo_is_written_anew_upright_and_without_metadata(
    app: Flask, environ: dict[str, str], manager: FlaskClient, site: Site
) -> None:
    for kind, expected in (("JPEG", (1200, 1600)), ("PNG", (1600, 1200)), ("WEBP", (1600, 1200))):
        assert upload(manager, site, picture(kind, (2400, 1800))).status_code == 302
        row = rows(app)[-1]
        content = (folder(environ) / row.file_name).read_bytes()
        image = Image.open(io.BytesIO(content), formats=["WEBP"])
        assert image.size == (row.width, row.height) == expected
        assert not image.getexif()
        assert b"SecretPhone" not in content
        assert b"EXIF" not in content
        assert row.kind == "entrance"
        assert fetch(manager, row.file_name) == (200, "image/webp", content)
        assert row.file_name in manager.get(f"/manage/sites/{site.id}").text


def test_what_is_no_usable_photo_is_refused_with_a_reason(
    app: Flask, environ: dict[str, str], manager: FlaskClient, site: Site
) -> None:
    contents = {
        "none": None,
        "empty": b"",
        "gif header": b"GIF89a" + bytes(100),
        "svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        "cut": picture("JPEG")[:400],
        "heic": b"\0\0\0\x18ftypheic" + bytes(100),
        "pdf": b"%PDF-1.7" + bytes(100),
        "gif": picture("GIF"),
        "bmp": picture("BMP", (300, 300)),
        "tiff": picture("TIFF", (300, 300)),
        "small": picture("JPEG", (100, 800)),
        "broken png": b"\x89PNG\r\n\x1a\n" + bytes(200),
    }
    for name, content in contents.items():
        answer = upload(manager, site, content)
        assert answer.status_code == 422, name
        assert 'id="photo-error"' in answer.text, name
        assert content is None or "“IMG_1.exe”" in answer.text, name
        assert name not in ("heic", "pdf") or name.upper() in answer.text.partition('id="photo-error"')[2][:300], name
    assert rows(app) == []
    assert not folder(environ).exists()


def test_a_decompression_bomb_is_refused_before_it_is_decoded(app: Flask, manager: FlaskClient, site: Site) -> None:
    out = io.BytesIO()
    Image.new("1", (30_000, 30_000)).save(out, "PNG")
    assert len(out.getvalue()) < 200_000
    assert upload(manager, site, out.getvalue()).status_code == 422
    out = io.BytesIO()
    Image.new("1", (8_000, 8_000)).save(out, "PNG")
    assert upload(manager, site, out.getvalue()).status_code == 422
    assert rows(app) == []


def test_a_photo_shows_the_entrance_or_the_inside(app: Flask, manager: FlaskClient, site: Site) -> None:
    assert upload(manager, site, picture(), "selfie").status_code == 422
    assert upload(manager, site, picture(), "inside").status_code == 302
    assert [row.kind for row in rows(app)] == ["inside"]


def test_a_site_has_at_most_so_many_photos(
    factories: Factories, app: Flask, manager: FlaskClient, site: Site
) -> None:
    for _number in range(photos.MOST_PHOTOS):
        factories.photo(site)
    assert upload(manager, site, picture()).status_code == 409
    assert len(rows(app)) == photos.MOST_PHOTOS


def test_an_upload_over_the_limit_is_413(app: Flask, manager: FlaskClient, site: Site) -> None:
    app.config["MAX_CONTENT_LENGTH"] = 10_000
    answer = upload(manager, site, bytes(20_000))
    assert answer.status_code == 413
    assert "分几次上传" in answer.text
    assert 'class="button" href="/manage/"' in answer.text


def test_removing_takes_the_file_too_and_only_ones_own(
    factories: Factories, app: Flask, environ: dict[str, str], manager: FlaskClient, site: Site
) -> None:
    upload(manager, site, picture())
    (row,) = rows(app)
    foreign = factories.photo(factories.site())
    assert not (folder(environ) / foreign.file_name).exists()
    page = f"/manage/sites/{site.id}"
    token = inputs(manager.get(page), page)["csrf_token"]
    assert manager.post(f"{page}/photos/{foreign.id}/remove", data={"csrf_token": token}).status_code == 404
    with send(manager, page, f"{page}/photos/{row.id}/remove") as answer:
        assert answer.status_code == 302
    assert [left.id for left in rows(app)] == [foreign.id]
    assert list(folder(environ).iterdir()) == []
    assert manager.get(f"/photos/{row.file_name}").status_code == 404
    with app.app_context():
        acts = db.session.scalars(select(SiteChange.act).where(SiteChange.site_id == site.id).order_by(SiteChange.id))
        assert list(acts) == ["add_photo", "remove_photo"]


def test_photos_of_unpublished_sites_are_for_their_own_people(
    factories: Factories, app: Flask, client: FlaskClient
) -> None:
    _municipal, district, unit = factories.tree()
    stranger = factories.login(factories.user("site_manager", unit))
    union = factories.login(factories.user("district_union", district))
    for hidden in ({"is_listed": False}, {"open_to_outsiders": None}, {"status": "preparing"}):
        site = factories.site(unit, **hidden)
        manager = factories.login(factories.user("site_manager", unit, site))
        upload(manager, site, picture())
        name = rows(app)[-1].file_name
        answers = [fetch(who, name)[0] for who in (client, stranger, union, manager)]
        assert answers == [404, 404, 200, 200], hidden
        with manager.get(f"/photos/{name}") as answer:
            assert answer.headers["Cache-Control"] == "private, no-store"


def test_photos_of_published_sites_are_for_everybody(
    app: Flask, environ: dict[str, str], client: FlaskClient, manager: FlaskClient, site: Site
) -> None:
    upload(manager, site, picture())
    (row,) = rows(app)
    with client.get(f"/photos/{row.file_name}") as answer:
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "public, max-age=86400"
    for name in ("nothing.webp", "..%2Fsecrets.json", "%2e%2e/secrets.json", "." * 300):
        assert client.get(f"/photos/{name}").status_code == 404
    (folder(environ) / row.file_name).unlink()
    assert client.get(f"/photos/{row.file_name}").status_code == 404
