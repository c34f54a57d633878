"""A small network: a room that meets everything, and others that do not."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from app.months import Month, local_date
from app.programme.models import Attestation
from app.rulebooks import load
from app.sites.models import Site
from tests.factories import Factories

EQUIPMENT = ("air_purifier", "rest_bed", "audio_video", "fitness", "counselling", "massage_chair", "warm_decor")
MakeRoom = Callable[..., Site]


@pytest.fixture
def good_room(factories: Factories) -> MakeRoom:
    """Makes a room that meets every condition; `uses` a month, `ratings` in the last month, other columns as given."""

    def make(host: Any = None, *, uses: int = 120, ratings: tuple[int, ...] = (0, 0, 0, 10, 30), **values: Any) -> Site:
        defaults = {"area_m2": 18, "facilities": dict.fromkeys(EQUIPMENT, 1), "accepted_on": date(2025, 1, 1)}
        site = factories.site(host, **{**defaults, **values})
        factories.door_code(site)
        factories.photo(site)
        month = Month.of(factories.clock())
        for back in range(12, 0, -1):
            factories.tally(site, str(month - back), uses, ratings if back == 1 else (0, 0, 0, 0, 0))
        at = factories.clock() - timedelta(days=20)
        for item in load("qingdao-2023").attestations:
            if item != "equivalent_equipment":
                row = Attestation(site_id=site.id, item=item, holds=True, stated_on=local_date(at), stated_at=at)
                factories.add(row)
        return site

    return make
