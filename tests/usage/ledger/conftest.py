"""Two rooms with a door each, in October."""

from datetime import UTC, datetime

import pytest

from app.sites.models import DoorCode
from tests.factories import Factories

IN_OCTOBER = datetime(2026, 10, 5, 1, 0, tzinfo=UTC)


@pytest.fixture
def october() -> datetime:
    """Monday, 5 October 2026, 9:00 in Shanghai."""
    return IN_OCTOBER


@pytest.fixture
def doors(factories: Factories) -> list[DoorCode]:
    """The codes of two public rooms."""
    return [factories.door_code(factories.site(), code) for code in ("aaaaaaaaaaaa", "bbbbbbbbbbbb")]
