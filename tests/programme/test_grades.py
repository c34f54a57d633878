"""The grade beside a mean: from what share on, which recount, and that it costs the same for many sites."""

from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask

from app.accounts.models import User
from app.months import Month
from app.programme import grades
from app.programme.checks.models import Inspection
from app.programme.grades import Evidence, Seen
from app.sites.models import Site
from app.usage.models import SiteMonth
from tests.conftest import START
from tests.factories import Factories
from tests.programme.conftest import MakeRoom

ON = date(2026, 11, 20)


def seen(uses: int, counted: int) -> Seen:
    return Seen(1, START, uses, counted)


@pytest.mark.parametrize(
    ("evidence", "grade"),
    [
        (Evidence(), "static_code"),
        (Evidence(100, 49), "static_code"),
        (Evidence(100, 50), "on_site_word"),
        (Evidence(1, 1), "on_site_word"),
        (Evidence(0, 5), "static_code"),
        (Evidence(3, 5), "on_site_word"),
        (Evidence(100, 0, seen(3, 3)), "recounted"),
        (Evidence(100, 0, seen(3, 4)), "recounted"),
        (Evidence(100, 0, seen(3, 5)), "static_code"),
        (Evidence(100, 0, seen(2, 2)), "static_code"),
        (Evidence(100, 80, seen(10, 13)), "on_site_word"),
        (Evidence(100, 0, seen(10, 12)), "recounted"),
        (Evidence(100, 0, seen(10, 8)), "recounted"),
        (Evidence(100, 0, seen(10, 7)), "static_code"),
    ],
)
def test_the_best_grade_that_the_evidence_bears(evidence: Evidence, grade: str) -> None:
    assert grades.grade_of(evidence) == grade
    assert evidence.grade == grade
    assert 0 <= evidence.share <= 1


def recount(factories: Factories, site: Site, inspector: User, **values: Any) -> None:
    now = factories.clock()
    row = {
        "site_id": site.id, "trade_union_id": inspector.trade_union_id, "kind": "spot_check", "year": 2026,
        "due_on": ON, "mode": "on_site", "planned_at": now, "done_at": now, "done_by_id": inspector.id,
        "result": "passed", "recounted_uses": 4, "recounted_counted": 4, **values,
    }  # fmt: skip
    factories.add(Inspection(**row))


def test_twelve_months_and_the_latest_recount_from_above(app: Flask, factories: Factories) -> None:
    _, district, unit = factories.tree()
    site, other, checked = (factories.site(unit) for _ in range(3))
    officer, now = factories.user("district_union", district), factories.clock()
    for back, counted, on_site in ((0, 500, 500), (1, 60, 40), (12, 40, 10), (13, 900, 0)):
        month = str(Month.of(now) - back)
        factories.add(SiteMonth(site_id=site.id, month=month, recorded=counted, counted=counted, on_site=on_site))
    recount(factories, checked, officer, done_at=now - timedelta(days=3))
    recount(factories, checked, officer, done_at=now - timedelta(days=2), kind="full_self", recounted_uses=99)
    recount(factories, checked, officer, done_at=now + timedelta(days=2), recounted_uses=99)
    recount(factories, other, officer, done_at=now - timedelta(days=400))
    recount(factories, other, officer, recounted_uses=None, recounted_counted=None)
    with app.app_context():
        found = grades.evidence_of([site.id, other.id, checked.id], ON)
    assert (found[site.id].counted, found[site.id].on_site, found[site.id].grade) == (100, 50, "on_site_word")
    assert other.id not in found
    assert grades.of_site(found, other.id).grade == "static_code"
    assert found[checked.id].grade == "recounted"
    recount(factories, checked, officer, recounted_counted=9)
    with app.app_context():
        assert grades.evidence_of([checked.id], ON)[checked.id].grade == "static_code"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_grade_stands_beside_the_mean(factories: Factories, good_room: MakeRoom) -> None:
    _, district, unit = factories.tree()
    room, officer = good_room(unit), factories.user("district_union", district)
    client = factories.login(officer)
    pages = (f"/manage/sites/{room.id}/verdict", f"/manage/unions/{district.id}", f"/manage/sites/{room.id}")
    for path in pages:
        assert "仅静态码" in client.get(path).text, path
    recount(factories, room, officer)
    for path in pages:
        assert "已现场点数核对" in client.get(path).text, path
    assert "点数看到 4 次，系统计入 4 次" in client.get(pages[0]).text
