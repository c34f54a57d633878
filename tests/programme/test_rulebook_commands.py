"""``flask rulebooks replay`` and ``diff``."""

import json
from pathlib import Path
from typing import Any

from click.testing import Result
from flask import Flask

from app.db import db, unit_of_work
from app.programme import decisions
from app.programme.models import Decision
from app.programme.scoring.models import FilledSheet, SheetAnswer
from app.rulebooks import load
from app.sites.models import Site
from tests.factories import Factories
from tests.programme.cases.helpers import Cases
from tests.programme.conftest import MakeRoom
from tests.programme.test_decisions import decided


def run(app: Flask, *words: Any) -> Result:
    """The outcome of a command."""
    result = app.test_cli_runner().invoke(args=["rulebooks", *map(str, words)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def full_sheet(factories: Factories, site: Site) -> FilledSheet:
    """A self-check with full points and all its answers."""
    user = factories.user("unit_union", factories.union("unit"))
    with factories.app.app_context(), unit_of_work():
        decisions.remember(load("qingdao-2023"), factories.clock())
    sheet = Cases(factories).sheet(site, "self_check", user, total=100)
    for item in load("qingdao-2023").score_sheets["room"].items:
        factories.add(SheetAnswer(filled_sheet_id=sheet.id, item=item.id, points=float(item.most)))
    return sheet


def test_replay_finds_nothing_until_something_differs(factories: Factories, good_room: MakeRoom) -> None:
    site = good_room()
    first, _ = decided(factories, site), decided(factories, good_room(uses=99))
    sheet = full_sheet(factories, site)
    result = run(factories.app, "replay")
    assert (result.exit_code, result.output) == (0, "2 decisions, 1 sheets, 0 differences\n")

    with factories.app.app_context(), unit_of_work():
        stored = db.session.get_one(Decision, first.id)
        report = json.loads(json.dumps(stored.report))
        report["zh"]["findings"][0]["result"] = "not_met"
        stored.report = report
        db.session.get_one(FilledSheet, sheet.id).total = 99
    result = run(factories.app, "replay")
    assert result.exit_code == 1
    assert f"decision {first.id}, site {site.id}: zh.findings[0].result not_met → met" in result.output
    assert f"sheet {sheet.id}, site {site.id}: total 99" in result.output
    assert "2 decisions, 1 sheets, 2 differences" in result.output


def test_replay_says_when_a_text_is_faulty(factories: Factories, good_room: MakeRoom) -> None:
    made = decided(factories, good_room())
    with factories.app.app_context(), unit_of_work():
        db.session.get_one(decisions.RulebookText, made.rulebook_digest).content = "format = 2"
    result = run(factories.app, "replay")
    assert result.exit_code == 1
    assert "format has to be 1" in result.output


def test_diff_lists_who_gains_and_who_loses(factories: Factories, good_room: MakeRoom, tmp_path: Path) -> None:
    unit = factories.tree()[2]
    good_room(unit, name="甲", uses=95)
    good_room(unit, name="乙", uses=120, area_m2=15)
    good_room(unit, name="丙", uses=20)
    other = good_room(name="丁", uses=95)
    changed = (
        load("qingdao-2023")
        .content.replace("public = 100", "public = 90")
        .replace('value = 15, reference = "第十五条', 'value = 16, reference = "第十五条')
    )
    path = tmp_path / "qingdao-2023.toml"
    path.write_text(changed, "utf-8")

    result = run(factories.app, "diff", "qingdao-2023", path, "--on", "2026-11-20", "--union", unit.code)
    assert result.exit_code == 0
    lines = result.output.splitlines()
    assert lines[0] == "qingdao-2023 → qingdao-2023, 2026-11-20"
    assert any(line.startswith("+ 甲") for line in lines)
    assert any(line.startswith("- 乙") for line in lines)
    assert lines[-1] == "3 sites: 1 gain, 1 lose, 0 change, 1 same"

    everything = run(factories.app, "diff", "qingdao-2023", path, "--on", "2026-11-20", "--json").output
    found = json.loads(everything)
    assert found["counts"] == {"gain": 2, "lose": 1, "change": 0, "same": 1}
    [gained] = [one for one in found["sites"] if one["site"]["id"] == other.id]
    assert gained["effect"] == "gain"
    assert gained["before"]["open_conditions"][0]["id"] == "R8"

    nursery = factories.site(unit, kind="nursery")
    found = json.loads(run(factories.app, "diff", "qingdao-2023", "dalian-2017", "--on", "2026-11-20", "--json").output)
    [ungoverned] = [one for one in found["sites"] if one["site"]["id"] == nursery.id]
    assert ungoverned["after"]["verdict"] is None


def test_diff_says_what_is_wrong(app: Flask) -> None:
    for words, said in (
        (("none", "qingdao-2023", "--on", "2026-11-20"), "There is no rulebook"),
        (("qingdao-2023", "dalian-2017", "--on", "2020-01-01"), "not in force"),
        (("qingdao-2023", "dalian-2017", "--on", "2026-11-20", "--union", "x"), "no union with the code"),
    ):
        result = run(app, "diff", *words)
        assert result.exit_code == 1
        assert said in result.output
