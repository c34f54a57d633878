"""The public API: answers, refusals that name the parameter, ETags, and no database on the way."""

import json
from datetime import timedelta

import pytest
from pyproj import Geod
from sqlalchemy import event

from app.db import db
from app.sites.datums import Datum, convert
from tests.finder.test_services import always_fresh, break_database

NEAREST, WITHIN = "/api/v1/sites/nearest", "/api/v1/sites"
WEEK = {"week": {str(day): [[540, 1020]] for day in range(1, 6)}, "text": "工作日 9-17"}


@pytest.fixture
def sites(factories):
    """Three published sites east of each other, and one of each sort that must not appear."""
    host = factories.tree()[2]
    rooms = [
        factories.site(host, name="甲", lon=120.30, lat=30.30, hours=WEEK, facilities={"lock": None, "sofa": 1}),
        factories.site(host, name="乙", lon=120.31, lat=30.30, kind="nursery", facilities={"sofa": 1}),
        factories.site(host, name="丙", lon=120.32, lat=30.30, hours=WEEK, facilities={"lock": 1}),
        factories.site(host, name="没有位置", lon=None, lat=None),
    ]
    factories.site(host, lon=120.3, lat=30.3, is_listed=False)
    factories.site(host, lon=120.3, lat=30.3, open_to_outsiders=None)
    factories.site(host, lon=120.3, lat=30.3, status="closed")
    return rooms


def features(answer):
    assert (answer.status_code, answer.content_type) == (200, "application/geo+json"), answer.text
    return json.loads(answer.data)["features"]


@pytest.mark.usefixtures("sites")
def test_nearest_is_in_order_with_spheroid_distances(client):
    answer = client.get(NEAREST, query_string={"lat": 30.3, "lon": 120.301})
    found = features(answer)
    assert [feature["properties"]["name"] for feature in found] == ["甲", "乙", "丙"]
    for feature in found:
        _, _, metres = Geod(ellps="WGS84").inv(120.301, 30.3, *feature["geometry"]["coordinates"])
        assert feature["properties"]["distance_m"] == pytest.approx(metres, abs=0.01)
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers
    first = found[0]["properties"]
    assert (first["state"], first["hours_today"], first["changes_at"]) == ("open", [["09:00", "17:00"]], "17:00")
    assert first["facilities"] == ["sofa", "lock"]
    assert found[1]["properties"]["state"] == "unknown"


FILTERED = [
    ({"limit": 2}, ["甲", "乙"]),
    ({"radius_m": 1000}, ["甲", "乙"]),
    ({"radius_m": 0}, []),
    ({"open_now": "true"}, ["甲", "丙"]),
    ({"open_now": "1", "facility": "sofa"}, ["甲"]),
    ({"open_now": "false"}, ["甲", "乙", "丙"]),
    ({"facility": ["lock", "sofa"]}, ["甲"]),
    ({"facility": "lock,sofa"}, ["甲"]),
    ({"kind": "nursery"}, ["乙"]),
    ({"kind": "nursery,room"}, ["甲", "乙", "丙"]),
    ({"kind": "combined"}, []),
    ({"facility": "tv"}, []),
]


@pytest.mark.usefixtures("sites")
def test_filters_of_nearest(client):
    for question, expected in FILTERED:
        answer = client.get(NEAREST, query_string={"lat": "30.3", "lon": "120.301", **question})
        assert [feature["properties"]["name"] for feature in features(answer)] == expected, question


def test_open_now_follows_the_clock_and_suspensions(client, sites, factories, clock, app):
    always_fresh(app)
    question = {"lat": 30.3, "lon": 120.3, "open_now": "true"}

    def open_sites():
        return [feature["properties"]["name"] for feature in features(client.get(NEAREST, query_string=question))]

    assert open_sites() == ["甲", "丙"]
    factories.suspension(sites[0], clock(), clock() + timedelta(hours=2))
    assert open_sites() == ["丙"]
    shown = features(client.get(NEAREST, query_string={"lat": 30.3, "lon": 120.3}))[0]["properties"]
    assert (shown["name"], shown["state"]) == ("甲", "suspended")
    clock.advance(hours=3)
    assert open_sites() == ["甲", "丙"]
    clock.advance(hours=12)
    assert open_sites() == []


@pytest.mark.usefixtures("sites")
def test_crs_says_what_the_question_is_in(client):
    for datum in Datum:
        lon, lat = convert(120.3004, 30.3, Datum.WGS84, datum)
        found = features(client.get(NEAREST, query_string={"lat": lat, "lon": lon, "crs": datum.value}))
        assert found[0]["geometry"]["coordinates"] == [120.30, 30.30]
        assert found[0]["properties"]["distance_m"] == pytest.approx(38.5, abs=0.2)


WRONG = [
    (NEAREST, {"lon": "120"}, "lat"),
    (NEAREST, {"lat": "30"}, "lon"),
    (NEAREST, {"lat": "", "lon": "120"}, "lat"),
    (NEAREST, {"lat": "nan", "lon": "120"}, "lat"),
    (NEAREST, {"lat": "90.0001", "lon": "120"}, "lat"),
    (NEAREST, {"lat": "30", "lon": "-180.1"}, "lon"),
    (NEAREST, {"lat": "30", "lon": "1e999"}, "lon"),
    (NEAREST, {"lat": "30", "lon": "１２０"}, "lon"),
    (NEAREST, {"lat": "30", "lon": "1_0"}, "lon"),
    (NEAREST, {"lat": ["30", "31"], "lon": "120"}, "lat"),
    (NEAREST, {"lat": "30", "lon": "120", "crs": "epsg:4326"}, "crs"),
    (NEAREST, {"lat": "30", "lon": "120", "limit": "0"}, "limit"),
    (NEAREST, {"lat": "30", "lon": "120", "limit": "101"}, "limit"),
    (NEAREST, {"lat": "30", "lon": "120", "limit": "ten"}, "limit"),
    (NEAREST, {"lat": "30", "lon": "120", "limit": "9" * 5000}, "limit"),
    (NEAREST, {"lat": "30", "lon": "120", "radius_m": "-1"}, "radius_m"),
    (NEAREST, {"lat": "30", "lon": "120", "radius_m": "inf"}, "radius_m"),
    (NEAREST, {"lat": "30", "lon": "120", "open_now": "yes"}, "open_now"),
    (NEAREST, {"lat": "30", "lon": "120", "facility": "jacuzzi"}, "facility"),
    (NEAREST, {"lat": "30", "lon": "120", "facility": ""}, "facility"),
    (NEAREST, {"lat": "30", "lon": "120", "kind": "room,palace"}, "kind"),
    (WITHIN, {}, "bbox"),
    (WITHIN, {"bbox": "1,2,3"}, "bbox"),
    (WITHIN, {"bbox": "1,2,3,x"}, "bbox"),
    (WITHIN, {"bbox": "120,31,121,30"}, "bbox"),
    (WITHIN, {"bbox": "120,30,181,31"}, "bbox"),
    (WITHIN, {"bbox": "120,30,121,31", "limit": "5001"}, "limit"),
    (WITHIN, {"bbox": "120,30,121,31", "crs": "WGS84"}, "crs"),
    (NEAREST, {"lat": "30", "lon": "120", "opennow": "true"}, "opennow"),
    (NEAREST, {"lat": "30", "lon": "120", "Kind": "room"}, "Kind"),
    (WITHIN, {"bbox": "120,30,121,31", "radius_m": "100"}, "radius_m"),
]


def test_wrong_input_is_a_422_that_names_the_parameter(client):
    for path, question, field in WRONG:
        answer = client.get(path, query_string=question)
        assert answer.status_code == 422, question
        error = answer.json["error"]
        assert error["code"] == "invalid"
        assert [*error["fields"]] == [field], question
        assert "%(" not in error["fields"][field]


@pytest.mark.usefixtures("sites")
def test_every_address_may_say_its_language(client):
    near, box = {"lat": 30.3, "lon": 120.3, "lang": "en"}, {"bbox": "120,30,121,31", "lang": "zh"}
    assert features(client.get(NEAREST, query_string=near))
    assert features(client.get(WITHIN, query_string=box))


BOXES = [
    ({"bbox": "120.30,30.29,120.31,30.31"}, ["甲", "乙"], 2),
    ({"bbox": "-180,-90,180,90", "limit": 1}, ["甲"], 3),
    ({"bbox": "170,-90,-170,90"}, [], 0),
    ({"bbox": "120.315,30,-170,31"}, ["丙"], 1),
    ({"bbox": "120,30,121,31", "facility": "lock", "open_now": "true"}, ["甲", "丙"], 2),
]


@pytest.mark.usefixtures("sites")
def test_boxes(client):
    for question, expected, total in BOXES:
        answer = client.get(WITHIN, query_string=question)
        assert [feature["properties"]["name"] for feature in features(answer)] == expected, question
        assert json.loads(answer.data)["total"] == total
        assert all("distance_m" not in feature["properties"] for feature in features(answer))


@pytest.mark.usefixtures("sites")
def test_a_box_in_gcj02_finds_what_lies_under_it(client):
    west, south = convert(120.2999, 30.2999, Datum.WGS84, Datum.GCJ02)
    east, north = convert(120.3001, 30.3001, Datum.WGS84, Datum.GCJ02)
    box = f"{west},{south},{east},{north}"
    assert len(features(client.get(WITHIN, query_string={"bbox": box, "crs": "gcj02"}))) == 1
    assert features(client.get(WITHIN, query_string={"bbox": box})) == []


@pytest.mark.usefixtures("sites")
def test_a_box_answers_304_until_something_changes(client, factories, clock, app):
    always_fresh(app)
    question = {"bbox": "120,30,121,31"}
    first = client.get(WITHIN, query_string=question)
    tag = {"If-None-Match": first.headers["ETag"]}
    again = client.get(WITHIN, query_string=question, headers=tag)
    assert (again.status_code, again.data) == (304, b"")
    factories.site(name="新开", lon=120.5, lat=30.5)
    changed = client.get(WITHIN, query_string=question, headers=tag)
    assert (changed.status_code, len(features(changed))) == (200, 4)
    clock.advance(hours=8)
    tag = {"If-None-Match": changed.headers["ETag"]}
    assert client.get(WITHIN, query_string=question, headers=tag).status_code == 200


@pytest.mark.usefixtures("sites")
def test_no_statement_runs_for_an_answer_and_the_finder_outlives_the_database(client, app):
    app.extensions["directory"].check_every_s = 3600
    question = {"lat": 30.3, "lon": 120.3}
    before = client.get(NEAREST, query_string=question).data
    with app.app_context():
        engine = db.engine
    statements = []
    event.listen(engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    assert client.get(NEAREST, query_string=question).data == before
    assert statements == []
    mend = break_database(app)
    always_fresh(app)
    assert client.get(NEAREST, query_string=question).data == before
    mend()


def test_before_the_first_snapshot_a_dead_database_is_a_503(client, app):
    mend = break_database(app)
    answer = client.get(NEAREST, query_string={"lat": 30.3, "lon": 120.3})
    assert (answer.status_code, answer.json["error"]["code"]) == (503, "unavailable")
    mend()


def test_the_api_describes_itself(client):
    spec = client.get("/api/v1/openapi.json").json
    nearest = spec["paths"][NEAREST]["get"]
    assert [parameter["name"] for parameter in nearest["parameters"]] == [
        "lat", "lon", "crs", "limit", "radius_m", "open_now", "facility", "kind",
    ]  # fmt: skip
    assert set(nearest["responses"]) >= {"200", "422", "503"}
    assert "application/geo+json" in nearest["responses"]["200"]["content"]
    assert spec["paths"][WITHIN]["get"]["parameters"][0]["required"] is True


@pytest.mark.usefixtures("sites")
def test_everything_that_is_answered_is_documented(client):
    answers = client.get("/api/v1/openapi.json").json["paths"][NEAREST]["get"]["responses"]["200"]["content"]
    shape = answers["application/geo+json"]["schema"]["properties"]
    collection = json.loads(client.get(NEAREST, query_string={"lat": 30.3, "lon": 120.3}).data)
    assert collection.keys() <= shape.keys()
    feature = shape["features"]["items"]["properties"]
    for found in collection["features"]:
        assert found["properties"].keys() <= feature["properties"]["properties"].keys()


def test_the_shape_of_an_error_is_the_documented_one(client):
    spec = client.get("/api/v1/openapi.json").json
    shapes, error = spec["components"]["schemas"], client.get(NEAREST).json
    assert error.keys() == shapes["Error"]["properties"].keys() == {"error"}
    details = shapes["Error"]["properties"]["error"]["$ref"].rsplit("/", 1)[-1]
    assert error["error"].keys() == shapes[details]["properties"].keys()
    for operations in spec["paths"].values():
        for status, answer in operations["get"]["responses"].items():
            if status.startswith(("4", "5")):
                assert answer["content"]["application/json"]["schema"]["$ref"] == "#/components/schemas/Error"


class TestTilesInAnotherDatum:
    """Under GCJ-02 tiles the answers carry where to draw, so that no formula has to run in the browser."""

    @pytest.fixture
    def environ(self, environ):
        return environ | {"XIAOWU_TILE_DATUM": "gcj02", "XIAOWU_TILE_URL": "https://tiles.example.cn/{z}/{x}/{y}.png"}

    @pytest.mark.usefixtures("sites")
    def test_pins_and_the_person_are_given_in_the_datum_of_the_tiles(self, client):
        answer = json.loads(client.get(NEAREST, query_string={"lat": 30.3, "lon": 120.301}).data)
        here = convert(120.301, 30.3, Datum.WGS84, Datum.GCJ02)
        assert answer["origin_on_map"] == pytest.approx(here, abs=1e-6)
        first = answer["features"][0]
        assert first["geometry"]["coordinates"] == [120.3, 30.3]
        assert first["properties"]["map"] == pytest.approx(convert(120.3, 30.3, Datum.WGS84, Datum.GCJ02), abs=1e-9)
