"""The rulebooks for everybody to read."""

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Page

from app.rulebooks import available, load
from tests.browser import assert_accessible, assert_fits, live_server, screenshot

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.mark.parametrize("name", available())
def test_every_rulebook_reads_in_both_languages(client: FlaskClient, name: str) -> None:
    book = load(name)
    for language in ("zh", "en"):
        page = client.get(f"/rulebooks/{name}?lang={language}")
        html = page.get_data(as_text=True)
        assert page.status_code == 200
        for text in (book.title, book.issuer, *(article.text for article in book.articles[:1])):
            assert str(client.application.jinja_env.filters["e"](text[language])) in html
        for condition in book.conditions:
            assert f'id="conditions.{condition.id}"' in html
        for sheet in book.score_sheets:
            assert f'id="sheets.{sheet}"' in html
        assert book.digest in html
    assert book.title.zh in client.get("/rulebooks").get_data(as_text=True)


def test_there_is_no_page_for_another(client: FlaskClient) -> None:
    assert client.get("/rulebooks/none").status_code == 404
    assert client.get("/rulebooks/..%2F..%2Fetc").status_code == 404


def test_the_pages_fit_a_phone(app, phone: Page) -> None:  # type: ignore[no-untyped-def]
    with live_server(app) as base:
        for path, name in (("/rulebooks", "rulebooks"), ("/rulebooks/qingdao-2023", "rulebook")):
            phone.goto(base + path)
            assert_fits(phone)
            assert_accessible(phone)
            screenshot(phone, name)
