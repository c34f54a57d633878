"""Shifting between WGS-84, GCJ-02 and BD-09, and leaving the rest of the world alone."""

import math
from itertools import permutations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pyproj import Geod

from app.sites.datums import Area, Datum, area_of, as_shown, convert

GEOD = Geod(ellps="WGS84")
PAIRS = [*permutations(Datum, 2)]
# Boxes that lie wholly inside the region, away from its edges.
INSIDE = ((100.0, 30.0, 117.0, 40.0), (84.0, 38.0, 93.0, 44.0), (119.0, 36.2, 120.2, 36.9), (114.1, 22.2, 114.2, 22.3))
OUTSIDE = (
    (126.0, 35.0, 129.0, 37.6),
    (131.0, 31.0, 141.0, 41.0),
    (-180.0, -90.0, 180.0, 2.0),
    (-180, 55.0, 180.0, 90.0),
)
TAIPEI, HONG_KONG, MACAU, QINGDAO, SEOUL = (
    (121.517, 25.0478),
    (114.17, 22.295),
    (113.531, 22.186),
    (120.38, 36.06),
    (127, 37.5),
)


def metres(a: tuple[float, float], b: tuple[float, float]) -> float:
    return GEOD.inv(*a, *b)[2]


def points_in(boxes: tuple[tuple[float, float, float, float], ...]) -> st.SearchStrategy[tuple[float, float]]:
    return st.one_of([st.tuples(st.floats(west, east), st.floats(south, north)) for west, south, east, north in boxes])


@given(points_in(INSIDE), st.sampled_from(PAIRS))
def test_there_and_back_is_the_same_place_within_a_centimetre(place, pair):
    source, target = pair
    start = convert(*place, Datum.WGS84, source)
    there = convert(*start, source, target)
    assert metres(convert(*there, target, source), start) < 0.01
    assert metres(convert(*there, target, Datum.WGS84), place) < 0.01


@given(points_in(INSIDE))
def test_inside_china_the_shift_is_between_50_m_and_2_km(place):
    assert 50 < metres(place, convert(*place, Datum.WGS84, Datum.GCJ02)) < 1000
    assert 300 < metres(place, convert(*place, Datum.WGS84, Datum.BD09)) < 2000


@given(points_in(OUTSIDE), st.sampled_from(PAIRS))
@example((180.0, 0.0), (Datum.WGS84, Datum.GCJ02))
@example((0.0, 90.0), (Datum.BD09, Datum.WGS84))
def test_outside_china_nothing_moves(place, pair):
    assert convert(*place, *pair) == place


def test_by_way_of_gcj02_is_the_same_as_straight_to_bd09():
    place = (120.3846, 36.0616)
    by_way = convert(*convert(*place, Datum.WGS84, Datum.GCJ02), Datum.GCJ02, Datum.BD09)
    assert metres(by_way, convert(*place, Datum.WGS84, Datum.BD09)) < 0.001


def test_the_same_datum_is_no_conversion():
    assert convert(120.123456789, 30.1, Datum.GCJ02, Datum.GCJ02) == (120.123456789, 30.1)


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("Dandong, 1 km from the border", (124.385, 40.13)),
        ("Heihe", (127.53, 50.25)),
        ("Suifenhe", (131.15, 44.40)),
        ("Hunchun", (130.36, 42.86)),
        ("Dongxing", (107.97, 21.55)),
        ("Ruili", (97.855, 24.01)),
        ("Horgos", (80.42, 44.21)),
        ("Erenhot", (111.98, 43.65)),
        ("Xiamen", (118.08, 24.48)),
        ("Pingtan", (119.79, 25.5)),
        ("Shengsi islands", (122.45, 30.73)),
        ("Changhai islands", (122.58, 39.27)),
        ("Sanya", (109.5, 18.25)),
        ("Yongxing", (112.34, 16.83)),
        ("Shenzhen Luohu, 300 m from Hong Kong", (114.118, 22.533)),
        ("Zhuhai Gongbei, 500 m from Macau", (113.5497, 22.223)),
    ],
)
def test_mainland(name, place):
    assert area_of(*place) == Area.MAINLAND, name


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("Seoul", (126.978, 37.5665)),
        ("Incheon", (126.45, 37.46)),
        ("Pyongyang", (125.75, 39.03)),
        ("Tokyo", (139.7, 35.7)),
        ("Hanoi", (105.85, 21.03)),
        ("Ulaanbaatar", (106.9, 47.9)),
        ("Vladivostok", (131.9, 43.12)),
        ("Almaty", (76.9, 43.25)),
        ("Kathmandu", (85.3, 27.7)),
        ("Singapore", (103.85, 1.29)),
        ("Sydney", (151.2, -33.9)),
    ],
)
def test_abroad(name, place):
    assert area_of(*place) == Area.ABROAD, name


@pytest.mark.parametrize("place", [HONG_KONG, MACAU, (114.158, 22.282), (114.113, 22.528)])
def test_hong_kong_and_macau(place):
    assert area_of(*place) == Area.HONG_KONG_MACAU


@pytest.mark.parametrize(
    "place", [TAIPEI, (121.74, 25.13), (120.3, 22.6), (119.57, 23.57), (118.32, 24.43), (119.93, 26.15)]
)
def test_taiwan_with_its_islands(place):
    assert area_of(*place) == Area.TAIWAN


def test_what_the_chinese_services_show_where():
    for place, gcj02_moves, bd09_moves in (
        (QINGDAO, True, True), (HONG_KONG, True, True), (MACAU, True, True),
        (TAIPEI, False, True), (SEOUL, False, False),
    ):  # fmt: skip
        assert as_shown(*place, Datum.WGS84) == place
        assert (as_shown(*place, Datum.GCJ02) != place) == gcj02_moves
        assert (as_shown(*place, Datum.BD09) != place) == bd09_moves


@pytest.mark.parametrize(
    ("lon", "lat", "says"),
    [
        (509898, 180007, "longitude 509898"),
        (1120.36237, 30.3, "longitude 1120.36237"),
        (30.3, 120.36, "latitude 120.36"),
        (math.nan, 30.3, "longitude nan"),
        (120.3, math.inf, "latitude inf"),
    ],
)
def test_numbers_that_are_no_degrees_are_refused(lon, lat, says):
    with pytest.raises(ValueError, match=says):
        convert(lon, lat, Datum.WGS84, Datum.GCJ02)
