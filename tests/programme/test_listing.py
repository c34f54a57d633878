"""A page of a union's table: the same rows, sums and order whether judged now or at night; what is older says so."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import event, func, select

from app.accounts.models import TradeUnion
from app.ahead import at_once
from app.db import db, unit_of_work
from app.ids import IdRange
from app.programme import judging, listing
from app.programme.judging import judge_all
from app.programme.listing import Page, read_page
from app.programme.models import SiteVerdict, UnionVerdict
from app.programme.table import SORTS, Filter, Totals, read_table
from app.sites.models import Site
from tests.care import helpers
from tests.factories import Factories
from tests.programme.conftest import MakeRoom
from tests.usage.adjustments.place import adjusted

TODAY = date(2026, 11, 20)
DEFAULT = "qingdao-2023"
Read = Callable[..., Page]


@pytest.fixture
def network(factories: Factories, good_room: MakeRoom) -> TradeUnion:
    """Rooms with all bands under two units, one without any evidence, and sites that no mean is asked of."""
    municipal, district, unit = factories.tree()
    other = factories.union("unit", district)
    for number, uses in enumerate((100, 85, 84, 240, 0)):
        good_room(unit, name=f"小屋{number}", uses=uses, ratings=(0, 0, number, 10, 30))
    good_room(other, name="小屋丁", accepted_on=None)
    good_room(other, name="-2+3", uses=42, location_kind="internal", ratings=(0, 0, 0, 0, 0))
    factories.site(other, name="空小屋")
    factories.tally(factories.site(other, name="托育", kind="combined"), "2026-10", 7)  # for its kind no mean is asked
    factories.site(unit, name="旧小屋", status="closed")
    return municipal


@pytest.fixture
def read(factories: Factories, network: TradeUnion) -> Read:
    """Reads a page of the network's table."""

    def made(chosen: Filter | None = None) -> Page:
        with factories.app.app_context():
            union = db.session.get_one(TradeUnion, network.id)
            return read_page(union, chosen or Filter(), TODAY, DEFAULT)

    return made


@pytest.fixture
def is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every union is as one with very many sites."""
    monkeypatch.setattr(listing, "LIVE", 0)


def judge(factories: Factories) -> int:
    with factories.app.app_context():
        return judge_all(factories.clock(), DEFAULT)


def through(read: Read, chosen: Filter) -> list[int]:
    """The ids of all pages."""
    found: list[int] = []
    while True:
        page = read(chosen)
        found += [row.id for row in page.rows]
        if page.after is None:
            return found
        chosen = replace(chosen, after=page.after)


def test_a_centre_stands_where_the_ratings_of_its_parts_put_it(factories: Factories, good_room: MakeRoom) -> None:
    municipal, _, unit = factories.tree()
    good_room(unit, name="甲小屋", ratings=(0, 0, 0, 40, 0))
    centre = factories.site(unit, name="综合中心", kind="combined")
    helpers.join(factories, centre, good_room(unit, name="乙小屋", ratings=(0, 0, 0, 0, 40)))
    with factories.app.app_context():
        page = read_page(db.session.get_one(TradeUnion, municipal.id), Filter(sort="satisfaction"), TODAY, DEFAULT)
    assert [(row.name, row.score) for row in page.rows] == [("综合中心", 100), ("乙小屋", 100), ("甲小屋", 80)]


def test_what_is_excluded_this_month_is_in_no_sum(factories: Factories, good_room: MakeRoom) -> None:
    municipal, district, unit = factories.tree()
    room = good_room(unit)
    factories.tally(room, "2026-11", 5)
    adjusted(factories, room, factories.user("district_union", district), uuid4(), None)
    with factories.app.app_context():
        page = read_page(db.session.get_one(TradeUnion, municipal.id), Filter(), TODAY, DEFAULT)
    assert [row.this_month for row in page.rows] == [4]
    assert page.totals.this_month == 4


def test_a_small_union_is_judged_as_the_whole_table_is(factories: Factories, network: TradeUnion, read: Read) -> None:
    with factories.app.app_context():
        table = read_table(db.session.get_one(TradeUnion, network.id), Filter(), TODAY, DEFAULT)
    page = read()
    assert page.judged_at is None
    assert not page.is_pending
    assert (page.bands, page.totals) == (table.bands, table.totals)
    assert sorted(row.id for row in page.rows) == sorted(row.id for row in table.rows)
    assert {row.id: (row.band, row.verdict, row.mean) for row in page.rows} == {
        row.id: (row.band, row.verdict, row.mean) for row in table.rows
    }


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.usefixtures("network")
def test_the_order_is_the_same_at_night(
    factories: Factories, read: Read, sort: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert judge(factories) == 9
    monkeypatch.setattr(listing, "PAGE_SIZE", 2)
    for band in ("", "below"):
        live = through(read, Filter(sort=sort, band=band))
        with monkeypatch.context() as large:
            large.setattr(listing, "LIVE", 0)
            stored = through(read, Filter(sort=sort, band=band))
        assert len(set(stored)) == len(stored)
        assert set(stored) == set(live)
        keys = [_keys(factories, ids, sort) for ids in (live, stored)]
        assert keys[0] == keys[1]


def _keys(factories: Factories, ids: list[int], sort: str) -> list[Any]:
    """What the sites are sorted by: among equals any order serves."""
    with factories.app.app_context():
        by_id: dict[int, Any] = {row.site_id: row for row in db.session.scalars(select(SiteVerdict))}
        names: dict[int, str] = dict(db.session.execute(select(Site.id, Site.name)).all())
        column = {"uses": "mean", "satisfaction": "score", "verdict": "verdict"}.get(sort)
        return [getattr(by_id[one], column) if column else names[one] for one in ids]


@pytest.mark.usefixtures("is_large")
def test_sums_of_the_night_are_those_of_the_day(
    factories: Factories, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judging, "CHUNK", 2)
    judge(factories)
    stored, of_band = read(), read(Filter(band="near"))
    found_by_text = read(Filter(text="小屋"))
    assert stored.judged_at == factories.clock()
    monkeypatch.setattr(listing, "LIVE", 1000)
    assert (stored.bands, stored.totals) == (read().bands, read().totals)
    assert (of_band.bands, of_band.totals) == (read(Filter(band="near")).bands, read(Filter(band="near")).totals)
    assert found_by_text.totals == read(Filter(text="小屋")).totals


@pytest.mark.usefixtures("is_large")
def test_before_the_first_night_rows_are_there_and_sums_are_not(read: Read) -> None:
    page = read(Filter(sort="uses"))
    assert page.is_pending
    assert len(page.rows) == 9
    assert page.totals.sites == 9
    assert page.totals.verdicts == {"met": 0, "not_met": 0, "unknown": 0}
    assert isinstance(page.totals, Totals)


@pytest.mark.usefixtures("is_large")
def test_a_site_that_came_since_stands_last_and_one_that_closed_is_gone(
    factories: Factories, network: TradeUnion, read: Read, good_room: MakeRoom
) -> None:
    judge(factories)
    with factories.app.app_context():
        unit = db.session.scalars(select(TradeUnion).where(TradeUnion.level == "unit")).first()
    new = good_room(unit, name="新小屋", uses=500)
    for sort in ("uses", "satisfaction"):
        page = read(Filter(sort=sort))
        assert [row.id for row in page.rows][-1] == new.id
        assert page.rows[-1].band == "above"
    with factories.app.app_context(), unit_of_work():
        db.session.get_one(Site, new.id).status = "closed"
    assert judge(factories) == 9
    shown = {row.id for row in read().rows}
    with factories.app.app_context():
        assert db.session.get(SiteVerdict, new.id) is None
        sums = db.session.get_one(UnionVerdict, network.id).sums
        assert sums["sites"] == 9
        assert {row.site_id for row in db.session.scalars(select(SiteVerdict))} == shown


@pytest.mark.usefixtures("is_large", "network")
def test_the_page_says_when_it_was_judged(factories: Factories, network: TradeUnion) -> None:
    client = factories.login(factories.user("municipal_union", network))
    assert "等今晚统一评定" in client.get(f"/manage/unions/{network.id}").get_data(as_text=True)
    judge(factories)
    html = client.get(f"/manage/unions/{network.id}?sort=uses").get_data(as_text=True)
    assert "截至 2026-11-20 10:00" in html
    assert html.index("小屋3") < html.index("小屋0") < html.index("小屋2")


@pytest.mark.usefixtures("is_large")
def test_a_page_costs_the_same_number_of_queries(factories: Factories, read: Read, good_room: MakeRoom) -> None:
    judge(factories)

    def count() -> int:
        statements: list[str] = []
        with factories.app.app_context():
            engine = db.engine
        listen = lambda *args: statements.append(args[2])  # noqa: E731
        event.listen(engine, "before_cursor_execute", listen)
        read(Filter(sort="uses"))
        event.remove(engine, "before_cursor_execute", listen)
        assert not any("usage_record" in statement for statement in statements)
        return len(statements)

    before = count()
    with factories.app.app_context():
        unit = db.session.scalars(select(TradeUnion).where(TradeUnion.level == "unit")).first()
    good_room(unit)
    assert count() == before <= 34  # with a combined centre, whose parts cost the same again


@pytest.mark.usefixtures("network")
def test_steps_hold_every_site_once_and_every_id(factories: Factories, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judging, "CHUNK", 3)
    ids = IdRange(2, 1000)
    with factories.app.app_context():
        judges = judging.Judges(TODAY, DEFAULT)
        with judging.steps(judges, ids) as found:
            seen = [(step.ids, list(step.standings)) for step in found]
        sites = at_once(judging.read_sites(judging.all_sites().where(Site.id.between(ids.first, ids.last))))
        assert [one for _, standings in seen for one in standings] == list(judging.standings_of(sites, ids, judges))
    ranges = [some for some, _ in seen]
    assert [some.first for some in ranges] == [2, *(some.last + 1 for some in ranges[:-1])]
    assert ranges[-1].last == 1000
    assert [len(standings) for _, standings in seen] == [3, 3, 2]


@pytest.mark.usefixtures("network")
def test_a_night_that_is_broken_off_keeps_the_steps_before(
    factories: Factories, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judging, "CHUNK", 2)
    keep, kept = judging._keep, list[IdRange]()

    def breaks(ids: IdRange, *rest: Any) -> None:
        if kept:
            raise LookupError
        keep(ids, *rest)
        kept.append(ids)

    monkeypatch.setattr(judging, "_keep", breaks)
    with pytest.raises(LookupError):
        judge(factories)
    with factories.app.app_context():
        assert all(kept[0].first <= one <= kept[0].last for one in db.session.scalars(select(SiteVerdict.site_id)))
        assert db.session.scalar(select(func.count()).select_from(SiteVerdict)) == 2
        assert db.session.scalar(select(func.count()).select_from(UnionVerdict)) == 0
