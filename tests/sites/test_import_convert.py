"""Whatever stands in the cells, a row becomes a draft or a finding, never an error."""

from datetime import date
from pathlib import Path

from hypothesis import example, given
from hypothesis import strategies as st

from app.sites.datums import Datum
from app.sites.importing.convert import MAX_LENGTH, Converter
from app.sites.importing.profile_loader import load_profile

TODAY = date(2026, 11, 20)
SMALL = load_profile(str(Path(__file__).parents[1] / "data" / "profiles" / "small.toml"))
FIELDS = [column for rule in SMALL.fields.values() for column in rule.columns]
COLUMNS = (*FIELDS, "时间", "设施", "哺乳椅", "经度", "纬度")
ODD = ["周一至周五 8:30-17:30", "2025-02-30", "1e400", "-0", "是", "nursery", "\0"]
words = st.text(max_size=12) | st.sampled_from(ODD)
cells = st.none() | words | st.integers() | st.floats() | st.booleans() | st.lists(words, max_size=3)


@given(st.dictionaries(st.sampled_from(COLUMNS), cells), st.sampled_from(Datum))
@example({"名称": "a", "经度": "120.3", "纬度": "30.3"}, Datum.BD09)
@example({"名称": "a", "经度": ["x"], "纬度": None}, Datum.WGS84)
@example({"名称": "x" * 201}, Datum.WGS84)
@example({"名称": "a", "启用": "99999999999999999999-1-1"}, Datum.WGS84)
def test_any_cells_give_a_draft_that_fits_the_table(row: dict[str, object], datum: Datum) -> None:
    draft = Converter(SMALL, datum, TODAY, COLUMNS).draft(2, row)
    values = draft.values
    assert ("lon" in values) == ("lat" in values)
    if not draft.is_rejected:
        assert values["name"]
        assert all(len(values[name]) <= longest for name, longest in MAX_LENGTH.items() if values.get(name))
        if "lon" in values:
            assert -180 <= values["lon"] <= 180
            assert -90 <= values["lat"] <= 90


def test_one_cell_may_hold_both_coordinates() -> None:
    converter = Converter(load_profile("hangzhou"), Datum.GCJ02, TODAY, ("name", "positon", "location"))
    for cell, is_placed in [("120.36,30.28", True), ("120.36， 30.28", True), ("120.36 30.28", False), ("", False)]:
        draft = converter.draft(2, {"name": "a", "positon": cell, "location": "b"})
        assert ("lon" in draft.values) is is_placed
        assert (draft.pin_problem is None) is is_placed


def test_districts_are_read_from_where_they_stand_first() -> None:
    converter = Converter(load_profile("tokyo"), Datum.WGS84, TODAY, ())
    stated = [("東村山市本町1", "13213"), ("武蔵村山市府中市1", "13223"), ("北区赤羽1", "13117"), ("x", None)]
    for address, code in stated:
        draft = converter.draft(1, {"name": "a", "address": address})
        assert draft.values.get("division_code") == code
