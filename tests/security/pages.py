"""Every page as those see it who may: for the tests of what pages show of what people wrote."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode, urljoin

from flask import Flask
from lxml import html as parser
from playwright.sync_api import Page as Tab
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from app.web import MUNICIPAL_UNION, PUBLIC, SITE_MANAGER, declared_access
from tests.access import ANONYMOUS, ARGUMENTS, OWN, SIBLING, Network

DATA = Path(__file__).parent / "data"
BASE = "http://127.0.0.1:8000"
SCRIPT = (DATA / "inspect.js").read_text(encoding="utf-8")
NONCE = re.compile(r"'nonce-([\w-]+)'")
TYPED = ("text", "search", "tel", "email", "url", "number", "date", "datetime-local", "hidden", "month", "time", "")
HARMFUL = ("/logout", "/disable", "/password", "/remove", "/revoke")
"""Acts that would end the walk: they come last or not at all."""
FILES = (".pdf", ".xlsx", ".csv", ".js", "extension>", "/file", "filename>", "photo_key>")
ENDED = {"case_id", "inspection_id", "call_id", "title_id", "report_id"}
"""What is open at one's own place and over at the sibling's."""
_ARGS = re.compile(r"""request\.args(?:\.get(?:list)?\(|\[)["'](\w+)["']""")


@dataclass(frozen=True)
class Shown:
    """One answer in HTML: who asked for what, and what came."""

    label: str
    text: str
    nonce: str
    path: str
    role: str


def payloads(name: str) -> list[str]:
    """The lines of a data file."""
    return (DATA / name).read_text(encoding="utf-8").split("\n")[:-1]


def arguments_of_pages() -> list[str]:
    """The names of the query parameters that any page reads."""
    sources = (Path(__file__).parents[2] / "app").rglob("*.py")
    return sorted({name for path in sources for name in _ARGS.findall(path.read_text(encoding="utf-8"))} - {"lang"})


def get_rules(app: Flask) -> list[Rule]:
    """Every route that can be opened."""
    return sorted((rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())), key=str)


def readers(app: Flask, rule: Rule, roles: Sequence[str]) -> list[str]:
    """Who of `roles` may open a route; anybody may open a public one."""
    allowed = declared_access(app, rule.endpoint) or frozenset()
    return [ANONYMOUS] if PUBLIC in allowed else [role for role in roles if role in allowed]


def walk(
    network: Network, roles: Sequence[str] = (MUNICIPAL_UNION, SITE_MANAGER), *, whole: bool = False
) -> Iterator[Shown]:
    """Every page, seen by the first of `roles` who may and where its state differs at the sibling's too; `whole`: by
    each of them at both. Fails on an error of the server."""
    for rule in get_rules(network.app):
        if rule.rule.endswith(FILES):
            continue
        for role in readers(network.app, rule, roles)[: None if whole else 1]:
            is_both = role != SITE_MANAGER and (whole or rule.arguments & ENDED)
            for place in (OWN, SIBLING) if is_both else (OWN,):
                path = network.path(rule, place)
                yield from shown(network.ask(role, "GET", path), role, path)


def shown(answer: TestResponse, role: str, path: str) -> Iterator[Shown]:
    """The answer, if it is a page. Fails on an error of the server, and on a page without a strict policy."""
    assert answer.status_code < 500, f"{path} as {role}: {answer.status_code}"
    if answer.mimetype != "text/html":
        return
    policy = answer.headers["Content-Security-Policy"]
    nonce = NONCE.search(policy)
    yield Shown(f"{answer.status_code} {path} as {role}", answer.text, nonce[1] if nonce else "", path, role)


def asked(network: Network, words: str) -> Iterator[Shown]:
    """Every page with `words` in every parameter that any page reads."""
    query = urlencode(dict.fromkeys(arguments_of_pages(), words))
    for rule in get_rules(network.app):
        for role in readers(network.app, rule, (MUNICIPAL_UNION,)) if not rule.rule.endswith(FILES) else ():
            path = f"{network.path(rule, OWN)}?{query}"
            yield from shown(network.ask(role, "GET", path), role, path)


def sent(network: Network, pages: Sequence[Shown], words: str) -> Iterator[Shown]:
    """What comes back when `words` stand in every field of every form of `pages`; each form is sent once."""
    seen = set()
    for page in pages:
        for form in parser.fromstring(page.text or "<p>").iter("form"):
            target = urljoin(page.path, form.get("action") or page.path)
            if form.method != "POST" or (target, page.role) in seen or target.endswith(HARMFUL):
                continue
            seen.add((target, page.role))
            values = {**_filled(form, words), "csrf_token": network.token()}
            answer = network.ask(page.role, "POST", target, data=values)
            yield from shown(answer, page.role, f"POST {target}")


def _filled(form: parser.FormElement, words: str) -> dict[str, str]:
    kept = ("csrf_token", "token", "key")
    values: dict[str, str] = {}
    for field in form.inputs:
        name = field.get("name")
        if not name or field.get("type", "") == "file":
            continue
        is_typed = field.tag == "textarea" or (field.tag == "input" and field.get("type", "") in TYPED)
        values[name] = words if is_typed and name not in kept else str(field.get("value") or "1")
    return values


def findings(tab: Tab, pages: Sequence[Shown]) -> list[str]:
    """What the browser's own parser finds in the pages that must not be there."""
    found = []
    for page in pages:
        found += [f"{page.label}: {one}" for one in tab.evaluate(SCRIPT, [page.text, page.nonce, BASE])]
    return found


__all__ = ["ARGUMENTS", "Shown", "asked", "findings", "payloads", "sent", "walk"]
