"""Names of downloads: what the file is, in the words of its readers, on every file system."""

import pytest
from flask import Response

from app.downloads import LONGEST, attached, file_name


@pytest.mark.parametrize(
    ("parts", "name"),
    [
        (("杭州市总工会", "2026-10", "月报表"), "杭州市总工会-2026-10-月报表.pdf"),
        (("", "a/b\\c:d", "..\n甲  乙"), "abcd-.. 甲 乙.pdf"),
        (("证书\u202egpj.exe", '=1+1 & "甲" <b>'), "证书gpj.exe-=1+1 & 甲 b.pdf"),
        (("\x00", "?"), "file.pdf"),
    ],
)
def test_a_name_says_what_it_is_and_fits_every_file_system(parts: tuple[str, ...], name: str) -> None:
    assert file_name(*parts, ending="pdf") == name


def test_a_long_name_is_cut_and_keeps_its_ending() -> None:
    name = file_name("很长的名字" * 50, "2026-10", ending="xlsx")
    assert len(name.encode()) <= LONGEST + len(".xlsx")
    assert name.startswith("很长的名字很长")
    assert name.endswith(".xlsx")


def test_a_browser_gets_the_name_and_whatever_knows_ascii_only_gets_one_too() -> None:
    said = attached(Response(), "名册.xlsx", "roster-1").headers["Content-Disposition"]
    assert said == "attachment; filename=roster-1.xlsx; filename*=UTF-8''%E5%90%8D%E5%86%8C.xlsx"
