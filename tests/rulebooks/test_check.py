"""A city's own rulebook: the template, `flask rulebooks check`, and folders beside the product's own."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app import create_app
from app.config import Settings, SettingsError
from app.rulebooks import NoSuchRulebook, RulebookError, available, configure, load, read_text, vocabulary
from app.rulebooks.cli import notes_on, rulebooks_cli
from app.rulebooks.library import DATA
from app.rulebooks.loader import SETTINGS, read_rulebook
from app.rulebooks.measures import MEASURES
from app.rulebooks.rules import DEADLINES, FLAGS, FORM_FIELDS, FORM_USES, REGISTERS, RULE_SETS
from app.rulebooks.sheets import SHEET_USES
from app.sites.facilities import facilities
from app.sites.particulars import premises

TEMPLATE = Path(__file__).parents[2] / "docs" / "rulebook-template.toml"
TEXT = TEMPLATE.read_text("utf-8")
# One fault a line reads better than any wrapping.
# ruff: noqa: E501
FAULTS = [
    ("[kinds]\nroom =", "[kinds]\ncabin =", "kinds.cabin", "not a known key"),
    ('[kinds]\nroom = { zh = "女职工关爱室", en = "Care room for women workers" }', "[kinds]", "kinds", "at least one kind of site"),
    ('kind = "room"\npremises = ["industrial_park"]', 'kind = "nursery"\npremises = ["industrial_park"]', "variants[0].kind", "one of room"),
    ('premises = ["enterprise", "unit"', 'premises = ["industrial_park", "unit"', "variants[1].premises", "those of another variant"),
    ('id = "unit_room"', 'id = "park_room"', "variants[1].id", "park_room twice"),
    ("self_check = true ", 'self_check = "yes" ', "workflow.self_check", "true or false"),
    ("filing = true ", "", "workflow.filing", "is missing"),
    ("minimum_photos = 3", "minimum_photos = -3", "workflow.minimum_photos", "at least 0"),
    ('operator = ["deregistration"]', 'operator = ["haste"]', "workflow.operator", "only self_check"),
    ("\nfiling = {", "\nfilling = {", "deadlines.filling", "not a known key"),
    ("\npanel = {", "\n# panel = {", "deadlines.panel", "is missing"),
    ("\nfiling = { basis = \"operator\", values = [{ from = 2027-03-01, value = 15,", "\nfiling = { basis = \"operator\", values = [{ from = 2027-03-01, value = 0,", "deadlines.filing.values[0].value", "at least 1"),
    ("application = { month = 10, day = 31", "application = { month = 2, day = 29", "yearly_dates.application.day", "not a day of every year"),
    ("application = { month = 10", "applications = { month = 10", "yearly_dates.applications", "not a known key"),
    ("per_district_most = 3", "per_district_most = 0", "quota.per_district_most", "at least 1"),
    ("per_district_least = 1 ", "per_district_least = 4 ", "quota.per_district_most", "less than the least"),
    ('year = 2027\nkind = "room"', 'year = 2027\nkind = "nursery"', "year_targets[0].kind", "one of room"),
    ("spot_check_share = 0.5", "spot_check_share = 1.5", "checks.spot_check_share", "a share from 0 to 1"),
    ("full_self_a_year = 1", "full_self_a_year = 400", "checks.full_self_a_year", "more often than once a day"),
    ("[checks]", "[check]", "checks", "is missing"),
    ('room = ["use", "cleaning", "safety"]', 'room = ["use", "gossip"]', "registers.room", "only use"),
    ('code = "use_registration"', 'code = "manners"', "rule_sets[0].code", "one of management"),
    ('step = "demonstration"', 'step = "party"', "grants[0].step", "one of acceptance"),
    ("amount_yuan = 5000", "amount_yuan = 0", "grants[0].amount_yuan", "at least 1"),
    ("[settings.minimum_months]", "[settings.care_months]", "conditions[0].parts[0].measure", "needs the setting minimum_months"),
    ('section = "effect"', 'section = "affect"', "conditions[0].section", "one of basic"),
    ('purpose = "standard"', 'purpose = "fun"', "conditions[2].purpose", "one of demonstration"),
    ('activity = "activity"', 'activity = "party"', "conditions[1].parts[1].activity", "one of activity, lecture"),
    ('variants = ["unit_room"]', 'variants = ["unit"]', "conditions[2].parts[0].variants", "only park_room"),
    ('uses = ["self_check", "acceptance", "inspection"]', 'uses = ["selfcheck"]', "sheets.room.uses", "only self_check"),
    ("points = 100\n", "", "sheets.room.points", "is missing"),
    ("points = 60\n", "points = 61\n", "sheets.room.groups[0].points", "adds up to 60"),
    ('use = "filing"', 'use = "folding"', "forms[0].use", "one of application"),
    ('code = "site_name"', 'code = "nickname"', "forms[0].fields[1].code", "one of applied_on"),
    ('code = "site_name"', 'code = "applicant"', "forms[0].fields", "applicant twice"),
    ('level = "municipal"', 'level = "galactic"', "forms[0].opinions[0].level", "one of unit"),
    ('sheet = "room"', 'sheet = "hall"', "forms[1].sheet", "one of room"),
    ('sheet = "room"', "", "forms[1].sheet", "is missing"),
    ('id = "annex1"', 'id = "annex2"', "forms[1].id", "annex2 twice"),
    ('"conditions.S1"', '"conditions.S9"', "articles[0].refers", "refers to conditions.S9"),
    ('"conditions.S1"', '"magic"', "articles[0].refers", "refers to magic"),
    ("[[articles]]", "[[article]]", "articles", "is missing"),
    ('dated_precision = "day"', 'dated_precision = "hour"', "dated_precision", "one of day, year"),
]  # fmt: skip


def check(path: Path) -> Result:
    """Run the command."""
    return CliRunner().invoke(rulebooks_cli, ["check", str(path)])


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Path]:
    """A folder for rulebooks of one's own; forgotten afterwards."""
    vocabulary.know(facilities=facilities(), premises=premises())
    yield tmp_path
    configure([])


def named(text: str, name: str) -> str:
    """The template under another id."""
    return text.replace('id = "rulebook-template"', f'id = "{name}"', 1)


def test_the_template_passes() -> None:
    result = check(TEMPLATE)
    assert result.exit_code == 0, result.output
    assert result.output.startswith(f"rulebook-template  2027-03-01  {read_rulebook(TEXT, TEMPLATE.name).digest}")
    assert "1 kinds, 4 conditions, 1 sheets, 2 forms, 3 articles" in result.output
    assert "Note" not in result.output


def test_the_template_names_everything_there_is_to_choose_from() -> None:
    words = set(re.findall(r"[a-z_]+", TEXT))
    every = {*MEASURES, *SETTINGS, *DEADLINES, *FLAGS, *FORM_FIELDS, *FORM_USES, *REGISTERS, *RULE_SETS, *SHEET_USES}
    assert every | set(premises()) <= words


@pytest.mark.parametrize("name", available())
def test_our_own_pass(name: str) -> None:
    result = check(DATA / f"{name}.toml")
    assert result.exit_code == 0, result.output
    assert "Note" not in result.output


@pytest.mark.parametrize(("found", "put", "key", "reason"), FAULTS, ids=[f"{n}-{f[2]}" for n, f in enumerate(FAULTS)])
def test_a_fault_is_named(found: str, put: str, key: str, reason: str) -> None:
    assert found in TEXT
    with pytest.raises(RulebookError) as caught:
        read_rulebook(TEXT.replace(found, put), TEMPLATE.name)
    said = str(caught.value)
    assert said.startswith(f"{TEMPLATE.name}: ")
    assert key in said
    assert reason in said


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (TEXT.encode(), "my-city.toml: id has to be the name of the file"),
        (named(TEXT, "my-city").replace("spot_check_share = 0.5", "").encode(), "checks.spot_check_share is missing"),
        (
            named(TEXT, "my-city").replace('"milk_warmer"', '"milk_wormer"').encode(),
            "S2.equipment.groups names milk_wormer",
        ),
        (
            named(TEXT, "my-city").replace('"industrial_park"', '"moon"').encode(),
            "variants.park_room.premises names moon",
        ),
        (b"format = \n", "my-city.toml is not TOML"),
        (b"\xff\xfe", "my-city.toml is not UTF-8"),
    ],
)
def test_check_says_file_key_reason_and_remedy(own: Path, content: bytes, said: str) -> None:
    path = own / "my-city.toml"
    path.write_bytes(content)
    result = check(path)
    assert result.exit_code == 1
    assert said in result.output
    assert "docs/rulebook-template.toml explains every key" in result.output
    assert "Traceback" not in result.output


def test_a_name_that_is_taken_is_refused(own: Path) -> None:
    path = own / "dalian-2017.toml"
    path.write_text(named(TEXT, "dalian-2017"), "utf-8")
    result = check(path)
    assert result.exit_code == 1
    assert "there is a rulebook “dalian-2017” already" in result.output
    with pytest.raises(RulebookError, match="dalian-2017"):
        configure([own])


def test_what_is_worth_a_second_look() -> None:
    text = TEXT.replace('id = "T1"\nkinds = ["room"]', 'id = "T1"\nkinds = ["room"]\npurpose = "standard"')
    text = text.replace('id = "T2"\nkinds = ["room"]', 'id = "T2"\nkinds = ["room"]\npurpose = "standard"')
    text = text.replace('uses = ["self_check", "acceptance", "inspection"]', 'uses = ["acceptance"]')
    notes = " ".join(
        notes_on(
            read_rulebook(
                text.replace('"conditions.S2"', '"conditions.S1"', 1).replace(
                    '["variants", "conditions.S1", "conditions.S1"]', '["conditions.S1"]'
                ),
                TEMPLATE.name,
            )
        )
    )
    assert "no condition has the purpose demonstration" in notes
    assert "no sheet has the use self_check" in notes
    assert "conditions S2" in notes


def test_two_sheets_for_the_same_use_are_refused() -> None:
    i = TEXT.index("[sheets.room]")
    j = TEXT.index("# ---", i)
    twice = TEXT[:j] + TEXT[i:j].replace("sheets.room", "sheets.other") + TEXT[j:]
    with pytest.raises(RulebookError, match="two sheets are for room self_check"):
        read_rulebook(twice, TEMPLATE.name)


def test_a_folder_of_ones_own(own: Path) -> None:
    (own / "my-city.toml").write_text(named(TEXT, "my-city"), "utf-8")
    configure([own])
    assert "my-city" in available()
    assert load("my-city").name_of("room", "industrial_park").en == "Park room"
    assert load("qingdao-2023").id == "qingdao-2023"
    configure([])
    with pytest.raises(NoSuchRulebook):
        load("my-city")


@pytest.mark.parametrize(
    ("content", "said"), [("format = 1", "my-city.toml: id is missing"), (None, "is not a folder")]
)
def test_a_faulty_folder_ends_the_start(own: Path, content: str | None, said: str) -> None:
    folder = own / "books"
    if content is not None:
        folder.mkdir()
        (folder / "my-city.toml").write_text(content, "utf-8")
    with pytest.raises(RulebookError, match=said):
        configure([folder])
    assert "my-city" not in available()


def test_the_setting_names_the_folder_that_the_service_reads(own: Path) -> None:
    (own / "my-city.toml").write_text(named(TEXT, "my-city"), "utf-8")
    environ = {"XIAOWU_MODE": "test", "XIAOWU_DATA": str(own), "XIAOWU_RULEBOOKS": str(own)}
    app = create_app(Settings.from_environment(environ))
    result = app.test_cli_runner().invoke(args=["rulebooks", "list"])
    assert result.exit_code == 0, result.output
    assert "my-city  2027-03-01" in result.output
    (own / "my-city.toml").write_text("format = 1", "utf-8")
    configure([])
    with pytest.raises(RulebookError, match=r"my-city\.toml: id is missing"):
        create_app(Settings.from_environment(environ))


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("XIAOWU_RULEBOOK", "qingdao-2024", "XIAOWU_RULEBOOK is “qingdao-2024”; set it to one of beijing-2021, "),
        ("XIAOWU_RULEBOOKS", "/nowhere/at/all", "XIAOWU_RULEBOOKS is “/nowhere/at/all”, which is no folder"),
    ],
)
def test_a_setting_that_leads_to_no_rulebook_ends_the_start(own: Path, variable: str, value: str, said: str) -> None:
    environ = {"XIAOWU_MODE": "test", "XIAOWU_DATA": str(own), variable: value}
    with pytest.raises(SettingsError, match=said):
        create_app(Settings.from_environment(environ))


def test_a_kept_text_gives_the_same_rulebook() -> None:
    for name in available():
        rulebook = load(name)
        kept = read_text(rulebook.content, name)
        assert kept.digest == rulebook.digest
        assert kept.content == rulebook.content
