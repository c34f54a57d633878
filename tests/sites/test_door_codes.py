"""Codes, their addresses and their symbols as values."""

import io
import re

import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from app.sites.door_codes import (
    ALPHABET,
    CODE_LENGTH,
    door_url,
    fold_code,
    grouped,
    logo_modules,
    new_code,
    qr_modules,
    qr_png,
    qr_svg,
)

codes = st.text(ALPHABET, min_size=CODE_LENGTH, max_size=CODE_LENGTH)


def test_a_code_has_60_random_bits_in_crockfords_alphabet() -> None:
    assert len(ALPHABET) == len(set(ALPHABET)) == 32
    assert not set(ALPHABET) & set("ilou")
    made = {new_code() for _ in range(2000)}
    assert len(made) == 2000
    assert {len(code) for code in made} == {CODE_LENGTH}
    assert set("".join(made)) == set(ALPHABET)


@given(codes)
def test_a_code_is_found_however_it_is_typed(code: str) -> None:
    assert fold_code(code) == code
    assert fold_code(grouped(code)) == code
    assert fold_code(f" {code[:4]} {code[4:8].upper()} {code[8:]} ") == code


@given(codes)
def test_letters_that_look_alike_are_read_as_what_they_look_like(code: str) -> None:
    for one, zero in (("i", "o"), ("I", "O"), ("l", "o"), ("L", "O")):
        assert fold_code(code.replace("1", one).replace("0", zero)) == code


@pytest.mark.parametrize(
    "typed",
    [
        "", "abc", "0123456789ab0", "0123456789u0", "０１２３４５６７８９ab", "0123456789é0", "0123456789a\n",
        "-" * 500, "x" * 10_000,
    ],
)
def test_what_cannot_be_a_code_is_none(typed: str) -> None:
    assert fold_code(typed) is None


@given(st.text())
def test_any_text_is_a_code_or_none(typed: str) -> None:
    folded = fold_code(typed)
    assert folded is None or re.fullmatch(rf"[{ALPHABET}]{{{CODE_LENGTH}}}", folded)


def test_printed_and_linked() -> None:
    assert grouped("7k3m9q2x4d5f") == "7K3M-9Q2X-4D5F"
    assert door_url("https://xw.example.cn", "7k3m9q2x4d5f") == "https://xw.example.cn/r/7k3m9q2x4d5f"


@pytest.mark.parametrize(("length", "modules"), [(20, 37), (44, 37), (45, 41), (58, 41), (59, 45)])
def test_the_symbol_is_version_5_up_to_44_characters(length: int, modules: int) -> None:
    url = "https://".ljust(length, "a")
    rows = qr_modules(url)
    assert len(rows) == modules
    assert {len(row) for row in rows} == {modules}


@pytest.mark.parametrize("width", [37, 41, 45, 49, 53])
def test_the_logo_covers_at_most_a_quarter_and_is_centred(width: int) -> None:
    assert logo_modules(width) <= width / 4
    assert (width - logo_modules(width)) % 2 == 0


def test_svg_has_the_quiet_zone_and_no_module_under_the_logo() -> None:
    svg = qr_svg(door_url("https://xw.example.cn", "7k3m9q2x4d5f"))
    assert 'viewBox="0 0 45 45"' in svg
    runs = [tuple(map(int, run)) for run in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", svg)]
    covered = {(x + step, y) for x, y, length in runs for step in range(length)}
    assert min(min(point) for point in covered) == 4
    assert max(max(point) for point in covered) == 40
    assert not [(x, y) for x, y in covered if 18 <= x < 27 and 18 <= y < 27]
    plain = qr_svg("https://xw.example.cn/r/7k3m9q2x4d5f", logo=False)
    assert "<g" not in plain


def test_png_is_read_back() -> None:
    url = door_url("https://xw.example.cn", new_code())
    image = Image.open(io.BytesIO(qr_png(url, module_px=4)), formats=["PNG"])
    assert image.size == (180, 180)
    assert [found.text for found in zxingcpp.read_barcodes(image.convert("L"))] == [url]
