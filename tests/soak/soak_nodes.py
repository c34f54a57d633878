"""Three nodes behind nginx, killed again and again under load while their sealers work side by side."""

from contextlib import ExitStack
from pathlib import Path

from sqlalchemy import create_engine, text

from tests.conftest import migrate
from tests.nodes import scenarios
from tests.nodes.network import Network, network
from tests.reliability.checks import assert_whole
from tests.reliability.databases import Cluster
from tests.soak.conftest import Noted

KILLS, CLOSINGS = 20, 10


def test_nodes_are_killed(stack: ExitStack, folder: Path, noted: Noted) -> None:
    cluster = Cluster(folder / "cluster")
    stack.callback(cluster.stop)
    cluster.create()
    migrate(cluster.url.replace("postgresql:", "postgresql+psycopg:"))
    place = network(stack, folder, cluster.url, workers=2)
    scenarios.log_in_is_valid_everywhere(place)
    scenarios.limits_count_together(place)
    scenarios.a_photo_is_shown_by_all(place)
    slowest_s = max(scenarios.a_closed_site_is_closed_everywhere(place) for _ in range(CLOSINGS))
    seen = scenarios.node_kills(place, KILLS)
    seals = _seals(place)
    seen.note = f"closed everywhere after at most {slowest_s:.1f} s; {seals} seals by six processes, one chain"
    noted("PostgreSQL, three nodes", seen)
    assert seals > 1
    assert_whole(place.nodes[0], place.phones)


def _seals(place: Network) -> int:
    engine = create_engine(place.nodes[0].settings.database_url)
    with engine.connect() as connection:
        number: int = connection.execute(text("SELECT count(*) FROM seal")).scalar_one()
    engine.dispose()
    return number
