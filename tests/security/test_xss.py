"""What people write is shown as they wrote it and nothing of it runs: sixty payloads, every text column, every page.

Here each column holds one of the payloads and every page is looked at; `tests/soak/soak_security.py` turns them until
each column has held each payload. The judge is the browser's own parser, which is shown to see each payload.
"""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page

from tests.access import OWN, Network
from tests.browser import live_server
from tests.factories import Factories
from tests.security.filling import EXCEPTIONS, fill, free_columns, tables
from tests.security.pages import BASE, SCRIPT, asked, findings, payloads, sent, shown, walk
from tests.security.rows import furnish

one_database = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""Templates know no database."""
XSS = payloads("xss.txt")
IN_A_QUERY = "\"'><img src=x onerror=__xss(1)>"
IN_A_FORM = "\"'></textarea><script>__xss(1)</script>"
CONTEXTS = (
    "<p>{}</p>", '<p title="{}">x</p>', "<p title='{}'>x</p>", "<p title={}>x</p>", '<a href="{}">x</a>',
    "<textarea>{}</textarea>", "<title>{}</title>", "<select><option>{}</option></select>", "<!--{}-->",
    '<script nonce="n">const a = "{}";</script>', "<style nonce='n'>{}</style>", "<svg><![CDATA[{}]]></svg>",
)  # fmt: skip
"""Where a page that does not escape would put it."""
WATCH = """
window.__ran = []; window.__xss = (...args) => window.__ran.push(args);
addEventListener("securitypolicyviolation", event => __ran.push(event.violatedDirective + " " + event.blockedURI));
"""


@pytest.fixture(scope="module")
def tab(browser: Browser) -> Iterator[Page]:
    """A blank tab, for its parser."""
    page = browser.new_page()
    yield page
    page.close()


def turned(shift: int) -> Callable[[str, int], str]:
    """A payload for each column, another at each shift; one that fits, if any does."""
    numbers: dict[str, int] = {}

    def text_for(column: str, length: int) -> str:
        number = numbers.setdefault(column, len(numbers))
        fitting = [one for one in XSS if len(one) <= length] or ["<b onclick=1>"[:length]]
        return fitting[(number + shift) % len(fitting)]

    return text_for


def filled(app: Flask, factories: Factories, shift: int = 0) -> Network:
    """A network in which every text is a payload."""
    network = Network(app, factories)
    furnish(network)
    assert fill(app, turned(shift)) > 60
    return network


def test_the_judge_sees_every_payload(tab: Page) -> None:
    assert len(XSS) >= 60
    assert len(set(XSS)) == len(XSS)
    unseen = [
        payload
        for payload in XSS
        if not any(tab.evaluate(SCRIPT, [context.replace("{}", payload), "n", BASE]) for context in CONTEXTS)
    ]
    assert unseen == []


@one_database
def test_the_judge_lets_plain_pages_be(tab: Page, client: FlaskClient) -> None:
    for path in ("/", "/privacy", "/login", "/rulebooks"):
        assert findings(tab, list(shown(client.get(path), "anonymous", path))) == []


@one_database
def test_no_page_runs_what_people_wrote(app: Flask, factories: Factories, tab: Page) -> None:
    network = filled(app, factories)
    pages = list(walk(network))
    assert len(pages) > 80
    mentioned = sum("__xss" in page.text for page in pages)
    assert mentioned > len(pages) // 2, f"only {mentioned} of {len(pages)} pages show what was filled in"
    asking = list(asked(network, IN_A_QUERY))
    returned = list(sent(network, pages, IN_A_FORM))
    assert any(page.label.startswith("422") and "__xss" in page.text for page in returned)
    assert findings(tab, [*pages, *asking, *returned]) == []


@one_database
def test_in_the_browser_nothing_runs_and_the_policy_has_nothing_to_stop(
    app: Flask, factories: Factories, browser: Browser
) -> None:
    network = filled(app, factories, 7)
    place = network.places[OWN]
    public = ["/", f"/sites/{place.site.id}", f"/r/{place.code.code}"]
    site = f"/manage/sites/{place.site.id}"
    staff = [
        f"/manage/unions/{place.union.id}", site, f"{site}/history", f"{site}/registers/cleaning",
        f"/manage/cases/{place.case.case.id}", f"/manage/sheets/{place.sheets.sheet.id}",
        f"/manage/terms/{place.care.term.id}/attendance",
    ]  # fmt: skip
    with live_server(app) as base:
        assert watched(network, browser, base, "anonymous", public) == []
        assert watched(network, browser, base, "municipal_union", staff) == []


def watched(network: Network, browser: Browser, base: str, role: str, paths: list[str]) -> list[str]:
    """Open the pages for real; what ran, what the policy stopped, and what the living document holds."""
    context = browser.new_context()
    cookie = network.browser(role).get_cookie("session")
    if cookie is not None:
        context.add_cookies([{"name": "session", "value": cookie.value, "url": base}])
    context.add_init_script(WATCH)
    page, found = context.new_page(), []
    for path in paths:
        answer = page.goto(f"{base}{path}")
        assert answer is not None
        assert answer.status == 200, path
        page.wait_for_load_state()
        found += [f"{path}: ran {one}" for one in page.evaluate("window.__ran")]
        found += [f"{path}: {one}" for one in page.evaluate(SCRIPT, [None, None, base])]
    context.close()
    return found


def test_every_text_column_is_filled_or_excepted_with_a_reason() -> None:
    """The exceptions name columns that there are, and every other text column is filled."""
    columns = [(table.name, column.name) for table in tables() for column in table.columns]
    known = {name for table, column in columns for name in (column, f"{table}.{column}")}
    assert {name for names in EXCEPTIONS.values() for name in names} - known == set()
    assert sum(len(free_columns(table)) for table in tables()) > 60
