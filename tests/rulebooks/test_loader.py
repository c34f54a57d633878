"""A faulty rulebook is rejected with its file, the key and the reason."""

import re
import tomllib
from collections.abc import Iterator
from copy import deepcopy
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.rulebooks import NoSuchRulebook, RulebookError, available, load
from app.rulebooks.library import DATA
from app.rulebooks.loader import digest_of, read_rulebook

TEXT = (DATA / "qingdao-2023.toml").read_text("utf-8")
FILE = "qingdao-2023.toml"
VALUES_R8 = "values = [{ from = 2023-06-29, value = { public = 100, internal = 50 }"
VALUES_MIN = 'values = [{ from = 2023-06-29, value = 30, reference = "少于此数'
VALUES_R9 = "values = [{ from = 2023-06-29, value = 90,"
# One fault a line reads better than any wrapping.
# ruff: noqa: E501
FAULTS = [
    ("format = 1", "format = 2", "format", "has to be 1"),
    ("format = 1", "", "format", "is missing"),
    ("format = 1", "format = true", "format", "whole number"),
    ('id = "qingdao-2023"', 'id = "qingdao-2024"', "id", "name of the file"),
    ("dated = 2023-06-29", 'dated = "midsummer"', "dated", "has to be a date"),
    ("dated = 2023-06-29", "dated = 2023-06-29T00:00:00", "dated", "has to be a date"),
    ("dated = 2023-06-29", "dated = 2023-06-29\nsubtitle = 1", "subtitle", "not a known key"),
    ('document_number = "青工办〔2023〕14号"', 'document_number = " "', "document_number", "not empty"),
    ('issuer = { zh = "青岛市总工会", en =', 'issuer = { zh = "青岛市总工会", fr =', "issuer.en", "is missing"),
    ('issuer = { zh = "青岛市总工会", en =', 'issuer = { zh = "青岛市总工会", fr = "x", en =', "issuer.fr", "not a known key"),
    ('issuer = { zh = "青岛市总工会",', 'issuer = { zh = 5,', "issuer.zh", "text"),
    ("[[effective]]\nfrom = 2023-06-29", "[[effective]]", "effective[0].from", "is missing"),
    ("[[effective]]\n", "[effective]\n", "effective", "list"),
    ("[[effective]]\n", "[[effective]]\nuntil = 2023-06-29\n", "effective[0].until", "later than its start"),
    ("[[effective]]\n", "[[effective]]\nfrom = 2020-01-01\nreference = 'x'\n[[effective]]\n", "effective[1].from", "overlaps"),
    ('value = 11,', 'value = -1,', "settings.minimum_months.values[0].value", "at least 0"),
    ('value = 11,', 'value = 1.5,', "settings.minimum_months.values[0].value", "whole number"),
    ('value = [20, 40, 60, 80, 100]', 'value = [20, 40, 60, 80]', "settings.rating_scores.values[0].value", "5 whole numbers"),
    ('value = [20, 40, 60, 80, 100]', 'value = [20, 40, 60, 80, true]', "settings.rating_scores.values[0].value", "5 whole"),
    ("[settings.near_percent]", "[settings.nearly_percent]", "settings.nearly_percent", "not a known key"),
    ("[settings.minimum_ratings]\n", "[settings.minimum_ratings]\nnote = 1\n", "settings.minimum_ratings.note", "not a known key"),
    ('unit = "ratings"\nbasis = "operator"', 'unit = "ratings"\nbasis = "rumour"', "settings.minimum_ratings.basis", "one of policy, operator"),
    ('unit = "ratings"\nbasis = "operator"', 'unit = "ratings"', "settings.minimum_ratings.basis", "is missing"),
    (VALUES_MIN, VALUES_MIN.replace("06-29", "07-01"), "settings.minimum_ratings.values[0].from", "2023-06-29, when"),
    (
        VALUES_MIN,
        VALUES_MIN.replace("= [{", "= [{ from = 2023-06-29, value = 20, reference = 'x' }, {"),
        "settings.minimum_ratings.values[1].from", "later than the one before",
    ),
    (VALUES_MIN, VALUES_MIN.replace("reference =", "because ="), "settings.minimum_ratings.values[0].reference", "is missing"),
    ("basic_conditions.label =", "basic_condition.label =", "conditions[3].parts[0].item", "basic_conditions"),
    ("[attestations]\n", "[attestations]\nspare.label = { zh = 'a', en = 'b' }\n", "attestations.spare", "not used"),
    ('id = "R9"', 'id = "R8"', "conditions[11].id", "R8 twice"),
    ('id = "R9"\nkinds = ["room"]', 'id = "R9"\nkinds = ["cabin"]', "conditions[11].kinds", "only room"),
    ('id = "R9"\nkinds = ["room"]', 'id = "R9"\nkinds = []', "conditions[11].kinds", "list of words"),
    ('id = "R9"\nkinds = ["room"]', 'id = "R9"\nkinds = ["room", "room"]', "conditions[11].kinds", "twice"),
    ('id = "R9"\nkinds = ["room"]', 'id = "R9"', "conditions[11].kinds", "is missing"),
    ('location_kinds = ["public"]\narticle', 'location_kinds = ["secret"]\narticle', "conditions[8].location_kinds", "only public"),
    ('id = "code"', 'id = "recorded"', "conditions[7].parts", "recorded twice"),
    ('measure = "satisfaction"', 'measure = "happiness"', "conditions[11].parts[0].measure", "one of accepted"),
    ('measure = "satisfaction"\noperator = ">="', 'measure = "satisfaction"\noperator = ">"', "conditions[11].parts[0].operator", "one of"),
    ('measure = "satisfaction"\noperator = ">="', 'measure = "satisfaction"\noperator = "is"', "conditions[11].parts[0].operator", ">="),
    ('unit = "score"\nbasis = "policy"', 'unit = "stars"\nbasis = "policy"', "conditions[11].parts[0].unit", "one of"),
    ('operator = "is"\nbasis', 'operator = "is"\nunit = "days"\nbasis', "conditions[0].parts[0].unit", "not a known key"),
    (VALUES_R9, "values = [{ from = 2023-06-29, value = -90,", "conditions[11].parts[0].values[0].value", "not negative"),
    (VALUES_R9, "values = [{ from = 2023-06-29, value = nan,", "conditions[11].parts[0].values[0].value", "number"),
    (VALUES_R9, "values = [{ from = 2023-06-29, value = '90',", "conditions[11].parts[0].values[0].value", "number"),
    (VALUES_R9, "values = [{ from = 2023-06-29, value = true,", "conditions[11].parts[0].values[0].value", "number"),
    (VALUES_R9, "values = [{ value = 90,", "conditions[11].parts[0].values[0].from", "is missing"),
    (VALUES_R9, "values = [{ from = 2023-12-01, value = 90,", "conditions[11].parts[0].values[0].from", "comes into force"),
    (VALUES_R8, VALUES_R8.replace(", internal = 50", ""), "conditions[10].parts[0].values[0].value.internal", "is missing"),
    (VALUES_R8, VALUES_R8.replace("internal", "secret"), "conditions[10].parts[0].values[0].value.internal", "is missing"),
    (VALUES_R8, VALUES_R8.replace(" }", ", secret = 1 }"), "conditions[10].parts[0].values[0].value.secret", "known key"),
    ("value = true, reference = \"第十五条：验收合格\"", "value = false, reference = 'x'", "conditions[0].parts[0].values[0].value", "has to be true"),
    ("value = true, reference = \"第十五条：验收合格\"", "value = 1, reference = 'x'", "conditions[0].parts[0].values[0].value", "true or false"),
    ('item = "has_pin"', 'item = "has_pins"', "conditions[8].parts[1].item", "one of is_recorded"),
    ('item = "has_pin"\n', "", "conditions[8].parts[1].item", "is missing"),
    ('measure = "satisfaction"\n', 'measure = "satisfaction"\nitem = "privacy"\n', "conditions[11].parts[0].item", "known key"),
    ('absent = "unknown"', 'absent = "met"', "conditions[3].parts[3].absent", "one of not_met, unknown"),
    ('or_attested = "equivalent_equipment"', 'or_attested = "luck"', "conditions[6].parts[0].or_attested", "luck"),
    ("valid_months = 12", "valid_months = 0", "conditions[9].parts[0].valid_months", "at least 1"),
    ('any_of = ["fitness"] }', "any_of = [] }", "conditions[6].parts[0].groups[3].any_of", "list of words"),
    ('any_of = ["fitness"] }', "any_of = [3] }", "conditions[6].parts[0].groups[3].any_of", "list of words"),
    ("还差 {missing} 分", "还差 {missed} 分", "conditions[11].parts[0].advice.not_met.zh", "{missed}"),
    ("还差 {missing} 分", "还差 {missing:>9} 分", "conditions[11].parts[0].advice.not_met.zh", "{missing}"),
    ("还差 {missing} 分", "还差 {missing!r} 分", "conditions[11].parts[0].advice.not_met.zh", "{missing}"),
    ("还差 {missing} 分", "还差 {missing.x} 分", "conditions[11].parts[0].advice.not_met.zh", "{missing.x}"),
    ("还差 {missing} 分", "还差 {} 分", "conditions[11].parts[0].advice.not_met.zh", "{}"),
    ("还差 {missing} 分", "还差 {missing 分", "conditions[11].parts[0].advice.not_met.zh", "unbalanced"),
    ("[conditions.parts.advice]\nnot_met = { zh = \"还差 {missing} 分", "[conditions.parts.advice]\nmaybe = { zh = \"", "conditions[11].parts[0].advice.not_met", "is missing"),
    ('[sheets.room]\nkinds = ["room"]', '[sheets.room]\nkinds = ["cabin"]', "sheets.room.kinds", "only room"),
    ("points = 100\npass_mark", "points = 99\npass_mark", "sheets.room.points", "adds up to 100"),
    ("points = 100\npass_mark", "points = true\npass_mark", "sheets.room.points", "number"),
    ("pass_mark = [{ from = 2023-06-29, value = 80", "pass_mark = [{ from = 2023-06-29, value = 101", "sheets.room.pass_mark", "more than"),
    ('"Area of 10 m² or more" }, points = 10', '"Area of 10 m² or more" }, points = 9.5', "sheets.room.groups[0].points", "29.5"),
    ('id = "awareness"', 'id = "plaque"', "sheets.room.groups", "plaque twice"),
    ("range = { least = 1, most = 10 }", "range = { least = 10, most = 10 }", "sheets.room.groups[3].items[0].range", "end above"),
    ("range = { least = 1, most = 10 }", "range = { least = 1, most = 10, step = 1 }", "groups[3].items[0].range.step", "known key"),
    ("range = { least = 1, most = 10 }", "points = 10, range = { least = 1, most = 10 }", "groups[3].items[0].points", "not both"),
    ("range = { least = 1, most = 10 }", "least = 1", "groups[3].items[0].points", "not both"),
    ("points = 2.5, veto = false", 'points = 2.5, veto = "no"', "sheets.room.groups[1].items[0].veto", "true or false"),
]  # fmt: skip


@pytest.mark.parametrize(("found", "put", "key", "reason"), FAULTS, ids=[f"{n}-{f[2]}" for n, f in enumerate(FAULTS)])
def test_a_fault_is_named(found: str, put: str, key: str, reason: str) -> None:
    assert found in TEXT
    with pytest.raises(RulebookError) as caught:
        read_rulebook(TEXT.replace(found, put, 1), FILE)
    said = str(caught.value)
    assert said.startswith(f"{FILE}: ")
    assert key in said
    assert reason in said


def test_missing_settings_are_named() -> None:
    text = re.sub(r"\[settings\.daily_limit\].*?\n\n", "", TEXT, flags=re.DOTALL)
    with pytest.raises(RulebookError, match=r"qingdao-2023.toml: settings.daily_limit is missing"):
        read_rulebook(text, FILE)


@pytest.mark.parametrize("text", ["", "format = 1", "conditions = 3\nformat = 1\nid = 'qingdao-2023'", "[[[", "\x00"])
def test_other_files_are_no_rulebooks(text: str) -> None:
    with pytest.raises(RulebookError, match=r"qingdao-2023\.toml"):
        read_rulebook(text, FILE)


def test_a_syntax_error_names_file_and_line() -> None:
    with pytest.raises(RulebookError, match=r"qingdao-2023.toml is not TOML: .*line 2"):
        read_rulebook("format = 1\nid = \n", FILE)


def test_the_digest_covers_values_and_not_the_way_they_are_written() -> None:
    digest = read_rulebook(TEXT, FILE).digest
    assert re.fullmatch("[0-9a-f]{64}", digest)
    exact = 'value = 15, reference = "第十五条至第十六条'
    assert exact in TEXT
    assert read_rulebook("# a remark\n" + TEXT.replace(exact, exact.replace("15,", "15.0,")), FILE).digest == digest
    swapped = TEXT.replace('id = "R9"\nkinds = ["room"]', 'kinds = ["room"]\nid = "R9"')
    assert read_rulebook(swapped, FILE).digest == digest
    for found, put in [
        ("value = 90,", "value = 90.5,"),
        ("验收合格", "验收"),
        ("dated = 2023-06-29", "dated = 2023-06-30"),
    ]:
        assert read_rulebook(TEXT.replace(found, put, 1), FILE).digest != digest


def test_later_values_begin_on_their_date() -> None:
    text = TEXT.replace(VALUES_R9, VALUES_R9 + " reference = 'x' }, { from = 2027-01-01, value = 92,", 1)
    part = read_rulebook(text, FILE).conditions[11].parts[0]
    assert part.thresholds.at(date(2026, 12, 31)).value.of("public") == 90
    assert part.thresholds.at(date(2027, 1, 1)).value.of("public") == 92


def test_the_self_check_sheet_of_rooms() -> None:
    sheet = load("qingdao-2023").score_sheets["room"]
    assert [(group.label.zh, group.points, len(group.items)) for group in sheet.groups] == [
        ("场地建设", 30, 4), ("设施配置", 30, 12), ("管理保障", 20, 4), ("工作成效", 20, 2),
    ]  # fmt: skip
    assert sheet.points == 100
    assert sheet.pass_mark.at(date(2023, 6, 29)).value == 80
    assert {item.most for item in sheet.groups[1].items} == {Fraction(5, 2)}
    assert [(item.least, item.most, item.is_ranged) for item in sheet.groups[3].items] == [(1, 10, True)] * 2
    assert not any(item.veto for group in sheet.groups for item in group.items)


def test_numbers_the_policy_does_not_state_are_marked_as_the_operators() -> None:
    rulebook = load("qingdao-2023")
    assert {setting.basis for setting in rulebook.settings.values()} == {"operator"}
    operators = {part.id for condition in rulebook.conditions for part in condition.parts if part.basis == "operator"}
    assert operators == {
        "equipment", "lectures", "class_types", "no_care_accident", "no_nursery_incident", "no_centre_accident",
    }  # fmt: skip


def test_unknown_rulebooks_are_refused_by_name() -> None:
    with pytest.raises(NoSuchRulebook, match=r"There is no rulebook “\.\./x”; there are: beijing-2021, "):
        load("../x")
    assert "qingdao-2023" in available()


def test_no_chinese_in_the_python_of_the_rulebooks() -> None:
    for path in Path(DATA).parent.glob("*.py"):
        assert not re.search("[一-鿿]", path.read_text("utf-8")), path.name


def turned(value: Any) -> Any:
    """The same data with every table's keys the other way round."""
    if isinstance(value, dict):
        return {key: turned(below) for key, below in reversed(value.items())}
    return [turned(below) for below in value] if isinstance(value, list) else value


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where the values of parsed data are."""
    below = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
    if below is None:
        yield path
    for key, one in below or ():
        yield from leaves(one, (*path, key))


PARSED = {name: tomllib.loads(load(name).content, parse_float=Decimal) for name in available()}
LEAVES = [(name, path) for name, data in PARSED.items() for path in leaves(data)]


@pytest.mark.parametrize("name", available())
def test_a_digest_does_not_depend_on_the_order_of_keys(name: str) -> None:
    assert digest_of(turned(PARSED[name])) == load(name).digest


@settings(max_examples=40)
@given(st.sampled_from(LEAVES))
def test_a_digest_depends_on_every_value(leaf: tuple[str, tuple[Any, ...]]) -> None:
    name, path = leaf
    data = deepcopy(PARSED[name])
    table = data
    for key in path[:-1]:
        table = table[key]
    table[path[-1]] = "something else"
    assert digest_of(data) != load(name).digest
