"""Every route × every role × own, sibling, parent, other district, other city: what it declares is what it does.

Routes that are added later are walked too; a route with a new parameter fails until `tests.access.ARGUMENTS` knows it.
"""

from collections.abc import Iterator

import pytest
from flask import Flask
from werkzeug.routing import Map, Rule
from werkzeug.test import TestResponse

from app.web import PUBLIC, csrf, declared_access
from tests.access import ANONYMOUS, ARGUMENTS, OWN, PLACES, SCOPE, Network
from tests.factories import Factories

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""Thousands of requests; who sees which rows is tested on both databases where the rows are."""
SAFE = ("GET", "HEAD", "OPTIONS")
SCOPED = set(ARGUMENTS) - {"token", "filename"}
DENIED = (401, 403, 404)


@pytest.fixture
def network(app: Flask, factories: Factories) -> Network:
    """Something of everything at every place."""
    return Network(app, factories)


def routes(app: Flask, *, safe: bool) -> Iterator[tuple[Rule, str]]:
    """Every rule with each of its methods, other than the automatic ones."""
    for rule in sorted(app.url_map.iter_rules(), key=str):
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            if (method in SAFE) is safe:
                yield rule, method


def brings_its_own_token(app: Flask, rule: Rule) -> bool:
    """Whether the route's forms carry another token than the session's (the door's; tested where it lives)."""
    view = app.view_functions[rule.endpoint]
    blueprint = app.blueprints.get(rule.endpoint.rpartition(".")[0])
    return f"{view.__module__}.{view.__name__}" in csrf._exempt_views or blueprint in csrf._exempt_blueprints


def expected(app: Flask, rule: Rule, role: str, place: str) -> str:
    """What has to happen by the route's declaration and the actor's scope."""
    allowed = declared_access(app, rule.endpoint) or frozenset()
    if PUBLIC in allowed:
        return "served"
    if role == ANONYMOUS:
        return "log in"
    if role not in allowed:
        return "forbidden"
    return "not found" if rule.arguments & SCOPED and place not in SCOPE[role] else "served"


def observed(answer: TestResponse) -> str:
    """What has happened."""
    if answer.status_code == 401 or (answer.status_code == 302 and "/login?next=" in answer.location):
        return "log in"
    if answer.status_code in DENIED:
        return {403: "forbidden", 404: "not found"}[answer.status_code]
    return "served" if answer.status_code < 500 and answer.status_code not in (405, 429) else str(answer.status_code)


def contradictions(network: Network, rule: Rule, method: str) -> Iterator[str]:
    """Each role and place for which the route does not do what it declares.

    Whoever the declaration keeps out is refused before any object is looked for, so her own place stands for all.
    """
    values = {} if method in SAFE else {"data": {"csrf_token": network.token()}}
    for role in SCOPE:
        is_let_in = expected(network.app, rule, role, OWN) == "served"
        for place in PLACES if is_let_in and rule.arguments & SCOPED else (OWN,):
            if is_let_in and method not in SAFE and rule.arguments & SCOPED:
                network.renew(place)
            answer = network.ask(role, method, network.path(rule, place), **values)
            wanted, seen = expected(network.app, rule, role, place), observed(answer)
            if wanted != seen:
                yield f"{method} {rule.rule} as {role}, {place}: should be {wanted}, was {seen} ({answer.status_code})"


def test_every_page_and_answer_is_for_whom_it_declares(network: Network) -> None:
    found = [line for rule, method in routes(network.app, safe=True) for line in contradictions(network, rule, method)]
    assert found == [], "\n".join(found)


def test_every_act_is_for_whom_it_declares(network: Network) -> None:
    acts = [(rule, method) for rule, method in routes(network.app, safe=False)]
    assert len(acts) > 10
    found = [
        line
        for rule, method in acts
        if not brings_its_own_token(network.app, rule)
        for line in contradictions(network, rule, method)
    ]
    assert found == [], "\n".join(found)


def test_every_act_refuses_a_missing_token(network: Network) -> None:
    served = []
    for rule, method in routes(network.app, safe=False):
        for role in SCOPE:
            answer = network.ask(role, method, network.path(rule, OWN), data={"any": "thing"})
            refusals = (403, 422) if brings_its_own_token(network.app, rule) else (403,)
            if answer.status_code not in refusals:
                served.append(f"{method} {rule.rule} as {role}: {answer.status_code}")
    assert served == []


@pytest.mark.parametrize("header", ["Origin", "Referer"])
def test_every_act_refuses_a_foreign_origin(network: Network, header: str) -> None:
    served = []
    for rule, method in routes(network.app, safe=False):
        answer = network.ask(
            "municipal_union", method, network.path(rule, OWN),
            data={"csrf_token": network.token()}, headers={header: "https://evil.example/page"},
        )  # fmt: skip
        if answer.status_code != 403:
            served.append(f"{method} {rule.rule}: {answer.status_code}")
    assert served == []


def test_an_unknown_parameter_is_named(network: Network) -> None:
    rule = next(Map([Rule("/manage/<surprise>", endpoint="accounts.start")]).iter_rules())
    with pytest.raises(AssertionError, match=r"surprise.*ARGUMENTS in tests/access.py"):
        network.path(rule, OWN)


def test_ids_beyond_the_databases_are_not_found(network: Network) -> None:
    """An integer that fits no column is nobody's object, and no error of the server."""
    wrong = []
    for rule, method in routes(network.app, safe=True):
        numbers = [name for name in rule.arguments if name.endswith("_id") and name != "usage_id"]
        path = network.path(rule, OWN)
        for name in numbers:
            far = path.replace(f"/{ARGUMENTS[name](network.places[OWN])}", f"/{2**63}", 1)
            if network.ask("municipal_union", method, far).status_code != 404:
                wrong.append(far)
    assert wrong == []
