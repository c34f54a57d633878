"""`flask rulebooks`, which needs no database."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.rulebooks import evaluate, forecast, load
from app.rulebooks.cli import rulebooks_cli
from tests.rulebooks.cases import CASES, facts_json, facts_of, read_case
from tests.rulebooks.test_facts import plain

CASE = read_case(CASES / "qingdao-2023" / "public-99-99-a-month-is-not-met.toml")


@pytest.fixture
def facts_file(tmp_path: Path) -> Path:
    """The facts of one case, as a file."""
    path = tmp_path / "site.json"
    path.write_text(json.dumps(plain(facts_json(CASE)), ensure_ascii=False), "utf-8")
    return path


def run(*arguments: str | Path) -> Result:
    """Run the command."""
    return CliRunner().invoke(rulebooks_cli, [str(argument) for argument in arguments])


def judge(path: Path, *more: str, rulebook: str = "qingdao-2023", on: str = "2026-11-22") -> Result:
    """Run `evaluate`."""
    return run("evaluate", "--rulebook", rulebook, "--facts", path, "--on", on, *more)


def test_json_is_the_report_itself(facts_file: Path) -> None:
    result = judge(facts_file)
    assert result.exit_code == 0
    rulebook, facts, on = load("qingdao-2023"), facts_of(CASE), CASE["on"]
    said = evaluate(rulebook, facts, on).as_dict("zh") | {"forecast": forecast(rulebook, facts, on).as_dict("zh")}
    assert json.loads(result.output) == said
    assert said["verdict"] == "not_met"


def test_text_says_every_finding_with_its_number(facts_file: Path) -> None:
    result = judge(facts_file, "--text")
    assert result.exit_code == 0
    assert "结论：未达到" in result.output
    assert "R8 月均使用" in result.output
    assert "未达到（99.91，标准 100 人次/月，差额 -0.09" in result.output
    assert load("qingdao-2023").digest in result.output
    assert "下一步：" in result.output
    assert "最早可申报：" in result.output


def test_text_in_english(facts_file: Path) -> None:
    result = judge(facts_file, "--text", "--lang", "en")
    assert "Verdict: not met" in result.output
    assert "99.91, threshold 100 uses/month, margin -0.09" in result.output
    lines = [line for line in result.output.splitlines()[1:] if "王芳" not in line]
    assert not any("一" <= letter <= "鿿" for letter in "".join(lines))


def test_an_internal_room_names_what_does_not_apply(tmp_path: Path) -> None:
    path = tmp_path / "site.json"
    case = read_case(CASES / "qingdao-2023" / "internal-room-need-not-be-found.toml")
    path.write_text("\ufeff" + json.dumps(plain(facts_json(case))), "utf-8")
    assert "不适用：R6" in judge(path, "--text").output


@pytest.mark.parametrize(
    ("content", "rulebook", "on", "said"),
    [
        (b"{", "qingdao-2023", "2026-11-22", "is not JSON"),
        (b'{"site": {}}', "qingdao-2023", "2026-11-22", "site.id is missing"),
        (b"\xff\xfe", "qingdao-2023", "2026-11-22", "is not UTF-8"),
        (None, "qingdao-1999", "2026-11-22", "There is no rulebook “qingdao-1999”"),
        (None, "qingdao-2023", "2023-06-28", "Rulebook qingdao-2023 is not in force on 2023-06-28"),
    ],
)
def test_errors_name_what_is_wrong(facts_file: Path, content: bytes | None, rulebook: str, on: str, said: str) -> None:
    if content is not None:
        facts_file.write_bytes(content)
    result = judge(facts_file, rulebook=rulebook, on=on)
    assert result.exit_code == 1
    assert said in result.output
    assert "Traceback" not in result.output


def test_a_missing_file_and_a_wrong_date_are_usage_errors(facts_file: Path) -> None:
    assert judge(facts_file.with_name("none.json")).exit_code == 2
    assert judge(facts_file, on="22.11.2026").exit_code == 2
    assert judge(facts_file, on="9999-12-31").exit_code == 2
    assert judge(facts_file, on="0001-01-01").exit_code == 2


def test_list_names_every_rulebook() -> None:
    result = run("list")
    assert result.exit_code == 0
    assert f"qingdao-2023  2023-06-29  {load('qingdao-2023').digest}  女职工关爱服务阵地建设管理办法" in result.output
