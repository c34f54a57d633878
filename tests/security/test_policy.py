"""Every answer of every route carries the strict policy and its companions, errors and files included."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.web import MUNICIPAL_UNION, PUBLIC, SITE_MANAGER, access
from tests.access import ANONYMOUS, OWN, Network
from tests.factories import Factories
from tests.security.pages import get_rules, readers

one_database = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
NEVER = ("unsafe-inline", "unsafe-eval", "unsafe-hashes", "strict-dynamic", "http:", " *", "data: 'self'", "blob:")
NONCE = re.compile(r"'nonce-([\w-]{16,})'")
ALWAYS = {"X-Content-Type-Options": "nosniff", "Cross-Origin-Opener-Policy": "same-origin"}
SLOW = (".pdf",)
"""Drawn up anew for each request; one of them stands for all."""


def faults(answer: TestResponse) -> Iterator[str]:
    """What the headers of an answer lack."""
    policy = answer.headers.get("Content-Security-Policy", "")
    rules = dict(part.strip().partition(" ")[::2] for part in policy.split(";") if part.strip())
    if rules.get("default-src") != "'none'":
        yield f"no default: {policy!r}"
    if not (rules.get("frame-ancestors") == rules.get("base-uri") == "'none'") and "sandbox" not in rules:
        yield f"frames or base: {policy!r}"
    for kind in ("script-src", "style-src", "object-src", "connect-src"):
        if any(word in f" {rules.get(kind, '')}" for word in NEVER):
            yield f"{kind} {rules[kind]}"
    for name, value in ALWAYS.items():
        if answer.headers.get(name) != value:
            yield f"{name}: {answer.headers.get(name)}"
    if answer.headers.get("Referrer-Policy") not in ("same-origin", "no-referrer"):
        yield f"Referrer-Policy: {answer.headers.get('Referrer-Policy')}"
    if answer.headers.getlist("Content-Security-Policy") != [policy]:
        yield "more than one policy"


@one_database
def test_every_answer_has_a_strict_policy(app: Flask, factories: Factories) -> None:
    network = Network(app, factories)
    wrong, nonces = {}, []
    for rule in get_rules(app):
        if rule.rule.endswith(SLOW) and rule.endpoint != "registers.sheet_pdf":
            continue
        for role in {ANONYMOUS, *readers(app, rule, (MUNICIPAL_UNION, SITE_MANAGER))[:1]}:
            path = network.path(rule, OWN)
            answer = network.ask(role, "GET", path)
            nonces += NONCE.findall(answer.headers.get("Content-Security-Policy", ""))[:1]
            if found := list(faults(answer)):
                wrong[f"{path} as {role}: {answer.status_code}"] = found
    assert wrong == {}
    assert len(nonces) > 4
    assert len(set(nonces)) == len(nonces), "a nonce came twice"


@one_database
@pytest.mark.own_app
def test_errors_have_it_too(app: Flask, factories: Factories) -> None:
    @app.get("/broken")
    @access(PUBLIC)
    def broken() -> str:
        raise RuntimeError("x")

    network = Network(app, factories)
    answers = {
        404: network.ask(ANONYMOUS, "GET", "/nothing"), 405: network.ask(ANONYMOUS, "POST", "/privacy", data={}),
        403: network.ask(ANONYMOUS, "POST", "/login", data={}), 500: network.ask(ANONYMOUS, "GET", "/broken"),
        413: network.ask(ANONYMOUS, "POST", "/login", data={"x": "x" * (13 << 20)}),
        308: network.ask(ANONYMOUS, "GET", "/manage"),
    }  # fmt: skip
    client = app.test_client()
    for number in range(61):
        answers[429] = client.get(f"/r/{network.places[OWN].code.code}", headers={"User-Agent": f"x{number // 100}"})
    assert {status: answer.status_code for status, answer in answers.items()} == {status: status for status in answers}
    assert {status: list(faults(answer)) for status, answer in answers.items() if list(faults(answer))} == {}
    assert "Retry-After" in answers[429].headers
    assert "RuntimeError" not in answers[500].text


@one_database
@pytest.mark.parametrize("environ", [{"XIAOWU_BASE_URL": "https://room.example.cn"}], indirect=True)
def test_over_tls_browsers_are_told_to_stay_there(app: Flask) -> None:
    answer = app.test_client().get("/login", base_url="https://room.example.cn")
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    cookie = answer.headers["Set-Cookie"]
    assert all(word in cookie for word in ("Secure", "HttpOnly", "SameSite=Lax"))


@pytest.fixture
def environ(environ: dict[str, str], request: pytest.FixtureRequest) -> dict[str, str]:
    """With what a test adds."""
    return {**environ, **getattr(request, "param", {})}
