"""The other kinds of site: holiday care with a summer behind it, a nursery, and the centre that they make up."""

from datetime import date, timedelta
from decimal import Decimal

import numpy as np

from app.accounts.models import User
from app.care import attendance, combined, nursery, services
from app.care.attendance import TermDay
from app.care.labels import Entry
from app.care.queries import roll
from app.demo.scenario import SEED
from app.demo.stage import Stage, script
from app.months import local_date
from app.programme.services import attest
from app.rulebooks import NoConditions
from app.sites.models import Site, SiteKind, SiteStatus

THERE = 0.94
GRADES = 6
AREA_M2 = 520


def care_for_children(stage: Stage) -> None:
    """A holiday care with last summer's term, a nursery with its return, and a combined centre of both."""
    unit, texts = stage.user("unit"), script()["care"]
    year = _summer(stage.today)
    since = date(year - 2, 4, 10)
    made = {}
    for kind in (SiteKind.HOLIDAY_CARE, SiteKind.NURSERY, SiteKind.COMBINED):
        row = {**texts[kind.value], "beside": texts["beside"]}
        made[kind] = stage.new_site(
            stage.user("district"), row, stage.at(since, 9), kind=kind.value, status=SiteStatus.OPERATING.value,
            opened_on=since, accepted_on=since, filed_on=since + timedelta(days=14), open_to_outsiders=False,
            access_note=texts["admission"], area_m2=Decimal(AREA_M2),
        )  # fmt: skip
        _state(stage, made[kind])
    combined.choose_parts(
        unit, made[SiteKind.COMBINED], [made[SiteKind.HOLIDAY_CARE].id, made[SiteKind.NURSERY].id],
        stage.at(since + timedelta(days=20), 9),
    )  # fmt: skip
    _term(stage, stage.manager_of(made[SiteKind.HOLIDAY_CARE]), made[SiteKind.HOLIDAY_CARE], year)
    _return(stage, stage.manager_of(made[SiteKind.NURSERY]), made[SiteKind.NURSERY])


def _state(stage: Stage, site: Site) -> None:
    """What the manager states about it: all that the rulebook speaks of."""
    at = stage.ago(40)
    try:
        statements = stage.rulebook.attestations_for(site.kind, site.location_kind, None)
    except NoConditions:
        return
    for asked in statements:
        attest(
            site, stage.rulebook, asked.id, holds=True, stated_on=local_date(at), note="", user=stage.manager_of(site),
            at=at,
        )  # fmt: skip


def _summer(today: date) -> int:
    """The year of the last summer that is over."""
    return today.year if today >= date(today.year, 9, 1) else today.year - 1


def _term(stage: Stage, manager: User, site: Site, year: int) -> None:
    texts, first, last = script()["care"], date(year, 7, 13), date(year, 8, 14)
    values = services.TermValues(texts["term"].format(year=year), first, last, places=30, staff=4, volunteers=3)
    term = services.add_term(manager, site, values, stage.at(first - timedelta(days=30), 9))
    entries = [Entry(f"{number:02d}", 1 + number % GRADES) for number in range(1, texts["children"] + 1)]
    services.enrol(term, entries, enrolled_on=first, has_agreement=True, is_insured=True)
    for day in range((last - first).days + 1):
        on = first + timedelta(days=day)
        if on.weekday() < 5:
            _one_day(stage, manager, TermDay(site, term, on))
    services.close_term(manager, site, term, stage.at(last + timedelta(days=3), 9))


def _one_day(stage: Stage, manager: User, day: TermDay) -> None:
    rng = np.random.default_rng((SEED, day.on.toordinal()))
    there = [row.child for row in roll(day.term, day.on) if rng.random() < THERE]
    attendance.set_present(manager, day, there, stage.at(day.on, 9))
    note = script()["care"]["note"] if day.on.day == 1 else ""
    attendance.mark_day(manager, day, safety_checked=True, note=note, now=stage.at(day.on, 17))


def _return(stage: Stage, manager: User, site: Site) -> None:
    at = stage.ago(30)
    values = nursery.ReturnValues(
        as_of=local_date(at), places=60, enrolled=48, own_employees_children=41, class_types=["full_day", "half_day"],
        price_yuan=Decimal(1580), local_average_yuan=Decimal(2400),
        indoor_area_m2=Decimal(AREA_M2), outdoor_area_m2=Decimal(260), has_health_title=True,
    )  # fmt: skip
    nursery.add_return(manager, site, values, at)
