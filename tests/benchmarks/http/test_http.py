"""The benchmarks over HTTP in small: a world that is always the same, questions that ours answers, judged tables."""

import cProfile
import os
import re
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest
from flask.testing import FlaskClient

from app import create_app
from app.config import Settings
from benchmarks import shares
from benchmarks.http import answers, raw, results, server
from benchmarks.http.contenders.ours import FILTERED, Ours
from benchmarks.http.data import World
from benchmarks.http.installation import Installation
from benchmarks.http.load import Ratio, Request, Round, write
from benchmarks.table import SHOWN, Row, Target, markdown

OURS, WORLD = Ours(), World(600)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    """Ours over the small world, on SQLite."""
    folder = tmp_path_factory.mktemp("bench")
    installation = Installation(folder, f"sqlite:///{folder}/xiaowu.sqlite3")
    installation.fill(WORLD)
    return create_app(Settings.from_environment({**installation.environment, "XIAOWU_MODE": "test"})).test_client()


def test_a_world_is_always_the_same() -> None:
    same, other = World(600), World(600, seed=1)
    assert np.array_equal(WORLD.pins, same.pins)
    assert WORLD.codes == same.codes
    assert list(WORLD.site_rows(1)) == list(same.site_rows(1))
    assert not np.array_equal(WORLD.pins, other.pins)


def test_ours_answers_the_questions_and_is_compared_with_every_room(client: FlaskClient) -> None:
    for place in WORLD.places(20):
        found = OURS.ids(client.get(OURS.nearest(place).path).data)
        distances = answers.distances_m(WORLD.pins[np.array(found) - 1], place)
        assert np.allclose(distances, answers.ten_nearest_m(WORLD, place), atol=answers.ROUNDING_M)
    for box in WORLD.boxes(5, 10):
        assert len(OURS.ids(client.get(OURS.within(box, 500).path).data)) == 10
    assert client.get(OURS.nearest(WORLD.places(1)[0], FILTERED).path).status_code == 200
    assert client.get(OURS.door(WORLD.codes[0]).path).status_code == 200


def test_ours_takes_the_scan(client: FlaskClient) -> None:
    scan = OURS.scan(*WORLD.doors[7])
    form = scan.body.replace("{key}", str(UUID(int=7)))
    answer = client.post(scan.path, data=form, headers={"Accept": scan.accept}, content_type=raw.FORM)
    assert answer.status_code == 201


def test_requests_are_written_one_a_line(tmp_path: Path) -> None:
    path = write(tmp_path / "requests.txt", [Request("/a?b=1"), Request("/c", "POST", "x/y", body="key={key}")])
    assert path.read_text() == "GET\t/a?b=1\t*/*\t\t\t\nPOST\t/c\tx/y\t\t\tkey={key}\n"


def test_a_statement_is_written_for_pgbench() -> None:
    values = {"site": 7, "id": UUID(int=1), "salt": bytes(16), "at": datetime(2026, 7, 1, tzinfo=UTC), "none": None}
    values |= {"code": "abc", "number": 3}
    words = "INSERT (%(site)s, %(id)s, %(salt)s, %(at)s, %(none)s, %(number)s) %(code)s"
    assert raw.written((words, values), 7, "abc") == (
        "INSERT (:site, md5(:key::text)::uuid, decode(md5(:key::text), 'hex'), '2026-07-01 00:00:00+00:00', NULL, 3) "
        "(SELECT code FROM door_code WHERE id = :site)"
    )
    assert raw.written(("$2::TEXT, $1", [7, None]), 7, "abc") == "NULL::TEXT, :site"


def test_ratios_are_of_paired_rounds() -> None:
    ours, theirs = [Round(10, 1), Round(100, 1), Round(30, 1)], [Round(10, 1), Round(50, 1), Round(10, 1)]
    assert Ratio.of(ours, theirs) == Ratio(2, (1, 3))


def test_a_table_judges_each_row() -> None:
    rows = [
        Row("nearest", 0.7, Target.at_least(0.65), "700/s", "F", "1,000/s", (0.6, 0.812), 0.5),
        Row("memory", 301, Target.at_most(300, "MB")),
        Row("boxes", 2.5, SHOWN),
    ]
    assert markdown(rows).splitlines()[2:] == [
        "| nearest | 700/s | F | 1,000/s | 0.7 × | 0.6–0.812 | 0.5 × | ≥ 0.65 × | met |",
        "| memory |  |  |  | 301 MB |  |  | ≤ 300 MB | **not met** |",
        "| boxes |  |  |  | 2.5 × |  |  | — |  |",
    ]


def test_a_report_counts_goes_on_after_errors_and_keeps_each_part_at_once(tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text("before\n<!-- results of quick: begin -->\nold\n<!-- results of quick: end -->\nafter\n")
    report = results.Report("quick", "Noisy.", readme)
    with report.going_on("boxes"):
        raise RuntimeError("no\nboxes")
    report.add("reading", [Row("nearest", 0.7, Target.at_least(0.65)), Row("memory", 301, Target.at_most(300, "MB"))])
    page = readme.read_text()
    assert page.startswith("before\n<!-- results of quick: begin -->\n\n## ")
    assert page.endswith("\n<!-- results of quick: end -->\nafter\n")
    assert "Noisy.\n\n1 of 2 targets met.\n\n**Failed:** boxes: RuntimeError: no boxes\n\n### reading\n" in page
    assert "old" not in page


def test_results_without_a_place_come_to_the_end(tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text("before\n")
    results.write("new\n", "full", readme)
    assert readme.read_text() == "before\n<!-- results of full: begin -->\n\nnew\n\n<!-- results of full: end -->\n"


def test_a_profile_says_where_the_time_goes() -> None:
    profile = cProfile.Profile()
    profile.runcall(World(50).boxes, 2, 3)
    told = shares.told(profile, 2, "box")
    assert re.match(r"[\d.,]+ ms for each box under the profiler: .*numpy, scipy, pyproj \d+%", told)


def test_a_process_costs_time_and_memory() -> None:
    assert os.getpid() in server.family(os.getpid())
    assert server.cpu_s(os.getpid()) > 0
    assert server.pss_mb(os.getpid())[os.getpid()] > 1
