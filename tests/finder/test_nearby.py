"""What other features are told about the nearest other rooms."""

import pytest

from app.finder.services import DirectoryKeeper
from tests.finder.test_services import break_database


@pytest.fixture
def ask(app):
    def ask(site, limit=3):
        with app.test_request_context():
            return app.extensions["nearby_sites"](site.id if site else None, limit)

    return ask


def test_the_nearest_others_without_itself_and_without_suspended_ones(ask, factories, clock):
    host = factories.tree()[2]
    here = factories.site(host, lon=120.30, lat=30.3)
    suspended = factories.site(host, lon=120.301, lat=30.3)
    factories.suspension(suspended, clock())
    near = factories.site(host, name="近", lon=120.31, lat=30.3)
    factories.site(host, name="远", lon=120.33, lat=30.3)
    factories.site(host, name="更远", lon=120.35, lat=30.3)
    rooms = ask(here, 2)
    assert [room["name"] for room in rooms] == ["近", "远"]
    assert rooms[0] == {
        "name": "近",
        "url": f"/sites/{near.id}",
        "distance_m": pytest.approx(962, abs=1),
        "floor_label": "2 层",
        "open_state": "unknown",
    }


def test_whoever_needs_a_room_now_is_sent_to_one_that_is_not_closed(ask, factories):
    host = factories.tree()[2]
    here = factories.site(host, lon=120.30, lat=30.3)
    never = {"week": {str(day): [] for day in range(1, 8)}}
    factories.site(host, name="近但不开", lon=120.301, lat=30.3, hours=never)
    factories.site(host, name="托育", lon=120.302, lat=30.3, kind="nursery")
    factories.site(host, name="远", lon=120.33, lat=30.3)
    for rooms in (ask(here), [room for room in ask(None) if room["name"] in ("近但不开", "托育", "远")]):
        assert [(room["name"], room["open_state"]) for room in rooms] == [("远", "unknown"), ("近但不开", "closed")]


def test_a_site_that_is_no_longer_published_has_neighbours_too(ask, factories):
    host = factories.tree()[2]
    closed = factories.site(host, lon=120.30, lat=30.3, status="closed")
    factories.site(host, name="近", lon=120.31, lat=30.3)
    assert [room["name"] for room in ask(closed)] == ["近"]


def test_without_a_place_a_small_network_is_offered_open_sites_first(ask, factories):
    host = factories.tree()[2]
    factories.site(host, name="未知")
    factories.site(host, name="开着", hours={"week": {str(day): [[0, 1440]] for day in range(1, 8)}})
    unplaced = factories.site(host, name="没有位置", lon=None, lat=None)
    rooms = ask(None)
    assert [(room["name"], room["distance_m"]) for room in rooms] == [
        ("开着", None),
        ("未知", None),
        ("没有位置", None),
    ]
    assert [room["name"] for room in ask(unplaced)] == ["开着", "未知"]


def test_a_large_network_offers_nothing_without_a_place(ask, factories):
    host = factories.tree()[2]
    for _ in range(61):
        factories.site(host)
    assert ask(None) == []


def test_while_the_directory_is_not_ready_there_is_nothing_to_offer(app, ask):
    app.extensions["directory"] = DirectoryKeeper(app)
    mend = break_database(app)
    assert ask(None) == []
    mend()
