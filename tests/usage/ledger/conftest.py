"""Two rooms with a door each, in October."""

from datetime import UTC, datetime

import pytest
from flask import Flask

from app.sites.models import DoorCode
from app.usage.ledger.models import Checkpoint
from tests.browser import phone
from tests.conftest import Clock
from tests.factories import Factories
from tests.usage.ledger.helpers import OCTOBER, checkpoint, seal, visits

__all__ = ["phone"]

IN_OCTOBER = datetime(2026, 10, 5, 1, 0, tzinfo=UTC)


@pytest.fixture
def october() -> datetime:
    """Monday, 5 October 2026, 9:00 in Shanghai."""
    return IN_OCTOBER


@pytest.fixture
def doors(factories: Factories) -> list[DoorCode]:
    """The codes of two public rooms."""
    return [factories.door_code(factories.site(), code) for code in ("aaaaaaaaaaaa", "bbbbbbbbbbbb")]


@pytest.fixture
def told(app: Flask, doors: list[DoorCode], october: datetime, clock: Clock) -> Checkpoint:
    """The checkpoint of October: twelve uses in the first room, nine in the second, both published."""
    visits(app, doors[0].code, october, 12)
    visits(app, doors[1].code, october, 9)
    seal(app, clock.at)
    return checkpoint(app, OCTOBER, clock.at)
