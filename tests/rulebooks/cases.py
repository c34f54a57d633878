"""Builds facts from the case files under tests/cases: a base, and what is different."""

import tomllib
from copy import deepcopy
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from app.months import Month, month_range
from app.rulebooks import Facts

CASES = Path(__file__).parents[1] / "cases"
SPECIAL = ("sentence", "expect", "on", "uses", "uses_in", "ratings", "recorded", "base", "purpose", "parts")


def base(rulebook_id: str, name: str = "_base") -> dict[str, Any]:
    """The site that cases of a rulebook depart from: a room, unless a case names another base."""
    return tomllib.loads((CASES / rulebook_id / f"{name}.toml").read_text("utf-8"), parse_float=Decimal)


def read_case(path: Path) -> dict[str, Any]:
    """A case merged with its base, and so is each of its parts."""
    return whole(tomllib.loads(path.read_text("utf-8"), parse_float=Decimal), path.parent.name)


def whole(case: dict[str, Any], rulebook_id: str) -> dict[str, Any]:
    """A case merged with its base, and so is each of its parts."""
    full = merged(base(rulebook_id, case.get("base", "_base")), case)
    if isinstance(full.get("parts"), list):
        full["parts"] = [whole(part, rulebook_id) if "base" in part else part for part in full["parts"]]
    return full


def merged(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """`below` with the keys of `above`; tables are merged, "null" removes."""
    result = deepcopy(below)
    for key, value in above.items():
        if value == "null":
            result[key] = None
        elif isinstance(value, dict) and isinstance(result.get(key), dict) and key != "expect":
            result[key] = merged(result[key], value)
        else:
            result[key] = value
    for key in [key for key, value in result.items() if value is None and key != "months"]:
        del result[key]
    return result


def facts_json(case: dict[str, Any]) -> dict[str, Any]:
    """The facts file of a merged case, as JSON data."""
    data = {key: value for key, value in case.items() if key not in SPECIAL}
    if "months" not in data:
        data["months"] = months_of(case)
    if "parts" in case:
        data["parts"] = [part_json(part) for part in case["parts"]]
    return data


def part_json(part: dict[str, Any]) -> dict[str, Any]:
    """One part of a combined site: a case of its own with its self-check."""
    facts = {key: value for key, value in part.items() if key != "self_check_score"}
    score = {"self_check_score": part["self_check_score"]} if "self_check_score" in part else {}
    return {"facts": facts_json(facts)} | score


def months_of(case: dict[str, Any]) -> list[dict[str, Any]]:
    """The twelve months before the case's date, with its exceptions; the ratings lie in the last one."""
    this_month = Month.of_date(case["on"])
    window = month_range(this_month - 12, this_month - 1)
    uses = {str(month): case["uses"] for month in window} | case.get("uses_in", {})
    last = str(this_month - 1)
    rows = []
    for month, counted in uses.items():
        ratings = case["ratings"] if month == last else [0, 0, 0, 0, 0]
        if counted or any(ratings):
            recorded = case.get("recorded", counted)
            rows.append({"month": month, "recorded": recorded, "counted": counted, "ratings": ratings})
    return rows


def facts_of(case: dict[str, Any]) -> Facts:
    """The facts of a merged case."""
    return Facts.from_json(facts_json(case), "case")


def good_facts(**changes: Any) -> tuple[Facts, date]:
    """Facts that meet everything, changed, and their date."""
    case = merged(base("qingdao-2023"), changes)
    return facts_of(case), case["on"]
