"""Score sheets: cases beside each rulebook, and properties that hold whatever the answers are."""

import tomllib
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import Invalid
from app.rulebooks import NotInForce, ScoreItem, ScoreSheet, available, load, total
from app.rulebooks.scoring import Answer
from tests.rulebooks.cases import CASES

PATHS = sorted(CASES.glob("*/sheets/*.toml"))
SHEETS = [(name, sheet) for name in available() for sheet in load(name).score_sheets.values()]
TODAY = date(2026, 11, 22)


def test_every_sheet_has_cases() -> None:
    told = {(path.parts[-3], read(path)["sheet"]) for path in PATHS}
    assert told == {(name, sheet.id) for name, sheet in SHEETS}


def read(path: Path) -> dict[str, Any]:
    """One case."""
    return tomllib.loads(path.read_text("utf-8"), parse_float=Decimal)


def with_vetoes(sheet: ScoreSheet, names: list[str]) -> ScoreSheet:
    """The sheet with the veto of some items turned on."""
    groups = tuple(
        replace(group, items=tuple(replace(item, veto=item.id in names) for item in group.items))
        for group in sheet.groups
    )
    return replace(sheet, groups=groups)


def answer(value: Any) -> Answer:
    """An answer of a case: a number, true or false, or “open”."""
    if value == "open":
        return None
    return value if isinstance(value, bool) else Fraction(value)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_case(path: Path) -> None:
    case = read(path)
    sheet = with_vetoes(load(path.parts[-3]).score_sheets[case["sheet"]], case.get("veto", []))
    full: dict[str, Answer] = {item.id: True if sheet.is_tick_list else item.most for item in sheet.items}
    answers = full | {name: answer(value) for name, value in case["answers"].items()}
    if "error" in case["expect"]:
        with pytest.raises(Invalid, match=case["expect"]["error"]) as caught:
            total(sheet, answers, case["on"])
        assert set(caught.value.fields) <= set(answers)
        return
    found = total(sheet, answers, case["on"])
    for name, wanted in case["expect"].items():
        got = getattr(found, name)
        assert shown(got) == shown(wanted), f"{case['sentence']}: {name}"


def shown(value: Any) -> Any:
    """Numbers, lists and null in one form."""
    if isinstance(value, bool | str):
        return value
    if isinstance(value, list | tuple):
        return list(value)
    if isinstance(value, dict):
        return {name: float(number) for name, number in value.items()}
    return "none" if value is None else float(value)


def answers_to(item: ScoreItem) -> st.SearchStrategy[Answer]:
    """Anything that may be answered to an item with points."""
    points = st.fractions(item.least, item.most) if item.is_ranged else st.sampled_from((item.most, True, False))
    return st.none() | st.just(Fraction(0)) | points


@st.composite
def filled(draw: Any) -> tuple[ScoreSheet, dict[str, Answer]]:
    """A sheet with points, filled in somehow, some of its items with a veto."""
    _, sheet = draw(st.sampled_from([one for one in SHEETS if not one[1].is_tick_list]))
    vetoes = draw(st.lists(st.sampled_from([item.id for item in sheet.items]), max_size=3))
    return with_vetoes(sheet, vetoes), {item.id: draw(answers_to(item)) for item in sheet.items}


@given(filled(), st.data())
def test_more_points_never_make_it_worse(case: tuple[ScoreSheet, dict[str, Answer]], data: st.DataObject) -> None:
    sheet, answers = case
    item = data.draw(st.sampled_from(sheet.items))
    before, after = total(sheet, answers, TODAY), total(sheet, answers | {item.id: item.most}, TODAY)
    assert before.total is not None
    assert after.total is not None
    assert after.total >= before.total
    order = {False: 0, None: 1, True: 2}
    if answers[item.id] is not None:
        assert order[after.is_passed] >= order[before.is_passed]
    assert set(after.open) <= set(before.open)
    assert set(after.vetoed) <= set(before.vetoed)


@given(filled())
def test_a_total_is_the_sum_of_its_groups_and_open_items_never_pass(
    case: tuple[ScoreSheet, dict[str, Answer]],
) -> None:
    sheet, answers = case
    found = total(sheet, answers, TODAY)
    assert found.total == sum(found.by_group.values())
    assert sheet.points is not None
    assert sheet.pass_mark is not None
    assert 0 <= (found.total or 0) <= sheet.points
    assert set(found.open) == {name for name, value in answers.items() if value is None}
    if found.is_passed:
        assert not found.open
        assert not found.vetoed
        assert (found.total or 0) >= sheet.pass_mark.at(TODAY).value
    given_order = dict(reversed(list(answers.items())))
    assert total(sheet, given_order, TODAY) == found


def test_no_answer_is_an_open_sheet() -> None:
    for _, sheet in SHEETS:
        found = total(sheet, {}, TODAY)
        assert found.is_passed is None
        assert found.open == tuple(item.id for item in sheet.items)
        assert found.total == (None if sheet.is_tick_list else 0)


def test_a_pass_mark_holds_from_its_date_on() -> None:
    sheet = load("qingdao-2023").score_sheets["room"]
    with pytest.raises(NotInForce):
        total(sheet, {item.id: item.most for item in sheet.items}, date(2023, 6, 28))
