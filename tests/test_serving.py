"""Hooks of libraries run on the requests that they are about, and only there."""

from flask import Flask

from app.serving import has_credentials, narrowed


def test_a_narrowed_hook_sees_only_requests_with_a_cookie_or_token():
    app, seen = Flask("narrow"), []

    def install(target: Flask) -> None:
        target.before_request(lambda: seen.append("before"))
        target.after_request(lambda response: seen.append("after") or response)

    narrowed(app, has_credentials, install)
    app.add_url_rule("/", "index", lambda: "hello")
    client = app.test_client()
    assert client.get("/").text == "hello"
    assert seen == []
    client.get("/", headers={"Authentication-Token": "x"})
    client.set_cookie("a", "b")
    client.get("/")
    assert seen == ["before", "after"] * 2


def test_an_anonymous_answer_of_the_api_sets_and_asks_for_no_cookie(app):
    answer = app.test_client().get("/api/v1/sites/nearest?lat=30&lon=120")
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert "Vary" not in answer.headers
