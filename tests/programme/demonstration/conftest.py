"""Scenes of a city that chooses."""

import pytest

from tests.factories import Factories
from tests.programme.demonstration.helpers import Scene


@pytest.fixture
def scene(factories: Factories) -> Scene:
    """Qingdao's rules, one place a district."""
    return Scene(factories)
