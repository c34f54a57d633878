"""The operator's commands."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from app.sites.cli_import import boundaries_cli, import_command, profiles_command, worklist_command
from tests.factories import Factories

Command = Callable[..., Result]
PROFILE = str(Path(__file__).parents[1] / "data" / "profiles" / "small.toml")
LIST = "名称,地址,经度,纬度\n爱心小屋,银海街760号2楼,120.344,30.337\n社区驿家,闻潮路5号,,\n"
BAD = LIST + ",无名路1号,120.3,30.3\n"


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    (tmp_path / "here").mkdir()
    before = Path.cwd()
    os.chdir(tmp_path / "here")
    yield tmp_path / "here"
    os.chdir(before)


@pytest.fixture
def cli(app: Flask, factories: Factories, folder: Path) -> Command:
    factories.union(code="330114")
    (folder / "rooms.csv").write_text(BAD, encoding="utf-8")

    def run(command: object, *words: str) -> Result:
        return app.test_cli_runner().invoke(command, words)  # type: ignore[arg-type]

    return run


ORDER = ("rooms.csv", "--profile", PROFILE, "--union", "330114", "--datum", "wgs84")


def test_import_reports_and_writes_the_bad_rows(cli: Command, folder: Path) -> None:
    result = cli(import_command, *ORDER)
    assert result.exit_code == 0, result.output
    assert "rooms-problems.csv" in result.output
    written = (folder / "rooms-problems.csv").read_text(encoding="utf-8-sig")
    assert "无名路1号" in written
    again = cli(import_command, *ORDER, "--json", "--problems", "again.xlsx")
    report = json.loads(again.stdout)
    assert (report["new"], report["unchanged"], report["rejected"]) == (0, 2, 1)
    assert (folder / "again.xlsx").exists()


def test_bad_rows_go_to_the_data_folder_where_the_current_one_takes_no_file(
    cli: Command, folder: Path, app: Flask
) -> None:
    (folder / "rooms-problems.csv").mkdir()
    result = cli(import_command, *ORDER, "--dry-run")
    assert result.exit_code == 0
    written = app.extensions["settings"].data_dir / "rooms-problems.csv"
    assert f"→ {written}" in result.output
    assert "无名路1号" in written.read_text(encoding="utf-8-sig")


def test_a_dry_run_changes_nothing(cli: Command) -> None:
    dry = json.loads(cli(import_command, *ORDER, "--dry-run", "--json").stdout)
    real = json.loads(cli(import_command, *ORDER, "--json").stdout)
    assert dry | {"is_dry_run": False} == real
    assert real["new"] == 2


def test_the_work_list_says_why(cli: Command) -> None:
    cli(import_command, *ORDER)
    lines = cli(worklist_command).output.splitlines()
    assert len(lines) == 1
    assert "社区驿家" in lines[0]
    (row,) = cli(worklist_command, "--json", "--union", "330114").output.splitlines()
    assert json.loads(row)["pin_note"]


@pytest.mark.parametrize(
    "words",
    [
        ("rooms.csv", "--profile", "atlantis", "--union", "330114"),
        ("rooms.csv", "--profile", PROFILE, "--union", "nowhere", "--datum", "wgs84"),
        ("rooms.csv", "--profile", PROFILE, "--union", "330114"),
        ("rooms.csv", "--profile", "tokyo", "--union", "330114"),
        (*ORDER, "--problems", "nowhere/at/all.csv"),
        (*ORDER, "--problems", "bad.pdf"),
        (*ORDER, "--encoding", "klingon"),
        ("missing.csv", "--profile", PROFILE, "--union", "330114"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_imported(cli: Command, words: tuple[str, ...]) -> None:
    result = cli(import_command, *words)
    assert result.exit_code != 0
    assert "Error" in result.output
    assert "Traceback" not in result.output
    assert cli(worklist_command).output == ""


def test_boundaries_are_loaded(cli: Command, folder: Path) -> None:
    ring = [[[120, 30], [121, 30], [121, 31], [120, 30]]]
    properties = {"adcode": 330114, "name": "钱塘区"}
    feature = {"type": "Feature", "properties": properties, "geometry": {"type": "Polygon", "coordinates": ring}}
    (folder / "b.geojson").write_text(json.dumps({"features": [feature]}), encoding="utf-8")
    result = cli(boundaries_cli, "load", "b.geojson", "--datum", "gcj02")
    assert result.output.strip() == "1: 330114"
    refused = cli(boundaries_cli, "load", "rooms.csv", "--datum", "gcj02")
    assert refused.exit_code == 1
    unstated = cli(boundaries_cli, "load", "b.geojson")
    assert unstated.exit_code == 2


def test_the_profiles_are_listed(cli: Command) -> None:
    assert "hangzhou\tgcj02" in cli(profiles_command).output
