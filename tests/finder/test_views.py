"""The finder's pages without a script: search, district, filters, a site's page, photos."""

import json
import re
from datetime import timedelta

import pytest

from app.months import Month
from tests.finder.test_services import always_fresh

HOURS = {
    "text": "周一至周五 9:00-12:00、13:00-17:00",
    "week": {**{str(day): [[540, 720], [780, 1020]] for day in range(1, 6)}, "6": [], "7": []},
    "holidays": [],
    "exceptions": [
        {"from_on": "2026-12-31", "to_on": "2027-01-02", "intervals": [], "note": "盘点"},
        {"from_on": "2026-01-01", "to_on": "2026-01-02", "intervals": None, "note": "过去"},
    ],
}


def listed(page) -> list[str]:
    return re.findall(r'data-field="link" href="/sites/\d+[^"]*">([^<]+)<', page.text.split("<template")[0])


@pytest.fixture
def sites(factories):
    host = factories.tree()[2]
    return [
        factories.site(host, name="甲小屋", address="银海街1号", hours=HOURS, facilities={"lock": None, "fridge": 1}),
        factories.site(host, name="乙小屋", address="长安街 2 号", division_code="330102", facilities={}),
        factories.site(host, name="Ｃ座小屋", address="银海街３号", lon=None, lat=None, facilities={"fridge": None}),
        factories.site(host, name="内部小屋", open_to_outsiders=False),
    ]


SEARCHES = [
    ({}, {"甲小屋", "乙小屋", "Ｃ座小屋"}),
    ({"q": "银海街"}, {"甲小屋", "Ｃ座小屋"}),
    ({"q": "c座"}, {"Ｃ座小屋"}),
    ({"q": "银海街3号"}, {"Ｃ座小屋"}),
    ({"q": "小屋 长安街2号"}, {"乙小屋"}),
    ({"q": "内部"}, set()),
    ({"district": "330102"}, {"乙小屋"}),
    ({"district": "330114", "q": "甲"}, {"甲小屋"}),
    ({"facility": "fridge"}, {"甲小屋", "Ｃ座小屋"}),
    ({"facility": ["fridge", "lock"]}, {"甲小屋"}),
    ({"facility": "no-such-thing"}, {"甲小屋", "乙小屋", "Ｃ座小屋"}),
    ({"open_now": "1"}, {"甲小屋"}),
    ({"q": "没有这样的地方"}, set()),
    ({"page": "7"}, {"甲小屋", "乙小屋", "Ｃ座小屋"}),
    ({"page": "x", "q": "甲"}, {"甲小屋"}),
]


@pytest.mark.usefixtures("sites")
def test_search_works_without_a_script(client):
    for question, expected in SEARCHES:
        page = client.get("/", query_string=question)
        assert page.status_code == 200
        assert set(listed(page)) == expected, question


@pytest.mark.usefixtures("sites")
def test_open_sites_come_first_and_the_data_for_the_map_is_the_list(client):
    page = client.get("/")
    names = listed(page)
    assert names[0] == "甲小屋"
    data = re.search(r'id="finder-sites"[^>]*>(.*?)</script>', page.text).group(1)
    assert [feature["properties"]["name"] for feature in json.loads(data)["features"]] == names


def test_a_name_cannot_leave_the_script_element(client, factories):
    factories.site(name="</script><b>x", address="<i>")
    page = client.get("/")
    assert "</script><b>" not in page.text
    data = re.search(r'id="finder-sites"[^>]*>(.*?)</script>', page.text).group(1)
    assert json.loads(data)["features"][0]["properties"]["name"] == "</script><b>x"


def test_an_empty_network_and_a_large_one_say_what_to_do(client, factories):
    assert "请点“附近”，或选地区" in client.get("/").text
    host = factories.tree()[2]
    for _ in range(61):
        factories.site(host)
    always_fresh(client.application)
    page = client.get("/")
    assert listed(page) == []
    found = client.get("/?q=爱心")
    assert len(listed(found)) == 50
    assert "找到 61 间" in found.text
    assert "page=2" in found.text
    assert len(listed(client.get("/?q=爱心&page=2"))) == 11
    assert "全部" not in client.get("/?q=没有").text
    beyond = client.get("/?q=爱心&page=9")
    assert len(listed(beyond)) == 11
    assert 'id="empty" hidden' in beyond.text


def test_what_is_no_room_says_so_and_can_be_left_out(client, factories):
    host = factories.tree()[2]
    factories.site(host, name="甲小屋")
    assert 'name="kind"' not in client.get("/").text
    factories.site(host, name="乙托育", kind="nursery")
    always_fresh(client.application)
    page = client.get("/")
    assert re.findall(r'name="kind" value="(\w+)"', page.text) == ["room", "nursery"]
    cards = page.text.split("<template")[0].split('class="site-card"')[1:]
    assert {re.search(r'data-field="link"[^>]*>([^<]+)', card).group(1) for card in cards if "托育中心" in card} == {
        "乙托育"
    }
    assert listed(client.get("/?kind=nursery")) == ["乙托育"]
    assert listed(client.get("/?kind=room&kind=nothing")) == ["甲小屋"]


@pytest.mark.usefixtures("sites")
def test_the_other_language_asks_the_same_question(client):
    page = client.get("/", query_string={"q": "小屋", "facility": ["fridge", "lock"]})
    link = re.search(r'href="([^"]+)" hreflang="en"', page.text).group(1).replace("&amp;", "&")
    assert listed(client.get(f"/{link}")) == listed(page) == ["甲小屋"]


@pytest.mark.usefixtures("sites")
def test_the_first_page_sets_no_cookie_and_counts_districts(client):
    page = client.get("/")
    assert "Set-Cookie" not in page.headers
    assert re.search(r'<option value="330114">钱塘区 \(2\)', page.text)


def test_a_site_says_everything_a_visitor_needs(client, sites):
    page = client.get(f"/sites/{sites[0].id}")
    assert page.status_code == 200
    text = re.sub(r"<[^>]+>", "", page.text)
    needed = "甲小屋 开放中 2 层 银海街1号 门可反锁 周一至周五 09:00–12:00 周六至周日"
    for said in (*needed.split(), "到 12:00"):
        assert said in text, said
    assert "<title>甲小屋 · 母婴室</title>" in page.text
    assert re.search('<meta name="description" content="2 层 [^"]*银海街1号">', page.text)
    assert "盘点" in text
    assert "过去" not in text
    assert "https://uri.amap.com/marker" in page.text
    assert "geo:30." in page.text


def test_a_site_without_a_pin_has_its_address_and_no_links(client, sites):
    page = client.get(f"/sites/{sites[2].id}")
    assert "地图上还没有位置" in page.text
    assert "uri.amap.com" not in page.text


def test_a_suspended_site_says_so_and_until_when(client, sites, factories, clock):
    midnight = Month.of(clock()).end_at
    factories.suspension(sites[0], clock() - timedelta(hours=1), midnight)
    factories.suspension(sites[0], midnight + timedelta(hours=30))
    factories.suspension(sites[0], clock() - timedelta(days=9), clock() - timedelta(days=8))
    head, hours = client.get(f"/sites/{sites[0].id}").text.split("<main")[1].split('<h2 id="hours"')
    assert '暂停使用</span> <span class="site-note">到 2026-11-30<' in head
    assert "开放中" not in head
    spans = re.findall(r'<dt class="number">([^<]*)</dt><dd>暂停使用', hours)
    assert spans == ["2026-11-20 – 2026-11-30", "2026-12-02 – 恢复为止"]


def test_beside_a_site_stand_rooms_that_can_be_used(client, sites, factories, clock):
    factories.suspension(sites[1], clock())
    host = factories.tree()[2]
    factories.site(host, name="丙托育", kind="nursery")
    factories.site(host, name="丁不开", hours={"week": {str(day): [] for day in range(1, 8)}})
    factories.site(host, name="戊小屋", lon=120.31)
    always_fresh(client.application)
    assert listed(client.get(f"/sites/{sites[0].id}")) == ["戊小屋", "丁不开"]


def test_unpublished_sites_are_not_found(client, sites):
    assert client.get(f"/sites/{sites[3].id}").status_code == 404
    assert client.get("/sites/99999").status_code == 404


def test_photos_stand_where_they_help(client, sites, factories):
    entrance, inside = factories.photo(sites[0], "entrance"), factories.photo(sites[0], "inside")
    way, held = client.get(f"/sites/{sites[0].id}").text.split('<h2 id="held"')
    assert f"/photos/{entrance.file_name}" in way
    assert f"/photos/{inside.file_name}" in held


@pytest.mark.usefixtures("sites")
def test_the_pages_speak_english_and_keep_it(client):
    page = client.get("/?lang=en&q=甲")
    assert '<html lang="en"' in page.text
    assert "lang=en" in re.search(r'data-field="link" href="([^"]+)"', page.text).group(1)
    assert '<input type="hidden" name="lang" value="en">' in page.text


def test_the_api_page_lists_every_operation(client):
    page = client.get("/api/v1/docs")
    assert page.status_code == 200
    for path in client.get("/api/v1/openapi.json").json["paths"]:
        assert path in re.sub(r"<[^>]+>", "", page.text)
