"""Door codes over their life, and the posters with them, as a manager and a union handle them."""

from datetime import date, timedelta
from itertools import chain
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import TradeUnion
from app.db import db
from app.sites import views_codes
from app.sites.door_code_services import GRACE, live_codes, printable_code
from app.sites.door_codes import door_url
from app.sites.models import DoorCode, Site, SiteChange
from tests.conftest import Clock
from tests.factories import Factories
from tests.sites.form_pages import inputs, send
from tests.sites.poster_pages import decoded, page_images, page_sizes_mm, page_texts


@pytest.fixture
def unit(factories: Factories) -> TradeUnion:
    return factories.tree()[2]


def managed(factories: Factories, unit: TradeUnion, **values: Any) -> tuple[FlaskClient, Site, str]:
    site = factories.site(unit, **values)
    return factories.login(factories.user("site_manager", unit, site)), site, f"/manage/sites/{site.id}"


def codes(app: Flask, site: Site) -> list[DoorCode]:
    with app.app_context():
        of_site = select(DoorCode).where(DoorCode.site_id == site.id)
        return list(db.session.scalars(of_site.order_by(DoorCode.print_version)))


def acts(app: Flask, site: Site) -> list[tuple[str, str]]:
    with app.app_context():
        found = select(SiteChange).where(SiteChange.site_id == site.id).order_by(SiteChange.id)
        return [(change.act, change.note) for change in db.session.scalars(found)]


def test_the_first_code_is_issued_once_and_opens_the_door(
    factories: Factories, app: Flask, client: FlaskClient, unit: TradeUnion
) -> None:
    manager, site, path = managed(factories, unit)
    assert manager.get(f"{path}/poster.pdf").status_code == 409
    assert send(manager, path, f"{path}/codes").status_code == 302
    (code,) = codes(app, site)
    assert (code.print_version, code.revoked_at) == (1, None)
    assert client.get(f"/r/{code.code}").status_code == 200
    assert client.get(f"/r/{code.code.upper()[:4]}-{code.code[4:]}").status_code == 301
    token = inputs(manager.get(path), path)["csrf_token"]
    assert manager.post(f"{path}/codes", data={"csrf_token": token}).status_code == 409
    assert acts(app, site) == [("issue_code", "")]


def test_a_new_print_version_ends_the_old_code_at_once(
    factories: Factories, app: Flask, client: FlaskClient, clock: Clock, unit: TradeUnion
) -> None:
    manager, site, path = managed(factories, unit)
    old = factories.door_code(site, print_version=1)
    assert send(manager, f"{path}/codes/new", reason="被拍照").status_code == 302
    first, second = codes(app, site)
    assert (first.revoked_at, first.revoked_reason) == (clock(), "被拍照")
    assert (second.print_version, second.revoked_at) == (2, None)
    assert client.get(f"/r/{old.code}").status_code == 410
    assert client.get(f"/r/{second.code}").status_code == 200
    assert acts(app, site) == [("reissue_code", "被拍照")]
    assert second.code[:4].upper() in manager.get(f"{path}/history").text


def test_by_choice_the_old_code_lives_on_for_30_days(
    factories: Factories, app: Flask, client: FlaskClient, clock: Clock, unit: TradeUnion
) -> None:
    manager, site, path = managed(factories, unit)
    old = factories.door_code(site, print_version=1)
    assert send(manager, f"{path}/codes/new", old="keep").status_code == 302
    first, second = codes(app, site)
    assert first.revoked_at == clock() + GRACE
    assert client.get(f"/r/{old.code}").status_code == 200
    with app.app_context():
        stored = db.session.get_one(Site, site.id)
        assert [code.print_version for code in live_codes(stored, clock())] == [2, 1]
        assert printable_code(stored, clock()).code == second.code  # type: ignore[union-attr]
    assert "有效到 2026-12-20" in manager.get(path).text
    clock.advance(days=30)
    assert client.get(f"/r/{old.code}").status_code == 410
    assert client.get(f"/r/{second.code}").status_code == 200


def test_a_second_reissue_never_lengthens_the_first_ones_grace(
    factories: Factories, app: Flask, clock: Clock, unit: TradeUnion
) -> None:
    manager, site, path = managed(factories, unit)
    factories.door_code(site, print_version=1)
    send(manager, f"{path}/codes/new", old="keep")
    ends = codes(app, site)[0].revoked_at
    clock.advance(days=10)
    send(manager, f"{path}/codes/new", old="keep")
    assert [code.revoked_at for code in codes(app, site)] == [ends, clock() + GRACE, None]


def test_revoking_needs_a_reason_and_happens_once(
    factories: Factories, app: Flask, client: FlaskClient, clock: Clock, unit: TradeUnion
) -> None:
    manager, site, path = managed(factories, unit)
    code, foreign = factories.door_code(site), factories.door_code(factories.site(unit))
    page = f"{path}/codes/{code.id}/revoke"
    missing = send(manager, page, reason="  ")
    assert missing.status_code == 422
    assert 'id="reason-error"' in missing.text
    assert send(manager, page, reason="贴错了门").status_code == 302
    assert [(row.revoked_at, row.revoked_reason) for row in codes(app, site)] == [(clock(), "贴错了门")]
    assert client.get(f"/r/{code.code}").status_code == 410
    assert send(manager, page, reason="再来").status_code == 409
    assert manager.get(f"{path}/codes/{foreign.id}/revoke").status_code == 404
    assert manager.get(f"{path}/codes/999/revoke").status_code == 404
    assert acts(app, site) == [("revoke_code", "贴错了门")]
    assert send(manager, path, f"{path}/codes").status_code == 302
    assert [row.print_version for row in codes(app, site)][-1] == code.print_version + 1


def test_a_closed_site_gets_no_code_and_an_unlabelled_one_no_new_version(
    factories: Factories, app: Flask, unit: TradeUnion
) -> None:
    manager, site, path = managed(factories, unit)
    token = inputs(manager.get(path), path)["csrf_token"]
    assert manager.post(f"{path}/codes/new", data={"csrf_token": token}).status_code == 409
    assert "请先发放" in manager.get(f"{path}/codes/new").text
    union = factories.login(factories.user("unit_union", unit))
    closed = factories.site(unit, status="closed", closed_on=date(2026, 1, 1))
    token = inputs(union.get(path), path)["csrf_token"]
    assert union.post(f"/manage/sites/{closed.id}/codes", data={"csrf_token": token}).status_code == 409
    assert codes(app, site) == codes(app, closed) == []


def test_the_poster_is_the_newest_codes_in_each_format(
    factories: Factories, unit: TradeUnion, clock: Clock
) -> None:
    manager, site, path = managed(factories, unit, name='#read("/etc/passwd") 小屋')
    factories.door_code(site, print_version=1, revoked_at=clock() + timedelta(days=1))
    newest = factories.door_code(site, print_version=2)
    for paper, size in (("a4", (210, 297)), ("a5", (148, 210)), ("sticker", (60, 60))):
        answer = manager.get(f"{path}/poster.pdf?format={paper}")
        assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
        assert "attachment" in answer.headers["Content-Disposition"]
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert page_sizes_mm(answer.data) == [size]
        (image,) = page_images(answer.data, 200)
        url = door_url("http://127.0.0.1:8000", newest.code)
        assert decoded(image) == ([url], [url])
    refused = manager.get(f"{path}/poster.pdf?format=a0")
    assert refused.status_code == 422
    assert "a4, a5, sticker" in refused.text


def test_a_union_prints_its_whole_subtree_and_issues_what_lacks(factories: Factories, app: Flask) -> None:
    municipal, district, unit = factories.tree()
    sibling = factories.union("district", municipal)
    foreign = factories.site(sibling)
    factories.door_code(foreign)
    first, second = factories.site(unit, name="东楼小屋"), factories.site(district, name="西楼小屋😀")
    factories.site(unit, status="closed", closed_on=date(2026, 1, 1))
    factories.door_code(first)
    client = factories.login(factories.user("district_union", district))
    path = f"/manage/unions/{district.id}"
    assert "😀" in client.get(f"{path}/posters").text
    pdf = client.get(f"{path}/posters.pdf?format=a5").data
    assert page_sizes_mm(pdf) == [(148, 210)]
    assert send(client, f"{path}/posters", f"{path}/codes").status_code == 302
    assert len(codes(app, second)) == 1
    texts = page_texts(client.get(f"{path}/posters.pdf").data)
    assert ["东楼小屋" in text or "西楼小屋" in text for text in texts] == [True, True]
    for method, tail in (("get", "posters"), ("get", "posters.pdf"), ("post", "codes")):
        token = inputs(client.get(f"/manage/sites/{first.id}"), "")["csrf_token"]
        for stranger in (sibling, municipal):
            answer = getattr(client, method)(f"/manage/unions/{stranger.id}/{tail}", data={"csrf_token": token})
            assert answer.status_code == 404, (method, tail)
    empty = factories.union("unit", district)
    assert client.get(f"/manage/unions/{empty.id}/posters.pdf").status_code == 422
    assert client.get(f"/manage/unions/{empty.id}/posters").status_code == 200
    manager = factories.login(factories.user("site_manager", unit, first))
    assert manager.get(f"/manage/unions/{unit.id}/posters").status_code == 403


def test_many_posters_come_in_files_and_many_codes_in_steps(
    factories: Factories, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views_codes, "A_FILE", 2)
    monkeypatch.setattr(views_codes, "AT_ONCE", 4)
    _municipal, district, unit = factories.tree()
    found = [factories.site(unit, name=f"{name}楼小屋") for name in "一七三九八"]
    client = factories.login(factories.user("district_union", district))
    path = f"/manage/unions/{district.id}"
    for issued in (4, 5):
        assert send(client, f"{path}/posters", f"{path}/codes").status_code == 302
        assert sum(bool(codes(app, site)) for site in found) == issued
    page = client.get(f"{path}/posters").text
    assert "part=2" in page
    assert "part=3" in page
    assert "part=4" not in page
    texts = [page_texts(client.get(f"{path}/posters.pdf?format=sticker&part={part}").data) for part in (1, 2, 3)]
    assert [len(pages) for pages in texts] == [2, 2, 1]
    names = sorted(site.name for site in found)
    assert all(name in text for name, text in zip(names, chain(*texts), strict=True))
    for part in ("4", "0", "-1", "x", "²"):
        assert client.get(f"{path}/posters.pdf?part={part}").status_code == 422
