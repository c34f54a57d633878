"""What every answer shares."""

from flask.testing import FlaskClient

from tests.factories import Factories


def test_unknown_path_is_a_chinese_page(client: FlaskClient) -> None:
    answer = client.get("/no-such-page")
    assert answer.status_code == 404
    assert 'lang="zh-Hans"' in answer.text


def test_unknown_api_path_has_the_one_error_shape(client: FlaskClient) -> None:
    answer = client.get("/api/v1/no-such-thing")
    assert answer.status_code == 404
    assert set(answer.json["error"]) == {"status", "code", "message", "fields"}


def test_a_foreign_origin_is_refused(client: FlaskClient) -> None:
    answer = client.post("/login", headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403


def test_no_page_has_a_nul_in_its_address(client: FlaskClient) -> None:
    assert [client.get(path).status_code for path in ("/t/%00", "/photos/%00", "/t/tablet%00")] == [404] * 3


def test_every_answer_carries_a_strict_policy(client: FlaskClient) -> None:
    policy = client.get("/login").headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_a_logged_in_person_gets_no_cached_page(factories: Factories) -> None:
    municipal, *_ = factories.tree()
    client = factories.login(factories.user("municipal_union", municipal))
    assert client.get("/no-such-page").headers["Cache-Control"] == "no-store"
