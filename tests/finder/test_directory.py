"""Filters, boxes, states and bytes of the directory."""

import json
from datetime import UTC, datetime, timedelta
from math import inf

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.finder.directory import STATES, Directory
from app.finder.entries import Box, Entry, Filters, Version
from app.finder.geometry import GEOD, earth_centred, earth_centred_many, shortest_possible_m
from app.sites.hours import Hours
from tests.finder.oracle import NOON, answers, assert_same, brute_force, directory, entry

OFFICE = Hours(text="9-17", week=dict.fromkeys(range(1, 6), ((540, 720), (780, 1020))) | {6: (), 7: ()})
BAR = Hours(week=dict.fromkeys(range(1, 8), ((1080, 1560),)))
degrees = st.tuples(st.floats(-180, 180), st.floats(-90, 90))


def build(*entries: Entry) -> Directory:
    return Directory.build(entries, version=Version(3, 0))


def ids(built: Directory, hits: list[tuple[int, float]]) -> list[int]:
    return [built.entries[position].site_id for position, _ in hits]


@settings(max_examples=60)
@given(st.lists(degrees, min_size=1, max_size=40), degrees, st.integers(1, 12))
@example([(0.0, 90.0)] * 15, (0.0, 90.0), 12)
@example([(180.0, 0.0), (-180.0, 0.0), (179.0, 0.0)], (-180.0, 0.0), 2)
def test_nearest_is_brute_force_wherever_the_points_are(points, query, limit):
    array = np.array(points)
    assert_same(answers(directory(array), query, limit), brute_force(array, query, limit), query)


@settings(max_examples=200)
@given(degrees, degrees)
@example((0.0, 90.0), (0.0, -90.0))
@example((0.0, 0.0), (180.0, 0.0))
@example((0.0, 0.0), (4.7, 0.0))
def test_the_bound_is_never_above_the_geodesic_and_hardly_below(one, other):
    chord_m = float(np.linalg.norm(np.array(earth_centred(*one)) - earth_centred(*other)))
    _, _, metres = GEOD.inv(*one, *other)
    slack = 0.01 if metres < 10_000_000 else 0.06
    assert metres * (1 - slack) - 0.001 <= shortest_possible_m(chord_m) <= metres + 1e-6


def test_one_point_and_many_are_placed_alike():
    points = np.array([(120.3, 36.1), (180, -90), (-77.5, 12.25)])
    assert np.allclose(earth_centred_many(points[:, 0], points[:, 1]), [earth_centred(*p) for p in points], atol=1e-8)


def test_an_empty_directory_answers():
    built = build()
    assert built.nearest(120, 30, limit=10, at=NOON) == []
    assert built.within(Box(-180, -90, 180, 90), limit=10, at=NOON, filters=Filters(open_now=True)) == ([], 0)
    nothing = json.loads(built.collection([], NOON, b'"total":0,'))
    assert nothing == {"type": "FeatureCollection", "total": 0, "features": []}


def test_a_site_without_a_pin_is_searched_and_never_mapped():
    built = build(entry(1, None, None, name="银海街小屋"), entry(2, 120.0, 30.0, name="下沙小屋"))
    assert ids(built, built.nearest(120, 30, limit=10, at=NOON)) == [2]
    assert built.within(Box(-180, -90, 180, 90), limit=10, at=NOON)[1] == 1
    assert sorted(built.entries[p].site_id for p in built.search(["小屋"], at=NOON)) == [1, 2]
    assert [built.entries[p].site_id for p in built.search(["小屋", "银海"], at=NOON)] == [1]


@given(st.lists(st.tuples(st.text("小屋 a", max_size=2), st.sampled_from([OFFICE, BAR, Hours()]), st.booleans())))
def test_lists_have_what_is_open_first_then_names(sites):
    entries = (
        entry(number, None, None, name=name, hours=hours, suspensions=((NOON, None),) if is_paused else ())
        for number, (name, hours, is_paused) in enumerate(sites, 1)
    )
    built, positions = build(*entries), range(len(sites))

    def place(position):
        one = built.entries[position]
        return STATES.index(built.live(position, NOON)["state"]), one.name, one.site_id

    assert built.by_state_and_name(positions[::2], NOON) == sorted(positions[::2], key=place)
    assert built.by_state_and_name(positions, NOON) == sorted(positions, key=place)


def test_search_keeps_to_the_district():
    built = build(entry(1, 120, 30, district="330114"), entry(2, 120, 30, district="330102"))
    assert [built.entries[p].site_id for p in built.search([], district="330114", at=NOON)] == [1]
    assert len(built.search([], district="3301", at=NOON)) == 2


def test_equal_distances_are_ordered_by_site_id():
    built = build(*(entry(site_id, 120.0, 30.0) for site_id in (7, 3, 9, 1)), entry(2, 120.5, 30))
    assert ids(built, built.nearest(120.1, 30, limit=3, at=NOON)) == [1, 3, 7]


def test_radius_includes_its_edge():
    built = build(entry(1, 120.0, 30.0), entry(2, 120.01, 30.0))
    _, metres = built.nearest(120.0, 30.0, limit=2, at=NOON)[1]
    assert ids(built, built.nearest(120.0, 30.0, limit=2, at=NOON, radius_m=metres)) == [1, 2]
    assert ids(built, built.nearest(120.0, 30.0, limit=2, at=NOON, radius_m=metres - 0.01)) == [1]
    assert built.nearest(0, 0, limit=2, at=NOON, radius_m=1000) == []


def test_facilities_are_all_wanted_and_kinds_any():
    built = build(
        entry(1, 120.0, 30.0, facilities=frozenset({"sofa", "fridge"})),
        entry(2, 120.0, 30.0, facilities=frozenset({"sofa"}), kind="nursery"),
        entry(3, 120.0, 30.0, facilities=frozenset({"fridge"}), kind="combined"),
    )

    def found(**wanted):
        return ids(built, built.nearest(120, 30, limit=9, at=NOON, filters=Filters(**wanted)))

    assert found(facilities=frozenset({"sofa", "fridge"})) == [1]
    assert found(facilities=frozenset({"sofa"})) == [1, 2]
    assert found(kinds=frozenset({"nursery", "combined"})) == [2, 3]
    assert found(facilities=frozenset({"fridge"}), kinds=frozenset({"combined"})) == [3]
    assert found(facilities=frozenset({"never heard of"})) == []


def test_open_now_follows_the_clock_and_unknown_is_not_open():
    built = build(entry(1, 120, 30, hours=OFFICE), entry(2, 120, 30), entry(3, 120, 30, hours=BAR))
    local_monday = datetime(2026, 11, 22, 16, tzinfo=UTC)  # midnight in Shanghai

    def at(hour: float) -> list[int]:
        moment = local_monday + timedelta(hours=hour)
        return ids(built, built.nearest(120, 30, limit=9, at=moment, filters=Filters(open_now=True)))

    assert at(9) == [1]
    assert at(11.99) == [1]
    assert at(12) == []
    assert at(16.99) == [1]
    assert at(18) == [3]
    assert at(25.99) == [3]
    assert at(26) == []
    assert [built.live(position, local_monday + timedelta(hours=18))["state"] for position in range(3)] == [
        "closed",
        "unknown",
        "open",
    ]


def test_a_suspended_site_is_never_open():
    start = datetime(2026, 11, 23, 0, tzinfo=UTC)
    built = build(entry(1, 120, 30, hours=OFFICE, suspensions=((start, start + timedelta(hours=5)),)))
    wanted = {"limit": 1, "filters": Filters(open_now=True)}
    for hours, open_sites, state in ((-72, 1, "open"), (0, 0, "suspended"), (4.99, 0, "suspended"), (5, 1, "open")):
        at = start + timedelta(hours=hours) + timedelta(hours=3 if hours == -72 else 0)
        assert len(built.nearest(120, 30, at=at, **wanted)) == open_sites, hours
        assert built.live(0, at)["state"] == state, hours
        feature = json.loads(built.collection([(0, None)], at))["features"][0]
        assert feature["properties"]["state"] == state
    assert build(entry(1, 120, 30, hours=OFFICE, suspensions=((start, None),))).live(0, NOON)["state"] == "suspended"


@pytest.mark.parametrize(
    ("box", "expected"),
    [
        (Box(-180, -90, 180, 90), [1, 2, 3, 4, 5, 6]),
        (Box(179, -10, -179, 10), [1, 2, 3, 4]),
        (Box(170, -10, 180, 10), [1, 2, 3]),
        (Box(-180, -10, -170, 10), [2, 3, 4]),
        (Box(10, -90, 20, -89), []),
        (Box(0, 30, 120, 30), [5]),
        (Box(120, 30, 120, 30), [5]),
        (Box(-10, 89, 10, 90), [6]),
    ],
)
def test_boxes_hold_their_edges_and_cross_the_date_line(box, expected):
    points = [(179.5, 0), (180, 0), (-180, 0), (-179.5, 0), (120, 30), (0, 90)]
    built = build(*(entry(number, *point) for number, point in enumerate(points, start=1)))
    found, total = built.within(box, limit=99, at=NOON)
    assert [built.entries[position].site_id for position in found] == expected
    assert total == len(expected)


def test_a_box_tells_how_many_there_are_beyond_the_limit():
    built = build(*(entry(number, 120, 30, hours=OFFICE) for number in range(1, 8)), entry(8, 120, 30))
    found, total = built.within(
        Box(119, 29, 121, 31), limit=5, at=NOON - timedelta(hours=1), filters=Filters(open_now=True)
    )
    assert (len(found), total) == (5, 7)


@pytest.mark.parametrize("share", [1, 3, 50, 2000])
@pytest.mark.parametrize("limit", [1, 10, 60])
def test_filtered_answers_equal_an_unfiltered_directory_of_the_matching_sites(share, limit):
    random = np.random.default_rng(share)
    points = random.normal((120, 30), (2, 1), (6000, 2))
    marked = [number % share == 0 for number in range(len(points))]
    whole = build(
        *(
            entry(number + 1, *point, facilities=frozenset({"lock"} if marked[number] else {"sofa"}))
            for number, point in enumerate(points.tolist())
        )
    )
    part = build(*(entry(n + 1, *point) for n, point in enumerate(points.tolist()) if marked[n]))
    filters = Filters(facilities=frozenset({"lock"}))
    for query in random.normal((120, 30), (3, 2), (25, 2)).tolist():
        found = whole.nearest(*query, limit=limit, at=NOON, filters=filters)
        plain = part.nearest(*query, limit=limit, at=NOON)
        assert ids(whole, found) == ids(part, plain)
        assert [metres for _, metres in found] == [metres for _, metres in plain]


def test_matching_sites_all_on_the_far_side_are_still_found():
    points = [(120 + n / 1e4, 30.0) for n in range(2000)] + [(-60 + n / 1e4, -30.0) for n in range(500)]
    built = build(
        *(entry(n + 1, *p, kind="room" if n < 2000 else "nursery") for n, p in enumerate(points)),
    )
    found = built.nearest(120, 30, limit=3, at=NOON, filters=Filters(kinds=frozenset({"nursery"})))
    expected = brute_force(np.array(points[2000:]), (120, 30), 3)
    assert [
        (site - 2000, metres) for site, metres in zip(ids(built, found), [m for _, m in found], strict=True)
    ] == expected


def test_bytes_are_geojson_with_what_the_clock_says():
    site = entry(
        5, 120.123456789, 30.5, hours=OFFICE, name="银海街\t“小屋”", facilities=("sofa", "未知"), district="330114"
    )
    built = build(site, entry(6, None, None, scan_only=((NOON, None),), on_map=(1.5, 2.5)))
    hits = built.nearest(120.12, 30.5, limit=1, at=NOON)
    answer = json.loads(built.collection([*hits, (1, None)], NOON, b'"total":2,'))
    assert answer["total"] == 2
    placed, unplaced = answer["features"]
    assert placed["geometry"] == {"type": "Point", "coordinates": [120.123456789, 30.5]}
    assert placed["id"] == 5
    assert placed["properties"] == {
        "distance_m": pytest.approx(hits[0][1], abs=0.01),
        "state": "closed",
        "hours_today": [["09:00", "12:00"], ["13:00", "17:00"]],
        "changes_at": "13:00",
        **json.loads(json.dumps(site.properties)),
    }
    assert placed["properties"]["name"] == "银海街\t“小屋”"
    assert placed["properties"]["facilities"] == ["sofa"]
    assert unplaced["geometry"] is None
    assert unplaced["properties"] == {
        "state": "unknown",
        "hours_today": None,
        "changes_at": None,
        **json.loads(json.dumps(built.entries[1].properties)),
    }
    assert unplaced["properties"]["scan_only"] == [[NOON.isoformat(), None]]
    assert unplaced["properties"]["map"] == [1.5, 2.5]


@pytest.mark.parametrize(
    ("entries", "says"),
    [
        ([entry(1, 120, 30), entry(1, 121, 30)], "twice"),
        ([entry(1, 120, None)], "both coordinates"),
        ([entry(1, 120, 30, facilities=frozenset(map(str, range(65))))], "64 bits"),
    ],
)
def test_faulty_entries_are_refused(entries, says):
    with pytest.raises(ValueError, match=says):
        build(*entries)


def test_no_radius_is_infinite_and_no_limit_finds_nothing():
    built = build(entry(1, 120, 30))
    assert built.nearest(-60, -30, limit=1, at=NOON, radius_m=inf)
    assert built.nearest(120, 30, limit=0, at=NOON) == []
