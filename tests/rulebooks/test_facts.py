"""Facts files: the documented schema and the reader agree, and complaints name the key."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from app.rulebooks import Facts, FactsError
from app.rulebooks.library import DATA
from tests.rulebooks.cases import CASES, facts_json, facts_of, merged, read_case

SCHEMA = json.loads((DATA / "facts.schema.json").read_text("utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)
GOOD = facts_json(read_case(CASES / "qingdao-2023" / "everything-met-is-met.toml"))
MONTH = {"month": "2026-10", "recorded": 3, "counted": 2, "ratings": [0, 0, 0, 1, 1]}
STATED = {"holds": True, "stated_on": "2026-10-08", "by": "王芳"}
SITE = {"id": "1", "name": "x", "kind": "room", "location_kind": "public"}
DAYS = {"starts_on": "2026-07-06", "ends_on": "2026-08-14"}
TERM = {"name": "暑假班", **DAYS, "children": 24, "days_run": 28, "expected": 600, "attended": 480}
RETURN = {"as_of": "2026-09-30", "places": 40, "enrolled": 36, "own_employees_children": 30}
FAULTS: list[tuple[dict[str, Any], str]] = [
    ({"site": {"kind": "cabin"}}, "site.kind has to be one of room"),
    ({"site": {"location_kind": 3}}, "site.location_kind has to be one of public, internal"),
    ({"site": {"id": " "}}, "site.id has to be text that is not empty"),
    ({"site": {"id": True}}, "site.id has to be text"),
    ({"site": {"colour": "red"}}, "site.colour is not a known key"),
    ({"colour": "red"}, "colour is not a known key"),
    ({"area_m2": "15"}, "area_m2 has to be a number"),
    ({"area_m2": -1}, "area_m2 has to be a number"),
    ({"area_m2": True}, "area_m2 has to be a number"),
    ({"facilities": {"sofa": -1}}, "facilities.sofa has to be a whole number"),
    ({"facilities": {"sofa": "two"}}, "facilities.sofa has to be a whole number"),
    ({"facilities": 5}, "facilities has to be a table"),
    ({"system": {"has_pin": "yes"}}, "system.has_pin has to be true or false"),
    ({"system": {"has_pins": True}}, "system.has_pins is not a known key"),
    ({"attestations": {"privacy": {"holds": "yes"}}}, "attestations.privacy.holds has to be true or false"),
    ({"attestations": {"privacy": {"by": ""}}}, "attestations.privacy.by has to be text"),
    ({"attestations": {"privacy": {"note": 3}}}, "attestations.privacy.note has to be text"),
    ({"attestations": {"privacy": {"why": "x"}}}, "attestations.privacy.why is not a known key"),
    ({"attestations": {"other": {"holds": True, "by": "x"}}}, "attestations.other.stated_on is missing"),
    ({"months": 5}, "months has to be a list"),
    ({"months": [5]}, "months[0] has to be a table"),
    ({"months": [{**MONTH, "month": "2026-13"}]}, "months[0].month has to be a month"),
    ({"months": [{**MONTH, "month": "26-1"}]}, "months[0].month has to be a month"),
    ({"months": [{**MONTH, "recorded": 1.5}]}, "months[0].recorded has to be a whole number"),
    ({"months": [{**MONTH, "counted": -1}]}, "months[0].counted has to be a whole number"),
    ({"months": [{**MONTH, "counted": True}]}, "months[0].counted has to be a whole number"),
    ({"months": [{**MONTH, "ratings": [1, 2, 3, 4]}]}, "months[0].ratings has to be five whole numbers"),
    ({"months": [{**MONTH, "ratings": [1, 2, 3, 4, -5]}]}, "months[0].ratings has to be five whole numbers"),
    ({"months": [{**MONTH, "ratings": 5}]}, "months[0].ratings has to be five whole numbers"),
    ({"months": [{**MONTH, "visitors": 5}]}, "months[0].visitors is not a known key"),
    ({"site": {"premises": 3}}, "site.premises has to be text"),
    ({"activities": 5}, "activities has to be a list"),
    ({"activities": [{"kind": "party", "on": "2026-01-01"}]}, "activities[0].kind has to be one of activity, lecture"),
    ({"activities": [{"kind": "lecture"}]}, "activities[0].on is missing"),
    ({"activities": [{"kind": "lecture", "on": "2026-01-01", "by": "x"}]}, "activities[0].by is not a known key"),
    ({"incidents": [{"kind": "gossip", "on": "2026-01-01"}]}, "incidents[0].kind has to be one of accident"),
    ({"incidents": [{"kind": "abuse", "on": "2026-01-01", "who": "x"}]}, "incidents[0].who is not a known key"),
    ({"titles": [{"granted_on": "2026-01-01"}]}, "titles[0].name is missing"),
    ({"titles": [{"name": "x", "granted_on": "2026-01-01", "by": 1}]}, "titles[0].by is not a known key"),
    ({"care": {}}, "care.terms is missing"),
    ({"care": {"terms": [], "staff": 3}}, "care.staff is not a known key"),
    ({"care": {"terms": [{**TERM, "children": -1}]}}, "care.terms[0].children has to be a whole number"),
    ({"care": {"terms": [{**TERM, "names": ["x"]}]}}, "care.terms[0].names is not a known key"),
    ({"nursery": {**RETURN, "places": 1.5}}, "nursery.places has to be a whole number"),
    ({"nursery": {**RETURN, "class_types": ["a", "a"]}}, "nursery.class_types names a word twice"),
    ({"nursery": {**RETURN, "class_types": [""]}}, "nursery.class_types has to be a list of words"),
    ({"nursery": {**RETURN, "price_yuan": -1}}, "nursery.price_yuan has to be a number"),
    ({"nursery": {**RETURN, "has_health_title": "yes"}}, "nursery.has_health_title has to be true or false"),
    ({"nursery": {**RETURN, "owner": "x"}}, "nursery.owner is not a known key"),
    ({"parts": [{}]}, "parts[0].facts is missing"),
    ({"parts": [{"facts": {"site": 3}}]}, "parts[0].facts.site has to be a table"),
    ({"parts": [{"facts": {"site": SITE}, "score": 3}]}, "parts[0].score is not a known key"),
    ({"suspensions": [{}]}, "suspensions[0].starts_at is missing"),
    ({"suspensions": [{"starts_at": 3}]}, "suspensions[0].starts_at has to be an instant"),
    ({"suspensions": [{"starts_at": "2026-01-01T00:00:00Z", "why": "x"}]}, "suspensions[0].why is not a known key"),
]
BEYOND_SCHEMA: list[tuple[dict[str, Any], str]] = [
    ({"accepted_on": "soon"}, "accepted_on has to be a date"),
    ({"accepted_on": "2026-02-29"}, "accepted_on has to be a date"),
    ({"accepted_on": "9999-12-31"}, "accepted_on has to be a date"),
    ({"accepted_on": "20260229"}, "accepted_on has to be a date"),
    ({"attestations": {"privacy": {"stated_on": "2026-02-30"}}}, "attestations.privacy.stated_on has to be a date"),
    ({"titles": [{"name": "x", "granted_on": "soon"}]}, "titles[0].granted_on has to be a date"),
    ({"care": {"terms": [{**TERM, "ends_on": "2026-07-05"}]}}, "care.terms[0].ends_on is before its start"),
    ({"care": {"terms": [{**TERM, "attended": 601}]}}, "care.terms[0].attended is more than was expected"),
    ({"nursery": {**RETURN, "as_of": "2026-02-30"}}, "nursery.as_of has to be a date"),
    ({"parts": [{"facts": {"site": {**SITE, "kind": "combined"}}}]}, "parts[0].facts.site.kind: a part cannot be"),
    ({"months": [MONTH, MONTH]}, "months[1].month is a month that stands here twice: 2026-10"),
    ({"months": [{**MONTH, "counted": 4}]}, "months[0].counted is more than was recorded"),
    ({"suspensions": [{"starts_at": "2026-01-01T00:00:00"}]}, "suspensions[0].starts_at has to be an instant"),
    (
        {"suspensions": [{"starts_at": "2026-01-02T00:00:00Z", "ends_at": "2026-01-01T00:00:00Z"}]},
        "suspensions[0].ends_at is before its start",
    ),
]


def plain(data: object) -> Any:
    """The data as a JSON file would give it to the validator."""
    return json.loads(json.dumps(data, default=lambda value: float(value) if isinstance(value, Decimal) else value))


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("path", sorted(CASES.glob("*/[!_]*.toml")), ids=lambda path: path.stem)
def test_every_case_fits_the_schema(path: Any) -> None:
    VALIDATOR.validate(plain(facts_json(read_case(path))))


@pytest.mark.parametrize(("change", "complaint"), FAULTS, ids=[fault[1] for fault in FAULTS])
def test_reader_and_schema_both_refuse(change: dict[str, Any], complaint: str) -> None:
    data = plain(merged(GOOD, change))
    assert not VALIDATOR.is_valid(data)
    with pytest.raises(FactsError) as caught:
        Facts.from_text(json.dumps(data), "site.json")
    assert f"site.json: {complaint}" in str(caught.value)


@pytest.mark.parametrize(("change", "complaint"), BEYOND_SCHEMA, ids=[fault[1] for fault in BEYOND_SCHEMA])
def test_the_reader_refuses_what_a_schema_cannot_say(change: dict[str, Any], complaint: str) -> None:
    with pytest.raises(FactsError) as caught:
        Facts.from_text(json.dumps(plain(merged(GOOD, change))), "site.json")
    assert f"site.json: {complaint}" in str(caught.value)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "3", '{"site": 3}', '{"area_m2": NaN}', '{"area_m2": 1, "area_m2": 2}', "[" * 100_000]
)
def test_no_facts_at_all(text: str) -> None:
    with pytest.raises(FactsError, match=r"site.json"):
        Facts.from_text(text, "site.json")


def test_only_the_site_is_required_and_null_means_nobody_knows() -> None:
    site = SITE
    keys = ("accepted_on", "area_m2", "facilities", "system", "attestations", "months", "suspensions", "activities")
    keys += ("incidents", "titles", "care", "nursery", "parts")
    nulls = {"site": site} | dict.fromkeys(keys)
    VALIDATOR.validate(nulls)
    assert Facts.from_text(json.dumps(nulls)) == Facts.from_text(json.dumps({"site": site}))


def test_numbers_are_exact() -> None:
    facts = Facts.from_text(json.dumps(plain(GOOD)).replace('"area_m2": 18', '"area_m2": 14.99999999999999999999'))
    assert facts.area_m2 is not None
    assert facts.area_m2 < 15
    assert facts.accepted_on == date(2025, 1, 1)
    assert facts.attestations["yearly_activities"].note == "三八节插花"


@pytest.mark.parametrize("path", sorted(CASES.glob("*/[!_]*.toml")), ids=lambda path: path.stem)
def test_facts_written_down_are_read_the_same(path: Any) -> None:
    """Also after a database's JSON has made floats of the numbers."""
    facts = facts_of(read_case(path))
    written = facts.to_json()
    VALIDATOR.validate(plain(written))
    assert Facts.from_json(written) == facts
    assert Facts.from_json(json.loads(json.dumps(written))) == facts


def test_who_stated_it_may_be_unknown() -> None:
    facts = Facts.from_json({"site": SITE, "attestations": {"privacy": {"holds": True, "stated_on": "2026-10-08"}}})
    assert facts.attestations["privacy"].by == ""
    assert Facts.from_json(facts.to_json()) == facts


def test_a_number_that_no_float_holds_stays_exact() -> None:
    facts = Facts.from_text(json.dumps({"site": SITE})[:-1] + ', "area_m2": 14.99999999999999999999}')
    assert Facts.from_json(facts.to_json()) == facts
