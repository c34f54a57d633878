"""The whole product on a PostgreSQL of its own that is killed and stopped; the long form is `make soak`."""

from contextlib import ExitStack
from pathlib import Path

from tests.reliability import scenarios
from tests.reliability.checks import assert_whole
from tests.reliability.setups import on_postgresql


def test_whatever_was_acknowledged_is_there_once(folder: Path, stack: ExitStack) -> None:
    place = on_postgresql(stack, folder)
    assert place.cluster is not None
    scenarios.postgresql_kills(place.cluster, place.phones, times=1)
    scenarios.database_away(place.cluster, place.service, place.phones)
    assert_whole(place.service, place.phones)
