"""A room whose uses were logged and rated by phones, and the people above it."""

from dataclasses import dataclass
from uuid import UUID

import pytest
from flask import Flask

from app.accounts.models import TradeUnion, User
from app.sites.models import Site
from tests.conftest import Clock
from tests.factories import Factories
from tests.usage.helpers import Phone, receipt_id

WHY = "监控显示同一人连续扫码多次"


@dataclass
class Scene:
    """A city, a district and a unit with a room; who works there; ids of three counted uses rated 5, 1 and not."""

    city: TradeUnion
    district: TradeUnion
    unit: TradeUnion
    room: Site
    reviewer: User
    municipal: User
    unit_person: User
    manager: User
    uses: list[UUID]
    receipts: list[str]
    phones: list[Phone]


@pytest.fixture
def scene(app: Flask, factories: Factories, clock: Clock) -> Scene:
    """Friday, 20 November 2026, 10:00 to 10:59 in Shanghai."""
    city, district, unit = factories.tree()
    room = factories.site(unit)
    code = factories.door_code(room).code
    phones = [Phone(app, code, agent=f"Phone/{number}") for number in range(3)]
    receipts = []
    for phone, step in zip(phones, (5, 1, None), strict=True):
        receipts.append(phone.logged())
        if step is not None:
            assert phone.rate(receipts[-1], step).status_code == 303
        clock.advance(minutes=10)
    return Scene(
        city, district, unit, room, factories.user("district_union", district, display_name="李审核"),
        factories.user("municipal_union", city), factories.user("unit_union", unit),
        factories.user("site_manager", unit, room), [receipt_id(one) for one in receipts], receipts, phones,
    )  # fmt: skip
