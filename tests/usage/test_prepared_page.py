"""The page that is drawn once and filled in says what the page drawn for this site would say."""

import re

import pytest

VARYING = re.compile(r'(name="key" value=")[^"]*|(name="token" value=")[^"]*|(nonce=")[^"]*')


def pages(app, path: str) -> tuple[str, str]:
    """The page as visitors get it, and as it is drawn whole where a session comes; without what always differs."""
    somebody = app.test_client()
    somebody.set_cookie("session", "nobody's")
    answers = (client.get(path).get_data(as_text=True) for client in (app.test_client(), somebody))
    filled, drawn = (VARYING.sub("", page) for page in answers)
    return filled, drawn


@pytest.mark.parametrize("lang", ["", "?lang=en", "?lang=zh", "?from=group"])
def test_filled_and_drawn_are_the_same_page(app, factories, lang):
    host = factories.tree()[2]
    given = (
        {"name": "银海街小屋", "floor_label": ""},
        {"name": "Tom & <b>“Jerry”</b> '小屋'", "floor_label": "B1 <东>"},
        {"name": "银海街驿站", "kind": "nursery", "is_synthetic": False},
        {"name": "另一间小屋", "floor_label": "2F", "is_synthetic": True},
    )
    for values in given:
        code = factories.door_code(factories.site(host, **values)).code
        filled, drawn = pages(app, f"/r/{code}{lang}")
        assert filled == drawn
        assert "gap" not in filled.partition("</style>")[2].partition("<script")[0]


def test_every_visit_has_its_own_key_and_nonce_and_no_cookie(app, factories):
    code = factories.door_code(factories.site()).code
    client = app.test_client()
    answers = [client.get(f"/r/{code}") for _ in range(2)]
    for name in (r'name="key" value="([^"]*)"', r'<style nonce="([^"]*)"'):
        first, second = (re.search(name, answer.get_data(as_text=True))[1] for answer in answers)
        assert first
        assert first != second
    for answer in answers:
        nonce = re.search(r'<script nonce="([^"]*)"', answer.get_data(as_text=True))[1]
        assert f"'nonce-{nonce}'" in answer.headers["Content-Security-Policy"]
        assert "Set-Cookie" not in answer.headers
