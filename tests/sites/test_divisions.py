"""Names of divisions."""

from app.sites.divisions import division_name, division_path


def test_a_district_has_its_name_and_its_path() -> None:
    assert division_name("330114") == "钱塘区"
    assert division_path("330114") == ("浙江省", "杭州市", "钱塘区")


def test_a_street_falls_back_to_its_district() -> None:
    assert division_name("330114001") == "钱塘区"


def test_an_unknown_code_has_no_name() -> None:
    assert division_name("63000010") is None
    assert division_name(None) is None
