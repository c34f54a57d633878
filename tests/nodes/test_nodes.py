"""Three nodes are one service: what one knows all know, and one may die at any moment. The long form: `make soak`."""

from contextlib import ExitStack
from pathlib import Path

from tests.applications import prepare
from tests.conftest import migrate
from tests.nodes import scenarios
from tests.nodes.network import network
from tests.postgres import Server
from tests.reliability.checks import assert_whole


def test_three_nodes_are_one_service(folder: Path, stack: ExitStack, postgres: Server) -> None:
    template = postgres.template("migrated", lambda url: (migrate(url), prepare(url)))
    place = network(stack, folder, stack.enter_context(postgres.database(template)))
    scenarios.log_in_is_valid_everywhere(place)
    scenarios.limits_count_together(place)
    scenarios.a_photo_is_shown_by_all(place)
    scenarios.a_closed_site_is_closed_everywhere(place)
    scenarios.node_kills(place, times=1)
    assert_whole(place.nodes[0], place.phones)
