"""Hand-off to the map services: web links only, because app schemes fail inside WeChat, each in the datum it wants."""

from dataclasses import dataclass
from urllib.parse import quote, urlencode

from app.sites.datums import Area, Datum, Point, area_of, as_shown

SOURCE = "xiaowu"


@dataclass(frozen=True, slots=True)
class Link:
    """A map service and where it shows the site."""

    service: str
    url: str


def navigation_links(lon: float, lat: float, name: str, address: str) -> list[Link]:
    """Links for a WGS-84 pin, in the order in which people in China use the services.

    Tencent and Amap get GCJ-02 and Baidu BD-09 wherever they use it (`as_shown`); Apple and Google get GCJ-02 in the
    mainland and WGS-84 elsewhere; `geo:` is WGS-84 by definition (RFC 5870).
    """
    gcj02, bd09 = as_shown(lon, lat, Datum.GCJ02), as_shown(lon, lat, Datum.BD09)
    foreign_service = gcj02 if area_of(lon, lat) == Area.MAINLAND else (lon, lat)
    place = _lat_lon((lon, lat))
    return [
        Link("tencent", _tencent(gcj02, name, address)),
        Link("amap", _amap(gcj02, name)),
        Link("baidu", _baidu(bd09, name, address)),
        Link("apple", "https://maps.apple.com/?" + urlencode({"ll": _lat_lon(foreign_service), "q": name}, safe=",")),
        Link(
            "google",
            "https://www.google.com/maps/search/?"
            + urlencode({"api": "1", "query": _lat_lon(foreign_service)}, safe=","),
        ),
        Link("geo", f"geo:{place}?q={place}({quote(name.replace('(', ' ').replace(')', ' '), safe='')})"),
    ]


def _lat_lon(point: Point) -> str:
    lon, lat = point
    return f"{lat:.6f},{lon:.6f}"


def _tencent(point: Point, name: str, address: str) -> str:
    # The service separates the marker's attributes by semicolons and bars and has no way to escape them.
    title, place = (text.translate(str.maketrans(";:|", "   ")) for text in (name, address))
    marker = f"coord:{_lat_lon(point)};title:{title}" + (f";addr:{place}" if place else "")
    return "https://apis.map.qq.com/uri/v1/marker?" + urlencode({"marker": marker, "referer": SOURCE}, safe=",:;")


def _amap(point: Point, name: str) -> str:
    lon, lat = point
    query = {"position": f"{lon:.6f},{lat:.6f}", "name": name, "coordinate": "gaode", "callnative": "0", "src": SOURCE}
    return "https://uri.amap.com/marker?" + urlencode(query, safe=",")


def _baidu(point: Point, name: str, address: str) -> str:
    query = {
        "location": _lat_lon(point),
        "title": name,
        "content": address or name,
        "output": "html",
        "coord_type": "bd09ll",
        "src": f"webapp.{SOURCE}.finder",
    }
    return "https://api.map.baidu.com/marker?" + urlencode(query, safe=",")
