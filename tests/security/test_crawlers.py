"""What opens addresses without a person behind it logs no use: crawlers, link previews, prefetching, waiting tabs."""

import re
from pathlib import Path

import pytest
from flask import Flask
from lxml import html as parser
from playwright.sync_api import Browser
from sqlalchemy import func, select

from app.db import db
from app.usage.models import Rating, UsageRecord
from app.web import PUBLIC, declared_access
from tests.access import OWN, Network
from tests.browser import live_server, phone_context
from tests.factories import Factories
from tests.usage.helpers import Phone

one_database = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
MOBILE = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Mobile Safari/537.36"
AGENTS = {
    "Google": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Baidu": "Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)",
    "Bytedance": "Mozilla/5.0 (compatible; Bytespider; spider-feedback@bytedance.com)",
    "WeChat preview": f"{MOBILE} MicroMessenger/8.0.47 WeChat/arm64 Weixin NetType/WIFI Language/zh_CN",
    "WeChat's checker": "Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 5.1) mpcrawler",
    "Alipay preview": f"{MOBILE} AlipayClient/10.5.90 AliApp(AP/10.5.90)",
    "QQ": f"{MOBILE} MQQBrowser/6.2 QQ/9.0 V1_AND_SQ",
    "DingTalk": f"{MOBILE} DingTalk/7.1.0 com.alibaba.android.rimet",
    "iMessage": "Mozilla/5.0 (Macintosh) AppleWebKit/601.2.4 facebookexternalhit/1.1 Facebot Twitterbot/1.0",
    "Slack": "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "Telegram": "TelegramBot (like TwitterBot)", "WhatsApp": "WhatsApp/2.23.20.0 A", "curl": "curl/8.5.0", "none": "",
}  # fmt: skip
AHEAD = (
    {"Purpose": "prefetch"}, {"Sec-Purpose": "prefetch"}, {"Sec-Purpose": "prefetch;prerender"}, {"X-Moz": "prefetch"},
    {"X-Purpose": "preview"}, {"Sec-Fetch-Dest": "empty", "Sec-Fetch-Mode": "no-cors"},
)  # fmt: skip
IDLE_MS = 5_000
_ADDRESS = re.compile(r"""["'(](/[^"'()\s<>]*)["')]""")


def seeds(network: Network) -> set[str]:
    """The public addresses of one site, the doors and receipts among them."""
    public = (rule for rule in network.app.url_map.iter_rules() if "GET" in (rule.methods or ()))
    return {
        network.path(rule, OWN)
        for rule in public
        if PUBLIC in (declared_access(network.app, rule.endpoint) or ()) and rule.endpoint != "static"
    }


def links(text: str) -> set[str]:
    """Every address of ours that a page names, as a link, a form, a file or in a script."""
    page = parser.fromstring(text)
    named = {link for _, _, link, _ in page.iterlinks()} | set(_ADDRESS.findall(text))
    return {link.split("#")[0] for link in named if link.startswith("/") and not link.startswith(("//", "/static"))}


def traces(app: Flask) -> tuple[int, int]:
    """How many uses and ratings there are."""
    with app.app_context():
        counts = (db.session.scalar(select(func.count()).select_from(model)) or 0 for model in (UsageRecord, Rating))
        uses, ratings = counts
        return uses, ratings


def crawl(network: Network, agent: str, headers: dict[str, str], addresses: set[str], depth: int) -> set[str]:
    """Follow every link `depth` deep without a person's tap; the addresses that were opened."""
    client, seen, waiting = network.app.test_client(), set[str](), set(addresses)
    for number in range(depth):
        found: set[str] = set()
        for address in sorted(waiting - seen):
            place = {"REMOTE_ADDR": f"10.9.{len(seen) >> 8}.{len(seen) & 255}"}
            sent = {"User-Agent": agent, **headers}
            answer = client.get(address, headers=sent, environ_overrides=place, buffered=True)
            assert answer.status_code < 500, address
            assert "door=" not in answer.headers.get("Set-Cookie", ""), f"{address} gave a visitor's cookie"
            seen.add(address)
            if answer.mimetype == "text/html" and number + 1 < depth:
                found |= links(answer.text)
        waiting = found
    return seen


@one_database
def test_no_crawler_and_no_preview_logs_a_use(app: Flask, factories: Factories) -> None:
    network = Network(app, factories)
    before, start = traces(app), seeds(network)
    code = network.places[OWN].code.code
    assert {f"/r/{code}", f"/r/{code}/u/{network.places[OWN].usage_id}", "/"} <= start
    known = crawl(network, AGENTS["Google"], {}, start, 3)
    assert len(known) > len(start) + 10
    door = {path for path in known if path.startswith((f"/r/{code}", "/t/"))}
    for agent in AGENTS.values():
        crawl(network, agent, {}, door, 1)
    assert traces(app) == before


@one_database
@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "GET"])
def test_looking_ahead_logs_no_use(app: Flask, factories: Factories, method: str) -> None:
    network = Network(app, factories)
    before, client = traces(app), app.test_client()
    for headers in AHEAD if method == "GET" else AHEAD[:1]:
        for number, path in enumerate(sorted(seeds(network))):
            place = {"REMOTE_ADDR": f"10.8.0.{number}"}
            answer = client.open(path, method=method, headers=headers, environ_overrides=place, buffered=True)
            assert answer.status_code < 500
            assert "door=" not in answer.headers.get("Set-Cookie", "")
    assert traces(app) == before


def idle(app: Flask, factories: Factories, browser: Browser, milliseconds: int) -> None:
    """Leave a door page and a receipt open in a browser that runs scripts; nothing may be logged."""
    network = Network(app, factories)
    code = network.places[OWN].code.code
    receipt = Phone(app, code).logged()
    before, asked = traces(app), []
    context = phone_context(browser)
    with live_server(app) as base:
        for path in (f"/r/{code}", receipt):
            page = context.new_page()
            page.on("request", lambda request: asked.append(request.method))
            page.goto(f"{base}{path}")
        page.wait_for_timeout(milliseconds)  # that nothing happens can only be seen by waiting
    context.close()
    assert set(asked) <= {"GET"}
    assert traces(app) == before


@one_database
def test_a_browser_that_waits_logs_no_use(app: Flask, factories: Factories, browser: Browser) -> None:
    idle(app, factories, browser, IDLE_MS)


def test_no_page_asks_a_browser_to_look_ahead() -> None:
    """And no page of ours asks a browser to look ahead."""
    templates = (Path(__file__).parents[2] / "app" / "templates").rglob("*.html")
    ahead = re.compile(r'rel="?(prefetch|prerender|preload)|speculationrules')
    assert [path.name for path in templates if ahead.search(path.read_text(encoding="utf-8"))] == []


