"""A question that finds nothing leads on, and one that is too long says so."""

import html
import re

import pytest

from tests.finder.test_views import listed


@pytest.fixture
def sites(factories):
    host = factories.tree()[2]
    factories.site(host, name="甲小屋", facilities={"fridge": 1})
    factories.site(host, name="乙小屋", division_code="330102", facilities={"lock": 1})


def ways_on(page) -> dict[str, str]:
    """What is offered where nothing is found: its words, and where it leads."""
    empty = re.search(r'<div class="empty" id="empty">(.*?)</div>', page.text, re.DOTALL)
    found = re.findall(r'href="([^"]+)">([^<]+)</a>', empty.group(1)) if empty else []
    return {html.unescape(words): html.unescape(address) for address, words in found}


WAYS = [
    ({"q": "乙", "facility": "fridge"}, {"不限勾选的条件：1 间": {"乙小屋"}, "不限名称和地址：1 间": {"甲小屋"}}),
    ({"q": "乙", "district": "330114"}, {"不限名称和地址：1 间": {"甲小屋"}, "不限地区：1 间": {"乙小屋"}}),
    ({"facility": "lock", "district": "330114"}, {"不限勾选的条件：1 间": {"甲小屋"}, "不限地区：1 间": {"乙小屋"}}),
    ({"q": "没有", "kind": "room"}, {"不限名称和地址：2 间": {"甲小屋", "乙小屋"}}),
    ({"q": "没有"}, {"全部 2 间": {"甲小屋", "乙小屋"}}),
    ({"q": "没有", "district": "999999"}, {"全部 2 间": {"甲小屋", "乙小屋"}}),
    ({"q": "甲"}, {}),
]


@pytest.mark.usefixtures("sites")
def test_where_nothing_is_found_each_way_on_finds_what_it_says(client):
    for question, expected in WAYS:
        ways = ways_on(client.get("/", query_string=question))
        found = {words: set(listed(client.get(address))) for words, address in ways.items()}
        assert found == expected, question


@pytest.mark.usefixtures("sites")
def test_the_way_on_keeps_the_language(client):
    assert {*ways_on(client.get("/?q=没有&lang=en")).values()} == {"/?lang=en"}


@pytest.mark.usefixtures("sites")
def test_words_that_are_left_out_are_told(client):
    eight = "甲 小 屋 甲 小 屋 甲 小"
    assert 'id="results-note" hidden' in client.get("/", query_string={"q": eight}).text
    page = client.get("/", query_string={"q": f"{eight} 没有"})
    assert listed(page) == ["甲小屋"]
    assert re.search(r'id="results-note">只按前 8 个词找。<', page.text)
