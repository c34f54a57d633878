"""The whole of what tests/privacy/test_canaries.py does in part: `pytest tests/soak/soak_canaries.py`."""

import pytest

from tests.privacy.test_canaries import ENDED, KILLED, Round, crowds_come, service
from tests.reliability.service import Service

__all__ = ["service"]


@pytest.mark.parametrize("service", ["sqlite", "postgis"], indirect=True)
def test_nothing_is_left_however_the_service_ends(service: Service) -> None:
    crowds_come(service, Round(KILLED, Service.kill_all), Round(ENDED, Service.stop))
