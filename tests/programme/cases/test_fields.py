"""The questions of the forms."""

from types import SimpleNamespace

import pytest

from app.programme.cases import fields, forms
from app.programme.cases.fields import Field, vocabulary
from app.rulebooks import available, load
from app.rulebooks.rules import FORM_FIELDS

QINGDAO = load("qingdao-2023")


def asked(code: str) -> Field:
    return vocabulary()[code]


def test_every_field_of_every_form_is_known() -> None:
    assert set(FORM_FIELDS) <= set(vocabulary())


@pytest.mark.parametrize("rulebook_id", available())
@pytest.mark.parametrize("case_kind", forms.WITH_FORM)
def test_each_rulebook_asks_what_has_to_be_known(rulebook_id: str, case_kind: str) -> None:
    rulebook = load(rulebook_id)
    always = fields.DEREGISTRATION if case_kind == "deregistration" else fields.APPLICATION
    for kind in rulebook.kinds:
        found = fields.fields_of(rulebook, case_kind, kind, "mall")
        assert set(always) <= {one.code for one in found}
        labels = [one.label.zh for one in found]
        assert len(labels) == len(set(labels)), kind
        assert not {one.code for one in fields.asked_of_applicant(found)} & {"accepted_on", "site_name", "applied_on"}


def test_the_labels_are_the_rulebooks_own() -> None:
    found = {one.code: one for one in fields.fields_of(QINGDAO, "application", "room", "mall")}
    form = QINGDAO.form_for("room", "filing", "mall")
    assert form is not None
    (address,) = (one.label for one in form.fields if one.code == "address")
    assert found["address"].label == address


@pytest.mark.parametrize(
    ("code", "text", "value"),
    [
        ("address", "  香港中路 10 号 ", "香港中路 10 号"),
        ("remark", "一\r\n二", "一\n二"),
        ("enterprises", "120", 120),
        ("opened_on", "2026-02-28", "2026-02-28"),
        ("email", "a@example.cn", "a@example.cn"),
        ("manager_phone", "0532-8888 6666", "0532-8888 6666"),
        ("admission", "anyone", "anyone"),
    ],
)
def test_answers_are_read(code: str, text: str, value: object) -> None:
    assert fields.read((asked(code),), {code: text}) == ({code: value}, {})


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("address", "x" * 301), ("address", "nul\0"), ("enterprises", "many"), ("enterprises", "-1"),
        ("enterprises", "99999999"), ("opened_on", "2026-02-30"), ("opened_on", "28.2.2026"),
        ("opened_on", "0001-01-01"), ("email", "at home"), ("manager_phone", "call me"), ("admission", "nobody"),
        ("remark", "长" * 1001),
    ],
)  # fmt: skip
def test_what_cannot_be_is_named(code: str, text: str) -> None:
    answers, faults = fields.read((asked(code),), {code: text})
    assert (answers, set(faults)) == ({}, {code})


def test_what_is_empty_is_missing_unless_it_is_optional() -> None:
    both = (asked("postcode"), asked("remark"))
    assert fields.read(both, {"postcode": "  "}) == ({}, {})
    assert set(fields.missing(both, {"postcode": ""})) == {"postcode"}


def test_answers_as_people_read_them() -> None:
    assert fields.shown("site_kind", "room", QINGDAO, "zh") == QINGDAO.kind_names["room"].zh
    assert fields.shown("open_to_public", "yes", QINGDAO, "en") == "yes"
    assert fields.shown("address", None, QINGDAO, "zh") == ""
    assert fields.shown("enterprises", 120, QINGDAO, "zh") == "120"
    assert fields.shown("admission", "gone", QINGDAO, "zh") == "gone"


def test_equipment_in_words() -> None:
    site = SimpleNamespace(facilities={"sofa": 2, "fridge": None})
    assert forms.equipment(site) == "沙发2、冰箱"  # type: ignore[arg-type]
