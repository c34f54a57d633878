"""Scenes of a city that chooses."""

import pytest

from tests.factories import Factories
from tests.programme.conftest import MakeRoom
from tests.programme.demonstration.helpers import Scene


@pytest.fixture
def scene(factories: Factories, good_room: MakeRoom) -> Scene:
    """Qingdao's rules, one place a district."""
    return Scene(factories, good_room)
