"""Every rulebook's cases, each a file beside the others, named by a sentence."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.errors import DomainError
from app.months import Month
from app.rulebooks import Finding, Forecast, available, evaluate, forecast, load
from app.rulebooks.phrases import Phrase
from app.rulebooks.report import plain
from tests.rulebooks.cases import CASES, facts_of, read_case

PATHS = sorted(path for path in CASES.glob("*/*.toml") if not path.stem.startswith("_"))
FIELDS = ("value", "threshold", "margin")
NO_OUTLOOK = Forecast(Month(2026, 11), None, 0, None, Phrase("forecast_not_made"), ())


def test_every_rulebook_has_cases() -> None:
    assert {path.parent.name for path in PATHS} == set(available())


def test_every_case_says_something_of_its_own() -> None:
    sentences = [read_case(path)["sentence"] for path in PATHS]
    assert len(set(sentences)) == len(sentences)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_case(path: Path) -> None:
    case = read_case(path)
    rulebook, expect, purpose = load(path.parent.name), dict(case["expect"]), case.get("purpose", "demonstration")
    if "error" in expect:
        with pytest.raises(DomainError, match=expect["error"]):
            evaluate(rulebook, facts_of(case), case["on"], purpose)
        return
    report = evaluate(rulebook, facts_of(case), case["on"], purpose)
    has_title = any(case["site"]["kind"] in one.kinds for one in rulebook.conditions if one.purpose == "demonstration")
    outlook = forecast(rulebook, facts_of(case), case["on"]) if has_title else NO_OUTLOOK
    body = report.as_dict("zh")
    said: dict[str, Any] = {
        "verdict": report.verdict,
        "not_applicable": list(report.not_applicable),
        "window": {name: body["window"][name] for name in ("first", "last")},
        "left_out": {row["month"]: row["reason"] for row in body["window"]["left_out"]},
        "needed_this_month": outlook.needed_this_month if outlook.needed_this_month is not None else "none",
        "earliest": str(outlook.earliest) if outlook.earliest else "none",
    }
    assert expect, "a case has to expect something"
    for name, stated in expect.items():
        wanted = as_json(stated)
        got = said[name] if name in said else seen(report.finding(name), wanted)
        assert got == wanted, f"{case['sentence']}: {name}"


def as_json(wanted: Any) -> Any:
    """A case's numbers as JSON has them."""
    if isinstance(wanted, dict):
        return {name: as_json(value) for name, value in wanted.items()}
    return float(wanted) if isinstance(wanted, Decimal) else wanted


def seen(finding: Finding, wanted: dict[str, Any]) -> dict[str, Any]:
    """The fields of a finding that a case speaks of."""
    row = finding.as_dict("zh")
    assert {name: row[name] for name in FIELDS} == {name: plain(getattr(finding, name)) for name in FIELDS}
    said = {name: "none" if row.get(name) is None else row[name] for name in wanted if name != "says"}
    if "says" in wanted:
        text = " ".join(part["text"] for part in row["evidence"]) + row["advice"]
        said["says"] = wanted["says"] if wanted["says"] in text else text
    return said
