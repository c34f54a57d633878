"""Profiles: the shipped ones are sound, a faulty one is refused with the key and the reason."""

from pathlib import Path

import pytest

from app.errors import Invalid
from app.sites.datums import Datum
from app.sites.importing.profile_loader import load_profile, shipped_profiles

SOUND = 'id = "a"\ntitle = "a"\nsource = "a"\n[fields]\nname = { column = "n" }\n'


def test_the_shipped_profiles_are_sound() -> None:
    assert shipped_profiles() == [
        "hangzhou", "hongkong", "roster-combined", "roster-holiday-care", "roster-nurseries", "roster-rooms",
        "standard", "taipei-2023", "taipei-2026", "taiwan-national", "tokyo",
    ]  # fmt: skip
    for name in shipped_profiles():
        profile = load_profile(name)
        assert profile.id == name
        assert profile.columns()
    assert load_profile("hangzhou").datum == Datum.GCJ02
    assert load_profile("standard").datum is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("id = ", "p.toml, -: "),
        (SOUND.replace('id = "a"\n', ""), "id: is missing"),
        (SOUND.replace('source = "a"', 'source = "a"\ncolour = "red"'), "colour: is not known here"),
        (SOUND.replace('source = "a"', 'source = "a"\ndatum = "osgb36"'), "datum: osgb36 is not one of wgs84"),
        (SOUND.replace('source = "a"', 'source = "a"\ndelimiter = "ab"'), "delimiter: has to be one character"),
        (SOUND.replace('source = "a"', 'source = "a"\nmatch_also = ["phone"]'), "match_also: phone is not one of"),
        (SOUND.replace('source = "a"', "source = 5"), "source: has to be str, not int"),
        ('id = "a"\ntitle = "a"\nsource = "a"\n', "fields.name: is missing"),
        (SOUND + 'colour = { column = "c" }\n', "fields.colour: is not a field of a site"),
        (SOUND + 'address = { column = "c", value = "d" }\n', "fields.address.column: give either"),
        (SOUND + "address = {}\n", "fields.address.column: give either"),
        (SOUND + 'address = "c"\n', "fields.address: has to be a table"),
        (SOUND + 'address = { column = "c", transforms = ["rot13"] }\n', "there is no rot13"),
        (SOUND + 'address = { column = "c", transforms = [1] }\n', "has to be a list of texts"),
        (SOUND + 'address = { column = "c", values = { x = 1 } }\n', "has to be a table of texts"),
        (SOUND + 'address = { column = "c", requried = true }\n', "requried: is not known here"),
        (SOUND + 'address = { column = "c", required = "yes" }\n', "required: has to be bool, not str"),
        (SOUND + 'kind = { value = "cabin" }\n', "fields.kind.value: cabin is not one of room"),
        (SOUND + "[hours]\n", "hours.column: is missing"),
        (SOUND + '[hours]\ncolumn = "h"\ncalendar = "tw"\n', "hours.calendar: tw is not one of cn, none"),
        (SOUND + '[facilities]\ncolumn = "f"\nvalues = { x = "jacuzzi" }\n', "there is no facility jacuzzi"),
        (SOUND + '[coordinates]\nlon = "x"\n', "coordinates.lon: give either"),
        (SOUND + '[coordinates]\nlon = "x"\nlat = "y"\ncell = "z"\n', "coordinates.lon: give either"),
        (SOUND + '[floor]\nfrom = ["address"]\nstyle = "mars"\n', "floor.style: mars is not one of"),
        (SOUND + '[[checks]]\ncolumns = ["n"]\npattern = "("\nproblem = "p"\n', "checks.1.pattern"),
        (SOUND + '[[checks]]\npattern = "x"\nproblem = "p"\n', "checks.1.columns: columns and problem are needed"),
        (SOUND + '[[checks]]\ncolumns = ["n"]\nlevel = "fatal"\n', "checks.1.level: fatal is not one of"),
    ],
)
def test_a_faulty_profile_is_refused_with_key_and_reason(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "p.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Invalid) as refusal:
        load_profile(str(path))
    assert said in str(refusal.value)


def test_an_unknown_profile_names_the_shipped_ones() -> None:
    with pytest.raises(Invalid, match="no profile atlantis"):
        load_profile("atlantis")
