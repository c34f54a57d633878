"""Hand-off links: each service gets the datum it wants."""

import re
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from app.finder.links import navigation_links
from app.sites.datums import Datum, convert

QINGDAO, HONG_KONG, TAIPEI, SEOUL = (120.3846, 36.0616), (114.17, 22.295), (121.517, 25.0478), (126.978, 37.5665)


def pins(lon: float, lat: float) -> dict[str, tuple[float, float]]:
    """Service → (lon, lat) as its link says."""
    found = {}
    for link in navigation_links(lon, lat, "小屋", "香港中路1号"):
        first, second = re.search(r"(-?\d+\.\d{6}),(-?\d+\.\d{6})", unquote(link.url)).groups()
        found[link.service] = (float(first), float(second)) if link.service == "amap" else (float(second), float(first))
    return found


@pytest.mark.parametrize(
    ("place", "gcj02", "bd09", "abroad"),
    [
        (QINGDAO, Datum.GCJ02, Datum.BD09, Datum.GCJ02),
        (HONG_KONG, Datum.GCJ02, Datum.BD09, Datum.WGS84),
        (TAIPEI, Datum.WGS84, Datum.BD09, Datum.WGS84),
        (SEOUL, Datum.WGS84, Datum.WGS84, Datum.WGS84),
    ],
)
def test_each_service_gets_its_datum(place, gcj02, bd09, abroad):
    def in_datum(datum):
        return pytest.approx(convert(*place, Datum.WGS84, datum), abs=1e-6)

    assert pins(*place) == {
        "tencent": in_datum(gcj02),
        "amap": in_datum(gcj02),
        "baidu": in_datum(bd09),
        "apple": in_datum(abroad),
        "google": in_datum(abroad),
        "geo": in_datum(Datum.WGS84),
    }


def test_links_are_web_links_that_state_their_datum():
    links = {link.service: link.url for link in navigation_links(*QINGDAO, "小屋; A|B:C (东)", "路&巷 1号")}
    assert [*links] == ["tencent", "amap", "baidu", "apple", "google", "geo"]
    assert all(url.startswith("https://") for service, url in links.items() if service != "geo")
    assert parse_qs(urlsplit(links["amap"]).query)["coordinate"] == ["gaode"]
    assert parse_qs(urlsplit(links["baidu"]).query)["coord_type"] == ["bd09ll"]
    assert parse_qs(urlsplit(links["baidu"]).query)["content"] == ["路&巷 1号"]
    marker = parse_qs(urlsplit(links["tencent"]).query)["marker"][0]
    assert marker.split(";")[1:] == ["title:小屋  A B C (东)", "addr:路&巷 1号"]
    assert unquote(links["geo"]) == "geo:36.061600,120.384600?q=36.061600,120.384600(小屋; A|B:C  东 )"


def test_without_an_address_no_empty_field_is_sent():
    links = {link.service: link.url for link in navigation_links(*QINGDAO, "小屋", "")}
    assert "addr" not in links["tencent"]
    assert parse_qs(urlsplit(links["baidu"]).query)["content"] == ["小屋"]
