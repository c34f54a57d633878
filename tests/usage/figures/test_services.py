from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts.models import TradeUnion
from app.db import db, unit_of_work
from app.errors import Conflict
from app.months import Month
from app.sites.models import Site
from app.usage.figures import queries, services
from app.usage.figures.models import Release, ReleasedUnion
from app.usage.models import Adjustment, SiteMonth
from tests.conftest import Clock
from tests.factories import Factories

OCTOBER = Month(2026, 10)
CLOSED = OCTOBER.closes_at


def released(app: Flask, now: datetime = CLOSED) -> dict[int, dict[str, str]]:
    with app.app_context():
        with unit_of_work():
            services.release(OCTOBER, now)
        return queries.published_of(OCTOBER)


def totals(app: Flask) -> dict[int, tuple[int, int | None, int | None]]:
    with app.app_context():
        rows = db.session.scalars(select(ReleasedUnion))
        return {row.trade_union_id: (row.sites, row.uses, row.satisfaction) for row in rows}


def rooms(factories: Factories, host: TradeUnion, *uses: int, **values: Any) -> list[Site]:
    sites = [factories.site(host, **values) for _ in uses]
    for site, counted in zip(sites, uses, strict=True):
        factories.tally(site, "2026-10", counted)
    return sites


def test_a_month_is_published_from_the_instant_on_at_which_it_is_closed(app: Flask, factories: Factories) -> None:
    (site,) = rooms(factories, factories.tree()[2], 41)
    with app.app_context(), pytest.raises(Conflict):
        services.release(OCTOBER, CLOSED.replace(hour=CLOSED.hour - 1))
    assert released(app) == {site.id: {"uses": "40", "satisfaction": "withheld"}}


def test_small_numbers_are_withheld_and_others_rounded(app: Flask, factories: Factories) -> None:
    city, district, unit = factories.tree()
    sites = rooms(factories, unit, 0, 7, 8, 52) + rooms(factories, district, 103)
    assert [released(app)[site.id]["uses"] for site in sites] == ["0", "withheld", "10", "50", "105"]
    told = totals(app)
    assert (told[unit.id][:2], told[district.id][:2], told[city.id][:2]) == ((4, 65), (5, 170), (5, 170))


def test_a_total_that_would_tell_is_withheld(app: Flask, factories: Factories) -> None:
    city, _, unit = factories.tree()
    rooms(factories, unit, 4, 60)
    released(app)
    assert totals(app)[unit.id] == (2, None, None)
    assert totals(app)[city.id] == (2, None, None)


def test_what_was_published_is_never_published_otherwise(app: Flask, factories: Factories) -> None:
    (site,) = rooms(factories, factories.tree()[2], 41)
    before = released(app)
    with app.app_context(), unit_of_work():
        db.session.get_one(SiteMonth, (site.id, "2026-10")).counted = 90
    rooms(factories, factories.tree()[2], 30)
    assert released(app, CLOSED.replace(year=2027)) == before
    with app.app_context():
        assert db.session.get_one(Release, "2026-10").made_at == CLOSED


def test_uses_that_a_person_excluded_are_not_published(app: Flask, factories: Factories, clock: Clock) -> None:
    (site,) = rooms(factories, factories.tree()[2], 41)
    excluded = Adjustment(
        site_id=site.id, month="2026-10", id=uuid4(), act="exclude", actor_id=1, actor_name="x", reason="x",
        steps={"counted": -21}, made_at=clock.at, signature=b"", sequence=1, salt=b"", digest=b"",
    )  # fmt: skip
    factories.add(excluded)
    assert released(app)[site.id]["uses"] == "20"


@pytest.mark.parametrize(
    "values",
    [
        {"location_kind": "internal"},
        {"is_listed": False},
        {"open_to_outsiders": None},
        {"status": "preparing"},
        {"status": "closed", "closed_on": date(2026, 10, 1)},
        {"opened_on": date(2026, 11, 1)},
    ],
    ids=str,
)
def test_sites_that_are_not_public_are_in_no_figure(app: Flask, factories: Factories, values: dict[str, Any]) -> None:
    unit = factories.tree()[2]
    (shown,) = rooms(factories, unit, 30)
    rooms(factories, unit, 200, **values)
    assert list(released(app)) == [shown.id]
    assert totals(app)[unit.id] == (1, 30, None)


def test_a_site_that_closed_in_the_month_is_still_in_it(app: Flask, factories: Factories) -> None:
    (site,) = rooms(factories, factories.tree()[2], 30, status="closed", closed_on=date(2026, 10, 2))
    assert list(released(app)) == [site.id]


def test_a_site_without_any_use_has_a_zero(app: Flask, factories: Factories) -> None:
    site = factories.site(opened_on=None)
    assert released(app)[site.id] == {"uses": "0", "satisfaction": "withheld"}


def test_satisfaction_needs_eight_ratings_and_is_whole(app: Flask, factories: Factories) -> None:
    unit = factories.tree()[2]
    seven, eight, half = (factories.site(unit) for _ in range(3))
    factories.tally(seven, "2026-10", 50, (0, 0, 0, 0, 7))
    factories.tally(eight, "2026-10", 50, (1, 0, 0, 0, 7))
    factories.tally(half, "2026-10", 50, (0, 1, 0, 0, 7))
    assert [released(app)[site.id]["satisfaction"] for site in (seven, eight, half)] == ["withheld", "90", "93"]
    # The seven ratings of the first are in no union's satisfaction: what is not in a number cannot be subtracted.
    assert totals(app)[unit.id] == (3, 150, 91)


def test_a_month_without_public_sites_can_be_published(app: Flask) -> None:
    assert released(app) == {}


def test_two_cities_have_nothing_in_common(app: Flask, factories: Factories) -> None:
    first, second = factories.tree(), factories.tree()
    rooms(factories, first[2], 20)
    rooms(factories, second[2], 30)
    released(app)
    assert totals(app)[first[0].id][1], totals(app)[second[0].id][1] == (20, 30)


def test_months_before_a_release_are_empty(app: Flask) -> None:
    with app.app_context():
        assert queries.published_of(Month(2020, 1)) == {}
        assert queries.released_months() == []


def test_a_release_says_when_it_was_made(app: Flask) -> None:
    with app.app_context(), unit_of_work():
        assert services.release(OCTOBER, CLOSED).made_at == datetime(2026, 11, 3, 16, tzinfo=UTC)
