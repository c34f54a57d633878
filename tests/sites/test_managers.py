"""Who manages a site: assigned by its unions, or by an operator."""

import pytest
from flask import Flask
from playwright.sync_api import Page
from sqlalchemy import select

from app.accounts.models import TradeUnion, User
from app.db import db
from app.sites.models import Site, SiteChange, SiteManager
from app.web import DISTRICT_UNION, SITE_MANAGER, UNIT_UNION
from tests.browser import assert_accessible, assert_fits, live_server
from tests.factories import PASSWORD, Factories
from tests.forms import submit
from tests.sites.form_pages import send


@pytest.fixture
def tree(factories: Factories) -> tuple[TradeUnion, TradeUnion, TradeUnion]:
    return factories.tree()


@pytest.fixture
def site(factories: Factories, tree: tuple[TradeUnion, ...]) -> Site:
    """A site of the unit."""
    made: Site = factories.site(tree[2])
    return made


def managers(app: Flask, site: Site) -> set[int]:
    with app.app_context():
        return set(db.session.scalars(select(SiteManager.user_id).where(SiteManager.site_id == site.id)))


def changes(app: Flask, site: Site) -> list[list[str | None]]:
    with app.app_context():
        rows = db.session.scalars(select(SiteChange).filter_by(site_id=site.id, act="managers").order_by(SiteChange.id))
        return [row.fields["managers"] for row in rows]


def test_a_union_assigns_and_takes_away(
    app: Flask, factories: Factories, tree: tuple[TradeUnion, ...], site: Site
) -> None:
    first, second = (factories.user(SITE_MANAGER, tree[2]) for _ in range(2))
    client, page = factories.login(factories.user(UNIT_UNION, tree[2])), f"/manage/sites/{site.id}/managers"
    assert submit(client, page, managers=[first.id, second.id]).status_code == 302
    assert managers(app, site) == {first.id, second.id}
    assert factories.login(first).get(f"/manage/sites/{site.id}").status_code == 200
    submit(client, page, managers=[second.id])
    submit(client, page, managers=[second.id])
    assert managers(app, site) == {second.id}
    assert factories.login(first).get(f"/manage/sites/{site.id}").status_code == 404
    both = f"{first.username}, {second.username}"
    assert changes(app, site) == [[None, both], [both, second.username]]
    assert second.username in client.get(f"/manage/sites/{site.id}/history").text


def test_only_site_managers_of_ones_own_unions_can_be_assigned(
    app: Flask, factories: Factories, tree: tuple[TradeUnion, ...], site: Site
) -> None:
    client, page = factories.login(factories.user(DISTRICT_UNION, tree[1])), f"/manage/sites/{site.id}/managers"
    elsewhere = factories.user(SITE_MANAGER, factories.tree()[2])
    union, gone = factories.user(UNIT_UNION, tree[2]), factories.user(SITE_MANAGER, tree[2], active=False)
    for wrong in (elsewhere, union, gone):
        assert submit(client, page, managers=[wrong.id]).status_code == 422
    assert submit(client, page, managers=["9" * 30]).status_code == 422
    assert managers(app, site) == set()


def test_a_manager_from_elsewhere_stays(
    app: Flask, factories: Factories, tree: tuple[TradeUnion, ...], site: Site
) -> None:
    elsewhere: User = factories.user(SITE_MANAGER, tree[1], site)
    mine = factories.user(SITE_MANAGER, tree[2])
    client, page = factories.login(factories.user(UNIT_UNION, tree[2])), f"/manage/sites/{site.id}/managers"
    assert elsewhere.username in client.get(page).text
    submit(client, page, managers=[mine.id])
    assert managers(app, site) == {elsewhere.id, mine.id}


def test_who_managed_it_for_the_union_that_had_it_leaves_when_it_moves(
    app: Flask, factories: Factories, tree: tuple[TradeUnion, ...], site: Site
) -> None:
    new_host = factories.union("unit", tree[1])
    before, above, ready = (factories.user(SITE_MANAGER, union, site) for union in (tree[2], tree[1], new_host))
    client, page = factories.login(factories.user(DISTRICT_UNION, tree[1])), f"/manage/sites/{site.id}/edit"
    assert send(client, page, host_id=str(new_host.id)).status_code == 302
    assert managers(app, site) == {above.id, ready.id}
    assert factories.login(before).get(f"/manage/sites/{site.id}").status_code == 404
    (entry,) = changes(app, site)
    assert before.username in (entry[0] or "")
    assert before.username not in (entry[1] or "")


def test_an_operator_assigns_by_command(
    app: Flask, factories: Factories, tree: tuple[TradeUnion, ...], site: Site
) -> None:
    manager, union = factories.user(SITE_MANAGER, tree[2]), factories.user(UNIT_UNION, tree[2])
    run = app.test_cli_runner().invoke
    for _ in range(2):
        assert run(args=["sites", "assign", manager.username, str(site.id)]).exit_code == 0
    assert managers(app, site) == {manager.id}
    assert len(changes(app, site)) == 1
    for wrong in ((union.username, site.id), (manager.username, 999), ("nobody", site.id)):
        result = run(args=["sites", "assign", *map(str, wrong)])
        assert result.exit_code == 1
        assert result.output.startswith("Error: ")


def test_the_page_on_a_phone(
    app: Flask, factories: Factories, tree: tuple[TradeUnion, ...], site: Site, phone: Page
) -> None:
    user = factories.user(UNIT_UNION, tree[2])
    factories.user(SITE_MANAGER, tree[2], display_name="很长的名字" * 10)
    with live_server(app) as base:
        phone.goto(f"{base}/login?next=/manage/sites/{site.id}/managers")
        phone.get_by_label("用户名").fill(user.username)
        phone.get_by_label("密码").fill(PASSWORD)
        with phone.expect_navigation():
            phone.keyboard.press("Enter")
        assert_fits(phone)
        assert_accessible(phone)
